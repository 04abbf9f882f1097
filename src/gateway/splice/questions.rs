//! Actions with which NocoBase answers questions about any collection: `charts:*`, `variables:*`,
//! `flowSql:*` and `sqlCollection:*`.
//!
//! A question about authenticators could compare their secrets with guesses, so that the answer
//! reveals them letter by letter without showing them. NocoBase's own pages ask none.

use serde_json::Value;

use super::save::names_of_javascript;
use super::{SpliceResult, SplicedRequest, with_values};
use crate::edge::ApiError;
use crate::edge::body::{Body, PUBLIC_LIMIT};
use crate::gateway::permission;
use crate::gateway::proxy;
use crate::gateway::reading::Parameters;

/// The collection with the secrets.
const AUTHENTICATORS: &str = "authenticators";
/// The largest question, in bytes.
const LARGEST: usize = 256 * 1024;

/// Passes a question on, unless it could be about authenticators. What cannot be read with certainty
/// is refused, or counts as empty, as in NocoBase.
pub async fn pass(asked: SplicedRequest<'_>) -> SpliceResult {
    let exchange = asked.exchange;
    let parameters = Parameters::read(exchange.request.query_string()).map_err(ApiError::from)?;
    // NocoBase takes `values` from the query when there is no body.
    if parameters.has("values") || parameters.mentioning(AUTHENTICATORS) > 0 {
        return Err(ApiError::Forbidden.into());
    }
    // Parsed, a body can take forty times its size, so strangers may send little.
    let most = if permission::is_signed(exchange) {
        LARGEST
    } else {
        PUBLIC_LIMIT
    };
    let body = Body::read(exchange.request.headers(), asked.payload, most).await?;
    if names_of_javascript(body.value()) {
        return Err(ApiError::Unclear.into());
    }
    let names = match asked.address.resource.as_str() {
        "flowSql" | "sqlCollection" => names_in_sql,
        _ => names_collection,
    };
    if has(body.value(), names) {
        return Err(ApiError::Forbidden.into());
    }
    let (outgoing, sent) = with_values(exchange, body.value(), asked.target)?;
    // NocoBase may take any time to answer.
    drop(body);
    Ok(proxy::pass_with(outgoing, exchange, sent).await)
}

/// Whether any key or text, at any depth, names authenticators. NocoBase fills in variables after it
/// has checked who may see a collection, so a variable where the name of a collection belongs counts, too.
fn has(value: &Value, names: fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => names(text),
        Value::Array(items) => items.iter().any(|item| has(item, names)),
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            let is_filled_in = |value: &Value| value.to_string().contains("{{");
            names(key) || has(value, names) || (key == "collection" && is_filled_in(value))
        }),
        _ => false,
    }
}

/// Whether a text is the name of the collection, or has it as a word, as in the path of a field.
fn names_collection(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let mut words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.any(|word| word == AUTHENTICATORS)
}

/// Ways to read tables in SQL that does not name them: statements that are composed as a text, all
/// tables as XML, functions that execute a text, another connection, and tags of the template language in which NocoBase
/// keeps SQL, which can stand within a name.
const UNNAMED: [&str; 7] = [
    "_to_xml",
    "prepare",
    "execute",
    "ts_stat",
    "ts_rewrite",
    "dblink",
    "{%",
];

/// Whether SQL could read the table. It can have a prefix, and PostgreSQL knows names that are
/// written with the numbers of their characters.
fn names_in_sql(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains(AUTHENTICATORS)
        || text.contains("u&\"")
        || UNNAMED.iter().any(|way| text.contains(way))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_collection_is_found_wherever_it_is_named() {
        for question in [
            json!({"collection": "authenticators"}),
            json!({"collection": "Authenticators "}),
            json!({"collection": ["authenticators"]}),
            json!({"collection": "{{ ctx.view.record.name }}"}),
            json!({"collection": "users", "measures": [{"field": ["authenticators", "options"]}]}),
            json!({"collection": "users", "filter": {"authenticators.options.clientSecret": {"$gt": "m"}}}),
            json!({"contextParams": {"record": {"collection": "authenticators", "filterByTk": 2}}}),
        ] {
            assert!(has(&question, names_collection), "{question}");
        }
        for question in [
            json!({"collection": "users", "filter": {"id": "{{ $user.id }}"}}),
            json!({"collection": "usersAuthenticators", "measures": [{"field": ["uuid"]}]}),
            json!(null),
        ] {
            assert!(!has(&question, names_collection), "{question}");
        }
        let sql = json!({"sql": r#"SELECT substr("options", 1, 1) FROM public.nb_authenticators"#});
        assert!(has(&sql, names_in_sql));
        assert!(has(
            &json!({"sql": r#"SELECT * FROM U&"\0061uthenticators""#}),
            names_in_sql
        ));
        for sql in [
            "SELECT query_to_xml('SELECT * FROM authen' || 'ticators', true, true, '')",
            "SELECT schema_to_xml('public', true, true, '')",
            "EXECUTE IMMEDIATE concat('SELECT * FROM authen', 'ticators')",
            "PREPARE one FROM concat('SELECT * FROM authen', 'ticators')",
            "SELECT word FROM ts_stat('SELECT array_to_tsvector(ARRAY[options]) FROM authen' || 'ticators')",
            "SELECT ts_rewrite('a'::tsquery, 'SELECT a, b FROM authen' || 'ticators')",
            "SELECT options FROM authen{% comment %}{% endcomment %}ticators",
        ] {
            assert!(has(&json!({"sql": sql}), names_in_sql), "{sql}");
        }
        assert!(!has(&json!({"sql": "SELECT 1"}), names_in_sql));
    }
}
