//! Recent refusals that an administrator can do something about.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use entity::audit;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::audit::Action;
use crate::edge::error::Explanation;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call};
use crate::store::{Store, StoreError};

/// How many recent refusals are searched for problems.
const REFUSALS: u64 = 200;
/// How old those refusals may be.
const LATELY: TimeDelta = TimeDelta::days(7);
/// How many problems are shown.
const MOST_PROBLEMS: usize = 5;
/// What shows that a person can sign in through a provider.
const SIGN_IN_ACTIONS: [Action; 2] = [Action::SignIn, Action::InAppSignIn];

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProblemShown {
    reason: String,
    /// The message that people saw.
    text: String,
    /// What an administrator can do about it.
    advice: String,
    authenticator: Option<String>,
    count: u64,
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    last_at: DateTime<Utc>,
}

/// Recent refusals that an administrator can do something about, the most frequent first. Those of
/// people who have signed in since are no problem any more.
pub(super) async fn problems(
    call: &Call,
    now: DateTime<Utc>,
) -> Result<Vec<ProblemShown>, ApiError> {
    let app = &call.app;
    let mut found: Vec<ProblemShown> = Vec::new();
    let since = now - LATELY;
    let refusals = app.store.last_refusals(since, REFUSALS).await?;
    let solved = Solved::of(&app.store, &refusals, since).await?;
    for row in refusals {
        if solved.has(&row) {
            continue;
        }
        let Some(reason) = row.reason else { continue };
        let same = found
            .iter_mut()
            .find(|problem| problem.reason == reason && problem.authenticator == row.authenticator);
        if let Some(same) = same {
            same.count += 1;
            continue;
        }
        let told = Explanation::of(&reason, &app.providers, call.locale);
        let Some((text, advice)) = told.and_then(|told| Some((told.text, told.advice?))) else {
            continue;
        };
        found.push(ProblemShown {
            reason,
            text,
            advice,
            authenticator: row.authenticator,
            count: 1,
            last_at: row.created_at,
        });
    }
    found.sort_by_key(|problem| std::cmp::Reverse(problem.count));
    found.truncate(MOST_PROBLEMS);
    Ok(found)
}

/// The name of an authenticator, and an account or person there.
type At<T> = (String, T);

/// When the people of refusals last signed in.
struct Solved {
    /// The accounts of people who had none, or another one, when they were refused.
    accounts: HashMap<At<String>, i64>,
    last: HashMap<At<i64>, DateTime<Utc>>,
}

impl Solved {
    /// Looks up the people of these refusals. The identifier that the trail has of them is the one
    /// of their binding only where the authenticator binds by it; elsewhere their refusals stay.
    async fn of(
        store: &Store,
        refusals: &[audit::Model],
        since: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let mut people: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut ids: Vec<i64> = Vec::new();
        for row in refusals {
            ids.extend(row.user_id);
            if let (Some(authenticator), Some(person)) = (&row.authenticator, &row.person_id) {
                people.entry(authenticator).or_default().push(person);
            }
        }
        let mut accounts = HashMap::new();
        for (authenticator, people) in people {
            for bound in store.bindings_of_subjects(authenticator, &people).await? {
                ids.push(bound.user_id);
                accounts.insert((bound.authenticator, bound.uuid), bound.user_id);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let actions = SIGN_IN_ACTIONS.map(Action::name);
        let mut last = HashMap::new();
        for (account, authenticator, at) in store.last_sign_ins(&ids, &actions, since).await? {
            last.insert((authenticator, account), at);
        }
        Ok(Self { accounts, last })
    }

    /// Whether the person of a refusal has signed in since.
    fn has(&self, row: &audit::Model) -> bool {
        let Some(authenticator) = &row.authenticator else {
            return false;
        };
        let account = match &row.person_id {
            // The account of the row may be that of somebody else with whom they were in conflict.
            Some(person) => {
                let person = (authenticator.clone(), person.clone());
                self.accounts.get(&person).copied()
            }
            None => row.user_id,
        };
        let last = account.and_then(|id| self.last.get(&(authenticator.clone(), id)));
        last.is_some_and(|last| *last > row.created_at)
    }
}
