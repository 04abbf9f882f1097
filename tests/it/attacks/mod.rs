//! Attacks on sign-ins, one in each test. Attacks with a file of their own (`pending_sign_ins`,
//! `proxies`, `brute_force`, …) are not here; `docs/security.md` lists all of them.

mod accounts;
mod bodies;
mod codes;
mod disclosure;
mod pending_sign_ins;
mod tokens;

use serde_json::{Value, json};

const CLIENT_SECRET: &str = dingtalk_sandbox::seed::CLIENT_SECRET;

fn sign_up() -> Value {
    json!({"public": {"autoSignup": true}})
}

fn options() -> Value {
    json!({
        "clientId": dingtalk_sandbox::seed::CLIENT_ID,
        "clientSecret": CLIENT_SECRET,
        "public": {"autoSignup": true},
    })
}
