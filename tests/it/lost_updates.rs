//! Two who change one row at the same moment, each another part of it: both changes must be there
//! afterwards. On SQLite the second waits from its beginning, so most of this shows on the other
//! databases only.

use std::pin::pin;
use std::time::Duration;

use nocobase_dingtalk::domain::account::{
    self, AccountEdit, AccountError, Administrator, RoleChange,
};
use nocobase_dingtalk::domain::directory::store_executor::StoreExecutor;
use nocobase_dingtalk::domain::directory::{
    Binding, NewAccount, Profile, SourceEdit, SourceOptions, Step, StepExecutor, disable_source,
    save_source,
};
use nocobase_dingtalk::domain::environment::{self, VariableEdit};
use nocobase_dingtalk::domain::identity::Identity;
use nocobase_dingtalk::domain::profile::{self, Field};
use nocobase_dingtalk::domain::sign_in::{self, Copied, Rules};
use nocobase_dingtalk::domain::system_settings::{self, SettingsChange};
use nocobase_dingtalk::store::{NewVariable, SourceValues, Store, Transaction};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{Kind, TestApp, TestDatabase, eventually, waits_for_a_row};

/// More connections than tests usually have, so that transactions overlap.
const CONCURRENT: [&str; 1] = ["--db-pool-max=12"];

const ROOT: Administrator = Administrator {
    id: 1,
    is_root: true,
    may_give_power: true,
    by_key: false,
};

/// Commits a transaction only after another change has begun and has read what it reads before it
/// must wait; gives the outcome of that change.
async fn amid<T>(app: &TestApp, open: Transaction, change: impl Future<Output = T>) -> T {
    let mut change = pin!(change);
    let early = tokio::select! {
        outcome = &mut change => Some(outcome),
        () = Box::pin(a_change_waits(&app.database)) => None,
    };
    open.commit().await.unwrap();
    match early {
        Some(outcome) => outcome,
        None => change.await,
    }
}

/// Waits until a change waits for a row that another transaction holds.
async fn a_change_waits(database: &TestDatabase) {
    // Whoever writes to a SQLite file waits in the server, and the file tells nobody of it.
    if database.kind == Kind::Sqlite {
        sleep(Duration::from_millis(300)).await;
        return;
    }
    let watcher = database.connect().await;
    eventually("a change that waits for a row", async || {
        waits_for_a_row(&watcher, "^(INSERT|UPDATE|DELETE) |FOR UPDATE$").await
    })
    .await;
    watcher.into_inner().close().await.unwrap();
}

/// Changes the phone number of an account while `change` makes its display name «Ada».
async fn amid_a_new_number(app: &TestApp, id: i64, change: impl Future<Output = ()>) {
    let store = app.store();
    let number = format!("1390000000{id}");
    let first = store.begin().await.unwrap();
    let mut row = first.lock_user(id).await.unwrap().unwrap();
    row.phone = Some(number.clone());
    first.save_user(&row).await.unwrap();
    amid(app, first, change).await;
    let now = store.user(id).await.unwrap().unwrap();
    let now = (now.nickname.as_deref(), now.phone.as_deref());
    assert_eq!(now, (Some("Ada"), Some(number.as_str())), "account {id}");
}

/// An account that is not called «Ada» yet.
async fn somebody(app: &TestApp) -> i64 {
    app.create_user("somebody", None).await
}

#[actix_web::test]
async fn a_profile_that_its_owner_changes_keeps_what_others_change_meanwhile() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let id = somebody(&app).await;
    let values = vec![
        (Field::Username, Some("ada".to_owned())),
        (Field::Nickname, Some("Ada".to_owned())),
    ];
    let change = async {
        profile::update(store, id, values).await.unwrap();
    };
    Box::pin(amid_a_new_number(&app, id, change)).await;
}

#[actix_web::test]
async fn an_account_that_an_administrator_changes_keeps_what_others_change_meanwhile() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let id = somebody(&app).await;
    let edit = AccountEdit {
        fields: vec![(Field::Nickname, Some("Ada".to_owned()))],
        ..AccountEdit::default()
    };
    let change = async {
        account::update(store, &[id], &edit, ROOT).await.unwrap();
    };
    Box::pin(amid_a_new_number(&app, id, change)).await;
}

#[actix_web::test]
async fn an_account_that_the_directory_changes_keeps_what_others_change_meanwhile() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let id = somebody(&app).await;
    let step = Step::UpdateAccount {
        account: id,
        profile: Profile {
            nickname: Some("Ada".to_owned()),
            ..Profile::default()
        },
    };
    let change = async {
        let executor = StoreExecutor::new(store, "dingtalk", ROOT.id);
        let outcome = executor.apply(&[step]).await.remove(0);
        assert!(outcome.is_ok(), "{outcome:?}");
    };
    Box::pin(amid_a_new_number(&app, id, change)).await;
}

#[actix_web::test]
async fn an_account_that_a_sign_in_refreshes_keeps_what_others_change_meanwhile() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let id = somebody(&app).await;
    app.bind("dingtalk", "lina", id, json!({})).await.unwrap();
    let change = async {
        let outcome = sign_in::account_of(store, "dingtalk", &ada(), &refreshing()).await;
        assert_eq!(outcome.unwrap().user.id, id);
    };
    Box::pin(amid_a_new_number(&app, id, change)).await;
}

/// Somebody whom the organization calls «Ada» from now on.
fn ada() -> Identity {
    Identity {
        subject: "lina".to_owned(),
        key: "lina".to_owned(),
        stable_id: None,
        name: "Ada".to_owned(),
        avatar: None,
        phone: None,
        phone_is_unclear: false,
        email: None,
        meta: json!({"userId": "lina"}),
    }
}

/// Rules by which each sign-in copies the name.
fn refreshing() -> Rules {
    Rules {
        refresh: true,
        copied: Copied {
            nickname: true,
            ..Copied::default()
        },
        ..Rules::default()
    }
}

/// Notes a room in the binding of an account, as root can, while `change` gives it the name «Ada».
async fn amid_a_new_room(app: &TestApp, id: i64, change: impl Future<Output = ()>) {
    let store = app.store();
    app.bind("dingtalk", "lina", id, json!({})).await.unwrap();
    let first = store.begin().await.unwrap();
    first.lock_user(id).await.unwrap();
    let row = first.binding_of_user("dingtalk", id).await.unwrap();
    let mut row = row.unwrap();
    row.meta = Some(json!({"room": "17"}));
    first.save_binding(&row).await.unwrap();
    amid(app, first, change).await;
    let now = store.binding_of_user("dingtalk", id).await.unwrap();
    let now = now.unwrap();
    let both = json!({"room": "17", "userId": "lina"});
    assert_eq!((now.nickname.as_str(), now.meta), ("Ada", Some(both)));
}

#[actix_web::test]
async fn a_binding_that_a_sign_in_renews_keeps_what_others_change_meanwhile() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let id = somebody(&app).await;
    let change = async {
        let outcome = sign_in::account_of(store, "dingtalk", &ada(), &refreshing()).await;
        assert_eq!(outcome.unwrap().user.id, id);
    };
    Box::pin(amid_a_new_room(&app, id, change)).await;
}

#[actix_web::test]
async fn a_binding_that_the_directory_renews_keeps_what_others_change_meanwhile() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let id = somebody(&app).await;
    // The person was bound after the plan was made.
    let step = Step::CreateAccount(NewAccount {
        profile: Profile::default(),
        roles: Vec::new(),
        binding: Binding {
            subject: "lina".to_owned(),
            stable_id: None,
            nickname: "Ada".to_owned(),
            avatar: None,
            meta: json!({"userId": "lina"}),
        },
        tried_at: None,
    });
    let change = async {
        let executor = StoreExecutor::new(store, "dingtalk", ROOT.id);
        let outcome = executor.apply(&[step]).await.remove(0);
        assert!(outcome.is_ok(), "{outcome:?}");
    };
    Box::pin(amid_a_new_room(&app, id, change)).await;
}

/// The roles of an account, each with whether it is the default.
async fn roles(store: &Store, id: i64) -> Vec<(String, bool)> {
    let held = store.roles_of(id).await.unwrap();
    let held = held.iter();
    held.map(|(role, assignment)| (role.name.clone(), assignment.default == Some(true)))
        .collect()
}

#[actix_web::test]
async fn roles_are_added_to_those_that_an_account_has_by_then() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let id = somebody(&app).await;
    let names = |name: &str| [name.to_owned()];
    // The account had the role, has lost it, and gets it again.
    let first = store.begin().await.unwrap();
    first.lock_user(id).await.unwrap();
    first.set_roles(id, &names("admin")).await.unwrap();
    let member = names("member");
    let second = account::change_roles(store, id, &member, RoleChange::Add, ROOT);
    amid(&app, first, second).await.unwrap();
    let both = [("admin".to_owned(), false), ("member".to_owned(), false)];
    assert_eq!(roles(store, id).await, both);

    let first = store.begin().await.unwrap();
    first.lock_user(id).await.unwrap();
    first.set_default_role(id, "admin").await.unwrap();
    let second = account::set_default_role(store, id, "member");
    amid(&app, first, second).await.unwrap();
    let one = [("admin".to_owned(), false), ("member".to_owned(), true)];
    assert_eq!(roles(store, id).await, one);
}

#[actix_web::test]
async fn an_account_that_becomes_an_administrator_meanwhile_is_removed_by_who_may_change_roles() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let ids = [somebody(&app).await];
    let clerk = Administrator {
        is_root: false,
        may_give_power: false,
        ..ROOT
    };
    let first = store.begin().await.unwrap();
    first.lock_user(ids[0]).await.unwrap();
    let admin = ["admin".to_owned()];
    first.set_roles(ids[0], &admin).await.unwrap();
    let second = Box::pin(account::destroy(store, &ids, clerk));
    let outcome = amid(&app, first, second).await;
    assert!(matches!(outcome, Err(AccountError::Power)), "{outcome:?}");
    assert!(store.user(ids[0]).await.unwrap().is_some());
    let removed = account::destroy(store, &ids, ROOT).await.unwrap();
    assert_eq!(removed.accounts, 1);
}

#[actix_web::test]
async fn settings_keep_what_others_change_meanwhile() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let first = store.begin_settings().await.unwrap();
    let mut row = first.system_settings().await.unwrap().unwrap();
    row.title = Some("Office".to_owned());
    first.save_system_settings(row).await.unwrap();
    let change = SettingsChange {
        edit_profile: Some(false),
        ..SettingsChange::default()
    };
    let now = amid(&app, first, system_settings::change(store, change)).await;
    let now = now.unwrap();
    assert_eq!(now.title.as_deref(), Some("Office"));
    assert_eq!(now.enable_edit_profile, Some(false));
}

#[actix_web::test]
async fn a_variable_keeps_the_value_that_another_gives_it_meanwhile() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let (store, vault) = (app.store(), &app.server.app.vault);
    let value = |value: &str| NewVariable {
        name: "KEY".to_owned(),
        kind: "default",
        value: Some(value.to_owned()),
    };
    let created = store.create_environment_variable(value("old")).await;
    created.unwrap();
    let first = store.begin_settings().await.unwrap();
    let written = first.update_environment_variable(value("new")).await;
    written.unwrap();
    let names = ["KEY".to_owned()];
    let edit = VariableEdit::default();
    let change = environment::update(store, vault, &names, &edit);
    let now = amid(&app, first, change).await;
    assert_eq!(now.unwrap()[0].value.as_deref(), Some("new"));
}

/// Options of a source with this token for callbacks.
fn with_token(token: &str) -> Value {
    let events = json!({"mode": "callback", "token": token, "aesKey": "key"});
    let options = SourceOptions::parse(&json!({"events": events})).unwrap();
    serde_json::to_value(options).unwrap()
}

#[actix_web::test]
async fn a_source_keeps_what_others_change_meanwhile() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let authenticator = store.authenticator("dingtalk").await.unwrap().unwrap().id;
    let values = |token: &str| SourceValues {
        authenticator_id: authenticator,
        enabled: true,
        options: with_token(token),
        acting_user_id: ROOT.id,
    };
    let first = store.begin_settings().await.unwrap();
    first.save_directory_source(values("old")).await.unwrap();
    first.commit().await.unwrap();

    // Whoever saves a form sends a mask in place of the secret.
    let first = store.begin_settings().await.unwrap();
    first.save_directory_source(values("new")).await.unwrap();
    let mut options = SourceOptions::parse(&SourceOptions::masked(with_token("old"))).unwrap();
    options.safety_limit_percent = 20;
    let edit = SourceEdit {
        authenticator_id: authenticator,
        enabled: true,
        options,
        acting_user_id: ROOT.id,
    };
    let now = amid(&app, first, save_source(store, edit)).await.unwrap();
    assert_eq!(now.options["events"]["token"], "new");
    assert_eq!(now.options["safetyLimitPercent"], 20);

    let first = store.begin_settings().await.unwrap();
    first.save_directory_source(values("newest")).await.unwrap();
    let disabled = disable_source(store, authenticator);
    amid(&app, first, disabled).await.unwrap();
    let now = store.directory_source_of(authenticator).await;
    let now = now.unwrap().unwrap();
    assert_eq!(now.options["events"]["token"], "newest");
    assert!(!now.enabled);
}
