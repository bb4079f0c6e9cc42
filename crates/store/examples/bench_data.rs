//! Fills a new SQLite database for `bench/run`, through the store's own code.
//!
//! `bench_data DATABASE TOKEN DEPLOYMENTS` makes the administrator `root` with this token, 500 projects with four
//! environments each, and the deployments: a third of them in project 1, nine of ten with a job. Row `n` is the same in
//! every run.

use std::{env, error::Error, path::PathBuf, sync::Arc};

use landfall_domain::{
    deployment::{Facts, Source, Status},
    environment::{AutoStopSetting, Environment, State, Tier, slug},
    ids::{EnvironmentId, ProjectId, UserId},
    job::{Job, Pipeline, Snapshot},
    project::{FeatureAccess, Visibility},
    time::Timestamp,
    token::{Scope, Secret},
};
use landfall_store::{
    DatabaseUrl, Options, Store, Tx,
    deployments::{self, NewDeployment},
    environments,
    jobs::{self, NewJob},
    namespaces,
    projects::{self, NewProject},
    tokens::{self, NewToken},
    users::{self, NewUser},
};

const PROJECTS: i64 = 500;
const ENVIRONMENTS: [&str; 4] = ["production", "staging", "testing", "review/checkout"];
/// Deployments in one transaction.
const BATCH: i64 = 500;
/// 2026-01-01 UTC; row `n` is made `n` seconds later.
const START: i64 = 1_767_225_600_000_000;

type Failure = landfall_store::Error;

/// What every row refers to.
struct World {
    root: UserId,
    projects: Vec<(ProjectId, Vec<EnvironmentId>)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: bench_data DATABASE TOKEN DEPLOYMENTS");
    let (database, token, count) = (PathBuf::from(next()?), next()?, next()?.parse::<i64>()?);
    let store = Store::open(&DatabaseUrl::Sqlite(database), Options { readers: 1 })?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(fill(&store, token, count))?;
    Ok(())
}

async fn fill(store: &Store, token: String, count: i64) -> Result<(), Failure> {
    let root = store.write(move |tx| make_root(tx, &token)).await?;
    let projects = store.write(move |tx| (0..PROJECTS).map(|number| make_project(tx, root, number)).collect());
    let world = Arc::new(World {
        root,
        projects: projects.await?,
    });
    for from in (0..count).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let world = Arc::clone(&world);
        let rows = from..count.min(from + BATCH);
        store
            .write(move |tx| rows.clone().try_for_each(|number| make_deployment(tx, &world, number)))
            .await?;
    }
    Ok(())
}

fn make_root(tx: &mut Tx<'_>, token: &str) -> Result<UserId, Failure> {
    let user = NewUser {
        username: "root".to_owned(),
        name: "Administrator".to_owned(),
        email: "admin@example.com".to_owned(),
        admin: true,
        external: false,
        bot: false,
        avatar_url: None,
        created_at: Timestamp(START),
    };
    let root = users::insert(tx, &user)?.id;
    let token = NewToken {
        user_id: root,
        name: "bench".to_owned(),
        description: None,
        digest: Secret::new(token.to_owned()).digest(),
        scopes: Scope::ALL.iter().copied().collect(),
        expires_at: None,
        created_at: Timestamp(START),
        family_id: None,
        source: None,
    };
    tokens::insert(tx, &token)?;
    Ok(root)
}

fn make_project(tx: &mut Tx<'_>, root: UserId, number: i64) -> Result<(ProjectId, Vec<EnvironmentId>), Failure> {
    let new = NewProject {
        namespace: namespaces::ensure_path(tx, &format!("group-{}", number % 20), Timestamp(START))?,
        creator_id: Some(root),
        name: format!("Project {number}"),
        path: format!("project-{number}"),
        description: None,
        visibility: Visibility::Private,
        default_branch: Some("main".to_owned()),
        repository: None,
        forge_url: None,
        repository_access: FeatureAccess::Enabled,
        builds_access: FeatureAccess::Enabled,
        environments_access: FeatureAccess::Enabled,
        created_at: Timestamp(START),
    };
    let project = projects::insert(tx, &new)?.id;
    let mut ids = Vec::new();
    for name in ENVIRONMENTS {
        ids.extend(environments::insert(tx, &environment(project, name))?);
    }
    Ok((project, ids))
}

fn environment(project: ProjectId, name: &str) -> Environment {
    Environment {
        id: EnvironmentId(0),
        project_id: project,
        name: name.to_owned(),
        slug: slug(name),
        external_url: Some(format!("https://{}.example.com", slug(name))),
        tier: Tier::guess(name),
        state: State::Available,
        description: None,
        auto_stop_setting: AutoStopSetting::Always,
        auto_stop_at: None,
        auto_delete_at: None,
        created_at: Timestamp(START),
        updated_at: Timestamp(START),
    }
}

fn make_deployment(tx: &mut Tx<'_>, world: &World, number: i64) -> Result<(), Failure> {
    // Multiplying by an odd number and dropping the low bits spreads rows over everything without a pattern.
    let mixed = number.wrapping_mul(0x5DEE_CE66_D1CE_4E5B).unsigned_abs() >> 32;
    let pick = |from: usize| usize::try_from(mixed).unwrap_or(0) % from.max(1);
    let at = if number % 3 == 0 {
        0
    } else {
        1 + pick(world.projects.len() - 1)
    };
    let Some((project, environments)) = world.projects.get(at) else {
        return Ok(());
    };
    let Some(environment) = environments.get(pick(environments.len())) else {
        return Ok(());
    };
    let status = match mixed % 20 {
        0 => Status::Running,
        1 | 2 => Status::Failed,
        3 => Status::Canceled,
        _ => Status::Success,
    };
    let created_at = Timestamp(START + number * 1_000_000);
    let ended = Timestamp(created_at.0 + 95_123_456);
    let sha = format!("{:040x}", u128::from(mixed) << 64 | u128::from(number.unsigned_abs()));
    let job_id = match number % 10 {
        0 => None,
        _ => Some(jobs::insert(
            tx,
            *project,
            &job(number, *project, &sha, created_at, ended),
        )?),
    };
    let new = NewDeployment {
        project_id: *project,
        environment_id: *environment,
        user_id: Some(world.root),
        job_id,
        git_ref: "main".to_owned(),
        tag: false,
        sha,
        commit: None,
        status,
        source: Source::Api,
        external_id: None,
        facts: Facts::default(),
        owned_by_gitlab: false,
        created_at,
        updated_at: if status == Status::Running { created_at } else { ended },
        finished_at: (status != Status::Running).then_some(ended),
    };
    deployments::insert(tx, &new)?;
    Ok(())
}

/// A job in the size in which GitLab tells them.
fn job(number: i64, project: ProjectId, sha: &str, created_at: Timestamp, ended: Timestamp) -> NewJob {
    let web = format!("https://gitlab.example.com/group/project-{}", project.0);
    let pipeline = Pipeline {
        id: Some(1_000_000 + number),
        iid: Some(number),
        project_id: Some(project.0),
        sha: Some(sha.to_owned()),
        git_ref: Some("main".to_owned()),
        status: Some("success".to_owned()),
        source: Some("push".to_owned()),
        created_at: Some(created_at),
        updated_at: Some(ended),
        web_url: Some(format!("{web}/-/pipelines/{}", 1_000_000 + number)),
    };
    let job = Job {
        id: 0,
        status: Some("success".to_owned()),
        stage: Some("deploy".to_owned()),
        name: "deploy".to_owned(),
        git_ref: Some("main".to_owned()),
        tag: Some(false),
        coverage: None,
        allow_failure: Some(false),
        created_at: Some(created_at),
        started_at: Some(created_at),
        finished_at: Some(ended),
        erased_at: None,
        duration: Some(95.1),
        queued_duration: Some(0.4),
        user: Some(Snapshot(user())),
        commit: Some(Snapshot(commit(&web, sha))),
        pipeline: Some(pipeline),
        failure_reason: None,
        web_url: Some(format!("{web}/-/jobs/{}", 2_000_000 + number)),
        ci_job_token_scope_enabled: Some(false),
        artifacts_file: None,
        artifacts: Some(Snapshot("[]".to_owned())),
        runner: None,
        runner_manager: None,
        artifacts_expire_at: None,
        archived: Some(false),
        tag_list: vec!["docker".to_owned(), "linux".to_owned()],
    };
    NewJob {
        id: Some(2_000_000 + number),
        job,
    }
}

fn user() -> String {
    r#"{"id":1,"username":"root","public_email":"","name":"Administrator","state":"active","locked":false,"avatar_url":"https://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon","web_url":"https://gitlab.example.com/root","created_at":"2015-12-21T13:14:24.077Z","bio":"","location":"","skype":"","linkedin":"","twitter":"","discord":"","website_url":"","github":"","job_title":"","pronouns":null,"organization":"","bot":false,"work_information":null,"followers":0,"following":0,"is_followed":false,"local_time":null}"#
        .to_owned()
}

fn commit(web: &str, sha: &str) -> String {
    let short = sha.get(..8).unwrap_or(sha);
    format!(
        r#"{{"id":"{sha}","short_id":"{short}","created_at":"2026-01-01T09:36:01.000+02:00","parent_ids":["{sha}"],"title":"Merge branch 'new-title' into 'main'","message":"Merge branch 'new-title' into 'main'\r\n\r\nUpdate README\r\n\r\nSee merge request !1","author_name":"Administrator","author_email":"admin@example.com","authored_date":"2026-01-01T09:36:01.000+02:00","committer_name":"Administrator","committer_email":"admin@example.com","committed_date":"2026-01-01T09:36:01.000+02:00","trailers":{{}},"extended_trailers":{{}},"web_url":"{web}/-/commit/{sha}"}}"#
    )
}
