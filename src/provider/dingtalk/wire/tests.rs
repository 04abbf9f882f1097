use super::*;

fn code(body: &str) -> i64 {
    match serde_json::from_str::<OldAnswer<Value>>(body)
        .unwrap()
        .code()
    {
        OldCode::Number(code) => code,
        OldCode::Word(code) => panic!("{code}"),
    }
}

#[test]
fn the_code_of_an_old_answer_may_be_wrapped() {
    assert_eq!(code(r#"{"errcode":60121,"errmsg":"x"}"#), 60121);
    assert_eq!(code(r#"{"errcode":"60121","errmsg":"x"}"#), 60121);
    assert_eq!(
        code(r#"{"errcode":88,"sub_code":"40014","errmsg":"x"}"#),
        40014
    );
    assert_eq!(
        code(r#"{"errcode":88,"errmsg":"ding talk error[subcode=60020,submsg=ip]"}"#),
        60020
    );
    assert_eq!(code(r#"{"errcode":88,"errmsg":"?"}"#), 88);
    assert_eq!(code(r#"{"errcode":0,"errmsg":"ok","result":{}}"#), 0);
}

#[test]
fn a_missing_permission_is_named() {
    let body = r#"{"errcode":88,"sub_code":"60011","sub_msg":"应用尚未开通所需的权限：[qyapi_get_member]，点击链接"}"#;
    let answer: OldAnswer<Value> = serde_json::from_str(body).unwrap();
    assert_eq!(answer.permissions(), ["qyapi_get_member"]);
}

#[test]
fn numbers_that_a_double_cannot_hold_are_kept_or_dropped_and_never_rounded() {
    let user: OrganizationUser =
        serde_json::from_str(r#"{"userid":9007199254740993,"contact_type":0}"#).unwrap();
    assert_eq!(user.userid.as_deref(), Some("9007199254740993"));
    for rounded in ["123456789012345678901234567890", "1e3", "0.5"] {
        let user = format!(r#"{{"userid":{rounded},"contact_type":0}}"#);
        let user: OrganizationUser = serde_json::from_str(&user).unwrap();
        assert_eq!(user.userid, None, "{rounded}");
    }
    // Values that are not used may have any size.
    let order = r#"{"userid":"u","dept_order_list":[{"dept_id":1,"order":179997318850453160},
        {"order":18446744073709551617}],"hired_date":1e400}"#;
    let employee: Employee = serde_json::from_str(order).unwrap();
    assert_eq!(employee.userid.as_deref(), Some("u"));
}

#[test]
fn absent_empty_and_null_are_the_same() {
    for body in [
        "{}",
        r#"{"mobile":"","org_email":"","state_code":""}"#,
        r#"{"mobile":null,"org_email":null,"state_code":null}"#,
        r#"{"mobile":[],"org_email":{},"state_code":false}"#,
    ] {
        let employee: Employee = serde_json::from_str(body).unwrap();
        let values = (employee.mobile, employee.org_email, employee.state_code);
        assert_eq!(values, (None, None, None), "{body}");
    }
    let me: Me = serde_json::from_str("{}").unwrap();
    assert_eq!((me.union_id, me.nick), (None, None));
}

#[test]
fn strings_and_numbers_are_both_read() {
    let user: OrganizationUser =
        serde_json::from_str(r#"{"userid":7,"contact_type":"0"}"#).unwrap();
    assert_eq!((user.userid.as_deref(), user.contact_type), (Some("7"), 0));
    let user: OrganizationUser = serde_json::from_str(r#"{"userid":""}"#).unwrap();
    assert_eq!((user.userid, user.contact_type), (None, 1));
}
