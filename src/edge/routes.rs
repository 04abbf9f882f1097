//! A table of actions: what is answered, who may call it, and by which function.

use std::collections::HashMap;

use actix_web::HttpResponse;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::address::Address;
use super::body::Body;
use super::{Access, ApiError, Call};

/// Actions by address.
#[derive(Default)]
pub struct Routes(HashMap<&'static str, HashMap<&'static str, Route>>);

/// The access of a route, and what answers it.
pub struct Route {
    /// Who may call it.
    pub access: Access,
    /// What some requests need beside that.
    pub further: Option<Further>,
    /// Whether it may change something, and so is done to its end when the client leaves.
    pub changes: bool,
    /// What answers.
    pub action: Action,
}

/// What a request of this account needs, by what its body asks for.
pub type Further = fn(&Body, i64) -> Result<Access, ApiError>;

/// An action, ready to be called.
pub type Action =
    Box<dyn Fn(Call) -> LocalBoxFuture<'static, Result<HttpResponse, ApiError>> + Send + Sync>;

impl Routes {
    /// Whether there are actions of this resource.
    pub fn have(&self, resource: &str) -> bool {
        self.0.contains_key(resource)
    }

    /// All of them: resource, action and who may call it.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str, Access)> {
        self.0.iter().flat_map(|(resource, actions)| {
            let access =
                |(action, route): (&&'static str, &Route)| (*resource, *action, route.access);
            actions.iter().map(access)
        })
    }

    /// What answers this address, if anything.
    pub fn find(&self, address: &Address) -> Option<&Route> {
        self.0
            .get(address.resource.as_str())?
            .get(address.action.as_str())
    }

    /// Whether this action may change something; nothing when there is no such action.
    pub fn may_change(&self, resource: &str, action: &str) -> Option<bool> {
        Some(self.0.get(resource)?.get(action)?.changes)
    }

    /// An action that changes nothing, or sees to its own end: whoever leaves while their password
    /// waits to be hashed, for one, is not hashed for.
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

    /// An action that may change something, and is done to its end whether or not the client stays.
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
