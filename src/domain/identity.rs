//! A person, as a provider describes them.

use serde_json::Value;

use crate::phone::Phone;

/// A person, from the data of their organization.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The person's identifier at the provider, by which accounts are bound.
    pub subject: String,
    /// The identifier by which administrators of the organization name the person.
    pub key: String,
    /// An identifier that is never reassigned, to detect that `subject` was reissued to somebody else.
    pub stable_id: Option<StableId>,
    /// The person's name in the organization.
    pub name: String,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// The phone number in the organization's data, never one that the person typed somewhere.
    pub phone: Option<Phone>,
    /// Whether the organization's data has a phone number that cannot be interpreted with
    /// certainty.
    pub phone_is_unclear: bool,
    /// The mailbox that the organization gave the person.
    pub email: Option<String>,
    /// The provider's identifiers of the person. They are stored with the binding, so that the
    /// person can be found by each of them.
    pub meta: Value,
}

/// An identifier that is never reassigned, while the subject may be reissued to another person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StableId {
    /// Its field in [`Identity::meta`].
    pub key: &'static str,
    /// Its value.
    pub value: String,
}

/// Whether an identifier is among those of a person: it is the subject, or one that is stored with the binding.
pub fn names(subject: &str, meta: Option<&Value>, identifier: &str) -> bool {
    let fields = meta.and_then(Value::as_object).into_iter().flatten();
    let mut values = fields.filter_map(|(_, value)| value.as_str());
    subject == identifier || values.any(|value| value == identifier)
}

impl StableId {
    /// Whether a binding's stored identifier shows that it belongs to somebody else. A binding
    /// without one, such as one that another program made, shows nothing.
    pub fn contradicts(&self, kept: Option<&Value>) -> bool {
        let kept = kept
            .and_then(|meta| meta.get(self.key))
            .and_then(Value::as_str);
        kept.is_some_and(|kept| kept != self.value)
    }

    /// Whether a binding's stored identifier shows that it belongs to this person.
    pub fn confirms(&self, kept: Option<&Value>) -> bool {
        let kept = kept.and_then(|meta| meta.get(self.key));
        kept.and_then(Value::as_str) == Some(self.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_person_is_named_by_the_subject_and_by_each_stored_identifier() {
        let meta = json!({"unionId": "union-lina", "count": 1});
        for (identifier, is_theirs) in [
            ("lina", true),
            ("union-lina", true),
            ("union-weiming", false),
            ("unionId", false),
            ("1", false),
            ("", false),
        ] {
            let found = names("lina", Some(&meta), identifier);
            assert_eq!(found, is_theirs, "{identifier}");
        }
        assert!(names("lina", None, "lina"));
        assert!(!names("lina", None, "union-lina"));
    }

    #[test]
    fn only_the_same_identifier_under_the_same_key_tells_whose_a_binding_is() {
        let stable_id = StableId {
            key: "unionId",
            value: "union-lina".to_owned(),
        };
        for (kept, confirms, contradicts) in [
            (Some(json!({"unionId": "union-lina"})), true, false),
            (Some(json!({"unionId": "union-weiming"})), false, true),
            (Some(json!({"unionId": "Union-Lina"})), false, true),
            (Some(json!({"userid": "union-lina"})), false, false),
            (Some(json!({"unionId": ["union-lina"]})), false, false),
            (Some(json!({"unionId": null})), false, false),
            (Some(json!("union-lina")), false, false),
            (None, false, false),
        ] {
            let kept = kept.as_ref();
            assert_eq!(stable_id.confirms(kept), confirms, "{kept:?}");
            assert_eq!(stable_id.contradicts(kept), contradicts, "{kept:?}");
        }
    }
}
