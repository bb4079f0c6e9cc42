//! Sources of hooks: who may send, and what is checked. Of secrets that are only compared there are digests alone.

use std::collections::BTreeMap;

use landfall_domain::{
    hook::{HookSource, Proof, Scope, Sender},
    ids::{HookSourceId, NamespaceId, ProjectId, UserId},
    time::Timestamp,
    token::{Digest, Secret},
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
    groups, projects,
};

macro_rules! select {
    () => {
        "SELECT s.id, s.sender, s.project_id, s.namespace_id, s.name, s.user_id, s.projects, s.digest, s.secret, \
         s.created_at FROM hook_sources s "
    };
}

statements! { "hook_sources";
    BY_ID = concat!(select!(), "WHERE s.id = $1 AND s.deleted_at IS NULL");
    OF_SENDER = concat!(select!(), "WHERE s.sender = $1 AND s.deleted_at IS NULL ORDER BY s.id");
    OF_PROJECT = concat!(select!(), "WHERE s.project_id = $1 AND s.deleted_at IS NULL ORDER BY s.id");
    ALL = concat!(select!(), "WHERE s.deleted_at IS NULL ORDER BY s.id");
    INSERT = "INSERT INTO hook_sources (sender, project_id, namespace_id, name, user_id, projects, digest, secret, \
              created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
    SET_PROOF = "UPDATE hook_sources SET digest = $1, secret = $2 WHERE id = $3 AND deleted_at IS NULL";
    DELETE = "UPDATE hook_sources SET deleted_at = $1, digest = NULL, secret = NULL \
              WHERE id = $2 AND deleted_at IS NULL";
    DELETE_OF_PROJECT = "UPDATE hook_sources SET deleted_at = $1, digest = NULL, secret = NULL \
                         WHERE project_id = $2 AND deleted_at IS NULL";
    DELETE_OF_GROUP = "UPDATE hook_sources SET deleted_at = $1, digest = NULL, secret = NULL \
                       WHERE namespace_id IN (SELECT a.namespace_id FROM namespace_ancestors a \
                       WHERE a.ancestor_id = $2) AND deleted_at IS NULL";
}

/// A source to be made.
#[derive(Clone, Debug)]
pub struct NewHookSource {
    /// Which kind of sender it is.
    pub sender: Sender,
    /// What its deliveries may be about.
    pub scope: Scope,
    /// What its owners call it; empty if they do not.
    pub name: String,
    /// As whom its deployments count where the sender names nobody.
    pub user_id: Option<UserId>,
    /// The sender's path of a project, in small letters, to ours.
    pub projects: BTreeMap<String, String>,
    /// What its deliveries are checked against.
    pub proof: Proof,
    /// When it is made.
    pub created_at: Timestamp,
}

/// The source with this id, unless it was deleted.
pub fn by_id(conn: &mut Conn<'_>, id: HookSourceId) -> Result<Option<HookSource>, Error> {
    conn.query_opt(&BY_ID, &[id.0.into()], from_row)
}

/// The sources of a kind of sender, oldest first.
pub fn of_sender(conn: &mut Conn<'_>, sender: Sender) -> Result<Vec<HookSource>, Error> {
    conn.query(&OF_SENDER, &[sender.as_str().into()], from_row)
}

/// A project's own sources, oldest first.
pub fn of_project(conn: &mut Conn<'_>, project: ProjectId) -> Result<Vec<HookSource>, Error> {
    conn.query(&OF_PROJECT, &[project.0.into()], from_row)
}

/// All sources, oldest first.
pub fn all(conn: &mut Conn<'_>) -> Result<Vec<HookSource>, Error> {
    conn.query(&ALL, &[], from_row)
}

/// Makes a source.
pub fn insert(tx: &mut Tx<'_>, new: &NewHookSource) -> Result<HookSource, Error> {
    let (project, namespace) = match new.scope {
        Scope::Project(id) => {
            projects::require(tx, id)?;
            (Some(id.0), None)
        }
        Scope::Group(id) => {
            groups::require(tx, id)?;
            (None, Some(id.0))
        }
    };
    let projects = serde_json::to_string(&new.projects).map_err(|error| Error::Engine(error.to_string()))?;
    let (digest, secret) = stored(&new.proof);
    let values = [
        new.sender.as_str().into(),
        project.into(),
        namespace.into(),
        (&new.name).into(),
        new.user_id.map(|id| id.0).into(),
        (&projects).into(),
        digest.as_ref().into(),
        secret.into(),
        new.created_at.into(),
    ];
    let id = tx.query_one(&INSERT, &values, |row| row.get(0))?;
    Ok(HookSource {
        id: HookSourceId(id),
        sender: new.sender,
        scope: new.scope,
        name: new.name.clone(),
        user_id: new.user_id,
        projects: new.projects.clone(),
        proof: new.proof.clone(),
        created_at: new.created_at,
    })
}

/// Replaces what deliveries are checked against; answers whether the source exists.
pub fn set_proof(tx: &mut Tx<'_>, id: HookSourceId, proof: &Proof) -> Result<bool, Error> {
    let (digest, secret) = stored(proof);
    Ok(tx.execute(&SET_PROOF, &[digest.as_ref().into(), secret.into(), id.0.into()])? == 1)
}

/// Deletes a source, its secret above all; what it has sent stays. Answers whether it existed.
pub fn delete(tx: &mut Tx<'_>, id: HookSourceId, at: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, &[at.into(), id.0.into()])? == 1)
}

/// Deletes the sources of a project that ends.
pub(crate) fn delete_of_project(tx: &mut Tx<'_>, project: ProjectId, at: Timestamp) -> Result<(), Error> {
    tx.execute(&DELETE_OF_PROJECT, &[at.into(), project.0.into()])?;
    Ok(())
}

/// Deletes the sources of a group that ends, and of those below it.
pub(crate) fn delete_of_group(tx: &mut Tx<'_>, group: NamespaceId, at: Timestamp) -> Result<(), Error> {
    tx.execute(&DELETE_OF_GROUP, &[at.into(), group.0.into()])?;
    Ok(())
}

fn stored(proof: &Proof) -> (Option<String>, Option<&str>) {
    match proof {
        Proof::Digest(digest) => (Some(digest.to_hex()), None),
        Proof::Secret(secret) => (None, Some(secret.expose())),
    }
}

fn from_row(row: &Row<'_>) -> Result<HookSource, Error> {
    let mut columns = Columns::of(row);
    Ok(HookSource {
        id: HookSourceId(columns.next()?),
        sender: columns.parsed(Sender::parse)?,
        scope: scope(columns.next()?, columns.next()?)?,
        name: columns.next()?,
        user_id: columns.next::<Option<i64>>()?.map(UserId),
        projects: columns.parsed(|json: &str| serde_json::from_str(json).ok())?,
        proof: proof(columns.next::<Option<String>>()?.as_deref(), columns.next()?)?,
        created_at: columns.next()?,
    })
}

fn scope(project: Option<i64>, namespace: Option<i64>) -> Result<Scope, Error> {
    match (project, namespace) {
        (Some(id), None) => Ok(Scope::Project(ProjectId(id))),
        (None, Some(id)) => Ok(Scope::Group(NamespaceId(id))),
        _ => Err(Error::corrupt("a hook source is of one project or of one group")),
    }
}

/// What is wrong is told without the value.
fn proof(digest: Option<&str>, secret: Option<String>) -> Result<Proof, Error> {
    let digest = digest.and_then(Digest::from_hex).map(Proof::Digest);
    digest
        .or(secret.map(|secret| Proof::Secret(Secret::new(secret))))
        .ok_or_else(|| Error::corrupt("a hook source has neither a digest nor a secret"))
}
