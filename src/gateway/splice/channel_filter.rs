//! Filters on the type of channels, as NocoBase can answer them: it knows this product's channels as ones of its inbox.

use serde_json::{Map, Value, json};

use crate::domain::forwarding::channel::{IN_APP, TYPE};
use crate::gateway::reading::Parameters;

/// The column with the type, in channels and in lines of the log.
pub const TYPE_COLUMN: &str = "notificationType";
/// A name that no channel has, since `$in` of nothing would count as no condition.
const NONE: &str = "-";

/// The path and query with another filter on types. `column` is the one with the name of a channel, and `names` are
/// those of this product. Nothing where there is no such filter.
pub fn translated(target: &str, column: &str, names: &[&str]) -> Option<String> {
    let (path, query) = target.split_once('?')?;
    let parameters = Parameters::read(query).ok()?;
    let filters: Vec<_> = parameters.exactly("filter").collect();
    let [filter] = filters.as_slice() else {
        return None;
    };
    if !filter.contains(TYPE_COLUMN) {
        return None;
    }
    let filter = serde_json::from_str(filter).ok()?;
    let names = if names.is_empty() { &[NONE] } else { names };
    let filter = Types { column, names }.translate(filter).to_string();
    let parameters = parameters.without("filter").with("filter", &filter);
    Some(parameters.append_to(path))
}

/// How types are told apart.
struct Types<'a> {
    column: &'a str,
    names: &'a [&'a str],
}

impl Types<'_> {
    fn translate(&self, filter: Value) -> Value {
        match filter {
            Value::Array(parts) => parts.into_iter().map(|part| self.translate(part)).collect(),
            Value::Object(fields) => self.translate_fields(fields),
            other => other,
        }
    }

    fn translate_fields(&self, mut fields: Map<String, Value>) -> Value {
        let condition = fields.shift_remove(TYPE_COLUMN);
        let rest = fields.into_iter();
        let rest: Map<_, _> = rest
            .map(|(key, value)| (key, self.translate(value)))
            .collect();
        let Some(condition) = condition else {
            return Value::Object(rest);
        };
        let mut parts = match condition {
            Value::Object(operators) => {
                let operators = operators.into_iter();
                operators
                    .map(|(operator, value)| self.condition(&operator, &value))
                    .collect()
            }
            value => vec![self.condition("$eq", &value)],
        };
        if !rest.is_empty() {
            parts.push(Value::Object(rest));
        }
        json!({ "$and": parts })
    }

    fn condition(&self, operator: &str, value: &Value) -> Value {
        let of = |value: &Value, is: bool| self.of_type(value, is);
        match (operator, value) {
            ("$eq", one) => of(one, true),
            ("$ne", one) => of(one, false),
            ("$in", Value::Array(several)) => {
                let any: Vec<_> = several.iter().map(|one| of(one, true)).collect();
                json!({ "$or": any })
            }
            ("$notIn", Value::Array(several)) => {
                let all: Vec<_> = several.iter().map(|one| of(one, false)).collect();
                json!({ "$and": all })
            }
            _ => json!({TYPE_COLUMN: {operator: value}}),
        }
    }

    /// Rows that are of this type, or that are not.
    fn of_type(&self, name: &Value, is: bool) -> Value {
        let (column, names) = (self.column, self.names);
        let kept = |name: &Value, is: bool| {
            let operator = if is { "$eq" } else { "$ne" };
            json!({TYPE_COLUMN: {operator: name}})
        };
        let in_app = json!(IN_APP);
        let among = |is: bool| {
            let operator = if is { "$in" } else { "$notIn" };
            json!({column: {operator: names}})
        };
        if *name == in_app {
            return if is {
                json!({"$and": [kept(name, true), among(false)]})
            } else {
                json!({"$or": [kept(name, false), among(true)]})
            };
        }
        if *name != *TYPE {
            return kept(name, is);
        }
        // Another plugin may have left channels that really are of this type.
        if is {
            json!({"$or": [kept(name, true), {"$and": [kept(&in_app, true), among(true)]}]})
        } else {
            json!({"$and": [kept(name, false), {"$or": [kept(&in_app, false), among(false)]}]})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(filter: &Value) -> Value {
        let target = Parameters::default()
            .with("page", "1")
            .with("filter", &filter.to_string())
            .append_to("/api/notificationChannels:list");
        let target = translated(&target, "name", &["dt"]).expect("another filter");
        let parameters = Parameters::read(target.split_once('?').unwrap().1).unwrap();
        assert_eq!(parameters.all("page").count(), 1);
        serde_json::from_str(parameters.all("filter").next().unwrap()).unwrap()
    }

    #[test]
    fn this_type_is_that_of_the_inbox_with_one_of_these_names() {
        let in_app = json!({"notificationType": {"$eq": "in-app-message"}});
        let of_type = json!({"$or": [
            {"notificationType": {"$eq": "dingtalk"}},
            {"$and": [in_app, {"name": {"$in": ["dt"]}}]},
        ]});
        for filter in [
            json!({"notificationType": "dingtalk"}),
            json!({"notificationType": {"$eq": "dingtalk"}}),
        ] {
            assert_eq!(filtered(&filter), json!({"$and": [of_type]}), "{filter}");
        }
        let others = json!({"$and": [in_app, {"name": {"$notIn": ["dt"]}}]});
        let filter = json!({"$and": [{"notificationType": {"$in": ["in-app-message", "email"]}, "title": "x"}]});
        let expected = json!({"$and": [{"$and": [
            {"$or": [others, {"notificationType": {"$eq": "email"}}]},
            {"title": "x"},
        ]}]});
        assert_eq!(filtered(&filter), expected);
    }

    #[test]
    fn whatever_is_not_of_this_type_is_of_another_or_has_another_name() {
        let filter = json!({"notificationType": {"$ne": "dingtalk"}});
        let expected = json!({"$and": [{"$and": [
            {"notificationType": {"$ne": "dingtalk"}},
            {"$or": [{"notificationType": {"$ne": "in-app-message"}}, {"name": {"$notIn": ["dt"]}}]},
        ]}]});
        assert_eq!(filtered(&filter), expected);
        let none_of = json!({"notificationType": {"$notIn": ["dingtalk", "email"]}});
        let not_of_type = &expected["$and"][0];
        let not_mail = json!({"notificationType": {"$ne": "email"}});
        let both = json!({"$and": [{"$and": [not_of_type, not_mail]}]});
        assert_eq!(filtered(&none_of), both);
        let kept = json!({"notificationType": {"$empty": true}});
        assert_eq!(filtered(&kept), json!({"$and": [kept]}));
    }

    #[test]
    fn other_filters_stay_as_they_are() {
        for target in [
            "/api/notificationChannels:list",
            "/api/notificationChannels:list?page=1",
            "/api/notificationChannels:list?filter=%7B%22title%22%3A%22x%22%7D",
            "/api/notificationChannels:list?filter=notificationType",
        ] {
            assert_eq!(translated(target, "name", &[]), None, "{target}");
        }
    }
}
