//! The log, on standard error.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use crate::failure::Failure;

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub(crate) struct LogConfig {
    /// Format of the lines.
    pub(crate) format: LogFormat,
    /// `info`, or a filter such as `warn,landfall_store=debug`.
    pub(crate) level: String,
}

/// Starts the log of this process.
pub(crate) fn start(config: &LogConfig) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.level).map_err(|error| {
        Failure::usage(format!(
            "'{}' is no log level: {error}; use error, warn, info, debug, trace or a list such as \
             info,landfall_store=debug",
            config.level
        ))
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        // A failed line would be reported on standard error too, with a panic if nobody reads that any longer. It is better
        // to lose a line than the request or the signal that it tells of.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal());
    let started = match config.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
    };
    started.map_err(|error| Failure::failed(format!("cannot start the log: {error}")))
}
