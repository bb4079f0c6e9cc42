//! Projects, and the old paths that lead to them.

use landfall_domain::{
    ids::{ProjectId, UserId},
    project::{FeatureAccess, Namespace, Project, RepositoryPlace, Visibility},
    time::Timestamp,
};

use crate::{
    engine::{Columns, Conn, Row, Tx, Value, statements},
    error::Error,
    hook_sources, mirrors, namespaces, purges, webhooks,
};

/// The columns of a project as [`read`] expects them, from tables called `p` and `n`.
macro_rules! columns {
    () => {
        concat!(
            "p.id, p.creator_id, p.name, p.path, p.description, p.visibility, p.default_branch, p.repository, \
             p.forge_url, p.archived, p.repository_access, p.builds_access, p.environments_access, p.created_at, \
             p.updated_at, p.marked_for_deletion_at, ",
            $crate::namespaces::columns!()
        )
    };
}
pub(crate) use columns;

macro_rules! select {
    () => {
        concat!(
            "SELECT ",
            $crate::projects::columns!(),
            " FROM projects p JOIN namespaces n ON n.id = p.namespace_id AND NOT p.deleted"
        )
    };
}
pub(crate) use select;

statements! { "projects";
    BY_ID = concat!(select!(), " WHERE p.id = $1");
    BY_PATH = concat!(select!(), " WHERE lower(p.full_path) = $1");
    BY_REDIRECT = concat!(select!(), " JOIN redirects r ON r.project_id = p.id WHERE lower(r.full_path) = $1");
    REQUIRE = "SELECT 1 FROM projects p WHERE p.id = $1 AND NOT p.deleted";
    BY_REPOSITORY = concat!(select!(), " WHERE p.repository = $1 ORDER BY p.id");
    INSERT = "INSERT INTO projects (namespace_id, creator_id, name, path, full_path, description, visibility, \
              default_branch, repository, forge_url, archived, repository_access, builds_access, environments_access, \
              created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
              RETURNING id";
    INSERT_COUNTER = "INSERT INTO deployment_counters (project_id, last_iid, total) VALUES ($1, 0, 0)";
    UPDATE = "UPDATE projects SET namespace_id = $1, name = $2, path = $3, full_path = $4, description = $5, \
              visibility = $6, default_branch = $7, repository = $8, forge_url = $9, archived = $10, \
              repository_access = $11, builds_access = $12, environments_access = $13, updated_at = $14, \
              marked_for_deletion_at = $15 WHERE id = $16";
    DEFAULT_BRANCH = "UPDATE projects SET default_branch = $1 WHERE id = $2 AND default_branch IS NULL AND NOT deleted";
    INSERT_REDIRECT = "INSERT INTO redirects (full_path, project_id, created_at) VALUES ($1, $2, $3)";
    DELETE_REDIRECT = "DELETE FROM redirects WHERE lower(full_path) = $1";
    MARKED = concat!(select!(), " WHERE p.marked_for_deletion_at <= $1 ORDER BY p.marked_for_deletion_at, p.id LIMIT 1");
    DELETE_REDIRECTS = "DELETE FROM redirects WHERE project_id = $1";
    DELETE_MEMBERS = "DELETE FROM members WHERE project_id = $1";
    REVOKE_TOKENS = "UPDATE tokens SET revoked = $1 WHERE project_id = $2";
    DELETE_COUNTER = "DELETE FROM deployment_counters WHERE project_id = $1";
    DELETE = "UPDATE projects SET deleted = $1, marked_for_deletion_at = NULL, name = '', path = '', \
              full_path = '-/' || id, description = NULL, default_branch = NULL, repository = NULL, \
              forge_url = NULL WHERE id = $2";
}

/// A project to be made.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// Where it stands.
    pub namespace: Namespace,
    /// Who made it.
    pub creator_id: Option<UserId>,
    /// Shown name.
    pub name: String,
    /// Last segment of the path.
    pub path: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Branch shown as the default one.
    pub default_branch: Option<String>,
    /// Its git repository.
    pub repository: Option<RepositoryPlace>,
    /// Its address on the forge that its code comes from.
    pub forge_url: Option<String>,
    /// Who may use the repository.
    pub repository_access: FeatureAccess,
    /// Who may use CI/CD.
    pub builds_access: FeatureAccess,
    /// Who may use environments and deployments.
    pub environments_access: FeatureAccess,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The project with this id.
pub fn by_id(conn: &mut Conn<'_>, id: ProjectId) -> Result<Option<Project>, Error> {
    conn.query_opt(&BY_ID, &[id.0.into()], from_row)
}

/// The project at this path, in any letter case.
pub fn by_path(conn: &mut Conn<'_>, full_path: &str) -> Result<Option<Project>, Error> {
    conn.query_opt(&BY_PATH, &[(&full_path.to_ascii_lowercase()).into()], from_row)
}

/// The project that has been at this path and is elsewhere now.
pub fn by_redirect(conn: &mut Conn<'_>, full_path: &str) -> Result<Option<Project>, Error> {
    conn.query_opt(&BY_REDIRECT, &[(&full_path.to_ascii_lowercase()).into()], from_row)
}

/// Refuses to go on with a project that was deleted since it was looked up. To be asked in the transaction that records
/// something in it; a deployment asks the project's counter instead, which goes with it.
pub(crate) fn require(conn: &mut Conn<'_>, id: ProjectId) -> Result<(), Error> {
    let found = conn.query_opt(&REQUIRE, &[id.0.into()], |_| Ok(()))?;
    found.ok_or(Error::Gone(id.into()))
}

/// The first project that uses the repository in this directory.
pub fn by_repository(conn: &mut Conn<'_>, directory: &str) -> Result<Option<Project>, Error> {
    conn.query_opt(&BY_REPOSITORY, &[directory.into()], from_row)
}

/// Makes a project. The conflict is `projects_full_path`, also where a group has the path. An old path of another
/// project that is taken over leads there no more.
pub fn insert(tx: &mut Tx<'_>, new: &NewProject) -> Result<Project, Error> {
    let full_path = format!("{}/{}", new.namespace.full_path, new.path);
    refuse_taken(tx, &full_path)?;
    let values = [
        new.namespace.id.0.into(),
        new.creator_id.map(|id| id.0).into(),
        (&new.name).into(),
        (&new.path).into(),
        (&full_path).into(),
        new.description.as_ref().into(),
        new.visibility.as_str().into(),
        new.default_branch.as_ref().into(),
        new.repository.as_ref().map(RepositoryPlace::as_str).into(),
        new.forge_url.as_ref().into(),
        false.into(),
        new.repository_access.as_str().into(),
        new.builds_access.as_str().into(),
        new.environments_access.as_str().into(),
        new.created_at.into(),
        new.created_at.into(),
    ];
    let id: i64 = tx.query_one(&INSERT, &values, |row| row.get(0))?;
    tx.execute(&INSERT_COUNTER, &[id.into()])?;
    tx.execute(&DELETE_REDIRECT, &[(&full_path.to_ascii_lowercase()).into()])?;
    Ok(Project {
        id: ProjectId(id),
        namespace: new.namespace.clone(),
        creator_id: new.creator_id,
        name: new.name.clone(),
        path: new.path.clone(),
        description: new.description.clone(),
        visibility: new.visibility,
        default_branch: new.default_branch.clone(),
        repository: new.repository.clone(),
        forge_url: new.forge_url.clone(),
        archived: false,
        repository_access: new.repository_access,
        builds_access: new.builds_access,
        environments_access: new.environments_access,
        created_at: new.created_at,
        updated_at: new.created_at,
        marked_for_deletion_at: None,
    })
}

/// Writes everything of a project but its id, its creator and the time it was made. Where that changes the path, the
/// old one becomes a redirect. The conflict is `projects_full_path`.
pub fn update(tx: &mut Tx<'_>, project: &Project) -> Result<(), Error> {
    let full_path = project.full_path();
    let before = by_id(tx, project.id)?.map(|before| before.full_path());
    let moved = before.filter(|before| *before != full_path);
    if let Some(before) = &moved
        && !before.eq_ignore_ascii_case(&full_path)
    {
        refuse_taken(tx, &full_path)?;
        tx.execute(&DELETE_REDIRECT, &[(&full_path.to_ascii_lowercase()).into()])?;
        tx.execute(&DELETE_REDIRECT, &[(&before.to_ascii_lowercase()).into()])?;
        tx.execute(
            &INSERT_REDIRECT,
            &[before.into(), project.id.0.into(), project.updated_at.into()],
        )?;
    }
    let values: [Value<'_>; 16] = [
        project.namespace.id.0.into(),
        (&project.name).into(),
        (&project.path).into(),
        (&full_path).into(),
        project.description.as_ref().into(),
        project.visibility.as_str().into(),
        project.default_branch.as_ref().into(),
        project.repository.as_ref().map(RepositoryPlace::as_str).into(),
        project.forge_url.as_ref().into(),
        project.archived.into(),
        project.repository_access.as_str().into(),
        project.builds_access.as_str().into(),
        project.environments_access.as_str().into(),
        project.updated_at.into(),
        project.marked_for_deletion_at.into(),
        project.id.0.into(),
    ];
    tx.execute(&UPDATE, &values)?;
    Ok(())
}

/// Gives a project a default branch unless it has one.
pub fn set_default_branch(tx: &mut Tx<'_>, id: ProjectId, branch: &str) -> Result<(), Error> {
    tx.execute(&DEFAULT_BRANCH, &[branch.into(), id.0.into()])?;
    Ok(())
}

/// The project that has been marked for deletion the longest, if that was at `before` or earlier.
pub fn marked(conn: &mut Conn<'_>, before: Timestamp) -> Result<Option<Project>, Error> {
    conn.query_opt(&MARKED, &[before.into()], from_row)
}

/// Ends a project: nobody finds it any more, its path is free, its tokens are dead, no hook can send for it, and nothing
/// can be recorded in it. Its records go in steps after this ([`crate::purges`]).
pub fn delete(tx: &mut Tx<'_>, id: ProjectId, at: Timestamp) -> Result<(), Error> {
    tx.execute(&DELETE_REDIRECTS, &[id.0.into()])?;
    tx.execute(&DELETE_MEMBERS, &[id.0.into()])?;
    tx.execute(&REVOKE_TOKENS, &[true.into(), id.0.into()])?;
    tx.execute(&DELETE_COUNTER, &[id.0.into()])?;
    hook_sources::delete_of_project(tx, id, at)?;
    webhooks::delete_of_project(tx, id)?;
    mirrors::remove(tx, id)?;
    tx.execute(&DELETE, &[true.into(), id.0.into()])?;
    purges::add(tx, id)
}

fn refuse_taken(tx: &mut Tx<'_>, full_path: &str) -> Result<(), Error> {
    match namespaces::by_path(tx, full_path)? {
        Some(_) => Err(Error::Conflict {
            constraint: "projects_full_path".to_owned(),
        }),
        None => Ok(()),
    }
}

pub(crate) fn from_row(row: &Row<'_>) -> Result<Project, Error> {
    read(&mut Columns::of(row))
}

/// Reads [`columns!`].
fn read(columns: &mut Columns<'_>) -> Result<Project, Error> {
    Ok(Project {
        id: ProjectId(columns.next()?),
        creator_id: columns.next::<Option<i64>>()?.map(UserId),
        name: columns.next()?,
        path: columns.next()?,
        description: columns.next()?,
        visibility: columns.parsed(Visibility::parse)?,
        default_branch: columns.next()?,
        repository: columns.next::<Option<String>>()?.map(RepositoryPlace::from),
        forge_url: columns.next()?,
        archived: columns.next()?,
        repository_access: columns.parsed(FeatureAccess::parse)?,
        builds_access: columns.parsed(FeatureAccess::parse)?,
        environments_access: columns.parsed(FeatureAccess::parse)?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
        marked_for_deletion_at: columns.next()?,
        namespace: namespaces::read(columns)?,
    })
}
