//! What only a server without a NocoBase has, and its actions reach.

use std::sync::Arc;

use super::web::WebClient;
use crate::edge::envelope::Rendered;
use crate::edge::open_pages::Hub;
use crate::store::Derived;

/// What the actions of a server without a NocoBase reach beside the state.
pub struct Parts {
    /// Files and pages.
    pub web: WebClient,
    /// Answers that are ready to be sent.
    pub answers: Answers,
    /// The pages that are open.
    pub pages: Arc<Hub>,
}

impl Parts {
    /// With this web client; no page is open yet.
    pub fn new(web: WebClient) -> Self {
        Self {
            web,
            answers: Answers::default(),
            pages: Arc::default(),
        }
    }
}

/// Answers that are the same for everybody until the settings change, ready to be sent.
#[derive(Default)]
pub struct Answers {
    /// `app:getInfo`.
    pub get_info: Derived<Rendered>,
    /// `authenticators:publicList`.
    pub public_list: Derived<Rendered>,
    /// `pm:listEnabled`.
    pub list_enabled: Derived<Rendered>,
    /// `pm:listEnabledV2`.
    pub list_enabled_v2: Derived<Rendered>,
}
