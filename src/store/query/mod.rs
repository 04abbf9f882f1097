//! Lists as NocoBase's query language asks for them: typed, and for every table the same.
//!
//! Names of columns come from clients. They are looked up among the table's visible columns and
//! never become SQL text.

mod condition;
mod listing;

pub use condition::{Filter, Operator};
pub(super) use listing::paged;
pub use listing::{Found, Listing, Page, Sort};

use sea_orm::{ColumnTrait, ColumnType, EntityTrait, IdenStatic, Iterable};

use super::StoreError;

/// A table that clients may list.
pub trait Listed: EntityTrait {
    /// Columns that no client ever sees, nor filters or sorts by: what is compared is half told.
    const HIDDEN: &'static [&'static str];

    /// The visible column of this name.
    fn column(name: &str) -> Option<Self::Column> {
        let visible =
            |column: &Self::Column| column.as_str() == name && !Self::HIDDEN.contains(&name);
        Self::Column::iter().find(visible)
    }
}

impl Listed for entity::user::Entity {
    const HIDDEN: &'static [&'static str] = &["password", "resetToken"];
}

impl Listed for entity::authenticator::Entity {
    // Options hold secrets; `sort` is only sorted by.
    const HIDDEN: &'static [&'static str] = &["options"];
}

impl Listed for entity::role::Entity {
    const HIDDEN: &'static [&'static str] = &[];
}

impl Listed for entity::user_authenticator::Entity {
    const HIDDEN: &'static [&'static str] = &[];
}

impl Listed for entity::issued_token::Entity {
    const HIDDEN: &'static [&'static str] = &[];
}

impl Listed for entity::token_blacklist::Entity {
    const HIDDEN: &'static [&'static str] = &[];
}

/// Why a list cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// A column that the table does not have, or not for clients.
    #[error("unknown column")]
    UnknownColumn,
    /// A value that the column's type cannot be compared with.
    #[error("a value does not fit its column")]
    WrongValue,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a column holds, as far as comparisons go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Boolean,
    Moment,
    Json,
}

fn kind(column: &impl ColumnTrait) -> Kind {
    match column.def().get_column_type() {
        ColumnType::BigInteger | ColumnType::Integer => Kind::Integer,
        ColumnType::Boolean => Kind::Boolean,
        ColumnType::TimestampWithTimeZone | ColumnType::DateTime | ColumnType::Timestamp => {
            Kind::Moment
        }
        ColumnType::Json | ColumnType::JsonBinary => Kind::Json,
        _ => Kind::Text,
    }
}
