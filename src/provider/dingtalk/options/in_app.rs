//! What a page inside DingTalk's client needs to ask it for a code.

use serde::Serialize;

use super::{AutoSignInBy, DingTalkOptions};

/// The values with which a page inside DingTalk asks for a code. Visitors may know them: the Client
/// ID is in the address of the login page, and the Corp ID is not secret either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InAppParameters<'a> {
    /// The Client ID of the application.
    pub client_id: &'a str,
    /// The Corp ID of the organization.
    pub corp_id: &'a str,
}

impl DingTalkOptions {
    /// What pages inside DingTalk need to ask its client for a code, if people are to be signed in by that.
    pub fn in_app(&self) -> Option<InAppParameters<'_>> {
        let by_code = self.public.auto_sign_in_by == AutoSignInBy::ClientCode;
        let by_code = by_code && self.public.auto_sign_in;
        let corp_id = self.corp_id().filter(|_| by_code)?;
        Some(InAppParameters {
            client_id: &self.client_id,
            corp_id,
        })
    }
}
