//! Files that are elsewhere now, found as git finds them: first by equal bytes, then by similar ones.

use std::cmp::Reverse;
use std::collections::HashMap;

use gix::bstr::{BString, ByteSlice};

use super::{Change, Content, Side, content, text};
use crate::limits::{Budget, Failure};

/// How many pairs of a deleted and a new file are compared by their lines; with more, only equal ones are found.
const MAX_PAIRS: usize = 10_000;

/// The largest file that is compared by its lines, in bytes.
const MAX_COMPARED: usize = 1 << 20;

/// Git cuts long lines into pieces of this many bytes.
const PIECE: usize = 64;

/// Joins deletions and additions that are one file.
pub(super) fn find(repo: &gix::Repository, changes: Vec<Change>, budget: &Budget) -> Result<Vec<Change>, Failure> {
    let mut kept = Vec::with_capacity(changes.len());
    let mut deleted = Vec::new();
    let mut added = Vec::new();
    for change in changes {
        match change {
            Change::Deleted(side) => deleted.push(side),
            Change::Added(side) => added.push(side),
            other => kept.push(other),
        }
    }
    let equal = |old: &Side, new: &Side| (old.id == new.id).then_some(u64::from(is_same_name(old, new)));
    join(&mut deleted, &mut added, &mut kept, equal);
    if !deleted.is_empty() && deleted.len() * added.len() <= MAX_PAIRS {
        let old_pieces = pieces_of(repo, &deleted, budget)?;
        let new_pieces = pieces_of(repo, &added, budget)?;
        budget.check_time()?;
        let similar = |old: &Side, new: &Side| {
            let (old_pieces, new_pieces) = (old_pieces.get(&old.path)?, new_pieces.get(&new.path)?);
            let score = similarity(old_pieces, new_pieces)?;
            Some(score * 2 + u64::from(is_same_name(old, new)))
        };
        join(&mut deleted, &mut added, &mut kept, similar);
    }
    kept.extend(deleted.into_iter().map(Change::Deleted));
    kept.extend(added.into_iter().map(Change::Added));
    Ok(kept)
}

/// Takes the pairs with the best scores out of both lists.
fn join(
    deleted: &mut Vec<Side>,
    added: &mut Vec<Side>,
    joined: &mut Vec<Change>,
    score: impl Fn(&Side, &Side) -> Option<u64>,
) {
    let mut pairs = Vec::new();
    for (new_at, new) in added.iter().enumerate() {
        for (old_at, old) in deleted.iter().enumerate() {
            let is_same_kind = old.mode & 0o170_000 == new.mode & 0o170_000;
            if is_same_kind && let Some(score) = score(old, new) {
                pairs.push((Reverse(score), new_at, old_at));
            }
        }
    }
    pairs.sort_unstable();
    let mut old_left: Vec<Option<Side>> = std::mem::take(deleted).into_iter().map(Some).collect();
    let mut new_left: Vec<Option<Side>> = std::mem::take(added).into_iter().map(Some).collect();
    for (_, new_at, old_at) in pairs {
        let (Some(new), Some(old)) = (new_left.get_mut(new_at), old_left.get_mut(old_at)) else {
            continue;
        };
        if new.is_some()
            && let Some(old) = old.take()
            && let Some(new) = new.take()
        {
            joined.push(Change::Renamed(old, new));
        }
    }
    deleted.extend(old_left.into_iter().flatten());
    added.extend(new_left.into_iter().flatten());
}

fn is_same_name(old: &Side, new: &Side) -> bool {
    let name = |side: &Side| side.path.rsplit_once_str("/").map(|(_, name)| name.to_vec());
    name(old).unwrap_or_else(|| old.path.to_vec()) == name(new).unwrap_or_else(|| new.path.to_vec())
}

/// How many bytes of a file stand in pieces of each kind.
struct Pieces {
    bytes: u64,
    by_hash: HashMap<u64, u64>,
}

/// The pieces of the files that can be compared so: regular ones that are text and not too large.
fn pieces_of(repo: &gix::Repository, sides: &[Side], budget: &Budget) -> Result<HashMap<BString, Pieces>, Failure> {
    let mut all = HashMap::new();
    for side in sides.iter().filter(|side| side.mode & 0o170_000 == 0o100_000) {
        budget.check_time()?;
        if let Content::Bytes(bytes) = content(repo, Some(side))?
            && (1..=MAX_COMPARED).contains(&bytes.len())
            && !text::is_binary(&bytes)
        {
            all.insert(side.path.clone(), pieces(&bytes));
        }
    }
    Ok(all)
}

fn pieces(bytes: &[u8]) -> Pieces {
    let mut by_hash = HashMap::new();
    for line in bytes.lines_with_terminator() {
        for piece in line.chunks(PIECE) {
            *by_hash.entry(hash(piece)).or_default() += piece.len() as u64;
        }
    }
    Pieces {
        bytes: bytes.len() as u64,
        by_hash,
    }
}

/// FNV-1a. Somebody who makes collisions gets a wrong rename.
fn hash(piece: &[u8]) -> u64 {
    piece.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Which part of the larger file both have, in thousandths; `None` if it is less than half.
fn similarity(old: &Pieces, new: &Pieces) -> Option<u64> {
    let larger = old.bytes.max(new.bytes);
    if old.bytes.min(new.bytes) * 2 < larger {
        return None;
    }
    let common: u64 = old
        .by_hash
        .iter()
        .filter_map(|(hash, bytes)| new.by_hash.get(hash).map(|other| (*bytes).min(*other)))
        .sum();
    (common * 2 >= larger).then_some(common * 1_000 / larger.max(1))
}
