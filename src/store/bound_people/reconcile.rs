//! Comparing the copies of bindings with the bindings, a page at a time.

use std::collections::BTreeMap;

use entity::bound_person::{Column, Entity, Model};
use entity::user_authenticator as binding;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::store::reconcile::{Compared, PAGE, end_of};
use crate::store::{Connection, Result, Store, Transaction};

/// Copies of a page that are not what they should be.
pub(in crate::store) struct Differences {
    /// Where the page ends; nothing when there is no more.
    end: Option<i64>,
    /// What they should be.
    wrong: Vec<Model>,
    /// Accounts without a binding.
    gone: Vec<i64>,
}

impl Differences {
    pub(in crate::store) fn compared(&self) -> Compared {
        Compared {
            end: self.end,
            is_right: self.wrong.is_empty() && self.gone.is_empty(),
        }
    }
}

impl Transaction {
    pub(in crate::store) async fn write_bound_people(
        &self,
        authenticator: &str,
        differences: Differences,
    ) -> Result<()> {
        self.record_bound_people(differences.wrong).await?;
        if !differences.gone.is_empty() {
            Entity::delete_many()
                .filter(Column::Authenticator.eq(authenticator))
                .filter(Column::UserId.is_in(differences.gone))
                .exec(&self.connection)
                .await?;
        }
        Ok(())
    }
}

impl<C: Connection> Store<C> {
    pub(in crate::store) async fn bound_people_that_differ(
        &self,
        authenticator: &str,
        after: i64,
    ) -> Result<Differences> {
        // The copies first: what was written with its copy in between is then seen in both.
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
        let end = end_of(
            copies.iter().map(|copy| copy.user_id),
            bindings.iter().map(|row| row.user_id),
        );
        let is_here = |id: i64| end.is_none_or(|end| id <= end);
        let mut copies: BTreeMap<i64, Model> = copies
            .into_iter()
            .filter(|copy| is_here(copy.user_id))
            .map(|copy| (copy.user_id, copy))
            .collect();
        let wrong = bindings
            .iter()
            // Some collations take more for the same than we do.
            .filter(|row| row.authenticator == authenticator && is_here(row.user_id))
            .map(|row| self.copy_of(row))
            .filter(|right| copies.remove(&right.user_id).as_ref() != Some(right))
            .collect();
        Ok(Differences {
            end,
            wrong,
            gone: copies.into_keys().collect(),
        })
    }
}
