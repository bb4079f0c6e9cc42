//! `/projects` (neighbours, section 4).

use landfall_domain::{
    access::{AccessLevel, Action, Decision, Subject, decide},
    project::{NamespaceKind, Project},
    user::User,
};
use landfall_store::{Conn, users};

use crate::{
    api::{context::Cx, error::ApiError},
    views::project::Standing,
};

pub mod create;
pub mod get;
pub mod list;

fn may_read_code(cx: &Cx, project: &Project, level: Option<AccessLevel>) -> bool {
    decide(cx.actor().as_ref(), &Subject::new(project, level), Action::ReadCode) == Decision::Allowed
}

/// Whose the project is, if it stands in a personal namespace.
fn owner(conn: &mut Conn<'_>, project: &Project) -> Result<Option<User>, ApiError> {
    match (project.namespace.kind, project.namespace.owner_id) {
        (NamespaceKind::User, Some(owner)) => Ok(users::by_id(conn, owner)?),
        _ => Ok(None),
    }
}

/// How the caller stands to a project that is shown.
fn standing<'a>(cx: &Cx, project: &Project, level: Option<AccessLevel>, owner: Option<&'a User>) -> Standing<'a> {
    Standing {
        level,
        may_read_code: may_read_code(cx, project, level),
        owner,
    }
}
