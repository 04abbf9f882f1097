//! The actions of providers and the other actions that a gateway serves, too.

use super::provider_actions::{self, Provider};
use super::{auth, dingtalk, directory, messages, openapi, people, settings_page};
use crate::domain::identity_provider::Providers;
use crate::edge::Access::{Public, SignedIn, Snippet, WithoutRole};
use crate::edge::{Call, Routes};
use crate::provider::dingtalk::NAMES as DINGTALK;

/// Adds the actions of these providers, and this product's own actions that belong to none of
/// NocoBase's resources.
pub fn add_routes(table: &mut Routes, providers: &Providers) {
    for provider in providers.iter() {
        add_provider(table, provider);
    }
    if let Some(provider) = providers.of_type(DINGTALK.auth_type) {
        let failed = of(provider, dingtalk::in_app_failed);
        table.add("dingtalk", "inAppFailed", Public, failed);
        let callback = of(provider, dingtalk::callback);
        table.add_change("dingtalk", "callback", Public, callback);
    }
    // The address of this action names DingTalk only because clients know it so.
    let end_sessions = auth::sign_out_everywhere;
    table
        .add_change("dingtalk", "signOutEverywhere", WithoutRole, end_sessions)
        .further = Some(auth::who_may_end_sessions);
    add_page(table);
    directory::add_routes(table);
    messages::add_routes(table);
    openapi::add_route(table);
}

/// Adds the actions of the settings page «DingTalk».
fn add_page(table: &mut Routes) {
    let page = Snippet("pm.auth-dingtalk");
    table.add("dingtalk", "overview", page, settings_page::overview);
    let check = settings_page::check_connection;
    table.add("dingtalk", "checkConnection", page, check);
    table.add("dingtalkAudit", "list", page, settings_page::list_audit);
    table.add("dingtalkAudit", "export", page, settings_page::export);
    table.add("dingtalkPeople", "list", page, people::list);
    table.add("dingtalkPeople", "accounts", page, people::accounts);
    table.add_change("dingtalkPeople", "bind", page, people::bind);
    table.add_change("dingtalkPeople", "unbind", page, people::unbind);
    table.add_change("dingtalkPeople", "endSessions", page, people::end_sessions);
}

/// Adds the actions that every provider has.
fn add_provider(table: &mut Routes, provider: &Provider) {
    let name = provider.names().resource;
    let edit = Snippet("pm.auth.authenticators");
    let begin = of(provider, provider_actions::get_auth_url);
    table.add(name, "getAuthUrl", Public, begin);
    let come_back = of(provider, provider_actions::redirect);
    table.add_change(name, "redirect", Public, come_back);
    let schema = of(provider, provider_actions::options_schema);
    table.add(name, "optionsSchema", edit, schema);
    let test = of(provider, provider_actions::test_connection);
    table.add(name, "testConnection", edit, test);
    if provider.signs_in_inside() {
        let in_app = of(provider, provider_actions::in_app_sign_in);
        table.add_change(name, "inAppSignIn", Public, in_app);
    }
    let binding = of(provider, provider_actions::binding);
    table.add(name, "binding", SignedIn, binding);
    let bind = of(provider, provider_actions::bind);
    table.add(name, "bind", SignedIn, bind);
    let unbind = of(provider, provider_actions::unbind);
    table.add_change(name, "unbind", SignedIn, unbind);
}

/// Turns a function with a provider into the function of an action.
fn of<F, Fut>(provider: &Provider, function: F) -> impl Fn(Call) -> Fut + Send + Sync + 'static
where
    F: Fn(Call, Provider) -> Fut + Send + Sync + 'static,
{
    let provider = provider.clone();
    move |call| function(call, provider.clone())
}
