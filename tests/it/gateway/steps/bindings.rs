//! The same steps by both executors, the one in front of a NocoBase and the one of a standalone server:
//! who is bound to what must not depend on which of them it is.

use nocobase_dingtalk::domain::account;
use nocobase_dingtalk::domain::directory::store_executor::StoreExecutor;
use nocobase_dingtalk::domain::directory::{
    Binding, NewAccount, Step, StepError, StepExecutor, StepOutcome,
};
use nocobase_dingtalk::domain::identity::StableId;
use nocobase_dingtalk::store::NewUser;
use serde_json::json;

use super::{AUTHENTICATOR, Office, person};
use crate::support::lookups::{change, reconcile};

#[derive(Clone, Copy, Debug)]
enum Executor {
    OfGateway,
    OfStandalone,
}

impl Office {
    async fn apply_by(&self, by: Executor, step: Step) -> Result<StepOutcome, StepError> {
        match by {
            Executor::OfGateway => self.apply(step).await,
            Executor::OfStandalone => {
                let app = self.gateway.server.app.clone();
                let done = async move {
                    let executor = StoreExecutor::new(&app.store, AUTHENTICATOR, 1);
                    executor.apply(&[step]).await.remove(0)
                };
                self.gateway.server.does(done).await
            }
        }
    }

    async fn new_account(&self) -> i64 {
        let app = self.gateway.server.app.clone();
        let made = async move { app.store.create_user(NewUser::default()).await };
        self.gateway.server.does(made).await.unwrap().id
    }

    async fn make_root(&self, account: i64) {
        let app = self.gateway.server.app.clone();
        let roles = ["member", "root"].map(str::to_owned);
        let given = async move { app.store.set_roles(account, &roles).await };
        self.gateway.server.does(given).await.unwrap();
    }

    async fn subject_of(&self, account: i64) -> Option<String> {
        let app = self.gateway.server.app.clone();
        let found = async move { app.store.binding_of_user(AUTHENTICATOR, account).await };
        let found = self.gateway.server.does(found).await.unwrap();
        found.map(|binding| binding.uuid)
    }
}

fn binding(subject: &str, union_id: &str) -> Binding {
    Binding {
        stable_id: Some(StableId {
            key: "unionId",
            value: union_id.to_owned(),
        }),
        meta: json!({"userId": subject, "unionId": union_id}),
        ..super::binding(subject)
    }
}

fn bind(account: i64, subject: &str, union_id: &str) -> Step {
    Step::Bind {
        account,
        binding: binding(subject, union_id),
    }
}

fn create(subject: &str, union_id: &str) -> Step {
    Step::CreateAccount(NewAccount {
        binding: binding(subject, union_id),
        ..person(&[])
    })
}

#[actix_web::test]
async fn whose_account_it_is_does_not_depend_on_the_executor() {
    for by in [Executor::OfGateway, Executor::OfStandalone] {
        let office = Office::open().await;
        let gateway = &office.gateway;
        gateway.create_authenticator(AUTHENTICATOR, true).await;
        let (lina, other) = (office.new_account().await, office.new_account().await);
        reconcile(&gateway.server).await;
        // Another program binds the account a moment ago, so no copy leads to that binding yet.
        let insert = format!(
            "INSERT INTO \"usersAuthenticators\" (\"createdAt\", \"updatedAt\", \"authenticator\", \"userId\", \
             \"uuid\", \"nickname\", \"avatar\") VALUES \
             (CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, '{AUTHENTICATOR}', {lina}, 'lina', '', '')"
        );
        change(&gateway.app.database, &insert).await;
        for (step, outcome, subject) in [
            (bind(lina, "lina", "union-lina"), StepOutcome::Done, "lina"),
            (bind(lina, "lina", "union-lina"), StepOutcome::Done, "lina"),
            (
                bind(lina, "lina-2", "union-lina"),
                StepOutcome::Done,
                "lina-2",
            ),
            (
                create("lina-2", "union-lina"),
                StepOutcome::Made(lina),
                "lina-2",
            ),
            (
                create("lina-3", "union-lina"),
                StepOutcome::Made(lina),
                "lina-3",
            ),
        ] {
            let done = office.apply_by(by, step.clone()).await;
            assert_eq!(done.unwrap(), outcome, "{by:?}, {step:?}");
            let bound = office.subject_of(lina).await;
            assert_eq!(bound.as_deref(), Some(subject), "{by:?}, {step:?}");
        }
        for step in [
            create("lina-3", "union-omar"),
            bind(other, "lina-3", "union-omar"),
            bind(other, "lina-3", "union-lina"),
            bind(other, "lina-4", "union-lina"),
            bind(lina, "omar", "union-omar"),
        ] {
            let done = office.apply_by(by, step.clone()).await;
            assert!(
                matches!(done, Err(StepError::BoundToAnother)),
                "{by:?}, {step:?}: {done:?}"
            );
        }
        assert_eq!(office.subject_of(other).await, None, "{by:?}");
        let asked = office.asked();
        let makes = asked.iter().any(|call| call.contains("users:create"));
        assert!(!makes, "{by:?}: {asked:?}");
        let app = office.gateway.server.app.clone();
        let more = async move { app.store.users_among(&[other + 1]).await };
        let more = office.gateway.server.does(more).await.unwrap();
        assert_eq!(more, [0_i64; 0], "{by:?}: no account was made");
    }
}

#[actix_web::test]
async fn root_keeps_its_binding_and_gets_no_other_whichever_executor_it_is() {
    for by in [Executor::OfGateway, Executor::OfStandalone] {
        let office = Office::open().await;
        let gateway = &office.gateway;
        gateway.create_authenticator(AUTHENTICATOR, true).await;
        let (bound, unbound) = (office.new_account().await, office.new_account().await);
        let done = office.apply_by(by, bind(bound, "lina", "union-lina")).await;
        assert_eq!(done.unwrap(), StepOutcome::Done, "{by:?}");
        for account in [bound, unbound] {
            office.make_root(account).await;
        }
        for account in [bound, unbound, account::FIRST] {
            let done = office
                .apply_by(by, bind(account, "omar", "union-omar"))
                .await;
            assert!(
                matches!(done, Err(StepError::Protected)),
                "{by:?}, {account}: {done:?}"
            );
        }
        // The same person has another identifier now.
        let done = office
            .apply_by(by, bind(bound, "lina-2", "union-lina"))
            .await;
        assert_eq!(done.unwrap(), StepOutcome::Done, "{by:?}");
        for (account, expected) in [
            (bound, Some("lina-2")),
            (unbound, None),
            (account::FIRST, None),
        ] {
            let subject = office.subject_of(account).await;
            assert_eq!(subject.as_deref(), expected, "{by:?}, {account}");
        }
    }
}
