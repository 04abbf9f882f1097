//! Descriptions of the actions of the settings page «DingTalk».

use schemars::{JsonSchema, SchemaGenerator, json_schema};

use super::description::{Answer, Description, Parameter};
use crate::api::{people, provider_actions, settings_page};

const PAGE: Parameter = ("query", "page", "Number of the page, from 1.");
const PAGE_SIZE: Parameter = ("query", "pageSize", "Rows of a page.");
const FILTER: Parameter = (
    "query",
    "filter",
    "A filter of NocoBase, as JSON: columns are createdAt, action, result, reason, userId, personId, personName, actorId, authenticator, address, userAgent, requestId.",
);
const AUTHENTICATOR: Parameter = ("query", "authenticator", "Name of the authenticator.");
const SEARCH: Parameter = (
    "query",
    "search",
    "The beginning of an account's name, or a whole user name, e-mail address, phone number, id, or user ID at the provider.",
);

/// The description of an action of the page; none for any other action.
pub fn describe(resource: &str, action: &str, types: &mut SchemaGenerator) -> Option<Description> {
    let described = |summary, body, parameters, answer| Description {
        summary,
        body,
        parameters,
        answer,
    };
    Some(match (resource, action) {
        ("dingtalk", "overview") => described(
            "Tells how each authenticator is doing: the last test of its connection, how many are bound, sign-ins of the last 30 days, and what was refused lately.",
            None,
            &[(
                "header",
                "X-Timezone",
                "The time zone in which days begin, such as +08:00.",
            )],
            Answer::Data(settings_page::Overview::json_schema(types)),
        ),
        ("dingtalk", "checkConnection") => described(
            "Tests the options of an authenticator that are stored, and remembers what it found.",
            Some(settings_page::CheckConnection::json_schema(types)),
            &[],
            Answer::Data(provider_actions::ConnectionTestResult::json_schema(types)),
        ),
        ("dingtalkAudit", "list") => described(
            "Lists the audit trail: sign-ins, refusals, and changes of what decides who gets in. Of filtered rows the first 10000 are counted; pages go further.",
            None,
            &[
                PAGE,
                PAGE_SIZE,
                (
                    "query",
                    "sort",
                    "Columns, separated by commas; a minus sign reverses the order.",
                ),
                FILTER,
            ],
            Answer::Page(settings_page::Row::json_schema(types)),
        ),
        ("dingtalkAudit", "export") => described(
            "Sends all rows of the audit trail that the filter finds as CSV, newest first. What could be a formula begins with an apostrophe.",
            None,
            &[FILTER],
            Answer::Csv,
        ),
        ("dingtalkPeople", "list") => described(
            "Lists who is bound at an authenticator, the newest accounts first.",
            None,
            &[AUTHENTICATOR, SEARCH, PAGE, PAGE_SIZE],
            Answer::Page(people::PersonRow::json_schema(types)),
        ),
        ("dingtalkPeople", "accounts") => described(
            "Lists accounts that a text may mean, to choose one to bind.",
            None,
            &[AUTHENTICATOR, SEARCH],
            Answer::Data({
                let row = people::AccountRow::json_schema(types);
                json_schema!({"type": "array", "items": row})
            }),
        ),
        ("dingtalkPeople", "bind") => described(
            "Binds an account to a person whom the provider knows. Never one of root; one of an administrator only for who may change roles. The caller must be allowed to update users.",
            Some(people::Bind::json_schema(types)),
            &[],
            Answer::Empty,
        ),
        ("dingtalkPeople", "unbind") => described(
            "Removes the binding of an account, and ends its sessions when asked. The caller must be allowed to update users.",
            Some(people::Unbind::json_schema(types)),
            &[],
            Answer::Empty,
        ),
        ("dingtalkPeople", "endSessions") => described(
            "Ends all sessions of an account. The caller must be allowed to update users.",
            Some(people::EndSessions::json_schema(types)),
            &[],
            Answer::Empty,
        ),
        _ => return None,
    })
}
