use super::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, DbBackend, EntityTrait, IntoActiveModel, QueryTrait};

#[test]
fn every_write_of_the_query_builder_names_its_table() {
    use entity::consumed_state::{ActiveModel, Column, Entity, Model};
    let row = Model {
        digest: "x".to_owned(),
        expires_at: 1,
    };
    let row: ActiveModel = row.into_active_model().reset_all();
    for backend in [DbBackend::Sqlite, DbBackend::Postgres, DbBackend::MySql] {
        let update = Entity::update_many().col_expr(Column::ExpiresAt, Expr::value(1));
        for statement in [
            Entity::insert(row.clone()).build(backend),
            update.build(backend),
            Entity::delete_many().build(backend),
        ] {
            let written = written(&statement.sql);
            let table = WriteTarget::Table("dingtalk_consumed_states");
            assert_eq!(written, table, "{}", statement.sql);
        }
        let select = Entity::find().build(backend);
        assert_eq!(written(&select.sql), WriteTarget::Nothing);
    }
}

#[test]
fn what_is_not_understood_changes_everything() {
    for sql in [
        "",
        "UPDATE",
        "INSERT",
        "INSERT IGNORE INTO `users` VALUES (1)",
        "REPLACE INTO `users` VALUES (1)",
        "WITH x AS (SELECT 1) DELETE FROM \"users\"",
        "update users set id = 1",
        "UPDATE \"public\".\"users\" SET id = 1 --",
        "UPDATE \"somethingNew\" SET id = 1",
        "TRUNCATE users",
    ] {
        assert_eq!(Partitions::written_by(sql), Some(Partitions::ALL), "{sql}");
    }
}

#[test]
fn who_says_that_a_write_touches_one_thing_says_nothing_about_others() {
    let only = Partitions::only_account(7);
    let of = |table: &str| {
        let written = Partitions::written_by(&format!("UPDATE \"{table}\" SET x"));
        written.unwrap() & only
    };
    assert_eq!(of("users"), Partitions::account(7));
    assert_eq!(of("roles"), Partitions::SETTINGS);
    assert_eq!(of("tokenBlacklist"), Partitions::REVOCATIONS);
    let only = Partitions::only_revocation("x") & Partitions::no_account();
    assert_eq!(Partitions::ACCOUNTS & only, Partitions::NONE);
    assert_eq!(Partitions::REVOCATIONS & only, Partitions::revocation("x"));
    assert_eq!(
        Partitions::REVOCATIONS & Partitions::no_revocation(),
        Partitions::NONE
    );
}

#[test]
fn only_a_removal_changes_how_many_old_rows_there_are() {
    let written = |sql: &str| Partitions::written_by(sql).unwrap();
    let removed = Partitions::ACCOUNTS | Partitions::REMOVED_USERS;
    assert_eq!(written("DELETE FROM \"users\" WHERE x"), removed);
    assert_eq!(
        written("INSERT INTO \"users\" VALUES (1)"),
        Partitions::ACCOUNTS
    );
    let audit = "DELETE FROM `dingtalk_audit`";
    assert_eq!(written(audit), Partitions::REMOVED_AUDIT);
    assert_eq!(written("INSERT INTO `dingtalk_audit`"), Partitions::NONE);
    // A limit to one account says nothing about the number of accounts.
    let only = Partitions::only_account(7);
    assert_eq!(
        removed & only,
        Partitions::account(7) | Partitions::REMOVED_USERS
    );
}

#[test]
fn partitions_are_apart_and_stay_where_they_are() {
    let parts = [
        Partitions::SETTINGS,
        Partitions::ACCOUNTS,
        Partitions::REVOCATIONS,
        Partitions::REMOVED_USERS,
        Partitions::REMOVED_AUDIT,
    ];
    let whole = parts.into_iter().fold(Partitions::NONE, |all, part| {
        assert_eq!(all.0 & part.0, 0);
        all | part
    });
    assert_eq!(whole, Partitions::ALL);
    assert_eq!(Partitions::ALL.numbers().count(), usize::from(PARTITIONS));
    for id in [i64::MIN, -1, 0, 1, 31, 32, i64::MAX] {
        let partition = Partitions::account(id);
        assert_eq!(
            partition | Partitions::ACCOUNTS,
            Partitions::ACCOUNTS,
            "{id}"
        );
        assert_eq!(partition.numbers().count(), 1, "{id}");
    }
    // Other processes may run another release, so the numbers must stay.
    let number = |partitions: Partitions| partitions.numbers().next();
    assert_eq!(number(Partitions::account(33)), Some(2));
    assert_eq!(number(Partitions::revocation("")), Some(33 + 5));
    assert_eq!(Partitions::numbered(64), Partitions::range(64, 1));
    assert_eq!(
        Partitions::numbered(67) | Partitions::numbered(-1),
        Partitions::NONE
    );
}
