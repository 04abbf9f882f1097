//! Loads a source with everything that a run needs.

use entity::{authenticator, directory_source};

use super::{Directory, SourceOptions, SourceOptionsError};
use crate::domain::environment::Vault;
use crate::domain::identity_provider::{Providers, UnusableOptions, ready};
use crate::domain::options_signature::OptionsKey;
use crate::domain::sign_in_rules::Rules;
use crate::store::{Store, StoreError};

/// A source that is ready for a run.
pub struct Source {
    /// The id.
    pub id: i64,
    /// The name of its authenticator.
    pub authenticator: String,
    /// Its options.
    pub options: SourceOptions,
    /// The rules of its authenticator, which say how accounts are linked and which roles new ones
    /// get.
    pub rules: Rules,
    /// The account that it acts as.
    pub acting: i64,
    /// Reads the organization.
    pub directory: Box<dyn Directory>,
}

/// Why a source cannot be used. The message is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Somebody removed it.
    #[error("the source is gone")]
    Gone,
    /// Somebody switched it off after the caller had read it.
    #[error("the source was switched off")]
    SwitchedOff,
    /// Its authenticator no longer exists.
    #[error("the authenticator of the source is gone")]
    NoAuthenticator,
    /// The provider of its authenticator has no directory.
    #[error("the provider of the authenticator has no directory")]
    NoDirectory,
    /// The account that it acts as no longer exists.
    #[error("the account that the source acts as is gone: save the source again")]
    NoActingAccount,
    /// The authenticator's options cannot be used.
    #[error(transparent)]
    Authenticator(UnusableOptions),
    /// Its options cannot be used.
    #[error(transparent)]
    Options(#[from] SourceOptionsError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UnusableOptions> for SourceError {
    fn from(error: UnusableOptions) -> Self {
        match error {
            // It says nothing about the options, and passes.
            UnusableOptions::Store(error) => Self::Store(error),
            error => Self::Authenticator(error),
        }
    }
}

/// The types of authenticators that can have a source.
pub fn types(providers: &Providers) -> Vec<&'static str> {
    let with_one = providers.iter().filter(|one| one.has_directory());
    with_one.map(|one| one.names().auth_type).collect()
}

/// The parts of the application that are needed to load a source.
#[derive(Clone, Copy)]
pub struct SourceLoader<'a> {
    /// The store.
    pub store: &'a Store,
    /// Decrypts secret variables.
    pub vault: &'a Vault,
    /// The providers, some of which have a directory.
    pub providers: &'a Providers,
    /// Checks whether the options of an authenticator may give permissions.
    pub options_key: &'a OptionsKey,
}

impl SourceLoader<'_> {
    /// The authenticator with this id, if its provider has a directory.
    pub async fn authenticator(self, id: i64) -> Result<authenticator::Model, SourceError> {
        let row = self.store.authenticator_by_id(id).await?;
        let row = row.ok_or(SourceError::NoAuthenticator)?;
        let provider = self.providers.of_type(&row.auth_type);
        let has_one = provider.is_some_and(|provider| provider.has_directory());
        has_one.then_some(row).ok_or(SourceError::NoDirectory)
    }

    /// Loads a source as it is now. `read` is its row as the caller has read it, which may be long
    /// ago: a run waits for others.
    pub async fn source(self, read: &directory_source::Model) -> Result<Source, SourceError> {
        let row = self.store.directory_source(read.id).await?;
        let row = row.ok_or(SourceError::Gone)?;
        if read.enabled && !row.enabled {
            return Err(SourceError::SwitchedOff);
        }
        let authenticator = self.authenticator(row.authenticator_id).await?;
        let auth_type = &authenticator.auth_type;
        let provider = self
            .providers
            .of_type(auth_type)
            .ok_or(SourceError::NoDirectory)?;
        let configured = ready(self.store, self.vault, &**provider, &authenticator.options).await?;
        let mut rules = configured.rules();
        let owner = self.store.owner();
        if rules.give_power()
            && !self
                .options_key
                .may_give_power(owner, &authenticator, provider.secrets())
        {
            rules = rules.without_power();
        }
        if self.store.user(row.acting_user_id).await?.is_none() {
            return Err(SourceError::NoActingAccount);
        }
        Ok(Source {
            id: row.id,
            directory: configured.directory().ok_or(SourceError::NoDirectory)?,
            authenticator: authenticator.name,
            options: SourceOptions::parse(&row.options)?,
            rules,
            acting: row.acting_user_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_fails_while_variables_are_read_is_no_mistake_in_the_options() {
        let fails = UnusableOptions::Store(StoreError::Conflict(String::new()));
        let error = SourceError::from(fails);
        assert!(matches!(error, SourceError::Store(_)), "{error:?}");
        let error = SourceError::from(UnusableOptions::ShownSecret);
        assert!(matches!(error, SourceError::Authenticator(_)), "{error:?}");
    }
}
