//! Tests of bindings and of their copies.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use entity::bound_person;
use serde_json::json;

use super::*;
use crate::store::NewUser;

/// A store with these bindings: authenticator, account and subject of each.
async fn store_with(folder: &Path, bindings: &[(&str, i64, &str)]) -> Store {
    let store = Store::fresh(folder).await;
    store.migrate().await.unwrap();
    let transaction = store.begin().await.unwrap();
    for (authenticator, user_id, subject) in bindings {
        let new = NewBinding {
            authenticator: (*authenticator).to_owned(),
            user_id: *user_id,
            uuid: (*subject).to_owned(),
            nickname: String::new(),
            avatar: String::new(),
            meta: json!({"stableId": format!("union-{subject}")}),
            author: None,
        };
        transaction.create_binding(new).await.unwrap();
    }
    transaction.commit().await.unwrap();
    store
}

/// The accounts to which the copies lead for the stable ID of somebody.
async fn found(store: &Store, authenticator: &str, subject: &str) -> Vec<i64> {
    assert!(store.coverage.has_bindings_of(authenticator));
    let stable_id = format!("union-{subject}");
    let found = store.bindings_with_stable_id(authenticator, &stable_id);
    let found = found.await.unwrap();
    found.iter().map(|row| row.user_id).collect()
}

async fn rename(store: &Store, old: &str, new: &str) {
    let transaction = store.begin().await.unwrap();
    let renamed = transaction.rename_bindings(old, new).await.unwrap();
    transaction.commit().await.unwrap();
    store.coverage.rename(renamed);
}

/// Which of the two tables are written to, in order: whether it is that of the copies.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<bool>>>);

impl Written {
    /// Hears what is written from now on.
    fn to(store: &Store) -> Self {
        let written = Self::default();
        let heard = written.clone();
        let is_heard = store.hear_statements(move |statement| {
            let target: Vec<_> = statement.sql.split_ascii_whitespace().take(3).collect();
            for (table, is_copy) in [
                ("\"usersAuthenticators\"", false),
                ("\"dingtalk_bound_people\"", true),
            ] {
                if target[0] != "SELECT" && target.contains(&table) {
                    heard.0.lock().unwrap().push(is_copy);
                }
            }
        });
        assert!(is_heard, "somebody else listens to this store");
        written
    }

    /// What was written since the last look, without repetitions.
    fn take(&self) -> Vec<bool> {
        let mut taken = std::mem::take(&mut *self.0.lock().unwrap());
        taken.dedup();
        taken
    }
}

#[tokio::test]
async fn bindings_are_written_before_their_copies_by_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let bindings = [
        ("old", 1, "lina"),
        ("old", 2, "omar"),
        ("new", 1, "lina-2"),
        ("new", 3, "omar"),
        ("new", 4, "wei"),
    ];
    let store = store_with(folder.path(), &bindings).await;
    let user = store.create_user(NewUser::default()).await.unwrap();
    // Another program has removed this binding, so that its copy is in the way of a new name.
    let gone = Entity::delete_by_id(("new".to_owned(), 4));
    gone.exec(&store.connection).await.unwrap();
    let written = Written::to(&store);
    let transaction = store.begin().await.unwrap();
    let wei = NewBinding {
        authenticator: "old".to_owned(),
        user_id: 4,
        uuid: "wei".to_owned(),
        nickname: String::new(),
        avatar: String::new(),
        meta: json!({}),
        author: None,
    };
    let wei = transaction.create_binding(wei).await.unwrap();
    assert_eq!(written.take(), [false, true], "created");
    transaction.save_binding(&wei).await.unwrap();
    assert_eq!(written.take(), [false, true], "changed");
    let renamed = transaction.rename_bindings("old", "new").await;
    assert!(renamed.unwrap().is_alone);
    assert_eq!(written.take(), [false, true], "renamed");
    assert_eq!(transaction.remove_binding("new", 4).await.unwrap(), 1);
    assert_eq!(written.take(), [false, true], "removed");
    assert_eq!(transaction.remove_user(user.id).await.unwrap(), 1);
    assert_eq!(written.take(), [false, true], "removed with its account");
    assert_eq!(transaction.remove_bindings_at("new").await.unwrap(), 1);
    let at_once = "removed with its authenticator";
    assert_eq!(written.take(), [false, true], "{at_once}");
}

#[tokio::test]
async fn a_transaction_locks_no_copy_that_it_comes_across() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with(folder.path(), &[("one", 1, "lina"), ("one", 2, "omar")]).await;
    let names = ["one"].map(str::to_owned);
    store.coverage.set_bindings(HashSet::from(names));
    let gone = Entity::delete_by_id(("one".to_owned(), 1));
    gone.exec(&store.connection).await.unwrap();
    let written = Written::to(&store);
    let transaction = store.begin().await.unwrap();
    let stale = transaction.bindings_with_stable_id("one", "union-lina");
    assert_eq!(stale.await.unwrap(), []);
    assert_eq!(written.take(), [false; 0]);
    store.coverage.asked().await;
    transaction.commit().await.unwrap();
    // Outside of a transaction, the copy is corrected at once.
    assert_eq!(found(&store, "one", "lina").await, [0_i64; 0]);
    assert_eq!(written.take(), [true]);
}

#[tokio::test]
async fn the_copies_still_lead_to_whoever_was_bound_under_the_new_name() {
    let folder = tempfile::tempdir().unwrap();
    let bindings = [
        ("old", 1, "lina"),
        ("new", 1, "lina-2"),
        ("new", 2, "lina"),
        ("new", 3, "omar"),
    ];
    let store = store_with(folder.path(), &bindings).await;
    let names = ["old", "new"].map(str::to_owned);
    store.coverage.set_bindings(HashSet::from(names));
    rename(&store, "old", "new").await;
    assert_eq!(found(&store, "new", "lina").await, [1]);
    assert_eq!(found(&store, "new", "omar").await, [3]);
    assert_eq!(found(&store, "new", "lina-2").await, [0_i64; 0]);
}

#[tokio::test]
async fn copies_whose_bindings_another_program_removed_are_not_in_the_way_of_a_new_name() {
    let folder = tempfile::tempdir().unwrap();
    let bindings = [
        ("old", 1, "lina"),
        ("old", 2, "omar"),
        ("new", 1, "lina-2"),
        ("new", 2, "omar-2"),
    ];
    let store = store_with(folder.path(), &bindings).await;
    for (authenticator, user_id) in [("old", 2_i64), ("new", 1)] {
        let gone = Entity::delete_by_id((authenticator.to_owned(), user_id));
        gone.exec(&store.connection).await.unwrap();
    }
    let names = ["old", "new"].map(str::to_owned);
    store.coverage.set_bindings(HashSet::from(names));
    rename(&store, "old", "new").await;
    assert_eq!(found(&store, "new", "lina").await, [1]);
    assert_eq!(found(&store, "new", "omar-2").await, [2]);
    let copies = bound_person::Entity::find().all(&store.connection).await;
    assert_eq!(copies.unwrap().len(), 2);
}

#[tokio::test]
async fn of_many_bindings_that_may_be_a_persons_only_some_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with(folder.path(), &[("one", 1, "17"), ("one", 2, "7")]).await;
    let transaction = store.begin().await.unwrap();
    for account in 3..33 {
        let other = NewBinding {
            authenticator: "one".to_owned(),
            user_id: account,
            uuid: format!("p{account}"),
            nickname: String::new(),
            avatar: String::new(),
            meta: json!({"stableId": format!("union-p{account}"), "room": "17"}),
            author: None,
        };
        transaction.create_binding(other).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let alike = store.bindings_with_stable_id("one", "17").await.unwrap();
    assert_eq!(alike.len(), MOST_BINDINGS + 1);
    // A part of a value is not the value.
    let none = store.bindings_with_stable_id("one", "7").await.unwrap();
    assert_eq!(none, []);
    let one = store.bindings_with_stable_id("one", "union-7");
    let one = one.await.unwrap();
    assert_eq!(one.iter().map(|row| row.user_id).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn an_account_that_is_removed_leaves_neither_bindings_nor_copies() {
    let folder = tempfile::tempdir().unwrap();
    let bindings = [("one", 1, "lina"), ("two", 1, "lina"), ("one", 2, "omar")];
    let store = store_with(folder.path(), &bindings).await;
    let user = store.create_user(NewUser::default()).await.unwrap();
    assert_eq!(user.id, 1);
    let transaction = store.begin().await.unwrap();
    assert_eq!(transaction.remove_user(user.id).await.unwrap(), 1);
    transaction.commit().await.unwrap();
    let left = Entity::find().all(&store.connection).await.unwrap();
    assert_eq!(left.iter().map(|row| row.user_id).collect::<Vec<_>>(), [2]);
    let copies = bound_person::Entity::find().all(&store.connection).await;
    let copies = copies.unwrap();
    let copies: Vec<_> = copies.iter().map(|copy| copy.user_id).collect();
    assert_eq!(copies, [2]);
}
