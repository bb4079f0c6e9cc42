//! Which states of the database can be compared with each other.
//!
//! Numbers that only grow tell earlier states from later ones, but only on one server between two of its crashes. A standby
//! that takes the place of its primary may lack the last commits and gives their numbers out a second time; so does a
//! server that has lost commits that it did not flush. None of that can happen on a connection that goes on: a server that
//! crashes ends its connections, and a primary does not become a standby without a restart. So each new connection begins a
//! new history, whose states count as later than all those before, and a connection to another server than the one that was
//! connected to last is of no further use.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What tells a server, from its start to its end, from every other: when it was started, in microseconds.
pub(crate) type Server = i64;

/// The history that the connections of one store read.
#[derive(Debug, Default)]
pub(crate) struct Histories(Mutex<Current>);

#[derive(Debug, Default)]
struct Current {
    server: Server,
    number: u64,
}

impl Histories {
    /// Notes a connection that is new. What is read over it, and from now on over the others to the same server, counts as
    /// later than whatever was read before.
    pub(crate) fn connected(&self, server: Server) -> u64 {
        let mut current = self.current();
        current.server = server;
        current.number += 1;
        current.number
    }

    /// The present history, if this server is the one that was connected to last. To be asked before a transaction begins,
    /// so that a greater number belongs to states that were read since.
    pub(crate) fn of(&self, server: Server) -> Option<u64> {
        let current = self.current();
        (current.server == server).then_some(current.number)
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_begins_a_history_and_leaves_other_servers_behind() {
        let histories = Histories::default();
        assert_eq!(histories.connected(7), 1);
        assert_eq!(histories.of(7), Some(1));
        assert_eq!(histories.connected(7), 2, "the server may have crashed in between");
        assert_eq!(histories.of(7), Some(2), "also on the connection before");
        assert_eq!(histories.connected(9), 3);
        assert_eq!(histories.of(7), None);
        assert_eq!(histories.of(9), Some(3));
    }
}
