//! What can go wrong in the store.

use landfall_domain::member::Source;
use thiserror::Error;

/// A failure of the store. Absence is never an error: look-ups answer `Option`.
#[derive(Debug, Error)]
pub enum Error {
    /// The engine is overloaded or locked by somebody else; the same call may succeed later.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database cannot be reached. A write that was under way may or may not have been committed.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// A unique constraint refused the write; named `table_column[_column]` on both engines.
    #[error("the constraint {constraint} is violated")]
    Conflict {
        /// Name of the constraint.
        constraint: String,
    },
    /// What something was to be recorded in was deleted since it was looked up: nobody would see the record, and nothing
    /// would delete it.
    #[error("the {} was deleted", .0.as_str())]
    Gone(Source),
    /// A stored value that this version cannot have written.
    #[error("the database holds a value that cannot be read: {what}")]
    Corrupt {
        /// What was read, and where.
        what: String,
    },
    /// Two transactions got in each other's way; the store repeats the work, callers never see this.
    #[error("the transaction must be repeated: {0}")]
    Retry(String),
    /// The database was made by a newer version or by another program, or its engine is too old, or its address leads
    /// nowhere. Trying again does not help.
    #[error("{0}")]
    Refused(String),
    /// Anything else that the engine says.
    #[error("the database engine failed: {0}")]
    Engine(String),
}

impl Error {
    pub(crate) fn corrupt(what: impl Into<String>) -> Error {
        Error::Corrupt { what: what.into() }
    }

    /// Whether the connection is of no further use.
    pub(crate) fn is_disconnect(&self) -> bool {
        matches!(self, Error::Unavailable(_))
    }

    /// Whether this is the unique constraint of that name.
    #[must_use]
    pub fn is_conflict_on(&self, name: &str) -> bool {
        matches!(self, Error::Conflict { constraint } if constraint == name)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        use rusqlite::ffi::{ErrorCode, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return Error::Engine(error.to_string());
        };
        let text = message.clone().unwrap_or_else(|| error.to_string());
        match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Busy(text),
            ErrorCode::ConstraintViolation
                if matches!(
                    failure.extended_code,
                    SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY
                ) =>
            {
                Error::Conflict {
                    constraint: sqlite_constraint(&text),
                }
            }
            ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::DiskFull | ErrorCode::ReadOnly => {
                Error::Unavailable(text)
            }
            ErrorCode::NotADatabase => Error::Refused(text),
            ErrorCode::DatabaseCorrupt => Error::Corrupt { what: text },
            _ => Error::Engine(text),
        }
    }
}

/// `UNIQUE constraint failed: environments.project_id, environments.name` becomes `environments_project_id_name`,
/// `... failed: index 'users_username'` becomes `users_username`: the names of the indexes, as PostgreSQL tells them.
fn sqlite_constraint(text: &str) -> String {
    let list = text.rsplit_once(": ").map_or(text, |(_, list)| list);
    if let Some(index) = list.strip_prefix("index '") {
        return index.trim_end_matches('\'').to_owned();
    }
    let mut name = String::new();
    for column in list.split(", ") {
        let (table, column) = column.split_once('.').unwrap_or(("", column));
        if name.is_empty() {
            name.push_str(table);
        }
        name.push('_');
        name.push_str(column);
    }
    name
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Error {
        use postgres::error::SqlState;
        let Some(db) = error.as_db_error() else {
            // Without an answer of the server it is the connection that failed, or a value that does not fit.
            return if error.is_closed()
                || std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
            {
                Error::Unavailable(chain(&error))
            } else {
                Error::Engine(chain(&error))
            };
        };
        let text = db.message().to_owned();
        match *db.code() {
            SqlState::UNIQUE_VIOLATION => Error::Conflict {
                constraint: db.constraint().unwrap_or("unknown").to_owned(),
            },
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Error::Retry(text),
            SqlState::LOCK_NOT_AVAILABLE | SqlState::TOO_MANY_CONNECTIONS | SqlState::QUERY_CANCELED => {
                Error::Busy(text)
            }
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::DATABASE_DROPPED
            | SqlState::IDLE_SESSION_TIMEOUT
            | SqlState::OUT_OF_MEMORY
            | SqlState::IO_ERROR
            | SqlState::DISK_FULL
            | SqlState::READ_ONLY_SQL_TRANSACTION
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Error::Unavailable(text),
            _ => Error::Engine(format!("{text} ({})", db.code().code())),
        }
    }
}

/// An error with its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::sqlite_constraint;

    #[test]
    fn constraints_have_the_same_names_as_in_postgresql() {
        let two_columns = "UNIQUE constraint failed: environments.project_id, environments.name";
        assert_eq!(sqlite_constraint(two_columns), "environments_project_id_name");
        assert_eq!(
            sqlite_constraint("UNIQUE constraint failed: index 'users_username'"),
            "users_username"
        );
    }
}
