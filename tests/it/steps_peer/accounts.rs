//! Accounts and their bindings.

use nocobase_dingtalk::domain::directory::{NewAccount, Profile, Step, StepError, StepOutcome};
use nocobase_dingtalk::domain::profile::Field;
use serde_json::json;

use super::{AUTHENTICATOR, Peer, made, new_binding, person, unique};

impl Peer {
    /// How often a workflow has run.
    async fn runs(&self, workflow: i64) -> i64 {
        let filter = json!({"workflowId": workflow});
        let action = format!("executions:list?filter={filter}&fields=id&pageSize=1");
        let (status, answer) = self.said(&self.root, &action, None).await;
        assert_eq!(status, 200, "{answer}");
        answer["meta"]["count"].as_i64().unwrap()
    }
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn an_account_is_made_once_and_starts_its_workflow_once() {
    let peer = Peer::start().await;
    let workflow = json!({
        "title": unique("New people"), "type": "collection", "sync": true, "enabled": true,
        "config": {"collection": "users", "mode": 1},
    });
    let workflow = super::id(&peer.root_does("workflows:create", &workflow).await);
    let new = person(&[]);
    let account = made(peer.apply(Step::CreateAccount(new.clone())).await);
    let row = peer.data(&format!("users:get?filterByTk={account}")).await;
    assert_eq!(row["nickname"], "李娜 'O’Neil' <b>");
    assert_eq!(row["phone"].as_str(), new.profile.phone.as_deref());
    assert_eq!(peer.roles(account).await, ["member"]);
    assert_eq!(
        peer.binding_of(account).await,
        Some(new.binding.subject.clone())
    );
    assert_eq!(peer.runs(workflow).await, 1);

    // Asked again, by the binding.
    let again = peer.apply(Step::CreateAccount(new.clone())).await;
    assert_eq!(made(again), account);
    // Killed between the account and its binding.
    let app = peer.server.app.clone();
    let unbound = async move {
        let transaction = app.store.begin().await?;
        transaction.remove_binding(AUTHENTICATOR, account).await?;
        transaction.commit().await
    };
    peer.server.does(unbound).await.unwrap();
    let tried = NewAccount {
        tried_at: Some(peer.lately()),
        ..new.clone()
    };
    assert_eq!(made(peer.apply(Step::CreateAccount(tried)).await), account);
    assert_eq!(
        peer.binding_of(account).await,
        Some(new.binding.subject.clone())
    );
    assert_eq!(
        peer.runs(workflow).await,
        1,
        "nobody was made a second time"
    );
    peer.root_does(
        &format!("workflows:destroy?filterByTk={workflow}"),
        &json!({}),
    )
    .await;
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn roles_that_there_are_are_given_and_root_is_not() {
    let peer = Peer::start().await;
    let role = unique("role");
    peer.root_does("roles:create", &json!({"name": role, "title": role}))
        .await;
    let account = peer.account(&[&role, "no-such-role", "root"]).await;
    assert_eq!(peer.roles(account).await, [role.as_str()]);
    let give = |roles: &[&str]| Step::GiveRoles {
        account,
        roles: roles.iter().map(|&name| name.to_owned()).collect(),
    };
    for _ in 0..2 {
        peer.apply(give(&["admin", "root", "no-such-role"]))
            .await
            .unwrap();
        assert_eq!(peer.roles(account).await, ["admin", role.as_str()]);
    }
    peer.apply(Step::EndAccess { account }).await.unwrap();
    assert_eq!(peer.roles(account).await, [""; 0]);
    peer.apply(give(&["no-such-role"])).await.unwrap();
    assert_eq!(peer.roles(account).await, ["member"], "the default one");
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn what_an_account_says_is_changed_unless_another_says_it() {
    let peer = Peer::start().await;
    let column = unique("jobNumber");
    let field = json!({
        "name": column, "type": "string", "interface": "input",
        "uiSchema": {"type": "string", "title": "Job number", "x-component": "Input"},
    });
    peer.root_does("collections/users/fields:create", &field)
        .await;
    let (one, two) = (person(&[]), person(&[]));
    let account = made(peer.apply(Step::CreateAccount(one.clone())).await);
    peer.apply(Step::CreateAccount(two.clone())).await.unwrap();
    let update = |account, profile| Step::UpdateAccount { account, profile };
    let email = format!("{}@example.com", unique("mail"));
    let profile = Profile {
        nickname: Some("Name".to_owned()),
        phone: None,
        email: Some(email.clone()),
        columns: vec![(column.clone(), "A-7".to_owned())],
    };
    peer.apply(update(account, profile.clone())).await.unwrap();
    let row = peer.data(&format!("users:get?filterByTk={account}")).await;
    assert_eq!(
        (&row["nickname"], &row["email"]),
        (&json!("Name"), &json!(email))
    );
    assert_eq!(
        row["phone"].as_str(),
        one.profile.phone.as_deref(),
        "it stays"
    );
    assert_eq!(row[&column], "A-7");

    let phone = |phone: &Option<String>| Profile {
        phone: phone.clone(),
        ..Profile::default()
    };
    let taken = peer.apply(update(account, phone(&two.profile.phone))).await;
    assert!(
        matches!(taken, Err(StepError::Taken(Field::Phone))),
        "{taken:?}"
    );
    let third = NewAccount {
        binding: new_binding(&unique("third")),
        ..two
    };
    let taken = peer.apply(Step::CreateAccount(third)).await;
    assert!(
        matches!(taken, Err(StepError::Taken(Field::Phone))),
        "{taken:?}"
    );
    let other = peer.account(&[]).await;
    let taken = peer
        .apply(update(
            other,
            Profile {
                email: Some(email),
                ..Profile::default()
            },
        ))
        .await;
    assert!(
        matches!(taken, Err(StepError::Taken(Field::Email))),
        "{taken:?}"
    );

    let nobody = peer.apply(update(account + 1_000_000, profile)).await;
    assert!(matches!(nobody, Err(StepError::Gone)), "{nobody:?}");
    for name in ["password", "roles", "roles.name"] {
        let columns = vec![(name.to_owned(), "admin".to_owned())];
        let done = peer
            .apply(update(
                account,
                Profile {
                    columns,
                    ..Profile::default()
                },
            ))
            .await;
        assert!(
            matches!(done, Err(StepError::Refused(_))),
            "{name}: {done:?}"
        );
    }
    let long = Profile {
        nickname: Some("名".repeat(300)),
        ..Profile::default()
    };
    match peer.apply(update(account, long)).await {
        // SQLite counts no characters.
        Ok(StepOutcome::Done) => {}
        Err(StepError::Refused(why)) => assert!(!why.contains('名'), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn a_person_has_one_account_and_an_account_one_person() {
    let peer = Peer::start().await;
    let (one, _) = peer.colleague(&["member"]).await;
    let (two, _) = peer.colleague(&["member"]).await;
    let bind = |account, subject: &str| Step::Bind {
        account,
        binding: new_binding(subject),
    };
    let subject = unique("person");
    for _ in 0..2 {
        assert_eq!(
            peer.apply(bind(one, &subject)).await.unwrap(),
            StepOutcome::Done
        );
    }
    for (account, subject) in [(two, subject.as_str()), (one, &unique("another"))] {
        let done = peer.apply(bind(account, subject)).await;
        assert!(matches!(done, Err(StepError::BoundToAnother)), "{done:?}");
    }
    let done = peer.apply(bind(two + 1_000_000, &unique("another"))).await;
    assert!(matches!(done, Err(StepError::Gone)), "{done:?}");
    let done = peer.apply(bind(1, &unique("another"))).await;
    assert!(matches!(done, Err(StepError::Protected)), "{done:?}");
    assert_eq!(peer.binding_of(one).await, Some(subject));
    assert_eq!(peer.binding_of(two).await, None);
}
