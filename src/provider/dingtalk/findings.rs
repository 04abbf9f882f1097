//! What a test of the connection says to an administrator.

use super::connection_test::{ConnectionReport, ContactScope};
use super::error::DingTalkError;
use crate::domain::identity_provider::{Finding, Level};

/// What came of a test.
pub fn findings(outcome: Result<ConnectionReport, DingTalkError>) -> Vec<Finding> {
    let report = match outcome {
        Ok(report) => report,
        Err(failure) => return vec![of_error(&failure)],
    };
    let accepted = Finding::new(
        Level::Success,
        "DingTalk accepts the Client ID and the Client Secret.",
    );
    [accepted]
        .into_iter()
        .chain(of_scope(report.scope))
        .chain(report.problems.iter().map(of_error))
        .collect()
}

fn of_scope(scope: ContactScope) -> Option<Finding> {
    let (level, key) = match scope {
        ContactScope::Unknown => return None,
        ContactScope::All => (
            Level::Success,
            "The contact scope covers the whole organization.",
        ),
        ContactScope::Part {
            departments: 0,
            people: 0,
        } => (
            Level::Error,
            "The contact scope covers nobody. Widen it under Permission management.",
        ),
        ContactScope::Part {
            departments,
            people,
        } => {
            let key = "The contact scope covers {{departments}} departments and {{people}} people. Nobody else can sign in.";
            let finding = Finding::new(Level::Warning, key);
            return Some(
                finding
                    .with("departments", &departments)
                    .with("people", &people),
            );
        }
    };
    Some(Finding::new(level, key))
}

/// What an administrator can do about it. The operator finds the codes in the log.
fn of_error(error: &DingTalkError) -> Finding {
    use DingTalkError as E;
    let text = |key| Finding::new(Level::Error, key);
    match error {
        E::Credentials(_) => text(
            "DingTalk does not accept the Client ID and the Client Secret. Copy both again from the app's page in the developer console.",
        ),
        E::Organisation(_) => text(
            "The Corp ID is not that of the organization that the app belongs to. It begins with «ding», and stands on the start page of the developer console.",
        ),
        E::Permission(name) => text(
            "The app lacks the permission {{permission}}. Grant it under Permission management in the developer console.",
        )
        .with("permission", name),
        E::Address(caller) => match caller.address {
            Some(address) => text(
                "DingTalk refuses the address of this server, {{address}}. Add it to the app's IP list in the developer console.",
            )
            .with("address", &address),
            None => text(
                "DingTalk refuses the address of this server. Add its public address to the app's IP list in the developer console.",
            ),
        },
        E::Throttled(_) | E::Banned(_) => {
            text("DingTalk is throttling calls of this app. Please try again later.")
        }
        E::Allowance { .. } => text(
            "The organization's calls to DingTalk are used up for this month. See the usage in the developer console under resource management.",
        ),
        E::Unreachable(_) => text(
            "This server cannot reach DingTalk. Ask the operator to look at its network.",
        ),
        E::OutOfScope => {
            text("The contact scope covers nobody. Widen it under Permission management.")
        }
        E::Refused(code) => text("DingTalk refused: {{code}}").with("code", code),
        E::Busy(_) | E::Unexpected(_) | E::Token(_) | E::CodeRejected | E::UnknownUser => {
            text("DingTalk has a problem. Please try again later.")
        }
    }
}
