//! What those who keep something in memory are told.

use std::cell::RefCell;

use landfall_domain::{
    access::AccessLevel,
    deployment::Status,
    ids::{DeploymentId, EnvironmentId, ProjectId, TokenId, UserId},
    token::{Digest, Scopes},
};
use landfall_store::{
    Conn, Error, Store, Tx,
    changes::{self, Change, KEPT, News, Position},
    deployments, environments, members, namespaces, projects,
    tokens::{self, NewToken},
    users,
};

use crate::both::{Both, at, environment, join, new_deployment, project, user};

const PROJECT: ProjectId = ProjectId(1);
const ADA: UserId = UserId(1);

fn begun() -> Both {
    let both = Both::new();
    both.write(|tx| {
        user(tx, "ada")?;
        project(tx, "group/app")?;
        environment(tx, PROJECT, "production")?;
        deployments::insert(tx, &new_deployment(PROJECT, EnvironmentId(1)))?;
        let token = NewToken {
            user_id: ADA,
            name: "ci".to_owned(),
            description: None,
            digest: Digest::of("secret"),
            scopes: Scopes::parse("api").unwrap(),
            expires_at: None,
            created_at: at(1),
            family_id: None,
            source: None,
        };
        tokens::insert(tx, &token).map(drop)
    });
    both
}

/// The state of each engine's database.
fn state(both: &Both) -> Vec<Position> {
    both.each(&async |store: &Store| store.read(changes::position).await)
}

/// What has changed since those states.
fn since(both: &Both, states: &[Position]) -> News {
    let left = RefCell::new(states.iter().copied());
    let told = both.each(&async |store: &Store| {
        let state = left.borrow_mut().next().unwrap();
        let work = move |conn: &mut Conn<'_>| changes::news(conn, Some(state)).map(|(_, news)| news);
        let told = store.read_by_one_statement(work).await?;
        assert_eq!(told, store.read(work).await?);
        Ok::<_, Error>(told)
    });
    assert_eq!(told[0], told[1], "SQLite on the left, PostgreSQL on the right");
    told.into_iter().next().unwrap()
}

/// What is told of a write.
fn told(both: &Both, work: impl Fn(&mut Tx<'_>) -> Result<(), Error> + Clone + Send + 'static) -> Vec<Change> {
    let before = state(both);
    both.write(work);
    let is_later = state(both).iter().zip(&before).all(|(after, before)| after > before);
    assert!(is_later, "a later state is greater");
    match since(both, &before) {
        News::Changes(changes) => changes,
        News::Everything => Vec::new(),
    }
}

#[test]
fn whatever_a_deployment_shows_and_whoever_may_see_it_is_told_of() {
    let both = begun();
    assert_eq!(
        told(&both, |tx| {
            deployments::insert(tx, &new_deployment(PROJECT, EnvironmentId(1))).map(drop)
        }),
        [Change::Created(PROJECT)]
    );
    let id = DeploymentId(2);
    assert_eq!(
        told(&both, move |tx| {
            let mut found = deployments::get(tx, PROJECT, id)?.unwrap().deployment;
            found.status = Status::Running;
            deployments::update(tx, &found)
        }),
        [Change::Deployment(PROJECT, id)]
    );
    assert_eq!(
        told(&both, move |tx| {
            let found = deployments::get(tx, PROJECT, id)?.unwrap().deployment;
            deployments::delete(tx, &found)
        }),
        [Change::Deployment(PROJECT, id)]
    );
    assert_eq!(
        told(&both, |tx| {
            let found = environments::by_id(tx, PROJECT, EnvironmentId(1))?.unwrap();
            environments::update(tx, &found)
        }),
        [Change::Environment(PROJECT, EnvironmentId(1))]
    );
    assert_eq!(
        told(&both, |tx| {
            let found = users::by_id(tx, ADA)?.unwrap();
            users::update(tx, &found)
        }),
        [Change::User(ADA)]
    );
    assert_eq!(
        told(&both, |tx| tokens::touch(tx, TokenId(1), at(5))),
        [Change::Token(TokenId(1))]
    );
    assert_eq!(
        told(&both, |tx| tokens::revoke(tx, TokenId(1)).map(drop)),
        [Change::Token(TokenId(1))]
    );
    assert_eq!(
        told(&both, |tx| join(tx, PROJECT, ADA, AccessLevel::Developer, None, 3)),
        [Change::Member]
    );
    assert_eq!(
        told(&both, |tx| members::remove(tx, PROJECT.into(), ADA).map(drop)),
        [Change::Member]
    );
    assert_eq!(
        told(&both, |tx| {
            let found = projects::by_id(tx, PROJECT)?.unwrap();
            projects::update(tx, &found)
        }),
        [Change::Place]
    );
    assert_eq!(
        told(&both, |tx| {
            let found = namespaces::by_path(tx, "group")?.unwrap();
            namespaces::rename(tx, &found, ("Group", "team"), at(9)).map(drop)
        })
        .first(),
        Some(&Change::Place)
    );
}

#[test]
fn what_nobody_keeps_is_no_change() {
    let both = begun();
    let before = state(&both);
    both.write(|tx| {
        environment(tx, PROJECT, "staging")?;
        user(tx, "bob").map(drop)
    });
    assert_eq!(state(&both), before);
    assert_eq!(since(&both, &before), News::Changes(Vec::new()));
}

#[test]
fn whoever_is_far_behind_is_told_to_forget_everything() {
    let both = begun();
    let touched = |times: i64| {
        move |tx: &mut Tx<'_>| (0..times).try_for_each(|second| tokens::touch(tx, TokenId(1), at(second + 1)))
    };
    let before = state(&both);
    both.write(touched(1_000));
    assert!(matches!(since(&both, &before), News::Changes(changes) if changes.len() == 1_000));
    both.write(|tx| tokens::touch(tx, TokenId(1), at(2_000)));
    assert_eq!(since(&both, &before), News::Everything);
}

#[test]
fn old_changes_are_deleted_and_the_newest_kept() {
    let both = begun();
    both.write(|tx| (0..50).try_for_each(|second| tokens::touch(tx, TokenId(1), at(second + 1))));
    assert!(!both.read(|conn| changes::is_long(conn, KEPT)));
    assert!(both.read(|conn| changes::is_long(conn, 20)));
    let before = state(&both);
    assert_eq!(
        both.write(|tx| changes::trim(tx, 10, 15)),
        15,
        "not more than were asked for"
    );
    while both.write(|tx| changes::trim(tx, 10, 15)) > 0 {}
    assert_eq!(state(&both), before);
    assert!(!both.read(|conn| changes::is_long(conn, 6)));
    assert!(both.read(|conn| changes::is_long(conn, 4)));
}
