//! A way to fail, and the calls that it strikes.

use std::{net::IpAddr, time::Duration};

use serde::Deserialize;

use crate::state::endpoint::{Endpoint, Family};

/// A way to fail.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq, Debug)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// HTTP 500 with the family's error body.
    Status500,
    /// A page where JSON is due.
    Html,
    /// JSON that breaks off.
    Malformed,
    /// The right answer, late.
    Delay,
    /// The right answer, with a pause in its middle.
    SlowBody,
    /// Too many calls in a second.
    Throttle,
    /// Too many calls in minutes.
    ApiBanned,
    /// Too many calls in a month.
    AllowanceUsedUp,
    /// A code of choice.
    Refused,
    /// The app lacks the call's permission.
    PermissionMissing,
    /// The caller's address is not on the app's list.
    IpNotAllowed,
    /// The token is unknown.
    TokenInvalid,
    /// HTTP 200 and nothing else.
    Empty,
    /// A good answer of some megabytes.
    Huge,
    /// Sent elsewhere, which no call of DingTalk's does.
    Redirect,
    /// The address called too often, said in JSON of no family.
    Banned,
    /// The connection ends in the middle of the answer.
    BreakOff,
    /// A good answer about another person than the one who was asked about.
    SomebodyElse,
    /// A right page of a list that says, with the cursor that was given, that there is more.
    StuckCursor,
}

impl Kind {
    /// Ways to fail at once, which a bad day has unless it is told otherwise.
    pub const AT_ONCE: [Self; 12] = [
        Self::Status500,
        Self::Html,
        Self::Malformed,
        Self::Throttle,
        Self::PermissionMissing,
        Self::IpNotAllowed,
        Self::TokenInvalid,
        Self::Empty,
        Self::Huge,
        Self::Redirect,
        Self::Banned,
        Self::BreakOff,
    ];

    /// Whether an endpoint can fail in this way: the login page has no tokens and no error codes.
    pub fn suits(self, endpoint: Endpoint) -> bool {
        match self {
            Self::Throttle
            | Self::ApiBanned
            | Self::AllowanceUsedUp
            | Self::Refused
            | Self::PermissionMissing
            | Self::IpNotAllowed
            | Self::TokenInvalid => endpoint.family() != Family::Page,
            Self::SomebodyElse => endpoint.family() == Family::Old,
            Self::StuckCursor => endpoint.is_paged(),
            _ => true,
        }
    }
}

/// A failure that is due.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Where it strikes; none: at every call but those of the login page.
    pub endpoint: Option<Endpoint>,
    /// In which way.
    pub kind: Kind,
    /// How many calls it still strikes; none: all, until cleared.
    pub times: Option<u32>,
    /// How many calls pass before the first one that it strikes.
    pub after: u32,
    /// From then on it strikes each so-manieth call; 1: each.
    pub every: u32,
    /// Pause before the answer, or within it for a slow body.
    pub delay: Duration,
    /// The code of a refusal.
    pub code: String,
    /// The address that DingTalk says it saw; none: the true one.
    pub seen: Option<IpAddr>,
    /// How many calls met it so far.
    pub met: u32,
}

/// A failure that strikes now.
pub struct Strike {
    /// The call that it strikes.
    pub endpoint: Endpoint,
    /// In which way.
    pub kind: Kind,
    /// Pause before the answer, or within it for a slow body.
    pub delay: Duration,
    /// The code of a refusal.
    pub code: String,
    /// The address that DingTalk says it saw; none: the true one.
    pub seen: Option<IpAddr>,
}

impl Fault {
    /// Whether a call is one that this failure waits for.
    pub fn concerns(&self, endpoint: Endpoint) -> bool {
        match self.endpoint {
            Some(own) => own == endpoint,
            None => endpoint.family() != Family::Page && self.kind.suits(endpoint),
        }
    }

    /// Counts a call that concerns it, and gives what strikes the call, if it is this one's turn.
    pub fn meet(&mut self, endpoint: Endpoint) -> Option<Strike> {
        self.met = self.met.saturating_add(1);
        let turn = self.met.checked_sub(self.after)?;
        if turn == 0 || turn % self.every.max(1) != 0 {
            return None;
        }
        if let Some(times) = &mut self.times {
            *times = times.saturating_sub(1);
        }
        Some(Strike {
            endpoint,
            kind: self.kind,
            delay: self.delay,
            code: self.code.clone(),
            seen: self.seen,
        })
    }
}
