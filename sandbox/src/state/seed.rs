//! The organization with which every sandbox starts. All of it is invented.
//!
//! Each person stands for one situation, which their `situation` text describes. Identifiers follow
//! from the short id: `zhangwei` has the userid `user-zhangwei` and the unionid `union-zhangwei`.

use crate::state::{
    directory::NewDepartment,
    person::{Membership, Person, Personal, Standing},
};

/// Client ID of the default app.
pub const CLIENT_ID: &str = "dingsandboxclient";
/// The client secret of the default app. It has 64 characters like a real one, and is recognisably
/// not real.
pub const CLIENT_SECRET: &str = "sandbox-client-secret-not-a-real-one-do-not-use-anywhere-else-00";
/// Name of the default app.
pub const APP_NAME: &str = "NocoBase";
/// Agent ID of the default app.
pub const AGENT_ID: i64 = 1_900_000_001;
/// Corp ID of the organization that owns the default app.
pub const CORP_ID: &str = "dingsandboxcorp";
/// Name of that organization.
pub const ORGANIZATION: &str = "沙盒科技 Sandbox Technology";
/// Corp ID of another organization, to which the app does not belong.
pub const OTHER_CORP_ID: &str = "dingothercorp";
/// Name of the other organization.
pub const OTHER_ORGANIZATION: &str = "Lindgren & Partner";

/// The people, in the order of the login page.
pub fn people() -> Vec<Person> {
    [members(), peculiar_phones(), outsiders()].concat()
}

/// One of many ordinary employees, called `employee1` and so on, for tests that need many people.
pub fn employee(number: usize) -> Person {
    member(
        &format!("employee{number}"),
        &format!("员工{number}"),
        &format!("139{number:08}"),
        "One of many",
    )
}

/// Members with an ordinary phone number and email address.
fn members() -> Vec<Person> {
    vec![
        Person {
            title: text("架构师"),
            job_number: text("A001"),
            hired_date: Some(1_597_573_616_828),
            avatar: text("https://static.sandbox.invalid/zhangwei.jpg"),
            email: text("zhangwei@sandbox.example"),
            ..member(
                "zhangwei",
                "张伟",
                "13800000001",
                "An ordinary member with a phone",
            )
        },
        Person {
            title: text("产品经理"),
            departments: vec![position(SALES, false)],
            ..member(
                "lina",
                "李娜",
                "13800000002",
                "A second ordinary member, in another department",
            )
        },
        Person {
            title: text("总经理"),
            admin: true,
            departments: vec![position(ROOT, true)],
            ..member(
                "wangfang",
                "王芳",
                "13800000003",
                "Administrator of the organization",
            )
        },
        Person {
            title: text("研发总监"),
            departments: vec![position(ENGINEERING, true), position(SALES, false)],
            ..member(
                "huanglei",
                "黄磊",
                "13800000009",
                "A member of two departments who leads one of them",
            )
        },
        Person {
            title: text("法务"),
            departments: vec![position(LEGAL, false)],
            org_email: text("chenjing@corp.sandbox.example"),
            email: text("chenjing@sandbox.example"),
            ..member(
                "chenjing",
                "陈静",
                "13800000008",
                "A member with a mailbox of the organization",
            )
        },
        Person {
            title: text("司机"),
            departments: vec![position(ADMINISTRATION, false)],
            active: false,
            ..member(
                "sunhao",
                "孙浩",
                "13800000007",
                "An employee who has not activated DingTalk",
            )
        },
    ]
}

/// Members whose phone number must not be used without a check.
fn peculiar_phones() -> Vec<Person> {
    vec![
        Person {
            title: text("Regional Manager"),
            state_code: text("65"),
            personal: Personal {
                state_code: text("65"),
                ..profile("Wei Ming", "80000005")
            },
            departments: vec![position(SALES, false)],
            ..member(
                "weiming",
                "Tan Wei Ming",
                "80000005",
                "A member with a phone of Singapore",
            )
        },
        Person {
            title: text("实习生"),
            departments: vec![position(PLATFORM, false)],
            mobile: None,
            state_code: None,
            personal: Personal {
                nick: "小刘".to_owned(),
                ..Personal::default()
            },
            ..member("liuyang", "刘洋", "", "A member without a phone")
        },
        Person {
            title: text("财务"),
            departments: vec![position(FINANCE, false)],
            hide_mobile: true,
            ..member(
                "zhaomin",
                "赵敏",
                "155****3240",
                "A member whose phone is hidden: DingTalk masks it",
            )
        },
        Person {
            title: text("Designer"),
            personal: Personal {
                state_code: text("33"),
                email: text("marie@private.example"),
                ..profile("Marie", "600000010")
            },
            ..member(
                "marie",
                "Marie Dubois",
                "13800000010",
                "A member whose own phone differs from the organization's record",
            )
        },
    ]
}

/// People who are not members, or whom the app cannot see.
fn outsiders() -> Vec<Person> {
    vec![
        Person {
            standing: Standing::OutOfScope,
            title: text("顾问"),
            ..member(
                "wuqiang",
                "吴强",
                "13800000011",
                "An employee outside the app's contact scope",
            )
        },
        Person {
            standing: Standing::ExternalContact,
            title: text("供应商"),
            departments: Vec::new(),
            ..member(
                "zhoujie",
                "周洁",
                "13800000012",
                "An external contact: known to the organization, not employed by it",
            )
        },
        Person {
            corp_id: OTHER_CORP_ID.to_owned(),
            title: text("Partner"),
            departments: Vec::new(),
            ..member(
                "emma",
                "Emma Lindgren",
                "13800000013",
                "Somebody of another company with a valid DingTalk account",
            )
        },
    ]
}

/// A department, and the position of people within it.
type DepartmentSeed = (i64, i64);

const ROOT: DepartmentSeed = (1, 179_997_318_850_453_160);
const ENGINEERING: DepartmentSeed = (919_600_001, 176_188_733_616_559_512);
const SALES: DepartmentSeed = (919_600_002, 176_188_733_616_559_416);
const ADMINISTRATION: DepartmentSeed = (919_600_003, 176_188_733_616_559_320);
const LEGAL: DepartmentSeed = (919_600_004, 176_188_733_616_559_224);
const FINANCE: DepartmentSeed = (919_600_005, 176_188_733_616_559_128);
const PLATFORM: DepartmentSeed = (919_600_006, 176_188_733_616_559_032);

/// The departments of the organization, each after its parent.
pub fn departments() -> Vec<NewDepartment> {
    [
        (ENGINEERING, "研发部", ROOT),
        (SALES, "销售部", ROOT),
        (ADMINISTRATION, "行政部", ROOT),
        (LEGAL, "法务部", ADMINISTRATION),
        (FINANCE, "财务部", ADMINISTRATION),
        (PLATFORM, "平台组", ENGINEERING),
    ]
    .into_iter()
    .map(|((id, _), name, (parent, _))| NewDepartment {
        name: name.to_owned(),
        id: Some(id),
        parent_id: Some(parent),
        order: None,
    })
    .collect()
}

/// An ordinary member: a Chinese phone number, which is also in the account's profile, in
/// engineering, and active.
pub fn member(id: &str, name: &str, mobile: &str, situation: &str) -> Person {
    Person {
        id: id.to_owned(),
        situation: situation.to_owned(),
        corp_id: CORP_ID.to_owned(),
        userid: format!("user-{id}"),
        unionid: format!("union-{id}"),
        openid: format!("open-{id}"),
        name: name.to_owned(),
        mobile: text(mobile),
        state_code: text("86"),
        active: true,
        departments: vec![position(ENGINEERING, false)],
        personal: profile(name, mobile),
        ..Person::default()
    }
}

fn profile(nick: &str, mobile: &str) -> Personal {
    Personal {
        nick: nick.to_owned(),
        mobile: text(mobile),
        state_code: text("86"),
        ..Personal::default()
    }
}

fn position((id, order): DepartmentSeed, leader: bool) -> Membership {
    Membership { id, order, leader }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "spares every line above its `Some(… .to_owned())`"
)]
fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}
