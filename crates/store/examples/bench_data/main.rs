//! Makes the databases that `bench/run` measures, through the store's own code.
//!
//! `bench_data URL TOKEN DEPLOYMENTS` fills a new database (`sqlite:PATH` or `postgres://…`): users, the first of them the
//! administrator `root` with this token, 500 projects with their environments, and the deployments. Row `n` is the same in
//! every run, and its id is `n + 1`. PostgreSQL is filled from an SQLite file in the current directory, as from a backup.
//!
//! Where an SQLite database has them already, it takes away the deployments that measurements have added since.

mod row;
mod world;

use std::{
    env,
    error::Error,
    io::{self, Write},
    ops::Range,
    path::Path,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use landfall_domain::{
    deployment::{Deployment, DeploymentQuery},
    ids::DeploymentId,
    page::Sort,
    webhook::Owner,
};
use landfall_store::{
    DatabaseUrl, Tx, backup,
    deployment_list::{self, Part},
    deployments, jobs,
    testing::Filler,
};

use self::{row::NewRow, world::World};

/// Rows that are made ahead of the writer at a time.
const CHUNK: i64 = 1_000;
/// Chunks in one transaction. A page of an index is written once for all the rows of a transaction in it.
const CHUNKS: usize = 100;
/// How often to tell how far it has come.
const TELL: Duration = Duration::from_secs(5);

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [url, token, count] = arguments.as_slice() else {
        return Err("usage: bench_data URL TOKEN DEPLOYMENTS".into());
    };
    let count = count.parse()?;
    match DatabaseUrl::parse(url)? {
        DatabaseUrl::Sqlite(path) => make(&path, token, count),
        server @ DatabaseUrl::Postgres(_) => {
            let directory = tempfile::tempdir_in(".")?;
            let file = directory.path().join("landfall.db");
            make(&file, token, count)?;
            backup::restore(&file, &server)?;
            Ok(())
        }
    }
}

fn make(path: &Path, token: &str, count: i64) -> Result<(), Failure> {
    let mut filler = Filler::open(path)?;
    let newest = filler.write(|tx| deployments::newest(tx, Owner::Instance))?;
    match newest.map(|newest| newest.deployment.id.0) {
        None => fill(&mut filler, token, count)?,
        Some(newest) if newest >= count => while take_away(&mut filler, count)? {},
        Some(newest) => return Err(format!("the database has {newest} deployments: delete it").into()),
    }
    filler.finish()?;
    Ok(())
}

/// Makes the rows on one thread and writes them on another.
fn fill(filler: &mut Filler, token: &str, count: i64) -> Result<(), Failure> {
    let world = filler.write(|tx| World::make(tx, token))?;
    let (sender, chunks) = mpsc::sync_channel::<Vec<NewRow>>(4);
    thread::scope(|scope| {
        scope.spawn(|| {
            for chunk in chunks_of(0..count) {
                // The writer has failed, and tells.
                if sender
                    .send(chunk.map(|number| row::make(&world, number)).collect())
                    .is_err()
                {
                    break;
                }
            }
            drop(sender);
        });
        let mut progress = Progress::new(count);
        let mut chunks = chunks.into_iter().peekable();
        while chunks.peek().is_some() {
            filler.write(|tx| {
                for chunk in chunks.by_ref().take(CHUNKS) {
                    progress.add(chunk.len());
                    chunk.into_iter().try_for_each(|row| insert(tx, row))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    })
}

fn chunks_of(rows: Range<i64>) -> impl Iterator<Item = Range<i64>> {
    (0..)
        .map(move |number| number * CHUNK..rows.end.min((number + 1) * CHUNK))
        .take_while(|chunk| !chunk.is_empty())
}

fn insert(tx: &mut Tx<'_>, mut row: NewRow) -> Result<(), landfall_store::Error> {
    if let Some(job) = &row.job {
        row.deployment.job_id = Some(jobs::insert(tx, row.deployment.project_id, job)?);
    }
    deployments::insert(tx, &row.deployment).map(drop)
}

/// Deletes some of the deployments of the first project that came after row `count`; answers whether there were any.
fn take_away(filler: &mut Filler, count: i64) -> Result<bool, Failure> {
    let query = DeploymentQuery {
        sort: Sort::Asc,
        ..DeploymentQuery::default()
    };
    let part = Part::After {
        last_seen: Some(DeploymentId(count)),
        rows: 10_000,
    };
    let taken = filler.write(|tx| {
        let ids = deployment_list::ids(tx, world::BUSY, &query, part)?;
        let added: Vec<Deployment> = deployments::get_many(tx, &ids)?
            .into_iter()
            .map(|row| row.deployment)
            .collect();
        deployments::delete_many(tx, world::BUSY, &added)?;
        Ok(added.len())
    })?;
    Ok(taken > 0)
}

/// What it says to those who wait.
struct Progress {
    done: usize,
    all: i64,
    started: Instant,
    told: Instant,
}

impl Progress {
    fn new(all: i64) -> Progress {
        let now = Instant::now();
        Progress {
            done: 0,
            all,
            started: now,
            told: now,
        }
    }

    fn add(&mut self, rows: usize) {
        self.done += rows;
        if self.told.elapsed() > TELL {
            self.told = Instant::now();
            let rate = self.done as u64 / self.started.elapsed().as_secs().max(1);
            // Nobody listens: then nobody waits.
            let _ = writeln!(
                io::stderr(),
                "{} of {} deployments, {rate} a second",
                self.done,
                self.all
            );
        }
    }
}
