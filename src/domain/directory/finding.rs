//! Findings: what an administrator should know about a run.

use super::Key;

/// A remark of a run about a person, a department or the run itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The kind of finding.
    pub kind: FindingKind,
    /// The person, by their identifier in the organization.
    pub person: Option<Key>,
    /// The person's name, where it is known.
    pub name: Option<String>,
    /// The department, by its identifier in the organization.
    pub department: Option<Key>,
    /// The accounts concerned.
    pub accounts: Vec<i64>,
    /// Further information, such as the value in question or the text of an error. It is never a
    /// secret.
    pub detail: Option<String>,
}

impl Finding {
    /// Creates a finding about the run itself.
    pub fn new(kind: FindingKind) -> Self {
        Self {
            kind,
            person: None,
            name: None,
            department: None,
            accounts: Vec::new(),
            detail: None,
        }
    }

    /// Adds the person concerned.
    #[must_use]
    pub fn of_person(mut self, key: &Key) -> Self {
        self.person = Some(key.clone());
        self
    }

    /// Adds the name of the person concerned.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Adds the department concerned.
    #[must_use]
    pub fn of_department(mut self, key: &Key) -> Self {
        self.department = Some(key.clone());
        self
    }

    /// Adds the accounts concerned.
    #[must_use]
    pub fn of_accounts(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.accounts.extend(ids);
        self
    }

    /// Adds further information.
    #[must_use]
    pub fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Note,
    /// Something about a person or department could not be done as configured; an administrator may
    /// correct it.
    Conflict,
    /// Something could not be read or done. A run with such a finding removes nobody.
    Error,
}

impl Severity {
    /// Its name, which stays the same.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Conflict => "conflict",
            Self::Error => "error",
        }
    }
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
    /// Several accounts have the person's phone number or email address, so none of them is
    /// certainly theirs.
    SeveralAccounts => "severalAccounts", Conflict;
    /// The account with the person's phone number or email address has the root role, which is
    /// never linked.
    RootNotLinked => "rootNotLinked", Conflict;
    /// A person's account has the root role. Its profile is left alone.
    RootKept => "rootKept", Note;
    /// The account administers this server, and the authenticator does not link such accounts.
    AdministratorNotLinked => "administratorNotLinked", Conflict;
    /// The account has no role. Somebody has taken its permissions away, and linking must not give
    /// them back.
    DisabledNotLinked => "disabledNotLinked", Conflict;
    /// The account is bound to another person.
    BoundToAnother => "boundToAnother", Conflict;
    /// Several accounts are bound to the person.
    BoundSeveralTimes => "boundSeveralTimes", Conflict;
    /// The organization gave this person an identifier that somebody else had before. The account
    /// of the former owner is not theirs.
    Reissued => "reissued", Conflict;
    /// The person has no account, and the source does not create any.
    NoAccount => "noAccount", Note;
    /// The person lacks the identifier by which the authenticator binds accounts.
    NoSubject => "noSubject", Conflict;
    /// Another account or person has the phone number, so it is not copied.
    PhoneTaken => "phoneTaken", Conflict;
    /// The phone number of the organization cannot be read as one.
    PhoneUnclear => "phoneUnclear", Note;
    /// Another account or person has the email address, so it is not copied.
    EmailTaken => "emailTaken", Conflict;
    /// A value is too long for its column or has characters that it cannot hold. It is cut or not
    /// copied.
    NotStorable => "notStorable", Conflict;
    /// A person came back and has their old account again. The detail names the roles that it had.
    Returned => "returned", Note;
    /// A person has left the organization.
    Left => "left", Note;
    /// A person is still in the organization, but outside the application's contact scope or the
    /// chosen departments.
    OutOfScope => "outOfScope", Note;
    /// A person is gone, but their account stays as it is, because it is root's, the source acts as
    /// it, or it is no longer bound to the person.
    LeaverKept => "leaverKept", Conflict;
    /// A department is left out because of its kind, such as those of school address books.
    DepartmentLeftOut => "departmentLeftOut", Note;
    /// A department was removed while the organization was read.
    DepartmentVanished => "departmentVanished", Note;
    /// A chosen department does not exist, or the application may not see it.
    DepartmentNotSeen => "departmentNotSeen", Conflict;
    /// The organization removed a department, but it stays here because people have put something
    /// into it.
    DepartmentKept => "departmentKept", Conflict;
    /// Departments should be copied, but the server has none, so that only people are copied.
    NoDepartments => "noDepartments", Note;
    /// The application lacks a permission of the provider. The detail names it.
    PermissionMissing => "permissionMissing", Error;
    /// Part of the organization could not be read.
    ReadFailed => "readFailed", Error;
    /// A step failed.
    StepFailed => "stepFailed", Error;
    /// The run would remove more people or departments than the safety limit allows.
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
