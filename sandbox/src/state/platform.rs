//! The state of the platform, shared by all its endpoints.

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

/// The state behind one lock: a sandbox has no throughput to protect, and each call sees it whole.
pub struct Platform {
    settings: Settings,
    http: reqwest::Client,
    state: Mutex<State>,
}

impl Platform {
    /// The seeded platform, and what it calls applications with.
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

    /// What this platform was started with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What it calls applications with.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The state. A panic elsewhere must not take the sandbox down with it, hence no poisoning.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to the seed, the clock included.
    pub fn reset(&self) {
        let mut state = self.lock();
        // Whoever waits for a connection looks again, and finds nothing more to do.
        state.stream.arrival.notify_waiters();
        let seeded = State::seeded(&self.settings);
        let before = std::mem::replace(&mut *state, seeded);
        state.events.continue_numbers_of(&before.events);
    }
}

/// Everything that calls read and change.
pub struct State {
    /// The time that codes and tokens go by.
    pub clock: Clock,
    /// Apps by client ID.
    pub apps: BTreeMap<String, App>,
    /// Organisations, their departments, and everybody.
    pub directory: Directory,
    /// One-time codes not used yet.
    pub codes: Codes,
    /// Access and refresh tokens in force.
    pub tokens: Tokens,
    /// Events that were sent.
    pub events: Events,
    /// Messages that people got.
    pub messages: Messages,
    /// Connections through which they are sent.
    pub stream: Stream,
    /// Failures that are due.
    pub faults: Faults,
    /// Failures of the client that are due.
    pub webview_faults: WebviewFaults,
    /// What was asked so far.
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

/// The organisations and people of the beginning, or a generated company in the place of the first one's.
fn directory(settings: &Settings) -> Directory {
    let mut directory = Directory::default();
    directory.found(&settings.corp_id, seed::ORGANISATION);
    directory.found(seed::OTHER_CORP_ID, seed::OTHER_ORGANISATION);
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
