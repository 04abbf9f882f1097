//! Plans which data about a person is written to their account.

use super::super::{Binding, ExtraField, FieldRule, Finding, FindingKind, Key, Member, Profile};
use super::{AccountFacts, BindingFacts, Planner};
use crate::domain::identity::Identity;
use crate::phone::Phone;
use crate::store::{fits_string_column, shortened};

/// Which values of a person other accounts already have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Another account has the phone number.
    pub phone: bool,
    /// Another account has the email address.
    pub email: bool,
}

impl Planner<'_> {
    /// The values to write to an account, or those of a new one if there is none. Columns that an
    /// administrator has added are written whenever the person's data changed.
    fn profile(
        &self,
        member: &Member,
        account: Option<&AccountFacts>,
        taken: Taken,
        is_news: bool,
        findings: &mut Vec<Finding>,
    ) -> Profile {
        let mut find = |kind| findings.push(Finding::new(kind).of_person(&member.key));
        let fields = &self.options.fields;
        let mut profile = Profile::default();
        let kept = account.and_then(|account| account.nickname.as_deref());
        let name = shortened(&member.name);
        if name != member.name {
            find(FindingKind::NotStorable);
        }
        if !name.is_empty() && writes(fields.nickname, kept, kept == Some(&name)) {
            profile.nickname = Some(name);
        }
        let kept = account.and_then(|account| account.phone.as_deref());
        match &member.phone {
            Some(phone) => {
                // A number that is the same in another form is not rewritten.
                let is_same = kept.and_then(Phone::of_account).as_ref() == Some(phone);
                if writes(fields.phone, kept, is_same) {
                    if taken.phone || self.repeated.contains(phone.e164()) {
                        find(FindingKind::PhoneTaken);
                    } else {
                        profile.phone = Some(phone.local().to_owned());
                    }
                }
            }
            None if member.phone_is_unclear && fields.phone != FieldRule::Never => {
                find(FindingKind::PhoneUnclear);
            }
            None => {}
        }
        let kept = account.and_then(|account| account.email.as_deref());
        if let Some(email) = member.email.as_deref()
            && writes(fields.email, kept, kept == Some(email))
        {
            if !fits_string_column(email) {
                find(FindingKind::NotStorable);
            } else if taken.email || self.repeated.contains(&crate::email::comparable(email)) {
                find(FindingKind::EmailTaken);
            } else {
                profile.email = Some(email.to_owned());
            }
        }
        if account.is_none() || is_news {
            profile.columns = self.columns(member, account.is_none());
        }
        profile
    }

    /// The values to write to the account of a person. Root's account gets none: whoever has it
    /// decides about its profile, and it may be several people's.
    pub(super) fn profile_unless_root(
        &self,
        member: &Member,
        account: Option<&AccountFacts>,
        taken: Taken,
        is_news: bool,
        findings: &mut Vec<Finding>,
    ) -> Profile {
        let Some(root) = account.filter(|account| account.is_root) else {
            return self.profile(member, account, taken, is_news, findings);
        };
        let unwritten = self.profile(member, account, taken, is_news, &mut Vec::new());
        if !unwritten.is_empty() {
            findings.push(about(FindingKind::RootKept, &member.key, root.id));
        }
        Profile::default()
    }

    /// The values of added columns. Their current values are not read, so with the rule «when
    /// empty» they are written only for new accounts.
    pub(super) fn columns(&self, member: &Member, is_new: bool) -> Vec<(String, String)> {
        let wanted = self.options.columns.iter().filter_map(|(field, column)| {
            let value = match field {
                ExtraField::JobTitle => &member.job_title,
                ExtraField::JobNumber => &member.job_number,
                ExtraField::WorkPlace => &member.work_place,
            };
            let is_written = match column.rule {
                FieldRule::Always => true,
                FieldRule::WhenEmpty => is_new,
                FieldRule::Never => false,
            };
            let value = value
                .as_deref()
                .filter(|value| is_written && !value.is_empty());
            Some((column.name.clone(), shortened(value?)))
        });
        wanted.collect()
    }

    /// The binding of an account to a person, with the picture if the rule wants it.
    pub(super) fn binding(&self, identity: &Identity, bound: Option<&BindingFacts>) -> Binding {
        let kept = bound.map(|bound| bound.avatar.as_str());
        let avatar = identity.avatar.as_deref();
        // An address that was cut would be wrong, so it is left out.
        let avatar = avatar.filter(|avatar| fits_string_column(avatar));
        let avatar =
            avatar.filter(|avatar| writes(self.options.fields.avatar, kept, kept == Some(avatar)));
        Binding {
            subject: identity.subject.clone(),
            stable_id: identity.stable_id.clone(),
            nickname: shortened(&identity.name),
            avatar: avatar.map(str::to_owned),
            meta: identity.meta.clone(),
        }
    }
}

/// Whether a binding already holds everything that should be in it.
pub(super) fn is_current(bound: &BindingFacts, wanted: &Binding) -> bool {
    let kept = |key: &str| bound.meta.as_ref().and_then(|meta| meta.get(key));
    let wanted_meta = wanted.meta.as_object().into_iter().flatten();
    bound.subject == wanted.subject
        && bound.nickname == wanted.nickname
        && wanted.avatar.is_none()
        && { wanted_meta }.all(|(key, value)| kept(key) == Some(value))
}

/// Whether a rule replaces the current value.
fn writes(rule: FieldRule, kept: Option<&str>, is_same: bool) -> bool {
    match rule {
        FieldRule::Always => !is_same,
        FieldRule::WhenEmpty => kept.is_none_or(str::is_empty),
        FieldRule::Never => false,
    }
}

/// A finding about this person and account.
pub(super) fn about(kind: FindingKind, member: &Key, account: i64) -> Finding {
    Finding::new(kind).of_person(member).of_accounts([account])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_binding_is_current_when_nothing_in_it_differs() {
        let wanted = Binding {
            subject: "lina".to_owned(),
            stable_id: None,
            nickname: "Li Na".to_owned(),
            avatar: None,
            meta: json!({"userId": "lina"}),
        };
        let bound = BindingFacts {
            subject: "lina".to_owned(),
            nickname: "Li Na".to_owned(),
            avatar: String::new(),
            meta: Some(json!({"userId": "lina", "note": "of another program"})),
        };
        assert!(is_current(&bound, &wanted));
        let other = || "other".to_owned();
        let mut outdated = [bound.clone(), bound.clone(), bound.clone()];
        outdated[0].subject = other();
        outdated[1].nickname = other();
        outdated[2].meta = Some(json!({"userId": "other"}));
        for one in outdated {
            assert!(!is_current(&one, &wanted), "{one:?}");
        }
        let avatar = Some(other());
        assert!(!is_current(&bound, &Binding { avatar, ..wanted }));
    }
}
