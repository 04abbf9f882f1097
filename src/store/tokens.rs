//! Session tokens: the policy, what was issued, what was signed out.

use chrono::{DateTime, Utc};
use entity::{issued_token, token_blacklist, token_control_config};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

use super::{Result, Store};

/// Key of the one row of the token policy.
const POLICY: &str = "token-policy-config";

impl<C: ConnectionTrait> Store<C> {
    /// The token policy as it was saved, if it was.
    pub async fn token_policy(&self) -> Result<Option<Value>> {
        let row = token_control_config::Entity::find_by_id(POLICY)
            .one(&self.connection)
            .await?;
        Ok(row.map(|row| row.config))
    }

    /// Saves the first token policy.
    pub async fn create_token_policy(&self, config: Value) -> Result<()> {
        let now = self.now();
        let row = token_control_config::ActiveModel {
            key: Set(POLICY.to_owned()),
            created_at: Set(now),
            updated_at: Set(now),
            config: Set(config),
            created_by_id: Set(None),
            updated_by_id: Set(None),
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    /// Replaces the token policy.
    pub async fn save_token_policy(
        &self,
        config: Value,
        author: i64,
    ) -> Result<token_control_config::Model> {
        let row = token_control_config::ActiveModel {
            key: Set(POLICY.to_owned()),
            updated_at: Set(self.now()),
            config: Set(config),
            updated_by_id: Set(Some(author)),
            ..Default::default()
        };
        Ok(row.update(&self.connection).await?)
    }

    /// Records a token, so that it can be renewed, and forgets those of the account's sessions
    /// that started before `oldest_session_ms`.
    pub async fn record_issued_token(
        &self,
        user_id: i64,
        jti: Uuid,
        issued_ms: i64,
        authenticator: &str,
        oldest_session_ms: i64,
    ) -> Result<()> {
        issued_token::Entity::delete_many()
            .filter(issued_token::Column::UserId.eq(user_id))
            .filter(issued_token::Column::SignInTime.lt(oldest_session_ms))
            .exec(&self.connection)
            .await?;
        let now = self.now();
        let row = issued_token::ActiveModel {
            id: Set(Uuid::new_v4().to_string()),
            created_at: Set(now),
            updated_at: Set(now),
            sign_in_time: Set(issued_ms),
            jti: Set(jti.to_string()),
            issued_time: Set(issued_ms),
            user_id: Set(user_id),
            authenticator: Set(Some(authenticator.to_owned())),
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    /// Forgets a session: its token can no longer be renewed.
    pub async fn forget_issued_token(&self, jti: Uuid) -> Result<()> {
        issued_token::Entity::delete_many()
            .filter(issued_token::Column::Jti.eq(jti.to_string()))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Whether a token, by its `jti` or whole, was signed out.
    pub async fn is_blacklisted(&self, token: &str) -> Result<bool> {
        let row = token_blacklist::Entity::find()
            .filter(token_blacklist::Column::Token.eq(token))
            .one(&self.connection)
            .await?;
        Ok(row.is_some())
    }

    /// Refuses a token until its end, or for ever. Rows that are of no use any more go.
    pub async fn blacklist(&self, token: &str, expiration: Option<DateTime<Utc>>) -> Result<()> {
        let now = self.now();
        token_blacklist::Entity::delete_many()
            .filter(token_blacklist::Column::Expiration.lt(now))
            .exec(&self.connection)
            .await?;
        let row = token_blacklist::ActiveModel {
            created_at: Set(now),
            updated_at: Set(now),
            token: Set(Some(token.to_owned())),
            expiration: Set(expiration),
            ..Default::default()
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    /// Replaces the `jti` of a session by a newer one. False when the old one is not recorded, or
    /// no longer.
    pub async fn rotate_issued_token(&self, old: Uuid, new: Uuid, issued_ms: i64) -> Result<bool> {
        let updated = issued_token::Entity::update_many()
            .set(issued_token::ActiveModel {
                jti: Set(new.to_string()),
                issued_time: Set(issued_ms),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .filter(issued_token::Column::Jti.eq(old.to_string()))
            .exec(&self.connection)
            .await?;
        Ok(updated.rows_affected > 0)
    }
}
