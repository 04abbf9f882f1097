use serde_json::{Value, json};

use super::*;
use crate::domain::message::{OpenIn, Row};

fn row(title: &str, content: &str, options: Value) -> InboxMessage {
    InboxMessage {
        id: "x".to_owned(),
        user_id: 1,
        channel_name: "c".to_owned(),
        title: Some(title.to_owned()),
        content: Some(content.to_owned()),
        receive_timestamp: 1,
        options: Some(options),
    }
}

fn origin() -> Origin {
    "https://nocobase.example.com".parse().unwrap()
}

#[test]
fn signs_of_html_are_undone_once_and_nothing_is_filled_in() {
    let row = row(
        "A&amp;B &lt;i&gt;&#x27;x&#x27;",
        "{{$env.SECRET}} &amp;lt;",
        json!({"url": ""}),
    );
    let expected = "A&B <i>'x'\n{{$env.SECRET}} &lt;".to_owned();
    assert_eq!(
        message(&row, None).content,
        Content::Text { text: expected }
    );
}

#[test]
fn an_address_is_of_the_application_or_of_the_web() {
    for (address, expected) in [
        ("/admin/x", Some("https://nocobase.example.com/admin/x")),
        ("https://a.example/y", Some("https://a.example/y")),
        ("//a.example/y", None),
        ("javascript:alert(1)", None),
        ("", None),
    ] {
        let row = row("t", "c", json!({"url": address}));
        let found = match message(&row, Some(&origin())).content {
            Content::Form { url, .. } => Some(url),
            _ => None,
        };
        assert_eq!(found.as_deref(), expected, "{address}");
    }
}

#[test]
fn every_kind_is_as_the_form_set_it() {
    let url = "https://nocobase.example.com/admin/x".to_owned();
    let [title, text] = ["t", "**c**"].map(str::to_owned);
    let buttons = vec![Button {
        title: "Yes".to_owned(),
        url: url.clone(),
    }];
    let rows = vec![Row {
        label: "Days".to_owned(),
        value: "[3](https://b.example)".to_owned(),
    }];
    for (set, expected) in [
        (
            json!({"kind": "text"}),
            Content::Text {
                text: format!("t\n**c**\n{url}"),
            },
        ),
        (
            json!({"kind": "markdown", "button": "See"}),
            Content::Markdown {
                title: title.clone(),
                text: format!("**c**\n\n[See]({url})"),
            },
        ),
        (
            json!({"kind": "card", "button": "See"}),
            Content::Card {
                title: title.clone(),
                text: text.clone(),
                button: "See".to_owned(),
                url: url.clone(),
            },
        ),
        (
            json!({"kind": "buttons", "inARow": true, "buttons": [
                {"title": "Yes", "url": "/admin/x"},
                {"title": "Not this one", "url": "javascript:alert(1)"},
            ]}),
            Content::Buttons {
                title: title.clone(),
                text: text.clone(),
                buttons,
                in_a_row: true,
            },
        ),
        (
            json!({"kind": "form", "rows": [{"label": "Days", "value": "[3](https://b.example)"}]}),
            Content::Form {
                title,
                text,
                rows,
                url: url.clone(),
            },
        ),
    ] {
        let row = row("t", "**c**", json!({"url": "/admin/x", "message": set}));
        let message = message(&row, Some(&origin()));
        assert_eq!(message.content, expected, "{set}");
        assert_eq!(message.open_in, OpenIn::Client);
    }
}

#[test]
fn a_kind_that_lacks_something_becomes_a_simpler_one() {
    let kind_of = |title: &str, content: &str, set: Value| {
        let row = row(title, content, json!({"message": set}));
        let content = message(&row, None).content;
        let written = serde_json::to_value(content).unwrap();
        let words = written["text"].as_str().unwrap().to_owned();
        (written["kind"].as_str().unwrap().to_owned(), words)
    };
    let told = |kind: &str, words: &str| (kind.to_owned(), words.to_owned());
    for kind in ["card", "buttons", "form", "markdown"] {
        let set = json!({"kind": kind});
        assert_eq!(kind_of("t", "c", set.clone()), told("markdown", "c"));
        assert_eq!(kind_of("t", "", set.clone()), told("text", "t"));
        assert_eq!(kind_of("", "c", set), told("text", "c"));
    }
    let set =
        json!({"kind": "form", "rows": [{"label": "Who", "value": "[Li](https://b.example)"}]});
    assert_eq!(
        kind_of("t", "c", set),
        told("markdown", "- Who: ［Li］(https://b.example)\n\nc"),
        "what a value holds is no link"
    );
}

#[test]
fn what_a_message_has_too_much_of_is_left_out_so_that_it_can_be_sent() {
    let long = "标".repeat(101);
    let url = "https://a.example/x";
    let buttons = vec![json!({"title": long, "url": url}); 6];
    let rows = vec![json!({"label": long, "value": "v"}); 21];
    for set in [
        json!({"kind": "markdown"}),
        json!({"kind": "card", "button": long}),
        json!({"kind": "buttons", "buttons": buttons}),
        json!({"kind": "form", "rows": rows}),
    ] {
        let row = row(&long, "c", json!({"url": url, "message": set}));
        let message = message(&row, None);
        assert_eq!(message.check(), Ok(()), "{set}");
        assert_eq!(message.title().chars().count(), 100, "{set}");
        match message.content {
            Content::Buttons { buttons, .. } => assert_eq!(buttons.len(), 5),
            Content::Form { rows, .. } => assert_eq!(rows.len(), 20),
            _ => {}
        }
    }
}

#[test]
fn neither_a_title_nor_an_address_ends_the_link_of_a_markdown_message() {
    let options = json!({"url": "https://a.example/(x)?y=)", "message": {"kind": "markdown"}});
    let row = row("Hi](https://evil.example)\n[x", "c", options);
    let Content::Markdown { text, .. } = message(&row, None).content else {
        panic!("another kind");
    };
    let expected = "c\n\n[Hi］(https://evil.example) ［x](https://a.example/(x%29?y=%29)";
    assert_eq!(text, expected);
}
