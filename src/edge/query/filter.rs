//! The parameter `filter`, as JSON or in brackets.

use serde_json::{Map, Value};

use crate::edge::ApiError;
use crate::store::query::{Filter, Operator};

/// How many levels of `$and` and `$or` are followed.
const DEEPEST: usize = 16;

/// How many conditions and values one filter may hold. This server and databases read conditions
/// recursively, so thousands of them could overflow a stack. The web client sends at most the keys
/// of one page.
const LARGEST: usize = 500;

/// Parses a filter such as `{"name.$eq": "x", "$or": [{"id": {"$in": [1]}}]}`.
pub fn parse(value: &Value) -> Result<Filter, ApiError> {
    let filter = match value {
        Value::String(text) => {
            let value = serde_json::from_str(text).map_err(|_| ApiError::FilterNotJson)?;
            conditions(&value, 0)
        }
        value => conditions(value, 0),
    }?;
    if size(&filter) > LARGEST {
        return Err(ApiError::InvalidFilter);
    }
    Ok(filter)
}

fn size(filter: &Filter) -> usize {
    match filter {
        Filter::All(filters) | Filter::Any(filters) => 1 + filters.iter().map(size).sum::<usize>(),
        Filter::Is { value, .. } => value.as_array().map_or(1, Vec::len).max(1),
    }
}

fn conditions(value: &Value, depth: usize) -> Result<Filter, ApiError> {
    if depth > DEEPEST {
        return Err(ApiError::InvalidFilter);
    }
    match value {
        Value::Object(fields) => {
            let filters = fields
                .iter()
                .map(|(key, value)| condition(key, value, depth));
            Ok(Filter::All(filters.collect::<Result<_, _>>()?))
        }
        Value::Null => Ok(Filter::All(Vec::new())),
        _ => Err(ApiError::InvalidFilter),
    }
}

fn condition(key: &str, value: &Value, depth: usize) -> Result<Filter, ApiError> {
    match key {
        "$and" => Ok(Filter::All(each(value, depth)?)),
        "$or" => Ok(Filter::Any(each(value, depth)?)),
        _ => match key.split_once('.') {
            Some((column, name)) => is(column, name, value),
            None => match value {
                Value::Object(operators) => all_operators(key, operators),
                Value::Array(_) => is(key, "$in", value),
                value => is(key, "$eq", value),
            },
        },
    }
}

fn each(value: &Value, depth: usize) -> Result<Vec<Filter>, ApiError> {
    match value {
        Value::Array(items) => items
            .iter()
            .map(|item| conditions(item, depth + 1))
            .collect(),
        // NocoBase also accepts one condition in place of a list with one.
        value @ Value::Object(_) => Ok(vec![conditions(value, depth + 1)?]),
        _ => Err(ApiError::InvalidFilter),
    }
}

fn all_operators(column: &str, operators: &Map<String, Value>) -> Result<Filter, ApiError> {
    let filters = operators
        .iter()
        .map(|(name, value)| is(column, name, value));
    Ok(Filter::All(filters.collect::<Result<_, _>>()?))
}

fn is(column: &str, name: &str, value: &Value) -> Result<Filter, ApiError> {
    let operator = operator(name).ok_or(ApiError::InvalidFilter)?;
    Ok(Filter::Is {
        column: column.to_owned(),
        operator,
        value: value.clone(),
    })
}

fn operator(name: &str) -> Option<Operator> {
    Some(match name {
        "$eq" | "$is" => Operator::Equal,
        "$ne" | "$not" => Operator::NotEqual,
        "$in" => Operator::In,
        "$notIn" => Operator::NotIn,
        "$includes" => Operator::Includes,
        "$notIncludes" => Operator::NotIncludes,
        "$startsWith" => Operator::StartsWith,
        "$endsWith" => Operator::EndsWith,
        "$gt" => Operator::Greater,
        "$gte" => Operator::GreaterOrEqual,
        "$lt" => Operator::Less,
        "$lte" => Operator::LessOrEqual,
        "$empty" => Operator::Empty,
        "$notEmpty" | "$exists" => Operator::NotEmpty,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn equals(column: &str, value: Value) -> Filter {
        Filter::Is {
            column: column.to_owned(),
            operator: Operator::Equal,
            value,
        }
    }

    #[test]
    fn the_forms_of_a_filter_mean_the_same() {
        let expected = Filter::All(vec![equals("name", json!("x"))]);
        for form in [
            json!({"name": "x"}),
            json!({"name.$eq": "x"}),
            json!(r#"{"name": "x"}"#),
        ] {
            assert_eq!(parse(&form).unwrap(), expected, "{form}");
        }
        let nested = parse(&json!({"name": {"$eq": "x"}})).unwrap();
        assert_eq!(nested, Filter::All(vec![expected]));
    }

    #[test]
    fn nonsense_is_refused() {
        for form in [
            json!("{bad"),
            json!({"name": {"$nope": 1}}),
            json!({"name.$nope": 1}),
            json!({"$and": 1}),
            json!([1]),
            json!(1),
        ] {
            assert!(parse(&form).is_err(), "{form}");
        }
        for many in [
            json!({"$or": vec![json!({"id": 1}); 501]}),
            json!({"id": {"$in": vec![1; 501]}}),
        ] {
            assert!(parse(&many).is_err());
        }
        let mut deep = json!({"id": 1});
        for _ in 0..100 {
            deep = json!({"$or": [deep]});
        }
        assert!(parse(&deep).is_err());
    }
}
