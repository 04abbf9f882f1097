//! What a provider says about a person.

use serde_json::Value;

use crate::phone::Phone;

/// A person, as an organisation knows them.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who this is at the provider: the key of the binding.
    pub subject: String,
    /// An identifier that is never reassigned, to detect that `subject` was reissued to somebody else.
    pub stable_id: Option<StableId>,
    /// The person's name in the organisation.
    pub name: String,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// The phone number that the organisation keeps. Never one that the person typed somewhere.
    pub phone: Option<Phone>,
    /// Whether it keeps something as a phone number that means none for sure.
    pub phone_is_unclear: bool,
    /// The organisation's own mailbox of the person.
    pub email: Option<String>,
    /// The provider's identifiers, kept with the binding: whatever the subject is made of, the
    /// person can be found by each of them.
    pub meta: Value,
}

/// An identifier that is never reassigned, while the subject may be reissued to another person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StableId {
    /// Its name in [`Identity::meta`].
    pub key: &'static str,
    /// Its value.
    pub value: String,
}

impl StableId {
    /// Whether what was kept with a binding speaks against this person. A binding that kept
    /// nothing, such as one that another program made, does not.
    pub fn contradicts(&self, kept: Option<&Value>) -> bool {
        let kept = kept
            .and_then(|meta| meta.get(self.key))
            .and_then(Value::as_str);
        kept.is_some_and(|kept| kept != self.value)
    }

    /// Whether what was kept with a binding speaks for this person.
    pub fn confirms(&self, kept: Option<&Value>) -> bool {
        let kept = kept.and_then(|meta| meta.get(self.key));
        kept.and_then(Value::as_str) == Some(self.value.as_str())
    }
}
