//! Authenticators: the configured ways to sign in.

use entity::authenticator::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use super::effective_state::revealed;
use super::{Connection, Owner, Result, Store, is_storable};

/// The values of an authenticator.
#[derive(Clone, Debug)]
pub struct AuthenticatorValues {
    /// Unique name.
    pub name: String,
    /// Type.
    pub auth_type: String,
    /// The text of its button.
    pub title: Option<String>,
    /// Description.
    pub description: String,
    /// Options, secrets included.
    pub options: Value,
    /// Whether it can be used.
    pub enabled: bool,
    /// The account that creates or changes it; none when the server does.
    pub author: Option<i64>,
}

impl<C: Connection> Store<C> {
    /// The authenticator with this name, enabled or not.
    pub async fn authenticator(&self, name: &str) -> Result<Option<Model>> {
        if !is_storable(name) {
            return Ok(None);
        }
        let found = Entity::find()
            .filter(Column::Name.eq(name))
            .one(&self.connection)
            .await?;
        // A collation that ignores case could find another authenticator.
        Ok(found
            .filter(|row| row.name == name)
            .map(|row| self.as_it_is(row)))
    }

    /// Enabled authenticators in the order of the sign-in page.
    pub async fn enabled_authenticators(&self) -> Result<Vec<Model>> {
        let mut rows = self.authenticators().await?;
        rows.retain(|row| row.enabled == Some(true));
        Ok(rows)
    }

    /// All authenticators in the order of the sign-in page. There are at most some dozens.
    pub async fn authenticators(&self) -> Result<Vec<Model>> {
        let rows = Entity::find()
            .order_by_asc(Column::Sort)
            .order_by_asc(Column::Id)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(|row| self.as_it_is(row)).collect())
    }

    /// Names and types of the authenticators whose column `enabled` NocoBase reads as true,
    /// whatever their effective state is.
    pub async fn authenticators_shown_to_nocobase(&self) -> Result<Vec<(String, String)>> {
        Ok(Entity::find()
            .select_only()
            .column(Column::Name)
            .column(Column::AuthType)
            .filter(Column::Enabled.eq(true))
            .into_tuple()
            .all(&self.connection)
            .await?)
    }

    /// The row with its effective state, which NocoBase is not told.
    fn as_it_is(&self, row: Model) -> Model {
        match self.owner {
            Owner::Us => row,
            Owner::NocoBase => revealed(row),
        }
    }

    /// The authenticator with this id.
    pub async fn authenticator_by_id(&self, id: i64) -> Result<Option<Model>> {
        let row = Entity::find_by_id(id).one(&self.connection).await?;
        Ok(row.map(|row| self.as_it_is(row)))
    }

    /// Creates an authenticator and puts it last on the sign-in page.
    pub async fn create_authenticator(&self, values: AuthenticatorValues) -> Result<Model> {
        let last = self
            .authenticator_order_rows()
            .await?
            .into_iter()
            .filter_map(|(_, sort)| sort);
        let row = ActiveModel {
            created_at: Set(self.now()),
            sort: Set(Some(last.max().unwrap_or(0) + 1)),
            created_by_id: Set(values.author),
            ..self.authenticator_row(values)
        };
        Ok(row.insert(&self.connection).await?)
    }

    /// Replaces the values of an authenticator.
    pub async fn update_authenticator(
        &self,
        id: i64,
        values: AuthenticatorValues,
    ) -> Result<Model> {
        let row = ActiveModel {
            id: Set(id),
            ..self.authenticator_row(values)
        };
        Ok(row.update(&self.connection).await?)
    }

    fn authenticator_row(&self, values: AuthenticatorValues) -> ActiveModel {
        ActiveModel {
            updated_at: Set(self.now()),
            name: Set(values.name),
            auth_type: Set(values.auth_type),
            title: Set(values.title),
            description: Set(values.description),
            options: Set(values.options),
            enabled: Set(Some(values.enabled)),
            updated_by_id: Set(values.author),
            ..Default::default()
        }
    }

    /// Removes an authenticator. Returns 1, or 0 when there is none.
    pub async fn remove_authenticator(&self, id: i64) -> Result<u64> {
        Ok(Entity::delete_by_id(id)
            .exec(&self.connection)
            .await?
            .rows_affected)
    }

    /// The ids of all authenticators in the order of the sign-in page.
    pub async fn authenticator_order(&self) -> Result<Vec<i64>> {
        Ok(self
            .authenticator_order_rows()
            .await?
            .into_iter()
            .map(|(id, _)| id)
            .collect())
    }

    async fn authenticator_order_rows(&self) -> Result<Vec<(i64, Option<i64>)>> {
        Ok(Entity::find()
            .select_only()
            .column(Column::Id)
            .column(Column::Sort)
            .order_by_asc(Column::Sort)
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(&self.connection)
            .await?)
    }

    /// Sorts all authenticators in this order, with numbers from 1.
    pub async fn set_authenticator_order(&self, ids: &[i64]) -> Result<()> {
        for (sort, id) in (1..).zip(ids) {
            let row = ActiveModel {
                id: Set(*id),
                sort: Set(Some(sort)),
                ..Default::default()
            };
            row.update(&self.connection).await?;
        }
        Ok(())
    }
}
