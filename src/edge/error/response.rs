//! How an error is sent to the client.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::header::RETRY_AFTER;
use serde::Serialize;

use super::{ApiError, SignInRefusal};
use crate::domain::identity_provider::ProviderNames;
use crate::locale::Locale;

impl ApiError {
    /// The provider at which the error happened.
    fn provider(&self) -> Option<&'static ProviderNames> {
        match self {
            Self::SignIn(_, provider) | Self::Binding(_, provider) | Self::People(_, provider) => {
                Some(provider)
            }
            _ => None,
        }
    }

    /// The code of the error, if it has one. It stays the same, and clients use it to choose their
    /// own text.
    pub(super) fn code(&self) -> Option<Cow<'static, str>> {
        let (_, code, _) = self.parts();
        if code.is_empty() {
            return None;
        }
        Some(match self.provider() {
            Some(provider) => format!("{}_{code}", provider.code_prefix).into(),
            None => code.into(),
        })
    }

    /// The message for the client. `locale/` has separate sentences for each provider, because in
    /// many languages the words around a name depend on it.
    pub(super) fn message(&self, locale: Locale) -> String {
        let (_, _, message) = self.parts();
        match self.provider() {
            Some(provider) => {
                let message = message.replace("{{provider}}", provider.title);
                locale.text(&message).to_owned()
            }
            None => locale.text(message).to_owned(),
        }
    }

    /// Whether the client should end a session of somebody else on the same device.
    fn ends_session(&self) -> bool {
        matches!(self, Self::SignIn(refusal, _) if refusal.names_somebody_else())
    }

    /// The answer in the client's language.
    pub fn into_response(self, locale: Locale) -> HttpResponse {
        self.report();
        let (status, _, message) = self.parts();
        let mut response = HttpResponse::build(status);
        if let Self::TooManyAttempts(seconds)
        | Self::SignIn(SignInRefusal::TooManyAttempts(seconds), _) = self
        {
            response.insert_header((RETRY_AFTER, seconds));
        }
        if self == Self::NotFound {
            // This is the only error that NocoBase sends as plain text.
            return response
                .content_type("text/plain; charset=utf-8")
                .body(message);
        }
        let code = self.code();
        let code = code.as_deref();
        let errors = match &self {
            Self::Invalid(problems) => {
                let messages = problems.iter().map(|problem| problem.text(locale));
                messages
                    .map(|message| WireError {
                        message,
                        code,
                        ends_session: false,
                    })
                    .collect()
            }
            _ => vec![WireError {
                message: self.message(locale),
                code,
                ends_session: self.ends_session(),
            }],
        };
        response
            .content_type("application/json; charset=utf-8")
            .json(WireErrors { errors })
    }
}

#[derive(Serialize)]
struct WireErrors<'a> {
    errors: Vec<WireError<'a>>,
}

#[derive(Serialize)]
struct WireError<'a> {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    /// This field is not part of NocoBase's errors.
    #[serde(rename = "endsSession", skip_serializing_if = "std::ops::Not::not")]
    ends_session: bool,
}
