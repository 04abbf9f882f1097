//! The part of `doctor` about the settings: where they come from, whether the ports are free, and
//! who owns the storage folder.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::UnhealthyError;
use super::report::{Report, program, with_settings};
use crate::config::dotenv::Dotenv;
use crate::config::{Config, Dialect, Http, SigningSecret};
use crate::shell_word::quoted;

/// The port at which NocoBase listens by default.
const USUAL_PORT: u16 = 13000;

/// Reports where the settings come from.
pub fn origin(report: &Report, config: &Config, file: Option<&Dotenv>) {
    match file {
        Some(file) => report.ok(format_args!(
            "the settings can be read: {} and the environment",
            file.path().display()
        )),
        None => report.ok("the settings can be read: the environment alone"),
    }
    if file.is_none() && config.gateway.is_on() {
        report.note(
            "there is no .env in this folder or above: run this in the folder of NocoBase's .env, or give the same \
             settings",
        );
    }
}

/// Reports what is missing if there is a proxy in front, which cannot be seen from here.
pub fn addresses(report: &Report, http: &Http) {
    if http.app_public_url.is_none() {
        report.note(
            "APP_PUBLIC_URL is not set: behind a proxy that ends TLS, or passes on another Host than browsers use, \
             sign-ins are refused with «Invalid sign-in origin»; set it to the address in the browser, such as \
             https://nocobase.example.com",
        );
    }
    if http.trusted_proxies.is_empty() {
        report.note(
            "TRUSTED_PROXIES names nobody: everybody who comes through a proxy counts as one address, and a few \
             wrong passwords shut all of them out; set it to the proxy's address",
        );
    }
}

/// The port in NocoBase's settings.
pub fn port_of_nocobase(file: Option<&Dotenv>) -> u16 {
    let port = file.and_then(|file| file.value("APP_PORT")?.parse().ok());
    port.unwrap_or(USUAL_PORT)
}

/// Checks that the gateway and NocoBase use different ports.
pub fn ports(
    report: &mut Report,
    config: &Config,
    file: Option<&Dotenv>,
) -> Result<(), UnhealthyError> {
    let listen = config.http.listen();
    let same = config
        .gateway
        .upstreams()
        .iter()
        .any(|url| url.is_at(listen));
    if !same {
        return Ok(());
    }
    let theirs = port_of_nocobase(file);
    if listen.port() == theirs {
        report.problem(format_args!(
            "APP_PORT is {theirs}, at which NocoBase itself listens: the gateway needs a port of its own"
        ));
        report.suggest(with_settings([("APP_PORT", free_port(theirs).as_str())]));
    } else {
        report.problem(format_args!(
            "NOCOBASE_UPSTREAM_URL leads to port {}, at which this gateway itself listens (APP_PORT)",
            listen.port()
        ));
        let url = format!("http://127.0.0.1:{theirs}");
        report.suggest(with_settings([("NOCOBASE_UPSTREAM_URL", url.as_str())]));
    }
    Err(UnhealthyError)
}

/// A port for a gateway on the same machine.
pub fn free_port(theirs: u16) -> String {
    theirs.checked_add(1).unwrap_or(USUAL_PORT).to_string()
}

/// Checks that this server can read NocoBase's files, and that NocoBase can read what this server
/// writes. Nothing is written here.
pub fn storage(report: &mut Report, config: &Config) -> Result<(), UnhealthyError> {
    if !config.gateway.is_on() {
        return Ok(());
    }
    let folder = &config.storage_path;
    let found = match fs::metadata(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            report.problem(format_args!(
                "{} cannot be looked at: run this as the user as whom NocoBase runs",
                folder.display()
            ));
            return Err(UnhealthyError);
        }
        Err(_) => {
            report.note(format_args!(
            "there is no folder {}: STORAGE_PATH is NocoBase's storage folder, which may hold the signing secret",
            folder.display()
        ));
            return Ok(());
        }
    };
    let (owner, we) = (found.uid(), user());
    if let Some(file) = out_of_reach(config) {
        report.problem(format_args!(
            "{} cannot be used: it belongs to {}, and this runs as {}",
            file.display(),
            name_of(owner),
            we.map_or_else(|| "somebody else".to_owned(), name_of)
        ));
        report.suggest(as_user(owner));
        return Err(UnhealthyError);
    }
    if we.is_some_and(|we| we == 0 && owner != 0) {
        report.note(format_args!(
            "{} belongs to {}, and this runs as root: what the gateway writes there NocoBase could not read; run it \
             as {}",
            folder.display(),
            name_of(owner),
            name_of(owner)
        ));
    }
    Ok(())
}

/// A file that the gateway needs and cannot use.
fn out_of_reach(config: &Config) -> Option<PathBuf> {
    let denied = |path: &Path, options: &mut OpenOptions| {
        let refused = options.open(path).err();
        refused.is_some_and(|error| error.kind() == ErrorKind::PermissionDenied)
    };
    let secret = SigningSecret::file(&config.storage_path);
    if denied(&secret, OpenOptions::new().read(true)) {
        return Some(secret);
    }
    let database = config.sqlite_file();
    // Opening the file for writing changes nothing. If it cannot be written, opening fails.
    let is_file = config.database.dialect == Dialect::Sqlite;
    let closed = is_file && denied(&database, OpenOptions::new().read(true).write(true));
    closed.then_some(database)
}

/// The user under which this process runs.
fn user() -> Option<u32> {
    Some(fs::metadata("/proc/self").ok()?.uid())
}

/// The name of a user, or the number if there is no name.
fn name_of(user: u32) -> String {
    let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = known.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == user.to_string()).then(|| name.to_owned())
    });
    // `sudo` accepts a number in this form.
    name.unwrap_or_else(|| format!("#{user}"))
}

fn as_user(user: u32) -> String {
    let name = name_of(user);
    format!(
        "sudo --preserve-env -u {} {}",
        quoted(&name),
        program("doctor")
    )
}
