//! Where a remote repository is.

use std::fmt;

use landfall_net::Url;

/// The address of a repository that a mirror is a copy of: `http` or `https`, without a name or password in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RemoteUrl(Url);

/// Why a text is no address of a repository that can be mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteUrlError {
    /// It is `ssh`, `git`, `file` or a text that is no address.
    #[error("must be an http or https address, such as https://git.example.com/group/app.git")]
    Scheme,
    /// It has a name or password in it.
    #[error(
        "must not have a user or password in it: it would be stored and shown; credentials are the server's, see \
         --git-credentials-file"
    )]
    Credentials,
    /// It has a query or fragment, which repositories' addresses have not.
    #[error("must not have a query or fragment")]
    Extra,
    /// Over [`RemoteUrl::LONGEST`] bytes.
    #[error("is too long (maximum is 1024 characters)")]
    TooLong,
}

impl RemoteUrl {
    /// The most bytes of an address.
    pub const LONGEST: usize = 1024;

    /// Reads an address.
    pub fn parse(text: &str) -> Result<RemoteUrl, RemoteUrlError> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| RemoteUrlError::Scheme)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(RemoteUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RemoteUrlError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(RemoteUrlError::Extra);
        }
        if url.as_str().len() > Self::LONGEST {
            return Err(RemoteUrlError::TooLong);
        }
        Ok(RemoteUrl(url))
    }

    /// The address as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Its host, with a port that is not the scheme's own.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What decides whether two addresses are of the same server.
pub(super) fn origin_of(url: &Url) -> (&str, Option<&str>, Option<u16>) {
    (url.scheme(), url.host_str(), url.port_or_known_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_http_and_hold_no_secret() {
        let parsed = |text: &str| RemoteUrl::parse(text).map(|url| url.as_str().to_owned());
        assert_eq!(
            parsed(" https://Git.example/a.git "),
            Ok("https://git.example/a.git".to_owned())
        );
        assert_eq!(parsed("http://[::1]:8080/a/../b"), Ok("http://[::1]:8080/b".to_owned()));
        for (text, error) in [
            ("", RemoteUrlError::Scheme),
            ("/srv/git/a.git", RemoteUrlError::Scheme),
            ("git@git.example:a.git", RemoteUrlError::Scheme),
            ("ssh://git@git.example/a.git", RemoteUrlError::Scheme),
            ("git://git.example/a.git", RemoteUrlError::Scheme),
            ("file:///srv/git/a.git", RemoteUrlError::Scheme),
            ("ext::sh -c id", RemoteUrlError::Scheme),
            ("https://", RemoteUrlError::Scheme),
            ("https://user@git.example/a.git", RemoteUrlError::Credentials),
            ("https://user:secret@git.example/a.git", RemoteUrlError::Credentials),
            ("https://:secret@git.example/a.git", RemoteUrlError::Credentials),
            ("https://git.example/a.git?token=secret", RemoteUrlError::Extra),
            ("https://git.example/a.git#x", RemoteUrlError::Extra),
        ] {
            assert_eq!(parsed(text), Err(error), "{text}");
        }
        assert_eq!(
            parsed(&format!("https://h/{}", "a".repeat(1024))),
            Err(RemoteUrlError::TooLong)
        );
        let host = |text: &str| RemoteUrl::parse(text).unwrap().host();
        assert_eq!(
            (host("https://h:443/"), host("https://h:1/")),
            ("h".to_owned(), "h:1".to_owned())
        );
    }
}
