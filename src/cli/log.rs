//! The log of the program.

use std::fmt::Arguments;

use env_logger::{Builder, Env, Logger};
use log::{Level, Log, Metadata, Record, SetLoggerError};

use crate::domain::audit;
use crate::edge::{request_id, request_log};

/// Starts to write the log to standard error, filtered by `RUST_LOG`.
pub(super) fn start() -> Result<(), SetLoggerError> {
    let writer = Builder::from_env(Env::default().default_filter_or("info")).build();
    log::set_max_level(writer.filter());
    log::set_boxed_logger(Box::new(Weighed(writer)))
}

/// A logger that lowers the level of unimportant lines of libraries, and adds the request id to
/// each line that is written for a request.
struct Weighed(Logger);

impl Weighed {
    fn write(&self, record: &Record<'_>, text: Arguments<'_>) {
        let line = Record::builder()
            .level(weight(record))
            .target(record.target())
            .args(text)
            .build();
        self.0.log(&line);
    }
}

impl Log for Weighed {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.0.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        // The line about the request itself begins with its id, and a record ends with it.
        let has_id = [request_log::TARGET, audit::TARGET].contains(&record.target());
        let request = request_id::current().filter(|_| !has_id);
        match request.as_ref().and_then(|id| id.to_str().ok()) {
            Some(id) => self.write(record, format_args!("{} request={id}", record.args())),
            None => self.write(record, *record.args()),
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}

/// The level of a line, by its importance for an operator.
fn weight(record: &Record<'_>) -> Level {
    let target = record.target();
    let starts = |prefix| target.starts_with(prefix);
    let level = record.level();
    // Libraries write these at each start and end, such as the number of threads and the tables
    // that exist.
    let of_starts = [
        "actix_server",
        "sea_orm_migration",
        "sqlx::postgres::notice",
    ];
    let routine = level == Level::Info && of_starts.into_iter().any(starts);
    if routine || (level == Level::Error && starts("actix_http::h1") && is_of_client(record)) {
        return Level::Debug;
    }
    level
}

/// Whether a line is about a client that sent something other than HTTP, or disconnected. Anybody
/// could fill the log with such lines.
fn is_of_client(record: &Record<'_>) -> bool {
    record.args().to_string().starts_with("stream error: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighed(level: Level, target: &str, args: Arguments<'_>) -> Level {
        weight(
            &Record::builder()
                .level(level)
                .target(target)
                .args(args)
                .build(),
        )
    }

    #[test]
    fn libraries_are_no_louder_than_they_deserve() {
        let server = "actix_server::builder";
        assert_eq!(
            weighed(Level::Info, server, format_args!("starting 2 workers")),
            Level::Debug
        );
        assert_eq!(
            weighed(Level::Error, server, format_args!("cannot accept")),
            Level::Error
        );
        let dispatcher = "actix_http::h1::dispatcher";
        let parse = format_args!("stream error: request parse error: invalid URI");
        assert_eq!(weighed(Level::Error, dispatcher, parse), Level::Debug);
        let internal = format_args!("Internal server error: unexpected eof");
        assert_eq!(weighed(Level::Error, dispatcher, internal), Level::Error);
        assert_eq!(
            weighed(Level::Info, "nocobase_dingtalk", format_args!("stopping")),
            Level::Info
        );
    }
}
