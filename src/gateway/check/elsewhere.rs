//! A NocoBase whose tables are not where the settings say.

use std::fmt;

use entity::naming::Naming;

use crate::store::{Installation, Place};

/// What to set so that its tables are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// One list of settings for each installation that was found, none of them empty.
    choices: Vec<Vec<Setting>>,
}

/// A variable and its value.
type Setting = (&'static str, String);

impl Elsewhere {
    /// How these are reached from where tables are named so; nothing when there are none.
    pub fn of(found: &[Installation], named: &Naming) -> Option<Self> {
        let choices = found.iter().map(|found| settings(found, named));
        let choices: Vec<_> = choices.collect();
        (!choices.is_empty()).then_some(Self { choices })
    }

    /// The settings of the installation that is the most likely one.
    pub fn first(&self) -> &[Setting] {
        self.choices.first().map_or(&[], Vec::as_slice)
    }
}

/// What has to be set otherwise.
fn settings(installation: &Installation, named: &Naming) -> Vec<Setting> {
    let naming = &installation.naming;
    let mut settings = match &installation.place {
        Place::Here => Vec::new(),
        Place::Schema(name) => vec![("DB_SCHEMA", name.clone())],
        Place::Database(name) => vec![("DB_DATABASE", name.clone())],
    };
    if naming.prefix() != named.prefix() {
        settings.push(("DB_TABLE_PREFIX", naming.prefix().to_owned()));
    }
    if naming.is_underscored() != named.is_underscored() {
        settings.push(("DB_UNDERSCORED", naming.is_underscored().to_string()));
    }
    settings
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tables of NocoBase are not where the settings say, but found with ")?;
        for (index, choice) in self.choices.iter().enumerate() {
            if index > 0 {
                f.write_str(", or with ")?;
            }
            let settings = choice.iter().map(|(name, value)| format!("{name}={value}"));
            f.write_str(&settings.collect::<Vec<_>>().join(" "))?;
        }
        f.write_str(": give the same DB_* as NocoBase has")
    }
}
