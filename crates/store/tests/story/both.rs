//! Two stores, one on each engine, that are asked the same and must answer the same; and the records that stories start
//! from.

use std::fmt::Debug;

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    deployment::{self, Deployment, Facts, Status},
    environment::{AutoStopSetting, Environment, State, Tier},
    event::{Event, Kind},
    ids::{EnvironmentId, Iid, ProjectId, UserId},
    member::Source,
    project::{FeatureAccess, Project, Visibility},
    time::Timestamp,
    user::User,
};
use landfall_store::{
    Conn, Error, Options, Store, Tx,
    deployments::{self, LastIids, NewDeployment},
    environments,
    members::{self, NewMember},
    namespaces, projects,
    projects::NewProject,
    testing::{Engine, TestDatabase},
    users::{self, NewUser},
};
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Both {
    runtime: Runtime,
    stores: Vec<(Engine, Store, TestDatabase)>,
}

impl Both {
    pub(crate) fn new() -> Both {
        // One reader each, so that no read is the first one of a connection.
        let stores = Engine::ALL.map(|engine| {
            let database = TestDatabase::new(engine);
            let store = Store::open(database.url(), Options::with_readers(1)).unwrap();
            (engine, store, database)
        });
        Both {
            runtime: Builder::new_current_thread().build().unwrap(),
            stores: stores.into(),
        }
    }

    /// Writes in a transaction of its own on each engine; the answer of both.
    pub(crate) fn try_write<T>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Clone + Send + 'static,
    ) -> Result<T, String>
    where
        T: Debug + PartialEq + Send + 'static,
    {
        self.agreed(|store| self.runtime.block_on(store.write(work.clone())))
    }

    /// [`Both::try_write`] where nothing fails.
    pub(crate) fn write<T>(&self, work: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Clone + Send + 'static) -> T
    where
        T: Debug + PartialEq + Send + 'static,
    {
        self.try_write(work).unwrap()
    }

    /// Reads on each engine; the answer of both.
    pub(crate) fn read<T>(&self, work: impl Fn(&mut Conn<'_>) -> Result<T, Error> + Clone + Send + 'static) -> T
    where
        T: Debug + PartialEq + Send + 'static,
    {
        let work = |store: &Store| {
            let work = work.clone();
            self.runtime.block_on(store.read(move |conn| work(conn)))
        };
        self.agreed(work).unwrap()
    }

    /// Asks each store something whose answers need not be the same.
    pub(crate) fn each<T>(&self, ask: &impl AsyncFn(&Store) -> Result<T, Error>) -> Vec<T> {
        let ask = |(_, store, _): &(Engine, Store, TestDatabase)| self.runtime.block_on(ask(store)).unwrap();
        self.stores.iter().map(ask).collect()
    }

    fn agreed<T: Debug + PartialEq>(&self, ask: impl Fn(&Store) -> Result<T, Error>) -> Result<T, String> {
        let mut answers = self
            .stores
            .iter()
            .map(|(engine, store, _)| (engine, ask(store).map_err(|error| error.to_string())));
        let (first, answer) = answers.next().unwrap();
        for (other, same) in answers {
            assert_eq!(answer, same, "{first:?} on the left, {other:?} on the right");
        }
        answer
    }
}

/// A moment that many seconds after the beginning of time.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000 + 123_456)
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn new_user(username: &str) -> NewUser {
    NewUser {
        username: username.to_owned(),
        name: format!("{username} the Great"),
        email: format!("{username}@example.com"),
        admin: false,
        external: false,
        bot: false,
        avatar_url: None,
        created_at: at(1),
    }
}

pub(crate) fn user(tx: &mut Tx<'_>, username: &str) -> Result<User, Error> {
    users::insert(tx, &new_user(username))
}

/// Makes a user a member from second `since` on.
pub(crate) fn join(
    tx: &mut Tx<'_>,
    source: impl Into<Source>,
    user_id: UserId,
    access_level: AccessLevel,
    expires_at: Option<Date>,
    since: i64,
) -> Result<(), Error> {
    let new = NewMember {
        source: source.into(),
        user_id,
        access_level,
        expires_at,
        created_at: at(since),
        created_by_id: None,
    };
    members::set(tx, &new)
}

/// A project at a path, its groups made as needed.
pub(crate) fn project(tx: &mut Tx<'_>, full_path: &str) -> Result<Project, Error> {
    let (groups, path) = full_path.rsplit_once('/').unwrap();
    let namespace = namespaces::ensure_path(tx, groups, at(1))?;
    let new = NewProject {
        namespace,
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
    projects::insert(tx, &new)
}

pub(crate) fn new_environment(project: ProjectId, name: &str) -> Environment {
    Environment {
        id: EnvironmentId(0),
        project_id: project,
        name: name.to_owned(),
        slug: name.to_ascii_lowercase(),
        external_url: None,
        tier: Tier::Other,
        state: State::Available,
        description: None,
        auto_stop_setting: AutoStopSetting::Always,
        auto_stop_at: None,
        auto_delete_at: None,
        created_at: at(1),
        updated_at: at(1),
    }
}

pub(crate) fn environment(tx: &mut Tx<'_>, project: ProjectId, name: &str) -> Result<EnvironmentId, Error> {
    Ok(environments::insert(tx, &new_environment(project, name))?.unwrap())
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
        source: deployment::Source::Api,
        external_id: None,
        facts: Facts::default(),
        owned_by_gitlab: false,
        created_at: at(1),
        updated_at: at(1),
        finished_at: None,
    }
}

/// Records deployments together; the event of each says which iid it has.
pub(crate) fn insert_many(tx: &mut Tx<'_>, all: Vec<NewDeployment>) -> Result<Vec<Deployment>, Error> {
    let with_event = |new: NewDeployment| {
        let event = created(new.project_id, new.environment_id);
        (new, move |iid: Iid| Event {
            data: iid.0.to_string(),
            ..event.clone()
        })
    };
    let all = all.into_iter().map(with_event).collect();
    deployments::insert_many(tx, &mut LastIids::default(), all)
}

/// The event of a deployment that is not known yet.
pub(crate) fn created(project: ProjectId, environment: EnvironmentId) -> Event {
    Event {
        kind: Kind::DeploymentCreated,
        project_id: Some(project),
        deployment_id: None,
        environment_id: Some(environment),
        actor_id: Some(UserId(1)),
        data: String::new(),
        at: at(7),
    }
}
