//! The parts that only the standalone server has and that its actions use.

use std::sync::Arc;

use super::web::WebClient;
use crate::edge::envelope::Rendered;
use crate::edge::open_pages::Hub;
use crate::store::DerivedValue;

/// What actions of the standalone server use beside the state.
pub struct Parts {
    /// Files and pages.
    pub web: WebClient,
    /// Prepared answers.
    pub answers: Answers,
    /// The pages that are open.
    pub pages: Arc<Hub>,
}

impl Parts {
    /// The parts with this web client; no page is open yet.
    pub fn new(web: WebClient) -> Self {
        Self {
            web,
            answers: Answers::default(),
            pages: Arc::default(),
        }
    }
}

/// Answers that are the same for everybody until the settings change, serialised in advance.
#[derive(Default)]
pub struct Answers {
    /// `app:getInfo`.
    pub get_info: DerivedValue<Rendered>,
    /// `authenticators:publicList`.
    pub public_list: DerivedValue<Rendered>,
    /// `pm:listEnabled`.
    pub list_enabled: DerivedValue<Rendered>,
    /// `pm:listEnabledV2`.
    pub list_enabled_v2: DerivedValue<Rendered>,
}
