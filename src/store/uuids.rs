//! UUIDs in columns of NocoBase. PostgreSQL has a type for them, to which it converts no text by itself; in other
//! databases they are text.

use sea_orm::sea_query::Expr;
use sea_orm::{DbBackend, ExprTrait};

/// A column of UUIDs as text.
pub(super) fn as_text(backend: DbBackend, column: Expr) -> Expr {
    match backend {
        DbBackend::Postgres => column.cast_as("text"),
        _ => column,
    }
}

/// A text as a UUID.
pub(super) fn of_text(backend: DbBackend, text: &str) -> Expr {
    let text = Expr::val(text);
    match backend {
        DbBackend::Postgres => text.cast_as("uuid"),
        _ => text,
    }
}
