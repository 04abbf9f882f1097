//! What a run must find out about accounts before it writes to them.

use serde_json::json;

use super::stories::{count, small_company};
use super::world::AUTHENTICATOR;
use crate::domain::directory::FieldRule;
use crate::phone::Phone;
use crate::store::NewUser;

#[tokio::test]
async fn a_changed_value_that_another_account_has_in_another_form_is_not_written() {
    let mut world = small_company().await;
    world.options.fields.phone = FieldRule::Always;
    world.options.fields.email = FieldRule::Always;
    world.run().await;
    let by_hand = NewUser {
        phone: Some("+86 139-0000-0009".to_owned()),
        email: Some("Five@corp.example".to_owned()),
        ..NewUser::default()
    };
    world.installation.account(by_hand).await;
    {
        let mut state = world.company.state();
        let p5 = &mut state.members[5];
        p5.phone = Phone::of_account("13900000009");
        p5.email = Some("five@corp.example".to_owned());
    }
    let run = world.run().await;
    let told = world.told(run.id).await;
    assert_eq!((told["phoneTaken"], told["emailTaken"]), (1, 1));
    let (row, account) = world.of("p5").await.unwrap();
    let account = account.unwrap();
    assert_eq!(account.phone.as_deref(), Some("13800000005"));
    assert_eq!(account.email, None);
    assert!(!row.digest.is_empty(), "no step was tried and failed");
}

#[tokio::test]
async fn who_gets_another_identifier_is_bound_by_it() {
    let world = small_company().await;
    world.run().await;
    let id = world.account("p2").await.unwrap().id;
    world.company.state().members[2].key = "renamed".into();
    world.run().await;
    assert_eq!(world.bound(id).await.as_deref(), Some("renamed"));
}

#[tokio::test]
async fn an_account_that_was_bound_by_an_earlier_identifier_is_adopted_and_bound_anew() {
    let world = small_company().await;
    let id = world.installation.account(NewUser::default()).await.id;
    let meta = json!({"userId": "before", "stableId": "union-p5"});
    let installation = &world.installation;
    installation.bind(AUTHENTICATOR, id, "before", meta).await;
    let run = world.run().await;
    assert_eq!(count(&run, "adopted"), 1);
    assert_eq!(world.account("p5").await.unwrap().id, id);
    assert_eq!(world.bound(id).await.as_deref(), Some("p5"));
}

#[tokio::test]
async fn the_account_of_another_does_not_get_the_phone_number_of_who_had_it() {
    let mut world = small_company().await;
    world.options.fields.phone = FieldRule::Always;
    world.run().await;
    let mut user = world.account("p2").await.unwrap();
    user.phone = Some("13911111111".to_owned());
    world.give_to_omar(&user).await;
    let run = world.run().await;
    let now = world.account("p2").await.unwrap();
    assert_eq!(now.phone.as_deref(), Some("13911111111"));
    assert_eq!(world.told(run.id).await["boundToAnother"], 1);
}

#[tokio::test]
async fn an_account_that_no_run_has_made_or_recorded_keeps_its_access() {
    let mut world = small_company().await;
    world.options.create_accounts = false;
    world.run().await;
    let id = world.installation.account(NewUser::default()).await.id;
    let meta = json!({"userId": "p2", "stableId": "union-p2"});
    let installation = &world.installation;
    installation.bind(AUTHENTICATOR, id, "p2", meta).await;
    world.company.dismiss("p2");
    world.run().await;
    assert!(world.of("p2").await.unwrap().0.is_gone);
    assert_eq!(world.roles(id).await, ["member"]);
    assert_eq!(world.bound(id).await.as_deref(), Some("p2"));
}
