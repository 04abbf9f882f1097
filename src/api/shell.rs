//! What NocoBase's admin shell asks of every server, answered for one that has no pages, menus or
//! data tables of its own.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::{ApiError, Call, envelope};

/// An empty list: no menu entries, templates or data sources.
pub async fn nothing(_: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data([Value::Null; 0]))
}

/// The one data table that the settings forms look at: accounts, with the fields that a sign-up
/// form may ask for.
pub async fn collections(_: Call) -> Result<HttpResponse, ApiError> {
    let field = |name: &str, title: &str| {
        json!({
            "name": name, "type": "string", "interface": "input",
            "uiSchema": {
                "type": "string", "title": format!("{{{{t(\"{title}\")}}}}"), "x-component": "Input",
            },
        })
    };
    let users = json!({
        "name": "users",
        "title": "{{t(\"Users\")}}",
        "fields": [
            field("nickname", "Nickname"),
            field("username", "Username"),
            field("email", "Email"),
            field("phone", "Phone"),
        ],
    });
    Ok(envelope::data([users]))
}

/// No page model is kept; the second web client makes one up.
pub async fn no_flow_model(_: Call) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::NoContent().finish())
}

/// The page model that the second web client made up is not kept.
pub async fn flow_model_saved(call: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data(call.body.get("uid").and_then(Value::as_str)))
}

/// The form behind «Edit profile» in the first generation of the web client, which asks for it by
/// this key. The components and hooks that it names are the client's own. The phone number is not
/// in it: here people do not set theirs, see [`crate::domain::profile::update`].
const PROFILE_FORM: &str = "nocobase-user-profile-edit-form";

/// `uiSchemas:getJsonSchema`: the one form that this server has.
pub async fn ui_schema(call: Call) -> Result<HttpResponse, ApiError> {
    let known = call.keys().first().is_some_and(|key| key == PROFILE_FORM);
    Ok(envelope::data(if known {
        profile_form()
    } else {
        json!({})
    }))
}

fn profile_form() -> Value {
    let field = |name: &str, required: bool| {
        json!({
            "type": "string",
            "required": required,
            "x-decorator": "FormItem",
            "x-component": "CollectionField",
            "x-collection-field": format!("users.{name}"),
        })
    };
    let button = |title: &str, hook: &str, properties: Value| {
        json!({
            "title": format!("{{{{ t(\"{title}\") }}}}"),
            "x-component": "Action",
            "x-use-component-props": hook,
            "x-component-props": properties,
        })
    };
    let submit = json!({"type": "primary", "htmlType": "submit"});
    json!({
        "type": "void",
        "name": "profile",
        "x-uid": PROFILE_FORM,
        "properties": {
            "form": {
                "type": "void",
                "x-decorator": "FormBlockProvider",
                "x-decorator-props": {"collection": "users", "dataSource": "main", "action": "get"},
                "x-use-decorator-props": "useEditFormBlockDecoratorProps",
                "properties": {
                    "edit": {
                        "type": "void",
                        "x-component": "FormV2",
                        "x-use-component-props": "useEditFormBlockProps",
                        "properties": {
                            "nickname": field("nickname", false),
                            "username": field("username", true),
                            "email": field("email", false),
                            "footer": {
                                "type": "void",
                                "x-component": "Action.Drawer.FootBar",
                                "properties": {
                                    "cancel": button("Cancel", "useCancelActionProps", json!({})),
                                    "submit": button("Submit", "useUpdateProfileActionProps", submit),
                                },
                            },
                        },
                    },
                },
            },
        },
    })
}
