//! Which project a delivery is about.

use landfall_domain::{
    hook::{HookSource, Scope},
    project::{Namespace, Project},
};
use landfall_store::{Conn, Error, namespaces, projects};

use crate::hooks_in::ProjectHint;

/// The project, or a sentence that says why there is none.
pub(super) fn resolve(
    conn: &mut Conn<'_>,
    source: &HookSource,
    hint: Option<&ProjectHint>,
) -> Result<Result<Project, String>, Error> {
    let found = match source.scope {
        Scope::Project(id) => match projects::by_id(conn, id)? {
            Some(project) => own(conn, project, hint)?,
            None => Err("the project of the hook source is gone".to_owned()),
        },
        Scope::Group(id) => match namespaces::by_id(conn, id)? {
            Some(group) => below(conn, source, &group, hint)?,
            None => Err("the group of the hook source is gone".to_owned()),
        },
    };
    Ok(found.and_then(|project| {
        if project.archived {
            Err(format!("the project {} is archived", project.full_path()))
        } else {
            Ok(project)
        }
    }))
}

/// A source of one project speaks of that project, whatever its sender calls it; but not where somebody has set the sender
/// up for another one.
fn own(conn: &mut Conn<'_>, project: Project, hint: Option<&ProjectHint>) -> Result<Result<Project, String>, Error> {
    let Some(named) = hint.filter(|hint| hint.is_ours).and_then(|hint| hint.path.as_deref()) else {
        return Ok(Ok(project));
    };
    let is_same = by_path(conn, named)?.is_some_and(|found| found.id == project.id);
    Ok(if is_same {
        Ok(project)
    } else {
        Err(format!(
            "the report names the project {named}, but its hook source is for {} alone",
            project.full_path()
        ))
    })
}

/// A source of a group speaks of the project that its sender names, below the group.
fn below(
    conn: &mut Conn<'_>,
    source: &HookSource,
    group: &Namespace,
    hint: Option<&ProjectHint>,
) -> Result<Result<Project, String>, Error> {
    let Some(told) = hint.and_then(|hint| hint.path.as_deref()) else {
        return Ok(Err(
            "the report names no project, and its hook source is for a group; name one at the sender, or make a source for \
             the project"
                .to_owned(),
        ));
    };
    let path = source.projects.get(&told.to_lowercase()).map_or(told, String::as_str);
    let found = by_path(conn, path)?.filter(|project| is_below(&project.namespace, group));
    Ok(found.ok_or_else(|| {
        format!(
            "there is no project {path} below the group {}; make it, or map the sender's path to another one, and replay \
             the delivery",
            group.full_path
        )
    }))
}

fn by_path(conn: &mut Conn<'_>, path: &str) -> Result<Option<Project>, Error> {
    if path.contains('\0') {
        return Ok(None);
    }
    match projects::by_path(conn, path)? {
        None => projects::by_redirect(conn, path),
        found => Ok(found),
    }
}

fn is_below(namespace: &Namespace, group: &Namespace) -> bool {
    let (path, above) = (namespace.full_path.to_lowercase(), group.full_path.to_lowercase());
    path == above || path.strip_prefix(&above).is_some_and(|rest| rest.starts_with('/'))
}
