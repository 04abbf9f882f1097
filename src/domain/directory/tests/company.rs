//! A simulated company, and a server to which it is copied.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use entity::{directory_member, directory_run, user};
use serde_json::json;

use crate::domain::directory::own_hand::OwnHand;
use crate::domain::directory::run::{Purpose, Run};
use crate::domain::directory::source::Source;
use crate::domain::directory::{
    Department, Directory, Key, Level, Member, MemberOf, MembersPage, PersonLookup, ReadError,
    Scope, SourceOptions,
};
use crate::domain::identity::{Identity, StableId};
use crate::domain::sign_in_rules::Rules;
use crate::domain::test_installation::TestInstallation;
use crate::phone::Phone;
use crate::store::SourceValues;

/// The number of people on a page.
const PAGE: usize = 3;

/// The data of the company.
#[derive(Default)]
pub struct State {
    pub departments: Vec<Department>,
    pub members: Vec<Member>,
    /// The permission that the application lacks, if there is one.
    pub missing: Option<&'static str>,
    /// People who exist, but are missing from all pages.
    pub overlooked: Vec<Key>,
}

/// The company.
#[derive(Clone, Default)]
pub struct Company(Arc<Mutex<State>>);

impl Company {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Adds a department.
    pub fn department(&self, key: &str, parent: Option<&str>) {
        self.state().departments.push(Department {
            key: key.into(),
            title: format!("Department {key}"),
            parent: parent.map(Key::from),
            order: None,
        });
    }

    /// Adds a person to these departments.
    pub fn hire(&self, key: &str, phone: Option<&str>, departments: &[&str]) {
        let memberships = departments
            .iter()
            .map(|key| crate::domain::directory::Membership {
                department: (*key).into(),
                is_owner: false,
            });
        let member = Member {
            key: key.into(),
            lasting: Some(format!("union-{key}").into()),
            name: format!("Name of {key}"),
            phone: phone.and_then(Phone::of_account),
            phone_is_unclear: false,
            email: None,
            avatar: None,
            job_title: None,
            job_number: None,
            work_place: None,
            memberships: memberships.collect(),
        };
        self.state().members.push(member);
    }

    pub fn dismiss(&self, key: &str) {
        self.state()
            .members
            .retain(|member| member.key.as_str() != key);
    }

    fn refuse(&self) -> Result<(), ReadError> {
        match self.state().missing {
            Some(name) => Err(ReadError::Permission(name.to_owned())),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Directory for Company {
    async fn scope(&self) -> Result<Scope, ReadError> {
        let top = self
            .state()
            .departments
            .iter()
            .filter(|one| one.parent.is_none())
            .map(|one| one.key.clone())
            .collect();
        Ok(Scope {
            departments: top,
            people: Vec::new(),
        })
    }

    async fn department(&self, key: &Key) -> Result<Option<Department>, ReadError> {
        Ok(self
            .state()
            .departments
            .iter()
            .find(|one| one.key == *key)
            .cloned())
    }

    async fn departments_in(&self, key: &Key) -> Result<Option<Level>, ReadError> {
        let state = self.state();
        let below = state
            .departments
            .iter()
            .filter(|one| one.parent.as_ref() == Some(key));
        Ok(Some(Level {
            departments: below.cloned().collect(),
            left_out: Vec::new(),
        }))
    }

    async fn members_of(
        &self,
        department: &Key,
        cursor: Option<i64>,
    ) -> Result<Option<MembersPage>, ReadError> {
        // The reader has to wait, as with a network.
        tokio::task::yield_now().await;
        self.refuse()?;
        let state = self.state();
        let is_in = |member: &&Member| {
            let mut departments = member.memberships.iter();
            departments.any(|one| one.department == *department)
                && !state.overlooked.contains(&member.key)
        };
        let all: Vec<_> = state.members.iter().filter(is_in).collect();
        let from = usize::try_from(cursor.unwrap_or_default()).unwrap();
        let to = (from + PAGE).min(all.len());
        let of = |member: &&Member| MemberOf {
            is_owner: member
                .memberships
                .iter()
                .any(|one| one.is_owner && one.department == *department),
            member: (*member).clone(),
            rank: None,
        };
        Ok(Some(MembersPage {
            members: all[from..to].iter().map(of).collect(),
            next: (to < all.len()).then(|| i64::try_from(to).unwrap()),
        }))
    }

    async fn person(&self, key: &Key) -> Result<PersonLookup, ReadError> {
        let state = self.state();
        let found = state.members.iter().find(|member| member.key == *key);
        Ok(found.map_or(PersonLookup::Gone, |member| {
            PersonLookup::Found(Box::new(member.clone()), Vec::new())
        }))
    }

    fn identity(&self, member: &Member) -> Option<Identity> {
        let lasting = member.lasting.as_ref()?.as_str().to_owned();
        Some(Identity {
            subject: member.key.as_str().to_owned(),
            meta: json!({"userId": member.key.as_str(), "witness": lasting}),
            stable_id: Some(StableId {
                key: "witness",
                value: lasting,
            }),
            name: member.name.clone(),
            avatar: member.avatar.clone(),
            phone: member.phone.clone(),
            phone_is_unclear: false,
            email: member.email.clone(),
        })
    }
}

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
                ..Rules::default()
            },
            acting: ACTING,
            directory: Box::new(self.company.clone()),
        }
    }

    /// Does a run from beginning to end.
    pub async fn go(&self, purpose: Purpose) -> directory_run::Model {
        let store = &self.installation.store;
        let clock = store.clock().clone();
        let run = Run::begin(store, &clock, self.source_id, purpose, None)
            .await
            .unwrap();
        let id = run.row.id;
        let source = self.source();
        let hand = OwnHand::new(store, AUTHENTICATOR, ACTING);
        run.go(&source, &hand, || false).await;
        store.directory_run(id).await.unwrap().unwrap()
    }

    pub async fn run(&self) -> directory_run::Model {
        self.go(Purpose::Run { agreed: None }).await
    }

    /// The record of a person, with the account.
    pub async fn of(&self, key: &str) -> Option<(directory_member::Model, Option<user::Model>)> {
        let store = &self.installation.store;
        let person = format!("union-{key}");
        let mut found = store
            .mirrored_people(self.source_id, std::slice::from_ref(&person))
            .await
            .unwrap();
        found.remove(&person)
    }

    pub async fn account(&self, key: &str) -> Option<user::Model> {
        self.of(key).await?.1
    }

    pub async fn roles(&self, id: i64) -> Vec<String> {
        let held = self.installation.store.roles_of(id).await.unwrap();
        held.iter().map(|(role, _)| role.name.clone()).collect()
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
