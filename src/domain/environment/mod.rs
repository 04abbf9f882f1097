//! Variables and secrets that options use as `{{ $env.NAME }}`.

mod edit;
pub(crate) mod template;
mod vault;

pub use edit::{VariableEdit, VariableError, create, destroy, update};
pub use template::is_variable;
pub use vault::{Vault, VaultError};

use std::collections::HashMap;

use entity::environment_variable::Model;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::chain::Chain;
use crate::store::{Connection, Store, StoreError};
use template::{Filled, names, render};

/// The kind of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableKind {
    /// Everybody who is signed in may read it.
    Default,
    /// It is stored encrypted, and nobody can read it again.
    Secret,
}

impl VariableKind {
    /// The kind with NocoBase's name for it. Everything except a secret counts as a plain variable.
    pub fn of(word: Option<&str>) -> Self {
        match word {
            Some("secret") => Self::Secret,
            _ => Self::Default,
        }
    }

    /// NocoBase's name for the kind.
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Secret => "secret",
        }
    }
}

/// Options whose variables have been filled in.
#[derive(Clone)]
pub struct Resolved {
    /// The options including secrets, for internal use only. Values without content have been
    /// removed.
    pub options: Value,
    /// The options as an administrator may see them, in which secrets are still templates.
    pub shown: Value,
    /// Variables that had no value.
    pub missing: Vec<Missing>,
}

/// Why a variable was not filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// There is no variable with this name, or it is empty.
    #[error("there is no variable {0}, or it is empty")]
    Unknown(String),
    /// The secret with this name cannot be decrypted.
    #[error("the secret {0} was encrypted with another key")]
    Unreadable(String),
    /// The values together are too long.
    #[error("the values of all variables are too long together")]
    TooLong,
}

/// How many bytes variables may add to options, however often they are used.
const MOST: usize = 1024 * 1024;

/// Fills in the variables in options. Variables inside values are not replaced.
pub async fn resolve<C: Connection>(
    store: &Store<C>,
    vault: &Vault,
    options: &Value,
) -> Result<Resolved, StoreError> {
    let variables = Variables::of(store, options).await?;
    let (shown, _) = variables.fill(None, options);
    let (options, missing) = variables.fill(Some(vault), options);
    Ok(Resolved {
        options,
        shown,
        missing,
    })
}

/// Fills in the variables in options as an administrator may see them, in which secrets stay
/// templates.
pub async fn shown<C: Connection>(store: &Store<C>, options: &Value) -> Result<Value, StoreError> {
    let variables = Variables::of(store, options).await?;
    Ok(variables.fill(None, options).0)
}

/// The variables that options use, as they are stored.
struct Variables {
    names: Vec<String>,
    rows: HashMap<String, Model>,
}

impl Variables {
    async fn of<C: Connection>(store: &Store<C>, options: &Value) -> Result<Self, StoreError> {
        let names = names(options);
        let rows = match names.as_slice() {
            [] => Vec::new(),
            names => store.environment_variables(names).await?,
        };
        let rows = rows.into_iter().map(|row| (row.name.clone(), row));
        Ok(Self {
            names,
            rows: rows.collect(),
        })
    }

    /// Fills in the variables in options, and collects those that could not be. Without a vault,
    /// secrets stay templates.
    fn fill(&self, vault: Option<&Vault>, options: &Value) -> (Value, Vec<Missing>) {
        let mut missing = Vec::new();
        let mut values = HashMap::new();
        for name in &self.names {
            let row = self.rows.get(name);
            let value = row.and_then(|row| row.value.as_deref());
            let is_secret = row
                .is_some_and(|row| VariableKind::of(row.kind.as_deref()) == VariableKind::Secret);
            let value = match (value, vault) {
                (Some(_), None) if is_secret => None,
                (Some(stored), Some(vault)) if is_secret => match vault.decrypt(stored) {
                    Ok(value) => Some(value.expose_secret().to_owned()),
                    Err(error) => {
                        log::error!("secret {name}: {error}", error = Chain(&error));
                        missing.push(Missing::Unreadable(name.clone()));
                        continue;
                    }
                },
                (Some(value), _) => Some(value.to_owned()),
                (None, _) => {
                    missing.push(Missing::Unknown(name.clone()));
                    continue;
                }
            };
            values.insert(name.as_str(), value);
        }
        let mut left = Some(MOST);
        let mut filled = |name: &str| match values.get(name) {
            Some(Some(value)) => {
                left = left.and_then(|left| left.checked_sub(value.len()));
                left.map_or(Filled::Nothing, |_| Filled::With(value.clone()))
            }
            Some(None) => Filled::Template,
            None => Filled::Nothing,
        };
        let options = render(options, &mut filled).unwrap_or(Value::Null);
        if left.is_none() {
            missing.push(Missing::TooLong);
        }
        (options, missing)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::config::EncryptionKey;
    use crate::domain::test_installation::TestInstallation;
    use crate::store::NewVariable;

    #[tokio::test]
    async fn variables_fill_options_up_to_a_limit_and_then_no_more() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        for (name, length) in [("HALF", MOST / 2), ("ONE", 1)] {
            let new = NewVariable {
                name: name.to_owned(),
                kind: VariableKind::Default.word(),
                value: Some("x".repeat(length)),
            };
            store.create_environment_variable(new).await.unwrap();
        }
        let settings = EncryptionKey {
            app_aes_secret_key: Some("0f".repeat(32).parse().unwrap()),
        };
        let vault = Vault::open(settings, PathBuf::new()).unwrap();
        let most = json!({"a": "{{$env.HALF}}", "b": "{{$env.HALF}}", "c": "c"});
        let found = resolve(store, &vault, &most).await.unwrap();
        assert_eq!(found.missing, []);
        assert_eq!(found.options["b"].as_str().map(str::len), Some(MOST / 2));
        let more = json!({"a": "{{$env.HALF}}", "b": "{{$env.HALF}}", "c": "{{$env.ONE}}"});
        let found = resolve(store, &vault, &more).await.unwrap();
        assert_eq!(found.missing, [Missing::TooLong]);
        assert_eq!(found.options.get("c"), None);
    }

    #[tokio::test]
    async fn an_administrator_sees_what_is_in_a_variable_and_nothing_of_a_secret() {
        let installation = TestInstallation::new().await;
        let (store, vault) = (&installation.store, &installation.vault);
        for (name, kind, value) in [
            ("PLAIN", VariableKind::Default, "plain".to_owned()),
            (
                "SECRET",
                VariableKind::Secret,
                vault.encrypt("s3cret").unwrap(),
            ),
        ] {
            let new = NewVariable {
                name: name.to_owned(),
                kind: kind.word(),
                value: Some(value),
            };
            store.create_environment_variable(new).await.unwrap();
        }
        let options = json!({"a": "{{$env.PLAIN}}", "b": "{{$env.SECRET}}"});
        let to_be_shown = json!({"a": "plain", "b": "{{$env.SECRET}}"});
        assert_eq!(shown(store, &options).await.unwrap(), to_be_shown);
        let resolved = resolve(store, vault, &options).await.unwrap();
        assert_eq!(resolved.missing, []);
        assert_eq!(resolved.shown, to_be_shown);
        assert_eq!(resolved.options, json!({"a": "plain", "b": "s3cret"}));
    }
}
