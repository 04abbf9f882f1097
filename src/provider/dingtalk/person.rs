//! A person at DingTalk, in the terms of the domain.

use serde_json::json;

use super::error::NotIdentified;
use super::options::{BindBy, DingTalkOptions};
use super::wire::Employee;
use crate::domain::identity::{Identity, StableId};
use crate::phone::Phone;

/// The name of the identifier that is never given to another person.
pub const STABLE_ID_KEY: &str = "unionId";

/// The identifiers of one person.
#[expect(clippy::struct_field_names, reason = "DingTalk's names")]
pub struct Identifiers {
    /// The organization. It is known only when the person chose one, or the options name it.
    pub corp_id: Option<String>,
    /// The identifier in the organization.
    pub user_id: String,
    /// The identifier that is the same in all organizations, for applications of one developer.
    pub union_id: String,
}

/// The organization's data about a person, in the terms of the domain.
pub fn identity(
    options: &DingTalkOptions,
    employee: Employee,
    ids: Identifiers,
) -> Result<Identity, NotIdentified> {
    let mobile = employee.mobile.as_deref();
    let phone = mobile.and_then(|mobile| {
        let country = employee.state_code.as_deref();
        Phone::of_contact(country, mobile)
    });
    let phone_is_unclear = mobile.is_some() && phone.is_none();
    let meta = match &ids.corp_id {
        None => json!({"userId": ids.user_id, "unionId": ids.union_id}),
        Some(corp_id) => {
            json!({"userId": ids.user_id, "unionId": ids.union_id, "corpId": corp_id})
        }
    };
    let name = employee.name.unwrap_or_else(|| ids.user_id.clone());
    let key = ids.user_id.clone();
    let subject = match options.bind_by {
        BindBy::UserId => ids.user_id,
        BindBy::UnionId => ids.union_id.clone(),
        BindBy::Mobile => phone
            .as_ref()
            .ok_or(NotIdentified::NoSubject("phone number"))?
            .local()
            .to_owned(),
    };
    Ok(Identity {
        key,
        name,
        avatar: employee.avatar,
        email: employee.org_email,
        meta,
        // An administrator can give the userid of somebody who has left to another person, and a
        // phone company can do so with the number, but the unionId stays with the person.
        stable_id: Some(StableId {
            key: STABLE_ID_KEY,
            value: ids.union_id,
        }),
        phone,
        phone_is_unclear,
        subject,
    })
}

/// An external contact, about whom the organization has no other data. The name is chosen by the
/// person; nothing else that they say about themselves is used, so they are never linked to an
/// existing account.
pub fn external(
    options: &DingTalkOptions,
    nick: Option<String>,
    ids: Identifiers,
) -> Result<Identity, NotIdentified> {
    let contact = Employee {
        name: nick,
        ..Employee::default()
    };
    identity(options, contact, ids)
}
