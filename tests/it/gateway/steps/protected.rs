//! Whose rights a run does not touch, and which roles it gives.

use std::sync::Arc;

use nocobase_dingtalk::domain::directory::{Step, StepError, StepOutcome};
use nocobase_dingtalk::gateway::nocobase::NocoBaseExecutor;
use nocobase_dingtalk::store::NewUser;

use super::leaving::taking;
use super::{AUTHENTICATOR, HERE, Office, binding, refused};

impl Office {
    /// Another account, with these roles.
    async fn account_with(&self, roles: &[&str]) -> i64 {
        let app = self.gateway.server.app.clone();
        let roles: Vec<_> = roles.iter().map(|&name| name.to_owned()).collect();
        let made = async move {
            let user = app.store.create_user(NewUser::default()).await.unwrap();
            app.store.set_roles(user.id, &roles).await.unwrap();
            user.id
        };
        self.gateway.server.does(made).await
    }

    /// The same office, where another account acts.
    async fn acting(mut self, account: i64) -> Self {
        let app = self.gateway.server.app.clone();
        let executor = async move { NocoBaseExecutor::new(&app, AUTHENTICATOR, account).await };
        let executor = self.gateway.server.does(executor).await.unwrap();
        self.executor = Arc::new(executor);
        self
    }

    async fn give(&self, account: i64, roles: &[&str]) -> Result<StepOutcome, StepError> {
        let roles = roles.iter().map(|&name| name.to_owned()).collect();
        self.apply(Step::GiveRoles { account, roles }).await
    }
}

#[actix_web::test]
async fn each_root_account_and_whoever_acts_is_protected_for_a_reason_of_its_own() {
    let office = Office::open().await;
    let root = office.account_with(&["member", "root"]).await;
    let acts = office.account_with(&["admin"]).await;
    let admin = office.account_with(&["admin"]).await;
    let office = office.acting(acts).await;
    // The first account is root even while NocoBase has taken the role from it.
    let app = office.gateway.server.app.clone();
    let none = async move { app.store.set_roles(1, &["member".to_owned()]).await };
    office.gateway.server.does(none).await.unwrap();
    for account in [root, acts, 1] {
        for step in taking(account) {
            let done = office.apply(step.clone()).await;
            let is_protected = matches!(done, Err(StepError::Protected));
            assert!(is_protected, "{step:?}: {done:?}");
        }
    }
    assert_eq!(office.asked(), [""; 0]);
    for account in [root, 1] {
        let binding = binding("lina");
        let done = office.apply(Step::Bind { account, binding }).await;
        assert!(matches!(done, Err(StepError::Protected)), "{done:?}");
    }
    // Other administrators are not.
    let end = Step::EndAccess { account: admin };
    assert_eq!(office.apply(end).await.unwrap(), StepOutcome::Done);
    office.asked();
    let leave = Step::RemoveMembers {
        department: HERE,
        accounts: vec![root, admin, 1, acts],
    };
    let done = office.apply(leave).await;
    assert!(matches!(done, Err(StepError::Protected)), "{done:?}");
    let call = format!("POST departments/{HERE}/members:remove [{admin}]");
    assert_eq!(office.asked(), [call]);
}

#[actix_web::test]
async fn roles_are_added_to_those_somebody_has_and_never_that_of_root() {
    let office = Office::open().await;
    let account = office.account_with(&[]).await;
    let add = |roles: &str| format!("POST users/{account}/roles:add {roles}");
    let member = office.account_with(&["member"]).await;
    for (somebody, roles, calls) in [
        // Without any role nobody can sign in, so the default role is given.
        (account, &["root"][..], vec![add(r#"["member"]"#)]),
        (account, &[], vec![add(r#"["member"]"#)]),
        (
            account,
            &["admin", "root", "none"],
            vec![add(r#"["admin"]"#)],
        ),
        (member, &["root"], vec![]),
        (member, &["member"], vec![]),
        (member, &["no-such-role"], vec![]),
        (
            member,
            &["member", "admin"],
            vec![format!(r#"POST users/{member}/roles:add ["admin"]"#)],
        ),
    ] {
        let done = office.give(somebody, roles).await.unwrap();
        assert_eq!(done, StepOutcome::Done, "{roles:?}");
        assert_eq!(office.asked(), calls, "{somebody} {roles:?}");
    }
}

#[actix_web::test]
async fn an_account_that_got_no_role_is_gone_or_nocobase_refuses() {
    let office = Office::with(|action, _| {
        let status = match action {
            "users/404/roles:add" => 500,
            action if action.ends_with("roles:add") => 400,
            _ => return None,
        };
        Some(refused(status, "", "bad"))
    })
    .await;
    let gone = office.give(404, &["admin"]).await;
    assert!(matches!(gone, Err(StepError::Gone)), "{gone:?}");
    let refused = office.give(office.account, &["admin"]).await;
    assert!(matches!(refused, Err(StepError::Refused(_))), "{refused:?}");
    let office = Office::with(|action, _| {
        let is_given = action.ends_with("roles:add");
        is_given.then(refused_for_now)
    })
    .await;
    let later = office.give(404, &["admin"]).await;
    assert!(matches!(later, Err(StepError::Unavailable(_))), "{later:?}");
}

fn refused_for_now() -> String {
    refused(503, "APP_INITIALIZING", "starting")
}
