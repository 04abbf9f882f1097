//! DingTalk sign-in for NocoBase: an authentication server that speaks NocoBase's contract.
//!
//! | module | what |
//! |---|---|
//! | [`cli`] | commands |
//! | [`config`] | settings, a file per section |
//! | [`server`] | the composition of a server from its settings; only commands use it |
//! | [`gateway`] | the HTTP edge in front of a NocoBase |
//! | `standalone` | the HTTP edge without a NocoBase: its web client, and its API as far as needed |
//! | [`api`] | this product's own actions, which both edges serve |
//! | [`edge`] | the parts of HTTP actions: parsing, access, errors, answers |
//! | [`state`] | the state of a server, which every request can use |
//! | [`domain`] | the rules: sign-in, sessions, roles, directories, messages |
//! | [`provider`] | identity providers: DingTalk |
//! | [`store`] | SQL |
//! | [`worker`] | background jobs |
//! | `background_task` | tasks beside requests, which a panic does not end |
//! | [`backup`] | the backup of the database and the secrets |
//! | [`metrics`] | Prometheus metrics |
//! | [`operator_hints`] | hints for the operator in the log, which are written rarely |
//! | [`locale`] | translated texts |
//! | [`email`], [`phone`] | normalized e-mail addresses and phone numbers |
//! | [`normalization`] | removal of invisible characters from pasted text |
//! | `shell_word` | words of commands that an operator runs in a shell |
//! | [`clock`] | the time, which tests can advance |
//! | `fuzzing` | the parsers for fuzz tests; only compiled for those |

pub mod api;
mod background_task;
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
pub mod locale;
pub mod metrics;
pub mod normalization;
pub mod operator_hints;
pub mod phone;
pub mod provider;
pub mod server;
mod shell_word;
#[cfg(feature = "standalone")]
pub mod standalone;
pub mod state;
pub mod store;
#[cfg(test)]
mod test_logs;
pub mod worker;
