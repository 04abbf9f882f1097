//! The part of `doctor` about the NocoBase behind the gateway.

use std::path::Path;

use super::UnhealthyError;
use super::report::{Report, program, with_settings, without_settings};
use super::settings::{free_port, port_of_nocobase};
use crate::chain::Chain;
use crate::config::UpstreamUrl;
use crate::config::dotenv::Dotenv;
use crate::domain::plugin;
use crate::gateway::UnfitError;
use crate::gateway::check::{self, UpstreamFinding};
use crate::server::StartError;
use crate::shell_word::quoted;
use crate::state::AppState;

/// The settings that decide who can read a session.
const OF_SECRET: [&str; 3] = ["APP_KEY", "UNSAFE_USE_DEFAULT_JWT_SECRET", "STORAGE_PATH"];
/// The settings that decide which rows are seen.
const OF_DATABASE: [&str; 9] = [
    "DB_DIALECT",
    "DB_HOST",
    "DB_PORT",
    "DB_DATABASE",
    "DB_STORAGE",
    "DB_SCHEMA",
    "DB_TABLE_PREFIX",
    "DB_UNDERSCORED",
    "STORAGE_PATH",
];

/// Reports why the state could not be opened, and what to do about it.
pub fn unopened(report: &mut Report, error: &StartError, file: Option<&Dotenv>) {
    report.problem(Chain(error));
    match error {
        StartError::Unfit(UnfitError::Elsewhere(elsewhere)) => {
            if file.is_some() {
                other_settings(report, &OF_DATABASE, file);
            }
            let settings = elsewhere.first().iter();
            let settings = settings.map(|(name, value)| (*name, value.as_str()));
            report.suggest(with_settings(settings));
        }
        StartError::Unfit(UnfitError::PluginInstalled(name)) => {
            report.suggest(in_folder(file, &format!("yarn nocobase pm disable {name}")));
        }
        StartError::Unfit(UnfitError::NoNocoBase(_)) | StartError::Store(_) => {
            other_settings(report, &OF_DATABASE, file);
        }
        StartError::GatewayOnly => {
            let port = port_of_nocobase(file);
            let url = format!("http://127.0.0.1:{port}");
            report.suggest(with_settings([
                ("NOCOBASE_UPSTREAM_URL", url.as_str()),
                ("APP_PORT", free_port(port).as_str()),
            ]));
        }
        _ => {}
    }
}

/// Suggests unsetting variables that override NocoBase's settings, or starting in NocoBase's
/// folder.
pub fn other_settings(report: &mut Report, names: &[&str], file: Option<&Dotenv>) {
    let Some(file) = file else {
        return report.suggest(format!(
            "cd /the/folder/of/NocoBase && {}",
            program("doctor")
        ));
    };
    let winning: Vec<_> = names
        .iter()
        .copied()
        .filter(|name| file.loses(name))
        .collect();
    if !winning.is_empty() {
        report.note(format_args!(
            "{} of the environment wins over {}",
            winning.join(" and "),
            file.path().display()
        ));
        report.suggest(without_settings(&winning));
    }
}

/// Examines each NocoBase behind the gateway.
pub async fn look(
    report: &mut Report,
    app: &AppState,
    upstreams: &[UpstreamUrl],
    file: Option<&Dotenv>,
) -> Result<(), UnhealthyError> {
    let mut outcome = Ok(());
    for url in upstreams {
        let findings = check::upstream(app, url).await;
        let which = if upstreams.len() > 1 {
            format!("{url}: ")
        } else {
            String::new()
        };
        for finding in &findings {
            report.problem(format_args!("{which}{}", Chain(finding)));
            lead_on(report, finding, url, file);
        }
        let fits = findings.iter().all(is_harmless);
        if fits {
            let version = findings.iter().find_map(|finding| match finding {
                UpstreamFinding::OtherVersion(version, _) => Some(version.as_str()),
                _ => None,
            });
            report.ok(format_args!(
                "NocoBase {} at {url} shares database and signing secret",
                version.unwrap_or(plugin::NOCOBASE_VERSION)
            ));
        }
        if !fits {
            outcome = Err(UnhealthyError);
        }
    }
    outcome
}

/// Whether people can sign in in spite of the finding, because secret and database are shared.
fn is_harmless(finding: &UpstreamFinding) -> bool {
    matches!(
        finding,
        UpstreamFinding::OtherVersion(..)
            | UpstreamFinding::EnabledInNocoBase(..)
            | UpstreamFinding::PowerNotSigned(..)
    )
}

/// Suggests the command that fixes a finding.
fn lead_on(
    report: &mut Report,
    finding: &UpstreamFinding,
    url: &UpstreamUrl,
    file: Option<&Dotenv>,
) {
    match finding {
        UpstreamFinding::Unreachable(..) | UpstreamFinding::Itself(_) => {
            let port = port_of_nocobase(file);
            if file.is_some() && url.is_on_this_machine() && url.port() != Some(port) {
                let url = format!("http://127.0.0.1:{port}");
                report.suggest(with_settings([("NOCOBASE_UPSTREAM_URL", url.as_str())]));
            } else if let (UpstreamFinding::Unreachable(..), Some(start)) =
                (finding, start_of(file))
            {
                report.suggest(in_folder(file, start));
            }
        }
        UpstreamFinding::OtherSecret => other_settings(report, &OF_SECRET, file),
        UpstreamFinding::OtherDatabase => other_settings(report, &OF_DATABASE, file),
        // This is fixed on pages that the gateway serves.
        UpstreamFinding::PowerNotSigned(..) => report.suggest(program("serve")),
        UpstreamFinding::NotReady(..)
        | UpstreamFinding::OtherVersion(..)
        | UpstreamFinding::EnabledInNocoBase(..)
        | UpstreamFinding::Store(_) => {}
    }
}

/// How NocoBase is started, judging by the files beside its settings.
fn start_of(file: Option<&Dotenv>) -> Option<&'static str> {
    let folder = file?.path().parent()?;
    let has = |name: &&str| folder.join(name).is_file();
    if has(&"package.json") {
        return Some("yarn start");
    }
    let compose = ["docker-compose.yml", "docker-compose.yaml", "compose.yaml"];
    compose.iter().any(has).then_some("docker compose up -d")
}

/// A command, to be run in NocoBase's folder.
fn in_folder(file: Option<&Dotenv>, command: &str) -> String {
    match file.and_then(|file| file.path().parent()).map(Path::to_str) {
        Some(Some(folder)) => format!("cd {} && {command}", quoted(folder)),
        _ => command.to_owned(),
    }
}
