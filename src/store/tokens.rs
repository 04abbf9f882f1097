//! Session tokens: the policy, the records of issued tokens, and the revoked tokens.

use chrono::{DateTime, Utc};
use entity::{issued_token, token_blacklist, token_control_config};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QuerySelect, RuntimeErr,
};
use serde_json::Value;
use uuid::Uuid;

use super::cache::Partitions;
use super::query::Listed;
use super::{Connection, Result, Store, uuids};

/// The key of the only row of the token policy.
const POLICY: &str = "token-policy-config";

impl<C: Connection> Store<C> {
    /// The saved token policy, if there is one.
    pub async fn token_policy(&self) -> Result<Option<Value>> {
        let row = token_control_config::Entity::find_by_id(POLICY)
            .one(&self.connection)
            .await?;
        Ok(row.map(|row| row.config))
    }

    /// Creates the token policy.
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

    /// Replaces the token policy. Without a new one it stays, and only its author is stored.
    pub async fn save_token_policy(
        &self,
        config: Option<Value>,
        author: i64,
    ) -> Result<token_control_config::Model> {
        let row = token_control_config::ActiveModel {
            key: Set(POLICY.to_owned()),
            updated_at: Set(self.now()),
            config: config.map_or(NotSet, Set),
            updated_by_id: Set(Some(author)),
            ..Default::default()
        };
        Ok(row.update(&self.connection).await?)
    }

    /// Records a token, so that it can be renewed.
    pub async fn record_issued_token(
        &self,
        user_id: i64,
        jti: Uuid,
        issued_ms: i64,
        authenticator: &str,
    ) -> Result<()> {
        use issued_token::Column as C;
        let now = self.now();
        let insert = Query::insert()
            .into_table(issued_token::Entity)
            .columns([
                C::Id,
                C::CreatedAt,
                C::UpdatedAt,
                C::SignInTime,
                C::Jti,
                C::IssuedTime,
                C::UserId,
                C::Authenticator,
            ])
            .values([
                self.uuid(Uuid::new_v4()),
                Expr::val(now),
                Expr::val(now),
                Expr::val(issued_ms),
                self.uuid(jti),
                Expr::val(issued_ms),
                Expr::val(user_id),
                Expr::val(authenticator),
            ])
            .map_err(|error| DbErr::Query(RuntimeErr::Internal(error.to_string())))?
            .to_owned();
        self.connection.execute(&insert).await?;
        Ok(())
    }

    /// Removes the record of a session, so that its token can no longer be renewed. Returns false when the token has no
    /// record.
    pub async fn forget_issued_token(&self, jti: Uuid) -> Result<bool> {
        let removed = issued_token::Entity::delete_many()
            .filter(Expr::col(issued_token::Column::Jti).eq(self.uuid(jti)))
            .exec(&self.connection)
            .await?;
        Ok(removed.rows_affected > 0)
    }

    /// The one of these tokens that has a record. The record is locked until the transaction ends, so that nobody
    /// renews the token meanwhile.
    pub async fn lock_newest_token(&self, jtis: &[Uuid]) -> Result<Option<Uuid>> {
        let backend = self.connection.get_database_backend();
        let these = jtis.iter().map(|jti| self.uuid(*jti));
        let row = issued_token::Entity::rows(backend)
            .filter(Expr::col(issued_token::Column::Jti).is_in(these))
            .lock_exclusive()
            .one(&self.connection)
            .await?;
        Ok(row.and_then(|row| Uuid::try_parse(&row.jti).ok()))
    }

    /// The record of a session whose newest token has this `jti`.
    pub async fn issued_token(&self, jti: Uuid) -> Result<Option<issued_token::Model>> {
        let backend = self.connection.get_database_backend();
        Ok(issued_token::Entity::rows(backend)
            .filter(Expr::col(issued_token::Column::Jti).eq(self.uuid(jti)))
            .one(&self.connection)
            .await?)
    }

    /// Ends all sessions of an account except the one whose newest token is `except`. Older tokens
    /// are refused from now on, as after a change of the password, which NocoBase checks too; and
    /// none of them can be renewed. Returns the moment up to which tokens are refused.
    pub async fn end_sessions(&self, user_id: i64, except: Option<Uuid>) -> Result<DateTime<Utc>> {
        let now = self.now();
        self.refuse_older_tokens(user_id, now.timestamp_millis())
            .await?;
        self.forget_sessions_of(user_id, except).await?;
        Ok(now)
    }

    /// Removes the records of an account's sessions, except the one whose newest token is `except`,
    /// so that their tokens can no longer be renewed.
    pub(super) async fn forget_sessions_of(
        &self,
        user_id: i64,
        except: Option<Uuid>,
    ) -> Result<()> {
        let mut ended = Condition::all().add(issued_token::Column::UserId.eq(user_id));
        if let Some(jti) = except {
            ended = ended.add(Expr::col(issued_token::Column::Jti).ne(self.uuid(jti)));
        }
        // The rows are found before they are deleted: NocoBase's table has no index on the account,
        // and a deletion that scans all rows would wait for everybody who is signing in.
        let found = issued_token::Entity::find()
            .filter(ended.clone())
            .count(&self.connection)
            .await?;
        if found > 0 {
            issued_token::Entity::delete_many()
                .filter(ended)
                .exec(&self.connection)
                .await?;
        }
        Ok(())
    }

    /// A UUID as a value.
    fn uuid(&self, uuid: Uuid) -> Expr {
        let backend = self.connection.get_database_backend();
        uuids::of_text(backend, &uuid.to_string())
    }

    /// Whether a token, given by its `jti` or whole, was revoked.
    pub async fn is_blacklisted(&self, token: &str) -> Result<bool> {
        let row = token_blacklist::Entity::find()
            .filter(token_blacklist::Column::Token.eq(token))
            .one(&self.connection)
            .await?;
        Ok(row.is_some())
    }

    /// Revokes a token until it expires. A token that never expires stays revoked without an end.
    pub async fn blacklist(&self, token: &str, expiration: Option<DateTime<Utc>>) -> Result<()> {
        let now = self.now();
        let row = token_blacklist::ActiveModel {
            created_at: Set(now),
            updated_at: Set(now),
            token: Set(Some(token.to_owned())),
            expiration: Set(expiration),
            ..Default::default()
        };
        let only = Partitions::only_revocation(token);
        row.insert(&self.connection.invalidating_only(only)).await?;
        Ok(())
    }

    /// Replaces the `jti` of a session by a newer one. Returns false when the old one has no
    /// record.
    pub async fn rotate_issued_token(&self, old: Uuid, new: Uuid, issued_ms: i64) -> Result<bool> {
        let updated = issued_token::Entity::update_many()
            .set(issued_token::ActiveModel {
                issued_time: Set(issued_ms),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .col_expr(issued_token::Column::Jti, self.uuid(new))
            .filter(Expr::col(issued_token::Column::Jti).eq(self.uuid(old)))
            .exec(&self.connection)
            .await?;
        Ok(updated.rows_affected > 0)
    }
}
