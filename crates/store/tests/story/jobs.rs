//! Jobs with their pipelines and runners.

use landfall_domain::{
    ids::{DeploymentId, JobRowId, ProjectId},
    job::{Job, Pipeline, Runner, Snapshot},
};
use landfall_store::{
    Tx, deployments,
    deployments::NewDeployment,
    jobs::{self, NewJob},
    testing::first_column,
};

use crate::both::{Both, at, environment, new_deployment, project};

const PROJECT: ProjectId = ProjectId(1);

#[expect(clippy::unnecessary_wraps, reason = "the fields that it fills are optional")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "the fields that it fills are optional")]
fn json(text: &str) -> Option<Snapshot> {
    Some(Snapshot(text.to_owned()))
}

pub(crate) fn full_job() -> Job {
    Job {
        id: 4711,
        status: text("success"),
        stage: text("deploy"),
        name: "deploy".to_owned(),
        git_ref: text("main"),
        tag: Some(false),
        coverage: Some(98.29),
        allow_failure: Some(true),
        created_at: Some(at(1)),
        started_at: Some(at(2)),
        finished_at: Some(at(3)),
        erased_at: Some(at(4)),
        duration: Some(1.0),
        queued_duration: Some(0.014),
        user: json(r#"{"id":1}"#),
        commit: json(r#"{"id":"99d03678b90d914dbb1b109132516d71a4a03ea8"}"#),
        pipeline: Some(Pipeline {
            id: Some(6),
            iid: Some(7),
            project_id: Some(8),
            sha: text("a91957a"),
            git_ref: text("v1"),
            status: text("running"),
            source: text("push"),
            created_at: Some(at(5)),
            updated_at: Some(at(6)),
            web_url: text("http://example.com/pipelines/6"),
        }),
        failure_reason: text("script_failure"),
        web_url: text("http://example.com/jobs/4711"),
        ci_job_token_scope_enabled: Some(false),
        artifacts_file: json(r#"{"filename":"a.zip"}"#),
        artifacts: json("[]"),
        runner: Some(Runner {
            id: Some(9),
            description: text("runner"),
            ip_address: text("127.0.0.1"),
            active: Some(true),
            paused: Some(false),
            is_shared: Some(true),
            runner_type: text("instance_type"),
            name: text("gitlab-runner"),
            online: Some(true),
            created_by: json(r#"{"id":2}"#),
            created_at: Some(at(7)),
            status: text("online"),
            job_execution_status: text("idle"),
        }),
        runner_manager: json(r#"{"id":3}"#),
        artifacts_expire_at: Some(at(8)),
        archived: Some(true),
        tag_list: Snapshot(r#"["docker","ä \"b\""]"#.to_owned()),
    }
}

/// A deployment with a job that is recorded now.
fn deployment_with(tx: &mut Tx<'_>, id: Option<i64>, job: Job) -> Result<DeploymentId, landfall_store::Error> {
    let environment = landfall_store::environments::by_name(tx, PROJECT, "production")?.unwrap();
    let job_id = jobs::insert(tx, PROJECT, &NewJob { id, job })?;
    let new = NewDeployment {
        job_id: Some(job_id),
        ..new_deployment(PROJECT, environment.id)
    };
    Ok(deployments::insert(tx, &new)?.0)
}

fn counts(tx: &mut landfall_store::Conn<'_>) -> Result<Vec<String>, landfall_store::Error> {
    let mut counts = Vec::new();
    for table in ["jobs", "pipelines", "runners"] {
        let sql = format!("SELECT CAST(count(*) AS TEXT) FROM {table}");
        counts.extend(first_column(tx, &sql)?);
    }
    Ok(counts)
}

#[test]
fn a_job_comes_back_as_it_was_told() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        environment(tx, PROJECT, "production").map(drop)
    });
    let half = || Job {
        runner: Some(Runner::default()),
        pipeline: Some(Pipeline::default()),
        ..Job::named("half")
    };
    both.write(move |tx| {
        deployment_with(tx, Some(4711), full_job())?;
        deployment_with(tx, None, Job::named("bare"))?;
        deployment_with(tx, None, half()).map(drop)
    });
    let job = |id: i64| {
        both.read(move |conn| {
            let found = deployments::get(conn, PROJECT, DeploymentId(id))?;
            Ok(found.unwrap().job)
        })
    };
    assert_eq!(job(1), Some(full_job()));
    // A job without an id of its own gets that of its row.
    assert_eq!(
        job(2),
        Some(Job {
            id: 2,
            ..Job::named("bare")
        })
    );
    assert_eq!(job(3), Some(Job { id: 3, ..half() }));
    assert_eq!(both.read(counts), ["3", "2", "2"]);
}

#[test]
fn jobs_that_are_recorded_together_are_as_if_it_had_been_one_by_one() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        environment(tx, PROJECT, "production").map(drop)
    });
    let with_runner = || Job {
        runner: Some(Runner::default()),
        ..Job::named("with a runner")
    };
    let told = move || {
        let new = |id, job| NewJob { id, job };
        vec![
            new(None, Job::named("bare")),
            new(Some(4711), full_job()),
            new(None, with_runner()),
            new(Some(4712), full_job()),
        ]
    };
    let read = both.write(move |tx| {
        let told = told();
        let all: Vec<(ProjectId, &NewJob)> = told.iter().map(|new| (PROJECT, new)).collect();
        let rows = jobs::insert_many(tx, &all)?;
        assert_eq!(jobs::insert_many(tx, &[])?, []);
        let environment = landfall_store::environments::by_name(tx, PROJECT, "production")?.unwrap();
        let mut read = Vec::new();
        for (new, row) in told.into_iter().zip(rows) {
            let deployment = NewDeployment {
                job_id: Some(row),
                ..new_deployment(PROJECT, environment.id)
            };
            let (id, _) = deployments::insert(tx, &deployment)?;
            let found = deployments::get(tx, PROJECT, id)?.unwrap().job;
            assert_eq!(found, Some(jobs::recorded(new, row)));
            read.extend(found);
        }
        Ok(read)
    });
    assert_eq!(read.iter().map(|job| job.id).collect::<Vec<_>>(), [1, 4711, 3, 4712]);
    assert_eq!(read[3].pipeline, full_job().pipeline);
    assert_eq!(read[2].runner, Some(Runner::default()));
    assert_eq!(both.read(counts), ["4", "2", "3"]);
}

#[test]
fn a_job_goes_with_its_pipeline_and_its_runner() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        let new = |job| NewJob { id: None, job };
        jobs::insert(tx, PROJECT, &new(full_job()))?;
        jobs::insert(tx, PROJECT, &new(Job::named("other"))).map(drop)
    });
    both.write(|tx| jobs::delete(tx, JobRowId(1)));
    assert_eq!(both.read(counts), ["1", "0", "0"]);
    both.write(|tx| jobs::delete(tx, JobRowId(1)));
    assert_eq!(both.read(counts), ["1", "0", "0"]);
    both.write(|tx| {
        let new = |job| NewJob { id: None, job };
        let ids = [full_job(), Job::named("bare"), full_job()].map(|job| jobs::insert(tx, PROJECT, &new(job)));
        let [first, second, _] = ids;
        jobs::delete_many(tx, &[first?, second?, JobRowId(1)])
    });
    assert_eq!(both.read(counts), ["2", "1", "1"], "only those that were named");
}
