//! The permissions that an application needs in DingTalk's developer console.

/// The permissions, with the purpose of each as a key of `locale/`.
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

/// The permission to ask who signs in.
pub const PROFILE: &str = "Contact.User.Read";
/// The permission to ask who belongs to the organization.
pub const MEMBER: &str = "qyapi_get_member";
/// The permission to read phone numbers.
pub const MOBILE: &str = "fieldMobile";
/// The permission to read mailboxes.
pub const EMAIL: &str = "fieldEmail";
