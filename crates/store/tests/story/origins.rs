//! Imports: where records come from, how far they have come, and the records themselves.

use landfall_domain::{
    deployment::{Facts, Note, Status},
    ids::{DeploymentId, EnvironmentId, Iid, OriginId, ProjectId, UserId},
    origin::{DeploymentOrigin, Kind, Origin, Progress},
};
use landfall_store::{
    Error, Tx,
    deployments::{self, NewDeployment},
    origins,
};

use crate::both::{Both, at, environment, new_deployment, project, user};

const PROJECT: ProjectId = ProjectId(1);

pub(crate) fn gitlab() -> Origin {
    Origin {
        id: OriginId(0),
        project_id: PROJECT,
        kind: Kind::Gitlab,
        instance: "gitlab.example.com".to_owned(),
        external_project_id: 77,
        progress: Progress::default(),
        created_at: at(5),
    }
}

/// A user, a project with an environment, and an origin of it.
fn begun() -> Both {
    let both = Both::new();
    both.write(|tx| {
        user(tx, "ada")?;
        project(tx, "group/app")?;
        environment(tx, PROJECT, "production")?;
        origins::insert(tx, &gitlab()).map(drop)
    });
    both
}

fn imported(tx: &mut Tx<'_>, id: i64, iid: Option<i64>) -> Result<(DeploymentId, Iid), Error> {
    let origin = DeploymentOrigin {
        origin_id: OriginId(1),
        id,
        url: Some(format!("https://gitlab.example.com/{id}")),
    };
    let new = new_deployment(PROJECT, EnvironmentId(1));
    deployments::insert_imported(tx, &new, iid.map(Iid), &origin)
}

#[test]
fn an_origin_is_found_and_advances() {
    let both = begun();
    let expected = Origin {
        id: OriginId(1),
        ..gitlab()
    };
    let find = |kind: Kind, instance: &'static str, external: i64| {
        both.read(move |conn| origins::find(conn, PROJECT, kind, instance, external))
    };
    assert_eq!(find(Kind::Gitlab, "gitlab.example.com", 77), Some(expected.clone()));
    assert_eq!(find(Kind::Github, "gitlab.example.com", 77), None);
    assert_eq!(find(Kind::Gitlab, "other.example.com", 77), None);
    assert_eq!(find(Kind::Gitlab, "gitlab.example.com", 78), None);
    let progress = Progress {
        walked: true,
        walked_to: Some(4711),
        changed_to: Some(at(9)),
    };
    both.write(move |tx| origins::advance(tx, OriginId(1), &progress));
    let by_id = both.read(|conn| origins::by_id(conn, OriginId(1)));
    assert_eq!(by_id, Some(Origin { progress, ..expected }));
}

#[test]
fn an_imported_deployment_keeps_its_iid_where_it_is_free() {
    let both = begun();
    let iids = both.write(|tx| {
        let mut iids = vec![imported(tx, 100, Some(5))?.1];
        iids.push(deployments::insert(tx, &new_deployment(PROJECT, EnvironmentId(1)))?.1);
        iids.push(imported(tx, 101, Some(6))?.1);
        iids.push(imported(tx, 102, Some(2))?.1);
        iids.push(imported(tx, 103, None)?.1);
        Ok(iids)
    });
    assert_eq!(iids, [5, 6, 7, 2, 8].map(Iid));
    assert_eq!(both.read(|conn| deployments::total(conn, PROJECT)), 5);
    let counted = |up_to: i64| both.read(move |conn| deployments::count_of_origin(conn, OriginId(1), up_to));
    assert_eq!([99, 100, 102, 1000].map(counted), [0, 1, 3, 4]);
}

#[test]
fn an_imported_deployment_is_found_and_rewritten() {
    let both = begun();
    both.write(|tx| {
        environment(tx, PROJECT, "staging")?;
        imported(tx, 100, Some(1)).map(drop)
    });
    let found = both
        .read(|conn| deployments::by_origin(conn, OriginId(1), 100))
        .unwrap();
    assert_eq!(both.read(|conn| deployments::by_origin(conn, OriginId(1), 1)), None);
    let mut changed = found.deployment;
    changed.environment_id = EnvironmentId(2);
    changed.user_id = Some(UserId(1));
    changed.git_ref = "v2".to_owned();
    changed.tag = true;
    changed.sha = "b".repeat(40);
    changed.commit = Some("b".repeat(40));
    changed.status = Status::Failed;
    changed.owned_by_gitlab = true;
    changed.external_id = Some("another key".to_owned());
    changed.facts = Facts {
        service: Some("checkout".to_owned()),
        description: Some("It went well".to_owned()),
        notes: vec![Note::Superseded],
        artifacts: vec!["registry.example/shop:7".to_owned()],
    };
    changed.created_at = at(10);
    changed.updated_at = at(11);
    changed.finished_at = Some(at(12));
    changed.origin = Some(DeploymentOrigin {
        origin_id: OriginId(1),
        id: 200,
        url: None,
    });
    let change = changed.clone();
    both.write(move |tx| deployments::rewrite(tx, &change));
    let after = both
        .read(|conn| deployments::by_origin(conn, OriginId(1), 200))
        .unwrap();
    assert_eq!(after.deployment, changed);
    let elsewhere = NewDeployment {
        tag: true,
        ..new_deployment(PROJECT, EnvironmentId(1))
    };
    let own = both.write(move |tx| deployments::insert(tx, &elsewhere));
    let own = both.read(move |conn| deployments::get(conn, PROJECT, own.0)).unwrap();
    assert_eq!(own.deployment.origin, None);
}
