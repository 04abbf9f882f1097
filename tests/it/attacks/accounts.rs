//! Attacks that find out which accounts exist, or that imitate somebody's name.

use nocobase_dingtalk::domain::password;
use serde_json::json;

use crate::support::{Answer, TestApp};

const SIGN_IN: &str = "/api/auth:signIn";
const SIGN_UP: &str = "/api/auth:signUp";

/// What an attacker would measure with a clock, tested without one: the same work is done for an
/// account that does not exist, one without a password and one with another password.
#[actix_web::test]
async fn an_unknown_account_costs_as_much_as_a_wrong_password() {
    let app = TestApp::start().await;
    let nobody = app.create_user("No password", None).await;
    for body in [
        json!({"account": "nocobase", "password": "wrong"}),
        json!({"account": "nobody", "password": "wrong"}),
        json!({"account": "nobody@example.com", "password": "wrong"}),
        json!({"account": nobody, "password": "wrong"}),
        json!({"account": "nocobase"}),
    ] {
        let before = password::hashes();
        let answer = app.browser().post(SIGN_IN, body.clone()).await;
        assert_eq!(answer.status, 401, "{body}");
        // Other tests of this process may compute hashes at the same time.
        assert!(password::hashes() > before, "{body}");
    }
}

#[actix_web::test]
async fn nobody_calls_themselves_what_reads_like_somebody_else() {
    let app = TestApp::start().await;
    let sign_up = async |name: &str| -> Answer {
        let form = json!({"username": name, "password": "pw1", "confirm_password": "pw1"});
        app.browser().post(SIGN_UP, form).await
    };
    let alike = [
        "n\u{43e}cobase",
        "\u{ff4e}\u{ff4f}\u{ff43}\u{ff4f}base",
        "noco\u{200b}base",
        "\u{202e}esabocon",
        "nocobase ",
        "nocobase\u{ad}",
        "王小\u{200b}明",
    ];
    for name in alike {
        let answer = sign_up(name).await;
        assert_eq!(
            answer.message(),
            "Please enter a valid username",
            "{name:?}"
        );
    }
    assert_eq!(
        sign_up("NocoBase").await.message(),
        "Username already exists"
    );
    assert_eq!(sign_up("王小明").await.status, 200);
    let token = app.browser().sign_in_as("王小明", "pw1").await;
    let update = async |name: &str| {
        let body = json!({"username": name});
        let mut browser = app.browser();
        let answer = browser
            .post_as(&token, "/api/users:updateProfile", body)
            .await;
        answer.status.as_u16()
    };
    for name in alike.into_iter().chain(["NOCOBASE"]) {
        assert_eq!(update(name).await, 400, "{name:?}");
    }
    assert_eq!(update("王小红").await, 200);
    assert_eq!(app.count_users().await, 2);
}
