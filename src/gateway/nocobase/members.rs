//! Who is in which department of NocoBase, and who owns it.

use serde_json::json;

use super::client::NocoBase;
use super::departments::or_gone;
use crate::domain::directory::{Outcome, StepError};

/// How many people are put into a department or taken out of it in one call, each of some ten milliseconds.
const PEOPLE: usize = 100;

/// What happens to people of a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Members {
    /// They come.
    Add,
    /// They go. Their rights by the department end at once, also those of somebody who has gone before.
    Remove,
}

/// Puts people into a department, or takes them out.
pub async fn change(
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
