//! The table of actions of the gateway, which are this product's own.

use crate::api::{self, provider_actions};
use crate::domain::identity_provider::Providers;
use crate::edge::Access::Public;
use crate::edge::Routes;

/// The actions of the gateway. A sign-in is handled here only when it names an authenticator of a
/// provider.
pub fn routes(providers: &Providers) -> Routes {
    let mut table = Routes::default();
    table.add("auth", "signIn", Public, provider_actions::sign_in);
    api::add_routes(&mut table, providers);
    table
}
