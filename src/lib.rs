//! DingTalk sign-in for NocoBase: an authentication server that speaks NocoBase's contract.
//!
//! | module | what |
//! |---|---|
//! | [`cli`] | commands |
//! | [`config`] | settings, a file per section |
//! | [`app`] | what requests share, and the server around it |
//! | [`routes`] | the table of actions |
//! | [`api`] | the HTTP edge: parse, authorise, call, shape |
//! | [`gateway`] | the other edge: in front of a NocoBase |
//! | [`domain`] | the rules: who gets in, sessions, roles |
//! | [`provider`] | who is it: DingTalk |
//! | [`store`] | SQL |
//! | [`web`] | NocoBase's web client and our browser half |
//! | [`backup`] | a copy of everything that cannot be made again |
//! | [`operations`], [`metrics`] | health and numbers, for those who watch |
//! | [`locale`] | texts |
//! | [`email`], [`phone`] | addresses and numbers that are the same |
//! | [`pasted`] | what was meant by what people pasted |
//! | [`clock`] | the time |
//! | `fuzzing` | the parsers, for random input; compiled for that alone |

pub mod api;
pub mod app;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod email;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
pub mod gateway;
pub mod locale;
pub mod metrics;
pub mod operations;
pub mod pasted;
pub mod phone;
pub mod provider;
pub mod routes;
pub mod store;
pub mod web;
