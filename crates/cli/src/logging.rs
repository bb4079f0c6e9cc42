//! The log, on standard error.

mod lines;
mod text;

use std::{
    io::{self, IsTerminal},
    str::FromStr as _,
};

use clap::ValueEnum;
use tracing_subscriber::{
    Layer, Registry,
    filter::Targets,
    fmt::{
        self,
        format::{DefaultFields, Format},
        writer::BoxMakeWriter,
    },
    layer::{Layered, SubscriberExt as _},
    util::{SubscriberInitExt as _, TryInitError},
};

use self::{lines::Lines, text::Text};
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

/// When lines are written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timing {
    /// Each at once.
    AtOnce,
    /// News soon and many together, since a server has a line for each request; warnings and errors at once.
    Together,
}

/// The log of this process. What still waits is written out when it is dropped.
#[must_use]
pub(crate) struct Log(Option<Lines>);

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(lines) = &self.0 {
            lines.write_out();
        }
    }
}

/// Starts the log of this process.
pub(crate) fn start(config: &LogConfig, timing: Timing) -> Result<Log, Failure> {
    let cannot = |error: &dyn std::error::Error| Failure::failed(format!("cannot start the log: {error}"));
    let filter = Targets::from_str(&config.level).map_err(|error| {
        Failure::usage(format!(
            "'{}' is no log level: {error}; use error, warn, info, debug, trace or a list such as \
             info,landfall_store=debug",
            config.level
        ))
    })?;
    let (lines, writer) = match timing {
        Timing::AtOnce => (None, BoxMakeWriter::new(io::stderr)),
        Timing::Together => {
            let lines = Lines::start().map_err(|error| cannot(&error))?;
            (Some(lines.clone()), BoxMakeWriter::new(lines))
        }
    };
    let started = match config.format {
        LogFormat::Text => subscribe(
            filter,
            layer(writer).event_format(Text::default()).fmt_fields(text::Fields),
        ),
        LogFormat::Json => {
            let json = layer(writer).json().flatten_event(true).with_current_span(false);
            subscribe(filter, json)
        }
    };
    started.map_err(|error| cannot(&error))?;
    Ok(Log(lines))
}

/// What decides whether a line is written, below what writes it.
type Filtered = Layered<Targets, Registry>;

fn layer(writer: BoxMakeWriter) -> fmt::Layer<Filtered, DefaultFields, Format, BoxMakeWriter> {
    fmt::layer()
        .with_writer(writer)
        // A failed line would be reported on standard error too, with a panic if nobody reads that any longer. It is better
        // to lose a line than the request or the signal that it tells of.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal())
}

fn subscribe(filter: Targets, layer: impl Layer<Filtered> + Send + Sync) -> Result<(), TryInitError> {
    tracing_subscriber::registry().with(filter).with(layer).try_init()
}
