//! What people should know about a run.

use super::Key;

/// Something that a run says about a person, a department or itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The person that it is about, in the organisation's words.
    pub person: Option<Key>,
    /// The department that it is about, in the organisation's words.
    pub department: Option<Key>,
    /// The accounts that it is about.
    pub accounts: Vec<i64>,
    /// What else belongs to it: the value in question, or the text of an error. Never a secret.
    pub detail: Option<String>,
}

impl Finding {
    /// A finding about the run itself.
    pub fn new(kind: FindingKind) -> Self {
        Self {
            kind,
            person: None,
            department: None,
            accounts: Vec::new(),
            detail: None,
        }
    }

    /// About this person.
    #[must_use]
    pub fn of_person(mut self, key: &Key) -> Self {
        self.person = Some(key.clone());
        self
    }

    /// About this department.
    #[must_use]
    pub fn of_department(mut self, key: &Key) -> Self {
        self.department = Some(key.clone());
        self
    }

    /// About these accounts.
    #[must_use]
    pub fn of_accounts(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.accounts.extend(ids);
        self
    }

    /// With this detail.
    #[must_use]
    pub fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Something about one person or department is not as it could be, and somebody may put it right.
    Conflict,
    /// Something could not be read or done. Nobody is removed in a run that has one.
    Error,
}

macro_rules! kinds {
    ($($(#[$doc:meta])+ $kind:ident => $name:literal, $severity:ident;)+) => {
        /// What a finding is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FindingKind {
            $($(#[$doc])+ $kind,)+
        }

        impl FindingKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// Its name, which stays the same.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// How much it matters.
            pub fn severity(self) -> Severity {
                match self { $(Self::$kind => Severity::$severity,)+ }
            }
        }
    };
}

kinds! {
    /// Several accounts have the person's phone number or mailbox, so none is theirs for sure.
    SeveralAccounts => "severalAccounts", Conflict;
    /// The account with the person's phone number or mailbox is root's, which is never linked.
    RootNotLinked => "rootNotLinked", Conflict;
    /// It administers this server, and the authenticator does not link such accounts.
    AdministratorNotLinked => "administratorNotLinked", Conflict;
    /// It has no role: somebody took its rights away, and nobody gets them back by being linked.
    DisabledNotLinked => "disabledNotLinked", Conflict;
    /// It belongs to another person already.
    BoundToAnother => "boundToAnother", Conflict;
    /// Several accounts are bound to the person.
    BoundSeveralTimes => "boundSeveralTimes", Conflict;
    /// The organisation gave the identifier of somebody else to this person. The account of the other is not
    /// theirs.
    Reissued => "reissued", Conflict;
    /// Nobody has an account for the person, and the source makes none.
    NoAccount => "noAccount", Note;
    /// The organisation does not say the identifier that the authenticator binds by.
    NoSubject => "noSubject", Conflict;
    /// Another account has the phone number, or two people have it; it is not copied.
    PhoneTaken => "phoneTaken", Conflict;
    /// The organisation keeps something as a phone number that means none for sure.
    PhoneUnclear => "phoneUnclear", Note;
    /// Another account has the mailbox, or two people have it; it is not copied.
    EmailTaken => "emailTaken", Conflict;
    /// A value is longer than the column, or holds what no column can; it is cut or not copied.
    NotStorable => "notStorable", Conflict;
    /// Somebody came back, and has their old account again. The detail names the roles that it had.
    Returned => "returned", Note;
    /// Somebody left the organisation.
    Left => "left", Note;
    /// Somebody is still in the organisation, but not in what the application may see, or in what was
    /// chosen.
    OutOfScope => "outOfScope", Note;
    /// Somebody is gone, but the account is root's, or the one that the source acts as, or is bound to the
    /// person no longer. It is left as it is.
    LeaverKept => "leaverKept", Conflict;
    /// A department that has no place here, such as those of school address books.
    DepartmentLeftOut => "departmentLeftOut", Note;
    /// A department was removed while it was being read.
    DepartmentVanished => "departmentVanished", Note;
    /// A chosen department is not there, or the application may not see it.
    DepartmentNotSeen => "departmentNotSeen", Conflict;
    /// A department is gone in the organisation, and stays here since people have put something into it.
    DepartmentKept => "departmentKept", Conflict;
    /// Departments are to follow, and there are none here: only people are copied.
    NoDepartments => "noDepartments", Note;
    /// The provider does not let the application read something. The detail names the permission.
    PermissionMissing => "permissionMissing", Error;
    /// Something could not be read, so the run knows the organisation in part only.
    ReadFailed => "readFailed", Error;
    /// A step could not be done.
    StepFailed => "stepFailed", Error;
    /// More people or departments would go than the safety limit lets.
    SafetyLimit => "safetyLimit", Conflict;
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_kinds_have_one_name() {
        let names: HashSet<_> = FindingKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), FindingKind::ALL.len());
    }

    #[test]
    fn findings_say_what_they_are_about() {
        let finding = Finding::new(FindingKind::PhoneTaken)
            .of_person(&"lina".into())
            .of_department(&"2".into())
            .of_accounts([7])
            .with("+86 138");
        assert_eq!(finding.person.as_ref().map(Key::as_str), Some("lina"));
        assert_eq!(finding.accounts, [7]);
        assert!(finding.kind.severity() < Severity::Error);
    }
}
