//! What `--repository` may be.

use std::path::Path;

use landfall_domain::project::RepositoryPlace;
use landfall_git::{Discovered, RemoteUrl, Repository};

use crate::failure::Failure;

/// A repository that a project is to have.
pub(crate) enum Found {
    /// In a directory of this machine.
    Here(Discovered),
    /// Elsewhere; the server will copy it.
    Elsewhere(RemoteUrl),
}

impl Found {
    /// The branch that `HEAD` names, as far as it is known yet.
    pub(crate) fn default_branch(&self) -> Option<String> {
        match self {
            Found::Here(found) => found.default_branch.clone(),
            Found::Elsewhere(_) => None,
        }
    }

    /// As it is stored. Of a directory that is its git directory, absolute and without symbolic links, so that it does not
    /// matter where the server is started; of a linked work tree it is the one of the main repository, since work trees come
    /// and go.
    pub(crate) fn place(&self) -> Result<RepositoryPlace, Failure> {
        match self {
            Found::Here(found) => stored(found).map(RepositoryPlace::Directory),
            Found::Elsewhere(url) => Ok(RepositoryPlace::Remote(url.as_str().to_owned())),
        }
    }
}

/// Looks for the repository that is named.
pub(crate) fn find(given: &str) -> Result<Found, Failure> {
    if is_address(given) {
        // The text itself is not repeated: it may hold a password.
        return RemoteUrl::parse(given)
            .map(Found::Elsewhere)
            .map_err(|error| Failure::failed(format!("the address that --repository names {error}")));
    }
    Repository::discover(Path::new(given))
        .map(Found::Here)
        .map_err(|error| Failure::failed(format!("--repository: {error}; name the directory of a git repository")))
}

/// The git directory as it is stored.
pub(crate) fn stored(found: &Discovered) -> Result<String, Failure> {
    found.git_dir.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::failed(format!(
            "the path {} is not UTF-8; move the repository",
            found.git_dir.display()
        ))
    })
}

/// `https://host/app.git`, `ssh://git@host/app.git` and `git@host:app.git`, but not `./odd:name`.
fn is_address(text: &str) -> bool {
    if text.contains("://") {
        return true;
    }
    let before_path = text.split_once('/').map_or(text, |(start, _)| start);
    before_path.contains(':')
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn addresses_are_told_from_directories() {
        for address in [
            "https://h/a.git",
            "ssh://git@h/a",
            "git@h:a/b.git",
            "h:a",
            "file:///srv/a",
        ] {
            assert!(is_address(address), "{address}");
        }
        for directory in [".", "/srv/a:b", "./odd:name", "app.git", "../a"] {
            assert!(!is_address(directory), "{directory}");
        }
    }
}
