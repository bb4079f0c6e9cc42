//! From a text to the commit it names, with git's own precedence.
//!
//! Git tries, in this order: a full object id (and then nothing else, even if a branch has that name), a ref, an
//! abbreviated object id, the output of `git describe`. What is found must be a commit or an annotated tag of one.

use std::collections::HashSet;

use gix::ObjectId;
use gix::hash::Prefix;
use gix::objs::Kind;
use gix::refs::PartialNameRef;

use crate::revision::{Revision, Step};

/// The shortest abbreviation that git accepts.
const MIN_ABBREVIATION: usize = 4;

/// How many tags of tags are followed to a commit. People make one.
const MAX_TAG_DEPTH: usize = 16;

/// The longest part between slashes of a ref that can be a file name. Git answers "no such ref" beyond it.
pub(crate) const MAX_NAME_PART: usize = 255;

/// The commit that a revision names, read completely.
pub(crate) fn revision<'r>(repo: &'r gix::Repository, revision: &Revision<'_>) -> gix::Result<Option<gix::Commit<'r>>> {
    let Some(mut commit) = named_commit(repo, revision.name)? else {
        return Ok(None);
    };
    for step in &revision.steps {
        let (times, parent) = match *step {
            Step::Generations(times) => (times, 1),
            Step::Parent(parent) => (1, parent),
        };
        for _ in 0..times {
            match nth_parent(&commit, parent)? {
                Some(parent) => commit = parent,
                None => return Ok(None),
            }
        }
    }
    Ok(Some(commit))
}

/// The commit that a ref leads to through symbolic refs and tags. `None` if the ref, one that it points to, or the
/// object is missing, or is no commit.
pub(crate) fn reference<'r>(repo: &'r gix::Repository, name: &str) -> gix::Result<Option<gix::Commit<'r>>> {
    match reference_target(repo, name)? {
        Some(Target::Object(id)) => peel(repo, id),
        Some(Target::Nothing) | None => Ok(None),
    }
}

/// The commit with exactly this id; a tag is not followed. An id of the other hash names nothing.
pub(crate) fn exact(repo: &gix::Repository, id: ObjectId) -> gix::Result<Option<gix::Commit<'_>>> {
    if id.kind() != repo.object_hash() {
        return Ok(None);
    }
    // The header first: ids may name blobs, which are large.
    match repo.try_find_header(id)? {
        Some(header) if header.kind() == Kind::Commit => Ok(Some(verified(repo, id)?.try_into_commit()?)),
        _ => Ok(None),
    }
}

/// Reads an object and checks that its bytes make its id: a damaged disk must not show another commit. This costs a few
/// microseconds for objects as small as commits and tags.
fn verified(repo: &gix::Repository, id: ObjectId) -> gix::Result<gix::Object<'_>> {
    let object = repo.find_object(id)?;
    gix::objs::Data::new(&object.data, object.kind, id.kind()).verify_checksum(&id)?;
    Ok(object)
}

fn named_commit<'r>(repo: &'r gix::Repository, name: &str) -> gix::Result<Option<gix::Commit<'r>>> {
    if name.len() == repo.object_hash().len_in_hex()
        && let Ok(id) = ObjectId::from_hex(name.to_ascii_lowercase().as_bytes())
    {
        return peel(repo, id);
    }
    let ref_name = if name == "@" { "HEAD" } else { name };
    match reference_target(repo, ref_name)? {
        Some(Target::Object(id)) => return peel(repo, id),
        Some(Target::Nothing) => return Ok(None),
        None => {}
    }
    if let Some(prefix) = abbreviation(repo, name) {
        return abbreviated(repo, prefix);
    }
    // The output of `git describe`: `v1.0-3-gabcdef0`.
    match name.rsplit_once("-g") {
        Some((tag, id)) if !tag.is_empty() => {
            abbreviation(repo, id).map_or(Ok(None), |prefix| abbreviated(repo, prefix))
        }
        _ => Ok(None),
    }
}

enum Target {
    Object(ObjectId),
    /// The ref is symbolic, and the ref it points to does not exist (an unborn branch).
    Nothing,
}

fn reference_target(repo: &gix::Repository, name: &str) -> gix::Result<Option<Target>> {
    if name.split('/').any(|part| part.len() > MAX_NAME_PART) {
        return Ok(None);
    }
    let Ok(name) = <&PartialNameRef>::try_from(name) else {
        return Ok(None);
    };
    let Some(mut reference) = repo.try_find_reference(name)? else {
        return Ok(None);
    };
    match reference.follow_to_object() {
        Ok(id) => Ok(Some(Target::Object(id.detach()))),
        Err(error) if error.is_not_found() => Ok(Some(Target::Nothing)),
        Err(error) => Err(error),
    }
}

fn abbreviation(repo: &gix::Repository, text: &str) -> Option<Prefix> {
    let full = repo.object_hash().len_in_hex();
    if !(MIN_ABBREVIATION..=full).contains(&text.len()) {
        return None;
    }
    // Not `Prefix::from_hex`: it guesses the object format from the length.
    let padded = format!("{:0<full$}", text.to_ascii_lowercase());
    let id = ObjectId::from_hex(padded.as_bytes()).ok()?;
    Prefix::new(&id, text.len()).ok()
}

/// As git does, only commits and tags of commits are counted; two of them make the abbreviation ambiguous.
fn abbreviated(repo: &gix::Repository, prefix: Prefix) -> gix::Result<Option<gix::Commit<'_>>> {
    let mut candidates = HashSet::new();
    repo.objects.lookup_prefix(prefix, Some(&mut candidates))?;
    let mut found = None;
    for id in candidates {
        let commit = peel(repo, id)?;
        if commit.is_some() && found.is_some() {
            return Ok(None);
        }
        found = found.or(commit);
    }
    Ok(found)
}

/// The id of the commit that an object is or that tags lead to from it.
pub(crate) fn peel_to_id(repo: &gix::Repository, mut id: ObjectId) -> gix::Result<Option<ObjectId>> {
    for _ in 0..=MAX_TAG_DEPTH {
        match repo.try_find_header(id)?.map(|header| header.kind()) {
            Some(Kind::Commit) => return Ok(Some(id)),
            Some(Kind::Tag) => id = verified(repo, id)?.try_into_tag()?.target_id()?.detach(),
            Some(Kind::Tree | Kind::Blob) | None => return Ok(None),
        }
    }
    Ok(None)
}

fn peel(repo: &gix::Repository, id: ObjectId) -> gix::Result<Option<gix::Commit<'_>>> {
    match peel_to_id(repo, id)? {
        Some(id) => Ok(Some(verified(repo, id)?.try_into_commit()?)),
        None => Ok(None),
    }
}

/// `number` counts from 1.
fn nth_parent<'r>(commit: &gix::Commit<'r>, number: u64) -> gix::Result<Option<gix::Commit<'r>>> {
    let Some(index) = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)) else {
        return Ok(None);
    };
    // The parent is absent in a shallow clone.
    commit
        .parent_ids()
        .nth(index)
        .map_or(Ok(None), |id| exact(commit.repo, id.detach()))
}
