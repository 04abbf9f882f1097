//! A test message to whoever asks for it.

use actix_web::HttpResponse;
use entity::message::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::send::deliver;
use crate::domain::audit::Action;
use crate::domain::message::{Content, Delivery, Message, OpenIn, Reason, Way, explanation};
use crate::domain::plugin;
use crate::edge::error::MessageRefusal;
use crate::edge::{ApiError, Call, envelope};

/// How the test is sent. Nothing of it has to be saved.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::api) struct TestForm {
    /// Name of the authenticator; may be left out where only one in use can send.
    authenticator: Option<String>,
    /// How it is sent; without it, as a work notification.
    way: Way,
}

/// What became of a test message.
#[derive(JsonSchema, Serialize)]
pub(in crate::api) struct TestAnswer {
    /// `sent`, `claimed`, `notBound`, `left`, `failed` or `unknown`.
    state: String,
    /// Why it did not arrive, or waits, as `dingtalkMessages:list` names it.
    reason: Option<String>,
    /// The same in words, in the language of the request.
    text: String,
}

/// `dingtalkMessages:sendTest`: sends a test message to the caller.
pub async fn send_test(call: Call) -> Result<HttpResponse, ApiError> {
    call.only_posted()?;
    let form: TestForm = call.body.parse()?;
    let outcome = send_now(&call, &form).await;
    let authenticator = form.authenticator.as_deref();
    super::record(&call, Action::MessageSend, authenticator, &outcome).await;
    Ok(envelope::data(outcome?))
}

async fn send_now(call: &Call, form: &TestForm) -> Result<TestAnswer, ApiError> {
    let messengers = call.app.messengers();
    let name = form.authenticator.as_deref();
    let (row, messenger) = messengers.carrier(name, form.way).await?;
    let text = "This is a test. Messages from NocoBase reach you here.";
    let message = Message {
        content: Content::Text {
            text: call.locale.text(text).to_owned(),
        },
        open_in: OpenIn::default(),
    };
    let me = [call.caller()?.user.id];
    let carrier = (&*messenger, form.way);
    let (_, deliveries) = deliver(call, &row, carrier, &message, &me).await?;
    let mine = deliveries.into_iter().next();
    let mine = mine.ok_or(ApiError::Message(MessageRefusal::NoAuthenticator))?;
    let provider = call.app.providers.of_type(&row.auth_type);
    let title = provider.map_or(plugin::manifest().auth_type.as_str(), |it| it.names().title);
    Ok(told(call, title, mine))
}

/// What became of the message, in words.
fn told(call: &Call, provider: &str, delivery: Delivery) -> TestAnswer {
    let text = match delivery.state {
        State::Sent | State::Delivered => {
            "{{provider}} has taken the message. You get it in a moment."
        }
        State::NotBound => {
            "You get no messages, because your account is not bound to {{provider}}."
        }
        State::Claimed | State::Sending => {
            "The message waits until {{provider}} takes it: {{why}}."
        }
        State::Unknown => "The message may arrive, or not: {{why}}.",
        State::Failed | State::Left => "{{provider}} does not send you the message: {{why}}.",
    };
    let left = (delivery.state == State::Left).then_some(Reason::OutOfScope.name());
    let code = delivery.reason.as_deref().or(left).unwrap_or_default();
    let (words, why) = (call.locale.text(text), explanation(code));
    let words = words.replace("{{provider}}", call.locale.text(provider));
    TestAnswer {
        text: words.replace("{{why}}", call.locale.text(why)),
        state: delivery.state.name(),
        reason: delivery.reason,
    }
}
