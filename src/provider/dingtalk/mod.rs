//! DingTalk: who is it that came back from its login page, or opened a page inside DingTalk?
//!
//! The way: code → unionId → is this unionId an employee → what does the organisation know about
//! the person. Only the first step differs between the two kinds of [`Code`]. Only the last step's
//! data, read with the application's token, says anything about the organisation; what the
//! person's own token shows is personal and may belong to another company.

mod app_token;
mod breaker;
mod client;
mod connection_test;
mod error;
mod options;
mod person;
mod retrying;
mod wire;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use url::Url;

pub use client::DingTalkClient;
pub use connection_test::{ConnectionReport, ContactScope, PERMISSIONS};
pub use error::DingTalkError;
pub use options::{
    BindBy, DingTalkOptions, LinkExisting, OptionProblem, OptionsError, ProfileField, inherited,
    problems_of, roles_given, schema, secrets,
};

use crate::domain::identity::Identity;
use app_token::AppTokens;
use person::{Identifiers, external, identity};
use retrying::retrying;

/// The authenticator type.
pub const AUTH_TYPE: &str = "dingtalk";

/// Limit for all that is asked about one code. Each call has a limit of its own; a DingTalk that
/// needs all of it every time, or is busy again and again, is not waited for much longer.
const DEADLINE: Duration = Duration::from_secs(20);

const NO_UNION_ID: DingTalkError =
    DingTalkError::Unexpected(Cow::Borrowed("a person without unionId"));
const ANOTHER_PERSON: DingTalkError =
    DingTalkError::Unexpected(Cow::Borrowed("the data of another person"));

/// The DingTalk identity provider.
#[derive(Clone)]
pub struct DingTalk {
    client: DingTalkClient,
    app_tokens: AppTokens,
}

/// A code that DingTalk gave for a person. DingTalk takes each kind at its own place only, and so
/// which kind it is follows from the way by which it came, never from how it looks.
#[derive(Clone, Copy)]
pub enum Code<'a> {
    /// From the login page.
    LoginPage(&'a str),
    /// From DingTalk's client, for a page inside it.
    InApp(&'a str),
}

/// What a code says about a person.
struct Named {
    union_id: String,
    /// Who DingTalk says this is in the organisation; not known from the login page.
    user_id: Option<String>,
    /// The organisation; known only where people choose one, or the options name it.
    corp_id: Option<String>,
    /// What the person calls themselves.
    nick: Option<String>,
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

    /// The hosts of DingTalk, and the state of the circuit breaker of each.
    pub fn breakers(&self) -> Vec<(&'static str, &'static str)> {
        self.client.breakers()
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

    /// Who it is that DingTalk gave this code for. Fails closed: whoever is not positively an
    /// employee is refused, or, where the options let them in, an external contact that the
    /// organisation keeps.
    pub async fn identify(
        &self,
        options: &DingTalkOptions,
        code: Code<'_>,
    ) -> Result<Identity, IdentifyError> {
        // Most of the size of a sign-in's future is in here.
        let identified = Box::pin(async {
            let named = match code {
                Code::LoginPage(code) => self.by_login_page(options, code).await?,
                Code::InApp(code) => self.by_in_app_code(options, code).await?,
            };
            self.employee(options, named).await
        });
        within(DEADLINE, identified).await
    }

    async fn by_login_page(
        &self,
        options: &DingTalkOptions,
        code: &str,
    ) -> Result<Named, IdentifyError> {
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
        Ok(Named {
            union_id: me.union_id.ok_or(NO_UNION_ID)?,
            user_id: None,
            corp_id: user_token.corp_id,
            nick: me.nick,
        })
    }

    /// The code belongs to the organisation of the application's token: DingTalk refuses others.
    async fn by_in_app_code(
        &self,
        options: &DingTalkOptions,
        code: &str,
    ) -> Result<Named, IdentifyError> {
        let user = self
            .with_app_token(options, |token| async move {
                self.client.in_app_user(&token, code).await
            })
            .await?;
        Ok(Named {
            union_id: user.unionid.ok_or(NO_UNION_ID)?,
            user_id: user.userid,
            corp_id: options.corp_id().map(str::to_owned),
            nick: None,
        })
    }

    /// What the organisation knows about one of its people.
    async fn employee(
        &self,
        options: &DingTalkOptions,
        named: Named,
    ) -> Result<Identity, IdentifyError> {
        let union_id = named.union_id;
        let member = self
            .reading(options, |token| {
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
        let user_id = member.userid.ok_or(IdentifyError::NotMember("no userid"))?;
        if named.user_id.is_some_and(|named| named != user_id) {
            return Err(ANOTHER_PERSON.into());
        }
        let ids = Identifiers {
            corp_id: named.corp_id,
            user_id,
            union_id,
        };
        match member.contact_type {
            EMPLOYEE => {}
            EXTERNAL_CONTACT if !options.members_only => {
                return external(options, named.nick, ids);
            }
            _ => return Err(IdentifyError::NotMember("an external contact")),
        }

        let employee = self
            .reading(options, |token| {
                let (client, user_id) = (&self.client, ids.user_id.as_str());
                async move { client.employee(&token, user_id).await }
            })
            .await;
        let employee = match employee {
            Err(DingTalkError::UnknownUser) => {
                return Err(IdentifyError::NotMember("left the organisation"));
            }
            employee => employee?,
        };
        if employee.userid.as_deref() != Some(ids.user_id.as_str())
            || employee
                .unionid
                .as_deref()
                .is_some_and(|id| id != ids.union_id)
        {
            return Err(ANOTHER_PERSON.into());
        }
        identity(options, employee, ids)
    }

    /// Calls with the application's token what only reads, and is repeated while DingTalk is busy.
    async fn reading<T, F>(
        &self,
        options: &DingTalkOptions,
        call: impl Fn(Arc<str>) -> F,
    ) -> Result<T, DingTalkError>
    where
        F: Future<Output = Result<T, DingTalkError>>,
    {
        let call = &call;
        self.with_app_token(options, |token| retrying(move || call(token.clone())))
            .await
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
        match call(token.clone()).await {
            Err(error) if error.is_stale_token() => {
                self.app_tokens.forget(id, secret, &token).await;
                let token = self.app_tokens.get(&self.client, id, secret).await?;
                call(token).await
            }
            answer => answer,
        }
    }
}

/// Gives up what takes too long: a person waits.
async fn within<T>(
    limit: Duration,
    asking: impl Future<Output = Result<T, IdentifyError>>,
) -> Result<T, IdentifyError> {
    match timeout(limit, asking).await {
        Ok(outcome) => outcome,
        Err(_) => Err(DingTalkError::Unreachable("too slow, call after call".into()).into()),
    }
}

/// Kinds of contact in DingTalk's answers.
const EMPLOYEE: i64 = 0;
const EXTERNAL_CONTACT: i64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let never = std::future::pending::<Result<(), IdentifyError>>();
        let outcome = within(Duration::from_millis(1), never).await;
        assert!(
            matches!(
                outcome,
                Err(IdentifyError::Call(DingTalkError::Unreachable(_)))
            ),
            "{outcome:?}"
        );
    }
}
