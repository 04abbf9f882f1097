//! From an authorization code to a person.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::timeout;

use super::DingTalk;
use super::error::{DingTalkError, NotIdentified};
use super::options::DingTalkOptions;
use super::person::{Identifiers, external, identity};
use super::retry::retrying;
use crate::domain::identity::Identity;
use crate::domain::identity_provider::Code;

/// The time limit for all calls about one code. Each call has its own limit, but a DingTalk that
/// needs all of it each time, or is busy again and again, must not keep the person waiting much
/// longer.
const DEADLINE: Duration = Duration::from_secs(20);

const NO_UNION_ID: DingTalkError =
    DingTalkError::Unexpected(Cow::Borrowed("a person without unionId"));
const ANOTHER_PERSON: DingTalkError =
    DingTalkError::Unexpected(Cow::Borrowed("the data of another person"));

/// The type of contact that is an employee.
const EMPLOYEE: i64 = 0;
const EXTERNAL_CONTACT: i64 = 1;

/// The person of a code.
struct CodeOwner {
    union_id: String,
    /// The person's userid in the organization; unknown after the login page.
    user_id: Option<String>,
    /// The organization. It is known only when the person chose one, or the options name it.
    corp_id: Option<String>,
    /// The name that the person chose for themselves.
    nick: Option<String>,
}

impl DingTalk {
    /// The person for whom DingTalk issued this code. Everybody who is not clearly an employee is
    /// refused, except external contacts of the organization if the options allow them.
    pub(super) async fn identify(
        &self,
        options: &DingTalkOptions,
        code: Code<'_>,
    ) -> Result<Identity, NotIdentified> {
        // The future is boxed because most of a sign-in's size is in here.
        let identified = Box::pin(async {
            let named = match code {
                Code::LoginPage(code) => self.by_login_page(options, code).await?,
                Code::InApp(code) => self.by_in_app_code(options, code).await?,
            };
            self.employee(options, named).await
        });
        within(DEADLINE, identified).await
    }

    /// The employee with this userid, from the organization's data.
    pub(super) async fn look_up(
        &self,
        options: &DingTalkOptions,
        user_id: &str,
    ) -> Result<Option<Identity>, NotIdentified> {
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
            // DingTalk ignores the case of a userid, but bindings do not, so its spelling is used.
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
    ) -> Result<CodeOwner, NotIdentified> {
        let user_token = self
            .client
            .user_token(&options.client_id, options.client_secret(), code)
            .await?;
        if let Some(corp_id) = options.corp_id()
            && user_token.corp_id.as_deref() != Some(corp_id)
        {
            return Err(NotIdentified::NotMember("another organization was chosen"));
        }
        let me = retrying(|| self.client.me(&user_token.access_token)).await?;
        Ok(CodeOwner {
            union_id: me.union_id.ok_or(NO_UNION_ID)?,
            user_id: None,
            corp_id: user_token.corp_id,
            nick: me.nick,
        })
    }

    /// DingTalk accepts an in-app code only from the application of its organization, so the
    /// organization need not be checked.
    async fn by_in_app_code(
        &self,
        options: &DingTalkOptions,
        code: &str,
    ) -> Result<CodeOwner, NotIdentified> {
        let user = self
            .with_app_token(options, |token| async move {
                self.client.in_app_user(&token, code).await
            })
            .await?;
        Ok(CodeOwner {
            union_id: user.unionid.ok_or(NO_UNION_ID)?,
            user_id: user.userid,
            corp_id: options.corp_id().map(str::to_owned),
            nick: None,
        })
    }

    /// The organization's data about one of its people.
    async fn employee(
        &self,
        options: &DingTalkOptions,
        named: CodeOwner,
    ) -> Result<Identity, NotIdentified> {
        let union_id = named.union_id;
        let member = self
            .reading(options, |token| {
                let (client, union_id) = (&self.client, union_id.as_str());
                async move { client.user_by_union_id(&token, union_id).await }
            })
            .await;
        let member = match member {
            Err(DingTalkError::UnknownUser) => {
                return Err(NotIdentified::NotMember("unknown to the organization"));
            }
            member => member?,
        };
        let user_id = member.userid.ok_or(NotIdentified::NotMember("no userid"))?;
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
            _ => return Err(NotIdentified::NotMember("an external contact")),
        }

        let employee = self
            .reading(options, |token| {
                let (client, user_id) = (&self.client, ids.user_id.as_str());
                async move { client.employee(&token, user_id).await }
            })
            .await;
        let employee = match employee {
            Err(DingTalkError::UnknownUser) => {
                return Err(NotIdentified::NotMember("left the organization"));
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

/// Cancels what takes too long, because a person is waiting.
async fn within<T>(
    limit: Duration,
    asking: impl Future<Output = Result<T, NotIdentified>>,
) -> Result<T, NotIdentified> {
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
        let never = std::future::pending::<Result<(), NotIdentified>>();
        let outcome = within(Duration::from_millis(1), never).await;
        assert!(
            matches!(
                outcome,
                Err(NotIdentified::Call(DingTalkError::Unreachable(_)))
            ),
            "{outcome:?}"
        );
    }
}
