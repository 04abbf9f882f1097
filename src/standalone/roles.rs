//! `roles:*`: what a role may do, and how several roles are combined.

use actix_web::HttpResponse;
use entity::role::Entity;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::domain::role::RoleMode;
use crate::domain::system_settings::{self, SettingsChange};
use crate::edge::access::role_mode;
use crate::edge::shape::Role;
use crate::edge::text::Text;
use crate::edge::{ApiError, Call, envelope};

/// The permissions by which the web client shows and hides things. This protects nothing; the
/// server checks every action.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Permissions<'a> {
    roles: Vec<&'a str>,
    strategy: Value,
    actions: Map<String, Value>,
    snippets: Value,
    resources: [Value; 0],
    role: &'a str,
    role_mode: &'static str,
    available_actions: [&'static str; 8],
    action_alias: Value,
    allow_all: bool,
    allow_configure: bool,
    allow_menu_item_ids: [Value; 0],
    allow_anonymous: bool,
    ui_button_schemas_blacklist: [Value; 0],
}

/// Settings areas of the web client that this server does not have and that are therefore hidden
/// from everybody: page editor, cache and restart, menus, and permissions of roles.
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

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ModeForm {
    role_mode: Option<Text>,
}

/// `roles:setSystemRoleMode`: sets how several roles are combined.
pub async fn set_system_role_mode(call: Call) -> Result<HttpResponse, ApiError> {
    let form: ModeForm = call.body.parse()?;
    let name = form.role_mode.map(Text::into_string).unwrap_or_default();
    let mode = RoleMode::named(&name).ok_or(ApiError::InvalidRoleMode)?;
    let change = SettingsChange {
        role_mode: Some(mode),
        ..SettingsChange::default()
    };
    system_settings::change(&call.app.store, change).await?;
    Ok(envelope::empty())
}

/// `roles:check`: the role of this request and its permissions.
pub async fn check(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let acting = &caller.role;
    let mut snippets = acting.snippets();
    // Permissions for hidden areas are removed: for its icons the client only checks whether one is
    // listed.
    snippets.retain(|snippet| !snippet.as_str().is_some_and(is_absent));
    snippets.extend(ABSENT.map(Value::from));
    let permissions = Permissions {
        roles: acting.roles().map(|role| role.name.as_str()).collect(),
        strategy: acting.strategy(),
        actions: Map::new(),
        snippets: Value::Array(snippets),
        resources: [],
        role: acting.name(),
        role_mode: role_mode(&call.app).await?.name(),
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
        // If this were true, the client would show every entry, including those of hidden areas.
        allow_all: false,
        allow_configure: acting.configures(),
        allow_menu_item_ids: [],
        allow_anonymous: false,
        ui_button_schemas_blacklist: [],
    };
    Ok(envelope::data_with_meta(
        permissions,
        json!({"dataSources": {}}),
    ))
}
