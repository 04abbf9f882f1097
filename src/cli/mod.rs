//! The commands of the program.

mod backup;
#[cfg(feature = "standalone")]
mod demo;
mod directory;
mod doctor;
mod log;
mod migrate;
mod nocobase;
mod output;
#[cfg(feature = "standalone")]
mod sandbox;
mod serve;
mod signal;

use std::process::ExitCode;

use clap::builder::Resettable;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::chain::Chain;
use crate::config::Config;
use crate::config::dotenv::{self, Dotenv};

/// DingTalk sign-in for NocoBase.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(Box<Config>),
    #[cfg(feature = "standalone")]
    /// Try everything: a server with a DingTalk authenticator, and a simulated DingTalk.
    Demo(Box<demo::DemoArguments>),
    #[cfg(feature = "standalone")]
    /// Run only the sandbox, a simulation of DingTalk's open platform.
    #[command(after_help = dingtalk_sandbox::GUIDE)]
    Sandbox(dingtalk_sandbox::Arguments),
    /// Apply missing migrations to the database, or list them.
    Migrate(Box<migrate::MigrateArguments>),
    /// Copy database, signing secret and encryption key into a folder while the server runs.
    Backup(Box<backup::BackupArguments>),
    /// Preview a synchronization of the directory, or run it.
    Directory(Box<directory::DirectoryArguments>),
    /// Check settings, database, signing secret and NocoBase, and say what to do; nothing is changed.
    Doctor(Box<Config>),
}

/// Runs the program.
pub fn main() -> ExitCode {
    // There need not be a file, but a broken one must not be ignored.
    let file = match dotenv::load() {
        Ok(file) => file,
        Err(error) => {
            eprintln!("error: .env cannot be read: {}", Chain(&error));
            return ExitCode::FAILURE;
        }
    };
    let cli = match Cli::from_arg_matches(&ignoring_empty(Cli::command()).get_matches()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    if let Err(error) = log::start() {
        eprintln!("error: {}", Chain(&error));
        return ExitCode::FAILURE;
    }
    match actix_web::rt::System::new().block_on(run(cli.command, file)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", Chain(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Treats empty variables as unset, because `.env` files often contain them.
fn ignoring_empty(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| {
            let empty = |name| std::env::var_os(name).is_some_and(|value| value.is_empty());
            if arg.get_env().is_some_and(empty) {
                arg.env(Resettable::Reset)
            } else {
                arg
            }
        })
        .mut_subcommands(ignoring_empty)
}

async fn run(
    command: Command,
    file: Option<Dotenv>,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match command {
        Command::Serve(config) => serve::run(*config).await?,
        #[cfg(feature = "standalone")]
        Command::Demo(arguments) => Box::pin(demo::run(*arguments)).await?,
        #[cfg(feature = "standalone")]
        Command::Sandbox(arguments) => sandbox::run(arguments).await?,
        Command::Migrate(arguments) => migrate::run(*arguments).await?,
        Command::Backup(arguments) => backup::run(*arguments).await?,
        Command::Directory(arguments) => Box::pin(directory::run(*arguments)).await?,
        Command::Doctor(config) => return Ok(Box::pin(doctor::run(*config, file)).await),
    }
    Ok(ExitCode::SUCCESS)
}
