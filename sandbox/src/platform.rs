//! The state of the platform, shared by all its endpoints.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    app::App,
    clock::Clock,
    codes::Codes,
    faults::Faults,
    oauth::{self, RedirectUriError},
    person::Person,
    request_log::RequestLog,
    seed,
    settings::Settings,
    tokens::Tokens,
    webview::WebviewFaults,
};

/// The state behind one lock: a sandbox has no throughput to protect, and each call sees it whole.
pub struct Platform {
    settings: Settings,
    state: Mutex<State>,
}

impl Platform {
    /// The seeded platform.
    pub fn new(settings: Settings) -> Result<Self, RedirectUriError> {
        for uri in &settings.redirect_uris {
            oauth::check_registration(uri)?;
        }
        let state = Mutex::new(State::seeded(&settings));
        Ok(Self { settings, state })
    }

    /// What this platform was started with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The state. A panic elsewhere must not take the sandbox down with it, hence no poisoning.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to the seed, the clock included.
    pub fn reset(&self) {
        *self.lock() = State::seeded(&self.settings);
    }
}

/// Everything that calls read and change.
pub struct State {
    /// The time that codes and tokens go by.
    pub clock: Clock,
    /// Apps by client ID.
    pub apps: BTreeMap<String, App>,
    /// Names of organisations by corp ID; one that is not here is unknown.
    pub organisations: BTreeMap<String, String>,
    /// Everybody, in the order of the login page.
    pub people: Vec<Person>,
    /// One-time codes not used yet.
    pub codes: Codes,
    /// Access and refresh tokens in force.
    pub tokens: Tokens,
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
            name: seed::APP_NAME.to_owned(),
            redirect_uris: settings.redirect_uris.clone(),
            permissions: App::all_permissions(),
            string_types: false,
            contact_scope: crate::app::ContactScope::default(),
        };
        let mut people = seed::people();
        for person in &mut people {
            if person.corp_id == seed::CORP_ID {
                person.corp_id.clone_from(&settings.corp_id);
            }
        }
        Self {
            clock: Clock::default(),
            apps: BTreeMap::from([(app.client_id.clone(), app)]),
            organisations: BTreeMap::from([
                (settings.corp_id.clone(), seed::ORGANISATION.to_owned()),
                (
                    seed::OTHER_CORP_ID.to_owned(),
                    seed::OTHER_ORGANISATION.to_owned(),
                ),
            ]),
            people,
            codes: Codes::default(),
            tokens: Tokens::default(),
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
        self.people.iter().find(|person| person.id == id)
    }

    /// Name of an organisation; its id if it has none here.
    pub fn organisation_name<'a>(&'a self, corp_id: &'a str) -> &'a str {
        self.organisations
            .get(corp_id)
            .map_or(corp_id, String::as_str)
    }

    /// The record of an organisation that a condition picks out; external contacts included.
    pub fn record(&self, corp_id: &str, wanted: impl Fn(&Person) -> bool) -> Option<&Person> {
        self.people
            .iter()
            .find(|person| person.corp_id == corp_id && wanted(person))
    }
}
