//! The table of actions: for each address, who may call it and which function answers.

use std::collections::HashMap;

use actix_web::HttpResponse;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::address::Address;
use super::body::Body;
use super::{Access, ApiError, Call};

/// The actions by their address.
#[derive(Default)]
pub struct Routes(HashMap<&'static str, HashMap<&'static str, Route>>);

/// One action: its access and its function.
pub struct Route {
    /// Who may call it.
    pub access: Access,
    /// A further access that some requests need.
    pub further: Option<Further>,
    /// Whether the action may change something. If so, it runs to its end even when the client
    /// disconnects.
    pub changes: bool,
    /// The function that answers.
    pub action: Action,
}

/// The further access that a request of this account needs, depending on the body.
pub type Further = fn(&Body, i64) -> Result<Access, ApiError>;

/// A function that answers an action, as it is stored in the table.
pub type Action =
    Box<dyn Fn(Call) -> LocalBoxFuture<'static, Result<HttpResponse, ApiError>> + Send + Sync>;

impl Routes {
    /// Whether there are actions of this resource.
    pub fn have(&self, resource: &str) -> bool {
        self.0.contains_key(resource)
    }

    /// All actions: resource, name and access.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str, Access)> {
        self.0.iter().flat_map(|(resource, actions)| {
            let access =
                |(action, route): (&&'static str, &Route)| (*resource, *action, route.access);
            actions.iter().map(access)
        })
    }

    /// The action at this address, if there is one.
    pub fn find(&self, address: &Address) -> Option<&Route> {
        self.0
            .get(address.resource.as_str())?
            .get(address.action.as_str())
    }

    /// Whether this action may change something; none when there is no such action.
    pub fn may_change(&self, resource: &str, action: &str) -> Option<bool> {
        Some(self.0.get(resource)?.get(action)?.changes)
    }

    /// Adds an action that changes nothing, or that takes care of its own completion. It is
    /// cancelled when the client disconnects: for example, no password is hashed for somebody who
    /// has left the queue.
    pub fn add<F, Fut>(
        &mut self,
        resource: &'static str,
        action: &'static str,
        access: Access,
        function: F,
    ) -> &mut Route
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<HttpResponse, ApiError>> + 'static,
    {
        let route = Route {
            access,
            further: None,
            changes: false,
            action: Box::new(move |call| function(call).boxed_local()),
        };
        let actions = self.0.entry(resource).or_default();
        actions.entry(action).insert_entry(route).into_mut()
    }

    /// Adds an action that may change something. It runs to its end even when the client
    /// disconnects.
    pub fn add_change<F, Fut>(
        &mut self,
        resource: &'static str,
        action: &'static str,
        access: Access,
        function: F,
    ) -> &mut Route
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<HttpResponse, ApiError>> + 'static,
    {
        let route = self.add(resource, action, access, function);
        route.changes = true;
        route
    }
}
