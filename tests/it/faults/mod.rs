//! What must hold whatever fails: the server's process, or DingTalk.
//!
//! What happens is up to chance, which follows from a seed. A failure prints the seed, and
//! `FAULTS_SEED=…` repeats it as far as a machine with more than one process can. `FAULTS=full` makes
//! the runs as long as they are meant to be; `make test-faults` does so on each database.

mod copies;
mod crash;
mod directory;
mod first_start;
mod messages;
pub mod rows;
mod storm;

use std::env;

use nocobase_dingtalk::domain::session::Claims;

/// How often something is done: a little in each run of the tests, much when asked for.
pub fn size(usual: usize, full: usize) -> usize {
    if is_full() { full } else { usual }
}

/// Whether the runs are as long as they are meant to be.
pub fn is_full() -> bool {
    env::var("FAULTS").is_ok_and(|asked| asked == "full")
}

/// The seed of this run. Tests print what they print only when they fail.
pub fn seed() -> u64 {
    let asked = env::var("FAULTS_SEED").ok();
    let seed = asked.map_or_else(rand::random, |seed| seed.parse().unwrap());
    println!("FAULTS_SEED={seed}");
    seed
}

/// An address of a visitor of one's own, so that no budget of an address is what is tested.
fn visitor(number: usize) -> String {
    let [.., high, low] = (number % 60_000).to_be_bytes();
    format!("198.18.{high}.{low}")
}

/// The account that a token is for.
fn account_of(token: &str) -> i64 {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let body = token.split('.').nth(1).unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(body).unwrap();
    let claims: Claims = serde_json::from_slice(&claims).unwrap();
    claims.user_id.unwrap()
}
