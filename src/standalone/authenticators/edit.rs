//! Creating, changing, removing and sorting authenticators.

use actix_web::HttpResponse;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::shape::Authenticator;
use crate::domain::audit::Action;
use crate::domain::authenticator::{self, AuthenticatorEdit, Author, Move};
use crate::edge::audit::About;
use crate::edge::error::Problem;
use crate::edge::{ApiError, Call, envelope};
use crate::store::fits_string_column;

/// The body of a request. A missing value stays as it is, which differs from null.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AuthenticatorForm {
    #[serde(deserialize_with = "present")]
    name: Option<Value>,
    #[serde(deserialize_with = "present")]
    auth_type: Option<Value>,
    #[serde(deserialize_with = "present")]
    title: Option<Value>,
    #[serde(deserialize_with = "present")]
    description: Option<Value>,
    #[serde(deserialize_with = "present")]
    options: Option<Value>,
    #[serde(deserialize_with = "present")]
    enabled: Option<Value>,
}

fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

impl AuthenticatorForm {
    /// Validates the values for the domain. If some are wrong, the error names all of them.
    fn change(self) -> Result<AuthenticatorEdit, ApiError> {
        let mut problems = Vec::new();
        let change = AuthenticatorEdit {
            name: required_text(self.name, "Name", &mut problems),
            auth_type: required_text(self.auth_type, "Auth Type", &mut problems),
            title: optional_text(self.title, "Title", &mut problems),
            description: text(self.description, "Description", &mut problems),
            options: match self.options {
                Some(Value::Null) => problem(&mut problems, "options", Problem::NULL),
                Some(options @ Value::Object(_)) => Some(options),
                Some(_) => problem(&mut problems, "options", Problem::WRONG),
                None => None,
            },
            enabled: match self.enabled {
                Some(Value::Bool(enabled)) => Some(enabled),
                Some(Value::Null) => Some(false),
                Some(_) => problem(&mut problems, "Enabled", Problem::WRONG),
                None => None,
            },
        };
        if problems.is_empty() {
            Ok(change)
        } else {
            Err(ApiError::Invalid(problems))
        }
    }
}

fn problem<T>(problems: &mut Vec<Problem>, field: &'static str, rule: &'static str) -> Option<T> {
    problems.push(Problem { field, rule });
    None
}

/// A text that may be empty but not null.
fn text(value: Option<Value>, field: &'static str, problems: &mut Vec<Problem>) -> Option<String> {
    match value? {
        Value::Null => problem(problems, field, Problem::NULL),
        Value::String(text) if fits_string_column(&text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => problem(problems, field, Problem::WRONG),
    }
}

/// A text that must not be empty.
fn required_text(
    value: Option<Value>,
    field: &'static str,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let text = text(value, field, problems)?;
    if text.trim().is_empty() {
        problem(problems, field, Problem::NULL)
    } else {
        Some(text)
    }
}

/// A text that may be null.
#[expect(
    clippy::option_option,
    reason = "absent, null and a text are three things"
)]
fn optional_text(
    value: Option<Value>,
    field: &'static str,
    problems: &mut Vec<Problem>,
) -> Option<Option<String>> {
    match value {
        Some(Value::Null) => Some(None),
        value => text(value, field, problems).map(Some),
    }
}

/// `authenticators:create`.
pub async fn create(call: Call) -> Result<HttpResponse, ApiError> {
    let change = call.body.parse::<AuthenticatorForm>()?.change()?;
    Problem::required([
        ("Name", change.name.is_none()),
        ("Auth Type", change.auth_type.is_none()),
    ])?;
    let author = author(&call)?;
    let name = change.name.clone().unwrap_or_default();
    let created = authenticator::create(&call.app.store, &call.app.providers, change, author).await;
    let created = created.map_err(ApiError::from);
    let about = About::authenticator(&name);
    call.record_outcome(Action::AuthenticatorCreate, &created, about)
        .await;
    let row = created?;
    Ok(envelope::data(Authenticator::written(&call, row).await?))
}

/// `authenticators:update`.
pub async fn update(call: Call) -> Result<HttpResponse, ApiError> {
    let keys = call.key_numbers(ApiError::NothingToUpdate)?;
    let change = call.body.parse::<AuthenticatorForm>()?.change()?;
    let author = author(&call)?;
    let action = Action::AuthenticatorUpdate;
    let (store, providers) = (&call.app.store, &call.app.providers);
    let updated = authenticator::update(store, providers, &keys, &change, author).await;
    let updated = updated.map_err(ApiError::from);
    if let Err(error) = &updated {
        let about = About {
            authenticator: change.name.as_deref(),
            ..About::default()
        };
        call.record_refusal(action, error, about).await;
    }
    let mut shown = Vec::new();
    for row in updated? {
        let about = About::authenticator(&row.name);
        call.record(action, about).await;
        shown.push(Authenticator::written(&call, row).await?);
    }
    Ok(envelope::data(shown))
}

/// The caller, and whether they may give power to others.
pub fn author(call: &Call) -> Result<Author, ApiError> {
    let caller = call.administrator()?;
    Ok(Author {
        id: caller.id,
        may_give_power: caller.may_give_power,
    })
}

/// `authenticators:destroy`: removes authenticators and the bindings at them.
pub async fn destroy(call: Call) -> Result<HttpResponse, ApiError> {
    let keys = call.key_numbers(ApiError::NothingToDestroy)?;
    let action = Action::AuthenticatorDestroy;
    let destroyed = authenticator::destroy(&call.app.store, &call.app.providers, &keys).await;
    let destroyed = destroyed.map_err(ApiError::from);
    if let Err(error) = &destroyed {
        call.record_refusal(action, error, About::default()).await;
    }
    let names = destroyed?;
    for name in &names {
        let about = About::authenticator(name);
        call.record(action, about).await;
    }
    Ok(envelope::data(names.len()))
}

/// `authenticators:move`: moves an authenticator to another place on the sign-in page.
pub async fn move_to(call: Call) -> Result<HttpResponse, ApiError> {
    let number = |name| call.query.get(name).map(str::parse::<i64>).transpose();
    let source = number("sourceId").map_err(|_| ApiError::InvalidReference)?;
    let target = number("targetId").map_err(|_| ApiError::InvalidReference)?;
    let place = match (call.query.get("sticky"), target) {
        (Some("true" | "1"), _) => Some(Move::First),
        (_, Some(target)) if call.query.get("method") == Some("insertAfter") => {
            Some(Move::After(target))
        }
        (_, Some(target)) => Some(Move::Before(target)),
        (_, None) => None,
    };
    // As in NocoBase, a request that lacks a part is answered like a complete one.
    if let (Some(source), Some(place)) = (source, place) {
        authenticator::move_to(&call.app.store, source, place).await?;
    }
    Ok(envelope::data("ok"))
}
