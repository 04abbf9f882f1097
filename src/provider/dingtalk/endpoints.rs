//! The calls to DingTalk that are counted, each under a name of its own.

use crate::metrics::Endpoints;

/// The ends of the paths that are called, and the names under which the calls are counted.
pub const ENDPOINTS: Endpoints = &[
    ("/v1.0/oauth2/userAccessToken", "oauth2/userAccessToken"),
    ("/v1.0/oauth2/accessToken", "oauth2/accessToken"),
    ("/v1.0/contact/users/me", "contact/users/me"),
    ("/topapi/v2/user/getuserinfo", "user/getuserinfo"),
    ("/topapi/user/getbyunionid", "user/getbyunionid"),
    ("/topapi/v2/user/get", "user/get"),
    ("/topapi/v2/user/list", "user/list"),
    ("/topapi/v2/department/get", "department/get"),
    ("/topapi/v2/department/listsub", "department/listsub"),
    ("/auth/scopes", "auth/scopes"),
    (
        "/topapi/message/corpconversation/asyncsend_v2",
        "corpconversation/asyncsend_v2",
    ),
    (
        "/topapi/message/corpconversation/getsendprogress",
        "corpconversation/getsendprogress",
    ),
    (
        "/topapi/message/corpconversation/getsendresult",
        "corpconversation/getsendresult",
    ),
    ("/v1.0/robot/oToMessages/batchSend", "robot/batchSend"),
    ("/v1.0/gateway/connections/open", "connections/open"),
    (
        "/call_back/get_call_back_failed_result",
        "call_back/get_call_back_failed_result",
    ),
];
