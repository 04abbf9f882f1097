//! Where a request goes.

use actix_web::http::Method;

use super::Edge;
use crate::api::address::Address;
use crate::api::call::{authenticator_name, header};
use crate::web::Generation;

/// NocoBase's name for the application that is not one of several below it.
const MAIN: &str = "main";

/// Who answers.
pub enum Destination {
    /// Our own actions.
    Own,
    /// NocoBase, with a part that is ours.
    Splice(Address, Part),
    /// NocoBase alone.
    NocoBase,
}

/// The part of an answer that is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A card of the plugin manager.
    Cards,
    /// One card.
    Card,
    /// A module that pages load.
    Modules(Generation),
    /// The switch of our plugin.
    Switch,
    /// What cannot be done to our plugin.
    Fixed,
    /// A kind of authenticator.
    Types,
    /// Ways to sign in.
    PublicList,
    /// The whole of an authenticator, as administrators see it.
    Authenticators,
    /// The same, in what they save.
    Saved,
    /// Texts.
    Texts,
}

/// Where this request goes.
pub async fn of(edge: &Edge<'_>) -> Destination {
    let Some(address) = address(edge) else {
        return Destination::NocoBase;
    };
    let part = match (address.resource.as_str(), address.action.as_str()) {
        ("auth", "signIn") => {
            let names = edge.app.names.get(&edge.app.store).await;
            return if names.is_enabled(&authenticator_name(edge.request)) {
                Destination::Own
            } else {
                Destination::NocoBase
            };
        }
        ("dingtalkAudit", "list") => return Destination::Own,
        ("pm", "list") => Part::Cards,
        ("pm", "get") => Part::Card,
        ("pm", "listEnabled") => Part::Modules(Generation::V1),
        ("pm", "listEnabledV2") => Part::Modules(Generation::V2),
        ("pm", "enable" | "disable") => Part::Switch,
        ("pm", "update" | "remove") => Part::Fixed,
        ("authenticators", "listTypes") => Part::Types,
        ("authenticators", "publicList") => Part::PublicList,
        ("authenticators", "create" | "update" | "firstOrCreate" | "updateOrCreate") => Part::Saved,
        // Whatever else shows authenticators must not show their secrets.
        ("authenticators", _) => Part::Authenticators,
        ("app", "getLang") => Part::Texts,
        _ => return Destination::NocoBase,
    };
    Destination::Splice(address, part)
}

/// The action that is asked of the main application, if it is one.
fn address(edge: &Edge<'_>) -> Option<Address> {
    let request = edge.request;
    if matches!(*request.method(), Method::HEAD | Method::OPTIONS) {
        return None;
    }
    let app = header(request, "x-app").or_else(|| edge.query.get("__appName"));
    if app.is_some_and(|app| app != MAIN) {
        return None;
    }
    let below = edge.app.config.http.below_api(request.uri().path())?;
    let below = match below.strip_prefix("__app/") {
        Some(rest) => rest.strip_prefix(MAIN)?.strip_prefix('/')?,
        None => below,
    };
    Address::parse(request.method(), below).ok()
}
