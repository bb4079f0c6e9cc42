//! The cache against a model: a database whose every state is remembered, and requests that are interrupted at every step
//! by each other, by changes and by a standby that takes the primary's place. Whatever the cache holds must be as it is in
//! the cache's position, and that must not be earlier than what a request has read.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicU32},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header::ETAG};
use jiff::civil::{Date, date};
use landfall_domain::{
    access::AccessLevel,
    ids::{DeploymentId, EnvironmentId, NamespaceId, ProjectId, UserId},
    member::Levels,
    project::{FeatureAccess, Namespace, NamespaceKind, Project, Visibility},
    time::Timestamp,
};
use landfall_store::{
    changes::{Change, News, Position},
    testing,
};
use proptest::{prelude::*, sample::Index};

use super::{Answer, Cache, Row, Shown};

const PROJECTS: i64 = 2;
/// Environments, and users.
const PARTS: i64 = 2;
const SLOTS: usize = 2;
const TODAY: Date = date(2026, 1, 2);

/// A state of the database: versions of things.
#[derive(Clone, Debug, Default)]
struct Database {
    /// Deployments by id, with a version each. Project, environment and user follow from the id.
    deployments: BTreeMap<i64, u64>,
    environments: [u64; SLOTS],
    users: [u64; SLOTS],
    /// Of each user, in every project.
    levels: [Option<AccessLevel>; SLOTS],
    /// How many deployments were ever made; their ids begin with 1.
    made: i64,
    /// All changes, in their order; their numbers begin with 1.
    changes: Vec<Change>,
}

/// A thing that a request may keep.
#[derive(Clone, Copy, Debug)]
enum Thing {
    Row(i64),
    User(i64),
    Environment(i64),
    Answer(i64),
    Levels(i64),
}

impl Database {
    fn position(&self, history: u64) -> Position {
        let change = i64::try_from(self.changes.len()).unwrap();
        testing::position(history, change, self.newest_deployment())
    }

    fn newest_deployment(&self) -> i64 {
        self.deployments.keys().next_back().copied().unwrap_or(0)
    }

    fn project_of(deployment: i64) -> i64 {
        deployment % PROJECTS
    }

    /// Environment and user.
    fn parts_of(deployment: i64) -> (i64, i64) {
        (deployment / 2 % PARTS, deployment / 4 % PARTS)
    }

    /// What a deployment shows.
    fn row(&self, id: i64) -> Option<String> {
        let version = self.deployments.get(&id)?;
        let (environment, user) = Database::parts_of(id);
        let (environment, user) = (self.environments[index(environment)], self.users[index(user)]);
        Some(format!(",{id}:{version}:{environment}:{user}"))
    }

    /// What a project's list shows.
    fn list(&self, project: i64) -> Vec<i64> {
        let ids = self.deployments.keys().copied();
        ids.filter(|id| Database::project_of(*id) == project).collect()
    }

    fn body(&self, project: i64) -> String {
        let rows: String = self.list(project).iter().filter_map(|id| self.row(*id)).collect();
        format!("[{}]", rows.trim_start_matches(','))
    }

    fn levels(&self, user: i64) -> Levels {
        Levels {
            project: self.levels[index(user)],
            group: None,
        }
    }

    /// Everything that can be kept.
    fn things(&self) -> Vec<Thing> {
        let rows = self.deployments.keys().map(|id| Thing::Row(*id));
        let answers = (0..PROJECTS).map(Thing::Answer);
        let parts = (0..PARTS).flat_map(|id| [Thing::User(id), Thing::Environment(id), Thing::Levels(id)]);
        rows.chain(answers).chain(parts).collect()
    }

    fn commit(&mut self, commit: &Commit) {
        match commit {
            Commit::Create => {
                self.made += 1;
                self.deployments.insert(self.made, 0);
            }
            Commit::Update(which) | Commit::Delete(which) if !self.deployments.is_empty() => {
                let ids: Vec<i64> = self.deployments.keys().copied().collect();
                let id = *which.get(&ids);
                if matches!(commit, Commit::Delete(_)) {
                    self.deployments.remove(&id);
                } else if let Some(version) = self.deployments.get_mut(&id) {
                    *version += 1;
                }
                let project = ProjectId(Database::project_of(id));
                self.changes.push(Change::Deployment(project, DeploymentId(id)));
            }
            Commit::Update(_) | Commit::Delete(_) => {}
            Commit::Environment(id) => {
                self.environments[index(*id)] += 1;
                for project in 0..PROJECTS {
                    let change = Change::Environment(ProjectId(project), EnvironmentId(*id));
                    self.changes.push(change);
                }
            }
            Commit::User(id) => {
                self.users[index(*id)] += 1;
                self.changes.push(Change::User(UserId(*id)));
            }
            Commit::Member(id) => {
                let levels = &mut self.levels[index(*id)];
                *levels = match levels {
                    None => Some(AccessLevel::Reporter),
                    Some(_) => None,
                };
                self.changes.push(Change::Member);
            }
        }
    }
}

fn index(id: i64) -> usize {
    usize::try_from(id).unwrap()
}

/// What somebody changes.
#[derive(Clone, Debug)]
enum Commit {
    Create,
    Update(Index),
    Delete(Index),
    Environment(i64),
    User(i64),
    Member(i64),
}

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Commit(Commit),
    /// A request goes one step on. In its last it keeps what the bits say.
    Request(Index, u64),
    /// The last commits are lost, and everybody is connected anew.
    Failover(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let part = 0..PARTS;
    let commit = prop_oneof![
        4 => Just(Commit::Create),
        4 => any::<Index>().prop_map(Commit::Update),
        1 => any::<Index>().prop_map(Commit::Delete),
        1 => part.clone().prop_map(Commit::Environment),
        1 => part.clone().prop_map(Commit::User),
        1 => part.prop_map(Commit::Member),
    ];
    let step = prop_oneof![
        6 => commit.prop_map(Step::Commit),
        14 => (any::<Index>(), any::<u64>()).prop_map(|(which, keeps)| Step::Request(which, keeps)),
        1 => (0..4_usize).prop_map(Step::Failover),
    ];
    proptest::collection::vec(step, 1..120)
}

/// A state of the database as somebody reads it.
#[derive(Clone)]
struct Read {
    history: u64,
    position: Position,
    database: Database,
}

/// How far a request has come. From the news on it has the state that it reads with it, as a transaction has.
enum Request {
    Waits,
    Asks(Option<Position>),
    Knows(Read, News),
    Follows(Read),
}

/// The database with everything that it ever was.
struct Model {
    cache: Cache,
    history: u64,
    /// Every state of the present history, the newest last.
    commits: Vec<Database>,
    /// What was to be read at a position.
    reads: BTreeMap<Position, Read>,
}

impl Model {
    fn new() -> Model {
        let mut model = Model {
            cache: Cache::new(),
            history: 1,
            commits: vec![Database::default()],
            reads: BTreeMap::new(),
        };
        model.note();
        model
    }

    fn now(&self) -> Read {
        let database = self.commits.last().unwrap();
        Read {
            history: self.history,
            position: database.position(self.history),
            database: database.clone(),
        }
    }

    fn note(&mut self) {
        let now = self.now();
        self.reads.insert(now.position, now);
    }

    fn commit(&mut self, commit: &Commit) {
        let mut next = self.now().database;
        next.commit(commit);
        self.commits.push(next);
        self.note();
    }

    fn fail_over(&mut self, lost: usize) {
        self.commits.truncate(self.commits.len().saturating_sub(lost).max(1));
        self.history += 1;
        self.note();
    }

    /// What the store says to somebody who reads this and knows that position.
    fn since(&self, known: Position, read: &Read) -> News {
        let before = &self.reads[&known];
        if before.history != read.history {
            return News::Everything;
        }
        let newest = before.database.newest_deployment();
        let database = &read.database;
        let created = database.deployments.keys().filter(|id| **id > newest);
        let created = created.map(|id| Change::Created(ProjectId(Database::project_of(*id))));
        let changes = database.changes.iter().skip(before.database.changes.len());
        News::Changes(changes.copied().chain(created).collect())
    }

    /// The next step of a request: those of [`Cache::sync`], and then what a handler does.
    fn go_on(&self, request: Request, keeps: u64) -> Request {
        match request {
            Request::Waits => Request::Asks(self.cache.position()),
            Request::Asks(known) => {
                let read = self.now();
                if known >= Some(read.position) {
                    return Request::Follows(read);
                }
                let news = known.map_or(News::Everything, |known| self.since(known, &read));
                Request::Knows(read, news)
            }
            Request::Knows(read, news) => {
                self.cache.follow(read.position, &news);
                Request::Follows(read)
            }
            Request::Follows(read) => {
                assert!(self.cache.position() >= Some(read.position));
                self.compare(read.position, &read.database);
                for (bit, thing) in read.database.things().into_iter().enumerate() {
                    if keeps >> (bit % 64) & 1 == 1 {
                        keep(&self.cache, read.position, &read.database, thing);
                    }
                }
                Request::Waits
            }
        }
    }

    /// What somebody who reads this state finds in the cache is of the same state.
    fn compare(&self, position: Position, truth: &Database) {
        let most = self.reads.values().map(|read| read.database.made).max().unwrap_or(0);
        for id in 1..=most {
            if let Some(row) = self.cache.row(position, DeploymentId(id)) {
                let shown = truth.row(id);
                assert_eq!(
                    Some(&*row.listed),
                    shown.as_deref().map(str::as_bytes),
                    "at {position:?}"
                );
            }
        }
        for id in 0..PARTS {
            if let Some(user) = self.cache.user(position, UserId(id)) {
                assert_eq!(user, version(truth.users[index(id)]), "at {position:?}");
            }
            if let Some(environment) = self.cache.environment(position, EnvironmentId(id)) {
                assert_eq!(environment, version(truth.environments[index(id)]), "at {position:?}");
            }
        }
    }

    /// Whatever is kept is as it is in the cache's position.
    fn check(&self) {
        let Some(position) = self.cache.position() else {
            return;
        };
        let truth = &self.reads[&position].database;
        self.compare(position, truth);
        for project in 0..PROJECTS {
            let address = project.to_string();
            let kept = self.cache.kept(&address);
            if let Some((_, body)) = kept.and_then(|kept| self.cache.answer(&address, kept)) {
                assert_eq!(body.into_bytes(), truth.body(project), "at {position:?}");
            }
        }
        for user in 0..PARTS {
            if let Some(levels) = self.cache.levels(ProjectId(0), UserId(user), TODAY) {
                assert_eq!(levels, truth.levels(user), "at {position:?}");
            }
        }
    }
}

fn keep(cache: &Cache, position: Position, read: &Database, thing: Thing) {
    match thing {
        Thing::Row(id) => {
            let Some(shown) = read.row(id) else { return };
            let (environment, user) = Database::parts_of(id);
            let row = Row {
                id: DeploymentId(id),
                listed: Bytes::from(shown),
                gap: 0,
                tag: 0,
                project: ProjectId(Database::project_of(id)),
                environment: EnvironmentId(environment),
                user: Some(UserId(user)),
            };
            cache.keep_rows(position, &[row]);
        }
        Thing::User(id) => cache.keep_user(position, UserId(id), &version(read.users[index(id)])),
        Thing::Environment(id) => {
            cache.keep_environment(position, EnvironmentId(id), &version(read.environments[index(id)]));
        }
        Thing::Answer(id) => {
            let answer = Answer {
                project: Arc::new(project(id)),
                route: "/projects/{id}/deployments",
                headers: HeaderMap::from_iter([(ETAG, HeaderValue::try_from(read.body(id)).unwrap())]),
                shown: Shown::List(read.list(id).into_iter().map(DeploymentId).collect()),
                made: AtomicU32::default(),
            };
            cache.keep_answer(position, &id.to_string(), answer);
        }
        Thing::Levels(user) => {
            cache.keep_levels(position, ProjectId(0), UserId(user), TODAY, read.levels(user));
        }
    }
}

/// What a user or an environment shows.
fn version(version: u64) -> Bytes {
    Bytes::from(version.to_string())
}

fn project(id: i64) -> Project {
    Project {
        id: ProjectId(id),
        namespace: Namespace {
            id: NamespaceId(1),
            kind: NamespaceKind::Group,
            name: "Group".to_owned(),
            full_name: "Group".to_owned(),
            path: "group".to_owned(),
            full_path: "group".to_owned(),
            parent_id: None,
            owner_id: None,
        },
        creator_id: None,
        name: "App".to_owned(),
        path: "app".to_owned(),
        description: None,
        visibility: Visibility::Private,
        default_branch: None,
        repository: None,
        forge_url: None,
        archived: false,
        repository_access: FeatureAccess::Enabled,
        builds_access: FeatureAccess::Enabled,
        environments_access: FeatureAccess::Enabled,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        marked_for_deletion_at: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_kept_is_true_in_the_position_of_the_cache(steps in steps()) {
        let mut model = Model::new();
        let mut requests = [Request::Waits, Request::Waits, Request::Waits];
        for step in &steps {
            match step {
                Step::Commit(commit) => model.commit(commit),
                Step::Failover(lost) => model.fail_over(*lost),
                Step::Request(which, keeps) => {
                    let request = &mut requests[which.index(3)];
                    *request = model.go_on(std::mem::replace(request, Request::Waits), *keeps);
                }
            }
            model.check();
        }
    }
}
