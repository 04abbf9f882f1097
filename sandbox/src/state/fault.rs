//! A kind of failure, and the calls that it affects.

use std::{net::IpAddr, time::Duration};

use serde::Deserialize;

use crate::state::endpoint::{Endpoint, Family};

/// A kind of failure.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq, Debug)]
#[serde(rename_all = "camelCase")]
pub enum FaultKind {
    /// HTTP 500 with the family's error body.
    Status500,
    /// A page of HTML in place of JSON.
    Html,
    /// JSON that is cut off.
    Malformed,
    /// HTTP 403 with JSON that belongs to no family, from a proxy between the caller and DingTalk.
    Blocked,
    /// The right answer, but late.
    Delay,
    /// The right answer, with a pause in its middle.
    SlowBody,
    /// Too many calls in a second.
    Throttle,
    /// Too many calls in minutes.
    ApiBanned,
    /// Too many calls in a month.
    AllowanceUsedUp,
    /// An error code that a test has chosen.
    Refused,
    /// The app lacks the permission for the call.
    PermissionMissing,
    /// The caller's address is not on the app's list.
    IpNotAllowed,
    /// The token is unknown.
    TokenInvalid,
    /// HTTP 200 without a body.
    Empty,
    /// A valid answer of some megabytes.
    Huge,
    /// A redirect, which no call of DingTalk's does.
    Redirect,
    /// The address has called too often; the answer is JSON that belongs to no family.
    Banned,
    /// The connection ends in the middle of the answer.
    BreakOff,
    /// A valid answer about another person than the requested one.
    SomebodyElse,
    /// A valid page of a list which says that the next page begins at the same cursor.
    StuckCursor,
}

impl FaultKind {
    /// The kinds of failures that answer at once. They are the default of a bad day.
    pub const AT_ONCE: [Self; 13] = [
        Self::Status500,
        Self::Html,
        Self::Malformed,
        Self::Blocked,
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

    /// Whether an endpoint can fail in this way. The login page has no tokens and no error codes.
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
    /// The endpoint; none means every call except the login page.
    pub endpoint: Option<Endpoint>,
    /// The kind.
    pub kind: FaultKind,
    /// How many more calls it affects; none means all, until it is cleared.
    pub times: Option<u32>,
    /// How many calls succeed before the first one that it affects.
    pub after: u32,
    /// From then on it affects each nth call; 1 means each.
    pub every: u32,
    /// The pause before the answer, or within it for a slow body.
    pub delay: Duration,
    /// The code of a refusal.
    pub code: String,
    /// The address that the refusal names; none means the caller's.
    pub seen: Option<IpAddr>,
    /// The number of calls so far.
    pub met: u32,
}

/// The failure of the current call.
pub struct Strike {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The kind.
    pub kind: FaultKind,
    /// The pause before the answer, or within it for a slow body.
    pub delay: Duration,
    /// The code of a refusal.
    pub code: String,
    /// The address that the refusal names; none means the caller's.
    pub seen: Option<IpAddr>,
}

impl Fault {
    /// Whether this failure concerns a call.
    pub fn concerns(&self, endpoint: Endpoint) -> bool {
        match self.endpoint {
            Some(own) => own == endpoint,
            None => endpoint.family() != Family::Page && self.kind.suits(endpoint),
        }
    }

    /// Counts a call, and returns its failure if it is the turn of this one.
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
