//! How much one statement writes, and for how much it looks.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, EntityTrait, IdenStatic, IntoActiveModel, Iterable, PrimaryKeyToColumn,
};

use super::{Connection, Result, Store};

/// The number of rows that one statement writes, at most. SQLite's connections keep the statements
/// that they have run, each with a place for every value: half a megabyte for 500 rows of some
/// columns, in each connection, until the server stops.
pub(super) const ROWS: usize = 100;

/// The number of keys that one statement looks for, at most. A statement holds a limited number of
/// values, and callers may have more keys than that.
pub(super) const KEYS: usize = 1000;

impl<C: Connection> Store<C> {
    /// Writes rows. A row with the key of one that is there replaces it.
    pub(super) async fn save_rows<E>(&self, rows: Vec<E::Model>) -> Result<()>
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        let keys: Vec<_> = E::PrimaryKey::iter()
            .map(PrimaryKeyToColumn::into_column)
            .collect();
        let is_key = |column: &E::Column| keys.iter().any(|key| key.as_str() == column.as_str());
        let values = E::Column::iter().filter(|column| !is_key(column));
        let known = OnConflict::columns(keys.iter().copied())
            .update_columns(values)
            .to_owned();
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let batch = rows.by_ref().take(ROWS);
            let batch = batch.map(|row| row.into_active_model().reset_all());
            E::insert_many(batch.collect::<Vec<_>>())
                .on_conflict(known.clone())
                .exec_without_returning(&self.connection)
                .await?;
        }
        Ok(())
    }
}
