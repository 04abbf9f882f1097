//! The endpoints of this platform, with the path, the family and the permission of each.

/// A family of endpoints, which determines the form of answers and refusals.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// The login page: HTML.
    Page,
    /// `api.dingtalk.com/v1.0/…`: HTTP status codes and `{"code","message","requestid"}`.
    New,
    /// `oapi.dingtalk.com/…`: always HTTP 200 and `{"errcode","errmsg"}`.
    Old,
}

macro_rules! endpoints {
    ($($(#[$doc:meta])+ $endpoint:ident => $path:literal;)+) => {
        /// An endpoint of the platform.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Endpoint {
            $($(#[$doc])+ $endpoint,)+
        }

        impl Endpoint {
            /// All of them.
            const ALL: &[Self] = &[$(Self::$endpoint),+];

            /// The path, in the syntax of the route table.
            pub const fn path(self) -> &'static str {
                match self { $(Self::$endpoint => $path,)+ }
            }
        }
    };
}

endpoints! {
    /// The login page.
    SignInPage => "/oauth2/auth";
    /// Exchanges a code or a refresh token for a person's tokens.
    UserToken => "/v1.0/oauth2/userAccessToken";
    /// The app's token, in the new family.
    AppToken => "/v1.0/oauth2/accessToken";
    /// The app's token for one organization.
    OrganizationToken => "/v1.0/oauth2/{corpId}/token";
    /// The profile of the person who signed in.
    ContactUser => "/v1.0/contact/users/{unionId}";
    /// The app's token, in the old family.
    GetToken => "/gettoken";
    /// The userid of a unionid.
    UserByUnionId => "/topapi/user/getbyunionid";
    /// The userid of a phone number.
    UserByMobile => "/topapi/v2/user/getbymobile";
    /// The organization's record of an employee.
    UserDetails => "/topapi/v2/user/get";
    /// The userid of an in-app code.
    InAppUser => "/topapi/v2/user/getuserinfo";
    /// The contact scope of the app.
    ContactScope => "/auth/scopes";
    /// The departments directly below one.
    DepartmentList => "/topapi/v2/department/listsub";
    /// The ids of the departments directly below one.
    DepartmentIds => "/topapi/v2/department/listsubid";
    /// One department.
    DepartmentDetails => "/topapi/v2/department/get";
    /// All departments above one.
    ParentsOfDepartment => "/topapi/v2/department/listparentbydept";
    /// All departments above those of a person.
    ParentsOfUser => "/topapi/v2/department/listparentbyuser";
    /// The members of a department, with their records.
    Members => "/topapi/v2/user/list";
    /// The members of a department, with their names.
    MemberNames => "/topapi/user/listsimple";
    /// The userids of a department's members.
    MemberIds => "/topapi/user/listid";
    /// The number of employees.
    UserCount => "/topapi/user/count";
    /// The people who left the organization.
    LeaveRecords => "/v1.0/contact/empLeaveRecords";
    /// A ticket for a connection of the Stream.
    StreamOpen => "/v1.0/gateway/connections/open";
    /// Callbacks that were not answered.
    FailedCallbacks => "/call_back/get_call_back_failed_result";
    /// Sends a work notification.
    WorkMessage => "/topapi/message/corpconversation/asyncsend_v2";
    /// The progress of sending a work notification.
    WorkProgress => "/topapi/message/corpconversation/getsendprogress";
    /// The receivers of a work notification.
    WorkResult => "/topapi/message/corpconversation/getsendresult";
    /// Recalls a work notification.
    WorkRecall => "/topapi/message/corpconversation/recall";
    /// Sends a robot's message to single people.
    RobotSend => "/v1.0/robot/oToMessages/batchSend";
    /// The people who have read a robot's message.
    RobotReadStatus => "/v1.0/robot/oToMessages/readStatus";
    /// Recalls a robot's message.
    RobotRecall => "/v1.0/robot/otoMessages/batchRecall";
}

impl Endpoint {
    /// The endpoint for a path. The path of the route table with its braces counts, too.
    pub fn serving(path: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|endpoint| matches_pattern(endpoint.path(), path))
    }

    /// The family of this endpoint.
    pub fn family(self) -> Family {
        match self {
            Self::SignInPage => Family::Page,
            _ if self.path().starts_with("/v1.0/") => Family::New,
            _ => Family::Old,
        }
    }

    /// Whether the answer is a page of a list.
    pub fn is_paged(self) -> bool {
        matches!(self, Self::Members | Self::MemberNames | Self::LeaveRecords)
    }

    /// The permission that an administrator must grant to the app, according to DingTalk's
    /// reference pages. None means the basic permission that every app has.
    pub const fn permission(self) -> Option<&'static str> {
        match self {
            Self::ContactUser => Some("Contact.User.Read"),
            Self::UserByUnionId | Self::UserDetails | Self::MemberIds | Self::UserCount => {
                Some("qyapi_get_member")
            }
            Self::Members | Self::MemberNames => Some("qyapi_get_department_member"),
            Self::DepartmentList
            | Self::DepartmentIds
            | Self::DepartmentDetails
            | Self::ParentsOfDepartment
            | Self::ParentsOfUser => Some("qyapi_get_department_list"),
            Self::LeaveRecords => Some("Contact.Common.Read"),
            Self::RobotSend | Self::RobotReadStatus | Self::RobotRecall => {
                Some("qyapi_robot_sendmsg")
            }
            Self::UserByMobile => Some("qyapi_get_member_by_mobile"),
            _ => None,
        }
    }
}

fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (mut expected, mut actual) = (pattern.split('/'), path.split('/'));
    loop {
        match (expected.next(), actual.next()) {
            (None, None) => return true,
            (Some(expected), Some(actual))
                if expected == actual || (expected.starts_with('{') && !actual.is_empty()) => {}
            _ => return false,
        }
    }
}
