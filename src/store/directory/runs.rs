//! Runs of sources, and their findings.

use chrono::{DateTime, Utc};
use entity::directory_finding;
use entity::directory_run::{ActiveModel, Column, Entity, Kind, Model, State};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use crate::store::batch::ROWS;
use crate::store::{Connection, Result, Store};

/// The number of runs that are kept of each source.
const KEPT: u64 = 50;

/// A run that begins.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The source.
    pub source_id: i64,
    /// Whether it is a run or a preview.
    pub kind: Kind,
    /// The account that asked for it.
    pub requested_by_id: Option<i64>,
}

/// A finding of a run, such as a change or a conflict.
#[derive(Clone, Debug)]
pub struct NewReportRow {
    /// The kind, such as `createAccount`.
    pub kind: &'static str,
    /// `change`, `note`, `conflict` or `error`.
    pub severity: &'static str,
    /// The provider's identifier of the person.
    pub person_id: Option<String>,
    /// The person's name.
    pub person_name: Option<String>,
    /// The provider's identifier of the department.
    pub department_id: Option<String>,
    /// The accounts that it concerns.
    pub accounts: Vec<i64>,
    /// Further details of this kind of finding.
    pub detail: Option<String>,
}

impl<C: Connection> Store<C> {
    /// Records that a run begins. Runs of the source that are still marked as running belong to processes that have
    /// ended, so they count as failed. Old runs are removed.
    pub async fn begin_directory_run(&self, new: NewRun) -> Result<Model> {
        let now = self.now();
        self.fail_running_runs(new.source_id).await?;
        self.forget_old_runs(new.source_id).await?;
        let row = ActiveModel {
            source_id: Set(new.source_id),
            kind: Set(new.kind),
            state: Set(State::Running),
            phase: Set("departments".to_owned()),
            done: Set(0),
            total: Set(0),
            counts: Set(Value::Object(serde_json::Map::new())),
            fingerprint: Set(None),
            message: Set(None),
            requested_by_id: Set(new.requested_by_id),
            cancel_requested: Set(false),
            started_at: Set(now),
            updated_at: Set(now),
            finished_at: Set(None),
            ..Default::default()
        };
        Ok(row.insert(&self.connection).await?)
    }

    /// The sources with a run that is marked as running and has told nothing since this moment.
    pub async fn sources_with_silent_runs(&self, since: DateTime<Utc>) -> Result<Vec<i64>> {
        let sources = Entity::find()
            .select_only()
            .column(Column::SourceId)
            .filter(Column::State.eq(State::Running))
            .filter(Column::UpdatedAt.lt(since))
            .distinct()
            .into_tuple();
        Ok(sources.all(&self.connection).await?)
    }

    /// Marks runs of a source that are marked as running as failed, and returns how many there were. Only who holds the
    /// lease of the source knows that they belong to processes that have ended.
    pub async fn fail_running_runs(&self, source_id: i64) -> Result<u64> {
        let failed = Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Failed))
            .col_expr(Column::Message, Expr::value("interrupted"))
            .col_expr(Column::FinishedAt, Expr::value(self.now()))
            .filter(Column::SourceId.eq(source_id))
            .filter(Column::State.eq(State::Running))
            .exec(&self.connection)
            .await?;
        Ok(failed.rows_affected)
    }

    async fn forget_old_runs(&self, source_id: i64) -> Result<()> {
        let old: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::SourceId.eq(source_id))
            .order_by_desc(Column::Id)
            .offset(KEPT)
            .limit(KEPT)
            .into_tuple()
            .all(&self.connection)
            .await?;
        if old.is_empty() {
            return Ok(());
        }
        let of_old = directory_finding::Column::RunId.is_in(old.clone());
        let findings = directory_finding::Entity::delete_many().filter(of_old);
        findings.exec(&self.connection).await?;
        let runs = Entity::delete_many().filter(Column::Id.is_in(old));
        runs.exec(&self.connection).await?;
        Ok(())
    }

    /// Records the progress of a run. Returns whether the run shall stop, because somebody cancelled it or removed its
    /// source.
    pub async fn tell_directory_run(
        &self,
        id: i64,
        phase: &str,
        done: usize,
        total: usize,
    ) -> Result<bool> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Entity::update_many()
            .col_expr(Column::Phase, Expr::value(phase))
            .col_expr(Column::Done, Expr::value(number(done)))
            .col_expr(Column::Total, Expr::value(number(total)))
            .col_expr(Column::UpdatedAt, Expr::value(self.now()))
            .filter(Column::Id.eq(id))
            .exec(&self.connection)
            .await?;
        let row = Entity::find_by_id(id).one(&self.connection).await?;
        Ok(row.is_none_or(|row| row.cancel_requested))
    }

    /// Records the result of a run.
    pub async fn end_directory_run(
        &self,
        id: i64,
        state: State,
        counts: Value,
        fingerprint: Option<String>,
        message: Option<String>,
    ) -> Result<()> {
        let now = self.now();
        let row = ActiveModel {
            id: Set(id),
            state: Set(state),
            counts: Set(counts),
            fingerprint: Set(fingerprint),
            message: Set(message),
            updated_at: Set(now),
            finished_at: Set(Some(now)),
            ..Default::default()
        };
        row.update(&self.connection).await?;
        Ok(())
    }

    /// Requests the cancellation of a run. Returns false when it is not running.
    pub async fn cancel_directory_run(&self, id: i64) -> Result<bool> {
        let asked = Entity::update_many()
            .col_expr(Column::CancelRequested, Expr::value(true))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(State::Running))
            .exec(&self.connection)
            .await?;
        Ok(asked.rows_affected > 0)
    }

    /// The run with this id.
    pub async fn directory_run(&self, id: i64) -> Result<Option<Model>> {
        Ok(Entity::find_by_id(id).one(&self.connection).await?)
    }

    /// The runs with these ids that are still kept.
    pub async fn directory_runs(&self, ids: &[i64]) -> Result<Vec<Model>> {
        let found = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
        Ok(found.all(&self.connection).await?)
    }

    /// The newest run of a source, not counting previews.
    pub async fn last_directory_run(&self, source_id: i64) -> Result<Option<Model>> {
        let newest = Entity::find()
            .filter(Column::SourceId.eq(source_id))
            .filter(Column::Kind.eq(Kind::Run))
            .order_by_desc(Column::Id);
        Ok(newest.one(&self.connection).await?)
    }

    /// The newest run or preview of a source.
    pub async fn newest_directory_run(&self, source_id: i64) -> Result<Option<Model>> {
        let newest = Entity::find()
            .filter(Column::SourceId.eq(source_id))
            .order_by_desc(Column::Id);
        Ok(newest.one(&self.connection).await?)
    }

    /// The newest fingerprint of a source: of what a run or preview would have removed beyond the safety limit. Runs
    /// that stayed within the limit have none.
    pub async fn newest_fingerprint(&self, source_id: i64) -> Result<Option<String>> {
        let newest = Entity::find()
            .filter(Column::SourceId.eq(source_id))
            .filter(Column::Fingerprint.is_not_null())
            .order_by_desc(Column::Id);
        let newest = newest.one(&self.connection).await?;
        Ok(newest.and_then(|run| run.fingerprint))
    }

    /// All findings of a run, for tests.
    #[cfg(test)]
    pub async fn directory_findings_of(
        &self,
        run_id: i64,
    ) -> Result<Vec<directory_finding::Model>> {
        let found =
            directory_finding::Entity::find().filter(directory_finding::Column::RunId.eq(run_id));
        Ok(found.all(&self.connection).await?)
    }
}

impl Store {
    /// Stores findings of a run, all of them or none.
    pub async fn add_directory_findings(&self, run_id: i64, new: Vec<NewReportRow>) -> Result<()> {
        let transaction = self.begin().await?;
        for rows in new.chunks(ROWS) {
            let rows = rows
                .iter()
                .cloned()
                .map(|new| directory_finding::ActiveModel {
                    run_id: Set(run_id),
                    kind: Set(new.kind.to_owned()),
                    severity: Set(new.severity.to_owned()),
                    person_id: Set(new.person_id),
                    person_name: Set(new.person_name),
                    department_id: Set(new.department_id),
                    accounts: Set(Value::from(new.accounts)),
                    detail: Set(new.detail),
                    ..Default::default()
                });
            directory_finding::Entity::insert_many(rows)
                .exec_without_returning(&transaction.connection)
                .await?;
        }
        transaction.commit().await
    }
}
