//! How NocoBase is asked, and what is made of what it says.

use std::sync::Mutex;

use nocobase_dingtalk::domain::directory::{Profile, Step, StepError, StepExecutor, StepOutcome};
use nocobase_dingtalk::gateway::nocobase::{CallError, NocoBaseExecutor};
use serde_json::json;

use super::{AUTHENTICATOR, HERE, NEW, Office, answer, department, refused};
use crate::support::upstream::header;

#[actix_web::test]
async fn nocobase_is_asked_in_the_name_of_an_account_for_minutes_only() {
    let office = Office::open().await;
    office.apply(department(None)).await.unwrap();
    let heads = office.gateway.upstream.heads();
    let head = heads.last().unwrap();
    assert_eq!(header(head, "x-authenticator").as_deref(), Some("basic"));
    let token = header(head, "authorization").unwrap();
    let token = token.strip_prefix("Bearer ").unwrap();
    let claims = office.gateway.server.app.sessions.read(token).unwrap();
    assert_eq!(
        (claims.user_id, claims.role_name.as_deref()),
        (Some(1), Some("root"))
    );
    assert!(
        claims.exp.unwrap() - claims.iat.unwrap() <= 300,
        "{claims:?}"
    );

    let app = office.gateway.server.app.clone();
    let nobody = office.account;
    let executor = async move {
        NocoBaseExecutor::new(&app, AUTHENTICATOR, nobody)
            .await
            .err()
    };
    let refused = office.gateway.server.does(executor).await;
    assert!(
        matches!(refused, Some(CallError::NotAllowed)),
        "a member: {refused:?}"
    );
}

#[actix_web::test]
async fn refusals_say_what_is_wrong_and_no_value() {
    let office = Office::with(|action, body| {
        Some(match action {
            "users:update" if body.contains("139") => {
                refused(500, "", "Duplicate entry '+8613900000001' for key 'phone'")
            }
            "users:update" => answer(&json!({"data": []})),
            "departments:list" => refused(404, "", "Not Found"),
            "departments:update" => refused(503, "APP_INITIALIZING", "starting"),
            "departments:create" => refused(403, "", "No permissions"),
            _ => return None,
        })
    })
    .await;
    let account = office.account;
    let update = |phone: &str| Step::UpdateAccount {
        account,
        profile: Profile {
            phone: Some(phone.to_owned()),
            ..Profile::default()
        },
    };
    let done = office.apply(update("+8613900000001")).await.unwrap_err();
    assert!(matches!(done, StepError::Refused(_)), "{done:?}");
    assert!(!done.to_string().contains("139"), "{done}");
    let done = office.apply(update("1")).await;
    assert!(matches!(done, Err(StepError::Gone)), "{done:?}");
    let executor = office.executor.clone();
    let there = async move { executor.has_departments().await };
    assert!(!office.gateway.server.does(there).await.unwrap());
    office.asked();
    // What concerns all steps keeps the others from being tried.
    let rename = Step::RenameDepartment {
        department: HERE,
        title: "x".to_owned(),
    };
    for (step, is_unavailable) in [(rename, true), (department(None), false)] {
        let done = office.apply_all(vec![step; 9]).await;
        let first = done[0].as_ref().unwrap_err();
        assert_eq!(
            matches!(first, StepError::Unavailable(_)),
            is_unavailable,
            "{first:?}"
        );
        assert!(
            done.iter()
                .all(|done| done.as_ref().is_err_and(StepError::concerns_all))
        );
        let asked = office.asked().len();
        assert!(asked <= 4, "{asked} calls");
    }
}

#[actix_web::test]
async fn a_step_waits_for_others_who_write() {
    let busy = Mutex::new(2);
    let office = Office::with(move |action, _| {
        let mut busy = busy.lock().unwrap();
        let is_busy = action == "departments:create" && *busy > 0;
        *busy -= i32::from(is_busy);
        is_busy.then(|| refused(500, "", "SQLITE_BUSY: database is locked"))
    })
    .await;
    assert_eq!(
        office.apply(department(None)).await.unwrap(),
        StepOutcome::Made(NEW)
    );
    assert_eq!(office.asked().len(), 3);
}

#[actix_web::test]
async fn on_sqlite_there_is_one_call_at_a_time() {
    let office = Office::open().await;
    let before = office.gateway.upstream.connections();
    let rename = Step::RenameDepartment {
        department: HERE,
        title: "x".to_owned(),
    };
    let batch = office.executor.batch();
    assert!(batch >= 4, "{batch}");
    let steps = vec![rename; batch];
    for done in office.apply_all(steps).await {
        assert_eq!(done.unwrap(), StepOutcome::Done);
    }
    let connections = office.gateway.upstream.connections() - before;
    let most = if office.gateway.app.database.kind.dialect() == "sqlite" {
        1
    } else {
        4
    };
    assert!(connections <= most, "{connections}");
}
