//! API keys.

use entity::api_key::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::batch::ROWS;
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
        loop {
            let keys = self.api_keys_of(user_id, ROWS as u64).await?;
            if keys.is_empty() {
                return Ok(());
            }
            let ids: Vec<i64> = keys.iter().map(|key| key.id).collect();
            for token in keys.into_iter().filter_map(|key| key.token) {
                self.blacklist(&token, None).await?;
            }
            let removed = Entity::delete_many().filter(Column::Id.is_in(ids));
            removed.exec(&self.connection).await?;
        }
    }

    /// Removes a key.
    pub async fn delete_api_key(&self, id: i64) -> Result<()> {
        Entity::delete_by_id(id).exec(&self.connection).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_key_of_an_account_is_removed_and_none_of_another_and_few_are_read_at_once() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        let key = |token: &str, created_by_id| NewApiKey {
            name: None,
            role_name: "member".to_owned(),
            expires_in: "never".to_owned(),
            token: token.to_owned(),
            created_by_id,
        };
        let tokens: Vec<_> = (0..=2 * ROWS)
            .map(|number| format!("key {number}"))
            .collect();
        let transaction = store.begin().await.unwrap();
        for token in &tokens {
            transaction.create_api_key(key(token, 1)).await.unwrap();
        }
        let of_another = key("a key of another", 2);
        transaction.create_api_key(of_another).await.unwrap();
        transaction.commit().await.unwrap();

        let heard = store.heard();
        let transaction = store.begin().await.unwrap();
        transaction.remove_api_keys_of(1).await.unwrap();
        transaction.commit().await.unwrap();
        let heard = heard.take();
        let reads = |sql: &&String| sql.starts_with("SELECT") && sql.contains("apiKeys");
        let reads: Vec<_> = heard.iter().filter(reads).collect();
        assert_eq!(reads.len(), 4, "{reads:#?}");
        assert!(reads.iter().all(|sql| sql.contains("LIMIT")), "{reads:#?}");

        assert_eq!(store.api_keys_of(1, 10).await.unwrap(), []);
        for token in &tokens {
            assert!(store.is_blacklisted(token).await.unwrap(), "{token}");
        }
        assert_eq!(store.api_keys_of(2, 10).await.unwrap().len(), 1);
        assert!(!store.is_blacklisted("a key of another").await.unwrap());
    }
}
