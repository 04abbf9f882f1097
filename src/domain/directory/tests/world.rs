//! A server to which the simulated company is copied, and single steps on the accounts of a server.

use std::collections::BTreeMap;

use entity::{directory_member, directory_run, user};
use serde_json::json;

use super::company::Company;
use crate::domain::directory::run::{Purpose, Run};
use crate::domain::directory::source::Source;
use crate::domain::directory::store_executor::StoreExecutor;
use crate::domain::directory::{
    Binding, SourceOptions, Step, StepError, StepExecutor, StepOutcome,
};
use crate::domain::identity::StableId;
use crate::domain::sign_in_rules::Rules;
use crate::domain::test_installation::TestInstallation;
use crate::store::{NewUser, SourceValues};

/// A server with the company that is copied to it.
pub struct World {
    pub installation: TestInstallation,
    pub company: Company,
    pub options: SourceOptions,
    pub source_id: i64,
}

/// The source acts as the root account.
const ACTING: i64 = 1;
pub const AUTHENTICATOR: &str = "company";

impl World {
    pub async fn new() -> Self {
        let installation = TestInstallation::new().await;
        let values = SourceValues {
            authenticator_id: 99,
            enabled: false,
            options: json!({}),
            acting_user_id: ACTING,
        };
        let transaction = installation.store.begin().await.unwrap();
        let source = transaction.save_directory_source(values).await.unwrap();
        transaction.commit().await.unwrap();
        Self {
            installation,
            company: Company::default(),
            options: SourceOptions::default(),
            source_id: source.id,
        }
    }

    pub fn source(&self) -> Source {
        Source {
            id: self.source_id,
            authenticator: AUTHENTICATOR.to_owned(),
            options: self.options.clone(),
            rules: Rules {
                link_by_phone: true,
                link_by_email_of: vec!["corp.example".to_owned()],
                ..Rules::default()
            },
            acting: ACTING,
            directory: Box::new(self.company.clone()),
        }
    }

    /// Does a run from beginning to end.
    pub async fn go(&self, purpose: Purpose) -> directory_run::Model {
        let executor = StoreExecutor::new(&self.installation.store, AUTHENTICATOR, ACTING);
        self.go_with(purpose, &executor).await
    }

    /// Does a run whose steps this executor applies.
    pub async fn go_with(
        &self,
        purpose: Purpose,
        executor: &dyn StepExecutor,
    ) -> directory_run::Model {
        let store = &self.installation.store;
        let clock = store.clock().clone();
        let run = Run::begin(store, &clock, self.source_id, purpose, None)
            .await
            .unwrap();
        let id = run.row.id;
        let source = self.source();
        run.go(&source, executor, || false).await;
        store.directory_run(id).await.unwrap().unwrap()
    }

    pub async fn run(&self) -> directory_run::Model {
        self.go(Purpose::Run { agreed: None }).await
    }

    /// The record of a person, with the account.
    pub async fn of(&self, key: &str) -> Option<(directory_member::Model, Option<user::Model>)> {
        let store = &self.installation.store;
        let stable_id = format!("union-{key}");
        let mut found = store
            .mirrored_people(self.source_id, std::slice::from_ref(&stable_id))
            .await
            .unwrap();
        found.remove(&stable_id)
    }

    /// Changes the record of a person.
    pub async fn record(&self, key: &str, change: impl FnOnce(&mut directory_member::Model)) {
        let (mut row, _) = self.of(key).await.unwrap();
        change(&mut row);
        let store = &self.installation.store;
        store.save_mirrored_people(vec![row]).await.unwrap();
    }

    /// Saves an account, and binds it to Omar instead of the person to whom it is bound.
    pub async fn give_to_omar(&self, user: &user::Model) {
        let installation = &self.installation;
        let transaction = installation.store.begin().await.unwrap();
        transaction.save_user(user).await.unwrap();
        transaction.commit().await.unwrap();
        installation.unbind(AUTHENTICATOR, user.id).await;
        let meta = json!({"userId": "omar", "stableId": "union-omar"});
        installation
            .bind(AUTHENTICATOR, user.id, "omar", meta)
            .await;
    }

    /// Whom an account is bound to.
    pub async fn bound(&self, id: i64) -> Option<String> {
        subject_of(&self.installation, id).await
    }

    pub async fn account(&self, key: &str) -> Option<user::Model> {
        self.of(key).await?.1
    }

    pub async fn roles(&self, id: i64) -> Vec<String> {
        roles_of(&self.installation, id).await
    }

    /// The kinds of findings of a run, with their numbers.
    pub async fn told(&self, run: i64) -> BTreeMap<String, usize> {
        let rows = self
            .installation
            .store
            .directory_findings_of(run)
            .await
            .unwrap();
        let mut told = BTreeMap::new();
        for row in rows {
            *told.entry(row.kind).or_default() += 1;
        }
        told
    }
}

/// The binding of a person whose stable ID is this one.
pub fn binding(subject: &str, stable_id: &str) -> Binding {
    Binding {
        subject: subject.to_owned(),
        stable_id: Some(StableId {
            key: "stableId",
            value: stable_id.to_owned(),
        }),
        nickname: subject.to_owned(),
        avatar: None,
        meta: json!({"userId": subject, "stableId": stable_id}),
    }
}

/// A new account, which has the default role.
pub async fn account(installation: &TestInstallation) -> i64 {
    installation.account(NewUser::default()).await.id
}

/// Applies one step, as the root account.
pub async fn apply(installation: &TestInstallation, step: Step) -> Result<StepOutcome, StepError> {
    let executor = StoreExecutor::new(&installation.store, AUTHENTICATOR, ACTING);
    executor.apply(&[step]).await.remove(0)
}

/// The names of the roles of an account.
pub async fn roles_of(installation: &TestInstallation, account: i64) -> Vec<String> {
    let held = installation.store.roles_of(account).await.unwrap();
    held.iter().map(|(role, _)| role.name.clone()).collect()
}

/// The subject to which an account is bound.
pub async fn subject_of(installation: &TestInstallation, account: i64) -> Option<String> {
    let store = &installation.store;
    let found = store.binding_of_user(AUTHENTICATOR, account).await;
    found.unwrap().map(|binding| binding.uuid)
}
