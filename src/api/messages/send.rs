//! Sending a message.

use actix_web::HttpResponse;
use entity::authenticator;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::audit::Action;
use crate::domain::message::{
    Delivery, Meant, Message, Messenger, NamedReceivers, ReceiversError, Sending, Way,
    accounts_meant,
};
use crate::domain::messengers::NoMessenger;
use crate::edge::error::{Cause, MessageRefusal, Problem};
use crate::edge::{ApiError, Call, envelope};

/// A message to send, with its receivers.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::api) struct SendForm {
    /// Name of the authenticator; may be left out where only one in use can send.
    authenticator: Option<String>,
    /// How it is sent; without it, as a work notification.
    way: Way,
    /// Accounts by id. The list may contain lists.
    #[schemars(with = "Option<Vec<i64>>")]
    user_ids: Value,
    /// Accounts by user name.
    #[schemars(with = "Option<Vec<String>>")]
    usernames: Value,
    /// Departments of the directory by their id here. They stand for the accounts that are directly in one.
    #[schemars(with = "Option<Vec<i64>>")]
    department_ids: Value,
    /// The message.
    #[schemars(with = "Option<Message>")]
    message: Value,
}

/// What became of a message.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct SentAnswer {
    /// The `sendId` of its rows in `dingtalkMessages:list`.
    send_id: Option<String>,
    /// What became of it, person by person.
    receivers: Vec<Receiver>,
}

/// What became of a message to one person.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Receiver {
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<i64>,
    /// The user name, if no account has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// `sent`, `claimed` (it waits some minutes for DingTalk to accept it), `notBound`, `left`, `failed`, `unknown` (it may
    /// have arrived, and is not sent again) or `noAccount`.
    state: String,
    /// Why it did not arrive, or waits.
    reason: Option<String>,
}

/// `dingtalkMessages:send`: sends a message to people.
pub async fn send(call: Call) -> Result<HttpResponse, ApiError> {
    call.only_posted()?;
    let form: SendForm = call.body.parse()?;
    let outcome = send_now(&call, &form).await;
    let authenticator = form.authenticator.as_deref();
    super::record(&call, Action::MessageSend, authenticator, &outcome).await;
    Ok(envelope::data(outcome?))
}

async fn send_now(call: &Call, form: &SendForm) -> Result<SentAnswer, ApiError> {
    let message = message_of(&form.message)?;
    let named = NamedReceivers {
        ids: ids("userIds", &form.user_ids)?,
        usernames: names(&form.usernames)?,
        departments: ids("departmentIds", &form.department_ids)?,
    };
    let app = &call.app;
    let messengers = app.messengers();
    let name = form.authenticator.as_deref();
    // What is wrong with the options is said before anybody is looked up.
    let (row, messenger) = messengers.carrier(name, form.way).await?;
    let meant = accounts_meant(&app.store, row.id, named).await?;
    let carrier = (&*messenger, form.way);
    let (send_id, deliveries) = deliver(call, &row, carrier, &message, &meant.accounts).await?;
    Ok(answer(send_id, meant, deliveries))
}

/// Sends a message in the caller's name.
pub(super) async fn deliver(
    call: &Call,
    row: &authenticator::Model,
    (messenger, way): (&dyn Messenger, Way),
    message: &Message,
    accounts: &[i64],
) -> Result<(String, Vec<Delivery>), ApiError> {
    let app = &call.app;
    let sending = Sending {
        store: &app.store,
        clock: &app.clock,
        messenger,
        authenticator: (row.id, &row.name),
        way,
        message,
        requested_by: Some(call.caller()?.user.id),
        claims: &[],
        copies: None,
        followed: None,
    };
    let (send_id, deliveries) = sending.deliver(accounts).await?;
    for delivery in &deliveries {
        app.metrics.message(way.name(), delivery.state);
    }
    Ok((send_id, deliveries))
}

/// The message that was sent, if it is one.
fn message_of(value: &Value) -> Result<Message, ApiError> {
    if value.is_null() {
        return Err(ApiError::invalid("message", Problem::NULL));
    }
    let message = Message::deserialize(value).ok();
    let message = message.ok_or_else(|| ApiError::invalid("message", Problem::WRONG))?;
    message
        .check()
        .map_err(|problem| ApiError::invalid(problem.0, Problem::WRONG))?;
    Ok(message)
}

/// Ids, as numbers or texts, one or a list or lists in lists: variables of workflows give each of these.
fn ids(field: &'static str, value: &Value) -> Result<Vec<i64>, ApiError> {
    let mut all = Vec::new();
    for value in flat(value) {
        let id = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        all.push(id.ok_or_else(|| ApiError::invalid(field, Problem::WRONG))?);
    }
    Ok(all)
}

fn names(value: &Value) -> Result<Vec<String>, ApiError> {
    let mut all = Vec::new();
    for value in flat(value) {
        let name = value.as_str().map(str::to_owned);
        all.push(name.ok_or_else(|| ApiError::invalid("usernames", Problem::WRONG))?);
    }
    Ok(all)
}

/// The values in lists that stand in lists. What is null is left out.
fn flat(value: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Array(values) => waiting.extend(values.iter().rev()),
            Value::Null => {}
            other => found.push(other),
        }
    }
    found
}

fn answer(send_id: String, meant: Meant, deliveries: Vec<Delivery>) -> SentAnswer {
    let send_id = (!deliveries.is_empty()).then_some(send_id);
    let mut receivers: Vec<_> = deliveries
        .into_iter()
        .map(|delivery| Receiver {
            user_id: Some(delivery.user_id),
            username: None,
            state: delivery.state.name(),
            reason: delivery.reason,
        })
        .collect();
    let nobody = |user_id, username| Receiver {
        user_id,
        username,
        state: "noAccount".to_owned(),
        reason: None,
    };
    receivers.extend(
        meant
            .unknown_ids
            .into_iter()
            .map(|id| nobody(Some(id), None)),
    );
    let names = meant.unknown_names.into_iter();
    receivers.extend(names.map(|name| nobody(None, Some(name))));
    SentAnswer { send_id, receivers }
}

impl From<NoMessenger> for ApiError {
    fn from(error: NoMessenger) -> Self {
        Self::Message(match error {
            NoMessenger::Authenticator => MessageRefusal::NoAuthenticator,
            NoMessenger::Way => MessageRefusal::NoAgent,
            NoMessenger::Options(error) => MessageRefusal::NotUsable(Cause::new(error)),
            NoMessenger::Store(error) => return error.into(),
        })
    }
}

impl From<ReceiversError> for ApiError {
    fn from(error: ReceiversError) -> Self {
        match error {
            ReceiversError::Nobody => Self::invalid("userIds", Problem::NULL),
            ReceiversError::TooMany => Self::Message(MessageRefusal::TooManyReceivers),
            ReceiversError::UnknownDepartment => Self::invalid("departmentIds", Problem::WRONG),
            ReceiversError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identity_provider::UnusableOptions;
    use serde_json::json;

    #[test]
    fn a_refusal_because_of_options_takes_the_cause_along() {
        let refused = ApiError::from(NoMessenger::Options(UnusableOptions::ShownSecret));
        let cause = Cause::new(UnusableOptions::ShownSecret);
        let expected = ApiError::Message(MessageRefusal::NotUsable(cause));
        assert_eq!(refused, expected);
    }

    #[test]
    fn ids_come_in_all_shapes_of_variables() {
        let value = json!([1, "2", [[3], null], []]);
        assert_eq!(ids("userIds", &value).unwrap(), [1, 2, 3]);
        assert_eq!(ids("userIds", &json!(7)).unwrap(), [7]);
        assert_eq!(ids("userIds", &json!(null)).unwrap(), [0; 0]);
        for wrong in [json!("x"), json!({"filter": {}}), json!(1.5), json!([true])] {
            assert!(ids("userIds", &wrong).is_err(), "{wrong}");
        }
    }
}
