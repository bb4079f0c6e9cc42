//! Why a request got no answer.

use crate::reach::Refused;

/// Why a request got no answer. None of them holds a header or a query of the request.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client could not be set up.
    #[error("the HTTP client cannot be set up")]
    Setup(#[source] reqwest::Error),
    /// TLS could not be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// The address is `https`, and the machine trusts no certificate at all.
    #[error("this machine has no trusted certificates; install them, or name a file of them in SSL_CERT_FILE")]
    NoCertificates,
    /// The address is neither `http` nor `https`, or has a user or password in it.
    #[error("only http and https addresses without a user or password can be reached")]
    Address,
    /// The place is not in the client's reach. Nothing was sent.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No complete answer came: no connection, a time-out, a connection that broke.
    #[error("no answer")]
    Transport(#[source] reqwest::Error),
    /// The server said nothing for this long.
    #[error("the server was silent for {0:?}")]
    Silent(std::time::Duration),
    /// The answer is longer than the caller reads.
    #[error("the answer has more than {0} bytes")]
    TooLong(usize),
}

impl Error {
    /// What the network said, told apart from a refusal by the client's own reach.
    pub(crate) fn transport(error: reqwest::Error) -> Error {
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            if let Some(refused) = error.downcast_ref::<Refused>() {
                return Error::Refused(refused.clone());
            }
            cause = error.source();
        }
        Error::Transport(error.without_url())
    }
}
