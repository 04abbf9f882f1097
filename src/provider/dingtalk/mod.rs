//! DingTalk: who is it that came back from its login page?
//!
//! The way: authorization code → user token → unionId → application token → is this unionId an
//! employee → what does the organisation know about the person. Only the last step's data, read
//! with the application's token, says anything about the organisation; what the person's own token
//! shows is personal and may belong to another company.

mod app_token;
mod client;
mod error;
mod options;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use url::Url;

pub use client::DingTalkClient;
pub use error::DingTalkError;
pub use options::{BindBy, DingTalkOptions, LinkExisting, OptionsError, problems_of};

use crate::domain::identity::{Identity, Witness};
use crate::domain::phone::Phone;
use app_token::AppTokens;
use wire::Employee;

/// The authenticator type.
pub const AUTH_TYPE: &str = "dingtalk";

/// Tries of a call that reads, when DingTalk is busy.
const TRIES: u32 = 3;
/// Pause before the second try; doubled before the third.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The DingTalk identity provider.
#[derive(Clone)]
pub struct DingTalk {
    client: DingTalkClient,
    app_tokens: AppTokens,
}

/// Why somebody is not known to us by DingTalk.
#[derive(Debug, thiserror::Error)]
pub enum IdentifyError {
    /// Not an employee of the organisation.
    #[error("not a member of the organisation: {0}")]
    NotMember(&'static str),
    /// The employee has no identifier of the kind that the authenticator binds by.
    #[error(
        "DingTalk shows no {0} of this employee, which the authenticator binds by; check the application's permissions"
    )]
    NoSubject(&'static str),
    /// A call failed.
    #[error(transparent)]
    Call(#[from] DingTalkError),
}

impl DingTalk {
    /// A provider that talks to DingTalk through `client`.
    pub fn new(client: DingTalkClient) -> Self {
        Self {
            client,
            app_tokens: AppTokens::new(),
        }
    }

    /// The address of DingTalk's login page for one sign-in attempt (page "Obtain identity
    /// credentials").
    pub fn authorization_url(
        &self,
        options: &DingTalkOptions,
        redirect_uri: &str,
        state: &str,
    ) -> Url {
        let mut url = self.client.login_host().clone();
        url.set_path("/oauth2/auth");
        let mut query = url.query_pairs_mut();
        query
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("client_id", &options.client_id)
            .append_pair(
                "scope",
                if options.corp_id().is_some() {
                    "openid corpid"
                } else {
                    "openid"
                },
            )
            .append_pair("state", state)
            // Always ask: who consented before a permission was added keeps lacking it otherwise.
            .append_pair("prompt", "consent");
        if let Some(corp_id) = options.corp_id() {
            query.append_pair("corpId", corp_id);
        }
        drop(query);
        url
    }

    /// Who it is that DingTalk gave this authorization code for. Fails closed: whoever is not
    /// positively an employee is refused.
    pub async fn identify(
        &self,
        options: &DingTalkOptions,
        code: &str,
    ) -> Result<Identity, IdentifyError> {
        let user_token = self
            .client
            .user_token(&options.client_id, options.client_secret(), code)
            .await?;
        if let Some(corp_id) = options.corp_id()
            && user_token.corp_id.as_deref() != Some(corp_id)
        {
            return Err(IdentifyError::NotMember("another organisation was chosen"));
        }
        let me = retrying(|| self.client.me(&user_token.access_token)).await?;
        let union_id = me
            .union_id
            .ok_or(DingTalkError::Unexpected("a person without unionId".into()))?;

        let member = self
            .with_app_token(options, |token| {
                let (client, union_id) = (&self.client, union_id.as_str());
                async move { client.user_by_union_id(&token, union_id).await }
            })
            .await;
        let member = match member {
            Err(DingTalkError::UnknownUser) => {
                return Err(IdentifyError::NotMember("unknown to the organisation"));
            }
            member => member?,
        };
        if member.contact_type != 0 {
            return Err(IdentifyError::NotMember("an external contact"));
        }
        let user_id = member.userid.ok_or(IdentifyError::NotMember("no userid"))?;

        let employee = self
            .with_app_token(options, |token| {
                let (client, user_id) = (&self.client, user_id.as_str());
                async move { client.employee(&token, user_id).await }
            })
            .await;
        let employee = match employee {
            Err(DingTalkError::UnknownUser) => {
                return Err(IdentifyError::NotMember("left the organisation"));
            }
            employee => employee?,
        };
        if employee.userid.as_deref() != Some(user_id.as_str())
            || employee.unionid.as_deref().is_some_and(|id| id != union_id)
        {
            return Err(DingTalkError::Unexpected("the data of another person".into()).into());
        }
        identity(options, employee, &user_id, union_id)
    }

    /// Calls with the application's token; once more with a fresh one when it was stale.
    async fn with_app_token<T, F>(
        &self,
        options: &DingTalkOptions,
        call: impl Fn(Arc<str>) -> F,
    ) -> Result<T, DingTalkError>
    where
        F: Future<Output = Result<T, DingTalkError>>,
    {
        let (id, secret) = (options.client_id.as_str(), options.client_secret());
        let token = self.app_tokens.get(&self.client, id, secret).await?;
        match retrying(|| call(token.clone())).await {
            Err(error) if error.is_stale_token() => {
                self.app_tokens.forget(id, secret, &token).await;
                let token = self.app_tokens.get(&self.client, id, secret).await?;
                retrying(|| call(token.clone())).await
            }
            answer => answer,
        }
    }
}

/// Repeats a call that only reads while DingTalk is busy, with growing, uneven pauses.
async fn retrying<T, F>(call: impl Fn() -> F) -> Result<T, DingTalkError>
where
    F: Future<Output = Result<T, DingTalkError>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..TRIES {
        match call().await {
            Err(error) if error.is_passing() => log::info!("asking DingTalk again: {error}"),
            answer => return answer,
        }
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.75..1.25))).await;
        pause *= 2;
    }
    call().await
}

/// What the organisation says about a person, in the terms of the domain.
fn identity(
    options: &DingTalkOptions,
    employee: Employee,
    user_id: &str,
    union_id: String,
) -> Result<Identity, IdentifyError> {
    let phone = employee
        .mobile
        .as_deref()
        .and_then(|mobile| Phone::of_contact(employee.state_code.as_deref(), mobile));
    let subject = match options.bind_by {
        BindBy::UserId => user_id.to_owned(),
        BindBy::UnionId => union_id.clone(),
        BindBy::Mobile => phone
            .as_ref()
            .ok_or(IdentifyError::NoSubject("phone number"))?
            .local()
            .to_owned(),
    };
    Ok(Identity {
        name: employee.name.unwrap_or_else(|| user_id.to_owned()),
        avatar: employee.avatar,
        email: employee.org_email,
        meta: json!({"userId": user_id, "unionId": union_id}),
        // An administrator may give the userid of somebody who left, or a phone company the
        // number, to another person; the unionId stays with the person.
        witness: (options.bind_by != BindBy::UnionId).then_some(Witness {
            key: "unionId",
            value: union_id,
        }),
        phone,
        subject,
    })
}
