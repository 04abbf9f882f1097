//! Lists and sends events, and makes them arrive late, twice or never.

use actix_web::{
    HttpResponse,
    rt::spawn,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    control_error::ControlError,
    delivery::{announce, check_url},
    state::{
        directory::Happening,
        events::EventSettings,
        platform::Platform,
        subscription::{Push, Subscription},
    },
    stream_connection,
};

/// `GET /_sandbox/events`: each event for each application, with the state of its delivery.
pub async fn list(platform: Data<Platform>) -> HttpResponse {
    let state = platform.lock();
    HttpResponse::Ok().json(state.events.rows().collect::<Vec<_>>())
}

/// An event to send.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wanted {
    event_type: String,
    /// The fields of the event, besides its name.
    #[serde(default)]
    data: Value,
    /// The organization; the sandbox's main one by default.
    corp_id: Option<String>,
}

/// `POST /_sandbox/events`: sends an event to every application of the organization that has
/// subscribed to it.
pub async fn send(platform: Data<Platform>, wanted: Json<Wanted>) -> HttpResponse {
    let wanted = wanted.into_inner();
    let own = &platform.settings().corp_id;
    let corp_id = wanted.corp_id.as_ref().unwrap_or(own);
    let happening = Happening::new(corp_id, &wanted.event_type, wanted.data);
    announce(&platform, &mut platform.lock(), vec![happening]);
    HttpResponse::NoContent().finish()
}

/// `PUT /_sandbox/events`: sets how the sender behaves. Values that are left out get their
/// defaults.
pub async fn set(platform: Data<Platform>, settings: Json<EventSettings>) -> Json<EventSettings> {
    let settings = settings.into_inner();
    platform.lock().events.settings = settings.clone();
    Json(settings)
}

/// `PUT /_sandbox/apps/{clientId}/subscription`: a callback address must answer a check before it
/// is saved.
pub async fn subscribe(
    platform: Data<Platform>,
    client_id: Path<String>,
    subscription: Json<Subscription>,
) -> Result<Json<Subscription>, ControlError> {
    let subscription = subscription.into_inner();
    let unknown = || ControlError::NotFound(format!("app: {client_id}"));
    let corp_id = {
        let state = platform.lock();
        let app = state.apps.get(client_id.as_str()).ok_or_else(unknown)?;
        app.corp_id.clone()
    };
    if let Push::Http(callback) = &subscription.push {
        check_url(&platform, callback, &client_id, &corp_id).await?;
    }
    let mut state = platform.lock();
    let app = state.apps.get_mut(client_id.as_str()).ok_or_else(unknown)?;
    app.subscription = subscription.clone();
    Ok(Json(subscription))
}

/// `GET /_sandbox/stream`: lists the open connections.
pub async fn connections(platform: Data<Platform>) -> HttpResponse {
    HttpResponse::Ok().json(platform.lock().stream.connections())
}

/// Which connections are closed, and how.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ending {
    how: How,
    /// The application whose connections are closed; all by default.
    client_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum How {
    /// A frame asks the application to disconnect, and the connection is closed a while later.
    Disconnect,
    /// The connection is closed without warning.
    Abrupt,
}

/// `POST /_sandbox/stream/close`.
pub async fn close(platform: Data<Platform>, ending: Json<Ending>) -> HttpResponse {
    let client_id = ending.client_id.as_deref();
    let mut state = platform.lock();
    match ending.how {
        How::Disconnect => {
            let now = state.clock.now();
            let dismissed = state.stream.dismiss(client_id, now);
            spawn(stream_connection::see_off(platform.clone(), dismissed));
        }
        How::Abrupt => {
            let wanted = |id: &str| client_id.is_none_or(|wanted| wanted == id);
            state.stream.cut(|connection| wanted(&connection.client_id));
        }
    }
    HttpResponse::NoContent().finish()
}
