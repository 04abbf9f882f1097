//! Why somebody did not get a message, in words for people.

use super::Undelivered;

/// What the codes of reasons mean. Each is a key of the files in `locale/`, and may stand within a sentence.
pub fn explanation(reason: &str) -> &'static str {
    match reason {
        "agent" => "the Agent ID is not that of the app",
        "permission" => "the app lacks a permission",
        "credentials" | "token" => "the Client ID or the Client Secret is wrong",
        "address" => "the app does not allow the address of this server",
        "allowance" => "the organization has used up its calls of this month",
        "throttled" | "banned" => "the app sent too much at once",
        "unreachable" | "no_answer" | "busy" | "unexpected" => {
            "the service could not be reached or had a problem"
        }
        "tooLong" => "title, links or rows are too long",
        "disabled" => "the authenticator is disabled or cannot be used",
        "behindEarlier" => "an earlier message to the same person waits",
        "interrupted" => "the server was ended meanwhile",
        "unknown_user" | "out_of_scope" => undelivered(Undelivered::Unknown),
        other => {
            let known = Undelivered::ALL.into_iter();
            let mut known = known.filter(|why| why.name() == other);
            undelivered(known.next().unwrap_or(Undelivered::Refused))
        }
    }
}

fn undelivered(why: Undelivered) -> &'static str {
    match why {
        Undelivered::Unknown => "the person has left, or the app may not see them",
        Undelivered::TooManyInAMinute => "the app sent too much at once",
        Undelivered::TooManyToday => "the person got too many messages today",
        Undelivered::Repeated => "the person got the same words today",
        Undelivered::Refused => "the service does not say why",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    #[test]
    fn each_code_has_words_that_are_in_the_locale_files() {
        let english = Locale::of("en-US").texts();
        let codes = [
            "agent",
            "permission",
            "credentials",
            "address",
            "allowance",
            "throttled",
            "unreachable",
            "tooLong",
            "disabled",
            "interrupted",
            "out_of_scope",
        ];
        let undelivered = Undelivered::ALL.map(Undelivered::name);
        let mut said: Vec<_> = codes.into_iter().chain(undelivered).collect();
        said.push("a code that nobody knows");
        for code in said {
            let words = explanation(code);
            assert!(english.get(words).is_some(), "{code}: {words:?}");
        }
        assert_eq!(
            explanation("tooManyToday"),
            "the person got too many messages today"
        );
    }
}
