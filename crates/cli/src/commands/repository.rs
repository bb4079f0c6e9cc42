//! What `--repository` may be.

use std::path::Path;

use landfall_git::{Discovered, Repository};

use crate::failure::Failure;

/// The repository in a directory of this machine.
///
/// What is kept of it is its git directory, absolute and without symbolic links, so that it does not matter where the
/// server is started; of a linked work tree it is the one of the main repository, since work trees come and go.
pub(crate) fn find(given: &str) -> Result<Discovered, Failure> {
    if is_address(given) {
        return Err(Failure::failed(format!(
            "--repository {given}: repositories elsewhere are not mirrored in this version; clone it to this machine (git \
             clone --mirror) and name the directory"
        )));
    }
    Repository::discover(Path::new(given))
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
