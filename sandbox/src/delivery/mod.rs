//! Delivers each event to every application of the organization that has subscribed to it, until it
//! is acknowledged or given up.

mod callback;

use std::time::Duration;

use actix_web::{
    rt::{spawn, time::sleep},
    web::Data,
};
use tokio::time::timeout;

pub use callback::{CallbackError, check_url};

use crate::state::{
    directory::Happening,
    event::Event,
    platform::{Platform, State},
    subscription::{Callback, Push},
};

/// Delivers what has happened, in the background.
pub fn announce(platform: &Data<Platform>, state: &mut State, happenings: Vec<Happening>) {
    for happening in happenings {
        let event = Event::new(happening, state.clock.now());
        let wanting: Vec<_> = state
            .apps
            .values()
            .filter(|app| app.corp_id == event.happening.corp_id)
            .filter(|app| app.subscription.wants(&event.happening.event_type))
            .map(|app| app.client_id.clone())
            .collect();
        for client_id in wanting {
            for _ in 0..=state.events.settings.duplicates {
                let number = state.events.begin(event.clone(), &client_id);
                spawn(deliver(platform.clone(), number));
            }
        }
    }
}

/// Repeats the attempts until there are no more.
async fn deliver(platform: Data<Platform>, number: u64) {
    let pause = platform.lock().events.pause();
    if !pause.is_zero() {
        sleep(pause).await;
    }
    while let Some(way) = way(&platform, number) {
        let pause = match way {
            Way::Stream => stream(&platform, number).await,
            Way::Callback(callback) => {
                let accepted = callback::send(&platform, number, &callback).await;
                platform.lock().events.called_back(number, accepted)
            }
        };
        match pause {
            Some(pause) => sleep(pause).await,
            None => return,
        }
    }
}

enum Way {
    Stream,
    Callback(Callback),
}

/// How the application wants to receive the event at the moment. None if the delivery is done or
/// forgotten, or the application no longer wants it.
fn way(platform: &Platform, number: u64) -> Option<Way> {
    let mut state = platform.lock();
    let client_id = &state.events.on_its_way(number)?.client_id;
    let push = state.apps.get(client_id).map(|app| &app.subscription.push);
    match push {
        Some(Push::Stream) => Some(Way::Stream),
        Some(Push::Http(callback)) => Some(Way::Callback(callback.clone())),
        Some(Push::Off) | None => {
            state.events.give_up(number);
            None
        }
    }
}

/// Sends an event over a connection and waits for the acknowledgement. Returns the pause before the
/// next attempt.
async fn stream(platform: &Data<Platform>, number: u64) -> Option<Duration> {
    let keep = Duration::from_millis(platform.lock().events.settings.keep_ms);
    let Ok(sent) = timeout(keep, sent(platform, number)).await else {
        platform.lock().events.give_up(number);
        return None;
    };
    let patience = Duration::from_millis(platform.lock().events.settings.redelivery_ms);
    let said = timeout(patience, sent?).await;
    let timed_out = said.is_err();
    let answer = said.ok().and_then(Result::ok);
    let mut state = platform.lock();
    if timed_out {
        state.stream.forget_impatient();
    }
    let pause = state.events.streamed(number, answer)?;
    // When nobody answered, the pause has already passed while waiting.
    Some(if timed_out { Duration::ZERO } else { pause })
}

/// Sends the event as soon as there is a connection. Returns none if the application no longer
/// wants it.
async fn sent(
    platform: &Data<Platform>,
    number: u64,
) -> Option<tokio::sync::oneshot::Receiver<bool>> {
    loop {
        let arrival = platform.lock().stream.arrival.clone();
        let arrived = arrival.notified();
        tokio::pin!(arrived);
        // The notification is registered before the check, so that no new connection is missed.
        arrived.as_mut().enable();
        {
            let state = &mut *platform.lock();
            let delivery = state.events.on_its_way(number)?;
            let app = state.apps.get(&delivery.client_id)?;
            let form = app.subscription.form;
            let now = state.clock.now();
            let stream = &mut state.stream;
            let will_say = stream.send(&delivery.client_id, &delivery.event, form, now);
            if will_say.is_some() {
                return will_say;
            }
        }
        arrived.await;
    }
}
