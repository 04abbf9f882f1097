//! Under which authenticator sessions are stored.

use std::sync::Arc;

use serde_json::json;

use crate::domain::identity_provider::Providers;
use crate::domain::password;
use crate::domain::sign_in::session_authenticator;
use crate::domain::test_installation::TestInstallation;
use crate::domain::test_provider::{AUTH_TYPE, TestProvider};
use crate::store::Store;

#[tokio::test]
async fn behind_a_gateway_a_session_is_stored_under_an_authenticator_that_nocobase_knows() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let nocobase = installation.of_nocobase().await;
    let providers = Providers::new(vec![Arc::new(TestProvider::default())]);
    let name_in = async |store: &Store| {
        let name = session_authenticator(store, &providers, "company").await;
        name.unwrap()
    };
    for row in store.authenticators().await.unwrap() {
        store.remove_authenticator(row.id).await.unwrap();
    }
    // Each is added to those before it.
    for (name, auth_type, expected) in [
        // NocoBase takes this name when a request names none.
        ("company", AUTH_TYPE, "basic"),
        ("of another plugin", "another", "of another plugin"),
        ("of passwords", password::AUTH_TYPE, "of passwords"),
    ] {
        store
            .add_authenticator(name, auth_type, true, json!({}))
            .await;
        assert_eq!(name_in(&nocobase).await, expected);
        assert_eq!(name_in(store).await, "company");
    }
}
