//! The copy of a remote repository on this disk.
//!
//! It is a bare repository of our own making: `packed-refs` holds all refs, and replacing that one file makes a fetch take
//! effect, or not, as a whole. So a ref's name never becomes that of a file, refs that are gone at the remote go with it, and
//! whoever reads the copy meanwhile sees the refs of before or of after. A first copy is made beside its place and moved
//! there at its end. Objects are never deleted: what was deployed from a branch that is gone stays known.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use gix::{ObjectId, hash::Kind, objs::compute_hash, refs::FullName};
use gix_protocol::{fetch::RefMap, handshake::Ref};

use super::error::FetchError;
use crate::{
    error::Error,
    repository::{Repository, open_to_fetch},
};

/// Holds the digest of the refs. A directory without it is no complete copy.
const DIGEST: &str = "landfall-digest";
/// The longest name of a ref that is copied; a longer one is passed over.
const LONGEST_NAME: usize = 1024;

/// A place for a copy. Only one fetch at a time has it.
pub(super) struct Place {
    directory: PathBuf,
    key: String,
    /// Ends with the process, however that ends.
    lock: File,
}

impl Drop for Place {
    fn drop(&mut self) {
        // Closing alone would leave it to a process that is being started just now, which has the file for a moment.
        let _ = self.lock.unlock();
    }
}

/// A copy to fetch into.
pub(super) struct Copy {
    pub(super) repo: gix::Repository,
    path: PathBuf,
    /// Where a first one is moved at its end.
    home: Option<PathBuf>,
}

/// Where a copy is.
pub(super) fn home(directory: &Path, key: &str) -> PathBuf {
    directory.join(format!("{key}.git"))
}

fn part(directory: &Path, key: &str) -> PathBuf {
    directory.join(format!("{key}.part"))
}

fn lock(directory: &Path, key: &str) -> PathBuf {
    directory.join(format!("{key}.lock"))
}

/// The digest of the copy's refs, if there is a copy.
pub(super) fn digest(directory: &Path, key: &str) -> Option<String> {
    let text = fs::read_to_string(home(directory, key).join(DIGEST)).ok()?;
    Some(text.trim().to_owned())
}

/// The keys of everything that is there.
pub(super) fn keys(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut keys = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let key = name.to_str().and_then(|name| name.rsplit_once('.'));
        keys.extend(key.map(|(key, _)| key.to_owned()));
    }
    keys.sort();
    keys.dedup();
    Ok(keys)
}

/// Deletes a copy.
pub(super) fn remove(directory: &Path, key: &str) -> Result<(), FetchError> {
    let place = Place::take(directory, key)?;
    let removed = [home(directory, key), part(directory, key)]
        .iter()
        .try_for_each(|path| remove_directory(path))
        .and_then(|()| fs::remove_file(lock(directory, key)));
    drop(place);
    removed.map_err(|error| on_disk(&error))
}

impl Place {
    /// Takes it, unless somebody else has it. What an earlier process left unfinished goes.
    pub(super) fn take(directory: &Path, key: &str) -> Result<Place, FetchError> {
        let take = || {
            DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
            File::options().create(true).append(true).open(lock(directory, key))
        };
        let lock = take().map_err(|error| on_disk(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FetchError::Taken),
            Err(TryLockError::Error(error)) => return Err(on_disk(&error)),
        }
        let place = Place {
            directory: directory.to_owned(),
            key: key.to_owned(),
            lock,
        };
        place.tidy().map_err(|error| on_disk(&error))?;
        Ok(place)
    }

    fn tidy(&self) -> io::Result<()> {
        remove_directory(&part(&self.directory, &self.key))?;
        let packs = home(&self.directory, &self.key).join("objects/pack");
        let entries = match fs::read_dir(packs) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let is_kept = match path.extension().and_then(|extension| extension.to_str()) {
                Some("idx") => true,
                Some("pack") => path.with_extension("idx").exists(),
                _ => false,
            };
            if !is_kept {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// The copy that is there, or an empty one if there is none or it cannot be read.
    pub(super) fn open(&self, format: Kind) -> Result<Copy, FetchError> {
        let home = home(&self.directory, &self.key);
        match open_to_fetch(&home) {
            Ok(repo) if repo.object_hash() == format => {
                return Ok(Copy {
                    repo,
                    path: home,
                    home: None,
                });
            }
            Ok(_) | Err(Error::NotFound { .. } | Error::NotARepository { .. } | Error::Unreadable { .. }) => {}
            Err(error) => return Err(FetchError::Disk(error.to_string())),
        }
        let path = part(&self.directory, &self.key);
        init(&path, format).map_err(|error| on_disk(&error))?;
        let repo = open_to_fetch(&path).map_err(|error| FetchError::Disk(error.to_string()))?;
        Ok(Copy {
            repo,
            path,
            home: Some(home),
        })
    }
}

/// An empty bare repository, with nothing in it that git would put there for people.
fn init(path: &Path, format: Kind) -> io::Result<()> {
    for directory in ["objects/pack", "objects/info", "refs"] {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path.join(directory))?;
    }
    let config = match format {
        Kind::Sha256 => "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n",
        _ => "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
    };
    fs::write(path.join("config"), config)?;
    fs::write(path.join("HEAD"), "ref: refs/heads/main\n")
}

impl Copy {
    /// Whether an object is there.
    pub(super) fn has(&self, id: ObjectId) -> bool {
        self.repo.has_object(id)
    }

    /// Bytes of the objects.
    pub(super) fn size(&self) -> Result<u64, FetchError> {
        let sum = || {
            fs::read_dir(self.path.join("objects/pack"))?
                .map(|entry| Ok(entry?.metadata()?.len()))
                .sum::<io::Result<u64>>()
        };
        sum().map_err(|error| on_disk(&error))
    }

    /// Makes the refs those of the remote, and moves a first copy to its place. Answers the digest of the refs.
    pub(super) fn finish(self, refs: &RefMap) -> Result<String, FetchError> {
        let wanted = wanted_refs(refs);
        if let Some((name, _)) = wanted.iter().find(|(_, id)| !self.has(**id)) {
            return Err(FetchError::Protocol(format!(
                "the remote did not send what {name} names"
            )));
        }
        self.write(refs, &wanted).map_err(|error| on_disk(&error))
    }

    fn write(&self, refs: &RefMap, wanted: &BTreeMap<String, ObjectId>) -> io::Result<String> {
        if let Some(head) = head(refs) {
            replace(&self.path.join("HEAD"), head.as_bytes())?;
        }
        let packed = packed(wanted);
        replace(&self.path.join("packed-refs"), packed.as_bytes())?;
        let text = fs::read_to_string(self.path.join("HEAD"))? + &packed;
        let digest = compute_hash(Kind::Sha1, gix::objs::Kind::Blob, text.as_bytes()).map_err(io::Error::other)?;
        let digest = digest.to_string();
        replace(&self.path.join(DIGEST), digest.as_bytes())?;
        if let Some(home) = &self.home {
            remove_directory(home)?;
            fs::rename(&self.path, home)?;
        }
        Ok(digest)
    }
}

/// Branches and tags whose names git itself would take.
fn wanted_refs(refs: &RefMap) -> BTreeMap<String, ObjectId> {
    let named = refs.mappings.iter().filter_map(|mapping| {
        let name = std::str::from_utf8(mapping.local.as_ref()?).ok()?;
        let is_wanted = name.len() <= LONGEST_NAME && FullName::try_from(name).is_ok();
        let id = mapping.remote.as_id()?.to_owned();
        is_wanted.then(|| (name.to_owned(), id))
    });
    named.collect()
}

/// What `HEAD` is to say; `None` if the remote does not tell.
fn head(refs: &RefMap) -> Option<String> {
    refs.remote_refs.iter().find_map(|reference| match reference {
        Ref::Symbolic {
            full_ref_name, target, ..
        }
        | Ref::Unborn { full_ref_name, target }
            if *full_ref_name == "HEAD" =>
        {
            let target = std::str::from_utf8(target).ok()?;
            let is_branch = target.starts_with("refs/heads/") && FullName::try_from(target).is_ok();
            is_branch.then(|| format!("ref: {target}\n"))
        }
        Ref::Direct { full_ref_name, object } if *full_ref_name == "HEAD" => Some(format!("{object}\n")),
        _ => None,
    })
}

/// Git's format, without what tags lead to: that is looked up, and not believed.
fn packed(refs: &BTreeMap<String, ObjectId>) -> String {
    let mut text = String::from("# pack-refs with: sorted \n");
    for (name, id) in refs {
        // A text takes whatever is written to it.
        let _ = writeln!(text, "{id} {name}");
    }
    text
}

/// Replaces a file as a whole, if that changes it.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|before| before == content) {
        return Ok(());
    }
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

fn remove_directory(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn on_disk(error: &io::Error) -> FetchError {
    FetchError::Disk(error.to_string())
}

/// The copy as one asks it.
pub(super) fn repository(directory: &Path, key: &str) -> Repository {
    Repository::at(home(directory, key))
}

#[cfg(test)]
mod tests {
    use gix::protocol::fetch::refmap::{Mapping, Source, SpecIndex};

    use super::*;

    fn told(names: &[&[u8]]) -> RefMap {
        let object = ObjectId::null(Kind::Sha1);
        let mapping = |name: &&[u8]| Mapping {
            remote: Source::Ref(Ref::Direct {
                full_ref_name: name.to_vec().into(),
                object,
            }),
            local: Some(name.to_vec().into()),
            spec_index: SpecIndex::ExplicitInRemote(0),
        };
        RefMap {
            mappings: names.iter().map(mapping).collect(),
            ..RefMap::default()
        }
    }

    #[test]
    fn names_that_git_would_not_take_are_passed_over() {
        let long = [b"refs/heads/", &[b'x'; LONGEST_NAME][..]].concat();
        let refs = wanted_refs(&told(&[
            b"refs/heads/main",
            b"refs/heads/main",
            b"refs/heads/a/b",
            b"refs/heads/a",
            b"refs/heads/../../../etc/passwd",
            b"refs/heads/a\nrefs/heads/b",
            b"refs/heads/a b",
            b"refs/heads/a.lock",
            b"refs/heads/\xff",
            b"refs/heads/",
            b"",
            &long,
        ]));
        let names: Vec<&str> = refs.keys().map(String::as_str).collect();
        assert_eq!(names, ["refs/heads/a", "refs/heads/a/b", "refs/heads/main"]);
        let id = "0".repeat(40);
        let lines = packed(&refs);
        assert_eq!(lines.lines().nth(1), Some(&*format!("{id} refs/heads/a")));
    }

    #[test]
    fn only_a_branch_or_a_commit_is_the_head() {
        let head_of = |target: &str| {
            head(&RefMap {
                remote_refs: vec![Ref::Unborn {
                    full_ref_name: "HEAD".into(),
                    target: target.into(),
                }],
                ..RefMap::default()
            })
        };
        assert_eq!(head_of("refs/heads/main").as_deref(), Some("ref: refs/heads/main\n"));
        for wrong in ["refs/heads/..", "/etc/passwd", "refs/tags/v1", "refs/heads/a\nb", ""] {
            assert_eq!(head_of(wrong), None, "{wrong}");
        }
    }
}
