//! The members of projects and groups (neighbours, section 5). Both have the same routes, so each verb is one function
//! for the two.

use landfall_domain::{
    access::{AccessLevel, Action},
    group::GroupAction,
    user::User,
};
use landfall_store::{
    Conn,
    member_list::{Member, Scope},
    users,
};

use crate::{
    api::{
        context::{Cx, InGroup, InProject},
        error::ApiError,
        params::Param,
    },
    ops::set_member::{By, Place},
    views::member::MemberView,
};

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

const ID: Param = Param::text("id").in_path().doc("Id or URL-encoded path");
const USER_ID: Param = Param::integer("user_id").in_path().doc("The user's id");

/// The project or the group in the path.
pub(super) struct Site {
    pub(super) place: Place,
    level: Option<AccessLevel>,
    may_manage: Result<(), ApiError>,
}

impl Site {
    pub(super) fn project(cx: &Cx, found: &InProject) -> Site {
        Site {
            place: Place::project(&found.project),
            level: found.level,
            may_manage: found.authorize(cx, Action::ManageMembers),
        }
    }

    pub(super) fn group(cx: &Cx, found: &InGroup) -> Site {
        Site {
            place: Place::group(found.group.namespace.id),
            level: found.level,
            may_manage: found.authorize(cx, GroupAction::ManageMembers),
        }
    }

    /// In whose name memberships are changed, for those who may.
    fn manager(self, cx: &Cx) -> Result<(Place, By), ApiError> {
        self.may_manage?;
        Ok((self.place, by(cx, self.level)?))
    }

    fn direct(&self) -> Scope {
        Scope::Direct(self.place.source)
    }

    fn all(&self) -> Scope {
        Scope::All(self.place.source, self.place.namespace)
    }
}

/// The caller as somebody who changes memberships.
pub(super) fn by(cx: &Cx, level: Option<AccessLevel>) -> Result<By, ApiError> {
    let user = cx.user()?;
    match level {
        _ if user.admin => Ok(By::Admin(user.id)),
        Some(level) => Ok(By::Member(user.id, level)),
        None => Err(ApiError::forbidden()),
    }
}

/// Those who made the members ones.
fn creators(conn: &mut Conn<'_>, members: &[Member]) -> Result<Vec<User>, landfall_store::Error> {
    let ids: Vec<_> = members.iter().filter_map(|member| member.created_by_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    users::by_ids(conn, &ids)
}

fn view<'a>(cx: &Cx, member: &'a Member, creators: &'a [User]) -> MemberView<'a> {
    let creator = creators.iter().find(|user| Some(user.id) == member.created_by_id);
    MemberView::new(member, creator, cx.urls())
}
