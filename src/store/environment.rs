//! Variables that options use as `{{ $env.NAME }}`.

use entity::environment_variable::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Connection, Result, Store, is_storable};

/// A variable to store.
#[derive(Clone)]
pub struct NewVariable {
    /// Its name, the key.
    pub name: String,
    /// `default` or `secret`.
    pub kind: &'static str,
    /// The stored value; a secret's value is encrypted.
    pub value: Option<String>,
}

impl<C: Connection> Store<C> {
    /// The variables with these names, sorted by name.
    pub async fn environment_variables(&self, names: &[String]) -> Result<Vec<Model>> {
        let names: Vec<_> = names.iter().filter(|name| is_storable(name)).collect();
        let rows = Entity::find()
            .filter(Column::Name.is_in(names.iter().copied()))
            .order_by_asc(Column::Name)
            .all(&self.connection)
            .await?;
        // A collation that ignores case could return another variable.
        Ok(rows
            .into_iter()
            .filter(|row| names.contains(&&row.name))
            .collect())
    }

    /// Creates a variable. Fails with a conflict when the name is taken.
    pub async fn create_environment_variable(&self, new: NewVariable) -> Result<Model> {
        let now = self.now();
        let row = ActiveModel {
            name: Set(new.name),
            created_at: Set(now),
            updated_at: Set(now),
            kind: Set(Some(new.kind.to_owned())),
            value: Set(new.value),
        };
        Ok(row.insert(&self.connection).await?)
    }

    /// Writes an existing variable.
    pub async fn update_environment_variable(&self, new: NewVariable) -> Result<Model> {
        let row = ActiveModel {
            name: Set(new.name),
            created_at: NotSet,
            updated_at: Set(self.now()),
            kind: Set(Some(new.kind.to_owned())),
            value: Set(new.value),
        };
        Ok(row.update(&self.connection).await?)
    }

    /// Removes variables. Returns their number.
    pub async fn remove_environment_variables(&self, names: &[String]) -> Result<u64> {
        let found = self.environment_variables(names).await?;
        let names = found.into_iter().map(|row| row.name);
        let gone = Entity::delete_many().filter(Column::Name.is_in(names));
        Ok(gone.exec(&self.connection).await?.rows_affected)
    }
}
