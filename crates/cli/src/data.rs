//! The data that commands work on: the database, opened as the configuration says.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process,
};

use landfall_domain::{
    project::{Project, ProjectRef},
    time::{Clock, SystemClock, Timestamp},
    user::User,
};
use landfall_server::ops::{Refusal, set_member::Place};
use landfall_store::{Conn, DatabaseUrl, Options, Store, Tx, groups, projects, users};
use tokio::runtime::{self, Runtime};

use crate::{config::Config, failure::Failure};

/// An open database, with a runtime to wait for it.
pub(crate) struct Data {
    pub(crate) store: Store,
    runtime: Runtime,
}

impl Data {
    /// Opens the database, making and migrating it where needed. A command needs one reader.
    pub(crate) fn open(config: &Config) -> Result<Data, Failure> {
        Data::open_with(config, Options::with_readers(1))
    }

    /// As [`Data::open`], with the threads and the patience told.
    pub(crate) fn open_with(config: &Config, options: Options) -> Result<Data, Failure> {
        prepare(config)?;
        let store = Store::open(&config.database, options).map_err(|error| Failure::store(&error, &config.database))?;
        let runtime = runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| Failure::failed(format!("cannot start: {error}")))?;
        Ok(Data { store, runtime })
    }

    /// Runs a read and waits for it.
    pub(crate) fn read<T, F>(&self, work: F) -> Result<T, Failure>
    where
        F: FnOnce(&mut Conn<'_>) -> Result<T, landfall_store::Error> + Send + 'static,
        T: Send + 'static,
    {
        let read = self.runtime.block_on(self.store.read(work));
        read.map_err(|error| Failure::store(&error, self.store.url()))
    }

    /// Runs an operation in a transaction of its own and waits until it is on disk.
    pub(crate) fn write<T, F>(&self, work: F) -> Result<T, Failure>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, Refusal> + Send + 'static,
        T: Send + 'static,
    {
        let written = self.runtime.block_on(self.store.write(work));
        written.map_err(|refusal| Failure::refusal(&refusal, self.store.url()))
    }

    /// The user with this login name.
    pub(crate) fn user(&self, username: &str) -> Result<User, Failure> {
        let wanted = username.to_owned();
        self.read(move |conn| users::by_username(conn, &wanted))?
            .ok_or_else(|| {
                Failure::failed(format!(
                    "there is no user '{username}'; `landfall user list` shows them all"
                ))
            })
    }

    /// The project with this id or path, also one that it has had earlier, or the group at this path.
    pub(crate) fn member_place(&self, wanted: &str) -> Result<Place, Failure> {
        if let Some(project) = self.find_project(wanted)? {
            return Ok(Place::project(&project));
        }
        let path = wanted.to_owned();
        let group = self.read(move |conn| groups::by_path(conn, &path))?;
        group.map(|group| Place::group(group.namespace.id)).ok_or_else(|| {
            Failure::failed(format!(
                "there is no project and no group '{wanted}'; `landfall project list` shows all projects"
            ))
        })
    }

    fn find_project(&self, wanted: &str) -> Result<Option<Project>, Failure> {
        let named = ProjectRef::parse(wanted);
        self.read(move |conn| match named {
            ProjectRef::Id(id) => projects::by_id(conn, landfall_domain::ids::ProjectId(id)),
            ProjectRef::Path(path) => match projects::by_path(conn, &path)? {
                None => projects::by_redirect(conn, &path),
                found => Ok(found),
            },
            ProjectRef::Nothing => Ok(None),
        })
    }

    /// The project with this id or path, also one that it has had earlier.
    pub(crate) fn project(&self, wanted: &str) -> Result<Project, Failure> {
        self.find_project(wanted)?.ok_or_else(|| {
            Failure::failed(format!(
                "there is no project '{wanted}'; `landfall project list` shows them all"
            ))
        })
    }
}

/// The present time.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// Makes the directory that the database is to be in, if that is the data directory, and checks that it can be written.
pub(crate) fn prepare(config: &Config) -> Result<(), Failure> {
    let DatabaseUrl::Sqlite(path) = &config.database else {
        return Ok(());
    };
    if path.starts_with(&config.data_dir) {
        make_data_dir(&config.data_dir)?;
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    check_writable(parent.unwrap_or(Path::new(".")), path)
}

/// The engine makes files beside the database's; what it says where it cannot would help nobody.
fn check_writable(directory: &Path, database: &Path) -> Result<(), Failure> {
    let cannot = |path: &Path, error: &io::Error| {
        Failure::failed(format!(
            "cannot write to {}: {error}; make it one that this user may write to, or name another with --data-dir or \
             --database-url",
            path.display()
        ))
    };
    let probe = directory.join(format!(".landfall-{}", process::id()));
    File::create_new(&probe)
        .and_then(|_| fs::remove_file(&probe))
        .map_err(|error| cannot(directory, &error))?;
    match OpenOptions::new().append(true).open(database) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot(database, &error)),
        _ => Ok(()),
    }
}

/// Makes the data directory, for this user alone and out of the sight of git: it holds a token, and it often stands in
/// a work tree. One that is there is left as it is.
pub(crate) fn make_data_dir(directory: &Path) -> Result<PathBuf, Failure> {
    let make = || -> io::Result<PathBuf> {
        if !directory.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
            fs::write(directory.join(".gitignore"), "*\n")?;
        }
        directory.canonicalize()
    };
    make().map_err(|error| {
        Failure::failed(format!(
            "cannot make the data directory {}: {error}; name another with --data-dir or LANDFALL_DATA_DIR",
            directory.display()
        ))
    })
}
