//! A NocoBase whose tables are not where the settings say.

use std::fmt;

use entity::naming::Naming;

use crate::store::{Installation, InstallationPlace};

/// The settings with which its tables would be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// A list of settings for each installation that was found; none of the lists is empty.
    choices: Vec<Vec<Setting>>,
}

/// A variable and its value.
type Setting = (&'static str, String);

impl Elsewhere {
    /// The settings for these installations, compared with the current naming; none when there are
    /// no installations.
    pub fn of(found: &[Installation], named: &Naming) -> Option<Self> {
        let choices = found.iter().map(|found| settings(found, named));
        let choices: Vec<_> = choices.collect();
        (!choices.is_empty()).then_some(Self { choices })
    }

    /// The settings of the most likely installation.
    pub fn first(&self) -> &[Setting] {
        self.choices.first().map_or(&[], Vec::as_slice)
    }
}

/// The settings that have to change.
fn settings(installation: &Installation, named: &Naming) -> Vec<Setting> {
    let naming = &installation.naming;
    let mut settings = match &installation.place {
        InstallationPlace::Here => Vec::new(),
        InstallationPlace::Schema(name) => vec![("DB_SCHEMA", name.clone())],
        InstallationPlace::Database(name) => vec![("DB_DATABASE", name.clone())],
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(place: InstallationPlace, prefix: &str, underscored: bool) -> Installation {
        let naming = Naming::new(prefix, underscored);
        Installation { place, naming }
    }

    #[test]
    fn only_the_settings_that_differ_are_named() {
        let named = Naming::new("nb_", false);
        assert_eq!(Elsewhere::of(&[], &named), None);
        let all = [
            found(InstallationPlace::Schema("office".to_owned()), "nb_", false),
            found(InstallationPlace::Database("nocobase".to_owned()), "", true),
            found(InstallationPlace::Here, "x_", false),
        ];
        let elsewhere = Elsewhere::of(&all, &named).unwrap();
        let schema = ("DB_SCHEMA", "office".to_owned());
        assert_eq!(elsewhere.first(), [schema]);
        let text = elsewhere.to_string();
        let choices = "found with DB_SCHEMA=office, or with DB_DATABASE=nocobase DB_TABLE_PREFIX= \
            DB_UNDERSCORED=true, or with DB_TABLE_PREFIX=x_: give";
        assert!(text.contains(choices), "{text}");
    }
}
