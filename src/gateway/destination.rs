//! The destination of a request. It is decided on what will be sent, in the way in which NocoBase
//! reads it.

use std::fmt::Write as _;

use actix_web::http::Method;
use actix_web::http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::exchange::Exchange;
use super::outgoing::Outgoing;
use super::reading::{
    Application, Parameters, Path, Unclear, application, asks_about_collections, concerns_us,
    leads_to_guarded_collection,
};
use super::{known_tables, websocket};
use crate::edge::ApiError;
use crate::edge::address::Address;
use crate::edge::browser_half::Generation;
use crate::edge::head::authenticator_name;

/// Who answers a request.
pub enum Destination {
    /// This product, by one of its own actions.
    ThisProduct,
    /// NocoBase, with an addition of the gateway.
    Splice(Splice),
    /// NocoBase, with a sign-out that it must not refuse for lack of a role.
    SignOut,
    /// NocoBase alone, for this application.
    NocoBase(Application),
}

/// A request whose answer gets an addition of the gateway.
pub struct Splice {
    /// The action.
    pub address: Address,
    /// The addition.
    pub part: Part,
    /// The path and query for NocoBase, built from the parsed request, so that nothing of the
    /// client's spelling is left that could be read in another way.
    pub target: String,
}

impl Splice {
    /// Whether the request may change something, here or in NocoBase.
    pub fn changes(&self) -> bool {
        match self.part {
            Part::PluginSwitch
            | Part::AuthenticatorSaved
            | Part::SyncSaved
            | Part::SyncRemoved
            | Part::SyncRun
            | Part::ChannelSaved
            | Part::ChannelsRemoved => true,
            Part::Authenticators => !matches!(self.address.action.as_str(), "list" | "get"),
            _ => false,
        }
    }
}

/// The kind of addition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// None: a browser asks with a preflight request whether it may send the real one.
    Preflight,
    /// The card of this product's plugin in the list of the plugin manager.
    PluginCards,
    /// The card of this product's plugin alone.
    PluginCard,
    /// The module of this product's plugin, which pages load.
    Modules(Generation),
    /// Switching this product's plugin.
    PluginSwitch,
    /// An operation that is not possible for this product's plugin.
    PluginFixed,
    /// The types of providers in the list of types of authenticators.
    AuthenticatorTypes,
    /// The authenticators of the sign-in page.
    PublicList,
    /// Authenticators with all options, as administrators see them.
    Authenticators,
    /// Authenticators that an administrator saves.
    AuthenticatorSaved,
    /// The types of providers in the list of types of sources, on NocoBase's page «Synchronize».
    SyncTypes,
    /// A source of NocoBase's page «Synchronize» that an administrator saves.
    SyncSaved,
    /// Sources of NocoBase's page «Synchronize» that are removed.
    SyncRemoved,
    /// A run of a source of NocoBase's page «Synchronize».
    SyncRun,
    /// Channels of notifications, or lines of their log.
    Channels,
    /// A channel that an administrator saves.
    ChannelSaved,
    /// Channels that are removed.
    ChannelsRemoved,
    /// A question in whose body any collection can be named.
    Question,
    /// The texts of this product's plugin among those of NocoBase's.
    Texts,
}

impl From<Unclear> for ApiError {
    fn from(_: Unclear) -> Self {
        Self::Unclear
    }
}

/// The destination of this request.
pub fn of(exchange: &Exchange, outgoing: &Outgoing) -> Result<Destination, ApiError> {
    let uri = &outgoing.head.uri;
    let http = &exchange.app.config.http;
    let method = exchange.request.method();
    let routes = &exchange.gateway.routes;
    let is_answered_here = |resource: &str| routes.have(resource);
    let concerns = |address: &Address| concerns_us(address, is_answered_here);
    let path = Path::read(method, uri.path(), |path| http.below_api(path), concerns)?;
    refuse_detour(exchange, outgoing, &path)?;
    let (in_path, address) = match path {
        Path::Api {
            application,
            address: Some(address),
        } if concerns(&address) => (application, address),
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
                Destination::ThisProduct
            } else {
                Destination::NocoBase(Application::Main)
            });
        }
        ("auth", "signOut") if !websocket::is_asked_for(&exchange.request) => {
            return Ok(Destination::SignOut);
        }
        ("auth", _) => return Ok(Destination::NocoBase(Application::Main)),
        (resource, _) if is_answered_here(resource) => return Ok(Destination::ThisProduct),
        (resource, action) => match part(resource, action)? {
            Some(part) => part,
            None => return Ok(Destination::NocoBase(Application::Main)),
        },
    };
    let query = uri.query().unwrap_or_default();
    // With plugins such as NocoBase's for OIDC, `state` can name an application, too.
    let parameters = Parameters::read(query)?
        .without("__appName")
        .without("state");
    let of_authenticators = address.resource.starts_with("authenticators");
    if of_authenticators && (parameters.look_into_options() || !parameters.have_plain_keys()) {
        return Err(ApiError::InvalidFilter);
    }
    let is_preflight = is_preflight(exchange);
    let parameters = if is_preflight {
        parameters.without("token")
    } else {
        parameters
    };
    let target = target(exchange, &address, parameters)?;
    Ok(Destination::Splice(Splice {
        address,
        part: if is_preflight { Part::Preflight } else { part },
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

/// Refuses a request that could lead to a collection of which its path says nothing, unless it is
/// for another application.
fn refuse_detour(exchange: &Exchange, outgoing: &Outgoing, path: &Path) -> Result<(), ApiError> {
    let query = outgoing.head.uri.query().unwrap_or_default();
    let leads = leads_to_guarded_collection(query);
    if leads == Ok(false) {
        return Ok(());
    }
    let in_path = match path {
        Path::Api { application, .. } => application.as_deref(),
        Path::Elsewhere => None,
    };
    if application_of(exchange, outgoing, in_path) == Ok(Application::Other) {
        return Ok(());
    }
    leads?;
    Err(ApiError::InvalidFilter)
}

/// A request for NocoBase alone. Its application matters when the gateway sends messages in
/// between, or replaces the name of an authenticator.
fn other(
    exchange: &Exchange,
    outgoing: &Outgoing,
    in_path: Option<&str>,
) -> Result<Destination, ApiError> {
    let application = if websocket::is_asked_for(&exchange.request) {
        application_of(exchange, outgoing, in_path)?
    } else if known_tables::are_named_in(&outgoing.head.headers) {
        let application = application_of(exchange, outgoing, in_path);
        application.unwrap_or(Application::Main)
    } else {
        Application::Main
    };
    Ok(Destination::NocoBase(application))
}

/// The addition to an action's answer; none when it is NocoBase's alone.
pub(super) fn part(resource: &str, action: &str) -> Result<Option<Part>, ApiError> {
    Ok(Some(match (resource, action) {
        ("pm", "list") => Part::PluginCards,
        ("pm", "get") => Part::PluginCard,
        ("pm", "listEnabled") => Part::Modules(Generation::V1),
        ("pm", "listEnabledV2") => Part::Modules(Generation::V2),
        ("pm", "enable" | "disable") => Part::PluginSwitch,
        ("pm", "update" | "remove") => Part::PluginFixed,
        ("authenticators", "listTypes") => Part::AuthenticatorTypes,
        ("authenticators", "publicList") => Part::PublicList,
        ("authenticators", "create" | "update" | "firstOrCreate" | "updateOrCreate") => {
            Part::AuthenticatorSaved
        }
        ("authenticators", "list" | "get" | "destroy" | "move") => Part::Authenticators,
        // Exports, charts and other plugins could show columns under other names, or in files.
        // NocoBase's own pages do not need them.
        ("authenticators", _) => return Err(ApiError::Forbidden),
        ("userData", "listSyncTypes") => Part::SyncTypes,
        ("userData", "pull" | "retry") => Part::SyncRun,
        (
            "userDataSyncSources",
            "create" | "update" | "firstOrCreate" | "updateOrCreate" | "import",
        ) => Part::SyncSaved,
        ("userDataSyncSources", "destroy") => Part::SyncRemoved,
        (
            "notificationChannels",
            "create" | "update" | "firstOrCreate" | "updateOrCreate" | "import",
        ) => Part::ChannelSaved,
        ("notificationChannels", "destroy") => Part::ChannelsRemoved,
        ("notificationChannels" | "notificationSendLogs", "list" | "get") => Part::Channels,
        ("app", "getLang") => Part::Texts,
        _ if asks_about_collections(resource) => Part::Question,
        _ if resource.starts_with("authenticators.") => Part::Authenticators,
        _ => return Ok(None),
    }))
}

/// The path and query for NocoBase. The key of the row is in the query, where NocoBase looks first.
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
        // NocoBase reads `/api/a.b:list` as the name of a single resource.
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

/// Whether this is a preflight request, which NocoBase may treat as the call itself.
fn is_preflight(exchange: &Exchange) -> bool {
    let headers = exchange.request.headers();
    exchange.request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}
