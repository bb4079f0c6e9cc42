//! Who is a member of a project, and with which rights.

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    event::{Event, Kind},
    ids::ProjectId,
    time::Timestamp,
    user::User,
};
use landfall_store::{Tx, events, members, members::Member};
use serde_json::json;

use super::Refusal;

/// A membership as it is to be.
#[derive(Clone, Debug)]
pub struct SetMember {
    /// Where.
    pub project_id: ProjectId,
    /// Who.
    pub user: User,
    /// With which rights.
    pub level: AccessLevel,
    /// Ends at 00:00 UTC of this day.
    pub expires_at: Option<Date>,
    /// The time.
    pub now: Timestamp,
}

/// Makes the user a member, or changes the membership.
pub fn set_member(tx: &mut Tx<'_>, wanted: &SetMember) -> Result<Member, Refusal> {
    if wanted.level == AccessLevel::Minimal {
        return Err(Refusal::field("access_level", "does not have a valid value"));
    }
    if wanted.expires_at.is_some_and(|day| day <= wanted.now.date()) {
        return Err(Refusal::field("expires_at", "must be in the future"));
    }
    let (project, user) = (wanted.project_id, &wanted.user);
    members::set(tx, project, user.id, wanted.level, wanted.expires_at, wanted.now)?;
    append(tx, project, user, Some(wanted.level), wanted.now)?;
    let found = members::list(tx, project)?;
    let is_the_user = |member: &Member| member.user.id == user.id;
    found.into_iter().find(is_the_user).ok_or(Refusal::NotFound)
}

/// Ends a membership; [`Refusal::NotFound`] if there is none.
pub fn remove_member(tx: &mut Tx<'_>, project: ProjectId, user: &User, now: Timestamp) -> Result<(), Refusal> {
    if !members::remove(tx, project, user.id)? {
        return Err(Refusal::NotFound);
    }
    append(tx, project, user, None, now)
}

/// `None` tells the end of the membership.
fn append(
    tx: &mut Tx<'_>,
    project: ProjectId,
    user: &User,
    level: Option<AccessLevel>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let event = Event {
        kind: Kind::MemberChanged,
        project_id: Some(project),
        deployment_id: None,
        environment_id: None,
        actor_id: None,
        data: json!({
            "user_id": user.id.0,
            "username": user.username,
            "access_level": level.map(AccessLevel::number),
        })
        .to_string(),
        at: now,
    };
    Ok(events::append(tx, &event)?)
}
