//! Step executors apply steps to accounts and departments.

use std::error::Error;

use async_trait::async_trait;

use super::Step;
use super::run_list::RunList;
use crate::domain::profile::Field;
use crate::store::Store;

/// Applies the steps of one source. An executor is created for the authenticator that the source belongs
/// to, and for the account that it acts as.
///
/// - A step may be repeated after any failure, even if the process was killed while applying it.
///   What the first attempt did is found and not done again.
/// - An executor refuses to take anything away from the root account and the account that it acts as,
///   no matter what the plan says. Nor does it bind a root account that is not bound to the person.
/// - It takes permissions away only in ways that take effect at once, for open sessions, too.
#[async_trait]
pub trait StepExecutor: Send + Sync {
    /// Whether there are departments. Without them, no step about a department is passed.
    async fn has_departments(&self) -> Result<bool, StepError>;

    /// The most steps that one call of [`Self::apply`] may pass; at least one.
    fn batch(&self) -> usize;

    /// Applies steps that do not depend on each other, in any order: one by one, at the same time,
    /// or in one transaction. Returns a result for each, in the order of the steps. A step that
    /// fails does not prevent the others.
    async fn apply(&self, steps: &[Step]) -> Vec<Result<StepOutcome, StepError>>;
}

/// Creates executors. The server chooses the implementation when it starts.
#[async_trait]
pub trait StepExecutors: Send + Sync {
    /// Creates an executor for the source of this authenticator that acts as this account.
    async fn executor<'a>(
        &'a self,
        store: &'a Store,
        authenticator: &'a str,
        acting: i64,
    ) -> Result<Box<dyn StepExecutor + 'a>, StepError>;

    /// A list of runs that another system shows, if there is one.
    fn run_list(&self) -> Option<&dyn RunList> {
        None
    }
}

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// Everything is as the step wants it, because of this step or already before.
    Done,
    /// The account or department exists and has this id. An earlier attempt may have created it.
    Made(i64),
    /// The department was not removed, because people have put something else into it.
    Kept,
}

/// Why a step failed. No message holds a secret or the name of a person.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Another account has the value.
    #[error("the {} is taken", .0.name())]
    Taken(Field),
    /// The account, department or role no longer exists.
    #[error("what it is about is no longer there")]
    Gone,
    /// The account is bound to another person, or the person to another account.
    #[error("the account or the person is bound to another")]
    BoundToAnother,
    /// The step would take something away from root or from the account that acts, or bind root.
    #[error("root, and the account that acts, are left alone")]
    Protected,
    /// The step was refused for another reason, and a repetition would not help.
    #[error("refused: {0}")]
    Refused(String),
    /// The account that the source acts as no longer exists or lacks the permission. All other
    /// steps would fail, too.
    #[error("the account that the source acts as may not do this")]
    NotAllowed,
    /// It is not known whether the step was applied. A repetition may succeed.
    #[error("nobody knows whether it was done")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

impl StepError {
    /// Whether all other steps would fail in the same way, so that the run should stop.
    pub fn concerns_all(&self) -> bool {
        match self {
            Self::NotAllowed | Self::Unavailable(_) => true,
            Self::Taken(_)
            | Self::Gone
            | Self::BoundToAnother
            | Self::Protected
            | Self::Refused(_) => false,
        }
    }
}
