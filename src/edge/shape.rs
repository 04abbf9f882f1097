//! The shapes of rows as NocoBase 2.2.15 sends them: with parsed JSON, ISO dates and all keys
//! except the hidden ones (`password`, `resetToken`, `sort`).

use chrono::{DateTime, SecondsFormat, Utc};
use entity::{role, user};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::domain::role::HeldRole;

/// An account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User<'a> {
    #[serde(serialize_with = "optional_date")]
    created_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_date")]
    updated_at: Option<DateTime<Utc>>,
    app_lang: Option<&'a str>,
    email: Option<&'a str>,
    id: i64,
    nickname: Option<&'a str>,
    password_change_tz: Option<i64>,
    phone: Option<&'a str>,
    system_settings: Option<&'a Value>,
    username: Option<&'a str>,
    created_by_id: Option<i64>,
    updated_by_id: Option<i64>,
}

impl<'a> From<&'a user::Model> for User<'a> {
    fn from(row: &'a user::Model) -> Self {
        Self {
            created_at: row.created_at,
            updated_at: row.updated_at,
            app_lang: row.app_lang.as_deref(),
            email: row.email.as_deref(),
            id: row.id,
            nickname: row.nickname.as_deref(),
            password_change_tz: row.password_change_tz,
            phone: row.phone.as_deref(),
            system_settings: row.system_settings.as_ref(),
            username: row.username.as_deref(),
            created_by_id: row.created_by_id,
            updated_by_id: row.updated_by_id,
        }
    }
}

/// An account with its roles, as `auth:check` sends it.
#[derive(Serialize)]
pub struct UserWithRoles<'a> {
    #[serde(flatten)]
    user: User<'a>,
    roles: Vec<RoleOfUser<'a>>,
}

impl<'a> UserWithRoles<'a> {
    /// The shape of this account and these roles.
    pub fn new(user: &'a user::Model, held: &'a [HeldRole]) -> Self {
        Self {
            user: user.into(),
            roles: held.iter().map(RoleOfUser::from).collect(),
        }
    }
}

/// A role.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Role<'a> {
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
    allow_configure: Option<bool>,
    allow_new_ai_employee: Option<bool>,
    allow_new_menu: Option<bool>,
    allow_new_mobile_menu: Option<bool>,
    default: Option<bool>,
    description: Option<&'a str>,
    hidden: Option<bool>,
    name: &'a str,
    snippets: Option<&'a Value>,
    strategy: Option<&'a Value>,
    title: Option<&'a str>,
}

impl<'a> From<&'a role::Model> for Role<'a> {
    fn from(row: &'a role::Model) -> Self {
        Self {
            created_at: row.created_at,
            updated_at: row.updated_at,
            allow_configure: row.allow_configure,
            allow_new_ai_employee: row.allow_new_ai_employee,
            allow_new_menu: row.allow_new_menu,
            allow_new_mobile_menu: row.allow_new_mobile_menu,
            default: row.default,
            description: row.description.as_deref(),
            hidden: row.hidden,
            name: &row.name,
            snippets: row.snippets.as_ref(),
            strategy: row.strategy.as_ref(),
            title: row.title.as_deref(),
        }
    }
}

/// A role with its assignment to an account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleOfUser<'a> {
    #[serde(flatten)]
    role: Role<'a>,
    roles_users: RoleUser<'a>,
    #[serde(rename = "_pivot_")]
    pivot: (),
}

/// The assignment of a role to an account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleUser<'a> {
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
    default: Option<bool>,
    role_name: &'a str,
    user_id: i64,
}

impl<'a> From<&'a HeldRole> for RoleOfUser<'a> {
    fn from((row, assignment): &'a HeldRole) -> Self {
        Self {
            role: row.as_ref().into(),
            roles_users: RoleUser {
                created_at: assignment.created_at,
                updated_at: assignment.updated_at,
                default: assignment.default,
                role_name: &assignment.role_name,
                user_id: assignment.user_id,
            },
            pivot: (),
        }
    }
}

/// Serialises a date as JavaScript does: `2026-11-22T16:27:45.139Z`.
pub fn date<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// A date in ISO 8601, in UTC and with milliseconds, as JavaScript writes it.
#[derive(JsonSchema, Serialize)]
#[serde(transparent)]
#[schemars(with = "String")]
pub struct Moment(#[serde(serialize_with = "date")] pub DateTime<Utc>);

#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
fn optional_date<S: Serializer>(at: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => date(at, to),
        None => to.serialize_none(),
    }
}
