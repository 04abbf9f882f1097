//! `doctor` — looks at everything and says what to do.

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::gateway::check;

/// What stands in the way.
#[derive(Debug, thiserror::Error)]
#[error("the server would not work like this")]
struct Sick;

/// Looks at settings, database, secret and NocoBase. Prints a line for each, and fails when nobody
/// could sign in through DingTalk.
pub async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    println!("ok       the settings can be read");
    let upstream = config.gateway.nocobase_upstream_url.clone();
    // Opening makes the tables that are missing, as a start would.
    let app = match App::open(config, Clock::system()).await {
        Ok(app) => app,
        Err(error) => {
            println!("problem  {error}");
            return Err(Sick.into());
        }
    };
    println!("ok       the database can be used, and there is a signing secret");
    let Some(upstream) = upstream else {
        println!("ok       no NOCOBASE_UPSTREAM_URL: the server stands alone");
        return Ok(());
    };
    let findings = check::upstream(&app, &upstream).await;
    for finding in &findings {
        println!("problem  {finding}");
    }
    if findings.is_empty() {
        println!("ok       NocoBase at {upstream} shares database and signing secret");
        return Ok(());
    }
    let harmless = |finding: &check::Finding| {
        matches!(
            finding,
            check::Finding::OtherVersion(_) | check::Finding::EnabledInNocoBase(_)
        )
    };
    if findings.iter().all(harmless) {
        return Ok(());
    }
    Err(Sick.into())
}
