//! Which keys of a row are sent: `fields` and `except`.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Query;
use crate::edge::ApiError;
use crate::store::query::Listed;

/// The keys that a request wants.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    fields: Vec<String>,
    except: Vec<String>,
    /// Associations, which are sent whatever fields are selected.
    appends: Vec<String>,
}

impl Query {
    /// The selection that these parameters describe.
    pub fn selection(&self) -> Selection {
        let owned = |name| {
            let mut words = self.words(name);
            // Each row is compared with each of them.
            words.sort_unstable();
            words.dedup();
            words.into_iter().map(str::to_owned).collect()
        };
        Selection {
            fields: owned("fields"),
            except: owned("except"),
            appends: owned("appends"),
        }
    }
}

impl Selection {
    /// The selected keys of a row of the table `E`.
    pub fn of<E: Listed, T: Serialize>(&self, row: &T) -> Result<Value, ApiError> {
        let value = serde_json::to_value(row).map_err(ApiError::internal)?;
        let Value::Object(row) = value else {
            return Ok(value);
        };
        // A selected key must exist, so that a typing mistake is noticed. For a hidden key there is
        // no error, so as not to reveal it.
        let exists = |name: &String| row.contains_key(name) || E::has_column(name);
        if !self.fields.iter().all(exists) {
            return Err(ApiError::InvalidReference);
        }
        let wanted = |key: &String| {
            let named = self.fields.contains(key) || self.appends.contains(key);
            (self.fields.is_empty() || named) && !self.except.contains(key)
        };
        Ok(Value::Object(
            row.into_iter()
                .filter(|(key, _)| wanted(key))
                .collect::<Map<_, _>>(),
        ))
    }

    /// The selected keys of each row.
    pub fn of_all<E: Listed, T: Serialize>(
        &self,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Vec<Value>, ApiError> {
        rows.into_iter().map(|row| self.of::<E, T>(&row)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_named_again_costs_nothing_more() {
        let words = "id,".repeat(10_000);
        let asked = format!("fields={words}name&except={words}&appends={words}");
        let selection = Query::parse(&asked).selection();
        assert_eq!(selection.fields, ["id", "name"]);
        assert_eq!(selection.except, ["id"]);
        assert_eq!(selection.appends, ["id"]);
    }
}
