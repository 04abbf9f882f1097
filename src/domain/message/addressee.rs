//! Finding out who an account is at the provider at this moment.

use std::collections::HashSet;

use entity::message::State;

use super::{Messenger, Postponed, Reason};
use crate::chain::Chain;
use crate::store::{Store, StoreError};

/// The person behind an account that a message is for, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// The identifier of the person at the provider.
    Known(String),
    /// The account is bound to nobody there.
    NotBound,
    /// The person has left.
    Left,
    /// The provider refuses to say who it is, for this reason.
    Refused(Reason),
    /// The provider cannot be asked at the moment.
    Away(Postponed),
}

impl Addressee {
    /// The final state and reason of a message that cannot be sent; none if it can be sent now or later.
    pub fn end(&self) -> Option<(State, Option<Reason>)> {
        match self {
            Self::Known(_) | Self::Away(_) => None,
            Self::NotBound => Some((State::NotBound, None)),
            Self::Left => Some((State::Left, None)),
            Self::Refused(reason) => Some((State::Failed, Some(*reason))),
        }
    }
}

/// Finds out who these accounts are, in their order. It reads bindings and departures anew, because a message that has
/// waited must not reach somebody who was unbound meanwhile. When the provider cannot be asked for one account, it is not
/// asked for the others.
pub async fn addressees(
    store: &Store,
    messenger: &dyn Messenger,
    (authenticator_id, authenticator): (i64, &str),
    accounts: &[i64],
) -> Result<Vec<(i64, Addressee)>, StoreError> {
    let bindings = store.bindings_among(authenticator, accounts).await?;
    let gone: HashSet<i64> = match store.directory_source_of(authenticator_id).await? {
        Some(source) => store.gone_among(source.id, accounts).await?,
        None => Vec::new(),
    }
    .into_iter()
    .collect();
    let mut found = Vec::new();
    let mut away = None;
    for &user_id in accounts {
        let addressee = match (bindings.get(&user_id), away) {
            (None, _) => Addressee::NotBound,
            (Some(_), _) if gone.contains(&user_id) => Addressee::Left,
            (Some(_), Some(why)) => Addressee::Away(why),
            (Some(binding), None) => match messenger.receiver(binding).await {
                Ok(Some(receiver)) => Addressee::Known(receiver),
                Ok(None) => Addressee::Left,
                Err(error) => {
                    log::warn!(
                        "who account {user_id} is could not be asked: {}",
                        Chain(&error)
                    );
                    away = error.failed.pause().map(|pause| (pause, error.reason));
                    away.map_or(Addressee::Refused(error.reason), Addressee::Away)
                }
            },
        };
        found.push((user_id, addressee));
    }
    Ok(found)
}
