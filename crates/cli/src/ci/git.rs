//! The checkout in the working directory: all there is outside of CI, and what fills the gaps inside.

use std::path::Path;

use landfall_git::Repository;

use super::Context;

/// Answers for the checkout.
pub(crate) trait Git {
    /// What `HEAD` is; `None` without a checkout, without a commit, or if it cannot be read.
    fn head(&self) -> Option<Head>;
}

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Full id of the commit.
    pub(crate) sha: String,
    /// The branch; `None` if `HEAD` is detached.
    pub(crate) branch: Option<String>,
    /// A tag of the commit.
    pub(crate) tag: Option<String>,
    /// URL of the remote.
    pub(crate) remote: Option<String>,
}

/// A checkout on disk.
#[derive(Debug)]
pub(crate) struct Checkout(Repository);

impl Checkout {
    /// The checkout that `directory` (an absolute path) is in: the nearest parent with a repository.
    pub(crate) fn around(directory: &Path) -> Option<Checkout> {
        directory
            .ancestors()
            .find(|path| Repository::discover(path).is_ok())
            .map(|path| Checkout(Repository::at(path)))
    }
}

impl Git for Checkout {
    /// Only a detached `HEAD` is looked up among the tags, of which there can be many. What cannot be read is not known.
    fn head(&self) -> Option<Head> {
        let head = self.0.head().ok()??;
        let tag = match &head.branch {
            Some(_) => None,
            // Of several the last by name, which of versions is mostly the newest.
            None => self.0.tags_at(&head.commit).ok().and_then(|mut tags| tags.pop()),
        };
        Some(Head {
            sha: head.commit.as_str().to_owned(),
            branch: head.branch,
            tag,
            remote: self.0.remote_url().ok().flatten(),
        })
    }
}

impl Git for Option<Checkout> {
    fn head(&self) -> Option<Head> {
        self.as_ref()?.head()
    }
}

/// The context of a checkout outside of CI. It has no key: whoever deploys the same commit twice by hand deploys twice.
pub(super) fn plain_checkout(head: Head) -> Context {
    let mut context = Context::of("git");
    complete(&mut context, head);
    context
}

/// Fills in what the variables left open. The checkout's branch or tag belongs to its own commit, so it is of no use if
/// the variables name another.
pub(super) fn complete(context: &mut Context, head: Head) {
    if context.project.is_none() {
        context.project = head.remote.as_deref().and_then(path_of_remote);
    }
    let sha = context.sha.get_or_insert_with(|| head.sha.clone());
    if context.git_ref.is_some() || *sha != head.sha {
        return;
    }
    match (head.branch, head.tag) {
        (Some(branch), _) => context.set_ref(&branch),
        (None, Some(tag)) => context.set_tag(&tag),
        (None, None) => {}
    }
}

/// The path of a repository in its host: `group/app` of `https://host/group/app.git`, `ssh://git@host:22/group/app` and
/// `git@host:group/app.git`. Directories on disk have none.
pub(super) fn path_of_remote(remote: &str) -> Option<String> {
    let path = match remote.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split_once('/')?.1,
        None => {
            let (host, path) = remote.split_once(':')?;
            // `C:\repositories\app` and `./a:b` are directories.
            if host.len() < 2 || host.contains(['/', '\\']) {
                return None;
            }
            path
        }
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (!path.is_empty()).then(|| path.to_owned())
}
