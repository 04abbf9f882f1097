//! Comparing the copies of bindings with the bindings, a page at a time.

use entity::bound_person::{Column, Entity, Model};
use entity::user_authenticator as binding;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::store::lookup_comparison::{ComparedPage, Differences, PAGE};
use crate::store::{Connection, Result, Store, Transaction};

impl Transaction {
    pub(in crate::store) async fn write_bound_people(
        &self,
        authenticator: &str,
        differences: Differences<Model>,
    ) -> Result<()> {
        self.save_rows::<Entity>(differences.wrong).await?;
        self.forget_people(authenticator, &differences.gone).await
    }
}

impl<C: Connection> Store<C> {
    pub(in crate::store) async fn bound_people_that_differ(
        &self,
        authenticator: &str,
        after: i64,
    ) -> Result<Differences<Model>> {
        // The copies are read first, so that a binding that is written with its copy in between
        // appears in both.
        let copies = Entity::find()
            .filter(Column::Authenticator.eq(authenticator))
            .filter(Column::UserId.gt(after))
            .order_by_asc(Column::UserId)
            .limit(PAGE)
            .all(&self.connection)
            .await?;
        let bindings = binding::Entity::find()
            .filter(binding::Column::Authenticator.eq(authenticator))
            .filter(binding::Column::UserId.gt(after))
            .order_by_asc(binding::Column::UserId)
            .limit(PAGE)
            .all(&self.connection)
            .await?;
        let page = ComparedPage::new(copies, |copy| copy.user_id, bindings, |row| row.user_id)
            // Some collations treat different texts as equal.
            .only_rows(|row| row.authenticator == authenticator);
        Ok(page.differences(|row, copy| {
            let right = self.copy_of(&row);
            (copy.as_ref() != Some(&right)).then_some(right)
        }))
    }
}
