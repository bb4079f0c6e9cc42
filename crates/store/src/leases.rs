//! Leases: which node does a piece of background work, so that several nodes on one database do it once.
//!
//! A node that dies gives nothing back; its leases end by themselves. The times are those of the nodes' clocks, so a lease must
//! be longer than the clocks may differ.

use landfall_domain::time::Timestamp;

use crate::{
    engine::{Tx, statements},
    error::Error,
};

statements! { "leases";
    TAKE = "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3) \
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
            WHERE leases.holder = excluded.holder OR leases.until <= $4";
    GIVE_BACK = "DELETE FROM leases WHERE name = $1 AND holder = $2";
}

/// Takes a lease, or makes the own one longer; answers whether the holder has it now. Somebody else's is left alone until
/// it ends.
pub fn take(tx: &mut Tx<'_>, name: &str, holder: &str, now: Timestamp, until: Timestamp) -> Result<bool, Error> {
    let values = [name.into(), holder.into(), until.into(), now.into()];
    Ok(tx.execute(&TAKE, &values)? == 1)
}

/// Gives a lease back before its end; one that somebody else has by now is left alone.
pub fn give_back(tx: &mut Tx<'_>, name: &str, holder: &str) -> Result<(), Error> {
    tx.execute(&GIVE_BACK, &[name.into(), holder.into()])?;
    Ok(())
}
