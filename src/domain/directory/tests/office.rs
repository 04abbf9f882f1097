//! A company whose server has departments, as a NocoBase has them.

use std::sync::Mutex;

use async_trait::async_trait;
use entity::directory_run::Model;

use super::stories::small_company;
use super::world::{AUTHENTICATOR, World};
use crate::domain::directory::run::Purpose;
use crate::domain::directory::store_executor::StoreExecutor;
use crate::domain::directory::{Step, StepError, StepExecutor, StepOutcome};
use crate::store::Store;

/// NocoBase's tables of departments, and of who is in them.
pub const DEPARTMENTS: &str =
    r#"CREATE TABLE "departments" ("id" bigint, "title" text, "parentId" bigint)"#;
pub const MEMBERS: &str =
    r#"CREATE TABLE "departmentsUsers" ("departmentId" bigint, "userId" bigint)"#;

/// A server with departments. It keeps who is in them only where there is a table of that. Of the
/// department «7» it makes one with the id 107.
struct Office<'a, F> {
    store: &'a Store,
    accounts: StoreExecutor<'a>,
    /// Says why a step is refused, if it is.
    refusal: F,
    /// The steps about members that it was asked for.
    asked: Mutex<Vec<Step>>,
}

impl<F> Office<'_, F> {
    async fn done(&self, step: &Step) -> Result<StepOutcome, StepError> {
        match step {
            Step::CreateDepartment(new) => {
                let (_, number) = new.title.split_once(' ').unwrap();
                let id = 100 + number.parse::<i64>().unwrap();
                let parent = new.parent.map(|parent| parent.to_string());
                let parent = parent.as_deref().unwrap_or("NULL");
                let title = &new.title;
                let row =
                    format!(r#"INSERT INTO "departments" VALUES ({id}, '{title}', {parent})"#);
                self.store.execute(&row).await;
                Ok(StepOutcome::Made(id))
            }
            Step::AddMembers {
                department,
                accounts,
            } => {
                if self.store.has_memberships().await.unwrap() {
                    for account in accounts {
                        let row = format!(
                            r#"INSERT INTO "departmentsUsers" VALUES ({department}, {account})"#
                        );
                        self.store.execute(&row).await;
                    }
                }
                Ok(StepOutcome::Done)
            }
            Step::RenameDepartment { .. }
            | Step::MoveDepartment { .. }
            | Step::RemoveDepartment { .. }
            | Step::RemoveMembers { .. }
            | Step::SetOwner { .. }
            | Step::SetMainDepartment { .. } => Ok(StepOutcome::Done),
            of_account => {
                let one = std::slice::from_ref(of_account);
                self.accounts.apply(one).await.remove(0)
            }
        }
    }
}

#[async_trait]
impl<F> StepExecutor for Office<'_, F>
where
    F: Fn(&Step) -> Option<StepError> + Send + Sync,
{
    async fn has_departments(&self) -> Result<bool, StepError> {
        Ok(true)
    }

    fn batch(&self) -> usize {
        10
    }

    async fn apply(&self, steps: &[Step]) -> Vec<Result<StepOutcome, StepError>> {
        let mut outcomes = Vec::new();
        for step in steps {
            let is_of_members = matches!(
                step,
                Step::AddMembers { .. }
                    | Step::RemoveMembers { .. }
                    | Step::SetOwner { .. }
                    | Step::SetMainDepartment { .. }
            );
            if is_of_members {
                self.asked.lock().unwrap().push(step.clone());
            }
            if let Some(error) = (self.refusal)(step) {
                outcomes.push(Err(error));
            } else {
                outcomes.push(self.done(step).await);
            }
        }
        outcomes
    }
}

/// A company whose server has these tables.
pub async fn company(tables: &[&str]) -> World {
    let world = small_company().await;
    for table in tables {
        world.installation.store.execute(table).await;
    }
    world
}

/// A run in which some steps are refused, and the steps about members that it asked for.
pub async fn run(
    world: &World,
    refusal: impl Fn(&Step) -> Option<StepError> + Send + Sync,
) -> (Model, Vec<Step>) {
    let store = &world.installation.store;
    let office = Office {
        store,
        accounts: StoreExecutor::new(store, AUTHENTICATOR, 1),
        refusal,
        asked: Mutex::default(),
    };
    let purpose = Purpose::Run { agreed: None };
    let run = Box::pin(world.go_with(purpose, &office)).await;
    (run, office.asked.into_inner().unwrap())
}
