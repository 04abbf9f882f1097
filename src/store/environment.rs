//! Variables that options use as `{{ $env.NAME }}`.

use entity::environment_variable::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};

use super::batch::KEYS;
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
        let mut names: Vec<_> = names.iter().filter(|name| is_storable(name)).collect();
        names.sort_unstable();
        names.dedup();
        let mut found = Vec::new();
        for names in names.chunks(KEYS) {
            let rows = Entity::find()
                .filter(Column::Name.is_in(names.iter().copied()))
                .all(&self.connection)
                .await?;
            // A collation that ignores case could return another variable.
            let is_asked_for = |row: &Model| names.binary_search(&&row.name).is_ok();
            found.extend(rows.into_iter().filter(is_asked_for));
        }
        found.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
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
        let mut removed = 0;
        for rows in found.chunks(KEYS) {
            let names = rows.iter().map(|row| &row.name);
            let gone = Entity::delete_many().filter(Column::Name.is_in(names));
            removed += gone.exec(&self.connection).await?.rows_affected;
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_names_are_looked_for_a_thousand_a_statement() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        let names: Vec<_> = (0..=2 * KEYS)
            .map(|number| format!("KEY_{number:04}"))
            .collect();
        let (first, last) = (&names[0], &names[2 * KEYS]);
        for name in [last, first] {
            let new = NewVariable {
                name: name.clone(),
                kind: "default",
                value: None,
            };
            store.create_environment_variable(new).await.unwrap();
        }
        let heard = store.heard();
        // Whoever names a variable twice means one.
        let asked = [names.as_slice(), &names[..1]].concat();
        let found = store.environment_variables(&asked).await.unwrap();
        let found: Vec<_> = found.iter().map(|row| &row.name).collect();
        assert_eq!(found, [first, last]);
        let removed = store.remove_environment_variables(&asked).await.unwrap();
        assert_eq!(removed, 2);
        assert_eq!(heard.most_values(), KEYS);
    }
}
