//! The options as rules of the domain.

use super::{DingTalkOptions, LinkExisting, ProfileField};
use crate::domain::sign_in::{Copied, Rules};

impl DingTalkOptions {
    /// What those people get whom the options let in.
    pub fn rules(&self) -> Rules {
        Rules {
            link_by_phone: self.link_existing != LinkExisting::Off,
            link_by_email_of: if self.link_existing == LinkExisting::PhoneOrEmail {
                self.email_domains.clone()
            } else {
                Vec::new()
            },
            link_administrators: self.link_administrators,
            sign_up: self.public.auto_signup,
            copied: Copied {
                nickname: self.copies(ProfileField::Nickname),
                phone: self.copies(ProfileField::Phone),
                email: self.copies(ProfileField::Email),
                avatar: self.copies(ProfileField::Avatar),
            },
            refresh: self.refresh_profile,
            roles: self.new_user_roles.clone(),
        }
    }
}
