//! Creates and changes apps.

use actix_web::web::{Data, Json, Path};

use crate::control_error::ControlError;
use serde_json::json;

use crate::{
    delivery::announce,
    state::{
        app::{App, AppChange, ContactScope},
        directory::Happening,
        platform::Platform,
        seed,
        subscription::Subscription,
    },
};

/// `PUT /_sandbox/apps/{clientId}`: values that the body leaves out stay as they are. A new app
/// needs a secret and an organization.
pub async fn put(
    platform: Data<Platform>,
    client_id: Path<String>,
    change: Json<AppChange>,
) -> Result<Json<App>, ControlError> {
    let mut state = platform.lock();
    let change = change.into_inner();
    let mut app = match state.apps.get(client_id.as_str()) {
        Some(app) => app.clone(),
        None => create(client_id.into_inner(), &change, state.apps.len())?,
    };
    let seen_before = app.contact_scope.clone();
    app.change(change)?;
    // An organization begins to exist when an app belongs to it.
    state.directory.found(&app.corp_id, &app.corp_id);
    state.apps.insert(app.client_id.clone(), app.clone());
    if app.contact_scope != seen_before {
        let scope = &app.contact_scope;
        let data = json!({"userIds": scope.people, "deptIds": scope.departments});
        let changed = Happening::new(&app.corp_id, "inner_app_scopes_change", data);
        announce(&platform, &mut state, vec![changed]);
    }
    Ok(Json(app))
}

fn create(client_id: String, given: &AppChange, known: usize) -> Result<App, ControlError> {
    let (Some(client_secret), Some(corp_id)) = (&given.client_secret, &given.corp_id) else {
        let message = "a new app needs clientSecret and corpId";
        return Err(ControlError::Request(message.to_owned()));
    };
    Ok(App {
        name: client_id.clone(),
        client_id,
        client_secret: client_secret.clone(),
        corp_id: corp_id.clone(),
        agent_id: seed::AGENT_ID.saturating_add(i64::try_from(known).unwrap_or_default()),
        redirect_uris: Vec::new(),
        permissions: App::all_permissions(),
        string_types: false,
        contact_scope: ContactScope::default(),
        subscription: Subscription::default(),
    })
}
