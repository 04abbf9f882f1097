//! The actions `authenticators:*`: NocoBase answers them, and the gateway changes the rows of
//! provider authenticators, so that they show whether they are in use and hide their secrets.

use std::collections::HashMap;

use entity::authenticator::Model;
use serde_json::{Map, Value};

use super::{Shows, SpliceFailure, SpliceResult, SplicedRequest, removal};
use crate::api::authenticators as api;
use crate::chain::Chain;
use crate::domain::audit::Action;
use crate::domain::identity_provider::Providers;
use crate::domain::options_signature;
use crate::edge::ApiError;
use crate::gateway::exchange::Exchange;
use crate::gateway::permission;
use crate::store::{Store, StoreError, effective_state};

/// The settings area of who may change the roles of accounts.
const ROLES: &str = "pm.acl.roles";

/// `authenticators:listTypes`: adds the types of providers.
pub async fn types(asked: SplicedRequest<'_>) -> SpliceResult {
    let exchange = asked.exchange;
    let enabled = exchange.tables().plugin_is_on();
    let add = |types: &mut Value| {
        let added = api::provider_types(&exchange.app.providers);
        add_types(types, added.filter(|_| enabled));
    };
    asked.change(Shows::NoSecrets, add).await
}

/// Adds types of providers to a list of types, except those that it already has.
pub(super) fn add_types(types: &mut Value, added: impl Iterator<Item = (&'static str, Value)>) {
    let Value::Array(types) = types else { return };
    for (name, provider_type) in added {
        if types.iter().all(|known| known["name"] != name) {
            types.push(provider_type);
        }
    }
}

/// `authenticators:publicList`: adds the authenticators of providers, which NocoBase does not list
/// because they are disabled there, in the order of the sign-in page.
pub async fn public_list(asked: SplicedRequest<'_>) -> SpliceResult {
    let exchange = asked.exchange;
    let providers = &exchange.app.providers;
    let tables = exchange.tables();
    let merge = |listed: &mut Value| {
        let Value::Array(items) = listed else { return };
        items.retain(|item| !is_of_provider(providers, &item["authType"]));
        let mut theirs = std::mem::take(items);
        for offered in tables.offered() {
            if let Some(view) = &offered.public_view {
                items.extend(tables.plugin_is_on().then(|| view.clone()));
            } else if let Some(at) = theirs.iter().position(|item| item["name"] == *offered.name) {
                items.push(theirs.remove(at));
            }
        }
        // Authenticators whose position is not known come last.
        items.append(&mut theirs);
    };
    asked.change(Shows::NoSecrets, merge).await
}

/// Every other action on authenticators: its answer may show rows.
pub async fn shown(asked: SplicedRequest<'_>) -> SpliceResult {
    let (exchange, address) = (asked.exchange, asked.address);
    let store = &exchange.app.store;
    let is_read = matches!(address.action.as_str(), "list" | "get");
    if address.resource.contains('.') && !is_read {
        check_may_give_power(exchange).await?;
    }
    let mut before = Vec::new();
    if address.resource == "authenticators" && address.action == "destroy" {
        let rows = store.authenticators().await?;
        let query = exchange.request.query_string();
        before = removal::named(address, query, rows, |row| row.id.to_string());
    }
    let states = EffectiveStates::load(store, &exchange.app.providers).await?;
    let mut is_nothing = false;
    let show = |data: &mut Value| {
        is_nothing = removal::is_nothing(data);
        states.show(data);
    };
    let answer = asked.change(Shows::Authenticators, show).await?;
    if answer.status().is_success() && !is_read {
        // The tables are read again, so that the next request sees the change, and its place on the
        // sign-in page.
        exchange.gateway.tables.read_again(&exchange.app).await;
        if !before.is_empty() && !is_nothing {
            record_removed(exchange, &before).await;
        }
    }
    Ok(answer)
}

/// Checks that the caller may change the roles of accounts. Rows below an authenticator are bound
/// accounts and those of its authors: who is bound there signs in as that account, and a row of an
/// account can hold its roles and its password.
async fn check_may_give_power(exchange: &Exchange) -> Result<(), SpliceFailure> {
    let role = permission::role_of(exchange).await?;
    if !permission::permitted(&role, ROLES)?.may_give_power {
        return Err(ApiError::Forbidden.into());
    }
    Ok(())
}

/// Records which of these authenticators NocoBase has removed. It has done so, whatever fails here.
async fn record_removed(exchange: &Exchange, before: &[Model]) {
    let after = match exchange.app.store.authenticators().await {
        Ok(after) => after,
        Err(error) => {
            let why = Chain(&error);
            log::error!("the audit trail lacks the authenticators that NocoBase removed: {why}");
            return;
        }
    };
    let is_gone = |row: &&Model| after.iter().all(|kept| kept.id != row.id);
    for gone in before.iter().filter(is_gone) {
        permission::record(exchange, Action::AuthenticatorDestroy, &gone.name).await;
    }
}

fn is_of_provider(providers: &Providers, auth_type: &Value) -> bool {
    let auth_type = auth_type.as_str();
    auth_type.is_some_and(|auth_type| providers.has_type(auth_type))
}

/// Which authenticators of providers are in use, by name and by id.
pub struct EffectiveStates {
    providers: Providers,
    /// The type of each authenticator, and whether it is in use.
    names: HashMap<String, (String, bool)>,
    ids: HashMap<i64, (String, bool)>,
}

impl EffectiveStates {
    /// Reads the current state.
    pub async fn load(store: &Store, providers: &Providers) -> Result<Self, StoreError> {
        let rows = store.authenticators().await?.into_iter();
        let rows =
            rows.map(|row: Model| (row.id, row.name, row.auth_type, row.enabled == Some(true)));
        Ok(Self::of(providers, rows))
    }

    fn of(providers: &Providers, rows: impl Iterator<Item = (i64, String, String, bool)>) -> Self {
        let (mut names, mut ids) = (HashMap::new(), HashMap::new());
        for (id, name, auth_type, enabled) in rows {
            if providers.has_type(&auth_type) {
                names.insert(name, (auth_type.clone(), enabled));
                ids.insert(id, (auth_type, enabled));
            }
        }
        Self {
            providers: providers.clone(),
            names,
            ids,
        }
    }

    /// Sets `enabled` to the effective state in rows of provider authenticators, wherever they
    /// appear in an answer, and masks their secrets.
    pub fn show(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.show(item)),
            Value::Object(row) => {
                self.show_row(row);
                row.values_mut().for_each(|inner| self.show(inner));
            }
            _ => {}
        }
    }

    fn show_row(&self, row: &mut Map<String, Value>) {
        let known = match row.get("name") {
            Some(name) => name.as_str().and_then(|name| self.names.get(name)),
            // A client may ask for some columns only, so the name can be missing.
            None => row
                .get("id")
                .and_then(Value::as_i64)
                .and_then(|id| self.ids.get(&id)),
        };
        let marked = row.get_mut("options").and_then(effective_state::take);
        let shown_type = row.get("authType");
        let is_of_provider = match shown_type {
            Some(auth_type) => is_of_provider(&self.providers, auth_type),
            None => marked.is_some() || known.is_some(),
        };
        if !is_of_provider {
            return;
        }
        let shown_type = shown_type.and_then(Value::as_str).map(str::to_owned);
        let auth_type = shown_type.or_else(|| known.map(|(auth_type, _)| auth_type.clone()));
        // The state in NocoBase's answer is newer than the one that was read before the request.
        let is_enabled = marked.or(known.map(|(_, enabled)| *enabled));
        if let (Some(enabled), Some(is_enabled)) = (row.get_mut("enabled"), is_enabled) {
            *enabled = Value::Bool(is_enabled);
        }
        if let Some(options) = row.get_mut("options") {
            options_signature::remove(options);
            self.mask(auth_type.as_deref(), options);
        }
    }

    /// Masks the secrets of an authenticator. Where its type is not known, the secrets of all
    /// providers are masked.
    fn mask(&self, auth_type: Option<&str>, options: &mut Value) {
        let types = self
            .providers
            .iter()
            .map(|provider| provider.names().auth_type);
        for known in types.filter(|known| auth_type.is_none_or(|auth_type| auth_type == *known)) {
            *options = self.providers.masked(known, options);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_are_shown_as_they_are_and_without_secrets_at_any_depth() {
        let providers = crate::provider::tests::all();
        let ding = (2, "ding".to_owned(), "dingtalk".to_owned(), true);
        let states = EffectiveStates::of(&providers, [ding].into_iter());
        let row = json!({
            "id": 2, "name": "ding", "authType": "dingtalk", "enabled": false,
            "options": {"clientSecret": "s3cret", "dingtalkGateway": {"enabled": true}},
        });
        let basic =
            json!({"name": "basic", "authType": "Email/Password", "enabled": true, "options": {}});
        let mut answer = json!({"rows": [row, basic], "one": {"name": "ding", "enabled": false}});
        states.show(&mut answer);
        assert_eq!(answer["rows"][0]["enabled"], true);
        assert_eq!(
            answer["rows"][0]["options"],
            json!({"clientSecret": "********"})
        );
        assert_eq!(answer["rows"][1], basic);
        assert_eq!(answer["one"]["enabled"], true);
        // The answer has only some of the columns.
        let mut few =
            json!([{"id": 2, "enabled": false}, {"id": 1, "enabled": false}, {"enabled": false}]);
        states.show(&mut few);
        let shown: Vec<_> = [0, 1, 2].map(|at| few[at]["enabled"].clone()).into();
        assert_eq!(shown, [true, false, false]);
        // The state that NocoBase has just saved is newer.
        let mut saved = json!({
            "name": "ding", "authType": "dingtalk", "enabled": false,
            "options": {"dingtalkGateway": {"enabled": false}},
        });
        states.show(&mut saved);
        assert_eq!(saved["enabled"], false);
    }
}
