//! Looks up the facts about accounts that a plan needs, person by person.

use entity::{directory_member, user};

use super::mirror::{managed_person, member_of_row};
use super::plan::{AccountFacts, BindingFacts, Candidates};
use super::{Directory, FieldRule, ManagedPerson, Member, SourceOptions};
use crate::domain::binding;
use crate::domain::identity::Identity;
use crate::domain::role;
use crate::domain::sign_in_rules::Rules;
use crate::phone::Phone;
use crate::store::{Store, StoreError, shortened};

/// Looks up facts about accounts.
pub struct Facts<'a> {
    /// The store to look in.
    pub store: &'a Store,
    /// The id of the source.
    pub source_id: i64,
    /// The name of the authenticator of the source.
    pub authenticator: &'a str,
    /// The options of the source.
    pub options: &'a SourceOptions,
    /// The sign-in rules of the authenticator.
    pub rules: &'a Rules,
}

impl Facts<'_> {
    /// Finds the accounts that could belong to a person. When nothing about the person is new, no
    /// query is made.
    pub async fn candidates(
        &self,
        member: &Member,
        identity: &Identity,
        known: Option<&ManagedPerson>,
        account: Option<&user::Model>,
    ) -> Result<Candidates, StoreError> {
        let mut found = Candidates::default();
        let fields = &self.options.fields;
        let asks = |rule: FieldRule, kept: Option<&str>, is_same: bool| match rule {
            FieldRule::Always => !is_same,
            FieldRule::WhenEmpty => kept.is_none_or(str::is_empty),
            FieldRule::Never => false,
        };
        let phone = member.phone.as_ref().filter(|phone| {
            let kept = account.and_then(|user| user.phone.as_deref());
            let is_same = kept.and_then(Phone::of_account).as_ref() == Some(phone);
            account.is_none() || asks(fields.phone, kept, is_same)
        });
        let email = member.email.as_deref().filter(|email| {
            let kept = account.and_then(|user| user.email.as_deref());
            account.is_none() || asks(fields.email, kept, kept == Some(email))
        });
        if let Some(user) = account {
            let is_quiet = known.is_some_and(|known| {
                let is_news = known.has_lost_access() || known.digest != member.digest();
                !is_news && known.taken_out.is_empty()
            });
            let name = user.nickname.as_deref();
            let is_named = name == Some(&*shortened(&member.name));
            // Nothing is written before it is known to whom the account is bound.
            let writes = phone.is_some() || email.is_some();
            let is_read = !is_quiet || writes || asks(fields.nickname, name, is_named);
            found.managed = Some(if is_read {
                self.of_account(user).await?
            } else {
                of_user(user)
            });
        } else {
            found.bound = self.bound(identity).await?;
        }
        if let Some(phone) = phone {
            for id in self.store.users_by_phone(phone).await?.same {
                found.by_phone.extend(self.by_id(id).await?);
            }
        }
        if let Some(email) = email {
            for id in self.store.users_by_email(email).await? {
                found.by_email.extend(self.by_id(id).await?);
            }
            let for_account = account.map(|user| user.id);
            let is_name = self
                .store
                .username_is_taken_in_any_case(email, for_account)
                .await?;
            if is_name && found.by_email.is_empty() {
                // Another account has the email address as its user name. The default value stands
                // for that account; its id matches none.
                found.by_email.push(AccountFacts::default());
            }
        }
        Ok(found)
    }

    /// The accounts that are bound to the person.
    async fn bound(&self, identity: &Identity) -> Result<Vec<AccountFacts>, StoreError> {
        let rows = binding::of_person(self.store, self.authenticator, identity).await?;
        let mut found = Vec::new();
        for row in rows {
            found.extend(self.by_id(row.user_id).await?);
        }
        Ok(found)
    }

    /// A recorded person who is gone, with the facts about their account. The account that an
    /// interrupted run created and bound, and did not record, is found by its binding.
    pub async fn of_leaver(
        &self,
        directory: &dyn Directory,
        row: &directory_member::Model,
        account: Option<&user::Model>,
    ) -> Result<(ManagedPerson, Option<AccountFacts>), StoreError> {
        let mut person = managed_person(row);
        if let Some(user) = account {
            return Ok((person, Some(self.of_account(user).await?)));
        }
        if person.account.is_some() || person.tried_at.is_none() {
            return Ok((person, None));
        }
        let Some(identity) = directory.identity(&member_of_row(row)) else {
            return Ok((person, None));
        };
        let mut found = self.bound(&identity).await?;
        found.retain(|account| {
            let bound = account.binding.as_ref();
            let meta = bound.and_then(|bound| bound.meta.as_ref());
            let stable_id = identity.stable_id.as_ref();
            !stable_id.is_some_and(|stable_id| stable_id.contradicts(meta))
        });
        let account = (found.len() == 1).then(|| found.remove(0));
        person.account = account.as_ref().map(|account| account.id);
        Ok((person, account))
    }

    async fn by_id(&self, id: i64) -> Result<Option<AccountFacts>, StoreError> {
        match self.store.user(id).await? {
            Some(user) => Ok(Some(self.of_account(&user).await?)),
            None => Ok(None),
        }
    }

    /// All facts about an account.
    pub async fn of_account(&self, user: &user::Model) -> Result<AccountFacts, StoreError> {
        let (store, id) = (self.store, user.id);
        let roles = store.roles_of(id).await?;
        let held = role::with_those_of_departments(store, id, &roles).await?;
        let bound = store.binding_of_user(self.authenticator, id).await?;
        let managed = store.mirrored_accounts(&[id]).await?;
        let is_elsewhere =
            |row: &directory_member::Model| row.source_id != self.source_id && !row.is_gone;
        let is_in_another_source = managed.iter().any(is_elsewhere);
        let managed_for = managed.into_iter().min_by_key(|row| row.is_gone);
        Ok(AccountFacts {
            roles: roles.iter().map(|(role, _)| role.name.clone()).collect(),
            is_root: held.iter().any(|held| held.name == role::ROOT),
            administers: held.iter().any(|held| role::administers(held)),
            binding: bound.map(|bound| BindingFacts {
                subject: bound.uuid,
                nickname: bound.nickname,
                avatar: bound.avatar,
                meta: bound.meta,
            }),
            is_in_another_source,
            managed_for: managed_for.map(|row| row.stable_id.into()),
            ..of_user(user)
        })
    }
}

fn of_user(user: &user::Model) -> AccountFacts {
    AccountFacts {
        id: user.id,
        nickname: user.nickname.clone(),
        phone: user.phone.clone(),
        email: user.email.clone(),
        ..AccountFacts::default()
    }
}
