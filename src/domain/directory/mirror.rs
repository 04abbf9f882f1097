//! Converts between the rows of the directory's tables and the types of a plan.

use chrono::{DateTime, Utc};
use entity::{directory_department, directory_member};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plan::PersonChange;
use super::{Department, Key, ManagedDepartment, ManagedPerson, Member, Membership};
use crate::phone::Phone;
use crate::store::shortened;

/// A membership as it is stored.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptMembership {
    department: String,
    is_owner: bool,
}

/// The managed person of a row.
pub fn managed_person(row: &directory_member::Model) -> ManagedPerson {
    ManagedPerson {
        stable_id: row.stable_id.as_str().into(),
        key: row.external_id.as_str().into(),
        account: row.user_id,
        is_gone: row.is_gone,
        memberships: memberships(&row.memberships),
        taken_out: Vec::new(),
        roles: Vec::deserialize(&row.roles).unwrap_or_default(),
        digest: u64::from_str_radix(&row.digest, 16).unwrap_or_default(),
        tried_at: row.tried_at,
    }
}

/// What the row of a person says of who it is. The rest of their data is left out.
pub fn member_of_row(row: &directory_member::Model) -> Member {
    let has_stable_id = row.stable_id != row.external_id;
    Member {
        stable_id: has_stable_id.then(|| row.stable_id.as_str().into()),
        phone: row.phone.as_deref().map(Phone::of_e164),
        ..Member::named(row.external_id.as_str().into(), row.name.clone())
    }
}

fn memberships(kept: &Value) -> Vec<Membership> {
    let kept: Vec<KeptMembership> = Vec::deserialize(kept).unwrap_or_default();
    let kept = kept.into_iter().map(|one| Membership {
        department: one.department.into(),
        is_owner: one.is_owner,
    });
    kept.collect()
}

fn kept(memberships: &[Membership]) -> Value {
    let kept = memberships.iter().map(|one| KeptMembership {
        department: one.department.as_str().to_owned(),
        is_owner: one.is_owner,
    });
    serde_json::to_value(kept.collect::<Vec<_>>()).unwrap_or_default()
}

/// The row of a person who is in the organization.
pub fn member_row(
    source_id: i64,
    member: &Member,
    account: Option<i64>,
    memberships: &[Membership],
    roles: &[String],
    now: DateTime<Utc>,
) -> directory_member::Model {
    let short = |text: &Option<String>| text.as_deref().map(shortened);
    directory_member::Model {
        source_id,
        stable_id: member.stable_id_or_key().as_str().to_owned(),
        external_id: member.key.as_str().to_owned(),
        name: shortened(&member.name),
        phone: member
            .phone
            .as_ref()
            .map(|phone| Phone::e164(phone).to_owned()),
        email: short(&member.email),
        // The store writes it.
        normalized_email: None,
        avatar: member.avatar.as_ref().map(|text| text.replace('\0', "")),
        job_title: short(&member.job_title),
        job_number: short(&member.job_number),
        work_place: short(&member.work_place),
        departments: kept(&member.memberships),
        memberships: kept(memberships),
        digest: format!("{:016x}", member.digest()),
        user_id: account,
        is_gone: false,
        gone_at: None,
        roles: Value::from(roles.to_vec()),
        tried_at: None,
        updated_at: now,
    }
}

impl PersonChange {
    /// The row to store once the account exists, before memberships are changed.
    pub fn row(
        &self,
        source_id: i64,
        account: Option<i64>,
        memberships: &[Membership],
        now: DateTime<Utc>,
    ) -> directory_member::Model {
        member_row(
            source_id,
            &self.member,
            account,
            memberships,
            &self.kept_roles,
            now,
        )
    }
}

/// The managed department of a row.
pub fn managed_department(row: directory_department::Model) -> ManagedDepartment {
    ManagedDepartment {
        key: row.external_id.into(),
        title: row.title,
        parent: row.parent_id.map(Key::from),
        order: row.position,
        local: row.department_id,
        tried_at: row.tried_at,
    }
}

/// The row of a department.
pub fn department_row(
    source_id: i64,
    department: &Department,
    local: Option<i64>,
    tried_at: Option<DateTime<Utc>>,
) -> directory_department::Model {
    directory_department::Model {
        source_id,
        external_id: department.key.as_str().to_owned(),
        title: shortened(&department.title),
        parent_id: department
            .parent
            .as_ref()
            .map(|key| key.as_str().to_owned()),
        position: department.order,
        department_id: local,
        tried_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memberships_are_read_as_they_were_kept() {
        let all = [("2", false), ("1", true)].map(|(key, is_owner)| Membership {
            department: key.into(),
            is_owner,
        });
        assert_eq!(memberships(&kept(&all)), all);
    }
}
