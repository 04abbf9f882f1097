//! Sources of directories.

use entity::directory_source::{ActiveModel, Column, Entity, Model};
use entity::{
    directory_department, directory_finding, directory_member, directory_run, event, event_stream,
};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde_json::Value;

use crate::store::{Connection, Result, Store, Transaction};

/// The values of a source that are saved.
#[derive(Clone, Debug)]
pub struct SourceValues {
    /// Id of the authenticator that it belongs to.
    pub authenticator_id: i64,
    /// Whether it follows its schedule and processes events.
    pub enabled: bool,
    /// What is copied, and when.
    pub options: Value,
    /// The account as which it makes changes.
    pub acting_user_id: i64,
}

impl<C: Connection> Store<C> {
    /// All sources. There is at most one for each authenticator.
    pub async fn directory_sources(&self) -> Result<Vec<Model>> {
        let all = Entity::find().order_by_asc(Column::Id);
        Ok(all.all(&self.connection).await?)
    }

    /// The source with this id.
    pub async fn directory_source(&self, id: i64) -> Result<Option<Model>> {
        Ok(Entity::find_by_id(id).one(&self.connection).await?)
    }

    /// The source of an authenticator.
    pub async fn directory_source_of(&self, authenticator_id: i64) -> Result<Option<Model>> {
        let found = Entity::find().filter(Column::AuthenticatorId.eq(authenticator_id));
        Ok(found.one(&self.connection).await?)
    }
}

impl Transaction {
    /// Saves the source of an authenticator, whether it is new or not. Fails with a conflict when somebody else creates
    /// one at the same moment.
    pub async fn save_directory_source(&self, values: SourceValues) -> Result<Model> {
        let now = self.now();
        let row = ActiveModel {
            updated_at: Set(now),
            authenticator_id: Set(values.authenticator_id),
            enabled: Set(values.enabled),
            options: Set(values.options),
            acting_user_id: Set(values.acting_user_id),
            ..Default::default()
        };
        let known = self.directory_source_of(values.authenticator_id).await?;
        if let Some(known) = known {
            let row = ActiveModel {
                id: Set(known.id),
                ..row
            };
            return Ok(row.update(&self.connection).await?);
        }
        let row = ActiveModel {
            created_at: Set(now),
            ..row
        };
        Ok(row.insert(&self.connection).await?)
    }

    /// Removes a source with its runs, findings, people, departments and events. Accounts and departments of this
    /// server stay.
    pub async fn remove_directory_source(&self, id: i64) -> Result<u64> {
        let runs = directory_run::Entity::find()
            .select_only()
            .column(directory_run::Column::Id)
            .filter(directory_run::Column::SourceId.eq(id));
        let of_runs = directory_finding::Column::RunId.in_subquery(runs.into_query());
        let findings = directory_finding::Entity::delete_many().filter(of_runs);
        findings.exec(&self.connection).await?;
        let runs = directory_run::Entity::delete_many();
        runs.filter(directory_run::Column::SourceId.eq(id))
            .exec(&self.connection)
            .await?;
        let members = directory_member::Entity::delete_many();
        members
            .filter(directory_member::Column::SourceId.eq(id))
            .exec(&self.connection)
            .await?;
        let departments = directory_department::Entity::delete_many();
        departments
            .filter(directory_department::Column::SourceId.eq(id))
            .exec(&self.connection)
            .await?;
        if let Some(source) = self.directory_source(id).await? {
            let events = event::Entity::delete_many();
            events
                .filter(event::Column::AuthenticatorId.eq(source.authenticator_id))
                .exec(&self.connection)
                .await?;
            let stream = event_stream::Entity::delete_by_id(source.authenticator_id);
            stream.exec(&self.connection).await?;
        }
        let gone = Entity::delete_by_id(id).exec(&self.connection).await?;
        Ok(gone.rows_affected)
    }
}
