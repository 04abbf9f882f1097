//! Tables that only the root role may read.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::{issued_token, role_user, token_blacklist, user_authenticator};
use serde::Serialize;
use serde_json::Value;

use crate::edge::shape::{Moment, date};
use crate::edge::{ApiError, Call, rows};

/// Defines a row of a table as NocoBase sends it: a struct with these fields.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident of $entity:ident: $($field:ident: $type:ty),+) => {
        $(#[$doc])*
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        pub(super) struct $name {
            #[serde(serialize_with = "date")]
            created_at: DateTime<Utc>,
            #[serde(serialize_with = "date")]
            updated_at: DateTime<Utc>,
            $($field: $type,)+
        }

        impl From<$entity::Model> for $name {
            fn from(row: $entity::Model) -> Self {
                Self {
                    created_at: row.created_at,
                    updated_at: row.updated_at,
                    $($field: row.$field.into(),)+
                }
            }
        }
    };
}

/// A date that may be missing.
#[derive(Serialize)]
#[serde(transparent)]
struct MaybeMoment(Option<Moment>);

impl From<Option<DateTime<Utc>>> for MaybeMoment {
    fn from(at: Option<DateTime<Utc>>) -> Self {
        Self(at.map(Moment))
    }
}

row! {
    /// The assignment of a role to an account.
    RoleUser of role_user: default: Option<bool>, role_name: String, user_id: i64
}

row! {
    /// A binding.
    Binding of user_authenticator: uuid: String, nickname: String, avatar: String,
        meta: Option<Value>, created_by_id: Option<i64>, updated_by_id: Option<i64>,
        authenticator: String, user_id: i64
}

row! {
    /// A session that can be renewed.
    IssuedToken of issued_token: id: String, sign_in_time: i64, jti: String, issued_time: i64,
        user_id: i64, authenticator: Option<String>
}

row! {
    /// A token that was signed out. Only root may read these rows, because some hold a whole token.
    BlacklistEntry of token_blacklist: id: i64, token: Option<String>, expiration: MaybeMoment
}

/// `rolesUsers:list`.
pub async fn roles_users(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<role_user::Entity, RoleUser>(&call).await
}

/// `issuedTokens:list`.
pub async fn issued_tokens(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<issued_token::Entity, IssuedToken>(&call).await
}

/// `tokenBlacklist:list`.
pub async fn token_blacklist(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<token_blacklist::Entity, BlacklistEntry>(&call).await
}
