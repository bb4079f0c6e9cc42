//! `landfall import`.

use std::{env, path::PathBuf, process};

use landfall_store::{DatabaseUrl, Options, Store};

use super::current_thread;
use crate::{
    args::import::ImportCommand,
    config::Config,
    data::Data,
    failure::Failure,
    import::{
        self, How, Ledger, Progress,
        github::{self, Github},
        gitlab::{self, Gitlab},
    },
};

pub(crate) fn run(command: &ImportCommand, config: &Config) -> Result<(), Failure> {
    let how = How::of(
        match command {
            ImportCommand::Gitlab(args) => &args.how,
            ImportCommand::Github(args) => &args.how,
        },
        config,
    );
    // What is wrong with the command is told before any database is made.
    match command {
        ImportCommand::Gitlab(args) => {
            let progress = Progress::new();
            let client = gitlab::client(args, &how, &import::token(&args.token_env)?, &progress)?;
            let (ledger, _scratch) = open(config, how.dry_run)?;
            let import = Gitlab::new(args, &how, client, ledger, progress);
            current_thread()?.block_on(import::run(import, &how))
        }
        ImportCommand::Github(args) => {
            let progress = Progress::new();
            let client = github::client(args, &how, &progress)?;
            let (ledger, _scratch) = open(config, how.dry_run)?;
            let import = Github::new(args, &how, client, ledger, progress);
            current_thread()?.block_on(import::run(import, &how))
        }
    }
}

/// Opens the database. Where there is none yet, a dry run uses one that goes with it.
fn open(config: &Config, dry_run: bool) -> Result<(Ledger, Option<Scratch>), Failure> {
    match &config.database {
        DatabaseUrl::Sqlite(path) if dry_run && !path.exists() => {
            let scratch = Scratch::new()?;
            let url = landfall_store::database_in(&scratch.0);
            let store = Store::open(&url, Options::with_readers(1)).map_err(|error| Failure::store(&error, &url))?;
            Ok((Ledger::new(store, dry_run), Some(scratch)))
        }
        _ => Ok((Ledger::new(Data::open(config)?.store, dry_run), None)),
    }
}

/// A directory that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, Failure> {
        let directory = env::temp_dir().join(format!("landfall-dry-run-{}", process::id()));
        crate::data::make_data_dir(&directory).map(Scratch)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in a directory for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
