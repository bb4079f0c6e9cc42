//! Databases that have something in every table, and what is in a backup.

use std::path::Path;

use landfall_domain::{
    access::AccessLevel,
    deployment::{Facts, Source, Status},
    environment::{AutoStopSetting, Environment, State, Tier},
    event::{Event, Kind},
    hook::{Proof, Scope, Sender},
    ids::{DeploymentId, EnvironmentId, NamespaceId, OriginId, ProjectId, UserId, WebhookId},
    job::{Job, Pipeline, Runner, Snapshot},
    merge_request::{Forge, MergeRequest},
    origin::{self, DeploymentOrigin, Origin, Progress},
    project::{FeatureAccess, Project, Visibility},
    time::Timestamp,
    token::{Digest, Scopes, Secret},
    webhook::{BranchFilter, Health, Hidden, Owner, Trigger, Webhook},
};
use landfall_store::{
    Error, Store, Tx,
    deployments::{self, NewDeployment},
    environments, events,
    hook_sources::{self, NewHookSource},
    inbox::{self, Content, NewDelivery},
    jobs,
    jobs::NewJob,
    leases, members, merge_requests, mirrors, namespaces,
    observations::{self, NewObservation},
    origins,
    projects::{self, NewProject},
    testing::{Engine, TestDatabase},
    tokens::{self, NewToken},
    users::{self, NewUser},
    webhook_queue::{self, Attempt},
    webhooks,
};

pub(crate) const PROJECT: ProjectId = ProjectId(1);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000 + 7)
}

/// Something in every table, with every kind of value.
fn fill(tx: &mut Tx<'_>) -> Result<(), Error> {
    let new = NewUser {
        username: "ada".to_owned(),
        name: "Ada Lovelace 🚀 'quoted'".to_owned(),
        email: "ada@example.com".to_owned(),
        admin: true,
        external: false,
        bot: false,
        avatar_url: None,
        created_at: at(1),
    };
    let ada = users::insert(tx, &new)?;
    namespaces::ensure_personal(tx, &ada, at(1))?;
    let new = NewToken {
        user_id: ada.id,
        name: "token".to_owned(),
        description: None,
        digest: Digest::of("secret"),
        scopes: Scopes::default(),
        expires_at: Some("2030-01-01".parse().unwrap()),
        created_at: at(1),
        family_id: None,
        source: None,
    };
    tokens::insert(tx, &new)?;
    let new = NewProject {
        namespace: namespaces::ensure_path(tx, "group/sub", at(1))?,
        creator_id: Some(ada.id),
        name: "App".to_owned(),
        path: "app".to_owned(),
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
    let project = projects::insert(tx, &new)?;
    let path = "renamed".to_owned();
    projects::update(tx, &Project { path, ..project })?;
    let member = members::NewMember {
        source: PROJECT.into(),
        user_id: ada.id,
        access_level: AccessLevel::Maintainer,
        expires_at: None,
        created_at: at(1),
        created_by_id: None,
    };
    members::set(tx, &member)?;
    let source = NamespaceId(2).into();
    members::set(tx, &members::NewMember { source, ..member })?;
    let path = "gone".to_owned();
    let gone = projects::insert(tx, &NewProject { path, ..new })?;
    projects::delete(tx, gone.id, at(1))?;
    let environment = Environment {
        id: EnvironmentId(0),
        project_id: PROJECT,
        name: "production".to_owned(),
        slug: "production".to_owned(),
        external_url: None,
        tier: Tier::Production,
        state: State::Available,
        description: None,
        auto_stop_setting: AutoStopSetting::Always,
        auto_stop_at: None,
        auto_delete_at: None,
        created_at: at(1),
        updated_at: at(1),
    };
    environments::insert(tx, &environment)?;
    deploy(tx)?;
    let (second, _) = deploy(tx)?;
    import(tx, DeploymentId(second))?;
    hooks(tx)?;
    merge_requests::link(tx, PROJECT, DeploymentId(1), &merge_request())?;
    merge_requests::set_linked(tx, DeploymentId(1))?;
    leases::take(tx, "job", "node", at(1), at(2))?;
    mirrors::set(tx, PROJECT, "key", "https://git.example/app.git", true, at(1))?;
    webhook(tx)?;
    events::append(tx, &event())
}

/// A webhook, with something that waits for it and something that it was sent.
fn webhook(tx: &mut Tx<'_>) -> Result<(), Error> {
    let hook = Webhook {
        id: WebhookId(0),
        owner: Owner::Project(PROJECT),
        url: Hidden::new("https://receiver.example".to_owned()),
        name: None,
        description: None,
        token: Some(Hidden::new("token".to_owned())),
        signing_secret: None,
        ssl_verification: true,
        triggers: [Trigger::Deployment].into_iter().collect(),
        push_events_branch_filter: None,
        branch_filter_strategy: BranchFilter::Wildcard,
        custom_webhook_template: None,
        custom_headers: Vec::new(),
        url_variables: Vec::new(),
        health: Health::GOOD,
        created_at: at(1),
    };
    let hook = webhooks::insert(tx, &hook)?;
    let message = webhook_queue::add_message(tx, "event", "{}", at(1))?;
    webhook_queue::add(tx, hook, message, "key", at(1))?;
    let attempt = Attempt {
        id: 0,
        hook_id: hook,
        message_id: message,
        idempotency_key: "key".to_owned(),
        trigger: "deployment_hooks".to_owned(),
        url: "https://receiver.example".to_owned(),
        request_headers: "{}".to_owned(),
        response_status: None,
        response_headers: "{}".to_owned(),
        response_body: String::new(),
        duration: 0.5,
        created_at: at(1),
    };
    webhook_queue::log(tx, &attempt).map(drop)
}

/// A delivery and what it says.
fn hooks(tx: &mut Tx<'_>) -> Result<(), Error> {
    let source = NewHookSource {
        sender: Sender::Github,
        scope: Scope::Project(PROJECT),
        name: String::new(),
        user_id: None,
        projects: std::collections::BTreeMap::new(),
        proof: Proof::Secret(Secret::new("0123456789abcdef".to_owned())),
        created_at: at(1),
    };
    let source = hook_sources::insert(tx, &source)?;
    let delivery = NewDelivery {
        source_id: source.id,
        sender: Sender::Github,
        project_id: Some(PROJECT),
        external_id: Some("a".to_owned()),
        event: None,
        content: Content {
            headers: "{}".to_owned(),
            body: vec![0, 255],
        },
        received_at: at(1),
    };
    inbox::insert(tx, &delivery)?;
    let said = NewObservation {
        project_id: PROJECT,
        subject: "job 1".to_owned(),
        object: None,
        run: None,
        digest: "a".to_owned(),
        data: "{}".to_owned(),
        received_at: at(1),
    };
    observations::insert(tx, &said).map(drop)
}

/// Gives a deployment an origin.
fn import(tx: &mut Tx<'_>, id: DeploymentId) -> Result<(), Error> {
    let origin = Origin {
        id: OriginId(0),
        project_id: PROJECT,
        kind: origin::Kind::Gitlab,
        instance: "gitlab.example.com".to_owned(),
        external_project_id: 77,
        progress: Progress::default(),
        created_at: at(1),
    };
    let origin_id = origins::insert(tx, &origin)?;
    let mut imported = deployments::get(tx, PROJECT, id)?.unwrap().deployment;
    imported.origin = Some(DeploymentOrigin {
        origin_id,
        id: 9,
        url: Some(String::new()),
    });
    deployments::rewrite(tx, &imported)
}

pub(crate) fn event() -> Event {
    Event {
        kind: Kind::DeploymentCreated,
        project_id: Some(PROJECT),
        deployment_id: None,
        environment_id: None,
        actor_id: Some(UserId(1)),
        data: r#"{"a":"ä"}"#.to_owned(),
        at: at(-1),
    }
}

fn merge_request() -> MergeRequest {
    MergeRequest {
        id: None,
        forge: Forge::GitLab,
        iid: 7,
        title: Some("Ä".to_owned()),
        source_branch: None,
        target_branch: None,
        merged_at: Some(at(1)),
        author: None,
        merged_by: None,
        head: None,
        merge_commit: None,
        squash_commit: None,
    }
}

fn job() -> Job {
    Job {
        id: 4711,
        status: Some(String::new()),
        stage: None,
        name: "deploy".to_owned(),
        git_ref: None,
        tag: Some(true),
        coverage: Some(0.1 + 0.2),
        allow_failure: Some(false),
        created_at: Some(at(1)),
        started_at: None,
        finished_at: None,
        erased_at: None,
        duration: Some(1.0),
        queued_duration: Some(1e300),
        user: Some(Snapshot(r#"{"id":1}"#.to_owned())),
        commit: None,
        pipeline: Some(Pipeline {
            id: Some(i64::MAX),
            ..Pipeline::default()
        }),
        failure_reason: None,
        web_url: None,
        ci_job_token_scope_enabled: None,
        artifacts_file: None,
        artifacts: None,
        runner: Some(Runner {
            online: Some(true),
            ..Runner::default()
        }),
        runner_manager: None,
        artifacts_expire_at: None,
        archived: None,
        tag_list: Snapshot(r#"["docker"]"#.to_owned()),
    }
}

pub(crate) fn deploy(tx: &mut Tx<'_>) -> Result<(i64, i64), Error> {
    let job = NewJob {
        id: Some(4711),
        job: job(),
    };
    let job_id = jobs::insert(tx, PROJECT, &job)?;
    let new = NewDeployment {
        project_id: PROJECT,
        environment_id: EnvironmentId(1),
        user_id: Some(UserId(1)),
        job_id: Some(job_id),
        git_ref: "main".to_owned(),
        tag: false,
        sha: "a91957a".to_owned(),
        commit: None,
        status: Status::Success,
        source: Source::Api,
        external_id: Some(format!("run {}", job_id.0)),
        facts: Facts::default(),
        owned_by_gitlab: true,
        created_at: at(1),
        updated_at: at(2),
        finished_at: Some(at(3)),
    };
    deployments::insert(tx, &new).map(|(id, iid)| (id.0, iid.0))
}

/// A database with something in every table, and with ids that were given out and are gone.
pub(crate) async fn begun(engine: Engine) -> (TestDatabase, Store) {
    let database = TestDatabase::new(engine);
    let store = database.open();
    store.write(fill).await.unwrap();
    let deleted = store.write(|tx| {
        let (id, _) = deploy(tx)?;
        let made = deployments::get(tx, PROJECT, landfall_domain::ids::DeploymentId(id))?.unwrap();
        deployments::delete(tx, &made.deployment)
    });
    deleted.await.unwrap();
    (database, store)
}

/// Every row of every table of a backup, and the highest ids ever given out.
pub(crate) fn rows(backup: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(backup).unwrap();
    let mut tables = connection
        .prepare(
            // Each database has changes of its own.
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('refinery_schema_history', 'changes')",
        )
        .unwrap();
    let tables: Vec<String> = tables
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut rows = Vec::new();
    for table in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let before = rows.len();
        let found = statement.query_map([], |row| {
            let values = (0..columns).map(|column| row.get::<_, rusqlite::types::Value>(column));
            values.collect::<Result<Vec<_>, _>>()
        });
        let found = found.unwrap().map(|row| format!("{table} {:?}", row.unwrap()));
        rows.extend(found.filter(|row| !row.contains("Text(\"changes\")")));
        assert!(rows.len() > before, "{table} has rows");
    }
    rows.sort();
    rows
}

pub(crate) fn empty(engine: Engine) -> TestDatabase {
    TestDatabase::without_schema(engine)
}
