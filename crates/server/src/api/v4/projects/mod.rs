//! `/projects` (neighbours, section 4).

use landfall_domain::{
    access::{AccessLevel, Action, Decision, Subject, decide},
    member::Levels,
    mirror::Mirror,
    project::{NamespaceKind, Project, RepositoryPlace},
    user::User,
};
use landfall_git::RemoteUrl;
use landfall_store::{Conn, mirrors, users};

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
pub mod mirror;
pub mod of_user;
pub mod update;

const ID: Param = Param::text("id").in_path().doc("The project's id or URL-encoded path");

fn may_read_code(cx: &Cx, project: &Project, level: Option<AccessLevel>) -> bool {
    may(cx, project, level, Action::ReadCode)
}

fn may(cx: &Cx, project: &Project, level: Option<AccessLevel>, action: Action) -> bool {
    decide(cx.actor().as_ref(), &Subject::new(project, level), action) == Decision::Allowed
}

/// Whose the project is, and what its repository is a copy of.
#[derive(Default)]
struct Around {
    owner: Option<User>,
    mirror: Option<Mirror>,
}

impl Around {
    fn of(conn: &mut Conn<'_>, project: &Project) -> Result<Around, landfall_store::Error> {
        Ok(Around {
            owner: owner(conn, project)?,
            mirror: mirror(conn, project)?,
        })
    }
}

/// What the project's repository is a copy of.
fn mirror(conn: &mut Conn<'_>, project: &Project) -> Result<Option<Mirror>, landfall_store::Error> {
    match project.repository {
        Some(RepositoryPlace::Remote(_)) => mirrors::of_project(conn, project.id),
        Some(RepositoryPlace::Directory(_)) | None => Ok(None),
    }
}

/// Whose the project is, if it stands in a personal namespace.
fn owner(conn: &mut Conn<'_>, project: &Project) -> Result<Option<User>, landfall_store::Error> {
    match (project.namespace.kind, project.namespace.owner_id) {
        (NamespaceKind::User, Some(owner)) => users::by_id(conn, owner),
        _ => Ok(None),
    }
}

/// How the caller stands to a project that is shown.
fn standing<'a>(
    cx: &Cx,
    project: &Project,
    levels: Levels,
    owner: Option<&'a User>,
    mirror: Option<&'a Mirror>,
) -> Standing<'a> {
    let level = levels.highest();
    Standing {
        levels,
        may_read_code: may_read_code(cx, project, level),
        may_administer: may(cx, project, level, Action::AdminProject),
        owner,
        mirror,
    }
}

/// The address that `import_url` is to be, if it is given; empty for none.
fn import_url(params: &Values) -> Result<Option<String>, ApiError> {
    let Some(text) = params.text("import_url").filter(|_| params.given("import_url")) else {
        return Ok(params.given("import_url").then(String::new));
    };
    if text.trim().is_empty() {
        return Ok(Some(String::new()));
    }
    let url = RemoteUrl::parse(text).map_err(|error| ApiError::field("import_url", error.to_string()))?;
    Ok(Some(url.as_str().to_owned()))
}

/// Whether the caller may use the credentials that the server has for other servers.
fn may_use_credentials(cx: &Cx) -> bool {
    cx.actor().is_some_and(|actor| actor.admin)
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
