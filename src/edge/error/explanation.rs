//! What the codes in the audit trail mean: the message that the person saw, and what an
//! administrator can do.

use super::{AccountRefusal, ApiError, BindingRefusal, PeopleRefusal, SignInRefusal};
use crate::domain::audit::Action;
use crate::domain::identity_provider::{ProviderNames, Providers};
use crate::locale::Locale;

use BindingRefusal as B;
use SignInRefusal as S;

/// Refusals of sign-ins, each with advice for the administrator.
const WITH_ADVICE: [(SignInRefusal, Option<&str>); 19] = [
    (S::Denied, None),
    (
        S::StateInvalid,
        Some(
            "People must open the sign-in page under the address that the Redirect URL has, with cookies allowed.",
        ),
    ),
    (S::StateExpired, None),
    (S::StateUsed, None),
    (
        S::CodeRejected,
        Some("Test the connection: Client ID, Client Secret and Corp ID must be of one app."),
    ),
    (
        S::NotMember,
        Some("If this is an employee, widen the app's contact scope at {{provider}}."),
    ),
    (
        S::UserNotFound,
        Some(
            "Bind the person by hand, give their account its phone number, or let the authenticator sign people up.",
        ),
    ),
    (
        S::Ambiguous,
        Some("Leave the phone number to one account, or remove the binding that is wrong."),
    ),
    (
        S::Conflict,
        Some("Bind the person to their account by hand, or remove the binding that is wrong."),
    ),
    (
        S::Reissued,
        Some("If the user ID is another person's today, remove the old binding."),
    ),
    (
        S::NoRole,
        Some("Give the account a role if the person is to get in."),
    ),
    (
        S::Unavailable,
        Some("See that this server reaches {{provider}}; its log says what failed."),
    ),
    (
        S::Misconfigured,
        Some("Test the connection: it says what is missing."),
    ),
    (
        S::Refused,
        Some("Test the connection: it says what is missing."),
    ),
    (
        S::Disabled,
        Some("Enable the authenticator and the plugin."),
    ),
    (S::TooManyAttempts(0), None),
    (S::Busy, None),
    (
        S::NotSaved,
        Some("Make room on the disk of the server or of its database."),
    ),
    (S::Failed, Some("The log of the server says what failed.")),
];

const BINDINGS: [BindingRefusal; 7] = [
    B::NoSession,
    B::SignInAgain,
    B::SessionEnded,
    B::AlreadyBound,
    B::BoundElsewhere,
    B::NotBound,
    B::LastWayIn,
];

/// Refusals that do not come from an identity provider.
const OTHERS: [ApiError; 10] = [
    ApiError::WrongPassword,
    ApiError::TooManyAttempts(0),
    ApiError::Forbidden,
    ApiError::ForeignOrigin,
    ApiError::PowerNotHeld,
    ApiError::LastAuthenticator,
    ApiError::UnknownAuthenticatorType,
    ApiError::Account(AccountRefusal::SignUpForbidden),
    ApiError::Account(AccountRefusal::PasswordFixed),
    ApiError::NotSaved,
];

/// The meaning of a code in the audit trail.
#[derive(Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The message that the person saw.
    pub text: String,
    /// What an administrator can do about it.
    pub advice: Option<String>,
}

impl Explanation {
    /// The meaning of this code; none when no refusal of this release has the code.
    pub fn of(reason: &str, providers: &Providers, locale: Locale) -> Option<Self> {
        let at_provider = |names: &'static ProviderNames| {
            let sign_ins = WITH_ADVICE.into_iter();
            let sign_ins = sign_ins.map(|(refusal, advice)| (refusal.of(names), advice));
            let bindings = BINDINGS.into_iter().map(|refusal| refusal.of(names));
            let people = PeopleRefusal::ALL
                .into_iter()
                .map(|refusal| refusal.of(names));
            let others = bindings.chain(people).map(|error| (error, None));
            let mut all = sign_ins.chain(others);
            let (error, advice) =
                all.find(|(error, _)| error.reason().as_deref() == Some(reason))?;
            let advice = advice.map(|advice| {
                let advice = advice.replace("{{provider}}", names.title);
                locale.text(&advice).to_owned()
            });
            Some(Self {
                text: error.message(locale),
                advice,
            })
        };
        let mut names = providers.iter().map(|provider| provider.names());
        names.find_map(at_provider).or_else(|| {
            let mut others = OTHERS.into_iter();
            let error = others.find(|error| error.reason().as_deref() == Some(reason))?;
            Some(Self {
                text: error.message(locale),
                advice: None,
            })
        })
    }

    /// The message that an administrator saw who was to bind somebody else's account, or to remove its
    /// binding, by this action; none when no such refusal has the code. Some of the codes are those of
    /// sign-ins, too, whose messages are for the person.
    pub fn by_hand(
        reason: &str,
        action: &str,
        providers: &Providers,
        locale: Locale,
    ) -> Option<String> {
        let unbinds = action == Action::Unbind.name();
        // The code of root stands for one refusal of each action.
        let is_of_action = |refusal: &PeopleRefusal| match refusal {
            PeopleRefusal::Root => !unbinds,
            PeopleRefusal::BindingOfRoot => unbinds,
            _ => true,
        };
        let mut names = providers.iter().map(|provider| provider.names());
        names.find_map(|names| {
            let all = PeopleRefusal::ALL.into_iter().filter(is_of_action);
            let mut all = all.map(|refusal| refusal.of(names));
            let error = all.find(|error| error.reason().as_deref() == Some(reason))?;
            Some(error.message(locale))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::dingtalk::NAMES;
    use strum::IntoEnumIterator;

    #[test]
    fn each_refusal_of_a_sign_in_can_be_told() {
        let providers = crate::provider::tests::all();
        for refusal in SignInRefusal::iter() {
            let error = refusal.of(&NAMES);
            let reason = error.reason().unwrap();
            let told = Explanation::of(&reason, &providers, Locale::default()).unwrap();
            assert_eq!(told.text, error.message(Locale::default()), "{reason}");
        }
        assert_eq!(
            Explanation::of("WHATEVER", &providers, Locale::default()),
            None
        );
    }

    #[test]
    fn each_refusal_by_hand_is_told_as_the_administrator_saw_it() {
        let providers = crate::provider::tests::all();
        let english = Locale::default();
        for refusal in PeopleRefusal::ALL {
            let error = refusal.of(&NAMES);
            let action = match refusal {
                PeopleRefusal::BindingOfRoot | PeopleRefusal::NotBound => Action::Unbind,
                _ => Action::Bind,
            };
            let reason = error.reason().unwrap();
            let told = Explanation::by_hand(&reason, action.name(), &providers, english);
            assert_eq!(told, Some(error.message(english)), "{reason}");
        }
        let action = Action::Bind.name();
        let told = Explanation::by_hand("DINGTALK_DENIED", action, &providers, english);
        assert_eq!(told, None);
    }

    #[test]
    fn each_piece_of_advice_is_there_in_every_language() {
        for (_, advice) in WITH_ADVICE {
            let Some(advice) = advice else { continue };
            let advice = advice.replace("{{provider}}", NAMES.title);
            for locale in Locale::all().filter(|locale| locale.code() != "en-US") {
                assert_ne!(locale.text(&advice), advice, "{}", locale.code());
            }
        }
    }
}
