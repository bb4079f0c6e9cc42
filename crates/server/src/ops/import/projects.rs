//! The project that deployments are copied into.

use landfall_domain::{
    ids::OriginId,
    origin::{Kind, Origin, Progress},
    project::{Project, ProjectPath},
    time::Timestamp,
};
use landfall_store::{Tx, origins, projects};

use crate::{
    imports::ProjectRecord,
    ops::{
        Refusal,
        create_project::{CreateProject, Features, Place, create_project},
    },
};

/// An import that begins or goes on.
#[derive(Clone, Debug)]
pub struct BeginImport {
    /// What kind of system it comes from.
    pub kind: Kind,
    /// Address of that system, without the scheme.
    pub instance: String,
    /// The project there.
    pub project: ProjectRecord,
    /// The newest change there at this moment: what changes later is read after everything has been read once.
    pub newest_change: Option<Timestamp>,
    /// The time.
    pub now: Timestamp,
}

/// Finds the project with the path that it has there, or one that had it, and makes it if there is none; finds how far
/// importing it has come. A path that no project here can have is a [`Refusal::Field`] of `path`.
pub fn begin_import(tx: &mut Tx<'_>, wanted: &BeginImport) -> Result<(Project, Origin), Refusal> {
    let project = find_or_create(tx, wanted)?;
    let external = wanted.project.id;
    if let Some(origin) = origins::find(tx, project.id, wanted.kind, &wanted.instance, external)? {
        return Ok((project, origin));
    }
    let mut origin = Origin {
        id: OriginId(0),
        project_id: project.id,
        kind: wanted.kind,
        instance: wanted.instance.clone(),
        external_project_id: external,
        progress: Progress {
            walked: false,
            walked_to: None,
            changed_to: wanted.newest_change,
        },
        created_at: wanted.now,
    };
    origin.id = origins::insert(tx, &origin)?;
    Ok((project, origin))
}

fn find_or_create(tx: &mut Tx<'_>, wanted: &BeginImport) -> Result<Project, Refusal> {
    let theirs = &wanted.project;
    if let Some(found) = projects::by_path(tx, &theirs.full_path)? {
        return Ok(found);
    }
    if let Some(moved) = projects::by_redirect(tx, &theirs.full_path)? {
        return Ok(moved);
    }
    let path = ProjectPath::parse(&theirs.full_path).map_err(|error| Refusal::field("path", error.to_string()))?;
    let new = CreateProject {
        namespace: Place::Below(path.namespace().to_owned()),
        path: path.path().to_owned(),
        name: Some(theirs.name.clone()),
        description: theirs.description.clone(),
        visibility: theirs.visibility,
        default_branch: theirs.default_branch.clone(),
        repository: None,
        with_credentials: false,
        forge_url: None,
        features: Features::default(),
        creator_id: None,
        now: wanted.now,
    };
    create_project(tx, &new)
}
