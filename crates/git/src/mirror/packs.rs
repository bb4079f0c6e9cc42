//! Few packs instead of many.
//!
//! Each fetch that brings something adds a pack, and every look-up asks each of them. So now and then the small ones become
//! one. Nothing is unpacked for that: the objects of a pack are told by their distance from each other, so the entries of
//! several packs can follow one another in one.

use std::{
    fs::{self, File},
    io::{self, BufReader, Chain, Cursor, Read, Seek as _, SeekFrom, Take},
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use gix::{hash::Kind, progress::Discard};

use super::error::FetchError;

/// So many packs may there be.
const MOST: usize = 50;
/// Signature, version and number of objects.
const HEADER: u64 = 12;
const SIGNATURE: [u8; 8] = *b"PACK\0\0\0\x02";

struct Pack {
    path: PathBuf,
    size: u64,
    objects: u32,
}

/// Makes one pack of the small ones if there are too many. Whoever reads meanwhile finds each object in the old packs or in
/// the new one; a process that is killed leaves both.
pub(super) fn tidy(directory: &Path, format: Kind, interrupt: &AtomicBool) -> Result<(), FetchError> {
    let on_disk = |error: io::Error| FetchError::Disk(error.to_string());
    let mut packs = list(directory, format).map_err(on_disk)?;
    if packs.len() <= MOST {
        return Ok(());
    }
    // A pack that is half of everything is left alone, so that it is not written again and again.
    let all: u64 = packs.iter().map(|pack| pack.size).sum();
    packs.retain(|pack| pack.size <= all / 2);
    let joined = join(directory, &packs, format, interrupt)?;
    for pack in packs.iter().filter(|pack| joined.as_ref() != Some(&pack.path)) {
        // The index first: without it nobody looks into the pack.
        let removed = fs::remove_file(pack.path.with_extension("idx")).and_then(|()| fs::remove_file(&pack.path));
        removed.map_err(on_disk)?;
    }
    Ok(())
}

fn list(directory: &Path, format: Kind) -> io::Result<Vec<Pack>> {
    let mut packs = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension() != Some("pack".as_ref()) || !path.with_extension("idx").exists() {
            continue;
        }
        let mut file = File::open(&path)?;
        let size = file.metadata()?.len();
        let mut header = [0; 12];
        file.read_exact(&mut header)?;
        let [signature @ .., a, b, c, d] = header;
        // Another version would not fit; it stays as it is.
        if signature == SIGNATURE && size >= HEADER + trailer(format) {
            packs.push(Pack {
                path,
                size,
                objects: u32::from_be_bytes([a, b, c, d]),
            });
        }
    }
    packs.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(packs)
}

/// Bytes of the checksum at the end of a pack.
fn trailer(format: Kind) -> u64 {
    u64::try_from(format.len_in_bytes()).unwrap_or(u64::MAX)
}

/// The new pack.
fn join(directory: &Path, packs: &[Pack], format: Kind, interrupt: &AtomicBool) -> Result<Option<PathBuf>, FetchError> {
    let open = || -> io::Result<(Entries, u32)> {
        let mut objects = 0_u32;
        let mut parts = Vec::with_capacity(packs.len());
        for pack in packs {
            objects = objects.checked_add(pack.objects).ok_or(io::ErrorKind::FileTooLarge)?;
            let mut file = File::open(&pack.path)?;
            file.seek(SeekFrom::Start(HEADER))?;
            parts.push(file.take(pack.size - HEADER - trailer(format)));
        }
        Ok((Entries { parts, at: 0 }, objects))
    };
    let (entries, objects) = open().map_err(|error| FetchError::Disk(error.to_string()))?;
    let header = [&SIGNATURE[..], &objects.to_be_bytes()].concat();
    let stream = Summed {
        inner: Cursor::new(header).chain(entries),
        hasher: Some(gix::hash::hasher(format)),
        sum: Cursor::default(),
    };
    let options = gix_pack::bundle::write::Options {
        thread_limit: Some(1),
        alloc_limit_bytes: Some(super::session::LARGEST_OBJECT),
        ..gix_pack::bundle::write::Options::default()
    };
    let written = gix_pack::Bundle::write_to_directory(
        &mut BufReader::new(stream),
        Some(directory),
        &mut Discard,
        interrupt,
        None::<gix::OdbHandle>,
        format,
        options,
    );
    let written = written.map_err(|error| FetchError::Disk(error.to_string()))?;
    for path in [&written.data_path, &written.index_path].into_iter().flatten() {
        let synced = File::open(path).and_then(|file| file.sync_all());
        synced.map_err(|error| FetchError::Disk(error.to_string()))?;
    }
    if let Some(keep) = &written.keep_path {
        fs::remove_file(keep).map_err(|error| FetchError::Disk(error.to_string()))?;
    }
    Ok(written.data_path)
}

/// The entries of packs, one pack after the other.
struct Entries {
    parts: Vec<Take<File>>,
    at: usize,
}

impl Read for Entries {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = self.parts.get_mut(self.at) {
            match part.read(buffer)? {
                0 if !buffer.is_empty() => self.at += 1,
                read => return Ok(read),
            }
        }
        Ok(0)
    }
}

/// A stream, and the checksum of all of it at its end.
struct Summed {
    inner: Chain<Cursor<Vec<u8>>, Entries>,
    hasher: Option<gix::hash::Hasher>,
    sum: Cursor<Vec<u8>>,
}

impl Read for Summed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            if let (Some(hasher), Some(bytes)) = (&mut self.hasher, buffer.get(..read)) {
                hasher.update(bytes);
            }
            return Ok(read);
        }
        if let Some(hasher) = self.hasher.take() {
            let sum = hasher.try_finalize().map_err(io::Error::other)?;
            self.sum = Cursor::new(sum.as_slice().to_vec());
        }
        self.sum.read(buffer)
    }
}
