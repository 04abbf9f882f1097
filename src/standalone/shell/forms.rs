//! Forms of the first generation of the web client, which requests them from the server as data.
//! The components and hooks that they name are the client's own.

use serde_json::{Map, Value, json};

/// The data of a form.
struct ClientForm {
    /// The key by which the client requests it.
    key: &'static str,
    /// What it does with an account: `create` a new one, or `get` one and change it.
    action: &'static str,
    /// The client's hooks for the block around the form, for the form itself and for its submit
    /// button.
    hooks: [&'static str; 3],
    /// The fields, and whether each is required.
    fields: &'static [(&'static str, bool)],
}

const EDIT: [&str; 2] = ["useEditFormBlockDecoratorProps", "useEditFormBlockProps"];

const FORMS: [ClientForm; 3] = [
    // «Edit profile» of the user menu. The phone number is missing, because people cannot set
    // theirs here: see `crate::domain::profile::update`.
    ClientForm {
        key: "nocobase-user-profile-edit-form",
        action: "get",
        hooks: [EDIT[0], EDIT[1], "useUpdateProfileActionProps"],
        fields: &[("nickname", false), ("username", true), ("email", false)],
    },
    // «Add new» and «Edit profile» on the page of accounts.
    ClientForm {
        key: "nocobase-admin-profile-create-form",
        action: "create",
        hooks: [
            "useCreateFormBlockDecoratorProps",
            "useCreateFormBlockProps",
            "useCreateActionProps",
        ],
        fields: &[
            ("nickname", false),
            ("username", true),
            ("email", false),
            ("phone", false),
            ("password", true),
            ("roles", false),
        ],
    },
    ClientForm {
        key: "nocobase-admin-profile-edit-form",
        action: "get",
        hooks: [EDIT[0], EDIT[1], "useUpdateActionProps"],
        fields: &[
            ("nickname", false),
            ("username", true),
            ("email", false),
            ("phone", false),
            ("roles", false),
        ],
    },
];

/// The form with this key.
pub fn of(key: &str) -> Option<Value> {
    FORMS.iter().find(|form| form.key == key).map(schema)
}

fn schema(form: &ClientForm) -> Value {
    let [block, fields, submit] = form.hooks;
    // A form for a new row has nothing to read first.
    let source = match form.action {
        "create" => json!({"collection": "users", "dataSource": "main"}),
        action => json!({"collection": "users", "dataSource": "main", "action": action}),
    };
    let mut properties: Map<_, _> = form
        .fields
        .iter()
        .map(|&(name, required)| (name.to_owned(), field(name, required)))
        .collect();
    let primary = json!({"type": "primary", "htmlType": "submit"});
    let buttons = json!({
        "type": "void",
        "x-component": "Action.Drawer.FootBar",
        "properties": {
            "cancel": button("Cancel", "useCancelActionProps", &json!({})),
            "submit": button("Submit", submit, &primary),
        },
    });
    properties.insert("footer".to_owned(), buttons);
    json!({
        "type": "void",
        "name": "profile",
        "x-uid": form.key,
        "properties": {
            "form": {
                "type": "void",
                "x-decorator": "FormBlockProvider",
                "x-decorator-props": source,
                "x-use-decorator-props": block,
                "properties": {
                    "edit": {
                        "type": "void",
                        "x-component": "FormV2",
                        "x-use-component-props": fields,
                        "properties": properties,
                    },
                },
            },
        },
    })
}

fn field(name: &str, required: bool) -> Value {
    json!({
        "type": "string",
        "required": required,
        "x-decorator": "FormItem",
        "x-component": "CollectionField",
        "x-collection-field": format!("users.{name}"),
    })
}

fn button(title: &str, hook: &str, properties: &Value) -> Value {
    json!({
        "title": format!("{{{{ t(\"{title}\") }}}}"),
        "x-component": "Action",
        "x-use-component-props": hook,
        "x-component-props": properties,
    })
}
