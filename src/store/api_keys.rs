//! API keys.

use entity::api_key::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Connection, Result, Store};

/// A key to create.
#[derive(Clone)]
pub struct NewApiKey {
    /// Its name.
    pub name: Option<String>,
    /// The role that it acts with.
    pub role_name: String,
    /// Its lifetime, as the request wrote it.
    pub expires_in: String,
    /// Its token.
    pub token: String,
    /// The account that owns it.
    pub created_by_id: i64,
}

impl<C: Connection> Store<C> {
    /// The key with this id, if it belongs to this account.
    pub async fn api_key(&self, id: i64, user_id: i64) -> Result<Option<Model>> {
        Ok(Entity::find_by_id(id)
            .filter(Column::CreatedById.eq(user_id))
            .one(&self.connection)
            .await?)
    }

    /// The keys of an account, oldest first, at most `limit` of them.
    pub async fn api_keys_of(&self, user_id: i64, limit: u64) -> Result<Vec<Model>> {
        Ok(Entity::find()
            .filter(Column::CreatedById.eq(user_id))
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(&self.connection)
            .await?)
    }

    /// Creates a key.
    pub async fn create_api_key(&self, key: NewApiKey) -> Result<()> {
        let row = ActiveModel {
            created_at: Set(self.now()),
            name: Set(key.name),
            role_name: Set(Some(key.role_name)),
            expires_in: Set(Some(key.expires_in)),
            token: Set(Some(key.token)),
            created_by_id: Set(Some(key.created_by_id)),
            ..Default::default()
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    /// Removes all keys of an account and blocks their tokens for as long as they could be valid.
    pub async fn remove_api_keys_of(&self, user_id: i64) -> Result<()> {
        let keys = Entity::find().filter(Column::CreatedById.eq(user_id));
        for token in keys
            .all(&self.connection)
            .await?
            .into_iter()
            .filter_map(|key| key.token)
        {
            self.blacklist(&token, None).await?;
        }
        let keys = Entity::delete_many().filter(Column::CreatedById.eq(user_id));
        keys.exec(&self.connection).await?;
        Ok(())
    }

    /// Removes a key.
    pub async fn delete_api_key(&self, id: i64) -> Result<()> {
        Entity::delete_by_id(id).exec(&self.connection).await?;
        Ok(())
    }
}
