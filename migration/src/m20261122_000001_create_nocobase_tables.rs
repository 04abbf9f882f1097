//! NocoBase's tables for accounts, roles, authenticators and sessions, as its 2.2.15 install creates them.
//!
//! They differ on purpose in one point: `usersAuthenticators` has a unique index on (authenticator,
//! uuid), so that no program can bind one subject to two accounts.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required, unique};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates NocoBase's tables.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

/// The tables in the order in which they are created.
const TABLES: [&str; 11] = [
    "users",
    "authenticators",
    "usersAuthenticators",
    "roles",
    "rolesUsers",
    "issuedTokens",
    "tokenBlacklist",
    "tokenControlConfig",
    "applicationPlugins",
    "systemSettings",
    "environmentVariables",
];

const INDEXES: [NewIndex; 10] = [
    NewIndex::of("users_created_by_id", "users", &["createdById"]),
    NewIndex::of("users_updated_by_id", "users", &["updatedById"]),
    NewIndex::of(
        "authenticators_created_by_id",
        "authenticators",
        &["createdById"],
    ),
    NewIndex::of(
        "authenticators_updated_by_id",
        "authenticators",
        &["updatedById"],
    ),
    NewIndex::of(
        "users_authenticators_user_id",
        "usersAuthenticators",
        &["userId"],
    ),
    NewIndex::of("roles_users_user_id", "rolesUsers", &["userId"]),
    NewIndex::of("issued_tokens_jti", "issuedTokens", &["jti"]),
    NewIndex::of(
        "issued_tokens_authenticator",
        "issuedTokens",
        &["authenticator"],
    ),
    NewIndex::of("token_blacklist_token", "tokenBlacklist", &["token"]),
    NewIndex::of(
        "dingtalk_users_authenticators_subject",
        "usersAuthenticators",
        &["authenticator", "uuid"],
    )
    .unique(),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        for (name, columns) in [
            ("users", users(c)),
            ("authenticators", authenticators(c)),
            ("roles", roles(c)),
            ("issuedTokens", issued_tokens(c)),
            ("tokenBlacklist", token_blacklist(c)),
            ("tokenControlConfig", token_control_config(c)),
            ("applicationPlugins", application_plugins(c)),
            ("systemSettings", system_settings(c)),
            ("environmentVariables", environment_variables(c)),
        ] {
            schema.execute(&c.table(name, columns)).await?;
        }
        let mut bindings = c.table("usersAuthenticators", users_authenticators(c));
        bindings.primary_key(Index::create().col("authenticator").col("userId"));
        schema.execute(&bindings).await?;
        let mut memberships = c.table("rolesUsers", roles_users(c));
        memberships.primary_key(Index::create().col("roleName").col("userId"));
        schema.execute(&memberships).await?;
        for index in INDEXES {
            index.create(&schema).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tables = TABLES;
        tables.reverse();
        Schema::of(manager, &self.0).drop_tables(&tables).await
    }
}

fn users(c: Columns) -> Vec<ColumnDef> {
    vec![
        c.sequence("id"),
        c.moment("createdAt"),
        c.moment("updatedAt"),
        c.string("nickname"),
        unique(c.string("username")),
        unique(c.string("email")),
        unique(c.string("phone")),
        c.string("password"),
        c.big_integer("passwordChangeTz"),
        c.string("appLang"),
        unique(c.string("resetToken")),
        c.json("systemSettings"),
        c.big_integer("sort"),
    ]
    .into_iter()
    .chain(c.authors())
    .collect()
}

fn authenticators(c: Columns) -> Vec<ColumnDef> {
    [c.sequence("id")]
        .into_iter()
        .chain(c.timestamps())
        .chain([
            unique(required(c.string("name"))),
            required(c.string("authType")),
            c.string("title"),
            required(c.string("description")),
            required(c.json("options")),
            c.boolean("enabled"),
            c.big_integer("sort"),
        ])
        .chain(c.authors())
        .collect()
}

fn users_authenticators(c: Columns) -> Vec<ColumnDef> {
    c.timestamps()
        .into_iter()
        .chain([
            required(c.string("uuid")),
            required(c.string("nickname")),
            required(c.string("avatar")),
            c.json("meta"),
            required(c.string("authenticator")),
            required(c.big_integer("userId")),
        ])
        .chain(c.authors())
        .collect()
}

fn roles(c: Columns) -> Vec<ColumnDef> {
    [natural_key(c.string("name"))]
        .into_iter()
        .chain(c.timestamps())
        .chain([
            unique(c.string("title")),
            c.string("description"),
            c.json("strategy"),
            c.boolean("default"),
            c.boolean("hidden"),
            c.boolean("allowConfigure"),
            c.boolean("allowNewMenu"),
            c.boolean("allowNewMobileMenu"),
            c.boolean("allowNewAiEmployee"),
            c.json_binary("snippets"),
            c.big_integer("sort"),
        ])
        .collect()
}

fn roles_users(c: Columns) -> Vec<ColumnDef> {
    c.timestamps()
        .into_iter()
        .chain([
            c.boolean("default"),
            required(c.string("roleName")),
            required(c.big_integer("userId")),
        ])
        .collect()
}

fn issued_tokens(c: Columns) -> Vec<ColumnDef> {
    [natural_key(c.uuid("id"))]
        .into_iter()
        .chain(c.timestamps())
        .chain([
            required(c.big_integer("signInTime")),
            required(c.uuid("jti")),
            required(c.big_integer("issuedTime")),
            required(c.big_integer("userId")),
            c.string("authenticator"),
        ])
        .collect()
}

fn token_blacklist(c: Columns) -> Vec<ColumnDef> {
    [c.sequence("id")]
        .into_iter()
        .chain(c.timestamps())
        .chain([c.string("token"), c.moment("expiration")])
        .collect()
}

fn token_control_config(c: Columns) -> Vec<ColumnDef> {
    [natural_key(c.string("key"))]
        .into_iter()
        .chain(c.timestamps())
        .chain([required(c.json("config"))])
        .chain(c.authors())
        .collect()
}

fn application_plugins(c: Columns) -> Vec<ColumnDef> {
    [c.sequence("id")]
        .into_iter()
        .chain(c.timestamps())
        .chain([
            unique(c.string("name")),
            unique(c.string("packageName")),
            c.string("version"),
            c.boolean("enabled"),
            c.boolean("installed"),
            c.boolean("builtIn"),
            c.json("options"),
        ])
        .collect()
}

fn system_settings(c: Columns) -> Vec<ColumnDef> {
    [natural_key(c.big_integer("id"))]
        .into_iter()
        .chain(c.timestamps())
        .chain([
            c.string("title"),
            c.boolean("showLogoOnly"),
            c.boolean("allowSignUp"),
            c.boolean("smsAuthEnabled"),
            c.big_integer("logoId"),
            c.json("enabledLanguages"),
            c.string("appLang"),
            c.json("options"),
            c.string("roleMode"),
            c.boolean("enableEditProfile"),
            c.boolean("enableChangePassword"),
        ])
        .collect()
}

fn environment_variables(c: Columns) -> Vec<ColumnDef> {
    [natural_key(c.string("name"))]
        .into_iter()
        .chain(c.timestamps())
        .chain([c.string("type"), c.text("value")])
        .collect()
}
