//! Why a remote repository could not be copied.

use std::time::Duration;

/// Why a copy was not brought up to date; what it had before, it has still.
///
/// The [`Display`](std::fmt::Display) text is for operators; [`FetchError::public_text`] is for whoever looks after the
/// project. Neither holds credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is none of a remote.
    #[error("the address {0}")]
    Address(String),
    /// The server's credentials cannot be read.
    #[error("{0}")]
    Credentials(String),
    /// The remote's address, or one that it redirects to, is not to be connected to.
    #[error("{0}")]
    Refused(String),
    /// No complete answer came.
    #[error("{0}")]
    NoAnswer(String),
    /// The remote said nothing for so long.
    #[error("the remote was silent for {0:?}")]
    Silent(Duration),
    /// Everything together took longer than it may.
    #[error("the copy took more than {0:?}")]
    TooSlow(Duration),
    /// The remote does not let us in.
    #[error("the remote answered {status}, {}", if *.with_credentials { "with our credentials" } else { "without credentials" })]
    Denied {
        /// 401 or 403.
        status: u16,
        /// Whether there were credentials for it.
        with_credentials: bool,
    },
    /// There is no repository; forges say so as well to those who may not see it.
    #[error("the remote answered 404, {}", if *.with_credentials { "with our credentials" } else { "without credentials" })]
    Missing {
        /// Whether there were credentials for it.
        with_credentials: bool,
    },
    /// Another status.
    #[error("the remote answered {0}")]
    Status(u16),
    /// A redirect that is not followed: too many, to another kind of address, or in the middle of it.
    #[error("the remote redirects to where it is not followed")]
    Redirect,
    /// It has more bytes than a copy may.
    #[error("the repository has more than {0} bytes")]
    TooLarge(u64),
    /// It lists more branches and tags than can be held in memory.
    #[error("the repository has too many refs")]
    TooManyRefs,
    /// What came is not what a git server sends; the text tells more.
    #[error("the remote cannot be understood: {0}")]
    Protocol(String),
    /// The copy could not be written.
    #[error("the copy cannot be written: {0}")]
    Disk(String),
    /// Another process works on this copy.
    #[error("another process works on the copy")]
    Taken,
    /// The server stops.
    #[error("interrupted")]
    Interrupted,
}

impl FetchError {
    /// A text for whoever looks after the project; it says nothing of the server's network and disk.
    #[must_use]
    pub fn public_text(&self) -> String {
        match self {
            Self::Address(_) => "The address is none of a remote repository".to_owned(),
            Self::Credentials(_) => "The server cannot read its credentials".to_owned(),
            Self::Refused(_) => "The address is not a public one, and the server does not reach others".to_owned(),
            Self::NoAnswer(_) => "The remote did not answer".to_owned(),
            Self::Silent(_) => "The remote stopped answering".to_owned(),
            Self::TooSlow(_) => "The remote is too slow".to_owned(),
            Self::Denied {
                status,
                with_credentials,
            } => {
                format!("The remote answered {status}: {}", denied(*with_credentials))
            }
            Self::Missing { with_credentials } => format!(
                "The remote answered 404: there is no such repository, or {}",
                denied(*with_credentials)
            ),
            Self::Status(status) => format!("The remote answered {status}"),
            Self::Redirect => "The remote redirects to where it is not followed".to_owned(),
            Self::TooLarge(most) => format!("The repository is larger than {most} bytes"),
            Self::TooManyRefs => "The repository has too many branches and tags".to_owned(),
            Self::Protocol(_) => "The remote is no git server, or not one that is understood".to_owned(),
            Self::Disk(_) => "The copy could not be written".to_owned(),
            Self::Taken | Self::Interrupted => "The copy was interrupted".to_owned(),
        }
    }
}

const fn denied(with_credentials: bool) -> &'static str {
    if with_credentials {
        "the server's credentials do not open it"
    } else {
        "it needs credentials, and the server has none for it"
    }
}
