//! These tests go through every variant of the enum, so that no other place can forget one.

use std::collections::BTreeSet;

use actix_web::body::MessageBody;
use serde_json::Value;
use strum::IntoEnumIterator;

use super::*;
use crate::edge::error::page_texts;
use crate::locale::Locale;
use crate::provider::dingtalk::NAMES;

const INSIDE: &str = include_str!("../../../../client/in-app.js");
const ADMINISTRATOR: &str = include_str!("../../../../docs/administrator.md");

/// The refusals after which a session of another person ends inside DingTalk.
const ENDING: [&str; 6] = [
    "DINGTALK_AMBIGUOUS",
    "DINGTALK_CONFLICT",
    "DINGTALK_NOT_MEMBER",
    "DINGTALK_NO_ROLE",
    "DINGTALK_REISSUED",
    "DINGTALK_USER_NOT_FOUND",
];

/// The code of this refusal at DingTalk.
fn code(refusal: SignInRefusal) -> String {
    refusal.of(&NAMES).code().unwrap().into_owned()
}

/// The answer that a client gets.
fn sent(refusal: SignInRefusal) -> Value {
    let answer = refusal.of(&NAMES).into_response(Locale::default());
    let body = answer.into_body().try_into_bytes().unwrap();
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn the_server_says_which_refusals_end_the_session_of_another_person() {
    let mut ending = BTreeSet::new();
    for refusal in SignInRefusal::iter() {
        let sent = sent(refusal);
        let error = &sent["errors"][0];
        let code = code(refusal);
        assert_eq!(error["code"], code);
        match &error["endsSession"] {
            Value::Null => {}
            Value::Bool(true) => drop(ending.insert(code.clone())),
            other => panic!("{other}"),
        }
        assert!(
            !INSIDE.contains(&code),
            "the page asks the server and keeps no list of its own: {code}"
        );
    }
    assert_eq!(ending, BTreeSet::from(ENDING.map(str::to_owned)));
    assert!(INSIDE.contains("endsSession"));
}

#[test]
fn each_refusal_has_its_text_in_every_place() {
    let texts = page_texts(Locale::default(), &crate::provider::tests::all());
    let mut codes = BTreeSet::new();
    for refusal in SignInRefusal::iter() {
        let code = code(refusal);
        let message = refusal.of(&NAMES).message(Locale::default());
        assert!(codes.insert(code.clone()), "{code} stands for two");
        assert_eq!(texts[&code], message, "pages have a text for {code}");
        let row = format!("| `{code}`: {message} | ");
        assert!(
            ADMINISTRATOR.contains(&row),
            "docs/administrator.md lacks {row}"
        );
        for language in ["de-DE", "zh-CN"] {
            let told = refusal.of(&NAMES).message(Locale::of(language));
            assert_ne!(told, message, "{language} {code}");
        }
    }
}
