//! Messages to people: work notifications, and those of the application's robot.

mod fit;
mod robot;
mod wire;
mod work;
mod work_kinds;

pub use robot::Robot;
pub use work::{WorkNotifications, knows_agent};

use entity::user_authenticator;
use url::form_urlencoded;

use super::DingTalk;
use super::error::DingTalkError;
use super::options::{BindBy, DingTalkOptions};
use super::person::STABLE_ID_KEY;
use crate::domain::message::{Failed, OpenIn, Reason, SendError};

/// Who a bound account is at DingTalk: the user ID. A binding that another program made may keep less, and then
/// DingTalk is asked.
async fn receiver(
    dingtalk: &DingTalk,
    options: &DingTalkOptions,
    binding: &user_authenticator::Model,
) -> Result<Option<String>, SendError> {
    let kept = |key: &str| {
        let value = binding.meta.as_ref()?.get(key)?.as_str()?;
        (!value.is_empty()).then(|| value.to_owned())
    };
    if let Some(user_id) = kept("userId") {
        return Ok(Some(user_id));
    }
    let union_id = match options.bind_by {
        BindBy::UserId => return Ok(Some(binding.uuid.clone())),
        BindBy::UnionId => Some(binding.uuid.clone()),
        BindBy::Mobile => kept(STABLE_ID_KEY),
    };
    let Some(union_id) = union_id else {
        return Ok(None);
    };
    let (client, union_id) = (&dingtalk.client, union_id.as_str());
    let found = dingtalk
        .reading(options, |token| async move {
            client.user_by_union_id(&token, union_id).await
        })
        .await;
    match found {
        Ok(found) => Ok(found.userid),
        Err(DingTalkError::UnknownUser | DingTalkError::OutOfScope) => Ok(None),
        // A question sends nothing.
        Err(error) => Err(SendError::from(error).before_a_call()),
    }
}

/// Waits until a call to so many receivers keeps DingTalk's limits, and gets the token that it needs.
async fn turn(
    dingtalk: &DingTalk,
    options: &DingTalkOptions,
    receivers: usize,
) -> Result<(), SendError> {
    let (limiter, application) = (&dingtalk.limiter, options.client_id.as_str());
    limiter.room_for(application, receivers).await;
    limiter.turn(application).await;
    let (tokens, secret) = (&dingtalk.app_tokens, options.client_secret());
    let token = tokens.get(&dingtalk.client, application, secret).await;
    // Whatever became of the question, no message was sent.
    token.map_err(|error| SendError::from(error).before_a_call())?;
    Ok(())
}

/// Says that a message does not fit into a call, however much of its text is cut.
fn too_long() -> SendError {
    let what = DingTalkError::Unexpected("a message too long to be sent".into());
    SendError::new(Failed::Refused, Reason::TooLong, what)
}

/// An address that DingTalk's client opens where it is wanted, on computers and phones (its page on robots).
fn link(url: &str, open_in: OpenIn) -> String {
    let beside = match open_in {
        OpenIn::Client => "true",
        OpenIn::Browser => "false",
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("url", url)
        .append_pair("pc_slide", beside)
        .finish();
    format!("dingtalk://dingtalkclient/page/link?{query}")
}

impl From<DingTalkError> for SendError {
    fn from(error: DingTalkError) -> Self {
        use DingTalkError as E;
        let failed = match &error {
            E::UnknownUser | E::OutOfScope => Failed::UnknownReceivers,
            E::Throttled(_) | E::Unreachable(_) => Failed::ForAMoment,
            E::Banned(_) => Failed::ForMinutes,
            busy if busy.is_temporarily_away() => Failed::ForAMoment,
            // After no answer, an unreadable one or one about a problem at DingTalk, the message may have been sent.
            E::NoAnswer(_) | E::Busy(_) | E::Unexpected(_) => Failed::Unclear,
            E::CodeRejected
            | E::Credentials(_)
            | E::Organization(_)
            | E::Token(_)
            | E::Permission(_)
            | E::Address(_)
            | E::Allowance { .. }
            | E::UnknownDepartment
            | E::Agent(_)
            | E::Refused(_) => Failed::Refused,
        };
        Self::new(failed, reason_of(&error), error)
    }
}

/// What people are told of an error.
fn reason_of(error: &DingTalkError) -> Reason {
    use DingTalkError as E;
    match error {
        E::Agent(_) => Reason::Agent,
        E::Permission(_) => Reason::Permission,
        E::Credentials(_) => Reason::Credentials,
        E::Token(_) => Reason::Token,
        E::Address(_) => Reason::Address,
        E::Allowance { .. } => Reason::Allowance,
        E::Throttled(_) => Reason::Throttled,
        E::Banned(_) => Reason::Banned,
        E::Unreachable(_) => Reason::Unreachable,
        E::NoAnswer(_) => Reason::NoAnswer,
        E::Busy(_) => Reason::Busy,
        E::Unexpected(_) => Reason::Unexpected,
        E::UnknownUser => Reason::UnknownUser,
        E::OutOfScope => Reason::OutOfScope,
        E::CodeRejected | E::Organization(_) | E::UnknownDepartment | E::Refused(_) => {
            Reason::Refused
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_where_it_opens() {
        assert_eq!(
            link("https://a.example/x?y=1&z", OpenIn::Browser),
            "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fa.example%2Fx%3Fy%3D1%26z&pc_slide=false"
        );
        assert!(link("https://a.example", OpenIn::Client).ends_with("pc_slide=true"));
    }
}
