//! Our tables of the directory: sources, departments and people as the provider described them, runs and their
//! findings, and leases.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required, unique};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `dingtalk_directory_sources`, `dingtalk_departments`, `dingtalk_members`,
/// `dingtalk_directory_runs`, `dingtalk_directory_findings` and `dingtalk_leases`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const SOURCES: &str = "dingtalk_directory_sources";
const DEPARTMENTS: &str = "dingtalk_departments";
const MEMBERS: &str = "dingtalk_members";
const RUNS: &str = "dingtalk_directory_runs";
const FINDINGS: &str = "dingtalk_directory_findings";
const LEASES: &str = "dingtalk_leases";

const INDEXES: [NewIndex; 4] = [
    NewIndex::of("dingtalk_members_user", MEMBERS, &["userId"]),
    NewIndex::of(
        "dingtalk_members_external",
        MEMBERS,
        &["sourceId", "externalId"],
    ),
    NewIndex::of("dingtalk_runs_source", RUNS, &["sourceId", "id"]),
    NewIndex::of("dingtalk_findings_run", FINDINGS, &["runId", "id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let [created_at, updated_at] = c.timestamps();
        let sources = vec![
            c.sequence("id"),
            created_at,
            updated_at,
            unique(required(c.big_integer("authenticatorId"))),
            required(c.boolean("enabled")),
            required(c.json("options")),
            required(c.big_integer("actingUserId")),
        ];
        schema.execute(&c.table(SOURCES, sources)).await?;
        let departments = vec![
            required(c.big_integer("sourceId")),
            required(c.string("externalId")),
            required(c.string("title")),
            c.string("parentId"),
            c.big_integer("position"),
            c.big_integer("departmentId"),
            c.moment("triedAt"),
        ];
        let mut departments = c.table(DEPARTMENTS, departments);
        departments.primary_key(Index::create().col("sourceId").col("externalId"));
        schema.execute(&departments).await?;
        let members = vec![
            required(c.big_integer("sourceId")),
            required(c.string("person")),
            required(c.string("externalId")),
            required(c.string("name")),
            c.string("phone"),
            c.string("email"),
            c.text("avatar"),
            c.string("jobTitle"),
            c.string("jobNumber"),
            c.string("workPlace"),
            required(c.json("departments")),
            required(c.json("memberships")),
            required(c.string("digest")),
            c.big_integer("userId"),
            required(c.boolean("isGone")),
            c.moment("goneAt"),
            required(c.json("roles")),
            c.moment("triedAt"),
            required(c.moment("updatedAt")),
        ];
        let mut members = c.table(MEMBERS, members);
        members.primary_key(Index::create().col("sourceId").col("person"));
        schema.execute(&members).await?;
        let runs = vec![
            c.sequence("id"),
            required(c.big_integer("sourceId")),
            required(c.string("kind")),
            required(c.string("state")),
            required(c.string("phase")),
            required(c.big_integer("done")),
            required(c.big_integer("total")),
            required(c.json("counts")),
            c.string("fingerprint"),
            c.text("message"),
            c.big_integer("requestedById"),
            required(c.boolean("cancelRequested")),
            required(c.moment("startedAt")),
            required(c.moment("updatedAt")),
            c.moment("finishedAt"),
        ];
        schema.execute(&c.table(RUNS, runs)).await?;
        let findings = vec![
            c.sequence("id"),
            required(c.big_integer("runId")),
            required(c.string("kind")),
            required(c.string("severity")),
            c.string("personId"),
            c.string("personName"),
            c.string("departmentId"),
            required(c.json("accounts")),
            c.text("detail"),
        ];
        schema.execute(&c.table(FINDINGS, findings)).await?;
        let leases = vec![
            natural_key(c.string("name")),
            required(c.string("holder")),
            required(c.big_integer("expiresMs")),
        ];
        schema.execute(&c.table(LEASES, leases)).await?;
        for index in INDEXES {
            index.create(&schema).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [LEASES, FINDINGS, RUNS, MEMBERS, DEPARTMENTS, SOURCES];
        Schema::of(manager, &self.0).drop_tables(&tables).await
    }
}
