//! Deployments, one at a time.

use landfall_domain::{
    deployment::{Deployment, DeploymentDetails, Facts, Note, Source, Status},
    ids::{DeploymentId, EnvironmentId, Iid, NamespaceId, ProjectId, UserId},
    job::{Job, Pipeline, Runner},
    webhook::Owner,
};
use landfall_store::{
    Error, Tx,
    deployments::{self, NewDeployment},
    environments, events,
    jobs::{self, NewJob},
    testing::first_column,
};

use crate::{
    both::{Both, at, environment, insert_many, new_deployment, project, user},
    jobs::full_job,
};

const PROJECT: ProjectId = ProjectId(1);
const PRODUCTION: EnvironmentId = EnvironmentId(1);

/// A user, two projects with an environment each.
fn begun() -> Both {
    let both = Both::new();
    both.write(|tx| {
        user(tx, "ada")?;
        for (id, path) in [(1, "group/app"), (2, "group/other")] {
            project(tx, path)?;
            environment(tx, ProjectId(id), "production")?;
        }
        Ok(())
    });
    both
}

/// Everything that can be told beyond what GitLab has a place for.
fn facts() -> Facts {
    Facts {
        service: Some("checkout".to_owned()),
        description: Some("Deployed".to_owned()),
        notes: Note::ALL.to_vec(),
        artifacts: vec!["image:1".to_owned(), "a \"quoted\" one".to_owned()],
    }
}

fn full(tx: &mut Tx<'_>) -> Result<(DeploymentId, Iid), Error> {
    let new = new_full(tx)?;
    deployments::insert(tx, &new)
}

fn new_full(tx: &mut Tx<'_>) -> Result<NewDeployment, Error> {
    let job = NewJob {
        id: Some(4711),
        job: full_job(),
    };
    Ok(NewDeployment {
        user_id: Some(UserId(1)),
        job_id: Some(jobs::insert(tx, PROJECT, &job)?),
        git_ref: "v1".to_owned(),
        tag: true,
        sha: "A91957A".to_owned(),
        commit: Some("a91957a858320c0e17f3a0eca7cfacbff50ea29a".to_owned()),
        status: Status::Success,
        source: Source::Hook,
        external_id: Some("run 7".to_owned()),
        facts: facts(),
        owned_by_gitlab: true,
        created_at: at(1),
        updated_at: at(2),
        finished_at: Some(at(3)),
        ..new_deployment(PROJECT, PRODUCTION)
    })
}

fn get(both: &Both, id: i64) -> Option<DeploymentDetails> {
    both.read(move |conn| deployments::get(conn, PROJECT, DeploymentId(id)))
}

#[test]
fn a_deployment_comes_back_with_everything_around_it() {
    let both = begun();
    assert_eq!(both.write(full), (DeploymentId(1), Iid(1)));
    let (ada, production) = both.read(|conn| {
        let ada = landfall_store::users::by_id(conn, UserId(1))?;
        Ok((ada, environments::by_id(conn, PROJECT, PRODUCTION)?.unwrap()))
    });
    let details = get(&both, 1).unwrap();
    let job_id = details.deployment.job_id;
    assert!(job_id.is_some());
    let expected = DeploymentDetails {
        deployment: Deployment {
            id: DeploymentId(1),
            iid: Iid(1),
            project_id: PROJECT,
            environment_id: PRODUCTION,
            user_id: Some(UserId(1)),
            job_id,
            git_ref: "v1".to_owned(),
            tag: true,
            sha: "A91957A".to_owned(),
            commit: Some("a91957a858320c0e17f3a0eca7cfacbff50ea29a".to_owned()),
            status: Status::Success,
            source: Source::Hook,
            external_id: Some("run 7".to_owned()),
            facts: facts(),
            owned_by_gitlab: true,
            origin: None,
            created_at: at(1),
            updated_at: at(2),
            finished_at: Some(at(3)),
        },
        environment: production,
        user: ada,
        job: Some(full_job()),
    };
    assert_eq!(details, expected);
    assert_eq!(get(&both, 2), None);
    let elsewhere = both.read(|conn| deployments::get(conn, ProjectId(2), DeploymentId(1)));
    assert_eq!(elsewhere, None, "another project's deployment is not found");
}

#[test]
fn deployments_that_are_recorded_together_are_as_if_it_had_been_one_by_one() {
    let both = begun();
    let other = (ProjectId(2), EnvironmentId(2));
    let made = both.write(move |tx| {
        deployments::insert(tx, &new_deployment(other.0, other.1))?;
        let all = vec![
            new_deployment(PROJECT, PRODUCTION),
            new_deployment(other.0, other.1),
            new_full(tx)?,
            new_deployment(other.0, other.1),
        ];
        insert_many(tx, all)
    });
    let numbers: Vec<(i64, i64, i64)> = made.iter().map(|d| (d.id.0, d.project_id.0, d.iid.0)).collect();
    assert_eq!(numbers, [(2, 1, 1), (3, 2, 2), (4, 1, 2), (5, 2, 3)]);
    let expected = made.clone();
    let read = both.read(move |conn| {
        let ids: Vec<DeploymentId> = expected.iter().map(|made| made.id).collect();
        deployments::get_many(conn, &ids)
    });
    assert_eq!(
        read.iter().map(|read| &read.deployment).collect::<Vec<_>>(),
        made.iter().collect::<Vec<_>>()
    );
    assert_eq!(read[2].job, Some(full_job()));
    let events = both.read(|conn| events::after(conn, 0, 100));
    let told: Vec<(i64, i64, i64, String)> = events
        .into_iter()
        .map(|(_, event)| {
            let ids = (
                event.deployment_id.unwrap(),
                event.project_id.unwrap(),
                event.environment_id.unwrap(),
            );
            (ids.0.0, ids.1.0, ids.2.0, event.data)
        })
        .collect();
    let event = |deployment, project, environment, iid: &str| (deployment, project, environment, iid.to_owned());
    assert_eq!(
        told,
        [
            event(2, 1, 1, "1"),
            event(3, 2, 2, "2"),
            event(4, 1, 1, "2"),
            event(5, 2, 2, "3")
        ]
    );
    assert_eq!(
        both.write(|tx| deployments::insert(tx, &new_deployment(PROJECT, PRODUCTION))),
        (DeploymentId(6), Iid(3))
    );
    assert_eq!(both.read(|conn| deployments::total(conn, PROJECT)), 3);
    assert_eq!(both.write(|tx| insert_many(tx, Vec::new())), []);
    let gone = both.try_write(|tx| {
        let all = vec![
            new_deployment(PROJECT, PRODUCTION),
            new_deployment(ProjectId(3), PRODUCTION),
        ];
        insert_many(tx, all)
    });
    assert_eq!(gone.unwrap_err(), "the project was deleted");
    assert_eq!(
        both.read(|conn| deployments::total(conn, PROJECT)),
        3,
        "no iid was used"
    );
}

#[test]
fn the_services_of_an_environment_are_those_of_its_newest_successes() {
    let both = begun();
    both.write(|tx| {
        full(tx)?;
        for (status, finished_at) in [
            (Status::Success, Some(at(9))),
            (Status::Success, None),
            (Status::Failed, Some(at(10))),
        ] {
            let new = NewDeployment {
                status,
                finished_at,
                ..new_deployment(PROJECT, PRODUCTION)
            };
            deployments::insert(tx, &new)?;
        }
        Ok(())
    });
    let services = |limit| both.read(move |conn| deployments::services(conn, PRODUCTION, limit));
    assert_eq!(services(9), [(None, at(9)), (Some("checkout".to_owned()), at(3))]);
    assert_eq!(services(1), [(None, at(9))]);
}

#[test]
fn a_deployment_changes_and_goes_with_its_job() {
    let both = begun();
    both.write(|tx| {
        full(tx)?;
        deployments::insert(tx, &new_deployment(PROJECT, PRODUCTION)).map(drop)
    });
    let before = get(&both, 2).unwrap();
    let changed = Deployment {
        status: Status::Failed,
        created_at: at(10),
        updated_at: at(11),
        finished_at: Some(at(12)),
        ..before.deployment.clone()
    };
    let change = changed.clone();
    both.write(move |tx| deployments::update(tx, &change));
    let after = DeploymentDetails {
        deployment: changed,
        ..before
    };
    assert_eq!(get(&both, 2), Some(after));

    let first = get(&both, 1).unwrap().deployment;
    let gone = first.clone();
    both.write(move |tx| deployments::delete(tx, &gone));
    assert_eq!(get(&both, 1), None);
    let left = both.read(|conn| first_column(conn, "SELECT CAST(count(*) AS TEXT) FROM jobs"));
    assert_eq!(left, ["0"]);
    assert_eq!(both.read(|conn| deployments::total(conn, PROJECT)), 1);
    both.write(move |tx| deployments::delete(tx, &first));
    assert_eq!(
        both.read(|conn| deployments::total(conn, PROJECT)),
        1,
        "it is not counted out twice"
    );
}

#[test]
fn deployments_that_are_changed_together_are_as_if_it_had_been_one_by_one() {
    let both = begun();
    both.write(|tx| {
        full(tx)?;
        insert_many(tx, vec![new_deployment(PROJECT, PRODUCTION); 3]).map(drop)
    });
    let before: Vec<Deployment> = (1..=4).map(|id| get(&both, id).unwrap().deployment).collect();
    let mut after = before.clone();
    for (number, changed) in (20..).step_by(10).zip(&mut after[..3]) {
        changed.status = Status::Failed;
        changed.job_id = None;
        changed.created_at = at(number);
        changed.updated_at = at(number + 1);
        changed.finished_at = (number > 20).then(|| at(number + 2));
    }
    let changed = after.clone();
    both.write(move |tx| {
        let changed: Vec<&Deployment> = changed[..3].iter().rev().collect();
        deployments::update_many(tx, &changed)?;
        deployments::update_many(tx, &[])
    });
    let read: Vec<Deployment> = (1..=4).map(|id| get(&both, id).unwrap().deployment).collect();
    assert_eq!(read, after);
}

#[test]
fn the_senders_key_finds_a_deployment_and_its_reports_rewrite_it() {
    let both = begun();
    both.write(full);
    both.write(|tx| deployments::insert(tx, &new_deployment(PROJECT, PRODUCTION)).map(drop));
    let by_key = |project: i64, source: Source, key: &'static str| {
        both.read(move |conn| deployments::by_external_id(conn, ProjectId(project), source, key))
    };
    let found = by_key(1, Source::Hook, "run 7").unwrap();
    assert_eq!(Some(found.clone()), get(&both, 1));
    for (project, source, key) in [
        (2, Source::Hook, "run 7"),
        (1, Source::Api, "run 7"),
        (1, Source::Hook, "Run 7"),
        (1, Source::Hook, ""),
    ] {
        assert_eq!(by_key(project, source, key), None, "{project} {source:?} {key}");
    }
    let refused = both.try_write(|tx| full(tx).map(drop));
    let refusal = "the constraint deployments_project_id_source_external_id is violated";
    assert_eq!(refused, Err(refusal.to_owned()));

    let rewritten = Deployment {
        user_id: None,
        job_id: None,
        git_ref: "main".to_owned(),
        tag: false,
        sha: "b".repeat(40),
        commit: None,
        status: Status::Failed,
        created_at: at(10),
        updated_at: at(11),
        finished_at: Some(at(12)),
        ..found.deployment.clone()
    };
    let new = rewritten.clone();
    both.write(move |tx| deployments::rewrite(tx, &new));
    let after = get(&both, 1).unwrap();
    assert_eq!(after.deployment, rewritten);
    assert_eq!((after.user, after.job), (None, None));
}

#[test]
fn iids_count_within_the_project_and_are_never_given_out_again() {
    let both = begun();
    let insert = |project: i64| {
        both.write(move |tx| {
            let new = new_deployment(ProjectId(project), EnvironmentId(project));
            deployments::insert(tx, &new).map(|(_, iid)| iid.0)
        })
    };
    assert_eq!([insert(1), insert(2), insert(1), insert(1)], [1, 1, 2, 3]);
    let last = get(&both, 4).unwrap().deployment;
    both.write(move |tx| deployments::delete(tx, &last));
    assert_eq!(insert(1), 4);
    assert_eq!(both.read(|conn| deployments::total(conn, PROJECT)), 3);
    assert_eq!(both.read(|conn| deployments::total(conn, ProjectId(2))), 1);
    assert_eq!(both.read(|conn| deployments::total(conn, ProjectId(3))), 0);
    let refused = both.try_write(|tx| {
        deployments::insert(tx, &new_deployment(PROJECT, PRODUCTION))?;
        Err::<(), _>(Error::Refused("no".to_owned()))
    });
    assert_eq!(refused, Err("no".to_owned()));
    assert_eq!(insert(1), 5, "a refused create uses none");
    let doubled = both.try_write(|tx| {
        let sql = "UPDATE deployments SET iid = 1 WHERE id = 3 RETURNING git_ref";
        first_column(tx, sql)
    });
    let refusal = "the constraint deployments_project_id_iid is violated";
    assert_eq!(doubled, Err(refusal.to_owned()), "the engines see to it as well");
}

#[test]
fn the_last_deployment_is_the_success_that_finished_last() {
    let both = begun();
    let last = |environment: i64| {
        both.read(move |conn| {
            let last = deployments::last(conn, EnvironmentId(environment))?;
            Ok(last.map(|details| details.deployment.id.0))
        })
    };
    assert_eq!(last(1), None);
    both.write(|tx| {
        for (status, finished_at) in [
            (Status::Success, Some(20)),
            (Status::Success, Some(30)),
            (Status::Success, Some(30)),
            (Status::Success, Some(10)),
            (Status::Failed, Some(40)),
            (Status::Running, None),
            (Status::Success, None),
        ] {
            let new = NewDeployment {
                status,
                finished_at: finished_at.map(at),
                ..new_deployment(PROJECT, PRODUCTION)
            };
            deployments::insert(tx, &new)?;
        }
        Ok(())
    });
    assert_eq!(last(1), Some(3));
    assert_eq!(last(2), None);
}

#[test]
fn many_come_in_the_order_in_which_they_were_asked_for() {
    let both = begun();
    both.write(|tx| {
        for _ in 0..250 {
            deployments::insert(tx, &new_deployment(PROJECT, PRODUCTION))?;
        }
        Ok(())
    });
    let many = |ids: Vec<i64>| {
        both.read(move |conn| {
            let ids: Vec<DeploymentId> = ids.iter().copied().map(DeploymentId).collect();
            let found = deployments::get_many(conn, &ids)?;
            Ok(found.iter().map(|details| details.deployment.id.0).collect::<Vec<_>>())
        })
    };
    assert_eq!(many(vec![]), Vec::<i64>::new());
    assert_eq!(many(vec![3, 1, 999, 2]), [3, 1, 2]);
    for rows in [1, 2, 20, 21, 100, 101, 250] {
        let ids: Vec<i64> = (1..=rows).rev().collect();
        assert_eq!(many(ids.clone()), ids);
    }
    let details = both.read(|conn| deployments::get_many(conn, &[DeploymentId(7)]));
    assert_eq!(details, [get(&both, 7).unwrap()]);

    let lent = both.read(|conn| {
        let shown = |deployment: &Deployment<&str>, job: Option<&Job<&str>>| format!("{deployment:?} {job:?}");
        let mut lent = deployments::map_many(conn, &[DeploymentId(9), DeploymentId(999), DeploymentId(7)], shown)?;
        lent.sort();
        Ok(lent)
    });
    let owned = both.read(|conn| deployments::get_many(conn, &[DeploymentId(7), DeploymentId(9)]));
    let owned: Vec<String> = owned
        .iter()
        .map(|details| format!("{:?} {:?}", details.deployment, details.job))
        .collect();
    assert_eq!(lent, owned);
}

#[test]
fn what_a_deployment_replaces_is_the_success_before_it() {
    let both = begun();
    both.write(|tx| {
        for (status, finished_at) in [
            (Status::Success, Some(10)),
            (Status::Success, Some(20)),
            (Status::Success, Some(20)),
            (Status::Failed, Some(30)),
            (Status::Running, None),
        ] {
            let number = deployments::total(tx, PROJECT)? + 1;
            let new = NewDeployment {
                status,
                finished_at: finished_at.map(at),
                sha: format!("{number}"),
                ..new_deployment(PROJECT, PRODUCTION)
            };
            deployments::insert(tx, &new)?;
        }
        Ok(())
    });
    let previous = |id| {
        let deployment = get(&both, id).unwrap().deployment;
        let found = both.read(move |conn| deployments::previous(conn, &deployment));
        found.map(|previous| previous.sha)
    };
    assert_eq!(
        [1, 2, 3, 4, 5].map(previous),
        [None, Some("1"), Some("2"), Some("3"), Some("3")].map(|sha| sha.map(str::to_owned))
    );
    let newest = |of: Owner| {
        let found = both.read(move |conn| deployments::newest(conn, of));
        found.map(|details| details.deployment.id.0)
    };
    let group = NamespaceId(1);
    assert_eq!(
        [Owner::Project(PROJECT), Owner::Group(group), Owner::Instance].map(newest),
        [Some(5); 3]
    );
    both.write(|tx| project(tx, "empty/app"));
    assert_eq!(
        [
            Owner::Project(ProjectId(2)),
            Owner::Project(ProjectId(9)),
            Owner::Group(NamespaceId(2))
        ]
        .map(newest),
        [None; 3]
    );
}

#[test]
fn the_deployments_of_an_environment_go_together_with_their_jobs() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        let production = environment(tx, ProjectId(1), "production")?;
        let staging = environment(tx, ProjectId(1), "staging")?;
        for number in 0..250 {
            let job = NewJob {
                id: None,
                job: Job {
                    pipeline: (number % 3 == 0).then(Pipeline::default),
                    runner: (number % 5 == 0).then(Runner::default),
                    ..full_job()
                },
            };
            let job_id = if number % 2 == 0 {
                Some(jobs::insert(tx, ProjectId(1), &job)?)
            } else {
                None
            };
            let new = NewDeployment {
                job_id,
                updated_at: at(number),
                ..new_deployment(ProjectId(1), production)
            };
            deployments::insert(tx, &new)?;
        }
        deployments::insert(tx, &new_deployment(ProjectId(1), staging)).map(drop)
    });
    let changed_since = |seconds: i64, among: i64| {
        both.read(move |conn| deployments::changed_since(conn, EnvironmentId(1), at(seconds), among))
    };
    assert!(changed_since(249, 1));
    assert!(!changed_since(250, i64::MAX));
    assert!(changed_since(0, i64::MAX));
    both.write(|tx| {
        let mut oldest = deployments::get(tx, ProjectId(1), DeploymentId(1))?.unwrap().deployment;
        oldest.updated_at = at(300);
        deployments::update(tx, &oldest)
    });
    assert!(changed_since(300, 250));
    assert!(!changed_since(300, 249), "it is not among the newest");

    let first = both.read(|conn| {
        let found = deployments::of_environment(conn, EnvironmentId(1), 3)?;
        Ok(found.iter().map(|deployment| deployment.id.0).collect::<Vec<_>>())
    });
    assert_eq!(first, [1, 2, 3]);
    let left = both.write(|tx| {
        let all = deployments::of_environment(tx, EnvironmentId(1), 1000)?;
        deployments::delete_many(tx, ProjectId(1), &all)?;
        let count = "SELECT CAST((SELECT count(*) FROM jobs) + (SELECT count(*) FROM pipelines) \
                     + (SELECT count(*) FROM runners) AS TEXT)";
        Ok((
            deployments::total(tx, ProjectId(1))?,
            deployments::of_environment(tx, EnvironmentId(1), 1)?.len(),
            deployments::of_environment(tx, EnvironmentId(2), 10)?.len(),
            first_column(tx, count)?.concat(),
        ))
    });
    assert_eq!(left, (1, 0, 1, "0".to_owned()));
    // The iids of those that are gone are not given out again.
    let next = both.write(|tx| deployments::insert(tx, &new_deployment(ProjectId(1), EnvironmentId(2))));
    assert_eq!(next.1.0, 252);
}
