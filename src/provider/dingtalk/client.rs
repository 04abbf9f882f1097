//! Calls to DingTalk: one typed method each, with time limits.
//!
//! The old interfaces take the access token in the query, so no URL of this file is ever logged or
//! put into an error.

use std::sync::Arc;

use reqwest::RequestBuilder;
use reqwest::header::ACCEPT;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use url::Url;

use super::breaker::Breaker;
use super::error::DingTalkError;
use super::transport::{below, connections, send, unexpected_status, unreadable};
use super::wire::{
    AppToken, AppTokenRequest, ByCode, ByUnionId, ByUserId, Employee, FailedCallbacks, InAppUser,
    Me, NewError, OldAnswer, OrganizationTokenRequest, OrganizationUser, Scopes, UserToken,
    UserTokenRequest,
};
use crate::config::DingTalkHosts;
use crate::metrics::Calls;

type Result<T> = std::result::Result<T, DingTalkError>;

/// Connections to DingTalk, kept open between calls.
#[derive(Clone)]
pub struct DingTalkClient {
    http: reqwest::Client,
    hosts: DingTalkHosts,
    api: Arc<Breaker>,
    oapi: Arc<Breaker>,
    calls: Calls,
}

impl DingTalkClient {
    /// A client for these hosts, whose calls are counted. Fails when the machine offers no TLS.
    pub fn new(hosts: DingTalkHosts, calls: Calls) -> std::result::Result<Self, reqwest::Error> {
        Ok(Self {
            http: connections(hosts.are_local())?,
            hosts,
            api: Arc::new(Breaker::new()),
            oapi: Arc::new(Breaker::new()),
            calls,
        })
    }

    /// The hosts that are called, with the states of their breakers.
    pub fn breakers(&self) -> Vec<(&'static str, &'static str)> {
        vec![("api", self.api.state()), ("oapi", self.oapi.state())]
    }

    /// The host of the login page.
    pub fn login_host(&self) -> &Url {
        &self.hosts.login
    }

    /// The address of the script that embeds the login page in another page, if there is one.
    pub fn login_script(&self) -> Option<&Url> {
        self.hosts.login_script.as_ref()
    }

    /// Exchanges an authorization code for an access token of the person. This is never repeated,
    /// because the first attempt uses the code up, whatever the answer was.
    pub async fn user_token(
        &self,
        client_id: &str,
        client_secret: &str,
        code: &str,
    ) -> Result<UserToken> {
        let body = UserTokenRequest {
            client_id,
            client_secret,
            code,
            grant_type: "authorization_code",
        };
        let url = self.api(["v1.0", "oauth2", "userAccessToken"])?;
        let request = self.http.post(url.clone()).json(&body);
        self.counted(&url, self.new_answer(request)).await
    }

    /// The person to whom an access token belongs.
    pub async fn me(&self, user_token: &str) -> Result<Me> {
        let url = self.api(["v1.0", "contact", "users", "me"])?;
        let request = self.http.get(url.clone());
        let request = request.header("x-acs-dingtalk-access-token", user_token);
        self.counted(&url, self.new_answer(request)).await
    }

    /// An access token of the application.
    pub async fn app_token(&self, client_id: &str, client_secret: &str) -> Result<AppToken> {
        let body = AppTokenRequest {
            app_key: client_id,
            app_secret: client_secret,
        };
        let url = self.api(["v1.0", "oauth2", "accessToken"])?;
        let request = self.http.post(url.clone()).json(&body);
        self.counted(&url, self.new_answer(request)).await
    }

    /// Whether the organization has the application. The token in the answer is not needed, because
    /// [`Self::app_token`] gives the same one.
    pub async fn organization_has_app(
        &self,
        corp_id: &str,
        client_id: &str,
        client_secret: &str,
    ) -> Result<()> {
        let body = OrganizationTokenRequest {
            client_id,
            client_secret,
            grant_type: "client_credentials",
        };
        let url = self.api(["v1.0", "oauth2", corp_id, "token"])?;
        let request = self.http.post(url.clone()).json(&body);
        // All organizations are counted under one name.
        let counted = self.api(["v1.0", "oauth2", "corpId", "token"])?;
        let answer = self.counted(&counted, self.new_answer::<IgnoredAny>(request));
        match answer.await {
            Ok(_) => Ok(()),
            // This is DingTalk's answer for an organization that does not exist.
            Err(DingTalkError::Busy(code)) if code.starts_with("unknownError") => {
                Err(DingTalkError::Organization(code))
            }
            Err(error) => Err(error),
        }
    }

    /// The person for whom an in-app code was issued. This is not repeated once DingTalk has
    /// accepted the access token, because the code is used up then, whatever the answer was.
    pub async fn in_app_user(&self, app_token: &str, code: &str) -> Result<InAppUser> {
        let url = self.oapi(["topapi", "v2", "user", "getuserinfo"], app_token)?;
        self.old_answer(url, &ByCode { code }).await
    }

    /// The member of the organization with this unionId.
    pub async fn user_by_union_id(
        &self,
        app_token: &str,
        union_id: &str,
    ) -> Result<OrganizationUser> {
        let url = self.oapi(["topapi", "user", "getbyunionid"], app_token)?;
        self.old_answer(url, &ByUnionId { unionid: union_id }).await
    }

    /// What the organization knows about one of its people.
    pub async fn employee(&self, app_token: &str, user_id: &str) -> Result<Employee> {
        let url = self.oapi(["topapi", "v2", "user", "get"], app_token)?;
        let asked = ByUserId {
            userid: user_id,
            language: "zh_CN",
        };
        self.old_answer(url, &asked).await
    }

    /// The part of the organization's contacts that the application may read.
    pub async fn scopes(&self, app_token: &str) -> Result<Scopes> {
        let url = self.oapi(["auth", "scopes"], app_token)?;
        self.get_beside(url).await
    }

    /// Callbacks that were not answered. DingTalk forgets what it gives.
    pub async fn failed_callbacks(&self, app_token: &str) -> Result<FailedCallbacks> {
        let url = self.oapi(["call_back", "get_call_back_failed_result"], app_token)?;
        self.get_beside(url).await
    }

    async fn get_beside<T: DeserializeOwned>(&self, url: Url) -> Result<T> {
        let request = self.http.get(url.clone());
        self.counted(&url, self.read_beside(request)).await
    }

    /// A call of the old interfaces whose values stand beside the code.
    pub(super) async fn answer_beside<T: DeserializeOwned>(
        &self,
        url: Url,
        body: &impl Serialize,
    ) -> Result<T> {
        let request = self.http.post(url.clone()).json(body);
        self.counted(&url, self.read_beside(request)).await
    }

    /// A call of the new interfaces with the application's token.
    pub(super) async fn new_with_token<T: DeserializeOwned>(
        &self,
        url: Url,
        app_token: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        let request = self.http.post(url.clone()).json(body);
        let request = request.header("x-acs-dingtalk-access-token", app_token);
        self.counted(&url, self.new_answer(request)).await
    }

    /// A call of the new interfaces without a token, which brings its own credentials.
    pub(super) async fn new_without_token<T: DeserializeOwned>(
        &self,
        url: Url,
        body: &impl Serialize,
    ) -> Result<T> {
        let request = self.http.post(url.clone()).json(body);
        // Without this header the Stream's gateway answers in XML.
        let request = request.header(ACCEPT, "application/json");
        self.counted(&url, self.new_answer(request)).await
    }

    /// A request to another address, to which only DingTalk can have pointed.
    pub(super) fn get(&self, url: Url) -> RequestBuilder {
        self.http.get(url)
    }

    async fn read_beside<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let (status, body) = send(&self.oapi, request).await?;
        let answer: OldAnswer<IgnoredAny> =
            serde_json::from_slice(&body).map_err(|error| unreadable(status, &error))?;
        if let Some(error) = DingTalkError::from_old(&answer) {
            return Err(error);
        }
        // An answer without a code may be somebody else's, such as a proxy's in between.
        if !status.is_success() {
            return Err(unexpected_status(status));
        }
        serde_json::from_slice(&body).map_err(|error| unreadable(status, &error))
    }

    pub(super) fn api<const N: usize>(&self, path: [&str; N]) -> Result<Url> {
        below(&self.hosts.api, &path)
    }

    pub(super) fn oapi<const N: usize>(&self, path: [&str; N], app_token: &str) -> Result<Url> {
        let mut url = below(&self.hosts.oapi, &path)?;
        url.query_pairs_mut().append_pair("access_token", app_token);
        Ok(url)
    }

    async fn new_answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let (status, body) = send(&self.api, request).await?;
        if status.is_success()
            && let Ok(answer) = serde_json::from_slice(&body)
        {
            return Ok(answer);
        }
        match serde_json::from_slice::<NewError>(&body) {
            Ok(error) => Err(DingTalkError::from_new(status.as_u16(), &error)),
            Err(error) => Err(unreadable(status, &error)),
        }
    }

    /// Counts a call to this address and its outcome.
    async fn counted<T>(&self, url: &Url, call: impl Future<Output = Result<T>>) -> Result<T> {
        let begun = self.calls.begin(url.path());
        let answer = call.await;
        begun.end(answer.as_ref().err().map_or("ok", DingTalkError::label));
        answer
    }

    pub(super) async fn old_answer<T: DeserializeOwned>(
        &self,
        url: Url,
        body: &impl Serialize,
    ) -> Result<T> {
        self.counted(&url, self.read_old(url.clone(), body)).await
    }

    async fn read_old<T: DeserializeOwned>(&self, url: Url, body: &impl Serialize) -> Result<T> {
        let (status, body) = send(&self.oapi, self.http.post(url).json(body)).await?;
        let answer: OldAnswer<T> = match serde_json::from_slice(&body) {
            Ok(answer) => answer,
            Err(error) => return Err(unreadable(status, &error)),
        };
        if let Some(error) = DingTalkError::from_old(&answer) {
            return Err(error);
        }
        if !status.is_success() {
            return Err(unexpected_status(status));
        }
        answer
            .result
            .ok_or(DingTalkError::Unexpected("an answer without result".into()))
    }
}
