//! The results of a connection test, in words for an administrator.

use super::connection_report::{ConnectionReport, ContactScope, Permission};
use super::error::DingTalkError;
use crate::domain::identity_provider::{ConnectionFinding, Level, Tested};

/// The subject of a finding, as a key in `locale/`.
const KEYS: &str = "Client ID and Client Secret";
const SCOPE: &str = "Contact scope";
const ORGANIZATION: &str = "Corp ID";
const AGENT: &str = "Agent ID";
/// The key of the option for the organization.
const ORGANIZATION_OPTION: &str = "corpId";

/// The findings of a test, in the order in which an administrator should fix them.
pub fn tested(outcome: Result<ConnectionReport, DingTalkError>) -> Tested {
    let report = match outcome {
        Ok(report) => report,
        Err(failure) => return vec![of_error(&failure).about(KEYS)].into(),
    };
    let mut findings = vec![
        ConnectionFinding::new(
            Level::Success,
            "DingTalk accepts the Client ID and the Client Secret.",
        )
        .about(KEYS),
    ];
    let of_permissions = report.permissions.iter();
    findings.extend(of_permissions.map(|(name, outcome)| of_permission(outcome).about(name)));
    let of_scope = match &report.scope {
        Ok(scope) => of_scope(*scope),
        Err(error) => of_error(error),
    };
    findings.push(of_scope.about(SCOPE));
    let of_organization = report.organization.as_ref().map(|outcome| match outcome {
        Ok(()) => ConnectionFinding::new(Level::Success, "The app belongs to this organization."),
        Err(error) => of_error(error),
    });
    findings.extend(of_organization.map(|finding| finding.about(ORGANIZATION)));
    let of_agent = report.agent.as_ref().map(|outcome| match outcome {
        Ok(()) => ConnectionFinding::new(Level::Success, "DingTalk knows this Agent ID."),
        Err(error) => of_error(error),
    });
    findings.extend(of_agent.map(|finding| finding.about(AGENT)));
    let mut told = Vec::new();
    if let Some(corp_id) = report.told_organization {
        let text = "DingTalk says that the app belongs to {{corpId}}.";
        let finding = ConnectionFinding::new(Level::Success, text).with("corpId", &corp_id);
        findings.push(finding.about(ORGANIZATION));
        told.push((ORGANIZATION_OPTION, corp_id));
    }
    Tested { findings, told }
}

fn of_permission(outcome: &Permission) -> ConnectionFinding {
    match outcome {
        Permission::Granted => {
            ConnectionFinding::new(Level::Success, "The app has this permission.")
        }
        Permission::Unknown => ConnectionFinding::new(
            Level::Warning,
            "DingTalk does not say whether the app has this permission. Look under Permission management in the developer console.",
        ),
        Permission::Failed(error) => of_error(error),
    }
}

fn of_scope(scope: ContactScope) -> ConnectionFinding {
    match scope {
        ContactScope::All => ConnectionFinding::new(
            Level::Success,
            "The contact scope covers the whole organization.",
        ),
        ContactScope::Part {
            departments: 0,
            people: 0,
        } => ConnectionFinding::new(
            Level::Error,
            "The contact scope covers nobody. Widen it under Permission management.",
        ),
        ContactScope::Part {
            departments,
            people,
        } => ConnectionFinding::new(
            Level::Warning,
            "The contact scope covers {{departments}} departments and {{people}} people. Nobody else can sign in.",
        )
        .with("departments", &departments)
        .with("people", &people),
    }
}

/// What an administrator can do about an error. The codes are in the log for the operator.
fn of_error(error: &DingTalkError) -> ConnectionFinding {
    use DingTalkError as E;
    let text = |key| ConnectionFinding::new(Level::Error, key);
    match error {
        E::Credentials(_) => text(
            "DingTalk does not accept the Client ID and the Client Secret. Copy both again from the app's page in the developer console.",
        ),
        E::Organization(_) => text(
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
        E::Agent(_) => text(
            "DingTalk does not know this Agent ID. Copy it again from the app's page in the developer console.",
        ),
        E::Unreachable(_) => text(
            "This server cannot reach DingTalk. Ask the operator to look at its network.",
        ),
        E::NoAnswer(_) => text(
            "DingTalk does not answer this server. Please try again later, or ask the operator to look at its network.",
        ),
        E::OutOfScope | E::UnknownDepartment => {
            text("The contact scope covers nobody. Widen it under Permission management.")
        }
        E::Refused(code) => text("DingTalk refused: {{code}}").with("code", code),
        E::Busy(_) | E::Unexpected(_) | E::Token(_) | E::CodeRejected | E::UnknownUser => {
            text("DingTalk has a problem. Please try again later.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    #[test]
    fn a_dingtalk_that_does_not_answer_is_told_from_one_that_cannot_be_reached() {
        let text = |error: &DingTalkError| of_error(error).text(Locale::of("en-US"));
        let late = text(&DingTalkError::NoAnswer("it took too long".into()));
        assert!(late.starts_with("DingTalk does not answer"), "{late}");
        let away = text(&DingTalkError::Unreachable("no connection".into()));
        assert!(away.starts_with("This server cannot reach"), "{away}");
    }

    #[test]
    fn an_organization_that_dingtalk_tells_is_passed_on_and_said() {
        let report = |told: Option<&str>| ConnectionReport {
            permissions: Vec::new(),
            scope: Ok(ContactScope::All),
            organization: None,
            agent: None,
            told_organization: told.map(str::to_owned),
        };
        let told = tested(Ok(report(Some("dingtold"))));
        assert_eq!(told.told, [("corpId", "dingtold".to_owned())]);
        assert_eq!(told.findings.len(), 3);
        let silent = tested(Ok(report(None)));
        assert_eq!((silent.told.len(), silent.findings.len()), (0, 2));
    }
}
