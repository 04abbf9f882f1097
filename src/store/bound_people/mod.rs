//! Bindings by subject and by the second identifier that they keep.
//!
//! NocoBase's `usersAuthenticators` has no index for that. What is found in `dingtalk_bound_people`
//! is looked up there by its key, and counts as it is there.

mod reconcile;

use entity::bound_person::{ActiveModel, Column, Entity, Model};
use entity::user_authenticator as binding;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};

use super::{Connection, Owner, Result, Store, Transaction, is_storable, shortened};

/// How many bindings of one person are looked at. Two are too many to sign in to.
const MOST: u64 = 20;

impl<C: Connection> Store<C> {
    /// Bindings of this subject. NocoBase's table allows several; only one can be signed in to.
    pub async fn bindings_of_subject(
        &self,
        authenticator: &str,
        subject: &str,
    ) -> Result<Vec<binding::Model>> {
        if !is_storable(subject) {
            return Ok(Vec::new());
        }
        // In our own table that is a unique index.
        let rows = if self.owner == Owner::Us || !self.coverage.has_bindings_of(authenticator) {
            binding::Entity::find()
                .filter(binding::Column::Authenticator.eq(authenticator))
                .filter(binding::Column::Uuid.eq(subject))
                .all(&self.connection)
                .await?
        } else {
            let is_subject = Column::Subject.eq(shortened(subject));
            self.bindings_found_by(authenticator, is_subject).await?
        };
        // DingTalk's user ids differ by case, which some collations ignore.
        Ok(rows.into_iter().filter(|row| row.uuid == subject).collect())
    }

    /// Bindings that may keep this second identifier, for somebody whom no subject finds: the caller
    /// compares.
    pub async fn bindings_with_stable_id(
        &self,
        authenticator: &str,
        stable_id: &str,
    ) -> Result<Vec<binding::Model>> {
        if self.coverage.has_bindings_of(authenticator) {
            let is_stable_id = Column::Witness.eq(shortened(stable_id));
            return self.bindings_found_by(authenticator, is_stable_id).await;
        }
        // Whatever JSON or the pattern would write otherwise may be anything.
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '%' };
        let pattern: String = stable_id.chars().map(plain).collect();
        Ok(binding::Entity::find()
            .filter(binding::Column::Authenticator.eq(authenticator))
            .filter(self.meta_as_text().like(format!("%{pattern}%")))
            .all(&self.connection)
            .await?)
    }

    /// How many bindings of an authenticator keep no second identifier: another program made them.
    /// Looks at all of them.
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
            // There, CHAR alone is a single character.
            DbBackend::Postgres | DbBackend::Sqlite => "TEXT",
            _ => "CHAR",
        };
        Expr::col(binding::Column::Meta).cast_as(text)
    }

    /// The bindings to which copies lead that are like this. Copies that are wrong are put right.
    async fn bindings_found_by(
        &self,
        authenticator: &str,
        like: Expr,
    ) -> Result<Vec<binding::Model>> {
        let copies = Entity::find()
            .filter(Column::Authenticator.eq(authenticator))
            .filter(like)
            .limit(MOST)
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
        // Some collations take more for the same than we do.
        bindings.retain(|row| row.authenticator == authenticator);
        for copy in copies {
            match bindings.iter().find(|row| row.user_id == copy.user_id) {
                None => {
                    self.forget_bound_person(authenticator, copy.user_id)
                        .await?;
                }
                Some(row) if self.copy_of(row) != copy => self.record_binding(row).await?,
                Some(_) => {}
            }
        }
        Ok(bindings)
    }

    /// What the lookup table is to say of a binding.
    fn copy_of(&self, binding: &binding::Model) -> Model {
        let kept = |name: &&str| binding.meta.as_ref()?.get(*name)?.as_str();
        Model {
            user_id: binding.user_id,
            authenticator: binding.authenticator.clone(),
            subject: shortened(&binding.uuid),
            witness: self.stable_id_keys.iter().find_map(kept).map(shortened),
        }
    }

    /// Lets the lookup table follow a binding.
    pub(super) async fn record_binding(&self, binding: &binding::Model) -> Result<()> {
        self.record_bound_people(vec![self.copy_of(binding)]).await
    }

    async fn record_bound_people(&self, copies: Vec<Model>) -> Result<()> {
        if copies.is_empty() {
            return Ok(());
        }
        let known = OnConflict::columns([Column::UserId, Column::Authenticator])
            .update_columns([Column::Subject, Column::Witness])
            .to_owned();
        let rows = copies.into_iter().map(Model::into_active_model);
        Entity::insert_many(rows.map(ActiveModel::reset_all))
            .on_conflict(known)
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }

    /// Takes a binding out of the lookup table.
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
    /// Takes all bindings of an account out of the lookup table.
    pub(super) async fn forget_bound_account(&self, user_id: i64) -> Result<()> {
        let gone = Entity::delete_many().filter(Column::UserId.eq(user_id));
        gone.exec(&self.connection).await?;
        Ok(())
    }

    /// Takes all bindings at an authenticator out of the lookup table.
    pub(super) async fn forget_bound_people(&self, authenticator: &str) -> Result<()> {
        let gone = Entity::delete_many().filter(Column::Authenticator.eq(authenticator));
        gone.exec(&self.connection).await?;
        Ok(())
    }

    /// Lets the lookup table follow an authenticator to its new name.
    pub(super) async fn rename_bound_people(&self, old: &str, new: &str) -> Result<()> {
        // What is left of one that had the name before would be in the way.
        self.forget_bound_people(new).await?;
        Entity::update_many()
            .col_expr(Column::Authenticator, Expr::value(new))
            .filter(Column::Authenticator.eq(old))
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}
