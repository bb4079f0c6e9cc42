//! Repositories, revisions and images as the tools of Kubernetes write them.

use landfall_domain::git_name;

/// What a revision says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Revision {
    /// Commit.
    pub(super) sha: Option<String>,
    /// Branch or tag.
    pub(super) git_ref: Option<String>,
    /// Whether that is a tag.
    pub(super) tag: Option<bool>,
    /// Digest of an artifact that is no commit.
    pub(super) artifact: Option<String>,
}

impl Revision {
    /// Reads Flux's forms: `main@sha1:<sha>`, `sha1:<sha>`, the older `main/<sha>`, a bare commit, and for artifacts
    /// `latest@sha256:<digest>`. Anything else is a version.
    pub(super) fn of_flux(text: &str) -> Self {
        let (name, id) = match text.rsplit_once('@') {
            Some((name, id)) => (name, id),
            None if text.starts_with("sha1:") || text.starts_with("sha256:") => ("", text),
            None => match text.rsplit_once('/') {
                Some((name, id)) if git_name::is_object_id(id) => (name, id),
                _ => ("", text),
            },
        };
        if id.starts_with("sha256:") {
            return Self {
                artifact: Some(text.to_owned()),
                ..Self::default()
            };
        }
        let id = id.strip_prefix("sha1:").unwrap_or(id);
        if git_name::is_object_id(id) {
            let sha = Some(id.to_owned());
            Self {
                sha,
                ..Self::named(name)
            }
        } else {
            Self::named(text)
        }
    }

    /// The name of a branch or tag, short or in full. `HEAD` names none.
    pub(super) fn named(name: &str) -> Self {
        let (short, tag) = if let Some(tag) = name.strip_prefix("refs/tags/") {
            (tag, Some(true))
        } else if let Some(branch) = name.strip_prefix("refs/heads/") {
            (branch, Some(false))
        } else {
            (name, None)
        };
        let is_name = !short.is_empty() && short != "HEAD";
        Self {
            git_ref: is_name.then(|| short.to_owned()),
            tag: tag.filter(|_| is_name),
            ..Self::default()
        }
    }
}

/// Groups and name of a repository's address: `https://host/group/app.git`, `ssh://git@host:22/group/app`,
/// `git@host:group/app.git`.
pub(super) fn repository_path(address: &str) -> Option<String> {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => address.split_once(':')?.1,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    path.contains('/').then(|| path.to_owned())
}

/// The commit that an image's tag names: the whole id, or its beginning after `sha-` or `git-`. Digits alone are too
/// often a date or a number to be read as a commit.
pub(super) fn commit_of_image(image: &str) -> Option<&str> {
    let without_digest = image.split('@').next().unwrap_or_default();
    let (_, tag) = without_digest.rsplit_once('/').unwrap_or(("", without_digest));
    let (_, tag) = tag.split_once(':')?;
    let marked = tag.strip_prefix("sha-").or_else(|| tag.strip_prefix("git-"));
    let is_commit = |id: &&str| id.len() >= 7 && git_name::is_abbreviated_id(id);
    match marked {
        Some(id) => Some(id).filter(is_commit),
        None => Some(tag).filter(|tag| git_name::is_object_id(tag)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "731f7eaddfb6af01cb2173e18f0f75b0ba780ef1";

    #[test]
    fn revisions_of_flux() {
        let digest = format!("sha256:{}", "0b".repeat(32));
        let cases = [
            (format!("main@sha1:{SHA}"), Some("main"), None, true),
            (format!("main/{SHA}"), Some("main"), None, true),
            (format!("feature/a/{SHA}"), Some("feature/a"), None, true),
            (format!("feature/a@sha1:{SHA}"), Some("feature/a"), None, true),
            (format!("refs/tags/v1@sha1:{SHA}"), Some("v1"), Some(true), true),
            (format!("refs/heads/main@sha1:{SHA}"), Some("main"), Some(false), true),
            (format!("sha1:{SHA}"), None, None, true),
            (format!("HEAD/{SHA}"), None, None, true),
            (SHA.to_owned(), None, None, true),
            ("6.5.4".to_owned(), Some("6.5.4"), None, false),
            ("6.5.4+0b31b1c02ff4".to_owned(), Some("6.5.4+0b31b1c02ff4"), None, false),
            ("main/short".to_owned(), Some("main/short"), None, false),
            (format!("latest@{digest}"), None, None, false),
            (digest, None, None, false),
        ];
        for (text, git_ref, tag, is_commit) in cases {
            let read = Revision::of_flux(&text);
            assert_eq!(read.git_ref.as_deref(), git_ref, "{text}");
            assert_eq!(read.tag, tag, "{text}");
            assert_eq!(read.sha.as_deref(), is_commit.then_some(SHA), "{text}");
            assert_eq!(read.artifact.is_some(), text.contains("sha256:"), "{text}");
        }
    }

    #[test]
    fn paths_of_repositories() {
        let cases = [
            ("https://gitlab.example.com/group/app.git", Some("group/app")),
            (
                "https://user:word@gitlab.example.com/group/sub/app",
                Some("group/sub/app"),
            ),
            ("ssh://git@gitlab.example.com:2222/group/app.git", Some("group/app")),
            ("git@github.com:acme/app.git", Some("acme/app")),
            ("https://github.com/acme/app/?x=1", Some("acme/app")),
            ("https://charts.example.com", None),
            ("registry-1.docker.io/bitnamicharts", None),
            ("", None),
        ];
        for (address, path) in cases {
            assert_eq!(repository_path(address).as_deref(), path, "{address}");
        }
    }

    #[test]
    fn commits_of_images() {
        let whole = format!("registry.example.com:5000/group/app:{SHA}");
        let cases = [
            (whole.as_str(), Some(SHA)),
            ("app:sha-860c190", Some("860c190")),
            ("app:git-860c190f00@sha256:00", Some("860c190f00")),
            ("app:sha-860c", None),
            ("app:20240101", None),
            ("app:860c190", None),
            ("registry.example.com:5000/app", None),
            ("app", None),
            ("", None),
        ];
        for (image, commit) in cases {
            assert_eq!(commit_of_image(image), commit, "{image}");
        }
    }
}
