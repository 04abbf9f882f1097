//! Columns that an administrator has added, and pictures.

use std::collections::HashSet;

use super::model::{ACTING, identity, member};
use super::stories::rules;
use crate::domain::directory::plan::{
    AccountFacts, BindingFacts, Candidates, PersonChange, Planner,
};
use crate::domain::directory::{
    Column, ExtraField, FieldRule, ManagedPerson, Member, SourceOptions,
};

/// The account of the person, where there is one.
const ACCOUNT: i64 = 7;

/// The change for a person whom earlier runs have recorded with this digest, or for a new one.
fn planned(options: &SourceOptions, lina: &Member, digest: Option<u64>) -> Option<PersonChange> {
    let (rules, identity) = (rules(), identity(lina));
    let known = digest.map(|digest| ManagedPerson {
        digest,
        ..ManagedPerson::with_account(lina.stable_id_or_key().clone(), lina.key.clone(), ACCOUNT)
    });
    let account = digest.map(|_| AccountFacts {
        id: ACCOUNT,
        nickname: Some(lina.name.clone()),
        roles: vec!["member".to_owned()],
        binding: Some(BindingFacts {
            subject: identity.subject.clone(),
            nickname: identity.name.clone(),
            avatar: "https://a.example/old.png".to_owned(),
            meta: Some(identity.meta.clone()),
        }),
        managed_for: Some(lina.stable_id_or_key().clone()),
        ..AccountFacts::default()
    });
    let candidates = Candidates {
        managed: account,
        ..Candidates::default()
    };
    let mut planner = Planner::new(options, &rules, ACTING, false, HashSet::new(), [lina]);
    let mut findings = Vec::new();
    let change = planner.person(
        lina.clone(),
        &identity,
        known.as_ref(),
        &candidates,
        &mut findings,
    )?;
    let again = planner.change(lina.clone(), &identity, change.decision());
    assert_eq!(again, change, "it is made again from its decisions");
    Some(change)
}

#[test]
fn added_columns_follow_their_rules_and_are_never_emptied() {
    let column = |name: &str, rule: FieldRule| Column {
        name: name.to_owned(),
        rule,
    };
    let options = SourceOptions {
        columns: [
            (ExtraField::JobTitle, column("title", FieldRule::Always)),
            (
                ExtraField::JobNumber,
                column("number", FieldRule::WhenEmpty),
            ),
            (ExtraField::WorkPlace, column("place", FieldRule::Never)),
        ]
        .into(),
        ..SourceOptions::default()
    };
    let lina = Member {
        job_title: Some("Engineer".to_owned()),
        job_number: Some("7".to_owned()),
        work_place: Some("Hall 3".to_owned()),
        ..member("lina", &[])
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let new = planned(&options, &lina, None).unwrap();
    assert_eq!(
        new.profile.columns,
        [pair("title", "Engineer"), pair("number", "7")]
    );
    let changed = planned(&options, &lina, Some(0)).unwrap();
    assert_eq!(changed.profile.columns, [pair("title", "Engineer")]);
    assert_eq!(planned(&options, &lina, Some(lina.digest())), None);
    let untitled = Member {
        job_title: Some(String::new()),
        ..lina
    };
    let changed = planned(&options, &untitled, Some(0)).unwrap();
    assert!(changed.profile.columns.is_empty(), "{changed:?}");
}

#[test]
fn a_picture_follows_its_rule_and_its_address_is_never_cut() {
    let picture = "https://a.example/new.png";
    let lina = Member {
        avatar: Some(picture.to_owned()),
        ..member("lina", &[])
    };
    for (rule, of_new, of_known) in [
        (FieldRule::Always, Some(picture), Some(picture)),
        (FieldRule::WhenEmpty, Some(picture), None),
        (FieldRule::Never, None, None),
    ] {
        let mut options = SourceOptions::default();
        options.fields.avatar = rule;
        let written = |digest: Option<u64>| {
            let change = planned(&options, &lina, digest).unwrap();
            change.binding.and_then(|binding| binding.avatar)
        };
        assert_eq!(written(None).as_deref(), of_new, "{rule:?}");
        assert_eq!(written(Some(0)).as_deref(), of_known, "{rule:?}");
    }
    let long = Member {
        avatar: Some(format!("https://a.example/{}", "x".repeat(255))),
        ..lina
    };
    let change = planned(&SourceOptions::default(), &long, None).unwrap();
    assert_eq!(change.binding.unwrap().avatar, None);
}
