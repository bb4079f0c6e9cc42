//! Reports that have not arrived, a file each, until they do.
//!
//! The directory and its files are their owner's alone. No token is in them; names and branches of private projects are.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::{Entry, tell};
use crate::{ci::environment::Environment, data::now};

/// How the name of a report ends that is to be sent.
const WAITING: &str = "json";
/// How the name of a report ends that a server did not take.
const REFUSED: &str = "refused";

/// A directory.
#[derive(Clone, Debug)]
pub(crate) struct Spool(PathBuf);

/// A report in its file.
#[derive(Clone, Debug)]
pub(crate) struct Spooled {
    file: PathBuf,
    pub(crate) entry: Entry,
    /// Whether a server did not take it. It is not sent again.
    pub(crate) refused: bool,
}

impl Spooled {
    /// The name of its file.
    pub(crate) fn name(&self) -> String {
        let name = self.file.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// It has arrived.
    pub(crate) fn remove(&self) {
        self.done(fs::remove_file(&self.file));
    }

    /// Keeps it for people to look at; it is not sent again.
    pub(crate) fn set_aside(&self) {
        self.done(fs::rename(&self.file, self.file.with_extension(REFUSED)));
    }

    /// Writes down what has changed of it.
    pub(crate) fn rewrite(&self) {
        self.done(write(&self.file, &self.entry));
    }

    /// A file that cannot be changed is told of; the report has arrived all the same, and may arrive again.
    fn done(&self, result: io::Result<()>) {
        if let Err(error) = result {
            tell(&format!("{} cannot be changed: {error}", self.file.display()));
        }
    }
}

impl Spool {
    /// `LANDFALL_SPOOL_DIR`, else `landfall/spool` in the user's directory for state. `None` for users without a home.
    pub(crate) fn of(surroundings: &Environment<'_>) -> Option<Spool> {
        let get = |name| surroundings.get(name).map(PathBuf::from);
        let state = || {
            let state = get("XDG_STATE_HOME").filter(|path| path.is_absolute());
            let state = state.or_else(|| Some(get("HOME")?.join(".local/state")))?;
            Some(state.join("landfall/spool"))
        };
        get("LANDFALL_SPOOL_DIR").or_else(state).map(Spool)
    }

    /// Keeps a report, and answers where.
    pub(crate) fn add(&self, entry: &Entry) -> io::Result<PathBuf> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        // Sorted by name they are in the order in which they were made; the key tells those of one moment apart.
        let key = entry
            .report
            .external_id
            .bytes()
            .fold(0_u32, |sum, byte| sum.rotate_left(5) ^ u32::from(byte));
        let moment = now().as_micros();
        let name = format!("{moment:020}-{}-{key:08x}.{WAITING}", entry.report.sequence);
        let file = self.0.join(name);
        write(&file, entry)?;
        Ok(file)
    }

    /// What is to be sent, oldest first.
    pub(crate) fn waiting(&self) -> Vec<Spooled> {
        self.all().into_iter().filter(|kept| !kept.refused).collect()
    }

    /// Everything, oldest first. Files that are no reports are told of and passed over.
    pub(crate) fn all(&self) -> Vec<Spooled> {
        let Ok(entries) = fs::read_dir(&self.0) else {
            return Vec::new();
        };
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        files.into_iter().filter_map(read).collect()
    }

    /// The right to send, until it is dropped; `None` while another process has it, or if there is nothing to send.
    pub(crate) fn lock(&self) -> Option<File> {
        let file = private().truncate(false).open(self.0.join("lock")).ok()?;
        file.try_lock().ok()?;
        Some(file)
    }
}

fn read(file: PathBuf) -> Option<Spooled> {
    let refused = match file.extension()?.to_str()? {
        WAITING => false,
        REFUSED => true,
        _ => return None,
    };
    let entry = fs::read(&file).and_then(|text| Ok(serde_json::from_slice(&text)?));
    match entry {
        Ok(entry) => Some(Spooled { file, entry, refused }),
        Err(error) => {
            tell(&format!("{} is passed over: {error}", file.display()));
            None
        }
    }
}

/// Writes a file as a whole or not at all.
fn write(file: &Path, entry: &Entry) -> io::Result<()> {
    let part = file.with_extension("part");
    let mut out = private().truncate(true).open(&part)?;
    out.write_all(&serde_json::to_vec(entry)?)?;
    out.sync_all()?;
    fs::rename(part, file)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).mode(0o600);
    options
}
