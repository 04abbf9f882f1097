//! Conditions on rows.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ExprTrait, Value as SqlValue};
use serde_json::Value;

use super::{Kind, Listed, QueryError, kind};
use crate::store::is_storable;

/// What rows must be like.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these.
    All(Vec<Self>),
    /// One of these.
    Any(Vec<Self>),
    /// A column compared with a value.
    Is {
        /// Name of the column.
        column: String,
        /// How it is compared.
        operator: Operator,
        /// With what.
        value: Value,
    },
}

/// How a column is compared (NocoBase's names in parentheses).
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
    /// Holds a text (`$includes`).
    Includes,
    /// Does not hold a text (`$notIncludes`).
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
    /// Without a value (`$empty`).
    Empty,
    /// With a value (`$notEmpty`).
    NotEmpty,
}

impl Filter {
    /// The same as SQL knows it.
    pub fn condition<E: Listed>(&self) -> Result<Condition, QueryError> {
        match self {
            Self::All(filters) => filters.iter().try_fold(Condition::all(), |all, filter| {
                Ok(all.add(filter.condition::<E>()?))
            }),
            // One of none is nothing, which the empty `any` of SQL builders is not.
            Self::Any(filters) if filters.is_empty() => {
                Ok(Condition::all().add(Expr::val(1).eq(0)))
            }
            Self::Any(filters) => filters.iter().try_fold(Condition::any(), |any, filter| {
                Ok(any.add(filter.condition::<E>()?))
            }),
            Self::Is {
                column,
                operator,
                value,
            } => {
                let column = E::column(column).ok_or(QueryError::UnknownColumn)?;
                Ok(Condition::all().add(compare(column, *operator, value)?))
            }
        }
    }
}

fn compare<C: ColumnTrait>(
    column: C,
    operator: Operator,
    value: &Value,
) -> Result<SimpleExpr, QueryError> {
    let kind = kind(&column);
    let one = || sql_value(kind, value);
    let list = || match value {
        Value::Array(items) => items.iter().map(|item| sql_value(kind, item)).collect(),
        single => Ok(vec![sql_value(kind, single)?]),
    };
    let like = |before: &str, after: &str| pattern(kind, before, value, after);
    Ok(match operator {
        Operator::Equal if value.is_null() => column.is_null(),
        Operator::NotEqual if value.is_null() => column.is_not_null(),
        Operator::Equal => column.eq(one()?),
        // For NocoBase a row without a value is not equal to one.
        Operator::NotEqual => column.ne(one()?).or(column.is_null()),
        Operator::In => column.is_in(list()?),
        Operator::NotIn => column.is_not_in(list()?),
        Operator::Includes => column.like(like("%", "%")?),
        Operator::NotIncludes => column.not_like(like("%", "%")?).or(column.is_null()),
        Operator::StartsWith => column.like(like("", "%")?),
        Operator::EndsWith => column.like(like("%", "")?),
        Operator::Greater => column.gt(one()?),
        Operator::GreaterOrEqual => column.gte(one()?),
        Operator::Less => column.lt(one()?),
        Operator::LessOrEqual => column.lte(one()?),
        Operator::Empty if kind == Kind::Text => column.is_null().or(column.eq("")),
        Operator::Empty => column.is_null(),
        Operator::NotEmpty if kind == Kind::Text => column.is_not_null().and(column.ne("")),
        Operator::NotEmpty => column.is_not_null(),
    })
}

/// A pattern in which the value stands for itself.
fn pattern(kind: Kind, before: &str, value: &Value, after: &str) -> Result<LikeExpr, QueryError> {
    let text = value
        .as_str()
        .filter(|text| kind == Kind::Text && is_storable(text))
        .ok_or(QueryError::WrongValue)?;
    let mut pattern = before.to_owned();
    for c in text.chars() {
        if matches!(c, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(c);
    }
    pattern.push_str(after);
    Ok(LikeExpr::new(pattern).escape(ESCAPE))
}

/// Marks a sign of a pattern that stands for itself. Not the backslash, which databases read in
/// different ways.
const ESCAPE: char = '!';

/// A value as the column's type has it; query strings bring everything as text.
fn sql_value(kind: Kind, value: &Value) -> Result<SqlValue, QueryError> {
    let value = match (kind, value) {
        (Kind::Text, Value::String(text)) if is_storable(text) => text.clone().into(),
        (Kind::Text, Value::Number(number)) => number.to_string().into(),
        (Kind::Integer, Value::Number(number)) => {
            number.as_i64().ok_or(QueryError::WrongValue)?.into()
        }
        (Kind::Integer, Value::String(text)) => text
            .trim()
            .parse::<i64>()
            .map_err(|_| QueryError::WrongValue)?
            .into(),
        (Kind::Boolean, Value::Bool(truth)) => (*truth).into(),
        (Kind::Boolean, Value::String(text)) => match text.as_str() {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => return Err(QueryError::WrongValue),
        },
        (Kind::Moment, Value::String(text)) => {
            let moment = DateTime::parse_from_rfc3339(text).map_err(|_| QueryError::WrongValue)?;
            moment.with_timezone(&Utc).into()
        }
        _ => return Err(QueryError::WrongValue),
    };
    Ok(value)
}
