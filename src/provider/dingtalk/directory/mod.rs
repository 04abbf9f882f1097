//! DingTalk's directory. Departments are read level by level, and their people page by page.

mod calls;
mod retry;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;

use super::DingTalk;
use super::error::DingTalkError;
use super::events::unanswered;
use super::options::DingTalkOptions;
use super::person::{Identifiers, identity};
use super::wire::Employee;
use crate::domain::directory::{
    Department, Directory, Key, Level, Member, MemberOf, MembersPage, Membership, MissedEvents,
    PersonLookup, Place, ReadError, Scope,
};
use crate::domain::identity::Identity;
use crate::phone::Phone;
use wire::{WireDepartment, WireMember};

/// The directory of the organization to which an application belongs.
pub struct DingTalkDirectory {
    dingtalk: DingTalk,
    options: DingTalkOptions,
}

impl DingTalkDirectory {
    /// The directory for an authenticator with these options.
    pub fn new(dingtalk: DingTalk, options: DingTalkOptions) -> Self {
        Self { dingtalk, options }
    }

    /// Makes a call with the application's token, within the rate limit and with repetitions.
    async fn call<T, F>(
        &self,
        call: impl Fn(Arc<str>) -> F + Send + Sync,
    ) -> Result<T, DingTalkError>
    where
        F: Future<Output = Result<T, DingTalkError>> + Send,
        T: Send,
    {
        let (dingtalk, options, call) = (&self.dingtalk, &self.options, &call);
        retry::with_retries(move || async move {
            dingtalk.limiter.turn(&options.client_id).await;
            dingtalk.with_app_token_uncounted(options, call).await
        })
        .await
    }
}

#[async_trait]
impl Directory for DingTalkDirectory {
    async fn scope(&self) -> Result<Scope, ReadError> {
        let client = &self.dingtalk.client;
        let scopes = self
            .call(move |token| async move { client.scopes(&token).await })
            .await?;
        let scopes = scopes.auth_org_scopes;
        let keys = |values: Vec<serde_json::Value>| {
            values.into_iter().filter_map(|value| match value {
                serde_json::Value::String(text) if !text.is_empty() => Some(Key::from(text)),
                serde_json::Value::Number(number) => Some(Key::from(number.to_string())),
                _ => None,
            })
        };
        Ok(Scope {
            departments: keys(scopes.authed_dept).filter(has_place).collect(),
            people: keys(scopes.authed_user).collect(),
        })
    }

    async fn department(&self, key: &Key) -> Result<Option<Department>, ReadError> {
        let Some(id) = number(key) else {
            return Ok(None);
        };
        let client = &self.dingtalk.client;
        let found = self
            .call(move |token| async move { client.department(&token, id).await })
            .await;
        Ok(unless_gone(found)?.map(department))
    }

    async fn departments_in(&self, key: &Key) -> Result<Option<Level>, ReadError> {
        let Some(id) = number(key) else {
            return Ok(None);
        };
        let client = &self.dingtalk.client;
        let found = self
            .call(move |token| async move { client.departments_in(&token, id).await })
            .await;
        let Some(found) = unless_gone(found)? else {
            return Ok(None);
        };
        let (departments, others): (Vec<_>, Vec<_>) = found
            .into_iter()
            .map(department)
            .partition(|one| has_place(&one.key));
        Ok(Some(Level {
            departments,
            left_out: others.into_iter().map(|one| one.key).collect(),
        }))
    }

    async fn members_of(
        &self,
        department: &Key,
        cursor: Option<i64>,
    ) -> Result<Option<MembersPage>, ReadError> {
        let Some(id) = number(department) else {
            return Ok(None);
        };
        let client = &self.dingtalk.client;
        let cursor = cursor.unwrap_or_default();
        let found = self
            .call(move |token| async move { client.members_of(&token, id, cursor).await })
            .await;
        let Some(found) = unless_gone(found)? else {
            return Ok(None);
        };
        let next = match (found.has_more, found.next_cursor) {
            (false, _) => None,
            (true, Some(next)) => Some(next),
            (true, None) => return Err(unexpected("more pages, and no cursor")),
        };
        let members = found.list.into_iter().map(|wire| {
            let (is_owner, rank) = (wire.leader, wire.dept_order);
            Ok(MemberOf {
                member: member(wire)?,
                is_owner,
                rank,
            })
        });
        Ok(Some(MembersPage {
            members: members.collect::<Result<_, ReadError>>()?,
            next,
        }))
    }

    async fn person(&self, key: &Key) -> Result<PersonLookup, ReadError> {
        let client = &self.dingtalk.client;
        let found = self
            .call(move |token| async move { client.member(&token, key.as_str()).await })
            .await;
        match found {
            Ok(found) => {
                let places = places(&found);
                Ok(PersonLookup::Found(Box::new(member(found)?), places))
            }
            Err(DingTalkError::UnknownUser) => Ok(PersonLookup::Gone),
            Err(DingTalkError::OutOfScope) => Ok(PersonLookup::Hidden),
            Err(error) => Err(error.into()),
        }
    }

    async fn missed_events(&self) -> Result<MissedEvents, ReadError> {
        let client = &self.dingtalk.client;
        let failed = self
            .call(move |token| async move { client.failed_callbacks(&token).await })
            .await?;
        Ok(MissedEvents {
            events: failed.failed_list.iter().filter_map(unanswered).collect(),
            has_more: failed.has_more,
        })
    }

    fn identity(&self, member: &Member) -> Option<Identity> {
        let ids = Identifiers {
            corp_id: self.options.corp_id().map(str::to_owned),
            user_id: member.key.as_str().to_owned(),
            union_id: member.stable_id.as_ref()?.as_str().to_owned(),
        };
        let known = Employee {
            name: Some(member.name.clone()),
            avatar: member.avatar.clone(),
            org_email: member.email.clone(),
            mobile: member.phone.as_ref().map(|phone| phone.e164().to_owned()),
            ..Employee::default()
        };
        identity(&self.options, known, ids).ok()
    }
}

/// The number of a department.
fn number(key: &Key) -> Option<i64> {
    key.as_str().parse().ok()
}

/// Whether a department is synchronised. Schools' address books have departments with negative
/// numbers, for pupils and parents, which are not.
fn has_place(key: &Key) -> bool {
    number(key).is_some_and(|id| id > 0)
}

fn department(wire: WireDepartment) -> Department {
    let id = wire.dept_id.to_string();
    Department {
        title: wire.name.unwrap_or_else(|| id.clone()),
        key: id.into(),
        parent: wire.parent_id.map(Key::from),
        order: None,
    }
}

fn member(wire: WireMember) -> Result<Member, ReadError> {
    let key = wire
        .userid
        .ok_or_else(|| unexpected("a person without userid"))?;
    let mobile = wire.mobile.as_deref();
    let phone = mobile.and_then(|mobile| Phone::of_contact(wire.state_code.as_deref(), mobile));
    let memberships = wire.dept_id_list.iter().filter(|id| **id > 0);
    Ok(Member {
        phone_is_unclear: mobile.is_some() && phone.is_none(),
        phone,
        name: wire.name.unwrap_or_else(|| key.clone()),
        key: key.into(),
        stable_id: wire.unionid.map(Key::from),
        email: wire.org_email,
        avatar: wire.avatar,
        job_title: wire.title,
        job_number: wire.job_number,
        work_place: wire.work_place,
        memberships: memberships
            .map(|id| Membership {
                department: id.to_string().into(),
                is_owner: false,
            })
            .collect(),
    })
}

/// Where a person who was asked for alone stands in each department.
fn places(wire: &WireMember) -> Vec<Place> {
    let departments = wire.dept_id_list.iter().filter(|id| **id > 0);
    let place = |id: &i64| Place {
        department: id.to_string().into(),
        is_owner: wire.leads(*id),
        rank: wire.rank_of(*id),
    };
    departments.map(place).collect()
}

/// Turns the errors for something that does not exist, or that the application may not see, into
/// `None`.
fn unless_gone<T>(found: Result<T, DingTalkError>) -> Result<Option<T>, ReadError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(DingTalkError::UnknownDepartment | DingTalkError::OutOfScope) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn unexpected(what: &'static str) -> ReadError {
    DingTalkError::Unexpected(what.into()).into()
}

impl From<DingTalkError> for ReadError {
    fn from(error: DingTalkError) -> Self {
        match error {
            DingTalkError::Permission(name) => Self::Permission(name),
            other => Self::Failed(other.into()),
        }
    }
}
