//! `doctor` — looks at everything and says what to do.

use std::fmt::Display;
use std::sync::Arc;

use crate::chain::Chain;
use crate::clock::Clock;
use crate::config::{Config, Http, UpstreamUrl};
use crate::domain::inspection::{Inspected, inspect, unusable_names};
use crate::gateway::check;
use crate::server::look;
use crate::state::AppState;
use crate::store::damage;

/// What stands in the way.
#[derive(Debug, thiserror::Error)]
#[error("the server would not work like this")]
struct Sick;

/// Looks at settings, database, secret, authenticators and NocoBase, and changes nothing. Prints a line for
/// each, and fails when nobody could sign in through DingTalk.
pub async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    println!("ok       the settings can be read");
    for hint in address_hints(&config.http) {
        println!("note     {hint}");
    }
    let upstream = config.gateway.nocobase_upstream_url.clone();
    let Some(app) = open(config).await? else {
        return Ok(());
    };
    println!("ok       the database can be used");
    if let Err(error) = app.store.hold_apart().await {
        println!("problem  {error}");
        return Err(Sick.into());
    }
    if !app.store.pending_migrations().await?.is_empty() {
        println!(
            "note     tables are missing that the next start makes; `migrate --show` names them"
        );
        if upstream.is_none() {
            return Ok(());
        }
    }
    let authenticators = inspect(&app.store, &app.vault, &app.providers).await?;
    for authenticator in &authenticators {
        tell(authenticator);
    }
    for name in unusable_names(&app.store).await? {
        println!(
            "problem  authenticator {name:?}: no header carries this name, so that nobody can sign in there; \
             make one with a-z, A-Z, 0-9, _ and - only, or rename it over the API"
        );
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

/// What can be looked at; nothing before the first start.
async fn open(config: Config) -> Result<Option<Arc<AppState>>, Sick> {
    let sick = |problem: &dyn Display| {
        println!("problem  {problem}");
        Sick
    };
    match config.signing.find(&config.storage_path) {
        Ok(Some(_)) => println!("ok       there is a signing secret"),
        Ok(None) => println!("note     there is no signing secret yet: the first start makes one"),
        Err(error) => return Err(sick(&Chain(&error))),
    }
    let damage = damage(&config)
        .await
        .map_err(|error| sick(&Chain(&error)))?;
    for line in &damage {
        println!("problem  the database is damaged: {line}");
    }
    if !damage.is_empty() {
        println!("problem  stop the server, keep what is there, and restore the last backup");
        return Err(Sick);
    }
    let is_ours = !config.gateway.is_on();
    let file = config.sqlite_file();
    match look(config, Clock::system()).await {
        Ok(Some(app)) => Ok(Some(app)),
        Ok(None) if is_ours => {
            println!("note     there is no database yet: the first start makes it");
            Ok(None)
        }
        Ok(None) => Err(sick(&format_args!(
            "there is no database {}: give the same DB_* and STORAGE_PATH as NocoBase has",
            file.display()
        ))),
        Err(error) => Err(sick(&Chain(&error))),
    }
}

/// What is missing where a proxy stands in front, which nobody can see from here.
fn address_hints(http: &Http) -> Vec<&'static str> {
    let no_url = "APP_PUBLIC_URL is not set: behind a proxy that ends TLS, or passes on another Host than \
                  browsers use, sign-ins are refused with «Invalid sign-in origin»; set it to the address in \
                  the browser, such as https://nocobase.example.com";
    let no_proxies = "TRUSTED_PROXIES names nobody: everybody who comes through a proxy counts as one \
                      address, and a few wrong passwords shut all of them out; set it to the proxy's address";
    let mut hints = Vec::new();
    if http.app_public_url.is_none() {
        hints.push(no_url);
    }
    if http.trusted_proxies.is_empty() {
        hints.push(no_proxies);
    }
    hints
}

/// One that cannot be used keeps only its own people out, so it does not make the server sick.
fn tell(authenticator: &Inspected) {
    let (provider, name) = (authenticator.provider, &authenticator.name);
    match &authenticator.problem {
        Some(problem) => println!("problem  {provider} authenticator {name}: {problem}"),
        None if authenticator.is_enabled => {
            println!("ok       {provider} authenticator {name} is enabled and complete");
        }
        None => println!("note     {provider} authenticator {name} is complete and not enabled"),
    }
    if authenticator.foreign_bindings > 0 {
        println!(
            "note     {provider} authenticator {name}: {} accounts were bound by another program; they are \
             found when their uuid is what «Bind accounts by» names",
            authenticator.foreign_bindings
        );
    }
}

/// What is found at the NocoBase behind us.
async fn look_behind(
    app: &AppState,
    upstream: &UpstreamUrl,
) -> Result<(), Box<dyn std::error::Error>> {
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
            check::Finding::OtherVersion(..) | check::Finding::EnabledInNocoBase(..)
        )
    };
    if findings.iter().all(harmless) {
        return Ok(());
    }
    Err(Sick.into())
}
