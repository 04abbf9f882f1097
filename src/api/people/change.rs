//! Binding and unbinding people, and ending their sessions.

use actix_web::HttpResponse;
use schemars::JsonSchema;
use serde::Deserialize;

use super::who::{authenticator_of, binder};
use crate::chain::Chain;
use crate::domain::audit::Action;
use crate::domain::binding::OpenSessions;
use crate::domain::binding::by_hand::{self, HandBinding, HandBindingError};
use crate::domain::identity_provider::{Unidentified, UnusableOptions, ready};
use crate::edge::audit::About;
use crate::edge::error::{PeopleRefusal, Problem, SignInRefusal};
use crate::edge::{ApiError, Call, EndedSessions, envelope};
use crate::store::{STRING_CHARACTERS, fits_string_column};

/// The request.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::api) struct Bind {
    /// Name of the authenticator.
    authenticator: Option<String>,
    /// The account.
    user_id: Option<i64>,
    /// The person's user ID at the provider.
    #[schemars(length(min = 1, max = STRING_CHARACTERS))]
    person: Option<String>,
}

/// `dingtalkPeople:bind`: binds an account to a person whom the provider knows.
pub async fn bind(call: Call) -> Result<HttpResponse, ApiError> {
    call.only_posted()?;
    let asked: Bind = call.body.parse()?;
    let user_id = asked.user_id.ok_or_else(missing_account)?;
    let outcome = bind_now(&call, &asked, user_id).await;
    record(
        &call,
        Action::Bind,
        &outcome,
        user_id,
        asked.authenticator.as_deref(),
    )
    .await;
    outcome.map(|()| envelope::empty())
}

async fn bind_now(call: &Call, asked: &Bind, user_id: i64) -> Result<(), ApiError> {
    let app = &call.app;
    let (row, provider) = authenticator_of(call, asked.authenticator.as_deref()).await?;
    let names = provider.names();
    let binder = binder(call)?;
    let person = asked.person.as_deref().map(str::trim);
    let person = person.filter(|person| !person.is_empty());
    let person = person.ok_or_else(|| ApiError::invalid("User ID", Problem::NULL))?;
    if !fits_string_column(person) {
        return Err(ApiError::invalid("User ID", Problem::WRONG));
    }
    let configured = match ready(&app.store, &app.vault, &*provider, &row.options).await {
        Ok(configured) => configured,
        Err(UnusableOptions::Store(error)) => return Err(error.into()),
        Err(error) => {
            log::warn!(
                "account {user_id} is not bound by hand: authenticator {}: {}",
                row.name,
                Chain(&error)
            );
            return Err(SignInRefusal::Misconfigured.of(names));
        }
    };
    // Trying many identifiers is slowed down, because each one costs a call to the provider.
    let key = format!("\0{} people {}", names.resource, binder.id);
    let attempt = app.guess_limits.begin(&key, call.client_address())?;
    let identity = configured.look_up(person).await.map_err(|error| {
        log::warn!(
            "account {user_id} is not bound by hand: {} says nothing of the person: {}",
            names.title,
            Chain(&error)
        );
        match error.meaning {
            // The refusal of a sign-in speaks to the person, and ends sessions on their device.
            Unidentified::NotMember | Unidentified::NotShown => {
                PeopleRefusal::UnknownPerson.of(names)
            }
            _ => SignInRefusal::from(&error).of(names),
        }
    })?;
    let identity = identity.ok_or_else(|| PeopleRefusal::UnknownPerson.of(names))?;
    attempt.succeeded();
    let wanted = HandBinding {
        authenticator: &row.name,
        user_id,
        identity: &identity,
        rules: &configured.rules(),
    };
    let bound = by_hand::bind(&app.store, wanted, binder).await;
    bound.map_err(|error| {
        // A failure of the store is logged by whoever answers with it.
        if !matches!(error, HandBindingError::Store(_)) {
            log::warn!(
                "account {user_id} is not bound by hand to {}: {}",
                identity.meta,
                Chain(&error)
            );
        }
        ApiError::of_binding_by_hand(error, names)
    })?;
    let by = binder.id;
    log::info!("account {by} bound account {user_id} to {}", identity.meta);
    Ok(())
}

/// The request.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::api) struct Unbind {
    /// Name of the authenticator.
    authenticator: Option<String>,
    /// The account.
    user_id: Option<i64>,
    /// Whether the sessions of the account end, too.
    end_sessions: bool,
}

/// `dingtalkPeople:unbind`: removes the binding of an account.
pub async fn unbind(call: Call) -> Result<HttpResponse, ApiError> {
    call.only_posted()?;
    let asked: Unbind = call.body.parse()?;
    let user_id = asked.user_id.ok_or_else(missing_account)?;
    let outcome = unbind_now(&call, &asked, user_id).await;
    record(
        &call,
        Action::Unbind,
        &outcome,
        user_id,
        asked.authenticator.as_deref(),
    )
    .await;
    outcome?;
    if !asked.end_sessions {
        return Ok(envelope::empty());
    }
    answer_of_ended_sessions(&call, user_id).await
}

async fn unbind_now(call: &Call, asked: &Unbind, user_id: i64) -> Result<(), ApiError> {
    let (row, provider) = authenticator_of(call, asked.authenticator.as_deref()).await?;
    let binder = binder(call)?;
    let sessions = if asked.end_sessions {
        OpenSessions::End
    } else {
        OpenSessions::Keep
    };
    let store = &call.app.store;
    let unbound = by_hand::unbind(store, &row.name, user_id, sessions, binder).await;
    unbound.map_err(|error| ApiError::of_binding_by_hand(error, provider.names()))?;
    let by = binder.id;
    log::info!(
        "account {by} removed the binding of account {user_id} at {}",
        row.name
    );
    Ok(())
}

/// The request.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::api) struct EndSessions {
    /// The account.
    user_id: Option<i64>,
}

/// `dingtalkPeople:endSessions`: ends all sessions of an account.
pub async fn end_sessions(call: Call) -> Result<HttpResponse, ApiError> {
    call.only_posted()?;
    let asked: EndSessions = call.body.parse()?;
    let user_id = asked.user_id.ok_or_else(missing_account)?;
    let ended = end_now(&call, user_id).await;
    if let Err(error) = ended {
        let about = About::user(user_id);
        call.record_refusal(Action::SignOutEverywhere, &error, about)
            .await;
        return Err(error);
    }
    answer_of_ended_sessions(&call, user_id).await
}

async fn end_now(call: &Call, user_id: i64) -> Result<(), ApiError> {
    let by = binder(call)?;
    Ok(crate::domain::account::end_sessions(&call.app.store, user_id, by).await?)
}

/// Records that sessions have ended, and marks the answer so that a NocoBase behind the gateway is
/// told.
async fn answer_of_ended_sessions(call: &Call, user_id: i64) -> Result<HttpResponse, ApiError> {
    let about = About::user(user_id);
    call.record(Action::SignOutEverywhere, about).await;
    let of_caller = call.caller()?.user.id == user_id;
    let mut response = envelope::empty();
    EndedSessions { user_id, of_caller }.mark(&mut response);
    Ok(response)
}

/// Records the outcome of binding or unbinding.
async fn record(
    call: &Call,
    action: Action,
    outcome: &Result<(), ApiError>,
    user_id: i64,
    authenticator: Option<&str>,
) {
    let about = About {
        authenticator,
        ..About::user(user_id)
    };
    call.record_outcome(action, outcome, about).await;
}

fn missing_account() -> ApiError {
    ApiError::invalid("userId", Problem::NULL)
}
