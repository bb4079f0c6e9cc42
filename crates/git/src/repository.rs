//! The handle to a repository on disk, and what can be asked about it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::bstr::{BStr, ByteSlice};
use gix::refs::Category;

use crate::commit::{self, Commit, CommitId};
use crate::error::Error;
use crate::resolve;
use crate::revision::Revision;

/// A directory that should hold a repository. Cheap to clone; all methods block on the disk.
///
/// Each call opens the repository anew, so that nothing stale is ever answered: one that vanished or was replaced, new
/// branches, and packs that `git gc` rewrote are noticed without further rules. Opening was measured at 0.29 ms in an
/// unoptimised build, a look-up with it at 0.5 ms; keeping handles open would save little and would need such rules.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Repository {
    path: Arc<Path>,
}

/// What [`Repository::discover`] found in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The directory to keep: absolute, free of symbolic links, and for a linked work tree that of the main repository,
    /// since work trees come and go.
    pub git_dir: PathBuf,
    /// The branch that `HEAD` names, without `refs/heads/`; in a new repository it need not exist yet. `None` if `HEAD`
    /// is detached.
    pub default_branch: Option<String>,
    /// The commit of `HEAD`; `None` in a repository without commits.
    pub head: Option<CommitId>,
    /// Which hash makes the object ids.
    pub object_format: ObjectFormat,
}

/// The hash that makes the object ids of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectFormat {
    /// Ids of 40 hex digits.
    Sha1,
    /// Ids of 64 hex digits.
    Sha256,
}

/// The commit that `HEAD` points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The branch, without `refs/heads/`; `None` if `HEAD` is detached.
    pub branch: Option<String>,
    /// Its newest commit.
    pub commit: CommitId,
}

impl Repository {
    /// A handle to the git directory (or the root of a work tree) at `path`. Nothing is read yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: Arc::from(path.into()),
        }
    }

    /// Where the repository should be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks whether `path` is a repository: a bare one, the root of a work tree, or a `.git` directory or file.
    /// Parent directories are not searched.
    pub fn discover(path: &Path) -> Result<Discovered, Error> {
        let opened = open(path)?;
        let git_dir = opened
            .common_dir()
            .canonicalize()
            .map_err(|error| io_error(path, &error))?;
        // The `HEAD` of a linked work tree tells what is checked out there, not the default branch.
        let main = open(&git_dir)?;
        let read = || {
            Ok(Discovered {
                default_branch: branch_of_head(&main)?,
                head: resolve::reference(&main, "HEAD")?.map(|commit| CommitId::from(commit.id.as_ref())),
                object_format: match main.object_hash() {
                    gix::hash::Kind::Sha256 => ObjectFormat::Sha256,
                    _ => ObjectFormat::Sha1,
                },
                git_dir: git_dir.clone(),
            })
        };
        read().map_err(|error: gix::Error| Error::from_gix(&git_dir, &error))
    }

    /// The commit that a client's `sha` or `ref` names (reference 6.3.2), or `None` if it names none.
    ///
    /// Accepted are what GitLab hands to git: full or abbreviated object ids in either case (at least 4 digits, and
    /// unambiguous among commits and tags), tags, branches, remote branches, full names of refs, `HEAD`, `@`, the
    /// output of `git describe`, all of these followed by steps like `~2` and `^2`. Tags are followed to their commit;
    /// ids of trees and files name no commit. Never accepted are: empty texts, a leading `-`, `:`, white space and
    /// control characters, ranges, `@{..}`, `^{/..}`, more than 1,000 steps, more than 1,024 bytes.
    ///
    /// A repository without commits answers `None` to every text.
    pub fn resolve(&self, text: &str) -> Result<Option<CommitId>, Error> {
        // Opened even if the text is hopeless, so that a missing repository is told in any case.
        let repo = open(&self.path)?;
        let Some(revision) = Revision::parse(text) else {
            return Ok(None);
        };
        let found = resolve::revision(&repo, &revision).map_err(|error| Error::from_gix(&self.path, &error))?;
        Ok(found.map(|commit| CommitId::from(commit.id.as_ref())))
    }

    /// The commit with this id, or `None` if the repository has no such object or it is not a commit.
    pub fn commit(&self, id: &CommitId) -> Result<Option<Commit>, Error> {
        let repo = open(&self.path)?;
        let Ok(id) = gix::ObjectId::from_hex(id.as_str().as_bytes()) else {
            return Ok(None);
        };
        let read = || resolve::exact(&repo, id)?.as_ref().map(commit::decode).transpose();
        read().map_err(|error| Error::from_gix(&self.path, &error))
    }

    /// The branch and commit of `HEAD`, or `None` if it has no commit yet.
    pub fn head(&self) -> Result<Option<Head>, Error> {
        let repo = open(&self.path)?;
        let read = || {
            let Some(commit) = resolve::reference(&repo, "HEAD")? else {
                return Ok(None);
            };
            Ok(Some(Head {
                branch: branch_of_head(&repo)?,
                commit: CommitId::from(commit.id.as_ref()),
            }))
        };
        read().map_err(|error: gix::Error| Error::from_gix(&self.path, &error))
    }

    /// The tags of a commit, without `refs/tags/`, in the order of their names. Tags that lead nowhere are passed over.
    ///
    /// It looks at every tag of the repository.
    pub fn tags_at(&self, id: &CommitId) -> Result<Vec<String>, Error> {
        let repo = open(&self.path)?;
        let Ok(wanted) = gix::ObjectId::from_hex(id.as_str().as_bytes()) else {
            return Ok(Vec::new());
        };
        let read = || {
            let mut names = Vec::new();
            for tag in repo.references()?.tags()? {
                let Ok(mut tag) = tag else { continue };
                let name = tag.name().shorten().to_str_lossy().into_owned();
                if tag.peel_to_id().is_ok_and(|found| found == wanted) {
                    names.push(name);
                }
            }
            names.sort();
            Ok(names)
        };
        read().map_err(|error: gix::Error| Error::from_gix(&self.path, &error))
    }

    /// The URL of the remote `origin`, or of the only one there is.
    pub fn remote_url(&self) -> Result<Option<String>, Error> {
        let repo = open(&self.path)?;
        let config = repo.config_snapshot();
        // Not by the functions for remotes: they pass over configuration that is not trusted. Here it is not obeyed,
        // only read.
        let sections = config.plumbing().sections_by_name("remote").into_iter().flatten();
        let names: BTreeSet<&BStr> = sections
            .filter_map(|section| section.header().subsection_name())
            .collect();
        let origin = BStr::new("origin");
        let name = if names.contains(origin) || names.len() != 1 {
            Some(origin)
        } else {
            names.first().copied()
        };
        let url = name.and_then(|name| config.string(format!("remote.{name}.url").as_str()));
        Ok(url.map(|url| url.to_str_lossy().into_owned()))
    }
}

pub(crate) fn open(path: &Path) -> Result<gix::Repository, Error> {
    open_with(path, open_options())
}

/// As [`open`], to fetch into: one allocation may be larger, because deltas may lead to any object.
pub(crate) fn open_to_fetch(path: &Path) -> Result<gix::Repository, Error> {
    let options = open_options().config_overrides(["core.useReplaceRefs=false", "gitoxide.objects.allocLimit=512m"]);
    open_with(path, options)
}

fn open_with(path: &Path, options: gix::open::Options) -> Result<gix::Repository, Error> {
    // Asked first, because gix does not tell a missing directory from one that is no repository.
    std::fs::metadata(path).map_err(|error| io_error(path, &error))?;
    let opened = options.open(path).map_err(|error| {
        if error.is_not_found() && !error.is_permission_denied() {
            Error::NotARepository { path: path.to_owned() }
        } else {
            Error::from_gix(path, &error)
        }
    })?;
    let repo = opened.to_thread_local();
    check_ref_storage(path, &repo)?;
    Ok(repo)
}

/// See the security notes at the top of the crate.
fn open_options() -> gix::open::Options {
    gix::open::Options::isolated()
        // "Reduced" means: values of the repository's configuration are not obeyed, whoever owns it, one allocation
        // is limited to 16 MiB, and the owner of the directory is not compared with ours.
        .with(gix::sec::Trust::Reduced)
        .bail_if_untrusted(false)
        .config_overrides(["core.useReplaceRefs=false"])
}

/// The reftable format keeps a placeholder `HEAD` for old readers, to whom the repository looks empty.
fn check_ref_storage(path: &Path, repo: &gix::Repository) -> Result<(), Error> {
    match repo.config_snapshot().string("extensions.refStorage") {
        Some(format) if format != "files" => Err(Error::unreadable(
            path,
            &format!("its refs are stored as \"{format}\", which is not supported"),
        )),
        _ => Ok(()),
    }
}

fn io_error(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        // "Not a directory": a part of the path is a file now.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::NotFound { path: path.to_owned() },
        _ => Error::unreadable(path, &error.to_string()),
    }
}

fn branch_of_head(repo: &gix::Repository) -> gix::Result<Option<String>> {
    let name = repo.head_name()?;
    Ok(name.and_then(|name| {
        let (category, short_name) = name.as_ref().category_and_short_name()?;
        (category == Category::LocalBranch).then(|| short_name.to_str_lossy().into_owned())
    }))
}
