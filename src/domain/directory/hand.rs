//! Who does the steps.

use std::error::Error;

use async_trait::async_trait;

use super::Step;
use super::run_list::RunList;
use crate::domain::profile::Field;
use crate::store::Store;

/// Does steps for one source, in its name: a hand is made for the authenticator that the source belongs
/// to and for the account that it acts as.
///
/// - Steps may be done again after any failure, also after the process was killed in the middle of one.
///   Whatever was done the first time is found and not done twice.
/// - A hand refuses to take anything from the root account and from the account that it acts as, whoever
///   asks for it.
/// - It takes rights away only in ways that count at once, for open sessions too.
#[async_trait]
pub trait Hand: Send + Sync {
    /// Whether there are departments here. Without them nobody asks for a step that concerns one.
    async fn has_departments(&self) -> Result<bool, StepError>;

    /// How many steps it likes to get at once, at least one. More are never given.
    fn batch(&self) -> usize;

    /// Does steps of which none needs another, in any order: one by one, several at once, or all in one
    /// transaction. Gives an answer for each, in their order. One that fails does not keep the others from
    /// being done.
    async fn apply(&self, steps: &[Step]) -> Vec<Result<Outcome, StepError>>;
}

/// Makes hands: which kind there is, the server decides when it starts.
#[async_trait]
pub trait Hands: Send + Sync {
    /// A hand for the source of this authenticator that acts as this account.
    async fn hand<'a>(
        &'a self,
        store: &'a Store,
        authenticator: &'a str,
        acting: i64,
    ) -> Result<Box<dyn Hand + 'a>, StepError>;

    /// A list of runs that somebody else keeps, if there is one.
    fn run_list(&self) -> Option<&dyn RunList> {
        None
    }
}

/// What has become of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as it should be, by this step or already before it.
    Done,
    /// The account or department is there, and this is its id; it may have been made by an earlier try.
    Made(i64),
    /// The department stays, since people have put something else into it.
    Kept,
}

/// Why a step was not done. No text of it holds a secret or what a person is called.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Another account has the value.
    #[error("the {} is taken", .0.name())]
    Taken(Field),
    /// The account, department or role that the step is about is no longer there.
    #[error("what it is about is no longer there")]
    Gone,
    /// The account or the person is bound to another.
    #[error("the account or the person is bound to another")]
    BoundToAnother,
    /// Root, and the account that acts, are left alone.
    #[error("root, and the account that acts, are left alone")]
    Protected,
    /// It was refused for another reason, and trying again would not help.
    #[error("refused: {0}")]
    Refused(String),
    /// The account that the source acts as is gone or may not do this any more. Nor may it do the next
    /// step.
    #[error("the account that the source acts as may not do this")]
    NotAllowed,
    /// Nothing is known of how it ended. It may succeed later.
    #[error("nobody knows whether it was done")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

impl StepError {
    /// Whether other steps would fail in the same way, so that there is no use in trying them now.
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
