//! A source, ready to be used.

use entity::{authenticator, directory_source};

use super::{Directory, SourceOptions, SourceOptionsError};
use crate::domain::environment::Vault;
use crate::domain::identity_provider::{Providers, UnusableOptions, ready};
use crate::domain::options_signature::OptionsKey;
use crate::domain::sign_in_rules::Rules;
use crate::store::{Store, StoreError};

/// A source with everything that a run needs.
pub struct Source {
    /// Its id.
    pub id: i64,
    /// Name of its authenticator.
    pub authenticator: String,
    /// What is copied.
    pub options: SourceOptions,
    /// The rules by which accounts are linked, and what new ones get.
    pub rules: Rules,
    /// The account that it acts as.
    pub acting: i64,
    /// Who reads the organisation.
    pub directory: Box<dyn Directory>,
}

/// Why a source cannot be used. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Its authenticator is gone.
    #[error("the authenticator of the source is gone")]
    NoAuthenticator,
    /// The authenticator's provider has no directory.
    #[error("the provider of the authenticator has no directory")]
    NoDirectory,
    /// The account that it acts as is gone.
    #[error("the account that the source acts as is gone: save the source again")]
    NoActingAccount,
    /// The authenticator's options cannot be used.
    #[error(transparent)]
    Authenticator(#[from] UnusableOptions),
    /// Its own options cannot be used.
    #[error(transparent)]
    Options(#[from] SourceOptionsError),
    /// It could not be looked up.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The types of authenticators that can have a source.
pub fn types(providers: &Providers) -> Vec<&'static str> {
    let with_one = providers.iter().filter(|one| one.has_directory());
    with_one.map(|one| one.names().auth_type).collect()
}

/// What sources are made ready with.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// What is kept.
    pub store: &'a Store,
    /// Secrets among the variables.
    pub vault: &'a Vault,
    /// Who can have a directory.
    pub providers: &'a Providers,
    /// Tells whether options of authenticators may give power.
    pub options_key: &'a OptionsKey,
}

impl Surroundings<'_> {
    /// The authenticator with this id, if its provider has a directory.
    pub async fn authenticator(self, id: i64) -> Result<authenticator::Model, SourceError> {
        let row = self.store.authenticator_by_id(id).await?;
        let row = row.ok_or(SourceError::NoAuthenticator)?;
        let provider = self.providers.of_type(&row.auth_type);
        let has_one = provider.is_some_and(|provider| provider.has_directory());
        has_one.then_some(row).ok_or(SourceError::NoDirectory)
    }

    /// A source, ready to be used.
    pub async fn source(self, row: &directory_source::Model) -> Result<Source, SourceError> {
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
