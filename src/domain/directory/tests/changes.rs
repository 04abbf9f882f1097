//! How changes are named, described and counted for people.

use super::world::binding;
use crate::domain::directory::changes::{
    AVATAR, AccountEvent, of_departments, of_leaver, of_person,
};
use crate::domain::directory::plan::{
    AccountChange, AccountFacts, Counts, DepartmentChange, DepartmentsPlan, Leaver, LeaverStep,
    PersonChange,
};
use crate::domain::directory::{
    Binding, Department, ManagedDepartment, ManagedPerson, Member, Profile,
};

/// The account of Lina.
const ACCOUNT: i64 = 7;

/// A change for Lina, in which this becomes of her account and nothing else is written.
fn bare(account: AccountChange) -> PersonChange {
    PersonChange {
        member: Member::named("lina".into(), "Li Na".to_owned()),
        account,
        binding: None,
        profile: Profile::default(),
        returns: false,
        roles: None,
        joins: Vec::new(),
        quits: Vec::new(),
        owns: Vec::new(),
        main: None,
        memberships: Vec::new(),
        before: Vec::new(),
        taken_out: Vec::new(),
        new_roles: Vec::new(),
        kept_roles: Vec::new(),
        tried_at: None,
        is_known: true,
    }
}

fn renamed() -> Profile {
    Profile {
        nickname: Some("Li Na".to_owned()),
        ..Profile::default()
    }
}

/// A change of Lina's account.
fn with(part: impl FnOnce(&mut PersonChange)) -> PersonChange {
    let mut change = bare(AccountChange::Keep(ACCOUNT));
    part(&mut change);
    change
}

#[test]
fn each_part_of_a_change_alone_is_something_to_do_and_has_its_event() {
    let lina = binding("lina", "union-lina");
    for (change, event) in [
        (with(|one| one.binding = Some(lina)), AccountEvent::Update),
        (with(|one| one.profile = renamed()), AccountEvent::Update),
        (
            with(|one| one.roles = Some(Vec::new())),
            AccountEvent::Return,
        ),
        (
            with(|one| one.main = Some("1".into())),
            AccountEvent::Departments,
        ),
        (
            with(|one| one.joins.push("1".into())),
            AccountEvent::Departments,
        ),
        (
            with(|one| one.quits.push("1".into())),
            AccountEvent::Departments,
        ),
        (
            with(|one| one.owns.push(("1".into(), true))),
            AccountEvent::Departments,
        ),
        (bare(AccountChange::Create), AccountEvent::Create),
    ] {
        assert!(change.has_steps(), "{change:?}");
        assert_eq!(change.event(), Some(event), "{change:?}");
    }
    for account in [
        AccountChange::Keep(ACCOUNT),
        AccountChange::Others(ACCOUNT),
        AccountChange::None,
    ] {
        let change = bare(account);
        assert!(!change.has_steps(), "{change:?}");
        assert_eq!(change.event(), None, "{change:?}");
        assert!(of_person(&change, None).is_none(), "{change:?}");
    }
}

#[test]
fn a_report_says_what_of_an_account_changes() {
    let before = AccountFacts {
        id: ACCOUNT,
        nickname: Some("Lina".to_owned()),
        phone: Some(String::new()),
        ..AccountFacts::default()
    };
    let contacts = Profile {
        phone: Some("13800000001".to_owned()),
        email: Some("lina@corp.example".to_owned()),
        columns: vec![("title".to_owned(), "Engineer".to_owned())],
        ..Profile::default()
    };
    let lina = binding("lina", "union-lina");
    let with_picture = Binding {
        avatar: Some("https://a.example/lina.png".to_owned()),
        ..lina.clone()
    };
    for (change, kind, detail) in [
        (
            with(|one| one.profile = renamed()),
            "updateAccount",
            Some("nickname: Lina → Li Na"),
        ),
        (
            with(|one| one.profile = contacts),
            "updateAccount",
            Some("phone: – → 13800000001; email: – → lina@corp.example; title: Engineer"),
        ),
        (
            with(|one| one.binding = Some(with_picture)),
            "updateAccount",
            Some(AVATAR),
        ),
        (
            with(|one| {
                one.joins = vec!["1".into(), "2".into()];
                one.quits = vec!["3".into()];
            }),
            "changeDepartments",
            Some("+1 +2 -3"),
        ),
        (
            with(|one| {
                one.profile = renamed();
                one.joins = vec!["1".into()];
            }),
            "updateAccount",
            Some("nickname: Lina → Li Na; +1"),
        ),
        (with(|one| one.binding = Some(lina)), "updateAccount", None),
    ] {
        let row = of_person(&change, Some(&before)).unwrap();
        assert_eq!((row.kind, row.severity), (kind, "change"));
        assert_eq!(row.detail.as_deref(), detail, "{change:?}");
        assert_eq!(row.person_id.as_deref(), Some("lina"));
        assert_eq!(row.person_name.as_deref(), Some("Li Na"));
        assert_eq!(row.accounts, [ACCOUNT]);
    }
}

#[test]
fn a_report_of_a_new_account_says_no_more_than_whose_it_is() {
    let change = PersonChange {
        profile: renamed(),
        ..bare(AccountChange::Create)
    };
    let row = of_person(&change, None).unwrap();
    assert_eq!((row.kind, row.detail), ("createAccount", None));
    assert_eq!(row.person_id.as_deref(), Some("lina"));
    assert!(row.accounts.is_empty());
}

#[test]
fn each_department_is_reported_by_its_greatest_change_and_counted_once() {
    let change = |key: &str, [is_new, is_moved, is_renamed]: [bool; 3]| DepartmentChange {
        department: Department {
            key: key.into(),
            title: format!("Department {key}"),
            parent: None,
            order: None,
        },
        local: None,
        tried_at: None,
        is_new,
        is_renamed,
        is_moved,
    };
    let removed = ManagedDepartment {
        key: "6".into(),
        title: "Department 6".to_owned(),
        parent: None,
        order: None,
        local: Some(6),
        tried_at: None,
    };
    let plan = DepartmentsPlan {
        changes: vec![
            change("1", [true, false, false]),
            change("2", [false, true, true]),
            change("3", [false, true, false]),
            change("4", [false, false, true]),
            // Only its position differs from what was recorded.
            change("5", [false, false, false]),
        ],
        removals: vec![removed],
        findings: Vec::new(),
    };
    let rows: Vec<_> = of_departments(&plan).collect();
    assert!(rows.iter().all(|row| row.severity == "change"), "{rows:?}");
    let told = rows.iter().map(|row| {
        let key = row.department_id.as_deref().unwrap();
        assert_eq!(row.detail, Some(format!("Department {key}")));
        (row.kind, key)
    });
    let expected = [
        ("createDepartment", "1"),
        ("moveDepartment", "2"),
        ("moveDepartment", "3"),
        ("renameDepartment", "4"),
        ("removeDepartment", "6"),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let mut counts = Counts::default();
    counts.add_departments(&plan);
    assert_eq!(counts.departments_created, 1);
    assert_eq!(counts.departments_changed, 3);
    assert_eq!(counts.departments_removed, 1);
}

#[test]
fn of_who_is_gone_a_report_says_what_they_lose() {
    for (step, kind) in [
        (LeaverStep::EndAccess, Some("endAccess")),
        (LeaverStep::Unbind, Some("unbind")),
        (LeaverStep::Delete, Some("deleteAccount")),
        (LeaverStep::Remember, None),
        (LeaverStep::Wait, None),
    ] {
        let leaver = Leaver {
            person: ManagedPerson::with_account("union-lina".into(), "lina".into(), ACCOUNT),
            step,
            quits: Vec::new(),
            roles: Vec::new(),
        };
        let row = of_leaver(&leaver);
        assert_eq!(row.as_ref().map(|row| row.kind), kind, "{step:?}");
        if let Some(row) = row {
            assert_eq!(row.person_id.as_deref(), Some("lina"));
            assert_eq!(row.accounts, [ACCOUNT]);
        }
    }
}
