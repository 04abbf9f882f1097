//! Rights end with the next request: of an open session, and of a program with an API key.

use nocobase_dingtalk::domain::directory::{Step, StepError, StepOutcome};
use serde_json::{Value, json};

use super::{Peer, new_binding, unique};

impl Peer {
    /// A token of a program that acts for somebody with this role.
    async fn api_key(&self, token: &str, role: &str) -> String {
        let key = json!({"name": unique("key"), "role": {"name": role}, "expiresIn": "never"});
        let request = self.http.post(format!("{}/api/apiKeys:create", self.url));
        let request = request.bearer_auth(token).header("x-role", role).json(&key);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let key = answer["data"]["token"].as_str();
        key.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The status of what somebody gets who acts with a role.
    async fn status_as(&self, token: &str, role: &str) -> u16 {
        let request = self.http.get(format!("{}/api/roles:check", self.url));
        let request = request.bearer_auth(token).header("x-role", role);
        request.send().await.unwrap().status().as_u16()
    }

    async fn keys_of(&self, account: i64) -> usize {
        let app = self.server.app.clone();
        let keys = async move { app.store.api_keys_of(account, 10).await };
        self.server.does(keys).await.unwrap().len()
    }
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn the_role_of_a_department_ends_with_the_next_request() {
    let peer = Peer::start().await;
    let (account, session) = peer.colleague(&["member"]).await;
    let department = peer.department(&unique("Treasury"), None).await;
    let role = unique("treasurer");
    peer.root_does("roles:create", &json!({"name": role, "title": role}))
        .await;
    let roles = json!({"roles": [{"name": role}]});
    peer.root_does(
        &format!("departments:update?filterByTk={department}"),
        &roles,
    )
    .await;
    let people = vec![account];
    for _ in 0..2 {
        assert_eq!(peer.status_as(&session, &role).await, 401);
        let add = Step::AddMembers {
            department,
            accounts: people.clone(),
        };
        peer.apply(add).await.unwrap();
        assert_eq!(
            peer.status_as(&session, &role).await,
            200,
            "it counts at once"
        );
        let remove = Step::RemoveMembers {
            department,
            accounts: people.clone(),
        };
        peer.apply(remove).await.unwrap();
    }
    assert_eq!(peer.status_as(&session, &role).await, 401);
    assert_eq!(
        peer.status(&session, "auth:check").await,
        200,
        "the rest is theirs"
    );
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn a_leaver_is_out_with_the_next_request_and_their_programs_too_for_ever() {
    let peer = Peer::start().await;
    let (account, session) = peer.colleague(&["member", "admin"]).await;
    let key = peer.api_key(&session, "admin").await;
    peer.apply(Step::Bind {
        account,
        binding: new_binding(&unique("person")),
    })
    .await
    .unwrap();
    assert_eq!(peer.status(&key, "users:list").await, 200);
    assert_eq!(peer.status(&session, "auth:check").await, 200);
    for _ in 0..2 {
        assert_eq!(
            peer.apply(Step::EndAccess { account }).await.unwrap(),
            StepOutcome::Done
        );
        assert_eq!(peer.status(&session, "auth:check").await, 401);
        assert_eq!(peer.status(&key, "users:list").await, 401);
        assert_eq!(peer.binding_of(account).await, None);
        assert_eq!(peer.keys_of(account).await, 0);
        assert_eq!(peer.roles(account).await, [""; 0]);
    }
    let kept = peer.data(&format!("users:get?filterByTk={account}")).await;
    assert_eq!(
        kept["id"].as_i64(),
        Some(account),
        "what they have made stays theirs"
    );

    // They come back. What they had open before stays shut.
    let roles = vec!["member".to_owned(), "admin".to_owned()];
    peer.apply(Step::GiveRoles { account, roles })
        .await
        .unwrap();
    assert_eq!(peer.roles(account).await, ["admin", "member"]);
    assert_eq!(peer.status(&session, "auth:check").await, 401);
    assert_eq!(peer.status(&key, "users:list").await, 401);
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn rights_end_that_nocobase_goes_on_to_remember() {
    let peer = Peer::start().await;
    let (account, session) = peer.colleague(&["member", "admin"]).await;
    let key = peer.api_key(&session, "admin").await;
    // By this call NocoBase changes its table, and not what it remembers.
    peer.root_does(&format!("users/{account}/roles:set"), &json!([]))
        .await;
    assert_eq!(
        peer.status(&key, "users:list").await,
        200,
        "NocoBase remembers"
    );
    peer.apply(Step::EndAccess { account }).await.unwrap();
    assert_eq!(peer.status(&session, "auth:check").await, 401);
    assert_eq!(peer.status(&key, "users:list").await, 401);
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn who_is_unbound_is_signed_out_and_keeps_everything_else() {
    let peer = Peer::start().await;
    let (account, session) = peer.colleague(&["member", "admin"]).await;
    let key = peer.api_key(&session, "admin").await;
    peer.apply(Step::Bind {
        account,
        binding: new_binding(&unique("person")),
    })
    .await
    .unwrap();
    for _ in 0..2 {
        assert_eq!(
            peer.apply(Step::Unbind { account }).await.unwrap(),
            StepOutcome::Done
        );
        assert_eq!(peer.binding_of(account).await, None);
        assert_eq!(peer.status(&session, "auth:check").await, 401);
    }
    assert_eq!(peer.roles(account).await, ["admin", "member"]);
    assert_eq!(peer.status(&key, "users:list").await, 200);
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn an_account_is_removed_with_everything_that_it_has_open() {
    let peer = Peer::start().await;
    let (account, session) = peer.colleague(&["member", "admin"]).await;
    let key = peer.api_key(&session, "admin").await;
    peer.apply(Step::Bind {
        account,
        binding: new_binding(&unique("person")),
    })
    .await
    .unwrap();
    for _ in 0..2 {
        let done = peer.apply(Step::DeleteAccount { account }).await;
        assert_eq!(done.unwrap(), StepOutcome::Done);
    }
    assert!(
        peer.data(&format!("users:get?filterByTk={account}"))
            .await
            .is_null()
    );
    assert_eq!(peer.status(&session, "auth:check").await, 401);
    assert_eq!(peer.status(&key, "users:list").await, 401);
    assert_eq!(peer.binding_of(account).await, None);
    assert_eq!(peer.keys_of(account).await, 0);
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn nothing_is_taken_from_root_and_from_the_account_that_acts() {
    let peer = Peer::start().await;
    let department = peer.department(&unique("All"), None).await;
    let (colleague, _) = peer.colleague(&["member"]).await;
    let everybody = vec![1, peer.acting, colleague];
    let add = Step::AddMembers {
        department,
        accounts: everybody.clone(),
    };
    peer.apply(add).await.unwrap();
    for account in [1, peer.acting] {
        for step in [
            Step::EndAccess { account },
            Step::Unbind { account },
            Step::DeleteAccount { account },
            Step::SetOwner {
                department,
                account,
                is_owner: false,
            },
            Step::RemoveMembers {
                department,
                accounts: everybody.clone(),
            },
        ] {
            let done = peer.apply(step.clone()).await;
            assert!(
                matches!(done, Err(StepError::Protected)),
                "{step:?}: {done:?}"
            );
        }
        let roles = peer.roles(account).await;
        assert!(roles.contains(&"admin".to_owned()), "{roles:?}");
    }
    let members = peer
        .data(&format!("departments/{department}/members:list?fields=id"))
        .await;
    let members = members.as_array().unwrap().len();
    assert_eq!(members, 2, "whoever may be taken out was taken out");
    assert_eq!(peer.status(&peer.root, "auth:check").await, 200);
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn an_account_that_may_nothing_any_more_does_nothing() {
    let peer = Peer::start().await;
    let title = unique("Never");
    peer.root_does(
        &format!("users:update?filterByTk={}", peer.acting),
        &json!({"roles": []}),
    )
    .await;
    let steps = vec![
        super::new_department(&title, None),
        super::new_department(&title, None),
    ];
    let done = peer.apply_all(steps).await;
    assert!(matches!(done[0], Err(StepError::NotAllowed)), "{done:?}");
    assert!(
        done[1].as_ref().is_err_and(StepError::concerns_all),
        "{done:?}"
    );
    let filter = json!({"title": title});
    let made = peer
        .data(&format!("departments:list?filter={filter}"))
        .await;
    assert_eq!(made, json!([]));
}
