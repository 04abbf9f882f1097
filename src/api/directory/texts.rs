//! The texts of findings, which are keys of the files in `locale/`.

/// The text for a kind of finding.
pub fn text_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "createAccount" => "Account created",
        "linkAccount" => "Account linked",
        "adoptAccount" => "Bound account, managed from now on",
        "updateAccount" => "Account updated",
        "returnAccount" => "Account given back",
        "endAccess" => "Access ended",
        "unbind" => "Binding removed",
        "deleteAccount" => "Account deleted",
        "changeDepartments" => "Departments changed",
        "createDepartment" => "Department created",
        "moveDepartment" => "Department moved",
        "renameDepartment" => "Department renamed",
        "removeDepartment" => "Department removed",
        "severalAccounts" => {
            "Several accounts have the phone number or mailbox. Correct all but one."
        }
        "rootNotLinked" => "The account is root's, which is never linked.",
        "administratorNotLinked" => {
            "The account is an administrator's, which the authenticator does not link."
        }
        "disabledNotLinked" => "The account has no role, so it is not linked.",
        "boundToAnother" => "The account is bound to somebody else.",
        "boundSeveralTimes" => {
            "Several accounts are bound to this person. Remove the wrong binding."
        }
        "reissued" => "The user ID belonged to somebody else before. Remove the wrong binding.",
        "noAccount" => "Without an account, because none are created.",
        "noSubject" => "The organization does not say what the authenticator binds by.",
        "phoneTaken" => "The phone number is another account's or person's. It is not copied.",
        "emailTaken" => "The mailbox is another account's or person's. It is not copied.",
        "phoneUnclear" => "The phone number cannot be read. It is not copied.",
        "notStorable" => "A value is too long, or cannot be stored.",
        "returned" => "Is back. The roles from before:",
        "left" => "Has left the organization.",
        "outOfScope" => "Is no longer in the contact scope, or in what was chosen.",
        "leaverKept" => "Is gone, and the account is left alone.",
        "noDepartments" => "There are no departments here, so only people are copied.",
        "departmentLeftOut" => "The department is of a school address book, and left out.",
        "departmentVanished" => "The department was removed while it was read.",
        "departmentNotSeen" => "The department is not there, or not in the contact scope.",
        "departmentKept" => {
            "The department is gone there. It stays here, because somebody has put something into it."
        }
        "permissionMissing" => "The app lacks this permission. Nobody is taken out.",
        "readFailed" => "The organization could not be read. Nobody is taken out.",
        "stepFailed" => "This could not be done. Nobody is taken out.",
        "safetyLimit" => "More would go than the safety limit lets.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::FindingKind;

    #[test]
    fn every_finding_has_a_text() {
        for kind in FindingKind::ALL {
            assert!(text_of(kind.name()).is_some(), "{}", kind.name());
        }
    }
}
