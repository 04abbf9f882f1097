//! `authenticators:*` as NocoBase answers it, with DingTalk's as they truly are and without their
//! secrets.

use std::collections::HashMap;

use actix_web::web;
use entity::authenticator;
use serde_json::{Map, Value};

use super::{Outcome, change};
use crate::api::address::Address;
use crate::api::authenticators as api;
use crate::domain::audit::Action;
use crate::domain::plugin;
use crate::gateway::{Edge, permission};
use crate::store::{Store, StoreError, true_state};

/// `authenticators:listTypes`.
pub async fn types(edge: &Edge<'_>, payload: web::Payload) -> Outcome {
    let enabled = plugin::own_is_enabled(&edge.app.store).await?;
    let own = &plugin::manifest().auth_type;
    change(edge, payload, |types| {
        if let Value::Array(types) = types
            && enabled
            && types.iter().all(|known| known["name"] != **own)
        {
            types.push(api::own_type());
        }
    })
    .await
}

/// `authenticators:publicList`: NocoBase lists what it knows, and we what it must not know of, in
/// the order of the sign-in page.
pub async fn public_list(edge: &Edge<'_>, payload: web::Payload) -> Outcome {
    let store = &edge.app.store;
    let own_type = &plugin::manifest().auth_type;
    let plugin_is_on = plugin::own_is_enabled(store).await?;
    let rows = store.enabled_authenticators().await?;
    let mut own = HashMap::new();
    for row in rows.iter().filter(|row| row.auth_type == *own_type) {
        own.insert(row.id, api::public_entry(edge.app, row).await?);
    }
    change(edge, payload, |listed| {
        let Value::Array(items) = listed else { return };
        items.retain(|item| item["authType"] != **own_type);
        let mut theirs = std::mem::take(items);
        for row in &rows {
            if row.auth_type == *own_type {
                items.extend(own.remove(&row.id).filter(|_| plugin_is_on));
            } else if let Some(at) = theirs.iter().position(|item| item["name"] == *row.name) {
                items.push(theirs.remove(at));
            }
        }
        // Of what the database does not tell the place.
        items.append(&mut theirs);
    })
    .await
}

/// Any other action on authenticators that shows them.
pub async fn shown(edge: &Edge<'_>, address: &Address, payload: web::Payload) -> Outcome {
    let store = &edge.app.store;
    let destroys = address.action == "destroy";
    let before = if destroys {
        names(store).await?
    } else {
        Vec::new()
    };
    let truth = Truth::load(store).await?;
    let outcome = change(edge, payload, |data| truth.show(data)).await;
    edge.app.names.forget().await;
    if destroys
        && outcome
            .as_ref()
            .is_ok_and(|answer| answer.status().is_success())
    {
        let after = names(store).await?;
        for gone in before.iter().filter(|name| !after.contains(name)) {
            permission::record(edge, Action::AuthenticatorDestroy, gone).await;
        }
    }
    outcome
}

async fn names(store: &Store) -> Result<Vec<String>, StoreError> {
    let rows = store.authenticators().await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Which DingTalk authenticators are in use, by name and by id.
pub struct Truth {
    names: HashMap<String, bool>,
    ids: HashMap<i64, bool>,
}

impl Truth {
    /// As it is now.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        let own_type = &plugin::manifest().auth_type;
        let rows = store.authenticators().await?.into_iter();
        let own = rows.filter(|row| row.auth_type == *own_type);
        Ok(Self::of(own.map(|row: authenticator::Model| {
            (row.id, row.name, row.enabled == Some(true))
        })))
    }

    fn of(rows: impl Iterator<Item = (i64, String, bool)>) -> Self {
        let (mut names, mut ids) = (HashMap::new(), HashMap::new());
        for (id, name, enabled) in rows {
            names.insert(name, enabled);
            ids.insert(id, enabled);
        }
        Self { names, ids }
    }

    /// Puts the truth into rows of DingTalk authenticators, wherever they stand in an answer, and
    /// masks in place of their secrets.
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
        let own_type = &plugin::manifest().auth_type;
        let known = match row.get("name") {
            Some(name) => name.as_str().and_then(|name| self.names.get(name)),
            // A client can ask for some columns only.
            None => row
                .get("id")
                .and_then(Value::as_i64)
                .and_then(|id| self.ids.get(&id)),
        };
        let known = known.copied();
        let marked = row.get_mut("options").and_then(true_state::take);
        let is_own = match row.get("authType") {
            Some(auth_type) => *auth_type == **own_type,
            None => marked.is_some() || known.is_some(),
        };
        if !is_own {
            return;
        }
        // NocoBase's own answer is newer than what was read before it.
        if let (Some(enabled), Some(truth)) = (row.get_mut("enabled"), marked.or(known)) {
            *enabled = Value::Bool(truth);
        }
        if let Some(options) = row.get_mut("options") {
            *options = api::masked(own_type, options);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_are_shown_as_they_are_and_without_secrets_at_any_depth() {
        let truth = Truth::of([(2, "ding".to_owned(), true)].into_iter());
        let row = json!({
            "id": 2, "name": "ding", "authType": "dingtalk", "enabled": false,
            "options": {"clientSecret": "s3cret", "dingtalkGateway": {"enabled": true}},
        });
        let basic =
            json!({"name": "basic", "authType": "Email/Password", "enabled": true, "options": {}});
        let mut answer = json!({"rows": [row, basic], "one": {"name": "ding", "enabled": false}});
        truth.show(&mut answer);
        assert_eq!(answer["rows"][0]["enabled"], true);
        assert_eq!(
            answer["rows"][0]["options"],
            json!({"clientSecret": "********"})
        );
        assert_eq!(answer["rows"][1], basic);
        assert_eq!(answer["one"]["enabled"], true);
        // With only some of the columns.
        let mut few =
            json!([{"id": 2, "enabled": false}, {"id": 1, "enabled": false}, {"enabled": false}]);
        truth.show(&mut few);
        let shown: Vec<_> = [0, 1, 2].map(|at| few[at]["enabled"].clone()).into();
        assert_eq!(shown, [true, false, false]);
        // What NocoBase has just saved is newer.
        let mut saved = json!({
            "name": "ding", "authType": "dingtalk", "enabled": false,
            "options": {"dingtalkGateway": {"enabled": false}},
        });
        truth.show(&mut saved);
        assert_eq!(saved["enabled"], false);
    }
}
