//! `usersAuthenticators:*`: bindings. Only the root role may use these actions, because whoever can
//! write bindings can sign in as anybody.

use actix_web::HttpResponse;
use entity::user_authenticator::Entity;
use serde_json::{Value, json};

use super::tables::Binding;
use crate::domain::binding::records::{self, BindingEdit, BindingError};
use crate::edge::error::Problem;
use crate::edge::text::Text;
use crate::edge::{ApiError, Call, envelope, rows};
use crate::store::NewBinding;
use crate::store::query::Listing;

/// `usersAuthenticators:list`.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<Entity, Binding>(&call).await
}

/// `usersAuthenticators:get`: the first row that matches the filter.
pub async fn get(call: Call) -> Result<HttpResponse, ApiError> {
    rows::get::<Entity, Binding>(&call).await
}

/// `usersAuthenticators:create`.
pub async fn create(call: Call) -> Result<HttpResponse, ApiError> {
    let change = change(&call)?;
    let authenticator = text(&call, "authenticator")?;
    let user_id = match call.body.get("userId") {
        None | Some(Value::Null) => None,
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => return Err(ApiError::invalid("userId", Problem::WRONG)),
    };
    Problem::required([
        ("authenticator", authenticator.is_none()),
        ("userId", user_id.is_none()),
        ("UUID", change.uuid.is_none()),
    ])?;
    let new = NewBinding {
        authenticator: authenticator.unwrap_or_default(),
        user_id: user_id.unwrap_or_default(),
        uuid: change.uuid.unwrap_or_default(),
        nickname: change.nickname.unwrap_or_default(),
        avatar: change.avatar.unwrap_or_default(),
        meta: change.meta.unwrap_or_else(|| json!({})),
        author: Some(call.caller()?.user.id),
    };
    let row = records::create(&call.app.store, new).await?;
    Ok(envelope::data(Binding::from(row)))
}

/// `usersAuthenticators:update`: changes the rows that match the filter.
pub async fn update(call: Call) -> Result<HttpResponse, ApiError> {
    let keys = keys(&call, ApiError::NothingToUpdate).await?;
    let change = change(&call)?;
    let author = call.caller()?.user.id;
    let rows = records::update(&call.app.store, &keys, &change, author).await?;
    let rows = rows.into_iter().map(Binding::from);
    Ok(envelope::data(rows.collect::<Vec<_>>()))
}

/// `usersAuthenticators:destroy`: removes the rows that match the filter.
pub async fn destroy(call: Call) -> Result<HttpResponse, ApiError> {
    let keys = keys(&call, ApiError::NothingToDestroy).await?;
    let destroyed = records::destroy(&call.app.store, &keys).await?;
    Ok(envelope::data(destroyed))
}

/// The rows that a change is for. Their key has two columns, so only a filter can name them.
async fn keys(call: &Call, without: ApiError) -> Result<Vec<(String, i64)>, ApiError> {
    if !call.keys().is_empty() {
        return Err(ApiError::InvalidReference);
    }
    let filter = call.query.listing()?.filter;
    let filter = filter.filter(|filter| !filter.is_empty());
    let Some(filter) = filter else {
        return Err(without);
    };
    let listing = Listing {
        filter: Some(filter),
        ..Listing::default()
    };
    let found = call.app.store.list::<Entity>(&listing).await?;
    let keys = found
        .rows
        .into_iter()
        .map(|row| (row.authenticator, row.user_id));
    Ok(keys.collect())
}

/// Validates the body. Unknown keys are ignored.
fn change(call: &Call) -> Result<BindingEdit, ApiError> {
    Ok(BindingEdit {
        uuid: text(call, "uuid")?.filter(|uuid| !uuid.is_empty()),
        nickname: text(call, "nickname")?,
        avatar: text(call, "avatar")?,
        meta: match call.body.get("meta") {
            None | Some(Value::Null) => None,
            Some(meta @ Value::Object(_)) => Some(meta.clone()),
            Some(_) => return Err(ApiError::invalid("meta", Problem::WRONG)),
        },
    })
}

fn text(call: &Call, name: &str) -> Result<Option<String>, ApiError> {
    call.body.get(name).map_or(Ok(None), Text::of)
}

impl From<BindingError> for ApiError {
    fn from(error: BindingError) -> Self {
        match error {
            BindingError::UnknownAuthenticator => {
                ApiError::invalid("authenticator", Problem::WRONG)
            }
            BindingError::UnknownUser => ApiError::invalid("userId", Problem::WRONG),
            BindingError::UserTaken => Self::Invalid(
                ["authenticator", "userId"]
                    .map(|field| Problem {
                        field,
                        rule: Problem::TAKEN,
                    })
                    .to_vec(),
            ),
            BindingError::SubjectTaken => ApiError::invalid("UUID", Problem::TAKEN),
            BindingError::Store(error) => error.into(),
        }
    }
}
