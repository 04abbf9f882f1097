//! DingTalk sign-in for NocoBase: an authentication server that speaks NocoBase's contract.
//!
//! | module | what |
//! |---|---|
//! | [`cli`] | commands |
//! | [`config`] | settings, a file per section |
//! | [`server`] | the composition: from settings to a server; known to commands alone |
//! | [`gateway`] | the edge in front of a NocoBase |
//! | `standalone` | the edge without one: NocoBase's web client, and its API as far as needed |
//! | [`api`] | the actions that are ours, which both edges serve |
//! | [`edge`] | what actions are made of: parse, authorise, call, shape |
//! | [`state`] | what every request can reach |
//! | [`domain`] | the rules: who gets in, sessions, roles |
//! | [`provider`] | who is it: DingTalk |
//! | [`store`] | SQL |
//! | [`worker`] | what is due beside requests |
//! | [`backup`] | a copy of everything that cannot be made again |
//! | [`metrics`] | numbers, for those who watch |
//! | [`hints`] | what the log says now and then |
//! | [`locale`] | texts |
//! | [`email`], [`phone`] | addresses and numbers that are the same |
//! | [`normalization`] | pasted text without invisible characters |
//! | [`clock`] | the time |
//! | `fuzzing` | the parsers, for random input; compiled for that alone |

pub mod api;
pub mod backup;
pub mod chain;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod edge;
pub mod email;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
pub mod gateway;
pub mod hints;
pub mod locale;
pub mod metrics;
pub mod normalization;
pub mod phone;
pub mod provider;
pub mod server;
#[cfg(feature = "standalone")]
pub mod standalone;
pub mod state;
pub mod store;
pub mod worker;
