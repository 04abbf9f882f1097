//! What accounts are looked for by, as conditions for the database and as the comparison that
//! decides.

use entity::contact::Column;
use entity::user;
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{ColumnTrait, Condition, ExprTrait};

use super::{AccountContacts, comparable_email, comparable_username};
use crate::email;
use crate::phone::Phone;

/// A value by which accounts are looked for.
pub(super) enum Criterion<'a> {
    /// A phone number, in whatever spelling.
    Phone(&'a Phone),
    /// An e-mail address, ignoring case.
    Email(&'a str),
    /// A user name, ignoring case.
    Username(&'a str),
}

/// How an account's value relates to the one that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// It is the same.
    Same,
    /// It is a phone number with the same last digits, but another one, or one that cannot be
    /// interpreted with certainty.
    Similar,
    /// It is another value, although a condition of the database may be met by it.
    Other,
}

impl Criterion<'_> {
    /// The conditions for the indexes of the lookup table. An account that meets one of them may
    /// have the value.
    pub(super) fn copies(&self) -> Vec<Expr> {
        match self {
            Self::Phone(phone) => vec![
                Column::Phone.eq(phone.e164()),
                Column::PhoneDigits.eq(phone.last_digits()),
            ],
            Self::Email(email) => vec![Column::Email.eq(comparable_email(email))],
            Self::Username(name) => vec![Column::Username.eq(comparable_username(name))],
        }
    }

    /// The condition for an index of `users`, for accounts that are not in the lookup table yet.
    pub(super) fn exact(&self) -> Expr {
        match self {
            Self::Phone(phone) => user::Column::Phone.is_in(phone.usual_spellings()),
            Self::Email(email) => {
                user::Column::Email.is_in([(*email).to_owned(), email::comparable(email)])
            }
            Self::Username(name) => {
                user::Column::Username.is_in([(*name).to_owned(), name.to_lowercase()])
            }
        }
    }

    /// The condition for reading all accounts, while the lookup table is incomplete. Accounts with
    /// other values may meet it, too: among very many accounts, some have the digits by chance.
    pub(super) fn coarse(&self) -> Condition {
        match self {
            Self::Phone(phone) => {
                let digits = phone.last_digits();
                let usual = with_anything_between(digits.chars());
                let wide = with_anything_between(digits.chars().map(of_double_width));
                Condition::any()
                    .add(user::Column::Phone.like(usual))
                    .add(user::Column::Phone.like(wide))
            }
            Self::Email(email) => in_small_letters(user::Column::Email, &email::comparable(email)),
            Self::Username(name) => in_small_letters(user::Column::Username, &name.to_lowercase()),
        }
    }

    /// Compares the value of an account that was read.
    pub(super) fn likeness(&self, account: &AccountContacts) -> Likeness {
        let is_same = match self {
            Self::Phone(phone) => {
                let found = account.phone.as_deref().and_then(Phone::of_account);
                found.as_ref() == Some(*phone)
            }
            Self::Email(email) => {
                let found = account.email.as_deref().map(email::comparable);
                found == Some(email::comparable(email))
            }
            Self::Username(name) => {
                let found = account.username.as_deref().map(str::to_lowercase);
                found == Some(name.to_lowercase())
            }
        };
        match (self, account.phone.as_deref()) {
            _ if is_same => Likeness::Same,
            (Self::Phone(phone), Some(text)) if phone.looks_like(text) => Likeness::Similar,
            _ => Likeness::Other,
        }
    }
}

/// The pattern of digits with separators anywhere, as a number may be stored: `%1%3%8%`.
fn with_anything_between(digits: impl Iterator<Item = char>) -> String {
    digits.flat_map(|digit| ['%', digit]).chain(['%']).collect()
}

/// A condition that compares a column with a text ignoring case, as the database does.
fn in_small_letters(column: user::Column, text: &str) -> Condition {
    let lower = Expr::expr(Func::lower(Expr::col(column)));
    Condition::all().add(lower.eq(text))
}

/// The full-width form of a digit, which East Asian keyboards can type.
fn of_double_width(digit: char) -> char {
    let above = digit
        .to_digit(10)
        .and_then(|digit| char::from_u32(0xff10 + digit));
    above.unwrap_or(digit)
}
