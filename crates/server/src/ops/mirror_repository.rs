//! Setting what a project's repository is a copy of.

use landfall_domain::{
    project::{Project, RepositoryPlace},
    time::Timestamp,
};
use landfall_store::{Tx, mirrors};

use super::{Refusal, announce::new_uuid};

/// Sees to it that a project whose repository is elsewhere has a copy of it, and that another one has none. A new address
/// begins a new copy; the old one goes. The same address by somebody who may use the server's credentials does so, too, if
/// they were not used before.
pub(super) fn mirror_repository(
    tx: &mut Tx<'_>,
    project: &Project,
    with_credentials: bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    let known = mirrors::of_project(tx, project.id)?;
    match project.repository.as_ref().and_then(RepositoryPlace::remote) {
        None if known.is_none() => {}
        None => mirrors::remove(tx, project.id)?,
        Some(url) => {
            let stays = known.is_some_and(|known| known.url == url && (known.with_credentials || !with_credentials));
            if !stays {
                let key = new_uuid()?.to_string();
                mirrors::set(tx, project.id, &key, url, with_credentials, now)?;
            }
        }
    }
    Ok(())
}
