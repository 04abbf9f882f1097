//! `roles:*` — what a role may do.

use actix_web::HttpResponse;
use entity::role::Entity;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::shape::Role;
use super::{ApiError, Call, envelope};
use crate::domain::role;

/// What the web client shows and hides by. It protects nothing; the server checks every action.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Permissions<'a> {
    roles: [&'a str; 1],
    strategy: Value,
    actions: Map<String, Value>,
    snippets: Value,
    resources: [Value; 0],
    role: &'a str,
    role_mode: &'a str,
    available_actions: [&'static str; 8],
    action_alias: Value,
    allow_all: bool,
    allow_configure: bool,
    allow_menu_item_ids: [Value; 0],
    allow_anonymous: bool,
    ui_button_schemas_blacklist: [Value; 0],
}

/// Settings areas of the web client that this server does not have, hidden from everybody: the
/// editor of pages, cache and restart, menus, and what roles may do.
const ABSENT: [&str; 5] = [
    "!ui.*",
    "!app",
    "!pm.routes",
    "!pm.routes.desktop",
    "!pm.acl.roles",
];

fn is_absent(snippet: &str) -> bool {
    let mut absent = ABSENT.iter().filter_map(|denial| denial.strip_prefix('!'));
    absent.any(|absent| absent == snippet)
}

/// `roles:list`.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let listing = call.query.listing()?;
    let found = call.app.store.list::<Entity>(&listing).await?;
    let rows = found.rows.iter().map(Role::from);
    let rows = call.query.selection().of_all::<Entity, _>(rows)?;
    Ok(envelope::page(rows, found.count, listing.page))
}

/// Every action that a strategy can grant.
const ACTIONS: [&str; 6] = [
    "create",
    "view",
    "update",
    "destroy",
    "export",
    "importXlsx",
];

/// What a role may do with data. The root role has no strategy, because it may do everything; the
/// client would learn that from `allowAll`, which is false here.
fn strategy(held: &entity::role::Model) -> Value {
    if held.name == role::ROOT {
        return json!({"actions": ACTIONS});
    }
    held.strategy.clone().unwrap_or_else(|| json!({}))
}

/// `roles:check`: the role of this request and what it may do.
pub async fn check(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let settings = call.app.store.settings().await?;
    let system = settings.system.as_ref();
    let mode = system.and_then(|system| system.role_mode.as_deref());
    let held = &caller.role;
    let mut snippets = match &held.snippets {
        Some(Value::Array(snippets)) => snippets.clone(),
        _ => Vec::new(),
    };
    // A grant that stayed would count: for icons the client looks no further.
    snippets.retain(|snippet| !snippet.as_str().is_some_and(is_absent));
    snippets.extend(ABSENT.map(Value::from));
    let permissions = Permissions {
        roles: [&held.name],
        strategy: strategy(held),
        actions: Map::new(),
        snippets: Value::Array(snippets),
        resources: [],
        role: &held.name,
        role_mode: mode.unwrap_or("default"),
        available_actions: [
            "create",
            "view",
            "update",
            "destroy",
            "export",
            "importXlsx",
            "trigger",
            "triggerNew",
        ],
        action_alias: json!({
            "create": "create", "get": "view", "list": "view", "query": "view",
            "update": "update", "move": "update", "destroy": "destroy",
            "export": "export", "exportAttachments": "export",
        }),
        // With it, the client would show every entry, also those of areas that are absent.
        allow_all: false,
        allow_configure: held.name != role::ROOT && held.allow_configure == Some(true),
        allow_menu_item_ids: [],
        allow_anonymous: false,
        ui_button_schemas_blacklist: [],
    };
    Ok(envelope::data_with_meta(
        permissions,
        json!({"dataSources": {}}),
    ))
}
