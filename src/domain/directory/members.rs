//! The people of an organization, in little memory.
//!
//! A run needs all people at once, because somebody can be in several departments and two people
//! can have one phone number. A [`Member`] is a dozen allocations; here each is a single one, and
//! becomes a [`Member`] only while it is needed.

use super::{Key, Member, Membership};
use crate::phone::Phone;

/// The people of an organization.
#[derive(Debug, Default)]
pub struct Members(Vec<Packed>);

/// A person as bytes: the texts of [`Member`] one after the other, each behind its length.
#[derive(Debug)]
struct Packed(Box<[u8]>);

impl Members {
    /// The number of people.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a person, and returns their number.
    pub fn push(&mut self, member: &Member) -> usize {
        self.0.push(Packed::of(member));
        self.0.len() - 1
    }

    /// The person with this number.
    pub fn get(&self, number: usize) -> Option<Member> {
        self.0.get(number).and_then(Packed::member)
    }

    /// Replaces the person with this number.
    pub fn set(&mut self, number: usize, member: &Member) {
        if let Some(packed) = self.0.get_mut(number) {
            *packed = Packed::of(member);
        }
    }

    /// The people, in order.
    pub fn iter(&self) -> impl Iterator<Item = Member> {
        self.0.iter().filter_map(Packed::member)
    }

    /// Sorts the people by [`Member::stable_id_or_key`], and keeps one of those who are the same
    /// person. All runs keep the same one.
    pub fn settle(&mut self) {
        self.0.sort_by(|a, b| a.order().cmp(&b.order()));
        self.0
            .dedup_by(|b, a| a.stable_id_or_key() == b.stable_id_or_key());
        self.0.shrink_to_fit();
    }

    /// Whether this person is among them, after [`Self::settle`].
    pub fn has(&self, stable_id: &str) -> bool {
        let found = self
            .0
            .binary_search_by(|one| one.stable_id_or_key().cmp(stable_id));
        found.is_ok()
    }
}

impl Packed {
    fn of(member: &Member) -> Self {
        let mut bytes = Vec::with_capacity(256);
        let mut add = |text: Option<&str>| put(&mut bytes, text);
        add(Some(member.key.as_str()));
        add(member.stable_id.as_ref().map(Key::as_str));
        add(Some(&member.name));
        add(member.phone.as_ref().map(Phone::e164));
        add(member.phone_is_unclear.then_some(""));
        for text in [
            &member.email,
            &member.avatar,
            &member.job_title,
            &member.job_number,
            &member.work_place,
        ] {
            add(text.as_deref());
        }
        for one in &member.memberships {
            add(Some(one.department.as_str()));
            add(one.is_owner.then_some(""));
        }
        Self(bytes.into())
    }

    /// The person. None would mean that the bytes are not those of [`Self::of`].
    fn member(&self) -> Option<Member> {
        self.read().ok()
    }

    fn read(&self) -> Result<Member, Cut> {
        let rest = &mut &*self.0;
        let key = take(rest)?.ok_or(Cut)?;
        let stable_id = take(rest)?;
        let name = take(rest)?.ok_or(Cut)?;
        let phone = take(rest)?;
        let phone_is_unclear = take(rest)?.is_some();
        let mut text = || Ok(take(rest)?.map(str::to_owned));
        Ok(Member {
            key: key.into(),
            stable_id: stable_id.map(Key::from),
            name: name.to_owned(),
            phone: phone.map(Phone::of_e164),
            phone_is_unclear,
            email: text()?,
            avatar: text()?,
            job_title: text()?,
            job_number: text()?,
            work_place: text()?,
            memberships: {
                let mut memberships = Vec::new();
                while !rest.is_empty() {
                    let department = take(rest)?.ok_or(Cut)?.into();
                    let is_owner = take(rest)?.is_some();
                    memberships.push(Membership {
                        department,
                        is_owner,
                    });
                }
                memberships
            },
        })
    }

    /// The key, and [`Member::stable_id_or_key`].
    fn keys(&self) -> (&str, &str) {
        let rest = &mut &*self.0;
        let mut next = || take(rest).ok().flatten();
        let key = next().unwrap_or_default();
        (key, next().unwrap_or(key))
    }

    fn stable_id_or_key(&self) -> &str {
        self.keys().1
    }

    fn order(&self) -> (&str, &str) {
        let (key, stable_id) = self.keys();
        (stable_id, key)
    }
}

/// Adds a text behind its length, or a zero for none. The length is one more than it is, in groups
/// of seven bits, the lowest first, each in a byte that says whether more follow.
fn put(bytes: &mut Vec<u8>, text: Option<&str>) {
    let mut left = text.map_or(0, |text| text.len() + 1);
    loop {
        let [low, ..] = left.to_le_bytes();
        left >>= 7;
        if left == 0 {
            bytes.push(low & 0x7f);
            break;
        }
        bytes.push(low | 0x80);
    }
    bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
}

/// The bytes end too early.
struct Cut;

/// Takes what [`put`] has added.
fn take<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a str>, Cut> {
    let mut length = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (first, rest) = bytes.split_first().ok_or(Cut)?;
        *bytes = rest;
        length |= usize::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    let Some(length) = length.checked_sub(1) else {
        return Ok(None);
    };
    let (text, rest) = bytes.split_at_checked(length).ok_or(Cut)?;
    *bytes = rest;
    std::str::from_utf8(text).map(Some).map_err(|_| Cut)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn members() -> impl Strategy<Value = Member> {
        let text = || prop::option::of(".{0,3}|.{120,140}");
        let texts = [text(), text(), text(), text(), text(), text()];
        let phone = prop::option::of(0..1000_u16);
        let memberships = vec((".{0,3}", any::<bool>()), 0..3);
        (".{0,3}", texts, phone, any::<bool>(), memberships).prop_map(
            |(key, texts, phone, phone_is_unclear, memberships)| {
                let [stable_id, email, avatar, job_title, job_number, work_place] = texts;
                let memberships = memberships.into_iter();
                Member {
                    name: format!("{key}!"),
                    key: key.into(),
                    stable_id: stable_id.map(Key::from),
                    phone: phone.and_then(|end| Phone::of_account(&format!("13800000{end:03}"))),
                    phone_is_unclear,
                    email,
                    avatar,
                    job_title,
                    job_number,
                    work_place,
                    memberships: memberships
                        .map(|(department, is_owner)| Membership {
                            department: department.into(),
                            is_owner,
                        })
                        .collect(),
                }
            },
        )
    }

    proptest! {
        #[test]
        fn people_are_as_they_were_before_they_were_packed(all in vec(members(), 0..20)) {
            let mut packed = Members::default();
            for (number, member) in all.iter().enumerate() {
                prop_assert_eq!(packed.push(member), number);
                let same = packed.get(number);
                prop_assert_eq!(same.as_ref(), Some(member));
            }
            prop_assert_eq!(packed.iter().collect::<Vec<_>>(), all.clone());

            packed.settle();
            let mut wanted = all;
            wanted.sort_by(|a, b| {
                (a.stable_id_or_key(), &a.key).cmp(&(b.stable_id_or_key(), &b.key))
            });
            wanted.dedup_by(|b, a| a.stable_id_or_key() == b.stable_id_or_key());
            let people = |all: &[Member]| -> Vec<_> {
                all.iter().map(|one| (one.stable_id_or_key().clone(), one.key.clone())).collect()
            };
            let settled: Vec<_> = packed.iter().collect();
            prop_assert_eq!(people(&settled), people(&wanted));
            prop_assert!(wanted.iter().all(|one| packed.has(one.stable_id_or_key().as_str())));
            prop_assert!(!packed.has("nobody has this one"));
        }
    }
}
