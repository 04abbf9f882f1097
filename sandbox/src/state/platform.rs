//! The state of the platform, which all its endpoints share.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::state::{
    app::App,
    clock::Clock,
    codes::Codes,
    directory::Directory,
    events::Events,
    faults::Faults,
    messages::Messages,
    person::Person,
    redirect_uri::{self, RedirectUriError},
    request_log::RequestLog,
    seed,
    settings::Settings,
    stream::Stream,
    subscription::Subscription,
    tokens::Tokens,
    webview_faults::WebviewFaults,
};

/// The state behind one lock. A sandbox needs no high throughput, and with one lock each call sees
/// a consistent state.
pub struct Platform {
    settings: Settings,
    http: reqwest::Client,
    state: Mutex<State>,
}

impl Platform {
    /// Creates the seeded platform, with the client that calls applications.
    pub fn new(settings: Settings, http: reqwest::Client) -> Result<Self, RedirectUriError> {
        for uri in &settings.redirect_uris {
            redirect_uri::check_registration(uri)?;
        }
        let state = Mutex::new(State::seeded(&settings));
        Ok(Self {
            settings,
            http,
            state,
        })
    }

    /// The settings with which this platform was started.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The client that calls applications.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The state. Poisoning of the lock is ignored, so that a panic in one call does not break the
    /// others.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Restores the seed and the clock.
    pub fn reset(&self) {
        let mut state = self.lock();
        // Tasks that wait for a connection wake up and find nothing to do.
        state.stream.arrival.notify_waiters();
        let seeded = State::seeded(&self.settings);
        let before = std::mem::replace(&mut *state, seeded);
        state.events.continue_numbers_of(&before.events);
    }
}

/// Everything that calls read and change.
pub struct State {
    /// The time by which codes and tokens expire.
    pub clock: Clock,
    /// The apps by client ID.
    pub apps: BTreeMap<String, App>,
    /// The organizations, their departments and all people.
    pub directory: Directory,
    /// The one-time codes that are not used yet.
    pub codes: Codes,
    /// The valid access and refresh tokens.
    pub tokens: Tokens,
    /// The events that were sent.
    pub events: Events,
    /// The messages that people received.
    pub messages: Messages,
    /// The open connections of the Stream.
    pub stream: Stream,
    /// The failures that are due.
    pub faults: Faults,
    /// The failures of DingTalk's client that are due.
    pub webview_faults: WebviewFaults,
    /// The requests so far.
    pub requests: RequestLog,
}

impl State {
    fn seeded(settings: &Settings) -> Self {
        let app = App {
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            corp_id: settings.corp_id.clone(),
            agent_id: seed::AGENT_ID,
            name: seed::APP_NAME.to_owned(),
            redirect_uris: settings.redirect_uris.clone(),
            permissions: App::all_permissions(),
            string_types: false,
            contact_scope: crate::state::app::ContactScope::default(),
            subscription: Subscription::default(),
        };
        Self {
            clock: Clock::default(),
            apps: BTreeMap::from([(app.client_id.clone(), app)]),
            directory: directory(settings),
            codes: Codes::default(),
            tokens: Tokens::default(),
            events: Events::default(),
            messages: Messages::default(),
            stream: Stream::default(),
            faults: Faults::default(),
            webview_faults: WebviewFaults::default(),
            requests: RequestLog::default(),
        }
    }

    /// The app with these credentials.
    pub fn authenticate(&self, client_id: &str, client_secret: &str) -> Option<&App> {
        self.apps
            .get(client_id)
            .filter(|app| app.client_secret == client_secret)
    }

    /// The person with this sandbox id.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.directory.people().by_id(id)
    }
}

/// The organizations and people at the start, or a generated company in place of the first
/// organization's.
fn directory(settings: &Settings) -> Directory {
    let mut directory = Directory::default();
    directory.found(&settings.corp_id, seed::ORGANIZATION);
    directory.found(seed::OTHER_CORP_ID, seed::OTHER_ORGANIZATION);
    if let Some(company) = settings.company {
        directory.generate(&settings.corp_id, company);
    } else {
        for department in seed::departments() {
            let created = directory.create_department(&settings.corp_id, department);
            debug_assert!(created.is_ok(), "the seed is in order");
        }
    }
    for mut person in seed::people() {
        if person.corp_id == seed::CORP_ID {
            if settings.company.is_some() {
                continue;
            }
            person.corp_id.clone_from(&settings.corp_id);
        }
        let hired = directory.hire(person);
        debug_assert!(hired.is_ok(), "the seed is in order");
    }
    directory
}
