//! What hooks have said.

use landfall_domain::{
    deployment::Source,
    ids::{DeploymentId, EnvironmentId, ProjectId},
};
use landfall_store::{
    deployments,
    observations::{self, NewObservation, Observed, Place},
};

use crate::both::{Both, at, environment, new_deployment, project};

const PROJECT: ProjectId = ProjectId(1);

pub(crate) fn said(subject: &str, digest: &str) -> NewObservation {
    NewObservation {
        project_id: PROJECT,
        subject: subject.to_owned(),
        object: None,
        run: None,
        digest: digest.to_owned(),
        data: format!(r#"{{"sha":"{digest}"}}"#),
        received_at: at(1),
    }
}

#[test]
fn observations_are_kept_once_and_found_by_what_they_are_about() {
    let both = Both::new();
    both.write(|tx| project(tx, "group/app").map(drop));
    let insert = |new: NewObservation| both.write(move |tx| observations::insert(tx, &new));
    assert_eq!(insert(said("job 1", "a")), Some(1));
    assert_eq!(insert(said("job 1", "a")), None, "it was said before");
    let in_run = |subject: &str| NewObservation {
        run: Some("run 7".to_owned()),
        ..said(subject, "b")
    };
    assert!(insert(in_run("job 2")).is_some());
    assert!(insert(in_run("job 1")).is_some());
    let of_object = |subject: &str| NewObservation {
        object: Some("app".to_owned()),
        ..said(subject, "c")
    };
    assert!(insert(of_object("revision 2")).is_some());
    assert!(insert(of_object("revision 1")).is_some());

    let found = both.read(|conn| observations::of_subject(conn, PROJECT, "job 1"));
    // The engines count what they refused differently.
    assert_eq!(
        found.iter().map(|one| one.data.as_str()).collect::<Vec<_>>(),
        [r#"{"sha":"a"}"#, r#"{"sha":"b"}"#]
    );
    let first = Observed {
        id: 1,
        object: None,
        run: None,
        data: r#"{"sha":"a"}"#.to_owned(),
        deployment_id: None,
        received_at: at(1),
    };
    assert_eq!(found[0], first);
    assert_eq!(
        both.read(|conn| observations::of_subject(conn, ProjectId(2), "job 1")),
        []
    );
    let subjects = both.read(|conn| observations::subjects_of_run(conn, PROJECT, "run 7"));
    assert_eq!(subjects.into_iter().collect::<Vec<_>>(), ["job 1", "job 2"]);
    let of_app = both.read(|conn| observations::of_object(conn, PROJECT, "app"));
    let of_app: Vec<&str> = of_app.iter().map(|(subject, _)| subject.as_str()).collect();
    assert_eq!(of_app, ["revision 2", "revision 1"]);
    let place = both.read(|conn| observations::place_of(conn, 1));
    let expected = Place {
        subject: "job 1".to_owned(),
        object: None,
    };
    assert_eq!(place, Some(expected));
    assert_eq!(both.read(|conn| observations::place_of(conn, 99)), None);
    both.write(|tx| observations::delete(tx, 1));
    assert_eq!(
        both.read(|conn| observations::of_subject(conn, PROJECT, "job 1")).len(),
        1
    );
}

#[test]
fn a_deployment_goes_with_what_it_was_made_of() {
    let both = Both::new();
    let made = both.write(|tx| {
        project(tx, "group/app")?;
        environment(tx, PROJECT, "production")?;
        let new = deployments::NewDeployment {
            source: Source::Hook,
            external_id: Some("job 1".to_owned()),
            ..new_deployment(PROJECT, EnvironmentId(1))
        };
        let (id, _) = deployments::insert(tx, &new)?;
        for digest in ["a", "b"] {
            let number = observations::insert(tx, &said("job 1", digest))?.unwrap();
            observations::set_deployment(tx, number, id)?;
        }
        observations::insert(tx, &said("job 2", "a"))?;
        deployments::get(tx, PROJECT, id)
    });
    let parts = both.read(|conn| observations::of_deployment(conn, DeploymentId(1)));
    assert_eq!(parts.iter().map(|one| one.id).collect::<Vec<_>>(), [1, 2]);
    let deployment = made.unwrap().deployment;
    both.write(move |tx| deployments::delete(tx, &deployment));
    assert_eq!(both.read(|conn| observations::of_deployment(conn, DeploymentId(1))), []);
    assert_eq!(
        both.read(|conn| observations::of_subject(conn, PROJECT, "job 2")).len(),
        1
    );
}
