//! Departments of NocoBase's plugin `departments`, by calls that keep its tree right.
//!
//! What each call does was seen at NocoBase 2.2.15. A parent is named as `parent:{id}`: with `parentId`
//! alone both web clients hide the department. NocoBase makes a parent that is not there, so it is looked
//! for first.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use super::client::{NocoBase, PAUSES};
use super::error::CallError;
use crate::domain::directory::{NewDepartment, Outcome, StepError};

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
    let made = match made {
        Some(id) => Some(id),
        None => match create_anew(nocobase, given, new).await? {
            Made::Whole(id) => {
                give(given, id);
                return Ok(Outcome::Made(id));
            }
            Made::Perhaps(found) => found,
        },
    };
    let id = made.ok_or(CallError::Busy)?;
    if let Some(parent) = new.parent {
        // Otherwise clients would show no way to open it.
        set_leaf(nocobase, parent, false).await?;
    }
    give(given, id);
    Ok(Outcome::Made(id))
}

/// What has become of a department that was to be made.
enum Made {
    /// It is there, and everything is as it should be.
    Whole(i64),
    /// Others were in the way; the id if it is there all the same.
    Perhaps(Option<i64>),
}

async fn create_anew(
    nocobase: &NocoBase,
    given: &Given,
    new: &NewDepartment,
) -> Result<Made, StepError> {
    let mut values = Map::new();
    values.insert("title".to_owned(), new.title.as_str().into());
    if let Some(parent) = new.parent {
        expect(nocobase, parent).await?;
        values.insert("parent".to_owned(), json!({"id": parent}));
    }
    if let Some(order) = new.order {
        values.insert("sort".to_owned(), order.into());
    }
    let values = Value::Object(values);
    let began = nocobase.app().clock.now();
    for pause in PAUSES {
        match nocobase.post_once("departments:create", &values).await {
            Err(CallError::Busy) => sleep(pause).await,
            Err(error) => return Err(error.into()),
            Ok(row) => return Ok(Made::Whole(id_of(&row).ok_or(CallError::Unreadable)?)),
        }
        let found = made_since(nocobase, given, new, began).await?;
        if found.is_some() {
            return Ok(Made::Perhaps(found));
        }
    }
    Ok(Made::Perhaps(None))
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
///
/// NocoBase moves it first, and then says of both parents whether anything is in them. When others are in
/// the way of the second it has to be asked for it, and of the old one it is not asked by moving again.
pub async fn relocate(
    nocobase: &NocoBase,
    id: i64,
    parent: Option<i64>,
) -> Result<Outcome, StepError> {
    let row = row(nocobase, id).await?.ok_or(StepError::Gone)?;
    let old = row.get("parentId").and_then(number);
    let values = match parent {
        Some(parent) => {
            expect(nocobase, parent).await?;
            json!({"parent": {"id": parent}})
        }
        None => json!({"parent": null}),
    };
    let action = format!("departments:update?filterByTk={id}");
    match nocobase.post_once(&action, &values).await {
        Ok(_) => return Ok(Outcome::Done),
        Err(CallError::Busy) => {}
        Err(error) => return Err(error.into()),
    }
    update(nocobase, id, &values).await?;
    if let Some(old) = old.filter(|old| Some(*old) != parent) {
        let inside = json!({"parentId": old});
        if newest(nocobase, "departments:list", &inside)
            .await?
            .is_empty()
        {
            set_leaf(nocobase, old, true).await?;
        }
    }
    Ok(Outcome::Done)
}

/// Says whether there is nothing in a department.
async fn set_leaf(nocobase: &NocoBase, id: i64, is_leaf: bool) -> Result<(), StepError> {
    update(nocobase, id, &json!({"isLeaf": is_leaf})).await?;
    Ok(())
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

/// Whether there is such a department.
async fn is_there(nocobase: &NocoBase, id: i64) -> Result<bool, CallError> {
    Ok(row(nocobase, id).await?.is_some())
}

/// A department, if it is there, and where it is.
async fn row(nocobase: &NocoBase, id: i64) -> Result<Option<Value>, CallError> {
    let id = id.to_string();
    let query = [("filterByTk", id.as_str()), ("fields", "id,parentId")];
    let row = nocobase.get("departments:get", &query).await?;
    Ok(Some(row).filter(|row| !row.is_null()))
}

/// Refuses what is done in a department that there is not.
pub async fn expect(nocobase: &NocoBase, id: i64) -> Result<(), StepError> {
    if is_there(nocobase, id).await? {
        Ok(())
    } else {
        Err(StepError::Gone)
    }
}

/// What came of something, where NocoBase refuses what is done to a department that there is not as it
/// refuses much else.
pub async fn or_gone(
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

/// The id of a row.
pub fn id_of(row: &Value) -> Option<i64> {
    row.get("id").and_then(number)
}

/// A number, which some databases give as text.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
