//! From a code of DingTalk to a person, and from the person to an account.

use entity::{authenticator, user};

use super::in_use::options_of;
use crate::api::Call;
use crate::api::audit::About;
use crate::api::error::DingTalkRefusal;
use crate::domain::audit::Action;
use crate::domain::identity::Identity;
use crate::domain::sign_in::{self, ArrivedBy, Copied, Rules};
use crate::provider::dingtalk::{Code, DingTalkOptions, LinkExisting, ProfileField};

/// Whose code this is.
pub(super) async fn account_of_code(
    call: &Call,
    authenticator: &authenticator::Model,
    code: Code<'_>,
) -> Result<user::Model, DingTalkRefusal> {
    let app = &call.app;
    let options = options_of(app, authenticator).await?;
    let identity = identify(call, authenticator, &options, code).await?;
    let rules = rules_of(options);
    let arrival = sign_in::account_of(&app.store, &authenticator.name, &identity, &rules).await;
    let arrival = arrival.map_err(|error| {
        // The provider's identifiers say who it was; they are no secret.
        log::warn!(
            "sign-in of {} through {} is refused: {error}",
            identity.meta,
            authenticator.name
        );
        DingTalkRefusal::from(&error)
    })?;
    let how = match arrival.by {
        ArrivedBy::Binding => None,
        ArrivedBy::Linking => Some(Action::Link),
        ArrivedBy::SignUp => Some(Action::SignUp),
    };
    if let Some(how) = how {
        let about = About::user(arrival.user.id).at(&authenticator.name);
        call.record(how, about).await;
    }
    Ok(arrival.user)
}

/// Who it is that DingTalk gave this code for. Codes that are no good are counted: each is a
/// question to DingTalk.
pub(super) async fn identify(
    call: &Call,
    authenticator: &authenticator::Model,
    options: &DingTalkOptions,
    code: Code<'_>,
) -> Result<Identity, DingTalkRefusal> {
    let app = &call.app;
    let name = &authenticator.name;
    let attempt = app.attempts.begin_code(call.client_address());
    let attempt =
        attempt.inspect_err(|error| log::warn!("a code at {name} is refused: {error}"))?;
    let identity = app.dingtalk.identify(options, code).await;
    let identity = identity.map_err(|error| {
        log::warn!("sign-in through {name} is refused: {error}");
        DingTalkRefusal::from(&error)
    })?;
    attempt.succeeded();
    Ok(identity)
}

/// What an administrator set, in the terms of the domain.
pub(super) fn rules_of(options: DingTalkOptions) -> Rules {
    Rules {
        link_by_phone: options.link_existing != LinkExisting::Off,
        link_by_email_of: if options.link_existing == LinkExisting::PhoneOrEmail {
            options.email_domains.clone()
        } else {
            Vec::new()
        },
        link_administrators: options.link_administrators,
        sign_up: options.public.auto_signup,
        copied: Copied {
            nickname: options.copies(ProfileField::Nickname),
            phone: options.copies(ProfileField::Phone),
            email: options.copies(ProfileField::Email),
            avatar: options.copies(ProfileField::Avatar),
        },
        refresh: options.refresh_profile,
        roles: options.new_user_roles,
    }
}
