//! `/projects` (neighbours, section 4).

use landfall_domain::{
    access::{AccessLevel, Action, Decision, Subject, decide},
    member::Levels,
    project::{NamespaceKind, Project},
    user::User,
};
use landfall_store::{Conn, users};

use crate::{
    api::{
        context::Cx,
        error::ApiError,
        params::{Param, Values},
    },
    views::project::Standing,
};

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod of_user;
pub mod update;

const ID: Param = Param::text("id").in_path().doc("The project's id or URL-encoded path");

fn may_read_code(cx: &Cx, project: &Project, level: Option<AccessLevel>) -> bool {
    decide(cx.actor().as_ref(), &Subject::new(project, level), Action::ReadCode) == Decision::Allowed
}

/// Whose the project is, if it stands in a personal namespace.
fn owner(conn: &mut Conn<'_>, project: &Project) -> Result<Option<User>, landfall_store::Error> {
    match (project.namespace.kind, project.namespace.owner_id) {
        (NamespaceKind::User, Some(owner)) => users::by_id(conn, owner),
        _ => Ok(None),
    }
}

/// How the caller stands to a project that is shown.
fn standing<'a>(cx: &Cx, project: &Project, levels: Levels, owner: Option<&'a User>) -> Standing<'a> {
    Standing {
        levels,
        may_read_code: may_read_code(cx, project, levels.highest()),
        owner,
    }
}

/// The parameter of that name, in the words of a parameter that is one of a list.
pub(super) fn min_access_level(params: &Values) -> Result<Option<AccessLevel>, ApiError> {
    let Some(number) = params.integer("min_access_level") else {
        return Ok(None);
    };
    let level = AccessLevel::from_number(number);
    let invalid = || ApiError::Params("min_access_level does not have a valid value".to_owned());
    level.map(Some).ok_or_else(invalid)
}
