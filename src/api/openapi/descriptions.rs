//! Descriptions of those actions that have no file of their own here: what each does, takes and
//! answers.

use schemars::{JsonSchema, SchemaGenerator, json_schema};

use super::description::{Answer, Description, Parameter};
use super::{page, title_of};
use crate::api::{auth, dingtalk, provider_actions};
use crate::domain::identity_provider::Providers;

const IN_HEADER: Parameter = ("header", "X-Authenticator", "Name of the authenticator.");
const IN_QUERY: Parameter = (
    "query",
    "authenticator",
    "Name of the authenticator. Without it X-Authenticator counts.",
);

/// The parameters of a list.
pub(super) const LISTING: &[Parameter] = &[
    ("query", "page", "Number of the page, from 1."),
    ("query", "pageSize", "Rows of a page."),
    (
        "query",
        "sort",
        "Columns, separated by commas; a minus sign reverses the order.",
    ),
    ("query", "filter", "A filter of NocoBase, as JSON."),
];

/// The description of an action; none when it has not been described.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn describe(
    resource: &str,
    action: &str,
    providers: &Providers,
    types: &mut SchemaGenerator,
) -> Option<Description> {
    let provider = title_of(resource, providers);
    let described = |summary, body, answer| Description {
        summary,
        body,
        parameters: &[],
        answer,
    };
    let text = String::json_schema(types);
    Some(match (provider, action) {
        (Some(_), "getAuthUrl") => Description {
            parameters: &[IN_HEADER],
            ..described(
                "Begins a sign-in in this browser and returns the address of the login page of the provider.",
                Some(provider_actions::GetAuthUrl::json_schema(types)),
                Answer::Data(text),
            )
        },
        (Some(_), "redirect") => Description {
            parameters: &[
                ("query", "code", "The code of the provider."),
                (
                    "query",
                    "authCode",
                    "The same code under another name, which DingTalk uses too.",
                ),
                (
                    "query",
                    "state",
                    "The state of the attempt that began in this browser.",
                ),
            ],
            ..described(
                "Ends a sign-in or a binding. The provider sends the browser here. A refusal leads to the sign-in page with its code in dingtalkError.",
                None,
                Answer::Browser,
            )
        },
        (Some(_), "inAppSignIn") => Description {
            parameters: &[IN_HEADER],
            ..described(
                "Signs in the person for whom the provider's client gave this code.",
                Some(provider_actions::InAppSignIn::json_schema(types)),
                Answer::Data(json_schema!({
                    "type": "object",
                    "properties": {
                        "user": {"type": "object", "description": "The account, as in auth:signIn."},
                        "token": {"type": "string"},
                        "redirect": {"type": "string", "description": "Where to go, if a target was sent."}
                    },
                    "required": ["user", "token"]
                })),
            )
        },
        (_, "inAppFailed") if resource == "dingtalk" => Description {
            parameters: &[IN_HEADER],
            ..described(
                "Reports what failed inside DingTalk before this server was asked to sign somebody in.",
                Some(dingtalk::Report::json_schema(types)),
                Answer::Empty,
            )
        },
        (_, "callback") if resource == "dingtalk" => Description {
            parameters: &[
                ("query", "authenticator", "Name of the authenticator."),
                (
                    "query",
                    "signature",
                    "The signature; msg_signature is another name of it.",
                ),
                ("query", "timestamp", "When it was signed."),
                (
                    "query",
                    "nonce",
                    "A random text, which makes each signature different.",
                ),
            ],
            ..described(
                "Receives an event from DingTalk, signed and encrypted. The answer is encrypted, too.",
                Some(json_schema!({
                    "type": "object",
                    "properties": {"encrypt": {"type": "string"}},
                    "required": ["encrypt"]
                })),
                Answer::Bare(json_schema!({
                    "type": "object",
                    "properties": {
                        "msg_signature": {"type": "string"},
                        "timeStamp": {"type": "string"},
                        "nonce": {"type": "string"},
                        "encrypt": {"type": "string"}
                    },
                    "required": ["msg_signature", "timeStamp", "nonce", "encrypt"]
                })),
            )
        },
        (Some(_), "optionsSchema") => Description {
            parameters: &[(
                "query",
                "callbackOrigin",
                "The callback origin that the form holds, for the Redirect URL.",
            )],
            ..described(
                "Returns the JSON Schema of an authenticator's options, with the roles of this server and the Redirect URL.",
                None,
                Answer::Data(json_schema!({"type": "object"})),
            )
        },
        (Some(title), "testConnection") => described(
            "Tests the options of an authenticator at the provider.",
            Some(json_schema!({
                "type": "object",
                "properties": {"options": {"$ref": options_of(title)}},
            })),
            Answer::Data(provider_actions::ConnectionTestResult::json_schema(types)),
        ),
        (Some(_), "binding") => Description {
            parameters: &[IN_QUERY, IN_HEADER],
            ..described(
                "Returns whether the caller's account is bound at the provider, and to whom.",
                None,
                Answer::Data(provider_actions::CallerBinding::json_schema(types)),
            )
        },
        (Some(_), "bind") => Description {
            parameters: &[IN_QUERY, IN_HEADER],
            ..described(
                "Begins to bind the caller's account and returns the address of the login page of the provider.",
                Some(provider_actions::Bind::json_schema(types)),
                Answer::Data(text),
            )
        },
        (Some(_), "unbind") => Description {
            parameters: &[IN_QUERY, IN_HEADER],
            ..described(
                "Removes the binding of the caller's account, unless it is the only way to sign in.",
                Some(provider_actions::Unbind::json_schema(types)),
                Answer::Empty,
            )
        },
        (_, "signOutEverywhere") if resource == "dingtalk" => described(
            "Ends all sessions of the caller, or of another account for administrators.",
            Some(auth::SignOutEverywhere::json_schema(types)),
            Answer::Empty,
        ),
        (_, "openapi") if resource == "dingtalk" => {
            described("Returns this document.", None, Answer::Document)
        }
        _ => return page::describe(resource, action, types),
    })
}

/// The path in the document of the options of a provider's authenticators.
fn options_of(title: &str) -> String {
    format!("#/components/schemas/{title}Options")
}
