//! Texts that pages choose by the code of a refusal.
//!
//! A return from a provider brings a page nothing but a code, so that nobody can put words of their own on the page with
//! a link. The texts of the web client have one for each code.

use serde_json::Value;

use super::{BindingRefusal, SignInRefusal};
use crate::domain::identity_provider::Providers;
use crate::domain::plugin;
use crate::locale::Locale;

/// Refusals at the end of a way to a provider and back.
const TOLD_TO_PAGES: [SignInRefusal; 19] = [
    SignInRefusal::Denied,
    SignInRefusal::StateInvalid,
    SignInRefusal::StateExpired,
    SignInRefusal::StateUsed,
    SignInRefusal::CodeRejected,
    SignInRefusal::NotMember,
    SignInRefusal::UserNotFound,
    SignInRefusal::Ambiguous,
    SignInRefusal::Conflict,
    SignInRefusal::Reissued,
    SignInRefusal::NoRole,
    SignInRefusal::Unavailable,
    SignInRefusal::Misconfigured,
    SignInRefusal::Refused,
    SignInRefusal::Disabled,
    SignInRefusal::TooManyAttempts(0),
    SignInRefusal::Busy,
    SignInRefusal::NotSaved,
    SignInRefusal::Failed,
];
/// The same where an account was to be bound.
const BINDINGS: [BindingRefusal; 3] = [
    BindingRefusal::SessionEnded,
    BindingRefusal::AlreadyBound,
    BindingRefusal::BoundElsewhere,
];

/// All texts of our pages in a language: those of the locale file, and one for each code.
pub fn page_texts(locale: Locale, providers: &Providers) -> Value {
    let own = &plugin::manifest().auth_type;
    let mut texts = locale.texts();
    if let (Some(texts), Some(provider)) = (texts.as_object_mut(), providers.of_type(own)) {
        let names = provider.names();
        let sign_ins = TOLD_TO_PAGES.iter().map(|refusal| refusal.of(names));
        let bindings = BINDINGS.iter().map(|refusal| refusal.of(names));
        texts.extend(sign_ins.chain(bindings).filter_map(|error| {
            let message = Value::from(error.message(locale));
            Some((error.code()?.into_owned(), message))
        }));
    }
    texts
}
