//! What creates look up at once.

use std::time::Duration;

use landfall_domain::{
    ids::{DeploymentId, EnvironmentId, Iid, ProjectId, UserId, WebhookId},
    user::UserState,
    webhook::Owner,
};
use landfall_store::{
    Store, Tx,
    changes::{self, Position},
    creates::{self, Wanted},
    deployments::{self, LastIids},
    environments,
    testing::position,
    users, webhooks,
};

use crate::{
    both::{Both, created, environment, new_deployment, project, user},
    webhooks::hook,
};

const APP: ProjectId = ProjectId(1);
const OTHER: ProjectId = ProjectId(2);

const fn wanted(project: ProjectId, environment: &str, user: i64) -> Wanted<'_> {
    Wanted {
        project,
        environment,
        user: UserId(user),
    }
}

fn begun() -> Both {
    let both = Both::new();
    both.write(|tx| {
        for name in ["ada", "bob"] {
            user(tx, name)?;
        }
        for (id, path) in [(1, "group/app"), (2, "group/other")] {
            project(tx, path)?;
            environment(tx, ProjectId(id), "production")?;
        }
        environment(tx, APP, "staging")?;
        webhooks::insert(tx, &hook(Owner::Project(OTHER)))?;
        deployments::insert(tx, &new_deployment(APP, EnvironmentId(1))).map(drop)
    });
    both
}

#[test]
fn what_creates_need_is_found_at_once_on_postgresql() {
    let both = begun();
    let places = [
        wanted(APP, "production", 1),
        wanted(OTHER, "production", 2),
        wanted(APP, "staging", 2),
        wanted(APP, "PRODUCTION", 3),
        wanted(ProjectId(9), "production", 1),
    ];
    let mut found = both.each(&async |store: &Store| {
        let look_up = move |tx: &mut Tx<'_>| creates::look_up(tx, &places, None, &mut LastIids::default());
        store.write(look_up).await
    });
    let (postgres, sqlite) = (found.pop().unwrap().unwrap(), found.pop().unwrap());
    assert_eq!(sqlite, None);
    assert!(postgres.is_still_allowed, "nobody asked");
    let postgres = postgres.found;
    let expected = both.read(move |conn| {
        let mut expected = Vec::new();
        for place in places {
            let environment = environments::by_name(conn, place.project, place.environment)?;
            expected.push((environment, users::by_id(conn, place.user)?));
        }
        Ok(expected)
    });
    assert!(expected[0].0.is_some() && expected[2].0.is_some() && expected[3].0.is_none());
    assert!(expected[1].1.is_some() && expected[3].1.is_none());
    let looked_up: Vec<_> = postgres
        .iter()
        .map(|found| (found.environment.clone(), found.user.clone()))
        .collect();
    assert_eq!(looked_up, expected);
    let heard: Vec<&[WebhookId]> = postgres.iter().map(|found| &*found.listeners).collect();
    assert_eq!(heard, [&[][..], &[WebhookId(1)], &[], &[], &[]]);
}

/// Whether everybody may still do what an earlier state allowed, as PostgreSQL says.
fn is_still_allowed(both: &Both, allowed_in: Position) -> bool {
    let mut found = both.each(&async |store: &Store| {
        let place = [wanted(APP, "production", 1)];
        let look_up = move |tx: &mut Tx<'_>| creates::look_up(tx, &place, Some(allowed_in), &mut LastIids::default());
        store.write(look_up).await
    });
    found.pop().unwrap().unwrap().is_still_allowed
}

fn position_on_postgresql(both: &Both) -> Position {
    let mut found = both.each(&async |store: &Store| store.read(changes::position).await);
    found.pop().unwrap()
}

#[test]
fn creates_find_out_whether_what_let_them_in_still_holds() {
    let both = begun();
    let set_state = |state: UserState| {
        both.write(move |tx| {
            let mut ada = users::by_username(tx, "ada")?.unwrap();
            ada.state = state;
            users::update(tx, &ada)
        });
    };
    // Changes have numbers once there was one.
    set_state(UserState::Active);
    let before = position_on_postgresql(&both);
    assert!(is_still_allowed(&both, before));
    let touch = move |tx: &mut Tx<'_>| {
        let mut found = environments::by_id(tx, APP, EnvironmentId(1))?.unwrap();
        found.updated_at = found.updated_at.plus(Duration::from_secs(1));
        environments::update(tx, &found)
    };
    both.write(touch);
    both.write(|tx| deployments::insert(tx, &new_deployment(APP, EnvironmentId(1))));
    assert!(
        is_still_allowed(&both, before),
        "environments and deployments let nobody in"
    );
    set_state(UserState::Blocked);
    assert!(!is_still_allowed(&both, before));
    let after = position_on_postgresql(&both);
    assert!(is_still_allowed(&both, after));
    for _ in 0..100 {
        both.write(touch);
    }
    assert!(is_still_allowed(&both, after), "as far behind as it may be");
    both.write(touch);
    assert!(!is_still_allowed(&both, after), "too much to look through");
    let elsewhere = position_on_postgresql(&both);
    let (change, deployment) = (i64::MAX, i64::MAX);
    assert!(
        !is_still_allowed(&both, position(0, change, deployment)),
        "of another history"
    );
    assert!(is_still_allowed(&both, elsewhere));
}

#[test]
fn iids_go_on_from_those_that_were_looked_up_and_given_out() {
    let both = begun();
    let made = both.write(|tx| {
        let mut last = LastIids::default();
        creates::look_up(tx, &[wanted(APP, "production", 1)], None, &mut last)?;
        let mut made = Vec::new();
        for project in [APP, OTHER, APP] {
            let new = new_deployment(project, EnvironmentId(project.0));
            let event = move |_: Iid| created(project, EnvironmentId(project.0));
            made.extend(deployments::insert_many(
                tx,
                &mut last,
                vec![(new.clone(), event), (new, event)],
            )?);
        }
        Ok(made)
    });
    let numbers: Vec<_> = made.iter().map(|made| (made.id, made.project_id, made.iid)).collect();
    let number = |id, project, iid| (DeploymentId(id), project, Iid(iid));
    assert_eq!(
        numbers,
        [
            number(2, APP, 2),
            number(3, APP, 3),
            number(4, OTHER, 1),
            number(5, OTHER, 2),
            number(6, APP, 4),
            number(7, APP, 5)
        ]
    );
    assert_eq!(both.read(|conn| deployments::total(conn, APP)), 5);
    assert_eq!(
        both.write(|tx| deployments::insert(tx, &new_deployment(APP, EnvironmentId(1)))),
        (DeploymentId(8), Iid(6))
    );
}
