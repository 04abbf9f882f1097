//! Commands.

mod demo;
mod migrate;
mod sandbox;
mod serve;
mod signal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;

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
    /// Try it: a server with a ready DingTalk authenticator, and the sandbox in DingTalk's place.
    Demo(Box<demo::DemoArguments>),
    /// Run only the sandbox, a fake of the DingTalk open platform.
    Sandbox(dingtalk_sandbox::Arguments),
    /// Apply what is missing to the database, or show it.
    Migrate(Box<migrate::MigrateArguments>),
}

/// Runs the program.
pub fn main() -> ExitCode {
    // A file is optional; a broken one must not pass for none.
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        eprintln!("error: .env cannot be read: {error}");
        return ExitCode::FAILURE;
    }
    let cli = Cli::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    match actix_web::rt::System::new().block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Box<dyn std::error::Error>> {
    match command {
        Command::Serve(config) => serve::run(*config).await,
        Command::Demo(arguments) => demo::run(*arguments).await,
        Command::Sandbox(arguments) => sandbox::run(arguments).await,
        Command::Migrate(arguments) => migrate::run(*arguments).await,
    }
}
