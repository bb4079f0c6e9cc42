//! A store with two projects in it.

use landfall_domain::{
    deployment::{Facts, Source, Status},
    environment::{AutoStopSetting, Environment, State, Tier},
    ids::{EnvironmentId, Iid, ProjectId},
    project::{FeatureAccess, Visibility},
    time::Timestamp,
};
use landfall_store::{
    Error, Store, Tx,
    deployments::{self, NewDeployment},
    environments, namespaces,
    projects::{self, NewProject},
    testing::{Engine, TestDatabase},
};

pub(crate) const ONE: ProjectId = ProjectId(1);
pub(crate) const TWO: ProjectId = ProjectId(2);

/// Makes a project with an environment of the same number.
pub(crate) fn make_project(tx: &mut Tx<'_>, path: &str) -> Result<(ProjectId, EnvironmentId), Error> {
    let new = NewProject {
        namespace: namespaces::ensure_path(tx, "group", at(1))?,
        creator_id: None,
        name: path.to_owned(),
        path: path.to_owned(),
        description: None,
        visibility: Visibility::Private,
        default_branch: None,
        repository: None,
        forge_url: None,
        repository_access: FeatureAccess::Enabled,
        builds_access: FeatureAccess::Enabled,
        environments_access: FeatureAccess::Enabled,
        created_at: at(1),
    };
    let project = projects::insert(tx, &new)?.id;
    Ok((project, make_environment(tx, project, "production")?))
}

pub(crate) fn make_environment(tx: &mut Tx<'_>, project: ProjectId, name: &str) -> Result<EnvironmentId, Error> {
    let new = Environment {
        id: EnvironmentId(0),
        project_id: project,
        name: name.to_owned(),
        slug: name.to_owned(),
        external_url: None,
        tier: Tier::Other,
        state: State::Available,
        description: None,
        auto_stop_setting: AutoStopSetting::Always,
        auto_stop_at: None,
        auto_delete_at: None,
        created_at: at(1),
        updated_at: at(1),
    };
    Ok(environments::insert(tx, &new)?.unwrap())
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

pub(crate) fn new_deployment(project: ProjectId, environment: EnvironmentId) -> NewDeployment {
    NewDeployment {
        project_id: project,
        environment_id: environment,
        user_id: None,
        job_id: None,
        git_ref: "main".to_owned(),
        tag: false,
        sha: "a91957a858320c0e17f3a0eca7cfacbff50ea29a".to_owned(),
        commit: None,
        status: Status::Running,
        source: Source::Api,
        external_id: None,
        facts: Facts::default(),
        owned_by_gitlab: false,
        created_at: at(1),
        updated_at: at(1),
        finished_at: None,
    }
}

/// Records a deployment of one of the two projects.
pub(crate) fn deploy(tx: &mut Tx<'_>, project: ProjectId) -> Result<Iid, Error> {
    let new = new_deployment(project, EnvironmentId(project.0));
    deployments::insert(tx, &new).map(|(_, iid)| iid)
}

/// A database with two projects, and a store on it.
pub(crate) async fn begun(engine: Engine) -> (TestDatabase, Store) {
    let database = TestDatabase::new(engine);
    let store = database.open();
    let made = store.write(|tx| {
        make_project(tx, "one")?;
        make_project(tx, "two")
    });
    assert_eq!(made.await.unwrap(), (TWO, EnvironmentId(2)));
    (database, store)
}

pub(crate) async fn total(store: &Store, project: ProjectId) -> i64 {
    store.read(move |conn| deployments::total(conn, project)).await.unwrap()
}
