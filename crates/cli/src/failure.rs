//! How a command fails: one sentence that says what is wrong and what to do next, and an exit code.

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use landfall_server::ops::Refusal;
use landfall_store::{DatabaseUrl, Error};

/// Why a command did not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command cannot be meant so: exit code 2, as for what the parser of arguments refuses.
    Usage(String),
    /// The command could not be carried out: exit code 1.
    Failed(String),
    /// Whoever reads the output has gone away, which is how `| head` ends: exit code 0.
    NoReader,
}

impl Failure {
    pub(crate) fn usage(text: impl Into<String>) -> Failure {
        Failure::Usage(text.into())
    }

    pub(crate) fn failed(text: impl Into<String>) -> Failure {
        Failure::Failed(text.into())
    }

    /// A failure of the store, told with the address of the database.
    pub(crate) fn store(error: &Error, database: &DatabaseUrl) -> Failure {
        let next = match (error, database) {
            (Error::Busy(_), _) => "try again",
            (Error::Unavailable(_), DatabaseUrl::Postgres(_)) => {
                "check that PostgreSQL runs there and that --database-url is right"
            }
            (Error::Unavailable(_), DatabaseUrl::Sqlite(_)) => {
                "check that its directory exists, has space, and may be written by this user, or name another with \
                 --data-dir or --database-url"
            }
            (Error::Corrupt { .. }, _) => "run `landfall doctor`",
            (Error::Refused(_), _) => return Failure::Failed(error.to_string()),
            _ => "run `landfall doctor`, and report this if it finds nothing",
        };
        Failure::Failed(format!("{database}: {error}; {next}"))
    }

    /// A command that was refused; `missing` tells what is not there, if that is why.
    pub(crate) fn refusal(refusal: &Refusal, database: &DatabaseUrl) -> Failure {
        match refusal {
            Refusal::Store(error) => Failure::store(error, database),
            other => Failure::Failed(other.to_string()),
        }
    }

    /// Tells it on standard error and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let code = match self {
            Failure::Usage(_) => 2,
            Failure::Failed(_) => 1,
            Failure::NoReader => return ExitCode::SUCCESS,
        };
        // Where standard error is closed, the exit code has to do.
        let _ = writeln!(io::stderr(), "error: {self}");
        ExitCode::from(code)
    }
}

/// The sentence.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Failure::Usage(text) | Failure::Failed(text) => text,
            Failure::NoReader => "nobody reads the output",
        })
    }
}
