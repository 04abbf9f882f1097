//! Lists in NocoBase's query language, typed and the same for every table.
//!
//! Clients send names of columns. These are looked up among the table's visible columns and never
//! become SQL text.

mod condition;
mod listing;

pub(super) use condition::like_pattern;
pub use condition::{Filter, Operator};
pub(super) use listing::Total;
pub use listing::{Found, Listing, Page, Sort};

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ColumnType, DbBackend, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn,
    QuerySelect, Select,
};

use super::cache::Counted;
use super::{StoreError, uuids};

/// A table that clients may list.
pub trait Listed: EntityTrait {
    /// Columns that clients can neither see nor filter or sort by, because comparing a value
    /// reveals it bit by bit.
    const HIDDEN: &'static [&'static str];

    /// A query for all rows, in types that the model can be read from.
    fn rows(_: DbBackend) -> Select<Self> {
        Self::find()
    }

    /// The number of rows that is kept in memory for this table, if there is one.
    fn counted() -> Option<Counted> {
        None
    }

    /// Up to how many rows a filtered list is counted. Pages go on after that, uncounted.
    const COUNTED_UP_TO: Option<u64> = None;

    /// The name of the key column; none when the key has several columns.
    fn key_column() -> Option<String> {
        let mut keys = Self::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
        let first = keys.next()?;
        keys.next().is_none().then(|| first.as_str().to_owned())
    }

    /// Whether the key column holds numbers.
    fn has_number_keys() -> bool {
        let mut keys = Self::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
        keys.any(|column| kind(&column) == ColumnKind::Integer)
    }

    /// Whether there is a column with this name, visible or not.
    fn has_column(name: &str) -> bool {
        Self::Column::iter().any(|column| column.as_str() == name)
    }

    /// The visible column with this name.
    fn column(name: &str) -> Option<Self::Column> {
        let visible =
            |column: &Self::Column| column.as_str() == name && !Self::HIDDEN.contains(&name);
        Self::Column::iter().find(visible)
    }
}

impl Listed for entity::user::Entity {
    const HIDDEN: &'static [&'static str] = &["password", "resetToken"];

    fn counted() -> Option<Counted> {
        Some(Counted::Users)
    }
}

impl Listed for entity::authenticator::Entity {
    const HIDDEN: &'static [&'static str] = &["options"];
}

impl Listed for entity::api_key::Entity {
    const HIDDEN: &'static [&'static str] = &["token", "sort"];
}

/// Tables without hidden columns.
macro_rules! listed {
    ($($table:ident)*) => {$(
        impl Listed for entity::$table::Entity {
            const HIDDEN: &'static [&'static str] = &[];
        }
    )*};
}

impl Listed for entity::issued_token::Entity {
    const HIDDEN: &'static [&'static str] = &[];

    fn rows(backend: DbBackend) -> Select<Self> {
        use entity::issued_token::Column;
        match backend {
            DbBackend::Postgres => [Column::Id, Column::Jti].into_iter().fold(
                Self::find().select_only().columns(
                    Column::iter().filter(|column| !matches!(column, Column::Id | Column::Jti)),
                ),
                |select, column| {
                    select.column_as(uuids::as_text(backend, Expr::col(column)), column.as_str())
                },
            ),
            _ => Self::find(),
        }
    }
}

impl Listed for entity::audit::Entity {
    const HIDDEN: &'static [&'static str] = &[];
    const COUNTED_UP_TO: Option<u64> = Some(listing::MOST_ROWS);

    fn counted() -> Option<Counted> {
        Some(Counted::Audit)
    }
}

impl Listed for entity::message::Entity {
    const HIDDEN: &'static [&'static str] = &["digest", "dueMs"];
    const COUNTED_UP_TO: Option<u64> = Some(listing::MOST_ROWS);
}

listed!(directory_department directory_finding directory_member directory_run environment_variable role role_user system_setting token_blacklist token_control_config user_authenticator);

/// Why a list cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// A column does not exist, or is hidden.
    #[error("unknown column")]
    UnknownColumn,
    /// A value cannot be compared with the column's type.
    #[error("a value does not fit its column")]
    WrongValue,
    /// One answer would have too many rows.
    #[error("too many rows")]
    TooManyRows,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a column holds, as far as comparisons matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ColumnKind {
    Text,
    Integer,
    Boolean,
    Moment,
    Json,
}

fn kind(column: &impl ColumnTrait) -> ColumnKind {
    match column.def().get_column_type() {
        ColumnType::BigInteger | ColumnType::Integer => ColumnKind::Integer,
        ColumnType::Boolean => ColumnKind::Boolean,
        ColumnType::TimestampWithTimeZone | ColumnType::DateTime | ColumnType::Timestamp => {
            ColumnKind::Moment
        }
        ColumnType::Json | ColumnType::JsonBinary => ColumnKind::Json,
        _ => ColumnKind::Text,
    }
}
