//! Merge requests and the deployments that brought them.

use landfall_domain::{
    deployment::Status,
    ids::{DeploymentId, EnvironmentId},
    merge_request::{Forge, MergeRequest, Person},
};
use landfall_store::{
    deployments::{self, NewDeployment},
    merge_requests::{self, Success},
};

use crate::both::{Both, at, environment, new_deployment, project};

pub(crate) fn merge_request(iid: i64, title: Option<&str>) -> MergeRequest {
    MergeRequest {
        id: None,
        forge: Forge::GitHub,
        iid,
        title: title.map(str::to_owned),
        source_branch: None,
        target_branch: Some("main".to_owned()),
        merged_at: Some(at(iid)),
        author: None,
        merged_by: Some(Person {
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
        }),
        head: None,
        merge_commit: Some("a".repeat(40)),
        squash_commit: None,
    }
}

/// Two environments; the first has a success, a failure and two successes, the second a success.
fn world(both: &Both) {
    both.write(|tx| {
        let project = project(tx, "group/app")?.id;
        let environments = [
            environment(tx, project, "production")?,
            environment(tx, project, "staging")?,
        ];
        let statuses = [
            (0, Status::Success),
            (0, Status::Failed),
            (0, Status::Success),
            (0, Status::Success),
            (1, Status::Success),
        ];
        for (number, (place, status)) in statuses.into_iter().enumerate() {
            let new = NewDeployment {
                status,
                finished_at: Some(at(1)),
                commit: (number > 0).then(|| number.to_string().repeat(40)),
                ..new_deployment(project, environments[place])
            };
            deployments::insert(tx, &new)?;
        }
        Ok(())
    });
}

#[test]
fn a_merge_request_stays_with_the_deployment_that_brought_it_first() {
    let both = Both::new();
    world(&both);
    let link = |deployment: i64, found: Vec<MergeRequest>| {
        both.write(move |tx| {
            for it in &found {
                merge_requests::link(tx, landfall_domain::ids::ProjectId(1), DeploymentId(deployment), it)?;
            }
            merge_requests::set_linked(tx, DeploymentId(deployment))
        });
    };
    let of = |deployment: i64| -> Vec<i64> {
        let found = both.read(move |conn| merge_requests::of_deployment(conn, DeploymentId(deployment)));
        found.into_iter().map(|it| it.iid).collect()
    };
    link(1, vec![merge_request(2, None), merge_request(1, Some("One"))]);
    link(3, vec![merge_request(2, Some("Two")), merge_request(3, None)]);
    link(5, vec![merge_request(2, Some("Another"))]);
    assert_eq!((of(1), of(3), of(4), of(5)), (vec![1, 2], vec![3], vec![], vec![2]));
    let first = both.read(|conn| merge_requests::of_deployment(conn, DeploymentId(1)));
    let indexed = |id: i64, iid: i64, title: &str| MergeRequest {
        id: Some(id),
        ..merge_request(iid, Some(title))
    };
    assert_eq!(
        first,
        [indexed(2, 1, "One"), indexed(1, 2, "Two")],
        "what was unknown is filled"
    );
    let project = landfall_domain::ids::ProjectId(1);
    let by_iid = |iid: i64| both.read(move |conn| merge_requests::by_iid(conn, project, iid));
    assert_eq!((by_iid(1), by_iid(9)), (Some(indexed(2, 1, "One")), None));
    assert_eq!(
        both.write(move |tx| merge_requests::save(tx, project, &merge_request(1, Some("Uno")))),
        2
    );
    assert_eq!(by_iid(1), Some(indexed(2, 1, "One")));

    // Once looked through is enough.
    link(3, vec![merge_request(4, None)]);
    assert_eq!(of(3), [3]);
    // A deployment that is gone brings nothing, and takes its links with it.
    link(99, vec![merge_request(5, None)]);
    assert_eq!(of(99), [0; 0]);
    both.write(|tx| {
        let gone = deployments::get(tx, landfall_domain::ids::ProjectId(1), DeploymentId(3))?.unwrap();
        deployments::delete(tx, &gone.deployment)
    });
    link(4, vec![merge_request(3, None)]);
    assert_eq!((of(3), of(4)), (vec![], vec![3]));
}

#[test]
fn the_successes_of_an_environment_are_those_before_and_the_deployment_itself() {
    let both = Both::new();
    world(&both);
    let successes = |behind: i64, up_to: i64, most: i64| {
        let range = (DeploymentId(behind), DeploymentId(up_to));
        both.read(move |conn| merge_requests::successes(conn, EnvironmentId(1), range, most))
    };
    let success = |id: i64, commit: &str| Success {
        id: DeploymentId(id),
        commit: commit.to_owned(),
        git_ref: "main".to_owned(),
    };
    let sha = new_deployment(landfall_domain::ids::ProjectId(1), EnvironmentId(1)).sha;
    let all = [
        success(1, &sha),
        success(3, &"2".repeat(40)),
        success(4, &"3".repeat(40)),
    ];
    assert_eq!(successes(0, 4, 10), all);
    assert_eq!(successes(0, 3, 10), all[..2]);
    assert_eq!(successes(0, 4, 2), all[..2]);
    assert_eq!(successes(1, 4, 10), all[1..]);
    assert_eq!(successes(0, 0, 10), []);

    let newest_linked =
        |up_to: i64| both.read(move |conn| merge_requests::newest_linked(conn, EnvironmentId(1), DeploymentId(up_to)));
    assert_eq!(newest_linked(4), None);
    for id in [1, 3, 5] {
        both.write(move |tx| merge_requests::set_linked(tx, DeploymentId(id)));
    }
    assert_eq!([4, 2].map(newest_linked), [Some(all[1].clone()), Some(all[0].clone())]);
}
