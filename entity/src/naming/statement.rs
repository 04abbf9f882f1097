//! A statement with the names that the database has.

use std::borrow::Cow;
use std::collections::HashSet;

use sea_orm::DbBackend;

use super::Naming;
use super::token::{Located, Marks, Token, tokens};

/// Keywords that are followed by the name of a table or an index.
const BEFORE_TABLES: [&str; 8] = [
    "FROM",
    "JOIN",
    "INTO",
    "TABLE",
    "ON",
    "OF",
    "INDEX",
    "CONSTRAINT",
];
/// The name of the row that an insertion could not insert.
const REFUSED_ROW: &str = "excluded";

impl Naming {
    /// The statement with the names that the database has.
    ///
    /// Only names between quotation marks are names of tables and columns: the statement builder quotes all of them, and
    /// statements that are written by hand have to. Columns of a result keep the names that the statement gave them,
    /// because that is how entities find them.
    pub fn statement<'a>(&self, backend: DbBackend, sql: &'a str) -> Cow<'a, str> {
        if self.is_plain() {
            return Cow::Borrowed(sql);
        }
        let mark = if backend == DbBackend::MySql {
            "`"
        } else {
            "\""
        };
        let marks = Marks {
            name: mark,
            backslash_escapes: backend == DbBackend::MySql,
        };
        let tokens = tokens(sql, marks);
        let aliases = aliases(&tokens);
        let mut clauses = Clauses::default();
        let mut converted = String::with_capacity(sql.len() + 64);
        let mut copied = 0;
        for (index, located) in tokens.iter().enumerate() {
            let before = tokens.get(..index).unwrap_or_default();
            let next = tokens.get(index + 1).map(|next| next.token);
            clauses.enter(located.token);
            let Token::Name(name) = located.token else {
                continue;
            };
            let role = role(before, next, name, &aliases);
            let database_name = match role {
                Role::Alias => continue,
                Role::Table => self.table(name),
                Role::Column => self.column(name),
            };
            if database_name == name {
                continue;
            }
            converted.push_str(sql.get(copied..located.start).unwrap_or_default());
            converted.extend([mark, &database_name, mark]);
            if role == Role::Column && clauses.in_result() && ends_result_column(next) {
                converted.extend([" AS ", mark, name, mark]);
            }
            copied = located.end;
        }
        converted.push_str(sql.get(copied..).unwrap_or_default());
        Cow::Owned(converted)
    }
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A table or an index.
    Table,
    /// A column.
    Column,
    /// A name that this statement gives.
    Alias,
}

/// Names that the statement itself gives to tables and results.
fn aliases<'a>(tokens: &[Located<'a>]) -> HashSet<&'a str> {
    let given = tokens.windows(2).filter_map(|pair| match pair {
        [before, name] if is_word(Some(before.token), "AS") => match name.token {
            Token::Name(name) => Some(name),
            _ => None,
        },
        _ => None,
    });
    given.chain([REFUSED_ROW]).collect()
}

fn role(
    before: &[Located<'_>],
    next: Option<Token<'_>>,
    name: &str,
    aliases: &HashSet<&str>,
) -> Role {
    let last = before.last().map(|located| located.token);
    if is_word(last, "AS") {
        return Role::Alias;
    }
    if next == Some(Token::Dot) {
        return if aliases.contains(name) {
            Role::Alias
        } else {
            Role::Table
        };
    }
    if names_table(before) {
        Role::Table
    } else {
        Role::Column
    }
}

/// Whether what comes after these tokens is a table or an index.
fn names_table(before: &[Located<'_>]) -> bool {
    let word = |from_end: usize| {
        let at = before.len().checked_sub(from_end)?;
        before.get(at).map(|located| located.token)
    };
    if BEFORE_TABLES.iter().any(|table| is_word(word(1), table)) {
        return true;
    }
    // `ON DUPLICATE KEY UPDATE` is followed by columns.
    if is_word(word(1), "UPDATE") {
        return !is_word(word(2), "KEY");
    }
    // `CREATE TABLE IF NOT EXISTS` and `DROP TABLE IF EXISTS`, but not `ADD COLUMN IF NOT EXISTS`.
    let begins = before.first().map(|located| located.token);
    is_word(word(1), "EXISTS") && !is_word(begins, "ALTER")
}

/// Whether a column of a result ends here without a name of its own.
fn ends_result_column(next: Option<Token<'_>>) -> bool {
    matches!(next, None | Some(Token::Comma)) || is_word(next, "FROM")
}

fn is_word(token: Option<Token<'_>>, expected: &str) -> bool {
    matches!(token, Some(Token::Word(word)) if word.eq_ignore_ascii_case(expected))
}

/// For each open parenthesis, and the statement around them, whether the columns of a result are being named.
struct Clauses(Vec<bool>);

impl Default for Clauses {
    fn default() -> Self {
        Self(vec![false])
    }
}

impl Clauses {
    fn enter(&mut self, token: Token<'_>) {
        match token {
            Token::Open => self.0.push(false),
            Token::Close if self.0.len() > 1 => {
                self.0.pop();
            }
            Token::Word(word) => {
                let Some(innermost) = self.0.last_mut() else {
                    return;
                };
                if ["SELECT", "RETURNING"]
                    .iter()
                    .any(|begin| word.eq_ignore_ascii_case(begin))
                {
                    *innermost = true;
                } else if word.eq_ignore_ascii_case("FROM") {
                    *innermost = false;
                }
            }
            _ => {}
        }
    }

    fn in_result(&self) -> bool {
        self.0.last() == Some(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_postgres(sql: &str) -> String {
        let naming = Naming::new("nb_", true);
        naming.statement(DbBackend::Postgres, sql).into_owned()
    }

    #[test]
    fn tables_and_columns_get_the_names_of_the_database() {
        for (sql, expected) in [
            (
                r#"SELECT "users"."id", "users"."createdAt" FROM "users" WHERE "users"."appLang" = $1"#,
                r#"SELECT "nb_users"."id", "nb_users"."created_at" AS "createdAt" FROM "nb_users" WHERE "nb_users"."app_lang" = $1"#,
            ),
            (
                r#"INSERT INTO "rolesUsers" ("userId", "roleName") VALUES ($1, $2) RETURNING "userId", "roleName""#,
                r#"INSERT INTO "nb_roles_users" ("user_id", "role_name") VALUES ($1, $2) RETURNING "user_id" AS "userId", "role_name" AS "roleName""#,
            ),
            (
                r#"UPDATE "users" SET "passwordChangeTz" = $1 WHERE "id" = $2"#,
                r#"UPDATE "nb_users" SET "password_change_tz" = $1 WHERE "id" = $2"#,
            ),
            (
                r#"DELETE FROM "issuedTokens" WHERE "userId" = $1 AND "signInTime" < $2"#,
                r#"DELETE FROM "nb_issued_tokens" WHERE "user_id" = $1 AND "sign_in_time" < $2"#,
            ),
            // `systemSettings` is a table and a column.
            (
                r#"SELECT "users"."systemSettings" FROM "users" INNER JOIN "systemSettings" ON "users"."id" = "systemSettings"."createdById""#,
                r#"SELECT "nb_users"."system_settings" AS "systemSettings" FROM "nb_users" INNER JOIN "nb_system_settings" ON "nb_users"."id" = "nb_system_settings"."created_by_id""#,
            ),
            (
                "LOCK TABLE \"dingtalk_switches\" IN EXCLUSIVE MODE",
                "LOCK TABLE \"nb_dingtalk_switches\" IN EXCLUSIVE MODE",
            ),
        ] {
            assert_eq!(on_postgres(sql), expected);
        }
    }

    #[test]
    fn what_a_statement_names_itself_stays() {
        for (sql, expected) in [
            (
                r#"SELECT "users"."createdAt" AS "A_createdAt" FROM "users""#,
                r#"SELECT "nb_users"."created_at" AS "A_createdAt" FROM "nb_users""#,
            ),
            (
                r#"SELECT COUNT(*) AS num_items FROM (SELECT "users"."appLang" FROM "users") AS "subQuery" WHERE "subQuery"."appLang" IS NULL"#,
                r#"SELECT COUNT(*) AS num_items FROM (SELECT "nb_users"."app_lang" AS "appLang" FROM "nb_users") AS "subQuery" WHERE "subQuery"."app_lang" IS NULL"#,
            ),
            (
                r#"SELECT "id" FROM "users" WHERE "id" IN (SELECT "userId" FROM "rolesUsers")"#,
                r#"SELECT "id" FROM "nb_users" WHERE "id" IN (SELECT "user_id" AS "userId" FROM "nb_roles_users")"#,
            ),
            (
                r#"SELECT MAX("createdAt"), LOWER("userAgent") FROM "dingtalk_audit""#,
                r#"SELECT MAX("created_at"), LOWER("user_agent") FROM "nb_dingtalk_audit""#,
            ),
            (
                r#"INSERT INTO "users" ("appLang") VALUES ($1) ON CONFLICT ("appLang") DO UPDATE SET "appLang" = "excluded"."appLang""#,
                r#"INSERT INTO "nb_users" ("app_lang") VALUES ($1) ON CONFLICT ("app_lang") DO UPDATE SET "app_lang" = "excluded"."app_lang""#,
            ),
        ] {
            assert_eq!(on_postgres(sql), expected);
        }
    }

    #[test]
    fn texts_are_no_names() {
        for sql in [
            r#"SELECT 'it''s "createdAt"'"#,
            r#"SELECT '\' WHERE 'x' = '"createdAt"'"#,
            "SELECT name FROM information_schema.tables",
        ] {
            assert_eq!(on_postgres(sql), sql);
        }
        let naming = Naming::new("", true);
        let mysql = r"SELECT '\' `createdAt`', `createdAt`";
        let converted = naming.statement(DbBackend::MySql, mysql);
        assert_eq!(
            converted,
            r"SELECT '\' `createdAt`', `created_at` AS `createdAt`"
        );
    }

    #[test]
    fn tables_and_indexes_are_made_under_these_names() {
        for (sql, expected) in [
            (
                r#"CREATE TABLE IF NOT EXISTS "apiKeys" ( "id" integer PRIMARY KEY, "roleName" varchar(255), CONSTRAINT "pk_keys" PRIMARY KEY ("roleName") )"#,
                r#"CREATE TABLE IF NOT EXISTS "nb_api_keys" ( "id" integer PRIMARY KEY, "role_name" varchar(255), CONSTRAINT "nb_pk_keys" PRIMARY KEY ("role_name") )"#,
            ),
            (
                r#"CREATE UNIQUE INDEX "api_keys_role_name" ON "apiKeys" ("roleName")"#,
                r#"CREATE UNIQUE INDEX "nb_api_keys_role_name" ON "nb_api_keys" ("role_name")"#,
            ),
            (
                r#"ALTER TABLE "apiKeys" ADD COLUMN IF NOT EXISTS "expiresIn" text"#,
                r#"ALTER TABLE "nb_api_keys" ADD COLUMN IF NOT EXISTS "expires_in" text"#,
            ),
            (
                r#"DROP TABLE IF EXISTS "apiKeys""#,
                r#"DROP TABLE IF EXISTS "nb_api_keys""#,
            ),
        ] {
            assert_eq!(on_postgres(sql), expected);
        }
        let naming = Naming::new("nb_", true);
        let upsert = "INSERT INTO `apiKeys` (`roleName`) VALUES (?) ON DUPLICATE KEY UPDATE `roleName` = VALUES(`roleName`)";
        assert_eq!(
            naming.statement(DbBackend::MySql, upsert),
            "INSERT INTO `nb_api_keys` (`role_name`) VALUES (?) ON DUPLICATE KEY UPDATE `role_name` = VALUES(`role_name`)"
        );
    }

    #[test]
    fn plain_names_cost_nothing() {
        let sql = r#"SELECT "createdAt" FROM "users""#;
        let statement = Naming::default().statement(DbBackend::Sqlite, sql);
        assert!(matches!(statement, Cow::Borrowed(_)));
    }
}
