//! From a code to a person.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::timeout;

use super::DingTalk;
use super::error::{DingTalkError, IdentifyError};
use super::options::DingTalkOptions;
use super::person::{Identifiers, external, identity};
use super::retry::retrying;
use crate::domain::identity::Identity;
use crate::domain::identity_provider::Code;

/// Limit for all that is asked about one code. Each call has a limit of its own; a DingTalk that
/// needs all of it every time, or is busy again and again, is not waited for much longer.
const DEADLINE: Duration = Duration::from_secs(20);

const NO_UNION_ID: DingTalkError =
    DingTalkError::Unexpected(Cow::Borrowed("a person without unionId"));
const ANOTHER_PERSON: DingTalkError =
    DingTalkError::Unexpected(Cow::Borrowed("the data of another person"));

/// Kinds of contact in DingTalk's answers.
const EMPLOYEE: i64 = 0;
const EXTERNAL_CONTACT: i64 = 1;

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

impl DingTalk {
    /// Who it is that DingTalk gave this code for. Fails closed: whoever is not positively an
    /// employee is refused, or, where the options let them in, an external contact that the
    /// organisation keeps.
    pub(super) async fn identify(
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

    /// The employee with this userid, as the organisation keeps them.
    pub(super) async fn look_up(
        &self,
        options: &DingTalkOptions,
        user_id: &str,
    ) -> Result<Option<Identity>, IdentifyError> {
        let asked = Box::pin(async {
            let employee = self
                .reading(options, |token| async move {
                    self.client.employee(&token, user_id).await
                })
                .await;
            let employee = match employee {
                Err(DingTalkError::UnknownUser) => return Ok(None),
                employee => employee?,
            };
            // DingTalk takes capitals and small letters for the same; a binding does not.
            let ids = Identifiers {
                corp_id: options.corp_id().map(str::to_owned),
                user_id: employee
                    .userid
                    .clone()
                    .unwrap_or_else(|| user_id.to_owned()),
                union_id: employee.unionid.clone().ok_or(NO_UNION_ID)?,
            };
            identity(options, employee, ids).map(Some)
        });
        within(DEADLINE, asked).await
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
