//! `dingtalk:openapi`: the actions of this product and of providers as an OpenAPI 3.1 document.
//!
//! The document is made from the table of actions and from the types that they read and write, so
//! it cannot go out of date; a test compares it with `docs/openapi.json`. NocoBase describes its
//! own actions itself, so they are not included.

mod description;
mod descriptions;
mod directory;
mod messages;
mod page;

use std::future::ready;
use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::domain::identity_provider::Providers;
use crate::edge::{Access, Call, Routes};
use crate::locale::Locale;
use description::{Answer, Description, Parameter};
use descriptions::describe;

/// The keys of a schema of options whose texts people read. They are keys of the files in `locale/`.
const TEXTS: [&str; 5] = ["title", "description", "text", "link", "x-rule"];

/// The title of the provider whose actions this resource holds.
fn title_of(resource: &str, providers: &Providers) -> Option<&'static str> {
    let mut names = providers.iter().map(|provider| provider.names());
    names
        .find(|names| names.resource == resource)
        .map(|names| names.title)
}

/// Adds `dingtalk:openapi` to a table that already has all actions that the document describes.
pub fn add_route(table: &mut Routes) {
    let (resource, action, access) = ("dingtalk", "openapi", Access::Public);
    let mut actions: Vec<_> = table.iter().collect();
    actions.push((resource, action, access));
    // Anybody may ask for the document, and it never changes while the program runs, so it is made
    // once.
    let written = OnceLock::new();
    table.add(resource, action, access, move |call| {
        let document = written.get_or_init(|| text_for(&call, &actions)).clone();
        ready(Ok(HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(document)))
    });
}

/// The text of the document for these actions.
fn text_for(call: &Call, actions: &[(&'static str, &'static str, Access)]) -> Bytes {
    let prefix = call.app.config.http.api_path();
    let (document, _) = document(actions.iter().copied(), &call.app.providers, &prefix);
    document.to_string().into()
}

/// The document for these actions below this path, and the actions of this product that it lacks.
pub fn document(
    actions: impl Iterator<Item = (&'static str, &'static str, Access)>,
    providers: &Providers,
    api_path: &str,
) -> (Value, Vec<String>) {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut types = settings.into_generator();
    let mut of_product: Vec<_> = actions
        .filter(|(resource, ..)| {
            resource.starts_with("dingtalk") || title_of(resource, providers).is_some()
        })
        .collect();
    of_product.sort_unstable_by_key(|(resource, action, _)| (*resource, *action));
    let mut paths = Map::new();
    let mut missing = Vec::new();
    for (resource, action, access) in of_product {
        let address = format!("{resource}:{action}");
        let description = match resource {
            "dingtalkDirectory" => directory::describe(action, &mut types),
            "dingtalkMessages" => messages::describe(action, &mut types),
            _ => describe(resource, action, providers, &mut types),
        };
        match description {
            None => missing.push(address),
            Some(description) => {
                let method = if description.body.is_some() {
                    "post"
                } else {
                    "get"
                };
                let operation = operation(&address, access, description);
                paths.insert(format!("{api_path}{address}"), json!({method: operation}));
            }
        }
    }
    let mut schemas = Map::new();
    schemas.insert("Refusal".to_owned(), refusal());
    for provider in providers.iter() {
        let name = format!("{}Options", provider.names().title);
        let schema = with_fitting_defaults(provider.schema());
        schemas.insert(name, in_english(schema));
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "nocobase-dingtalk",
            "summary": "The actions that nocobase-dingtalk adds to those of NocoBase.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    });
    (document, missing)
}

/// Removes defaults that have another type than their option, such as null for an optional text:
/// validators refuse them.
fn with_fitting_defaults(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let is_text = fields.get("type").is_some_and(|kind| kind == "string");
            let fits = |(key, value): &(&String, &Value)| {
                *key != "default" || !is_text || value.is_string()
            };
            let fields = fields.iter().filter(fits);
            fields
                .map(|(key, value)| (key.clone(), with_fitting_defaults(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(with_fitting_defaults).collect(),
        other => other.clone(),
    }
}

/// Replaces the keys of texts by the texts themselves in English. The web client translates the
/// keys, which readers of the document cannot do.
fn in_english(schema: Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let in_words = |(key, value): (String, Value)| {
                let value = match value {
                    Value::String(text) if TEXTS.contains(&key.as_str()) => {
                        Value::from(Locale::default().text(&text))
                    }
                    other => in_english(other),
                };
                (key, value)
            };
            fields.into_iter().map(in_words).collect()
        }
        Value::Array(items) => items.into_iter().map(in_english).collect(),
        other => other,
    }
}

fn operation(address: &str, access: Access, description: Description) -> Value {
    let parameter = |(place, name, meaning): &Parameter| json!({"name": name, "in": place, "description": meaning, "schema": {"type": "string"}});
    let parameters: Vec<_> = description.parameters.iter().map(parameter).collect();
    let mut operation = json!({
        "operationId": address,
        "summary": description.summary,
        "description": who(access),
        "parameters": parameters,
        "security": if access == Access::Public { json!([]) } else { json!([{"token": []}]) },
        "responses": {
            "200": good(description.answer),
            "4XX": {
                "description": "Refused.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
            },
        },
    });
    if let (Some(body), Some(operation)) = (description.body, operation.as_object_mut()) {
        let body = json!({"content": {"application/json": {"schema": body}}});
        operation.insert("requestBody".to_owned(), body);
    }
    operation
}

/// A sentence about who may call the action.
fn who(access: Access) -> String {
    match access {
        Access::Public => "Anybody.".to_owned(),
        Access::SignedIn => "Anybody who is signed in.".to_owned(),
        Access::WithoutRole | Access::SigningOut => {
            "Anybody who is signed in, even without a role.".to_owned()
        }
        Access::Root => "Root.".to_owned(),
        Access::Data(action) => format!("Roles that may {action} data."),
        Access::Administer(action, snippet) => {
            format!("Roles that may {action} data and have the snippet {snippet}.")
        }
        Access::Snippet(snippet) => format!("Roles with the snippet {snippet}."),
        Access::EitherSnippet(one, other) => {
            format!("Roles with the snippet {one} or {other}.")
        }
    }
}

fn good(answer: Answer) -> Value {
    let (description, schema) = match answer {
        Answer::Browser => {
            let description = "A page that stores the session and goes on, or a redirect.";
            return json!({"description": description, "content": {"text/html": {}}});
        }
        Answer::Csv => {
            let description = "A file, sent while it is read.";
            return json!({"description": description, "content": {"text/csv": {"schema": {"type": "string"}}}});
        }
        Answer::Document => ("This document.", json!({"type": "object"})),
        Answer::Empty => ("Done.", json!({"type": "object", "maxProperties": 0})),
        Answer::Data(data) => (
            "The answer.",
            json!({"type": "object", "properties": {"data": data}, "required": ["data"]}),
        ),
        Answer::Bare(value) => ("The answer.", json!(value)),
        Answer::Page(row) => (
            "A page of rows.",
            json!({
                "type": "object",
                "properties": {
                    "data": {"type": "array", "items": row},
                    "meta": {
                        "type": "object",
                        "properties": {
                            "count": {"type": "integer"},
                            "page": {"type": "integer"},
                            "pageSize": {"type": "integer"},
                            "totalPage": {"type": "integer"},
                        },
                    },
                },
                "required": ["data", "meta"],
            }),
        ),
    };
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

/// The schema of NocoBase's errors.
fn refusal() -> Value {
    json!({
        "type": "object",
        "properties": {
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "message": {"type": "string", "description": "In the language of X-Locale."},
                        "code": {"type": "string"},
                        "endsSession": {
                            "type": "boolean",
                            "description": "Whether an open session is another person's and has to end.",
                        },
                    },
                    "required": ["message"],
                },
            },
        },
        "required": ["errors"],
    })
}
