//! What can go wrong with a repository, told once for the operator and once for clients.

use std::path::{Path, PathBuf};

/// Why a question about a repository has no answer.
///
/// The [`Display`](std::fmt::Display) text is for operators and names the path; [`Error::public_text`] is for clients.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing is at the path: the repository was moved or deleted, or its disk is not mounted.
    #[error("nothing exists at {}", .path.display())]
    NotFound {
        /// Where the repository should be.
        path: PathBuf,
    },
    /// The path exists, but holds no git repository (or one that lost `HEAD`, `objects` or `refs`).
    #[error("{} is not a git repository", .path.display())]
    NotARepository {
        /// What was looked at.
        path: PathBuf,
    },
    /// The repository is there, but broken, not permitted, or of a format that is not supported.
    #[error("the git repository at {} cannot be read: {detail}", .path.display())]
    Unreadable {
        /// Where the repository is.
        path: PathBuf,
        /// The causes, outermost first, on one line.
        detail: String,
    },
    /// The answer would take more time or memory than one question may, see [`Limits`](crate::Limits).
    #[error("the question about the git repository at {} takes too much work", .path.display())]
    TooMuch {
        /// Where the repository is.
        path: PathBuf,
    },
    /// Too much work waits for the git threads already; the same call may succeed later.
    #[error("too many git look-ups are waiting")]
    Busy,
    /// The git threads have ended, as they do when the process stops.
    #[error("the git threads have stopped")]
    Stopped,
}

impl Error {
    /// A text for clients: it tells neither paths nor what is in the repository.
    #[must_use]
    pub fn public_text(&self) -> &'static str {
        match self {
            Self::NotFound { .. } | Self::NotARepository { .. } => "The repository does not exist",
            Self::Unreadable { .. } => "The repository cannot be read",
            Self::TooMuch { .. } => "The question takes too much work, ask for less",
            Self::Busy | Self::Stopped => "The server is busy, try again later",
        }
    }

    pub(crate) fn unreadable(path: &Path, detail: &str) -> Self {
        // Details may quote a broken file: keep them on one line, and short.
        let detail = detail
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(500)
            .collect();
        Self::Unreadable {
            path: path.to_owned(),
            detail,
        }
    }

    /// For the answers of gix, which are trees of causes.
    pub(crate) fn from_gix(path: &Path, error: &gix::Error) -> Self {
        let causes: Vec<String> = error.iter_errors().map(ToString::to_string).collect();
        Self::unreadable(path, &causes.join(": "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_stay_on_one_short_line() {
        let Error::Unreadable { detail, .. } =
            Error::unreadable(Path::new("/r"), &format!("a\nb\0c{}", "x".repeat(999)))
        else {
            panic!("not unreadable");
        };
        assert!(detail.starts_with("a b cxxx"), "{detail}");
        assert_eq!(detail.chars().count(), 500);
    }

    #[test]
    fn clients_do_not_learn_paths() {
        let path = PathBuf::from("/srv/secret");
        let errors = [
            Error::NotFound { path: path.clone() },
            Error::NotARepository { path: path.clone() },
            Error::unreadable(&path, "at /srv/secret/HEAD"),
            Error::TooMuch { path: path.clone() },
            Error::Busy,
            Error::Stopped,
        ];
        for error in errors {
            assert!(!error.public_text().contains("secret"), "{error}");
        }
        assert_eq!(Error::NotFound { path }.to_string(), "nothing exists at /srv/secret");
    }
}
