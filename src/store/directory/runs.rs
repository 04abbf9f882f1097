//! Runs of sources, and what they found.

use entity::directory_finding;
use entity::directory_run::{ActiveModel, Column, Entity, Kind, Model, State};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use crate::store::batch::ROWS;
use crate::store::{Connection, Result, Store};

/// Runs that are kept of a source.
const KEPT: u64 = 50;

/// A run that begins.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The source.
    pub source_id: i64,
    /// What it is for.
    pub kind: Kind,
    /// The account that asked for it.
    pub requested_by_id: Option<i64>,
}

/// Something that a run says.
#[derive(Clone, Debug)]
pub struct NewReportRow {
    /// What it is.
    pub kind: &'static str,
    /// How much it matters.
    pub severity: &'static str,
    /// What the provider calls the person.
    pub person_id: Option<String>,
    /// The person's name.
    pub person_name: Option<String>,
    /// What the provider calls the department.
    pub department_id: Option<String>,
    /// The accounts that it is about.
    pub accounts: Vec<i64>,
    /// What else belongs to it.
    pub detail: Option<String>,
}

impl<C: Connection> Store<C> {
    /// Records that a run begins. Runs of the source that nobody brings to their end any more, because
    /// their process is gone, count as failed, and old ones are forgotten.
    pub async fn begin_directory_run(&self, new: NewRun) -> Result<Model> {
        let now = self.now();
        Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Failed))
            .col_expr(Column::Message, Expr::value("interrupted"))
            .col_expr(Column::FinishedAt, Expr::value(now))
            .filter(Column::SourceId.eq(new.source_id))
            .filter(Column::State.eq(State::Running))
            .exec(&self.connection)
            .await?;
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

    /// Says how far a run is. Gives whether somebody wants it to end.
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

    /// Says how a run ended.
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

    /// Asks for the end of a run. False when it is over.
    pub async fn cancel_directory_run(&self, id: i64) -> Result<bool> {
        let asked = Entity::update_many()
            .col_expr(Column::CancelRequested, Expr::value(true))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(State::Running))
            .exec(&self.connection)
            .await?;
        Ok(asked.rows_affected > 0)
    }

    /// A run.
    pub async fn directory_run(&self, id: i64) -> Result<Option<Model>> {
        Ok(Entity::find_by_id(id).one(&self.connection).await?)
    }

    /// The runs with these ids that are still kept.
    pub async fn directory_runs(&self, ids: &[i64]) -> Result<Vec<Model>> {
        let found = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
        Ok(found.all(&self.connection).await?)
    }

    /// The newest run of a source that was more than a preview.
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

    /// What the newest run or preview of a source would have removed beyond the safety limit, as a
    /// fingerprint. Runs that stayed within it do not count.
    pub async fn newest_fingerprint(&self, source_id: i64) -> Result<Option<String>> {
        let newest = Entity::find()
            .filter(Column::SourceId.eq(source_id))
            .filter(Column::Fingerprint.is_not_null())
            .order_by_desc(Column::Id);
        let newest = newest.one(&self.connection).await?;
        Ok(newest.and_then(|run| run.fingerprint))
    }

    /// What a run told, for tests: all of it.
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
    /// Keeps what a run says: all of it or nothing.
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
