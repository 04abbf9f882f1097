//! The command `backup`, which copies everything that cannot be created again.

use std::path::PathBuf;

use clap::Args;

use super::output::tell;
use super::signal::StopRequest;
use crate::backup::save;
use crate::config::Config;

/// The arguments of `backup`.
#[derive(Args, Debug)]
pub struct BackupArguments {
    /// The folder for the copy: empty, or not there yet.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    config: Config,
}

/// The operator has stopped the command.
#[derive(Debug, thiserror::Error)]
#[error("stopped; there is no copy")]
struct Stopped;

/// Makes the copy. When it is stopped, it leaves nothing behind.
pub async fn run(arguments: BackupArguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut stop = StopRequest::listen()?;
    let saved = tokio::select! {
        saved = save(&arguments.config, &arguments.folder) => saved?,
        () = stop.comes() => return Err(Stopped.into()),
    };
    for file in &saved.files {
        tell!("{}", file.display());
    }
    for note in &saved.notes {
        tell!("note: {note}");
    }
    Ok(())
}
