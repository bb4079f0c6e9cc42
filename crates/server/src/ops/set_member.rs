//! Who is a member of a project or a group, and with which rights.

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    event::{Event, Kind},
    ids::{NamespaceId, UserId},
    member::{Source, may_change},
    project::Project,
    time::Timestamp,
    user::User,
};
use landfall_store::{
    Tx, events,
    member_list::{self, Member, Scope},
    members::{self, NewMember},
};
use serde_json::json;

use super::Refusal;

/// Where somebody is a member: a project, or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which one.
    pub source: Source,
    /// The group itself, or the namespace that the project stands in.
    pub namespace: NamespaceId,
    /// In whose own namespace the project stands.
    pub owner: Option<UserId>,
}

impl Place {
    /// A project.
    #[must_use]
    pub fn project(project: &Project) -> Place {
        Place {
            source: Source::Project(project.id),
            namespace: project.namespace.id,
            owner: project.namespace.owner_id,
        }
    }

    /// A group.
    #[must_use]
    pub fn group(id: NamespaceId) -> Place {
        Place {
            source: Source::Group(id),
            namespace: id,
            owner: None,
        }
    }
}

/// By whom a membership is changed. That it may manage members has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody with this role there.
    Member(UserId, AccessLevel),
    /// An administrator.
    Admin(UserId),
    /// The command line.
    Operator,
}

impl By {
    pub(super) fn user_id(self) -> Option<UserId> {
        match self {
            By::Member(id, _) | By::Admin(id) => Some(id),
            By::Operator => None,
        }
    }

    fn level(self) -> Option<AccessLevel> {
        match self {
            By::Member(_, level) => Some(level),
            By::Admin(_) | By::Operator => None,
        }
    }
}

/// When a membership ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// When it ends already; never, if it is new.
    Keep,
    /// Never.
    Never,
    /// At 00:00 UTC of this day.
    On(Date),
}

/// A membership as it is to be.
#[derive(Clone, Debug)]
pub struct SetMember {
    /// Where.
    pub place: Place,
    /// Who.
    pub user: User,
    /// With which rights; `None` where what was asked for is no level, which is told to those who could set one.
    pub level: Option<AccessLevel>,
    /// Until when.
    pub expiry: Expiry,
    /// By whom.
    pub by: By,
    /// The time.
    pub now: Timestamp,
}

/// Makes the user a member; [`Refusal::AlreadyExists`] if it is one already.
pub fn add_member(tx: &mut Tx<'_>, wanted: &SetMember) -> Result<Member, Refusal> {
    match present(tx, wanted.place, wanted.user.id, wanted.now)? {
        Some(_) => Err(Refusal::AlreadyExists("Member already exists")),
        None => save(tx, wanted, None),
    }
}

/// Changes a membership; [`Refusal::NotFound`] if there is none.
pub fn update_member(tx: &mut Tx<'_>, wanted: &SetMember) -> Result<Member, Refusal> {
    let present = present(tx, wanted.place, wanted.user.id, wanted.now)?;
    save(tx, wanted, Some(&present.ok_or(Refusal::NotFound)?))
}

/// Makes the user a member, or changes the membership.
pub fn set_member(tx: &mut Tx<'_>, wanted: &SetMember) -> Result<Member, Refusal> {
    let present = present(tx, wanted.place, wanted.user.id, wanted.now)?;
    save(tx, wanted, present.as_ref())
}

/// Ends a membership; [`Refusal::NotFound`] if there is none.
pub fn remove_member(tx: &mut Tx<'_>, place: Place, user: &User, by: By, now: Timestamp) -> Result<(), Refusal> {
    let present = present(tx, place, user.id, now)?.ok_or(Refusal::NotFound)?;
    // Everybody may leave.
    if by.user_id() != Some(user.id) {
        refuse_above(by, Some(&present), None)?;
    }
    refuse_without_owner(tx, place, Some(&present), None, now)?;
    members::remove(tx, place.source, user.id)?;
    append(tx, place.source, user, None, by, now)
}

fn present(tx: &mut Tx<'_>, place: Place, user: UserId, now: Timestamp) -> Result<Option<Member>, Refusal> {
    Ok(member_list::get(tx, Scope::Direct(place.source), user, now.date())?)
}

fn save(tx: &mut Tx<'_>, wanted: &SetMember, present: Option<&Member>) -> Result<Member, Refusal> {
    let (place, user, now) = (wanted.place, &wanted.user, wanted.now);
    let level = wanted.level.filter(|level| place.source.takes(*level));
    let level = level.ok_or_else(|| Refusal::field("access_level", "is not included in the list"))?;
    refuse_above(wanted.by, present, Some(level))?;
    if user.bot && present.is_none() {
        return Err(Refusal::field(
            "user",
            "project bots cannot be added to other groups / projects",
        ));
    }
    let expires_at = match wanted.expiry {
        Expiry::Keep => present.and_then(|member| member.expires_at),
        Expiry::Never => None,
        Expiry::On(day) if day <= now.date() => {
            return Err(Refusal::field("expires_at", "cannot be a date in the past"));
        }
        Expiry::On(day) => Some(day),
    };
    refuse_below_inherited(tx, wanted, level)?;
    let stays = expires_at.is_none().then_some(level);
    refuse_without_owner(tx, place, present, stays, now)?;
    let new = NewMember {
        source: place.source,
        user_id: user.id,
        access_level: level,
        expires_at,
        created_at: now,
        created_by_id: wanted.by.user_id(),
    };
    members::set(tx, &new)?;
    append(tx, place.source, user, Some(level), wanted.by, now)?;
    self::present(tx, place, user.id, now)?.ok_or(Refusal::NotFound)
}

/// Nobody gives or takes a role above the own one.
fn refuse_above(by: By, present: Option<&Member>, wanted: Option<AccessLevel>) -> Result<(), Refusal> {
    if may_change(by.level(), present.map(|member| member.access_level), wanted) {
        Ok(())
    } else {
        Err(Refusal::Denied("only an owner can make or change an owner"))
    }
}

/// A membership that gives less than one in a group above would give nothing.
fn refuse_below_inherited(tx: &mut Tx<'_>, wanted: &SetMember, level: AccessLevel) -> Result<(), Refusal> {
    let (place, today) = (wanted.place, wanted.now.date());
    match members::inherited(tx, place.source, place.namespace, wanted.user.id, today)? {
        Some((inherited, group)) if inherited > level => Err(Refusal::field(
            "access_level",
            format!(
                "should be greater than or equal to {} inherited membership from group {group}",
                inherited.as_str()
            ),
        )),
        _ => Ok(()),
    }
}

/// A group keeps an owner, and a personal project the one in whose namespace it stands.
fn refuse_without_owner(
    tx: &mut Tx<'_>,
    place: Place,
    present: Option<&Member>,
    wanted: Option<AccessLevel>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(member) = present.filter(|member| member.access_level == AccessLevel::Owner) else {
        return Ok(());
    };
    if wanted == Some(AccessLevel::Owner) {
        return Ok(());
    }
    if place.owner == Some(member.user.id) {
        return Err(Refusal::Denied("the project stands in the user's own namespace"));
    }
    match place.source {
        Source::Group(id) if !members::has_other_owner(tx, id, member.user.id, now.date())? => {
            Err(Refusal::Denied("it is the group's last owner"))
        }
        _ => Ok(()),
    }
}

/// Appends what happened to a membership; without a level, it ended.
pub(super) fn append(
    tx: &mut Tx<'_>,
    source: Source,
    user: &User,
    level: Option<AccessLevel>,
    by: By,
    now: Timestamp,
) -> Result<(), Refusal> {
    let (project_id, group_id) = match source {
        Source::Project(id) => (Some(id), None),
        Source::Group(id) => (None, Some(id.0)),
    };
    let event = Event {
        kind: Kind::MemberChanged,
        project_id,
        deployment_id: None,
        environment_id: None,
        actor_id: by.user_id(),
        data: json!({
            "group_id": group_id,
            "user_id": user.id.0,
            "username": user.username,
            "access_level": level.map(AccessLevel::number),
        })
        .to_string(),
        at: now,
    };
    Ok(events::append(tx, &event)?)
}
