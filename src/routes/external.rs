//! The actions of providers, and what else is ours in front of a NocoBase too.

use super::Routes;
use crate::api::Access::{Public, SignedIn, Snippet, WithoutRole};
use crate::api::external::{self, Provider};
use crate::api::{Call, audit, auth, dingtalk, openapi};
use crate::domain::identity_provider::Providers;
use crate::provider::dingtalk::NAMES as DINGTALK;

impl Routes {
    /// The actions of these providers, and those of our own that belong to none of NocoBase's resources.
    pub(super) fn add_external(&mut self, providers: &Providers) {
        for provider in providers.iter() {
            self.add_provider(provider);
        }
        let t = self;
        if let Some(provider) = providers.of_type(DINGTALK.auth_type) {
            let failed = of(provider, dingtalk::in_app_failed);
            t.add("dingtalk", "inAppFailed", Public, failed);
        }
        // These have nothing to do with DingTalk but their addresses, which clients know.
        let end_sessions = auth::sign_out_everywhere;
        t.add_change("dingtalk", "signOutEverywhere", WithoutRole, end_sessions)
            .further = Some(auth::who_may_end_sessions);
        t.add("dingtalk", "openapi", Public, openapi::openapi);
        let edit = Snippet("pm.auth.authenticators");
        t.add("dingtalkAudit", "list", edit, audit::list);
    }

    /// What every provider has.
    fn add_provider(&mut self, provider: &Provider) {
        let name = provider.names().resource;
        let edit = Snippet("pm.auth.authenticators");
        let t = self;
        let begin = of(provider, external::get_auth_url);
        t.add(name, "getAuthUrl", Public, begin);
        let come_back = of(provider, external::redirect);
        t.add_change(name, "redirect", Public, come_back);
        let schema = of(provider, external::options_schema);
        t.add(name, "optionsSchema", edit, schema);
        let test = of(provider, external::test_connection);
        t.add(name, "testConnection", edit, test);
        if provider.signs_in_inside() {
            let in_app = of(provider, external::in_app_sign_in);
            t.add_change(name, "inAppSignIn", Public, in_app);
        }
        let binding = of(provider, external::binding);
        t.add(name, "binding", SignedIn, binding);
        t.add(name, "bind", SignedIn, of(provider, external::bind));
        let unbind = of(provider, external::unbind);
        t.add_change(name, "unbind", SignedIn, unbind);
    }
}

/// An action of a provider, as the action of a call.
fn of<F, Fut>(provider: &Provider, function: F) -> impl Fn(Call) -> Fut + Send + Sync + 'static
where
    F: Fn(Call, Provider) -> Fut + Send + Sync + 'static,
{
    let provider = provider.clone();
    move |call| function(call, provider.clone())
}
