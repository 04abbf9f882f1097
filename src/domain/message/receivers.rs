//! Finding the accounts that a request names as receivers.

use std::collections::{BTreeSet, HashSet};

use crate::store::{Store, StoreError};

/// How many receivers a message has at most. Sending to more would take longer than anybody waits.
const MOST_RECEIVERS: usize = 5000;
/// How many departments a request names at most.
const MOST_DEPARTMENTS: usize = 100;

/// The receivers as a request names them.
#[derive(Clone, Debug, Default)]
pub struct NamedReceivers {
    /// Accounts by id.
    pub ids: Vec<i64>,
    /// Accounts by user name.
    pub usernames: Vec<String>,
    /// Departments by id. They stand for the accounts that are directly in one.
    pub departments: Vec<i64>,
}

/// The accounts that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meant {
    /// The accounts that exist.
    pub accounts: Vec<i64>,
    /// Ids that no account has.
    pub unknown_ids: Vec<i64>,
    /// User names that no account has.
    pub unknown_names: Vec<String>,
}

/// Why a message cannot be sent to these receivers.
#[derive(Debug, thiserror::Error)]
pub enum ReceiversError {
    /// The directory has not created a department.
    #[error("the directory has not made one of the departments")]
    UnknownDepartment,
    /// Nobody is named.
    #[error("the request names nobody")]
    Nobody,
    /// Too many are named.
    #[error("a message goes to {MOST_RECEIVERS} people at most")]
    TooMany,
    /// They could not be looked up.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The accounts that a request names, each once. Departments must be of the directory of this authenticator.
pub async fn accounts_meant(
    store: &Store,
    authenticator_id: i64,
    named: NamedReceivers,
) -> Result<Meant, ReceiversError> {
    let count = named.ids.len() + named.usernames.len();
    if count + named.departments.len() == 0 {
        return Err(ReceiversError::Nobody);
    }
    if count > MOST_RECEIVERS || named.departments.len() > MOST_DEPARTMENTS {
        return Err(ReceiversError::TooMany);
    }
    let ids: BTreeSet<i64> = named.ids.into_iter().collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let mut accounts: BTreeSet<i64> = store.users_among(&ids).await?.into_iter().collect();
    let unknown_ids = ids.into_iter().filter(|id| !accounts.contains(id));
    let unknown_ids = unknown_ids.collect();
    let found = store.users_named(&named.usernames).await?;
    let known: HashSet<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
    let unknown_names = named.usernames.into_iter();
    let unknown_names = unknown_names.filter(|name| !known.contains(name.as_str()));
    let unknown_names = unknown_names.collect();
    accounts.extend(found.iter().map(|(id, _)| *id));
    if !named.departments.is_empty() {
        accounts.extend(members_of(store, authenticator_id, &named.departments).await?);
    }
    if accounts.len() > MOST_RECEIVERS {
        return Err(ReceiversError::TooMany);
    }
    Ok(Meant {
        accounts: accounts.into_iter().collect(),
        unknown_ids,
        unknown_names,
    })
}

/// The accounts in these departments, all of which the directory must have created.
async fn members_of(
    store: &Store,
    authenticator_id: i64,
    departments: &[i64],
) -> Result<Vec<i64>, ReceiversError> {
    let source = store.directory_source_of(authenticator_id).await?;
    let source = source.ok_or(ReceiversError::UnknownDepartment)?;
    let known = store
        .recorded_departments(Some(source.id), departments)
        .await?;
    if !departments.iter().all(|id| known.contains(id)) {
        return Err(ReceiversError::UnknownDepartment);
    }
    let limit = u64::try_from(MOST_RECEIVERS + 1).unwrap_or(u64::MAX);
    Ok(store.users_in_departments(departments, limit).await?)
}

#[cfg(test)]
mod tests {
    use entity::directory_department;
    use serde_json::json;

    use super::*;
    use crate::domain::account::FIRST;
    use crate::domain::test_installation::TestInstallation;
    use crate::store::SourceValues;

    #[tokio::test]
    async fn a_message_is_for_so_many_accounts_and_departments_and_for_somebody() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let meant = async |accounts: i64, departments: i64| {
            let named = NamedReceivers {
                ids: (1..=accounts).collect(),
                usernames: Vec::new(),
                departments: (1..=departments).collect(),
            };
            accounts_meant(store, 1, named).await
        };
        let all = meant(5000, 0).await.unwrap();
        assert_eq!(all.accounts, [FIRST]);
        assert_eq!(all.unknown_ids.len(), 4999);
        let many = meant(5001, 0).await;
        assert!(matches!(many, Err(ReceiversError::TooMany)), "{many:?}");
        let many = meant(0, 101).await;
        assert!(matches!(many, Err(ReceiversError::TooMany)), "{many:?}");
        // So many may be named, and no directory has made these.
        let unknown = meant(0, 100).await;
        let is_unknown = matches!(unknown, Err(ReceiversError::UnknownDepartment));
        assert!(is_unknown, "{unknown:?}");
        let nobody = meant(0, 0).await;
        assert!(matches!(nobody, Err(ReceiversError::Nobody)), "{nobody:?}");
    }

    #[tokio::test]
    async fn user_names_count_too_and_whoever_is_named_twice_is_meant_once() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let root = store.user(FIRST).await.unwrap().unwrap();
        let name = root.username.unwrap();
        let named = NamedReceivers {
            ids: vec![FIRST, FIRST],
            usernames: vec![name, "nobody".to_owned()],
            departments: Vec::new(),
        };
        let expected = Meant {
            accounts: vec![FIRST],
            unknown_ids: Vec::new(),
            unknown_names: vec!["nobody".to_owned()],
        };
        let found = accounts_meant(store, 1, named.clone()).await.unwrap();
        assert_eq!(found, expected);
        let many = NamedReceivers {
            ids: (1..=4999).collect(),
            ..named
        };
        let many = accounts_meant(store, 1, many).await;
        assert!(matches!(many, Err(ReceiversError::TooMany)), "{many:?}");
    }

    #[tokio::test]
    async fn the_people_of_a_department_are_counted_as_those_who_are_named() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let transaction = store.begin().await.unwrap();
        let source = transaction.save_directory_source(SourceValues {
            authenticator_id: 1,
            enabled: false,
            options: json!({}),
            acting_user_id: FIRST,
        });
        let source = source.await.unwrap();
        transaction.commit().await.unwrap();
        let department = directory_department::Model {
            source_id: source.id,
            external_id: "2".to_owned(),
            title: "Sales".to_owned(),
            parent_id: None,
            position: None,
            department_id: Some(7),
            tried_at: None,
        };
        let rows = vec![department];
        store.save_mirrored_departments(rows).await.unwrap();
        for statement in [
            r#"CREATE TABLE "departmentsUsers" ("departmentId" bigint, "userId" bigint)"#,
            r#"WITH RECURSIVE "some" ("id") AS
                 (SELECT 1 UNION ALL SELECT "id" + 1 FROM "some" WHERE "id" < 5000)
               INSERT INTO "departmentsUsers" SELECT 7, "id" FROM "some""#,
        ] {
            store.execute(statement).await;
        }
        let meant = async || {
            let named = NamedReceivers {
                departments: vec![7],
                ..NamedReceivers::default()
            };
            accounts_meant(store, 1, named).await
        };
        assert_eq!(meant().await.unwrap().accounts.len(), 5000);
        let one_more = r#"INSERT INTO "departmentsUsers" VALUES (7, 5001)"#;
        store.execute(one_more).await;
        let many = meant().await;
        assert!(matches!(many, Err(ReceiversError::TooMany)), "{many:?}");
    }
}
