//! Permissions that an application has to have in DingTalk's developer console.

/// Permissions of the developer console, and what each is for, as keys of `locale/`.
pub const PERMISSIONS: [(&str, &str); 4] = [
    (PROFILE, "Always needed, to learn who signs in"),
    (MEMBER, "Always needed, to learn whether they are a member"),
    (
        MOBILE,
        "For linking by phone number, and for phone numbers of new accounts",
    ),
    (
        EMAIL,
        "For linking by mailbox, and for mailboxes of new accounts",
    ),
];

/// To ask who signs in.
pub const PROFILE: &str = "Contact.User.Read";
/// To ask who belongs to the organisation.
pub const MEMBER: &str = "qyapi_get_member";
/// To read phone numbers.
pub const MOBILE: &str = "fieldMobile";
/// To read mailboxes.
pub const EMAIL: &str = "fieldEmail";
