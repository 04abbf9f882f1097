//! Departments of NocoBase's plugin `departments`, by calls that keep its tree right.
//!
//! What each call does was seen at NocoBase 2.2.15. A parent is named as `parent:{id}`: with `parentId`
//! alone both web clients hide the department. NocoBase makes a parent that is not there, so it is looked
//! for first.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::client::NocoBase;
use super::error::CallError;
use crate::domain::directory::{NewDepartment, Outcome, StepError};

/// How many people are put into a department or taken out of it in one call, each of some ten milliseconds.
const PEOPLE: usize = 100;
/// How many rows are looked through for something that an earlier try may have made.
const FOUND: &str = "20";
/// How much later than ours the clock of NocoBase may be.
pub const CLOCKS: TimeDelta = TimeDelta::minutes(1);

/// Departments that were given back: none is given back for two.
pub type Given = Mutex<HashSet<i64>>;

/// Whether there are departments.
pub async fn are_there(nocobase: &NocoBase) -> Result<bool, CallError> {
    let asked = nocobase.get("departments:list", &[("pageSize", "1"), ("fields", "id")]);
    match asked.await {
        Ok(_) => Ok(true),
        Err(CallError::Unknown) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a department.
pub async fn create(
    nocobase: &NocoBase,
    given: &Given,
    new: &NewDepartment,
) -> Result<Outcome, StepError> {
    let made = match new.tried_at {
        Some(since) => made_since(nocobase, given, new, since).await?,
        None => None,
    };
    let id = match made {
        Some(id) => id,
        None => create_anew(nocobase, new).await?,
    };
    give(given, id);
    Ok(Outcome::Made(id))
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

/// The department that an earlier try has made.
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
    let rows = newest(nocobase, "departments:list", &alike).await?;
    let given = given.lock().unwrap_or_else(PoisonError::into_inner);
    let mut found = rows
        .into_iter()
        .filter(|(id, at)| at.is_some_and(|at| at >= since - CLOCKS) && !given.contains(id));
    Ok(found.next().map(|(id, _)| id))
}

/// Id and time of creation of the newest rows that are like this.
pub async fn newest(
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

/// Gives a department another name.
pub async fn rename(nocobase: &NocoBase, id: i64, title: &str) -> Result<Outcome, StepError> {
    update(nocobase, id, &json!({"title": title})).await
}

/// Puts a department into another, or to the top.
pub async fn relocate(
    nocobase: &NocoBase,
    id: i64,
    parent: Option<i64>,
) -> Result<Outcome, StepError> {
    let parent = match parent {
        Some(parent) => {
            expect(nocobase, parent).await?;
            json!({"id": parent})
        }
        None => Value::Null,
    };
    update(nocobase, id, &json!({"parent": parent})).await
}

async fn update(nocobase: &NocoBase, id: i64, values: &Value) -> Result<Outcome, StepError> {
    let done = nocobase.post_to("departments:update", id, values).await;
    or_gone(nocobase, id, done).await?;
    Ok(Outcome::Done)
}

/// Removes a department, if nothing is in it.
pub async fn remove(nocobase: &NocoBase, id: i64) -> Result<Outcome, StepError> {
    if !is_there(nocobase, id).await? {
        return Ok(Outcome::Done);
    }
    match nocobase
        .post_to("departments:destroy", id, &json!({}))
        .await
    {
        Ok(_) => Ok(Outcome::Done),
        // There are departments or people in it.
        Err(CallError::Refused { status: 400, .. }) => Ok(Outcome::Kept),
        // Somebody else has removed it meanwhile.
        Err(error) if error.is_refusal() && !is_there(nocobase, id).await? => Ok(Outcome::Done),
        Err(error) => Err(error.into()),
    }
}

/// What happens to people of a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Members {
    /// They come.
    Add,
    /// They go. Their rights by the department end at once, also those of somebody who has gone before.
    Remove,
}

/// Puts people into a department, or takes them out.
pub async fn members(
    nocobase: &NocoBase,
    id: i64,
    accounts: &[i64],
    what: Members,
) -> Result<Outcome, StepError> {
    let action = match what {
        Members::Add => format!("departments/{id}/members:add"),
        Members::Remove => format!("departments/{id}/members:remove"),
    };
    for some in accounts.chunks(PEOPLE) {
        let done = nocobase.post(&action, &[], &json!(some)).await;
        or_gone(nocobase, id, done).await?;
    }
    Ok(Outcome::Done)
}

/// Makes somebody an owner of a department, or no longer.
pub async fn set_owner(
    nocobase: &NocoBase,
    id: i64,
    account: i64,
    is_owner: bool,
) -> Result<Outcome, StepError> {
    let action = if is_owner {
        "departments:setOwner"
    } else {
        "departments:removeOwner"
    };
    let values = json!({"userId": account, "departmentId": id});
    nocobase.post(action, &[], &values).await?;
    Ok(Outcome::Done)
}

/// Whether there is such a department.
async fn is_there(nocobase: &NocoBase, id: i64) -> Result<bool, CallError> {
    let id = id.to_string();
    let query = [("filterByTk", id.as_str()), ("fields", "id")];
    let row = nocobase.get("departments:get", &query).await?;
    Ok(!row.is_null())
}

async fn expect(nocobase: &NocoBase, id: i64) -> Result<(), StepError> {
    if is_there(nocobase, id).await? {
        Ok(())
    } else {
        Err(StepError::Gone)
    }
}

/// What came of something, where NocoBase refuses what is done to a department that there is not as it
/// refuses much else.
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

/// Notes that a department is given back.
fn give(given: &Given, id: i64) {
    let mut given = given.lock().unwrap_or_else(PoisonError::into_inner);
    given.insert(id);
}

/// The id of a row, which some databases give as text.
pub fn id_of(row: &Value) -> Option<i64> {
    match row.get("id")? {
        Value::Number(id) => id.as_i64(),
        Value::String(id) => id.parse().ok(),
        _ => None,
    }
}
