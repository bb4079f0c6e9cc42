//! Addresses of projects on a forge.

use thiserror::Error;

/// Longest address, in bytes.
const MAX_LENGTH: usize = 2_000;

/// Why a text is no address of a project on a forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ForgeUrlError {
    /// It begins with something else.
    #[error("must begin with https:// or http://")]
    Scheme,
    /// It has no host, or no path below it.
    #[error("must name a project, as in https://gitlab.com/group/app")]
    Incomplete,
    /// It holds a name and password; everybody would see them.
    #[error("must not hold a user name or password")]
    Credentials,
    /// It holds a query, a fragment, blanks or control characters.
    #[error("must be an address without query, fragment and blanks")]
    Malformed,
    /// It is longer than anybody needs.
    #[error("is too long (maximum is 2000 bytes)")]
    TooLong,
}

/// Reads the address of a project on a forge, as one copies it out of a browser or out of `git remote -v`: a slash at the
/// end and `.git` are dropped.
pub fn parse_forge_url(text: &str) -> Result<String, ForgeUrlError> {
    if text.len() > MAX_LENGTH {
        return Err(ForgeUrlError::TooLong);
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '"' | '<' | '>' | '\\')) {
        return Err(ForgeUrlError::Malformed);
    }
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or(ForgeUrlError::Scheme)?;
    let (host, path) = rest.split_once('/').ok_or(ForgeUrlError::Incomplete)?;
    if host.contains('@') {
        return Err(ForgeUrlError::Credentials);
    }
    let path = path.trim_end_matches('/');
    if host.is_empty() || path.is_empty() {
        return Err(ForgeUrlError::Incomplete);
    }
    let trimmed = text.trim_end_matches('/');
    Ok(trimmed.strip_suffix(".git").unwrap_or(trimmed).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_tidied_and_others_refused() {
        let read = |text: &str| parse_forge_url(text);
        let app = Ok("https://gitlab.example.com/group/app".to_owned());
        for text in ["", "/", ".git", ".git/"] {
            assert_eq!(read(&format!("https://gitlab.example.com/group/app{text}")), app);
        }
        assert_eq!(read("http://10.0.0.1:3000/a"), Ok("http://10.0.0.1:3000/a".to_owned()));
        assert_eq!(read("git@example.com:a/b"), Err(ForgeUrlError::Scheme));
        assert_eq!(read("javascript:alert(1)"), Err(ForgeUrlError::Scheme));
        assert_eq!(read("https://example.com"), Err(ForgeUrlError::Incomplete));
        assert_eq!(read("https:///a"), Err(ForgeUrlError::Incomplete));
        assert_eq!(read("https://example.com//"), Err(ForgeUrlError::Incomplete));
        assert_eq!(read("https://a:b@example.com/a"), Err(ForgeUrlError::Credentials));
        assert_eq!(read("https://example.com/a?b"), Err(ForgeUrlError::Malformed));
        assert_eq!(read("https://example.com/a b"), Err(ForgeUrlError::Malformed));
        assert_eq!(
            read(&format!("https://example.com/{}", "a".repeat(2_000))),
            Err(ForgeUrlError::TooLong)
        );
    }
}
