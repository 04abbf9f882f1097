//! Steps that change departments of NocoBase's plugin `departments`.
//!
//! The calls are chosen so that the plugin keeps its tree consistent; what each does was observed
//! on NocoBase 2.2.15. A parent is passed as `parent: {id}`, because both web clients hide a
//! department that was written with `parentId` alone. NocoBase creates a parent that does not
//! exist, so the parent is looked up first.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::client::NocoBase;
use super::error::CallError;
use crate::domain::directory::{NewDepartment, StepError, StepOutcome};

/// How many people one call adds to a department or removes from it. Each takes some ten
/// milliseconds.
const PEOPLE: usize = 100;
/// How many rows are searched for one that an earlier attempt may have created.
const FOUND: &str = "20";
/// The largest difference between NocoBase's clock and this server's that is allowed for.
const CLOCKS: TimeDelta = TimeDelta::minutes(1);

/// Departments or accounts that this run has already returned. One that looks the same must not be
/// taken for one of them.
#[derive(Default)]
pub struct Given(Mutex<HashSet<i64>>);

impl Given {
    /// The first of these that was not returned before. It counts as returned from now on.
    pub fn claim(&self, ids: impl IntoIterator<Item = i64>) -> Option<i64> {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.into_iter().find(|id| given.insert(*id))
    }
}

/// Whether NocoBase has departments: the plugin is enabled.
pub async fn are_there(nocobase: &NocoBase) -> Result<bool, CallError> {
    let asked = nocobase.get("departments:list", &[("pageSize", "1"), ("fields", "id")]);
    match asked.await {
        Ok(_) => Ok(true),
        Err(CallError::Unknown) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Creates a department, or finds the one that an earlier attempt created.
pub async fn create(
    nocobase: &NocoBase,
    given: &Given,
    new: &NewDepartment,
) -> Result<StepOutcome, StepError> {
    let made = match new.tried_at {
        Some(since) => made_since(nocobase, given, new, since).await?,
        None => None,
    };
    if let Some(id) = made {
        return Ok(StepOutcome::Made(id));
    }
    let id = create_anew(nocobase, new).await?;
    given.claim([id]);
    Ok(StepOutcome::Made(id))
}

async fn create_anew(nocobase: &NocoBase, new: &NewDepartment) -> Result<i64, StepError> {
    let mut values = Map::new();
    values.insert("title".to_owned(), new.title.as_str().into());
    if let Some(parent) = new.parent {
        expect(nocobase, parent).await?;
        values.insert("parent".to_owned(), json!({"id": parent}));
    }
    if let Some(order) = new.order {
        values.insert("sort".to_owned(), order.into());
    }
    let row = nocobase
        .post("departments:create", &[], &Value::Object(values))
        .await?;
    Ok(id_of(&row).ok_or(CallError::Unreadable)?)
}

/// Finds the department that an earlier attempt created. One that is recorded is another's: the
/// attempt ended before its department could be recorded.
async fn made_since(
    nocobase: &NocoBase,
    given: &Given,
    new: &NewDepartment,
    since: DateTime<Utc>,
) -> Result<Option<i64>, StepError> {
    let alike = json!({
        "title": new.title,
        "parentId": new.parent,
        "createdById": nocobase.account(),
    });
    let mut found = newest_since(nocobase, "departments:list", &alike, since).await?;
    let store = &nocobase.app().store;
    let recorded = store.recorded_departments(None, &found).await;
    let recorded = recorded.map_err(StepError::of_store)?;
    found.retain(|id| !recorded.contains(id));
    Ok(given.claim(found))
}

/// Returns the ids of the newest rows with these values that were created since this moment.
pub async fn newest_since(
    nocobase: &NocoBase,
    action: &str,
    like: &Value,
    since: DateTime<Utc>,
) -> Result<Vec<i64>, CallError> {
    let rows = newest(nocobase, action, like).await?.into_iter();
    let recent = rows.filter(|(_, at)| at.is_some_and(|at| at >= since - CLOCKS));
    Ok(recent.map(|(id, _)| id).collect())
}

/// Returns the id and creation time of the newest rows with these values.
async fn newest(
    nocobase: &NocoBase,
    action: &str,
    like: &Value,
) -> Result<Vec<(i64, Option<DateTime<Utc>>)>, CallError> {
    let query = [
        ("filter", like.to_string()),
        ("fields", "id,createdAt".to_owned()),
        ("sort", "-id".to_owned()),
        ("pageSize", FOUND.to_owned()),
    ];
    let query = query.each_ref().map(|(key, value)| (*key, value.as_str()));
    let rows = nocobase.get(action, &query).await?;
    let rows = rows.as_array().ok_or(CallError::Unreadable)?;
    let created = |row: &Value| row.get("createdAt")?.as_str()?.parse().ok();
    Ok(rows
        .iter()
        .filter_map(|row| Some((id_of(row)?, created(row))))
        .collect())
}

/// Renames a department.
pub async fn rename(nocobase: &NocoBase, id: i64, title: &str) -> Result<StepOutcome, StepError> {
    update(nocobase, id, &json!({"title": title})).await
}

/// Moves a department below another, or to the top level.
///
/// Both web clients show departments below another only where its `isLeaf` is false. With a move NocoBase sets that of
/// the new parent and of the old one at the same time, which its SQLite often refuses as locked: then the move is done
/// and the marks are wrong. So the new parent is marked before, and NocoBase is told that it is.
pub async fn relocate(
    nocobase: &NocoBase,
    id: i64,
    parent: Option<i64>,
) -> Result<StepOutcome, StepError> {
    let Some(parent) = parent else {
        return update(nocobase, id, &json!({"parent": null})).await;
    };
    let was_leaf = is_leaf(nocobase, parent).await?;
    if was_leaf {
        update(nocobase, parent, &json!({"isLeaf": false})).await?;
    }
    let values = json!({"parent": {"id": parent, "isLeaf": false}});
    let moved = update(nocobase, id, &values).await;
    if was_leaf && matches!(moved, Err(StepError::Refused(_))) {
        update(nocobase, parent, &json!({"isLeaf": true})).await?;
    }
    moved
}

/// Whether NocoBase shows nothing below a department.
async fn is_leaf(nocobase: &NocoBase, id: i64) -> Result<bool, StepError> {
    let row = department(nocobase, id, "id,isLeaf").await?;
    if row.is_null() {
        return Err(StepError::Gone);
    }
    Ok(row.get("isLeaf") != Some(&Value::Bool(false)))
}

async fn update(nocobase: &NocoBase, id: i64, values: &Value) -> Result<StepOutcome, StepError> {
    let done = nocobase.post_to("departments:update", id, values).await;
    or_gone(nocobase, id, done).await?;
    Ok(StepOutcome::Done)
}

/// Removes a department if it is empty.
pub async fn remove(nocobase: &NocoBase, id: i64) -> Result<StepOutcome, StepError> {
    if !is_there(nocobase, id).await? {
        return Ok(StepOutcome::Done);
    }
    match nocobase
        .post_to("departments:destroy", id, &json!({}))
        .await
    {
        Ok(_) => Ok(StepOutcome::Done),
        // The department still has members or departments below it.
        Err(CallError::Refused { status: 400, .. }) => Ok(StepOutcome::Kept),
        // Somebody else has removed the department meanwhile.
        Err(error) if error.is_refusal() && !is_there(nocobase, id).await? => Ok(StepOutcome::Done),
        Err(error) => Err(error.into()),
    }
}

/// How the members of a department change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Members {
    /// They are added.
    Add,
    /// They are removed. Permissions that they have through the department end at once, and
    /// NocoBase forgets them even for somebody who was removed before.
    Remove,
}

/// Adds accounts to a department, or removes them from it.
pub async fn members(
    nocobase: &NocoBase,
    id: i64,
    accounts: &[i64],
    what: Members,
) -> Result<StepOutcome, StepError> {
    let action = match what {
        Members::Add => format!("departments/{id}/members:add"),
        Members::Remove => format!("departments/{id}/members:remove"),
    };
    for some in accounts.chunks(PEOPLE) {
        let done = nocobase.post(&action, &[], &json!(some)).await;
        or_gone(nocobase, id, done).await?;
    }
    Ok(StepOutcome::Done)
}

/// Makes an account an owner of a department, or takes this away.
pub async fn set_owner(
    nocobase: &NocoBase,
    id: i64,
    account: i64,
    is_owner: bool,
) -> Result<StepOutcome, StepError> {
    let action = if is_owner {
        "departments:setOwner"
    } else {
        "departments:removeOwner"
    };
    let values = json!({"userId": account, "departmentId": id});
    nocobase.post(action, &[], &values).await?;
    Ok(StepOutcome::Done)
}

/// Whether the department exists.
async fn is_there(nocobase: &NocoBase, id: i64) -> Result<bool, CallError> {
    Ok(!department(nocobase, id, "id").await?.is_null())
}

/// These fields of a department; null when it does not exist.
async fn department(nocobase: &NocoBase, id: i64, fields: &str) -> Result<Value, CallError> {
    let id = id.to_string();
    let query = [("filterByTk", id.as_str()), ("fields", fields)];
    nocobase.get("departments:get", &query).await
}

async fn expect(nocobase: &NocoBase, id: i64) -> Result<(), StepError> {
    if is_there(nocobase, id).await? {
        Ok(())
    } else {
        Err(StepError::Gone)
    }
}

/// The result of a call on a department. NocoBase refuses a department that does not exist with the
/// same error as other mistakes, so after a refusal the department is looked up.
async fn or_gone(
    nocobase: &NocoBase,
    id: i64,
    done: Result<Value, CallError>,
) -> Result<(), StepError> {
    match done {
        Ok(_) => Ok(()),
        Err(error) if error.is_refusal() => {
            expect(nocobase, id).await?;
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The id of a row. Some databases return it as text.
pub fn id_of(row: &Value) -> Option<i64> {
    match row.get("id")? {
        Value::Number(id) => id.as_i64(),
        Value::String(id) => id.parse().ok(),
        _ => None,
    }
}
