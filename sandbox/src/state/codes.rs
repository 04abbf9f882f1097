//! One-time codes. There are two kinds, which are never interchangeable: the code of the login
//! page, and the code that DingTalk's client issues to a page inside it.

use std::collections::HashMap;

use uuid::Uuid;

use crate::state::app::App;

/// The lifetime of a code: five minutes. This is documented for in-app codes; for codes of the
/// login page, no figure is published.
const LIFETIME_SECONDS: i64 = 5 * 60;

/// What a code was issued for.
#[derive(Clone)]
pub enum Purpose {
    /// A sign-in on the login page, for one app.
    OAuth {
        /// The app.
        client_id: String,
        /// The organization that was chosen while signing in; only with the scope `corpid`.
        corp_id: Option<String>,
    },
    /// A page inside DingTalk's client, for one organization.
    InApp {
        /// The organization.
        corp_id: String,
        /// The app, if the page has named it, as it does in the current form of the call.
        client_id: Option<String>,
    },
}

struct Code {
    purpose: Purpose,
    person: String,
    expires_at: i64,
}

/// What a code of the login page is exchanged for.
pub struct Consent {
    /// The sandbox id of the person.
    pub person: String,
    /// The organization that was chosen while signing in; only with the scope `corpid`.
    pub corp_id: Option<String>,
}

/// The codes that were issued and not yet used.
#[derive(Default)]
pub struct Codes(HashMap<String, Code>);

impl Codes {
    /// Issues a code for a person.
    pub fn issue(&mut self, purpose: Purpose, person: &str, now: i64) -> String {
        self.0.retain(|_, code| code.expires_at > now);
        let value = Uuid::new_v4().simple().to_string();
        let code = Code {
            purpose,
            person: person.to_owned(),
            expires_at: now.saturating_add(LIFETIME_SECONDS),
        };
        self.0.insert(value.clone(), code);
        value
    }

    /// Uses up a code of the login page that was issued for this app. A code of another kind, or of
    /// another app, is refused and stays usable.
    pub fn redeem_oauth(&mut self, value: &str, client_id: &str, now: i64) -> Option<Consent> {
        let code = self.0.get(value).filter(|code| code.expires_at > now)?;
        let Purpose::OAuth {
            client_id: owner,
            corp_id,
        } = &code.purpose
        else {
            return None;
        };
        if owner != client_id {
            return None;
        }
        let consent = Consent {
            person: code.person.clone(),
            corp_id: corp_id.clone(),
        };
        self.0.remove(value);
        Some(consent)
    }

    /// Uses up an in-app code that this app may use, and returns its person.
    pub fn redeem_in_app(&mut self, value: &str, app: &App, now: i64) -> Option<String> {
        let code = self.0.get(value).filter(|code| code.expires_at > now)?;
        match &code.purpose {
            Purpose::InApp { corp_id, client_id }
                if *corp_id == app.corp_id
                    && client_id.as_ref().is_none_or(|id| *id == app.client_id) => {}
            _ => return None,
        }
        self.0.remove(value).map(|code| code.person)
    }
}
