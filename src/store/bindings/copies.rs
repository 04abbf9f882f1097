//! Bindings by subject and by stable ID.
//!
//! NocoBase's `usersAuthenticators` has no index for either. The lookup table
//! `dingtalk_bound_people` has; each row that it leads to is then read from NocoBase's table, whose
//! values count.

use entity::bound_person::{Column, Entity, Model};
use entity::user_authenticator as binding;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait,
};

use crate::store::batch::KEYS;
use crate::store::{Connection, Owner, Result, Store, Transaction, is_storable, shortened};

/// How many bindings are compared with one person. Two that are the person's are already too many to
/// sign in with. When more are found, one further is read and none is left out, so that whoever
/// asked takes them for ambiguous.
pub const MOST_BINDINGS: usize = 20;

impl<C: Connection> Store<C> {
    /// The bindings with this subject. NocoBase's table allows several, but a person can only sign
    /// in when there is one.
    pub async fn bindings_of_subject(
        &self,
        authenticator: &str,
        subject: &str,
    ) -> Result<Vec<binding::Model>> {
        self.bindings_of_subjects(authenticator, &[subject]).await
    }

    /// The bindings with these subjects, a few hundred at most.
    pub async fn bindings_of_subjects(
        &self,
        authenticator: &str,
        subjects: &[&str],
    ) -> Result<Vec<binding::Model>> {
        let mut subjects = subjects.to_vec();
        subjects.retain(|subject| is_storable(subject));
        if subjects.is_empty() {
            return Ok(Vec::new());
        }
        let most = MOST_BINDINGS * subjects.len();
        // In this product's own database there is a unique index for it.
        let mut rows = if self.owner == Owner::Us || !self.coverage.has_bindings_of(authenticator) {
            binding::Entity::find()
                .filter(binding::Column::Authenticator.eq(authenticator))
                .filter(binding::Column::Uuid.is_in(subjects.iter().copied()))
                .limit(most as u64 + 1)
                .all(&self.connection)
                .await?
        } else {
            let is_one = Column::Subject.is_in(subjects.iter().map(|subject| shortened(subject)));
            self.bindings_found_by(authenticator, is_one, most).await?
        };
        if rows.len() <= most {
            // DingTalk's user ids are case-sensitive, and some collations ignore case.
            rows.retain(|row| subjects.contains(&&*row.uuid));
        }
        Ok(rows)
    }

    /// Bindings that may have this stable ID, for a person whose subject has no binding.
    /// The caller compares exactly, unless there are more than [`MOST_BINDINGS`].
    pub async fn bindings_with_stable_id(
        &self,
        authenticator: &str,
        stable_id: &str,
    ) -> Result<Vec<binding::Model>> {
        if self.coverage.has_bindings_of(authenticator) {
            let is_stable_id = Column::StableId.eq(shortened(stable_id));
            let found = self.bindings_found_by(authenticator, is_stable_id, MOST_BINDINGS);
            return found.await;
        }
        // A value in JSON is between quotation marks. Other characters than letters and digits are
        // matched by wildcards, and those that JSON may write as several by one for any number of
        // them, which a value of another length can match, too.
        let plain = |c: char| match c {
            _ if c.is_ascii_alphanumeric() => c,
            '"' | '\\' | '/' => '%',
            _ if c.is_ascii_graphic() || c == ' ' => '_',
            _ => '%',
        };
        let pattern: String = stable_id.chars().map(plain).collect();
        Ok(binding::Entity::find()
            .filter(binding::Column::Authenticator.eq(authenticator))
            .filter(self.meta_as_text().like(format!("%\"{pattern}\"%")))
            .limit(MOST_BINDINGS as u64 + 1)
            .all(&self.connection)
            .await?)
    }

    /// How many bindings of an authenticator have no stable ID, because another program
    /// made them. Reads all of them.
    pub async fn bindings_without_stable_id(&self, authenticator: &str) -> Result<u64> {
        let mut query =
            binding::Entity::find().filter(binding::Column::Authenticator.eq(authenticator));
        for name in self.stable_id_keys {
            let keeps = self.meta_as_text().like(format!("%\"{name}\"%"));
            query = query.filter(binding::Column::Meta.is_null().or(keeps.not()));
        }
        Ok(query.count(&self.connection).await?)
    }

    fn meta_as_text(&self) -> Expr {
        let text = match self.connection.get_database_backend() {
            // On PostgreSQL and SQLite, CHAR alone would be a single character.
            DbBackend::Postgres | DbBackend::Sqlite => "TEXT",
            _ => "CHAR",
        };
        Expr::col(binding::Column::Meta).cast_as(text)
    }

    /// The bindings of copies that match a condition; of more than `most`, one more than that. Wrong
    /// copies are corrected at once, or by a comparison that a transaction asks for.
    async fn bindings_found_by(
        &self,
        authenticator: &str,
        like: Expr,
        most: usize,
    ) -> Result<Vec<binding::Model>> {
        let copies = Entity::find()
            .filter(Column::Authenticator.eq(authenticator))
            .filter(like)
            .limit(most as u64 + 1)
            .all(&self.connection)
            .await?;
        if copies.is_empty() {
            return Ok(Vec::new());
        }
        let accounts = copies.iter().map(|copy| copy.user_id);
        let mut bindings = binding::Entity::find()
            .filter(binding::Column::Authenticator.eq(authenticator))
            .filter(binding::Column::UserId.is_in(accounts))
            .all(&self.connection)
            .await?;
        // Some collations treat different texts as equal.
        bindings.retain(|row| row.authenticator == authenticator);
        for copy in copies {
            let account = copy.user_id;
            let binding = bindings.iter().find(|row| row.user_id == account);
            match binding {
                Some(row) if self.copy_of(row) == copy => {}
                _ if !C::COMMITS_AT_ONCE => self.coverage.ask(),
                Some(row) => self.record_binding(row).await?,
                None => self.forget_bound_person(authenticator, account).await?,
            }
        }
        Ok(bindings)
    }

    /// The copy of a binding for the lookup table.
    pub(super) fn copy_of(&self, binding: &binding::Model) -> Model {
        let kept = |name: &&str| binding.meta.as_ref()?.get(*name)?.as_str();
        Model {
            user_id: binding.user_id,
            authenticator: binding.authenticator.clone(),
            subject: shortened(&binding.uuid),
            stable_id: self.stable_id_keys.iter().find_map(kept).map(shortened),
        }
    }

    /// Updates the lookup table after a binding was written.
    pub(super) async fn record_binding(&self, binding: &binding::Model) -> Result<()> {
        self.save_rows::<Entity>(vec![self.copy_of(binding)]).await
    }

    /// Removes a binding from the lookup table.
    pub(super) async fn forget_bound_person(
        &self,
        authenticator: &str,
        user_id: i64,
    ) -> Result<()> {
        let gone = Entity::delete_by_id((user_id, authenticator.to_owned()));
        gone.exec(&self.connection).await?;
        Ok(())
    }
}

impl Transaction {
    /// Removes all bindings of an account from the lookup table.
    pub(super) async fn forget_bound_account(&self, user_id: i64) -> Result<()> {
        let gone = Entity::delete_many().filter(Column::UserId.eq(user_id));
        gone.exec(&self.connection).await?;
        Ok(())
    }

    /// Removes all bindings of an authenticator from the lookup table.
    pub(super) async fn forget_bound_people(&self, authenticator: &str) -> Result<()> {
        let gone = Entity::delete_many().filter(Column::Authenticator.eq(authenticator));
        gone.exec(&self.connection).await?;
        Ok(())
    }

    /// The accounts of copies whose bindings are gone, such as those of a former authenticator of this
    /// name.
    pub(super) async fn gone_people(&self, authenticator: &str) -> Result<Vec<i64>> {
        let bound = binding::Entity::find()
            .select_only()
            .column(binding::Column::UserId)
            .filter(binding::Column::Authenticator.eq(authenticator));
        Ok(Entity::find()
            .select_only()
            .column(Column::UserId)
            .filter(Column::Authenticator.eq(authenticator))
            .filter(Column::UserId.not_in_subquery(bound.into_query()))
            .into_tuple()
            .all(&self.connection)
            .await?)
    }

    /// Removes the bindings of these accounts at an authenticator from the lookup table.
    pub(super) async fn forget_people(&self, authenticator: &str, accounts: &[i64]) -> Result<()> {
        for accounts in accounts.chunks(KEYS) {
            Entity::delete_many()
                .filter(Column::Authenticator.eq(authenticator))
                .filter(Column::UserId.is_in(accounts.iter().copied()))
                .exec(&self.connection)
                .await?;
        }
        Ok(())
    }

    /// Updates the lookup table after an authenticator was renamed. Both names have only copies of
    /// bindings, and of different accounts.
    pub(super) async fn rename_bound_people(&self, old: &str, new: &str) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Authenticator, Expr::value(new))
            .filter(Column::Authenticator.eq(old))
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}
