//! Texts that pages choose by the code of a refusal.
//!
//! After a return from a provider, the address of the page has nothing but a code, so that nobody can put words of their
//! own on the page with a link. The texts of the web client have one for each code.

use serde_json::Value;

use super::{BindingRefusal, SignInRefusal};
use crate::domain::identity_provider::Providers;
use crate::locale::Locale;

/// The refusals that a return from a provider can have.
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
/// Further refusals of a return that was to bind an account.
const BINDINGS: [BindingRefusal; 3] = [
    BindingRefusal::SessionEnded,
    BindingRefusal::AlreadyBound,
    BindingRefusal::BoundElsewhere,
];

/// All texts of this product's pages in a language: those of the locale file, and one for each
/// code of each provider.
pub fn page_texts(locale: Locale, providers: &Providers) -> Value {
    let mut texts = locale.texts();
    let Some(all) = texts.as_object_mut() else {
        return texts;
    };
    for provider in providers.iter() {
        let names = provider.names();
        let sign_ins = TOLD_TO_PAGES.iter().map(|refusal| refusal.of(names));
        let bindings = BINDINGS.iter().map(|refusal| refusal.of(names));
        all.extend(sign_ins.chain(bindings).filter_map(|error| {
            let message = Value::from(error.message(locale));
            Some((error.code()?.into_owned(), message))
        }));
    }
    texts
}
