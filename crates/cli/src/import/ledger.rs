//! The ledger that an import writes to, or would write to.

use std::sync::Arc;

use landfall_domain::{origin::Origin, project::Project};
use landfall_server::ops::{
    Refusal,
    import::{BeginImport, begin_import},
};
use landfall_store::{Conn, Store, Tx};

use crate::failure::Failure;

/// The database; what a dry run writes is taken back at once.
#[derive(Clone)]
pub(crate) struct Ledger {
    store: Store,
    dry_run: bool,
}

/// How a closure of a dry run ends: always as an error, so that nothing stays.
enum Dry<T> {
    Undone(T),
    Failed(Refusal),
}

impl<T> From<landfall_store::Error> for Dry<T> {
    fn from(error: landfall_store::Error) -> Dry<T> {
        Dry::Failed(error.into())
    }
}

impl<T: Send + 'static> landfall_store::Failure for Dry<T> {
    fn store_error(&self) -> Option<&landfall_store::Error> {
        match self {
            Dry::Failed(refusal) => refusal.store_error(),
            Dry::Undone(_) => None,
        }
    }
}

impl Ledger {
    pub(crate) fn new(store: Store, dry_run: bool) -> Ledger {
        Ledger { store, dry_run }
    }

    /// Whether what is written stays: a dry run would count everything twice that is read twice.
    pub(crate) fn keeps(&self) -> bool {
        !self.dry_run
    }

    /// Writes a part of an import in a transaction of its own. The project and its origin are found, or made, in the same
    /// one: in a dry run they are not there from the part before.
    pub(crate) async fn part<T, F>(&self, begin: &Arc<BeginImport>, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Project, &Origin) -> Result<T, Refusal> + Send + 'static,
    {
        let begin = Arc::clone(begin);
        let whole = move |tx: &mut Tx<'_>| {
            let (project, origin) = begin_import(tx, &begin)?;
            work(tx, &project, &origin)
        };
        let written = if self.dry_run {
            let undone = self.store.write(move |tx| -> Result<(), Dry<T>> {
                Err(match whole(tx) {
                    Ok(result) => Dry::Undone(result),
                    Err(refusal) => Dry::Failed(refusal),
                })
            });
            match undone.await {
                Err(Dry::Undone(result)) => Ok(result),
                Err(Dry::Failed(refusal)) => Err(refusal),
                Ok(()) => Err(Refusal::NotFound),
            }
        } else {
            self.store.write(whole).await
        };
        written.map_err(|refusal| Failure::refusal(&refusal, self.store.url()))
    }

    /// Reads.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn<'_>) -> Result<T, landfall_store::Error> + Send + 'static,
    {
        let read = self.store.read(work).await;
        read.map_err(|error| Failure::store(&error, self.store.url()))
    }
}
