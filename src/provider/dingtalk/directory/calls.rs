//! The calls that read the directory.

use super::wire::{ByDepartment, MembersRequest, WireDepartment, WireMember, WireMembers};
use crate::provider::dingtalk::client::DingTalkClient;
use crate::provider::dingtalk::error::DingTalkError;
use crate::provider::dingtalk::wire::ByUserId;

type Result<T> = std::result::Result<T, DingTalkError>;

/// How many people one page has, which is DingTalk's maximum.
const PAGE: u8 = 100;
const LANGUAGE: &str = "zh_CN";

impl DingTalkClient {
    /// A department.
    pub async fn department(&self, app_token: &str, id: i64) -> Result<WireDepartment> {
        let url = self.oapi(["topapi", "v2", "department", "get"], app_token)?;
        let body = ByDepartment {
            dept_id: id,
            language: LANGUAGE,
        };
        self.old_answer(url, &body).await
    }

    /// The direct subdepartments of a department.
    pub async fn departments_in(&self, app_token: &str, id: i64) -> Result<Vec<WireDepartment>> {
        let url = self.oapi(["topapi", "v2", "department", "listsub"], app_token)?;
        let body = ByDepartment {
            dept_id: id,
            language: LANGUAGE,
        };
        self.old_answer(url, &body).await
    }

    /// A page of the people who are directly in a department.
    pub async fn members_of(&self, app_token: &str, id: i64, cursor: i64) -> Result<WireMembers> {
        let url = self.oapi(["topapi", "v2", "user", "list"], app_token)?;
        let body = MembersRequest {
            dept_id: id,
            cursor,
            size: PAGE,
            // People who join while the pages are read are added at the end.
            order_field: "entry_asc",
            contain_access_limit: false,
            language: LANGUAGE,
        };
        self.old_answer(url, &body).await
    }

    /// The directory's data about one person.
    pub async fn member(&self, app_token: &str, user_id: &str) -> Result<WireMember> {
        let url = self.oapi(["topapi", "v2", "user", "get"], app_token)?;
        let body = ByUserId {
            userid: user_id,
            language: LANGUAGE,
        };
        self.old_answer(url, &body).await
    }
}
