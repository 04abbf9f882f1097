//! `doctor` — looks at everything and says what to do.

use crate::api::dingtalk::{Inspected, inspect};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, UpstreamUrl};
use crate::gateway::check;

/// What stands in the way.
#[derive(Debug, thiserror::Error)]
#[error("the server would not work like this")]
struct Sick;

/// Looks at settings, database, secret, authenticators and NocoBase. Prints a line for each, and
/// fails when nobody could sign in through DingTalk.
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
    let authenticators = inspect(&app).await?;
    for authenticator in &authenticators {
        tell(authenticator);
    }
    if authenticators.is_empty() {
        println!("note     there is no DingTalk authenticator yet: add one in the settings");
    }
    let Some(upstream) = upstream else {
        println!("ok       no NOCOBASE_UPSTREAM_URL: the server stands alone");
        return Ok(());
    };
    look_behind(&app, &upstream).await
}

/// One that cannot be used keeps only its own people out, so it does not make the server sick.
fn tell(authenticator: &Inspected) {
    let name = &authenticator.name;
    match &authenticator.problem {
        Some(problem) => println!("problem  DingTalk authenticator {name}: {problem}"),
        None if authenticator.is_enabled => {
            println!("ok       DingTalk authenticator {name} is enabled and complete");
        }
        None => println!("note     DingTalk authenticator {name} is complete and not enabled"),
    }
    if authenticator.foreign_bindings > 0 {
        println!(
            "note     DingTalk authenticator {name}: {} accounts were bound by another program; they are \
             found when their uuid is what «Bind accounts by» names",
            authenticator.foreign_bindings
        );
    }
}

/// What is found at the NocoBase behind us.
async fn look_behind(app: &App, upstream: &UpstreamUrl) -> Result<(), Box<dyn std::error::Error>> {
    let findings = check::upstream(app, upstream).await;
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
            check::Finding::OtherVersion(..) | check::Finding::EnabledInNocoBase(_)
        )
    };
    if findings.iter().all(harmless) {
        return Ok(());
    }
    Err(Sick.into())
}
