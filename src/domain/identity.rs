//! A person, as a provider describes them.

use serde_json::Value;

use crate::phone::Phone;

/// A person, from the data of their organisation.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The person's identifier at the provider, by which accounts are bound.
    pub subject: String,
    /// An identifier that is never reassigned, to detect that `subject` was reissued to somebody else.
    pub stable_id: Option<StableId>,
    /// The person's name in the organisation.
    pub name: String,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// The phone number in the organisation's data, never one that the person typed somewhere.
    pub phone: Option<Phone>,
    /// Whether the organisation's data has a phone number that cannot be interpreted with
    /// certainty.
    pub phone_is_unclear: bool,
    /// The mailbox that the organisation gave the person.
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
