//! The inbox: hooks are kept first and read afterwards.
//!
//! `receive` finds out who sends, stores the delivery as it came and answers. `worker` takes what waits, on each node
//! of an installation, and `process` reads it: [`crate::hooks_in`] makes observations of it, `target` finds the
//! project that they are about, and `apply` puts each with what is known already. A deployment is what the whole *set*
//! of its observations says (`fold`), so neither their order nor their number matters. `prune` forgets old deliveries.

pub(crate) mod apply;
mod episodes;
pub(crate) mod fold;
mod headers;
pub(crate) mod kept;
mod process;
pub(crate) mod prune;
pub(crate) mod receive;
mod removal;
mod target;
pub(crate) mod update;
pub(crate) mod worker;
