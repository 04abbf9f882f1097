//! Finding the messenger of an authenticator, and the work on messages that wait for it.

mod outcomes;
mod resume;
#[cfg(test)]
mod tests;

pub use outcomes::ask_outcomes;
pub use resume::{Resumed, send_waiting};

use entity::authenticator;

use super::environment::Vault;
use super::identity_provider::{Providers, UnusableOptions, ready};
use super::message::{Messenger, Way};
use crate::store::{Store, StoreError};

/// What finding a messenger needs.
#[derive(Clone, Copy)]
pub struct Messengers<'a> {
    /// The store.
    pub store: &'a Store,
    /// The key of the secrets among the variables.
    pub vault: &'a Vault,
    /// The providers, some of which can send messages.
    pub providers: &'a Providers,
}

/// Why there is no messenger.
#[derive(Debug, thiserror::Error)]
pub enum NoMessenger {
    /// No authenticator of this name is in use and carries messages, or several could be meant.
    #[error(
        "no authenticator that is in use and carries messages is named, or several could be meant"
    )]
    Authenticator,
    /// The options lack what this way of sending needs.
    #[error("the authenticator's options have not what this way of sending needs")]
    Way,
    /// The options cannot be used.
    #[error(transparent)]
    Options(UnusableOptions),
    /// It could not be looked up.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UnusableOptions> for NoMessenger {
    fn from(error: UnusableOptions) -> Self {
        match error {
            // It says nothing about the options, and passes.
            UnusableOptions::Store(error) => Self::Store(error),
            error => Self::Options(error),
        }
    }
}

impl Messengers<'_> {
    /// The authenticator with this name, and its messenger for this way. Without a name, it is the only enabled one that
    /// can send messages. A disabled one sends none.
    pub async fn carrier(
        self,
        name: Option<&str>,
        way: Way,
    ) -> Result<(authenticator::Model, Box<dyn Messenger>), NoMessenger> {
        let row = self.authenticator(name).await?;
        let messenger = self.messenger(&row, way).await?;
        Ok((row, messenger))
    }

    async fn authenticator(self, name: Option<&str>) -> Result<authenticator::Model, NoMessenger> {
        let carries = |row: &authenticator::Model| {
            let provider = self.providers.of_type(&row.auth_type);
            provider.is_some_and(|provider| provider.carries_messages())
        };
        if let Some(name) = name {
            let row = self.store.authenticator(name).await?;
            let row = row.filter(|row| row.enabled == Some(true) && carries(row));
            return row.ok_or(NoMessenger::Authenticator);
        }
        let rows = self.store.enabled_authenticators().await?;
        let mut rows = rows.into_iter().filter(carries);
        match (rows.next(), rows.next()) {
            (Some(row), None) => Ok(row),
            _ => Err(NoMessenger::Authenticator),
        }
    }

    /// The messenger of an authenticator for this way.
    async fn messenger(
        self,
        row: &authenticator::Model,
        way: Way,
    ) -> Result<Box<dyn Messenger>, NoMessenger> {
        let provider = self.providers.of_type(&row.auth_type);
        let provider = provider.ok_or(NoMessenger::Authenticator)?;
        let configured = ready(self.store, self.vault, &**provider, &row.options).await?;
        configured.messenger(way).ok_or(NoMessenger::Way)
    }
}
