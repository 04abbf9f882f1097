//! The table of actions of the standalone server: those of `api`, and the others of NocoBase's API
//! that it needs.

use std::sync::Arc;

use super::parts::Parts;
use super::{
    api_keys, app, auth, authenticators, environment_variables as variables, plugins, roles, shell,
    system_settings, tables, token_policy, users, users_authenticators as bindings,
};
use crate::api;
use crate::domain::identity_provider::Providers;
use crate::edge::Access::{Administer, Data, Public, Root, SignedIn, SigningOut, Snippet};
use crate::edge::{Call, Routes};

/// All actions, including those of these providers.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn routes(providers: &Providers, parts: &Arc<Parts>) -> Routes {
    let mut table = Routes::default();
    let t = &mut table;

    let keys = Snippet("pm.api-keys.configuration");
    t.add_change("apiKeys", "create", keys, api_keys::create);
    t.add("apiKeys", "list", keys, api_keys::list);
    t.add_change("apiKeys", "destroy", keys, api_keys::destroy);

    t.add("app", "getInfo", Public, with(parts, app::get_info));
    t.add("app", "getLang", Public, with(parts, app::get_lang));
    t.add("app", "clearCache", Snippet("app"), app::clear_cache);

    t.add("auth", "signIn", Public, auth::sign_in);
    t.add("auth", "check", SignedIn, auth::check);
    t.add_change("auth", "signOut", SigningOut, auth::sign_out);
    t.add("auth", "syncCookies", SignedIn, auth::sync_cookies);
    t.add_change("auth", "signUp", Public, auth::sign_up);
    t.add_change("auth", "changePassword", SignedIn, auth::change_password);

    t.add(
        "authenticators",
        "publicList",
        Public,
        with(parts, authenticators::public_list),
    );
    t.add(
        "authenticators",
        "listTypes",
        Snippet("pm.auth.authenticators"),
        authenticators::list_types,
    );

    let edit = Snippet("pm.auth.authenticators");
    t.add("authenticators", "list", edit, authenticators::list);
    t.add("authenticators", "get", edit, authenticators::get);
    t.add_change("authenticators", "create", edit, authenticators::create);
    t.add_change("authenticators", "update", edit, authenticators::update);
    t.add_change("authenticators", "destroy", edit, authenticators::destroy);
    t.add_change("authenticators", "move", edit, authenticators::move_to);
    // The list shows accounts as `users:list` does.
    let look = Administer("view", "pm.auth.authenticators");
    t.add("authenticators.users", "list", look, authenticators::users);
    t.add_change(
        "authenticators.users",
        "remove",
        edit,
        authenticators::remove_users,
    );

    t.add("environmentVariables", "list", SignedIn, variables::list);
    let keep = Snippet("pm.environment-variables");
    t.add("environmentVariables", "get", keep, variables::get);
    t.add_change("environmentVariables", "create", keep, variables::create);
    t.add_change("environmentVariables", "update", keep, variables::update);
    t.add_change("environmentVariables", "destroy", keep, variables::destroy);

    t.add(
        "pm",
        "listEnabled",
        Public,
        with(parts, plugins::list_enabled),
    );
    t.add(
        "pm",
        "listEnabledV2",
        Public,
        with(parts, plugins::list_enabled_v2),
    );

    t.add("pm", "list", Snippet("pm"), with(parts, plugins::list));
    t.add("pm", "get", Snippet("pm"), with(parts, plugins::get));
    t.add_change("pm", "enable", Snippet("pm"), with(parts, plugins::enable));
    t.add_change(
        "pm",
        "disable",
        Snippet("pm"),
        with(parts, plugins::disable),
    );
    t.add("pm", "add", Snippet("pm"), plugins::refuse);
    t.add("pm", "update", Snippet("pm"), plugins::refuse);
    t.add("pm", "remove", Snippet("pm"), plugins::refuse);

    t.add("roles", "check", SignedIn, roles::check);

    t.add("rolesUsers", "list", Root, tables::roles_users);
    t.add("usersAuthenticators", "list", Root, bindings::list);
    t.add("usersAuthenticators", "get", Root, bindings::get);
    t.add_change("usersAuthenticators", "create", Root, bindings::create);
    t.add_change("usersAuthenticators", "update", Root, bindings::update);
    t.add_change("usersAuthenticators", "destroy", Root, bindings::destroy);
    t.add("issuedTokens", "list", Root, tables::issued_tokens);
    t.add("tokenBlacklist", "list", Root, tables::token_blacklist);

    let security = Snippet("pm.security.token-policy");
    t.add("tokenControlConfig", "list", security, token_policy::list);
    t.add("tokenControlConfig", "get", security, token_policy::get);
    t.add_change(
        "tokenControlConfig",
        "update",
        security,
        token_policy::update,
    );

    t.add("systemSettings", "get", Public, system_settings::get);
    t.add("systemSettings", "list", Root, system_settings::list);
    let settings = "pm.system-settings.system-settings";
    t.add_change(
        "systemSettings",
        "put",
        Snippet(settings),
        system_settings::put,
    );
    t.add_change(
        "systemSettings",
        "update",
        Administer("update", settings),
        system_settings::update,
    );

    t.add("roles", "list", Snippet("pm.acl.roles"), roles::list);
    // United, the roles of somebody allow more than each of them.
    let give_power = Administer("update", "pm.acl.roles");
    let set_mode = roles::set_system_role_mode;
    t.add_change("roles", "setSystemRoleMode", give_power, set_mode);
    t.add("users", "list", Data("view"), users::list);
    t.add("users", "get", Data("view"), users::get);
    t.add_change(
        "users",
        "create",
        Administer("create", "pm.users"),
        users::create,
    );
    t.add_change(
        "users",
        "update",
        Administer("update", "pm.users"),
        users::update,
    );
    t.add_change(
        "users",
        "destroy",
        Administer("destroy", "pm.users"),
        users::destroy,
    );
    t.add("users.roles", "list", give_power, users::list_roles);
    t.add("users.roles", "get", give_power, users::get_role);
    t.add_change("users.roles", "add", give_power, users::add_roles);
    t.add_change("users.roles", "remove", give_power, users::remove_roles);
    t.add_change("users.roles", "set", give_power, users::set_roles);
    t.add(
        "users",
        "getSystemSettings",
        SignedIn,
        users::get_system_settings,
    );
    t.add_change(
        "users",
        "updateSystemSettings",
        Snippet("pm.users"),
        users::update_system_settings,
    );
    t.add_change("users", "updateProfile", SignedIn, users::update_profile);
    t.add_change("users", "updateLang", SignedIn, users::update_lang);
    t.add_change("users", "setDefaultRole", SignedIn, users::set_default_role);

    // The admin shell asks for these, and this server has none of them.
    t.add("collections", "listMeta", SignedIn, shell::collections);
    t.add("dataSources", "listEnabled", SignedIn, shell::nothing);
    t.add("desktopRoutes", "listAccessible", SignedIn, shell::nothing);
    t.add("flowModels", "findOne", SignedIn, shell::no_flow_model);
    t.add("flowModels", "save", SignedIn, shell::flow_model_saved);
    t.add("uiSchemas", "getJsonSchema", SignedIn, shell::ui_schema);
    t.add("uiSchemaTemplates", "list", SignedIn, shell::nothing);

    api::add_routes(t, providers);
    table
}

/// Turns a function with the parts of this server into the function of an action.
fn with<F, Fut>(parts: &Arc<Parts>, function: F) -> impl Fn(Call) -> Fut + Send + Sync + 'static
where
    F: Fn(Call, Arc<Parts>) -> Fut + Send + Sync + 'static,
{
    let parts = parts.clone();
    move |call| function(call, parts.clone())
}
