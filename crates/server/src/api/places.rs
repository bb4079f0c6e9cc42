//! Step 11 (reference section 5): the project or group that the path names, as the caller stands to it.

use std::sync::Arc;

use http::Method;
use landfall_domain::{
    access::{Action, Decision},
    group::{Group, GroupAction, GroupRef},
    ids::{NamespaceId, ProjectId, UserId},
    member::Levels,
    project::{Project, ProjectRef},
};
use landfall_store::{Conn, groups, members, projects};

use super::{
    context::{Cx, InGroup, InProject},
    error::ApiError,
    path::normalise,
};

/// The project, for those who may see it.
pub(super) fn find_project(cx: &Cx, conn: &mut Conn<'_>) -> Result<InProject, ApiError> {
    let (found, moved) = named(cx, conn, cx.path_param("id"))?;
    let project = found.ok_or_else(ApiError::project_not_found)?;
    let levels = match cx.actor() {
        Some(actor) => levels(cx, conn, &project, actor.user_id)?,
        None => Levels::default(),
    };
    let level = levels.highest();
    let in_project = InProject { project, level, levels };
    if in_project.decide(cx, Action::ReadProject) != Decision::Allowed {
        return Err(ApiError::project_not_found());
    }
    if moved {
        return Err(moved_to(cx, in_project.project.id));
    }
    Ok(in_project)
}

/// The project that is called so, and whether that is only where it once was.
fn named(cx: &Cx, conn: &mut Conn<'_>, name: &str) -> Result<(Option<Arc<Project>>, bool), ApiError> {
    let cache = &cx.app.cache;
    if let Some(project) = cache.project(name) {
        return Ok((Some(project), false));
    }
    let found = match ProjectRef::parse(name) {
        ProjectRef::Id(id) => projects::by_id(conn, ProjectId(id))?,
        ProjectRef::Path(path) => match projects::by_path(conn, &path)? {
            Some(project) => Some(project),
            None => return Ok((projects::by_redirect(conn, &path)?.map(Arc::new), true)),
        },
        ProjectRef::Nothing => None,
    };
    let found = found.map(Arc::new);
    if let Some(project) = &found {
        cache.keep_project(cx.state, name, project);
    }
    Ok((found, false))
}

fn levels(cx: &Cx, conn: &mut Conn<'_>, project: &Project, user: UserId) -> Result<Levels, ApiError> {
    let (cache, today) = (&cx.app.cache, cx.now.date());
    if let Some(levels) = cache.levels(project.id, user, today) {
        return Ok(levels);
    }
    let levels = members::levels(conn, project, user, today)?;
    cache.keep_levels(cx.state, project.id, user, today, levels);
    Ok(levels)
}

/// The group, for those who may see it; old paths of groups lead nowhere.
pub(super) fn find_group(cx: &Cx, conn: &mut Conn<'_>) -> Result<InGroup, ApiError> {
    let found = match GroupRef::parse(cx.path_param("id")) {
        GroupRef::Id(id) => groups::by_id(conn, NamespaceId(id))?,
        GroupRef::Path(path) => groups::by_path(conn, &path)?,
        GroupRef::Nothing => None,
    };
    in_group(cx, conn, found.ok_or_else(ApiError::group_not_found)?)
}

/// The group as the caller stands to it; not found for those who may not see it.
pub(crate) fn in_group(cx: &Cx, conn: &mut Conn<'_>, group: Group) -> Result<InGroup, ApiError> {
    let mut found = InGroup {
        group,
        level: None,
        is_member_below: false,
    };
    if let Some(actor) = cx.actor() {
        let (id, today) = (found.group.namespace.id, cx.now.date());
        found.level = members::group_level(conn, id, actor.user_id, today)?;
        if found.decide(cx, GroupAction::Read) != Decision::Allowed {
            found.is_member_below = groups::is_member_below(conn, id, actor.user_id, today)?;
        }
    }
    found.authorize(cx, GroupAction::Read)?;
    Ok(found)
}

/// A path that is only a redirect: followed by the client on GET, refused otherwise.
fn moved_to(cx: &Cx, project: ProjectId) -> ApiError {
    if cx.method != Method::GET {
        return ApiError::method_moved();
    }
    let path = normalise(&cx.raw_path);
    let rest = path.splitn(4, '/').nth(3).unwrap_or_default();
    let separator = if rest.is_empty() { "" } else { "/" };
    let query = cx
        .raw_query
        .as_deref()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    ApiError::Moved {
        location: cx.urls().api(&format!("/projects/{project}{separator}{rest}{query}")),
    }
}
