//! A provider that exists only in these tests: a badge reader at a door. It issues a code that
//! contains the reader's secret and the name on the badge.

use async_trait::async_trait;
use nocobase_dingtalk::config::Origin;
use nocobase_dingtalk::domain::identity::Identity;
use nocobase_dingtalk::domain::identity_provider::{
    Code, ConfiguredProvider, ConnectionFinding, IdentifyError, IdentityProvider, Level,
    OptionProblem, OptionsError, ProviderNames, Tested, Unidentified,
};
use nocobase_dingtalk::domain::sign_in::{Copied, Rules};
use serde_json::{Value, json};
use std::sync::LazyLock;
use url::Url;

/// The names of the provider.
pub static NAMES: ProviderNames = ProviderNames {
    auth_type: "badge-reader",
    title: "Badge",
    resource: "badge",
    code_prefix: "BADGE",
    code_parameters: &["card"],
};

/// The people whom the reader lets in.
const STAFF: [&str; 2] = ["ann", "ben"];

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "type": "object",
        "properties": {
            "door": {"type": "string", "x-widget": "text"},
            "pin": {"type": "string", "writeOnly": true, "x-widget": "secret"},
            "newUserRoles": {"type": "array", "items": {"type": "string"}, "x-widget": "checkboxes"},
            "redirectUrl": {"type": "string", "readOnly": true, "x-widget": "readOnly"},
        },
        "required": ["door", "pin"],
    })
});

/// The reader.
pub struct Badge;

/// A reader at one door.
struct Door {
    name: String,
    pin: String,
    sign_up: bool,
    roles: Vec<String>,
}

fn text(options: &Value, key: &str) -> Option<String> {
    let text = options.get(key).and_then(Value::as_str)?;
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

impl IdentityProvider for Badge {
    fn names(&self) -> &'static ProviderNames {
        &NAMES
    }

    fn schema(&self) -> &Value {
        &SCHEMA
    }

    fn secrets(&self) -> &[&'static str] {
        &["pin"]
    }

    fn problems(&self, options: &Value) -> Vec<OptionProblem> {
        let required = [("door", "Door"), ("pin", "PIN")].into_iter();
        let missing = required.filter(|(key, _)| text(options, key).is_none());
        let problem = |(path, title)| OptionProblem {
            path,
            title,
            rule: "{{field}} cannot be null",
        };
        missing.map(problem).collect()
    }

    fn problem_of_stored_secrets(&self, options: &Value, stored: &Value) -> Option<OptionProblem> {
        (text(options, "door") != text(stored, "door")).then_some(OptionProblem {
            path: "pin",
            title: "PIN",
            rule: "{{field}} is not valid",
        })
    }

    fn configure(&self, options: &Value) -> Result<Box<dyn ConfiguredProvider>, OptionsError> {
        let wrong = |key: &str| OptionsError(key.to_owned());
        let roles = options["newUserRoles"].as_array().into_iter().flatten();
        Ok(Box::new(Door {
            name: text(options, "door").ok_or_else(|| wrong("door"))?,
            pin: text(options, "pin").ok_or_else(|| wrong("pin"))?,
            sign_up: options["public"]["autoSignup"] == true,
            roles: roles
                .filter_map(|role| Some(role.as_str()?.to_owned()))
                .collect(),
        }))
    }
}

#[async_trait]
impl ConfiguredProvider for Door {
    fn authorization_url(&self, redirect_uri: &str, state: &str) -> Url {
        let parameters = [
            ("door", self.name.as_str()),
            ("back", redirect_uri),
            ("state", state),
        ];
        Url::parse_with_params("https://reader.example/", parameters).unwrap()
    }

    async fn identify(&self, code: Code<'_>) -> Result<Identity, IdentifyError> {
        let Code::LoginPage(code) = code else {
            return Err(IdentifyError::new(
                Unidentified::Refused,
                "no page inside a reader",
            ));
        };
        let person = code.strip_prefix(&format!("{}/", self.pin));
        let person = person.ok_or_else(|| {
            IdentifyError::new(Unidentified::CodeRejected, "not a card of this reader")
        })?;
        if !STAFF.contains(&person) {
            return Err(IdentifyError::new(
                Unidentified::NotMember,
                "nobody of the staff",
            ));
        }
        Ok(Identity {
            key: person.to_owned(),
            subject: format!("card-{person}"),
            stable_id: None,
            name: person.to_owned(),
            avatar: None,
            phone: None,
            phone_is_unclear: false,
            email: None,
            meta: json!({"card": person}),
        })
    }

    fn rules(&self) -> Rules {
        Rules {
            sign_up: self.sign_up,
            roles: self.roles.clone(),
            copied: Copied {
                nickname: true,
                ..Copied::default()
            },
            ..Rules::default()
        }
    }

    fn redirect_origin(&self) -> Option<&Origin> {
        None
    }

    async fn test_connection(&self) -> Tested {
        vec![
            ConnectionFinding::new(Level::Success, "The door {{door}} answers.")
                .with("door", &self.name),
        ]
        .into()
    }
}
