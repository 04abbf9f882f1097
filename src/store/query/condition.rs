//! Conditions on rows.

use chrono::{DateTime, Datelike, Utc};
use sea_orm::sea_query::{Expr, Func, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, DbBackend, ExprTrait, Value as SqlValue};
use serde_json::Value;

use super::{ColumnKind, Listed, QueryError, kind};
use crate::store::is_storable;

/// A condition that rows must meet.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these conditions hold.
    All(Vec<Self>),
    /// One of these conditions holds.
    Any(Vec<Self>),
    /// A column is compared with a value.
    Is {
        /// The name of the column.
        column: String,
        /// The operator.
        operator: Operator,
        /// The value.
        value: Value,
    },
}

/// How a column is compared with a value, with NocoBase's names in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal (`$eq`).
    Equal,
    /// Not equal (`$ne`).
    NotEqual,
    /// One of a list (`$in`).
    In,
    /// None of a list (`$notIn`).
    NotIn,
    /// Contains a text (`$includes`).
    Includes,
    /// Does not contain a text (`$notIncludes`).
    NotIncludes,
    /// Begins with a text (`$startsWith`).
    StartsWith,
    /// Ends with a text (`$endsWith`).
    EndsWith,
    /// Greater (`$gt`).
    Greater,
    /// Greater or equal (`$gte`).
    GreaterOrEqual,
    /// Less (`$lt`).
    Less,
    /// Less or equal (`$lte`).
    LessOrEqual,
    /// Has no value (`$empty`).
    Empty,
    /// Has a value (`$notEmpty`).
    NotEmpty,
}

impl Filter {
    /// Whether the filter has no conditions, so that every row matches.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(Self::is_empty),
            Self::Any(filters) => filters.iter().any(Self::is_empty),
            Self::Is { .. } => false,
        }
    }

    /// Whether the filter compares this column.
    pub fn mentions(&self, name: &str) -> bool {
        match self {
            Self::All(filters) | Self::Any(filters) => {
                filters.iter().any(|filter| filter.mentions(name))
            }
            Self::Is { column, .. } => column == name,
        }
    }

    /// The filter as an SQL condition.
    pub fn condition<E: Listed>(&self, backend: DbBackend) -> Result<Condition, QueryError> {
        match self {
            Self::All(filters) => filters.iter().try_fold(Condition::all(), |all, filter| {
                Ok(all.add(filter.condition::<E>(backend)?))
            }),
            // `any` of no conditions matches nothing; the SQL builder's empty `any` would match
            // everything.
            Self::Any(filters) if filters.is_empty() => {
                Ok(Condition::all().add(Expr::val(1).eq(0)))
            }
            Self::Any(filters) => filters.iter().try_fold(Condition::any(), |any, filter| {
                Ok(any.add(filter.condition::<E>(backend)?))
            }),
            Self::Is {
                column,
                operator,
                value,
            } => {
                let column = E::column(column).ok_or(QueryError::UnknownColumn)?;
                Ok(Condition::all().add(compare(column, *operator, value, backend)?))
            }
        }
    }
}

fn compare<C: ColumnTrait>(
    column: C,
    operator: Operator,
    value: &Value,
    backend: DbBackend,
) -> Result<SimpleExpr, QueryError> {
    let kind = kind(&column);
    let one = || sql_value(kind, value);
    let list = || match value {
        Value::Array(items) => items.iter().map(|item| sql_value(kind, item)).collect(),
        single => Ok(vec![sql_value(kind, single)?]),
    };
    let like = |before: &str, after: &str| {
        let pattern = |text: &str| pattern(kind, before, text, after);
        let text = value.as_str().ok_or(QueryError::WrongValue)?;
        // Case is ignored, as in NocoBase. SQLite does so by itself; PostgreSQL and this product's
        // columns on MariaDB, which compare bytes, do not.
        let compared = Expr::col(column.as_column_ref());
        Ok::<_, QueryError>(match backend {
            DbBackend::Sqlite => compared.like(pattern(text)?),
            _ => Expr::expr(Func::lower(compared)).like(pattern(&text.to_lowercase())?),
        })
    };
    Ok(match operator {
        Operator::Equal if value.is_null() => column.is_null(),
        Operator::NotEqual if value.is_null() => column.is_not_null(),
        Operator::Equal => column.eq(one()?),
        // In NocoBase, a row without a value is also «not equal».
        Operator::NotEqual => column.ne(one()?).or(column.is_null()),
        Operator::In => column.is_in(list()?),
        Operator::NotIn => column.is_not_in(list()?),
        Operator::Includes => like("%", "%")?,
        Operator::NotIncludes => like("%", "%")?.not().or(column.is_null()),
        Operator::StartsWith => like("", "%")?,
        Operator::EndsWith => like("%", "")?,
        Operator::Greater => column.gt(one()?),
        Operator::GreaterOrEqual => column.gte(one()?),
        Operator::Less => column.lt(one()?),
        Operator::LessOrEqual => column.lte(one()?),
        Operator::Empty if kind == ColumnKind::Text => column.is_null().or(column.eq("")),
        Operator::Empty => column.is_null(),
        Operator::NotEmpty if kind == ColumnKind::Text => column.is_not_null().and(column.ne("")),
        Operator::NotEmpty => column.is_not_null(),
    })
}

/// A pattern for a column of text, unless a database would refuse it.
fn pattern(
    kind: ColumnKind,
    before: &str,
    text: &str,
    after: &str,
) -> Result<LikeExpr, QueryError> {
    if kind != ColumnKind::Text || !is_storable(text) || text.len() > LONGEST_PATTERN {
        return Err(QueryError::WrongValue);
    }
    Ok(like_pattern(before, text, after))
}

/// The pattern of the texts that have this one between `before` and `after`, which may hold
/// wildcards. The special characters of the text itself are escaped.
pub(in crate::store) fn like_pattern(before: &str, text: &str, after: &str) -> LikeExpr {
    let mut pattern = before.to_owned();
    for c in text.chars() {
        if matches!(c, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(c);
    }
    pattern.push_str(after);
    LikeExpr::new(pattern).escape(ESCAPE)
}

/// The longest text to search for, in bytes. SQLite accepts patterns of 50000 bytes, and each
/// character may need to be escaped.
const LONGEST_PATTERN: usize = 20_000;

/// The character that escapes special characters in a pattern. It is not the backslash, which
/// databases interpret in different ways.
const ESCAPE: char = '!';

/// Converts a value to the column's type; query strings send everything as text.
fn sql_value(kind: ColumnKind, value: &Value) -> Result<SqlValue, QueryError> {
    let value = match (kind, value) {
        (ColumnKind::Text, Value::String(text)) if is_storable(text) => text.clone().into(),
        (ColumnKind::Text, Value::Number(number)) => number.to_string().into(),
        (ColumnKind::Integer, Value::Number(number)) => {
            number.as_i64().ok_or(QueryError::WrongValue)?.into()
        }
        (ColumnKind::Integer, Value::String(text)) => text
            .trim()
            .parse::<i64>()
            .map_err(|_| QueryError::WrongValue)?
            .into(),
        (ColumnKind::Boolean, Value::Bool(value)) => (*value).into(),
        (ColumnKind::Boolean, Value::String(text)) => match text.as_str() {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => return Err(QueryError::WrongValue),
        },
        (ColumnKind::Moment, Value::String(text)) => {
            let moment = DateTime::parse_from_rfc3339(text).map_err(|_| QueryError::WrongValue)?;
            storable_moment(moment.with_timezone(&Utc))?.into()
        }
        _ => return Err(QueryError::WrongValue),
    };
    Ok(value)
}

/// A moment that every database can store: MySQL has no years below 1 or above 9999, which a time
/// zone can lead to, and no database has leap seconds.
fn storable_moment(moment: DateTime<Utc>) -> Result<DateTime<Utc>, QueryError> {
    let has_leap_second = moment.timestamp_subsec_nanos() >= 1_000_000_000;
    if has_leap_second || !(1..=9999).contains(&moment.year()) {
        return Err(QueryError::WrongValue);
    }
    Ok(moment)
}
