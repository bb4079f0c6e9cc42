//! Who we are to remote servers.

use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use landfall_net::{Url, header::HeaderValue};

use super::remote::origin_of;

/// Names and passwords for remote servers, in the format of `git credential-store`: a line
/// `https://user:password@host/path` for each, with `%` and two hex digits for what an address cannot hold. Empty lines and
/// those that begin with `#` are passed over.
///
/// A line holds for its scheme, host and port and, if it has a path, for what is below that path. Where several do, the one
/// with the longest path is taken, the first of equal ones.
#[derive(Clone, Default)]
pub struct Credentials(Vec<Entry>);

#[derive(Clone)]
struct Entry {
    /// Without name and password.
    place: Url,
    header: HeaderValue,
}

/// Why credentials cannot be used. What stands in them is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// A line that is none of credentials, by its number from 1.
    #[error("line {0} of the git credentials is not https://USER:PASSWORD@HOST or https://USER:PASSWORD@HOST/PATH")]
    BadLine(usize),
    /// The file cannot be read.
    #[error("the git credentials in {path} cannot be read: {cause}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// The file is not its owner's alone.
    #[error("other users may read the git credentials in {path}: chmod 600 {path}", path = .0.display())]
    OpenToOthers(PathBuf),
}

impl Credentials {
    /// Reads them from a file, which nobody but its owner may read.
    pub fn read(path: &Path) -> Result<Credentials, CredentialsError> {
        let failed = |error: io::Error| CredentialsError::File {
            path: path.to_owned(),
            cause: error.to_string(),
        };
        let mut file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(CredentialsError::OpenToOthers(path.to_owned()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        Credentials::parse(&text)
    }

    /// Reads them from a text.
    pub fn parse(text: &str) -> Result<Credentials, CredentialsError> {
        let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
        let filled = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let entries = filled.map(|(line, text)| entry(text).ok_or(CredentialsError::BadLine(line)));
        entries.collect::<Result<_, _>>().map(Credentials)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What `Authorization` is to be for an address.
    pub(super) fn header_for(&self, url: &Url) -> Option<&HeaderValue> {
        let holds = |entry: &&Entry| origin_of(&entry.place) == origin_of(url) && is_below(url.path(), entry.path());
        let entries = self.0.iter().filter(holds);
        // Of equal ones the last is the maximum.
        entries
            .rev()
            .max_by_key(|entry| entry.path().len())
            .map(|entry| &entry.header)
    }
}

impl Entry {
    fn path(&self) -> &str {
        self.place.path().trim_end_matches('/')
    }
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn entry(line: &str) -> Option<Entry> {
    let mut place = Url::parse(line).ok()?;
    let is_plain = matches!(place.scheme(), "http" | "https")
        && place.has_host()
        && place.query().is_none()
        && place.fragment().is_none();
    if !is_plain || place.username().is_empty() {
        return None;
    }
    let user = decoded(place.username())?;
    let password = decoded(place.password()?)?;
    // A colon would end the name (RFC 7617).
    if user.contains(':') {
        return None;
    }
    let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    let mut header = HeaderValue::from_str(&basic).ok()?;
    header.set_sensitive(true);
    place.set_password(None).ok()?;
    place.set_username("").ok()?;
    Some(Entry { place, header })
}

fn decoded(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

impl fmt::Debug for Credentials {
    /// The places alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|entry| entry.place.as_str()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_for(credentials: &Credentials, url: &str) -> Option<String> {
        let header = credentials.header_for(&url.parse().unwrap())?.to_str().unwrap();
        let text = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
        Some(String::from_utf8(text).unwrap())
    }

    #[test]
    fn a_line_holds_for_its_place() {
        let text = "# ours\n\nhttps://any:one@git.example\nhttps://team:two@git.example/team/\nhttps://late:x@git.example/team\n\
                    http://plain:p%40ss%3Aword@git.example:8080\n";
        let credentials = Credentials::parse(text).unwrap();
        let user = |url| user_for(&credentials, url);
        assert_eq!(user("https://git.example/a.git/info/refs").as_deref(), Some("any:one"));
        assert_eq!(user("https://GIT.example:443/a").as_deref(), Some("any:one"));
        assert_eq!(user("https://git.example/team/a.git").as_deref(), Some("team:two"));
        assert_eq!(user("https://git.example/team").as_deref(), Some("team:two"));
        assert_eq!(user("https://git.example/teams/a.git").as_deref(), Some("any:one"));
        assert_eq!(user("https://git.example/team/../a.git").as_deref(), Some("any:one"));
        assert_eq!(user("http://git.example:8080/a").as_deref(), Some("plain:p@ss:word"));
        for elsewhere in [
            "http://git.example/a.git",
            "https://git.example:8443/a.git",
            "https://git.example.org/a.git",
            "https://sub.git.example/a.git",
        ] {
            assert_eq!(user(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_wrong_line_is_told_by_its_number_alone() {
        for wrong in [
            "git.example",
            "https://git.example",
            "https://user@git.example",
            "https://:secret@git.example",
            "ssh://user:secret@git.example",
            "https://a%3Ab:secret@git.example",
            "https://user:%ff@git.example",
            "https://user:secret@git.example/?q",
            "user:secret",
        ] {
            let error = Credentials::parse(&format!("https://u:p@fine.example\n{wrong}")).unwrap_err();
            assert_eq!(error, CredentialsError::BadLine(2), "{wrong}");
            assert!(!error.to_string().contains("secret"), "{wrong}");
        }
        let credentials = Credentials::parse("https://user:secret@git.example/a").unwrap();
        let shown = format!("{credentials:?}");
        assert_eq!(shown, "[\"https://git.example/a\"]");
        assert!(Credentials::parse(" \n# nothing\n").unwrap().is_empty());
    }
}
