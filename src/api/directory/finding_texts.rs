//! The texts of findings and counts, which are keys of the files in `locale/`.

use crate::domain::directory::{AVATAR, BETWEEN};
use crate::domain::profile::Field;
use crate::locale::Locale;

/// What is counted of a run, with its text when it was done and when it would be done.
pub const COUNTED: [(&str, &str, &str); 11] = [
    ("created", "Account created", "Account would be created"),
    ("linked", "Account linked", "Account would be linked"),
    (
        "adopted",
        "Bound account, managed from now on",
        "Bound account, would be managed from now on",
    ),
    ("updated", "Account updated", "Account would be updated"),
    (
        "returned",
        "Account given back",
        "Account would be given back",
    ),
    ("left", "Gone", "Gone"),
    (
        "departmentsCreated",
        "Department created",
        "Department would be created",
    ),
    (
        "departmentsChanged",
        "Department moved or renamed",
        "Department would be moved or renamed",
    ),
    (
        "departmentsRemoved",
        "Department removed",
        "Department would be removed",
    ),
    ("conflicts", "Conflicts", "Conflicts"),
    ("errors", "Errors", "Errors"),
];

/// The text for a kind of change that was not made: a preview tells it, or a run that the safety
/// limit stopped. None for findings, which are true all the same.
pub fn text_of_intention(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "createAccount" => "Account would be created",
        "linkAccount" => "Account would be linked",
        "adoptAccount" => "Bound account, would be managed from now on",
        "updateAccount" => "Account would be updated",
        "returnAccount" => "Account would be given back",
        "endAccess" => "Access would end",
        "unbind" => "Binding would be removed",
        "deleteAccount" => "Account would be deleted",
        "changeDepartments" => "Departments would change",
        "createDepartment" => "Department would be created",
        "moveDepartment" => "Department would be moved",
        "renameDepartment" => "Department would be renamed",
        "removeDepartment" => "Department would be removed",
        _ => return None,
    })
}

/// The detail of a change, with the names of fields in this language.
pub fn detail_in(locale: Locale, detail: &str) -> String {
    let part = |part: &str| {
        if part == AVATAR {
            return locale.text("Avatar").to_owned();
        }
        let (name, values) = part.split_once(": ").unwrap_or_default();
        let title = match Field::ALL.into_iter().find(|field| field.name() == name) {
            Some(Field::Nickname) => "Nickname",
            Some(Field::Phone) => "Phone",
            Some(Field::Email) => "Email",
            Some(Field::Username) | None => return part.to_owned(),
        };
        format!("{}: {values}", locale.text(title))
    };
    let parts: Vec<_> = detail.split(BETWEEN).map(part).collect();
    parts.join(BETWEEN)
}

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
        "rootKept" => "The account is root's. Its profile stays as it is.",
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
    fn what_would_be_done_is_said_otherwise_than_what_was_done() {
        let english = Locale::of("en-US").texts();
        for (name, done, intended) in COUNTED {
            assert!(english.get(done).is_some(), "{done}");
            assert!(english.get(intended).is_some(), "{intended}");
            let is_of_changes = !["left", "conflicts", "errors"].contains(&name);
            assert_eq!(done != intended, is_of_changes, "{name}");
        }
        for kind in [
            "createAccount",
            "adoptAccount",
            "endAccess",
            "removeDepartment",
        ] {
            let intended = text_of_intention(kind).unwrap();
            assert!(english.get(intended).is_some(), "{intended}");
            assert_ne!(text_of(kind), Some(intended));
        }
        assert_eq!(text_of_intention("phoneTaken"), None);
    }

    #[test]
    fn details_name_fields_as_people_do() {
        let locale = Locale::of("zh-CN");
        let detail = "nickname: a: b → 李娜; email: – → a@x.io; job_no: 7; avatar; +1 -2";
        let told = detail_in(locale, detail);
        assert_eq!(
            told,
            "昵称: a: b → 李娜; 邮箱: – → a@x.io; job_no: 7; 头像; +1 -2"
        );
    }

    #[test]
    fn every_finding_has_a_text() {
        for kind in FindingKind::ALL {
            assert!(text_of(kind.name()).is_some(), "{}", kind.name());
        }
    }
}
