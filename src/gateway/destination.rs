//! Where a request goes: decided on what will be sent, as NocoBase reads it.

use std::fmt::Write as _;

use actix_web::http::Method;
use actix_web::http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::exchange::Exchange;
use super::outgoing::Outgoing;
use super::reading::{Application, Parameters, Path, Unclear, application, concerns_us};
use super::{tables, websocket};
use crate::edge::ApiError;
use crate::edge::address::Address;
use crate::edge::browser_half::Generation;
use crate::edge::head::authenticator_name;

/// Who answers.
pub enum Destination {
    /// Our own actions.
    Own,
    /// NocoBase, with a part that is ours.
    Splice(Splice),
    /// NocoBase, which must not refuse it for the role.
    SignOut,
    /// NocoBase alone, for this application.
    NocoBase(Application),
}

/// A request of which a part is ours.
pub struct Splice {
    /// The action.
    pub address: Address,
    /// Our part of it.
    pub part: Part,
    /// Path and query for NocoBase, written anew from what was read: whatever else could have been
    /// read in the client's own spelling is gone.
    pub target: String,
}

impl Splice {
    /// Whether something may be changed, here or in NocoBase.
    pub fn changes(&self) -> bool {
        match self.part {
            Part::Switch | Part::Saved => true,
            Part::Authenticators => !matches!(self.address.action.as_str(), "list" | "get"),
            _ => false,
        }
    }
}

/// The part of an answer that is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Nothing yet: a browser asks whether it may call.
    Preflight,
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

impl From<Unclear> for ApiError {
    fn from(_: Unclear) -> Self {
        Self::Unclear
    }
}

/// Where this request goes.
pub fn of(exchange: &Exchange, outgoing: &Outgoing) -> Result<Destination, ApiError> {
    let uri = &outgoing.head.uri;
    let http = &exchange.app.config.http;
    let method = exchange.request.method();
    let routes = &exchange.gateway.routes;
    let is_own = |resource: &str| routes.have(resource);
    let ours = |address: &Address| concerns_us(address, is_own);
    let path = Path::read(method, uri.path(), |path| http.below_api(path), ours)?;
    let (in_path, address) = match path {
        Path::Api {
            application,
            address: Some(address),
        } if ours(&address) => (application, address),
        Path::Api { application, .. } => {
            return other(exchange, outgoing, application.as_deref());
        }
        Path::Elsewhere => return other(exchange, outgoing, None),
    };
    if application_of(exchange, outgoing, in_path.as_deref())? == Application::Other {
        return Ok(Destination::NocoBase(Application::Other));
    }
    let part = match (address.resource.as_str(), address.action.as_str()) {
        ("auth", "signIn") => {
            let name = authenticator_name(&exchange.request);
            return Ok(if exchange.tables().is_enabled(&name) {
                Destination::Own
            } else {
                Destination::NocoBase(Application::Main)
            });
        }
        ("auth", "signOut") if !websocket::is_asked_for(&exchange.request) => {
            return Ok(Destination::SignOut);
        }
        ("auth", _) => return Ok(Destination::NocoBase(Application::Main)),
        (resource, _) if is_own(resource) => return Ok(Destination::Own),
        (resource, action) => match part(resource, action)? {
            Some(part) => part,
            None => return Ok(Destination::NocoBase(Application::Main)),
        },
    };
    let query = uri.query().unwrap_or_default();
    let parameters = Parameters::read(query)?.without("__appName");
    let of_authenticators = address.resource.starts_with("authenticators");
    if of_authenticators && (parameters.look_into_options() || !parameters.have_plain_keys()) {
        return Err(ApiError::InvalidFilter);
    }
    let target = target(exchange, &address, parameters)?;
    Ok(Destination::Splice(Splice {
        address,
        part: if is_preflight(exchange) {
            Part::Preflight
        } else {
            part
        },
        target,
    }))
}

/// The application that a request is for.
pub fn application_of(
    exchange: &Exchange,
    outgoing: &Outgoing,
    in_path: Option<&str>,
) -> Result<Application, Unclear> {
    let query = outgoing.head.uri.query().unwrap_or_default();
    let tables = exchange.tables();
    application(&outgoing.head.headers, query, in_path, tables.hosts())
}

/// Something that is NocoBase's alone. Which application answers matters when we say something in
/// between, or change the name of an authenticator in it.
fn other(
    exchange: &Exchange,
    outgoing: &Outgoing,
    in_path: Option<&str>,
) -> Result<Destination, ApiError> {
    let application = if websocket::is_asked_for(&exchange.request) {
        application_of(exchange, outgoing, in_path)?
    } else if tables::are_named_in(&outgoing.head.headers) {
        let application = application_of(exchange, outgoing, in_path);
        application.unwrap_or(Application::Main)
    } else {
        Application::Main
    };
    Ok(Destination::NocoBase(application))
}

/// What is ours in an action; nothing when it is NocoBase's alone.
fn part(resource: &str, action: &str) -> Result<Option<Part>, ApiError> {
    Ok(Some(match (resource, action) {
        ("pm", "list") => Part::Cards,
        ("pm", "get") => Part::Card,
        ("pm", "listEnabled") => Part::Modules(Generation::V1),
        ("pm", "listEnabledV2") => Part::Modules(Generation::V2),
        ("pm", "enable" | "disable") => Part::Switch,
        ("pm", "update" | "remove") => Part::Fixed,
        ("authenticators", "listTypes") => Part::Types,
        ("authenticators", "publicList") => Part::PublicList,
        ("authenticators", "create" | "update" | "firstOrCreate" | "updateOrCreate") => Part::Saved,
        ("authenticators", "list" | "get" | "destroy" | "move") => Part::Authenticators,
        // Exports, charts and whatever else plugins add show columns under other names, or in
        // files. NocoBase's pages ask for none of them.
        ("authenticators", _) => return Err(ApiError::Forbidden),
        ("app", "getLang") => Part::Texts,
        _ if resource.starts_with("authenticators.") => Part::Authenticators,
        _ => return Ok(None),
    }))
}

/// Path and query for NocoBase. The key of the row stands in the query, where NocoBase looks first.
fn target(
    exchange: &Exchange,
    address: &Address,
    mut parameters: Parameters,
) -> Result<String, Unclear> {
    let mut path = exchange.app.config.http.api_path();
    match (address.resource.split_once('.'), &address.parent_key) {
        (Some((owner, name)), Some(parent)) if !parent.contains('%') => {
            let parent = utf8_percent_encode(parent, NON_ALPHANUMERIC);
            let _ = write!(path, "{owner}/{parent}/{name}");
        }
        (None, None) => path.push_str(&address.resource),
        // `/api/a.b:list`, which NocoBase reads as the name of one resource.
        _ => return Err(Unclear),
    }
    path.push(':');
    path.push_str(&address.action);
    if let Some(key) = &address.key {
        if parameters.has("filterByTk") {
            return Err(Unclear);
        }
        parameters = parameters.with("filterByTk", key);
    }
    Ok(parameters.append_to(&path))
}

/// Whether a browser asks, before it calls, whether it may. NocoBase may take that for the call.
fn is_preflight(exchange: &Exchange) -> bool {
    let headers = exchange.request.headers();
    exchange.request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}
