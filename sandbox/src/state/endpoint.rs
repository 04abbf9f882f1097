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

/// An endpoint of the platform.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Endpoint {
    /// The login page.
    SignInPage,
    /// Exchanges a code or a refresh token for a person's tokens.
    UserToken,
    /// The app's token, in the new family.
    AppToken,
    /// The app's token for one organization.
    OrganizationToken,
    /// The profile of the person who signed in.
    ContactUser,
    /// The app's token, in the old family.
    GetToken,
    /// The userid of a unionid.
    UserByUnionId,
    /// The userid of a phone number.
    UserByMobile,
    /// The organization's record of an employee.
    UserDetails,
    /// The userid of an in-app code.
    InAppUser,
    /// The contact scope of the app.
    ContactScope,
    /// The departments directly below one.
    DepartmentList,
    /// The ids of the departments directly below one.
    DepartmentIds,
    /// One department.
    DepartmentDetails,
    /// All departments above one.
    ParentsOfDepartment,
    /// All departments above those of a person.
    ParentsOfUser,
    /// The members of a department, with their records.
    Members,
    /// The members of a department, with their names.
    MemberNames,
    /// The userids of a department's members.
    MemberIds,
    /// The number of employees.
    UserCount,
    /// The people who left the organization.
    LeaveRecords,
    /// A ticket for a connection of the Stream.
    StreamOpen,
    /// Callbacks that were not answered.
    FailedCallbacks,
    /// Sends a work notification.
    WorkMessage,
    /// The progress of sending a work notification.
    WorkProgress,
    /// The receivers of a work notification.
    WorkResult,
    /// Recalls a work notification.
    WorkRecall,
    /// Sends a robot's message to single people.
    RobotSend,
    /// The people who have read a robot's message.
    RobotReadStatus,
    /// Recalls a robot's message.
    RobotRecall,
}

impl Endpoint {
    const ALL: [Self; 30] = [
        Self::SignInPage,
        Self::UserToken,
        Self::AppToken,
        Self::OrganizationToken,
        Self::ContactUser,
        Self::GetToken,
        Self::UserByUnionId,
        Self::UserByMobile,
        Self::UserDetails,
        Self::InAppUser,
        Self::ContactScope,
        Self::DepartmentList,
        Self::DepartmentIds,
        Self::DepartmentDetails,
        Self::ParentsOfDepartment,
        Self::ParentsOfUser,
        Self::Members,
        Self::MemberNames,
        Self::MemberIds,
        Self::UserCount,
        Self::LeaveRecords,
        Self::StreamOpen,
        Self::FailedCallbacks,
        Self::WorkMessage,
        Self::WorkProgress,
        Self::WorkResult,
        Self::WorkRecall,
        Self::RobotSend,
        Self::RobotReadStatus,
        Self::RobotRecall,
    ];

    /// The path, in the syntax of the route table.
    pub const fn path(self) -> &'static str {
        match self {
            Self::SignInPage => "/oauth2/auth",
            Self::UserToken => "/v1.0/oauth2/userAccessToken",
            Self::AppToken => "/v1.0/oauth2/accessToken",
            Self::OrganizationToken => "/v1.0/oauth2/{corpId}/token",
            Self::ContactUser => "/v1.0/contact/users/{unionId}",
            Self::GetToken => "/gettoken",
            Self::UserByUnionId => "/topapi/user/getbyunionid",
            Self::UserByMobile => "/topapi/v2/user/getbymobile",
            Self::UserDetails => "/topapi/v2/user/get",
            Self::InAppUser => "/topapi/v2/user/getuserinfo",
            Self::ContactScope => "/auth/scopes",
            Self::DepartmentList => "/topapi/v2/department/listsub",
            Self::DepartmentIds => "/topapi/v2/department/listsubid",
            Self::DepartmentDetails => "/topapi/v2/department/get",
            Self::ParentsOfDepartment => "/topapi/v2/department/listparentbydept",
            Self::ParentsOfUser => "/topapi/v2/department/listparentbyuser",
            Self::Members => "/topapi/v2/user/list",
            Self::MemberNames => "/topapi/user/listsimple",
            Self::MemberIds => "/topapi/user/listid",
            Self::UserCount => "/topapi/user/count",
            Self::LeaveRecords => "/v1.0/contact/empLeaveRecords",
            Self::StreamOpen => "/v1.0/gateway/connections/open",
            Self::FailedCallbacks => "/call_back/get_call_back_failed_result",
            Self::WorkMessage => "/topapi/message/corpconversation/asyncsend_v2",
            Self::WorkProgress => "/topapi/message/corpconversation/getsendprogress",
            Self::WorkResult => "/topapi/message/corpconversation/getsendresult",
            Self::WorkRecall => "/topapi/message/corpconversation/recall",
            Self::RobotSend => "/v1.0/robot/oToMessages/batchSend",
            Self::RobotReadStatus => "/v1.0/robot/oToMessages/readStatus",
            Self::RobotRecall => "/v1.0/robot/otoMessages/batchRecall",
        }
    }

    /// The endpoint for a path. The path of the route table with its braces counts, too.
    pub fn serving(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
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
