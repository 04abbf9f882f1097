//! The table of actions in front of a NocoBase: those that are ours.

use crate::api::{self, external};
use crate::domain::identity_provider::Providers;
use crate::edge::Access::Public;
use crate::edge::Routes;

/// The actions that are ours in front of a NocoBase. A sign-in gets here only when it names an
/// authenticator of a provider.
pub fn routes(providers: &Providers) -> Routes {
    let mut table = Routes::default();
    table.add("auth", "signIn", Public, external::sign_in);
    api::add_routes(&mut table, providers);
    table
}
