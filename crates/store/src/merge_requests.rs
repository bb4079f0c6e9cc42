//! Merge requests, and the deployments that brought them to an environment.

use landfall_domain::{
    deployment::Deployment,
    ids::{DeploymentId, EnvironmentId, ProjectId},
    merge_request::{Forge, MergeRequest, Person},
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
    places::{a_hundred, hundred},
};

/// The columns of a merge request as [`from_row`] expects them, from a table called `m`.
macro_rules! columns {
    () => {
        "m.id, m.forge, m.iid, m.title, m.source_branch, m.target_branch, m.merged_at, m.author_name, m.author_email, \
         m.merger_name, m.merger_email, m.head, m.merge_commit, m.squash_commit"
    };
}

statements! { "merge_requests";
    // Of two tellings of one merge request the first counts, and the second fills what is unknown.
    SAVE = "INSERT INTO merge_requests (project_id, iid, forge, title, source_branch, target_branch, merged_at, \
            author_name, author_email, merger_name, merger_email, head, merge_commit, squash_commit) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
            ON CONFLICT (project_id, iid) DO UPDATE SET title = coalesce(merge_requests.title, excluded.title), \
            source_branch = coalesce(merge_requests.source_branch, excluded.source_branch), \
            target_branch = coalesce(merge_requests.target_branch, excluded.target_branch), \
            merged_at = coalesce(merge_requests.merged_at, excluded.merged_at), \
            author_name = coalesce(merge_requests.author_name, excluded.author_name), \
            author_email = coalesce(merge_requests.author_email, excluded.author_email), \
            merger_name = coalesce(merge_requests.merger_name, excluded.merger_name), \
            merger_email = coalesce(merge_requests.merger_email, excluded.merger_email), \
            head = coalesce(merge_requests.head, excluded.head), \
            merge_commit = coalesce(merge_requests.merge_commit, excluded.merge_commit), \
            squash_commit = coalesce(merge_requests.squash_commit, excluded.squash_commit) RETURNING id";
    LINK = "INSERT INTO deployment_merge_requests (environment_id, merge_request_id, deployment_id) \
            SELECT d.environment_id, $1, d.id FROM deployments d WHERE d.id = $2 \
            AND NOT EXISTS (SELECT 1 FROM linked_deployments l WHERE l.deployment_id = d.id) \
            ON CONFLICT (environment_id, merge_request_id) DO NOTHING";
    NEWEST_LINKED = "SELECT d.id, coalesce(d.commit_id, lower(d.sha)), d.git_ref FROM linked_deployments l \
                     JOIN deployments d ON d.id = l.deployment_id \
                     WHERE l.environment_id = $1 AND l.deployment_id <= $2 ORDER BY l.deployment_id DESC LIMIT 1";
    SET_LINKED = "INSERT INTO linked_deployments (deployment_id, environment_id) \
                  SELECT id, environment_id FROM deployments WHERE id = $1 ON CONFLICT (deployment_id) DO NOTHING";
    UNLINK_100 = concat!("DELETE FROM deployment_merge_requests WHERE deployment_id IN (", hundred!(), ")");
    UNSET_LINKED_100 = concat!("DELETE FROM linked_deployments WHERE deployment_id IN (", hundred!(), ")");
    OF_DEPLOYMENT = concat!("SELECT ", columns!(), " FROM deployment_merge_requests l \
                             JOIN merge_requests m ON m.id = l.merge_request_id \
                             WHERE l.deployment_id = $1 ORDER BY m.iid");
    BY_IID = concat!("SELECT ", columns!(), " FROM merge_requests m WHERE m.project_id = $1 AND m.iid = $2");
    // A range of one environment, as in `deployments`, so that PostgreSQL does not walk through all deployments by id.
    SUCCESSES = "SELECT d.id, coalesce(d.commit_id, lower(d.sha)), d.git_ref FROM deployments d \
                 WHERE d.environment_id BETWEEN $1 AND $1 AND d.status = 2 AND d.id > $2 AND d.id <= $3 \
                 ORDER BY d.environment_id, d.id LIMIT $4";
}

/// A successful deployment, as far as its history matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// Which.
    pub id: DeploymentId,
    /// The full id of its commit, if that is known.
    pub commit: String,
    /// Branch or tag.
    pub git_ref: String,
}

/// The newest deployment of the environment up to this one whose history has been looked through. Those before it have had
/// their turn.
pub fn newest_linked(
    conn: &mut Conn<'_>,
    environment: EnvironmentId,
    up_to: DeploymentId,
) -> Result<Option<Success>, Error> {
    conn.query_opt(&NEWEST_LINKED, &[environment.0.into(), up_to.0.into()], success)
}

/// The oldest so many successful deployments of the environment behind the first and up to the last of these two, oldest
/// first.
pub fn successes(
    conn: &mut Conn<'_>,
    environment: EnvironmentId,
    (behind, up_to): (DeploymentId, DeploymentId),
    most: i64,
) -> Result<Vec<Success>, Error> {
    let values = [environment.0.into(), behind.0.into(), up_to.0.into(), most.into()];
    conn.query(&SUCCESSES, &values, success)
}

fn success(row: &Row<'_>) -> Result<Success, Error> {
    Ok(Success {
        id: DeploymentId(row.get(0)?),
        commit: row.get(1)?,
        git_ref: row.get(2)?,
    })
}

/// Notes that a deployment brought a merge request, unless an earlier one has brought it to the environment, or all that
/// the deployment brought is known already. A deployment that is gone meanwhile brings nothing.
pub fn link(
    tx: &mut Tx<'_>,
    project: ProjectId,
    deployment: DeploymentId,
    brought: &MergeRequest,
) -> Result<(), Error> {
    let id = save(tx, project, brought)?;
    tx.execute(&LINK, &[id.into(), deployment.0.into()])?;
    Ok(())
}

/// Notes that all that a deployment brought is known.
pub fn set_linked(tx: &mut Tx<'_>, deployment: DeploymentId) -> Result<(), Error> {
    tx.execute(&SET_LINKED, &[deployment.0.into()])?;
    Ok(())
}

/// The project's merge request of this number, if it is in the index.
pub fn by_iid(conn: &mut Conn<'_>, project: ProjectId, iid: i64) -> Result<Option<MergeRequest>, Error> {
    conn.query_opt(&BY_IID, &[project.0.into(), iid.into()], from_row)
}

/// Puts a merge request into the index, and answers its id. What is there already stays; what was unknown is filled.
pub fn save(tx: &mut Tx<'_>, project: ProjectId, it: &MergeRequest) -> Result<i64, Error> {
    let name = |person: &'_ Option<Person>| person.as_ref().map(|person| person.name.clone());
    let email = |person: &'_ Option<Person>| person.as_ref().map(|person| person.email.clone());
    let (author_name, author_email) = (name(&it.author), email(&it.author));
    let (merger_name, merger_email) = (name(&it.merged_by), email(&it.merged_by));
    let values = [
        project.0.into(),
        it.iid.into(),
        it.forge.as_str().into(),
        it.title.as_ref().into(),
        it.source_branch.as_ref().into(),
        it.target_branch.as_ref().into(),
        it.merged_at.into(),
        author_name.as_ref().into(),
        author_email.as_ref().into(),
        merger_name.as_ref().into(),
        merger_email.as_ref().into(),
        it.head.as_ref().into(),
        it.merge_commit.as_ref().into(),
        it.squash_commit.as_ref().into(),
    ];
    tx.query_one(&SAVE, &values, |row| row.get(0))
}

/// The merge requests that a deployment brought, by number.
pub fn of_deployment(conn: &mut Conn<'_>, deployment: DeploymentId) -> Result<Vec<MergeRequest>, Error> {
    conn.query(&OF_DEPLOYMENT, &[deployment.0.into()], from_row)
}

/// Forgets what at most a hundred deployments brought; later ones may then have brought it.
pub(crate) fn unlink(tx: &mut Tx<'_>, deployments: &[Deployment]) -> Result<(), Error> {
    let ids = a_hundred(deployments.iter().map(|deployment| deployment.id.0));
    tx.execute(&UNLINK_100, &ids)?;
    tx.execute(&UNSET_LINKED_100, &ids)?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<MergeRequest, Error> {
    let mut columns = Columns::of(row);
    Ok(MergeRequest {
        id: columns.next()?,
        forge: columns.parsed(Forge::parse)?,
        iid: columns.next()?,
        title: columns.next()?,
        source_branch: columns.next()?,
        target_branch: columns.next()?,
        merged_at: columns.next()?,
        author: person(&mut columns)?,
        merged_by: person(&mut columns)?,
        head: columns.next()?,
        merge_commit: columns.next()?,
        squash_commit: columns.next()?,
    })
}

fn person(columns: &mut Columns<'_>) -> Result<Option<Person>, Error> {
    let (name, email): (Option<String>, Option<String>) = (columns.next()?, columns.next()?);
    Ok(name.zip(email).map(|(name, email)| Person { name, email }))
}
