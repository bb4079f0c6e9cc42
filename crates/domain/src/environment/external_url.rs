//! Where an environment can be seen (neighbours, 1.3): nearly anything, for it may hold variables, but nothing that runs
//! when a page links to it, and nothing that no reader of URIs can take apart.

use thiserror::Error;

/// The most characters of an address.
const LONGEST: usize = 255;

/// What is wrong with an address. The texts are GitLab's and are made to follow the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UrlError {
    /// Over 255 characters.
    #[error("is too long (maximum is {LONGEST} characters)")]
    TooLong,
    /// It cannot be taken apart.
    #[error("URI is invalid")]
    Invalid,
    /// It would run a script.
    #[error("{0} scheme is not allowed")]
    Scheme(&'static str),
}

/// Checks an address that is not empty. Absent is the scheme as well as the host where none is told: `example.com`,
/// `$URL` and `custom://x` are fine.
pub fn check_external_url(url: &str) -> Result<(), UrlError> {
    if url.chars().count() > LONGEST {
        return Err(UrlError::TooLong);
    }
    if url.chars().any(char::is_control) {
        return Err(UrlError::Invalid);
    }
    // Browsers pass over blanks in front of a scheme.
    let (scheme, rest) = split_scheme(url.trim_start());
    let refused = ["javascript", "data", "vbscript"];
    if let Some(scheme) = refused
        .into_iter()
        .find(|word| scheme.is_some_and(|s| s.eq_ignore_ascii_case(word)))
    {
        return Err(UrlError::Scheme(scheme));
    }
    let begins_well = scheme.is_none() || !url.starts_with(char::is_whitespace);
    if begins_well && scheme.is_none_or(is_scheme) && has_place(scheme, rest) {
        Ok(())
    } else {
        Err(UrlError::Invalid)
    }
}

/// What stands before the first `:`, unless a path, a query or a fragment has begun there.
fn split_scheme(url: &str) -> (Option<&str>, &str) {
    match url.find([':', '/', '?', '#']) {
        Some(at) if at > 0 && url[at..].starts_with(':') => (Some(&url[..at]), &url[at + 1..]),
        _ => (None, url),
    }
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || ".+-".contains(c))
}

/// Whether host and port can be what they claim to be; addresses of the web need a host or at least a path.
fn has_place(scheme: Option<&str>, rest: &str) -> bool {
    let is_web = scheme.is_some_and(|scheme| ["http", "https"].iter().any(|word| scheme.eq_ignore_ascii_case(word)));
    let Some(rest) = rest.strip_prefix("//") else {
        return !is_web || !rest.is_empty() && !rest.starts_with(['?', '#']);
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (place, ""),
    };
    let host_fits = !host.chars().any(|c| c.is_whitespace() || "<>{}\\\"".contains(c));
    let port_fits = port.len() <= 5 && port.chars().all(|c| c.is_ascii_digit());
    host_fits && port_fits && (!is_web || !host.is_empty() || path.starts_with('/'))
}
