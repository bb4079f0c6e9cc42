//! Memberships.

use landfall_domain::{
    access::AccessLevel,
    ids::{ProjectId, UserId},
};
use landfall_store::{
    members::{self, Member},
    namespaces, projects, users,
};

use crate::both::{Both, at, day, project, user};

const PROJECT: ProjectId = ProjectId(1);

#[test]
fn memberships_are_set_changed_and_removed() {
    let both = Both::new();
    let (ada, bob, app) = both.write(|tx| Ok((user(tx, "ada")?, user(tx, "bob")?, project(tx, "group/app")?)));
    let level = |user: i64, today: &'static str| {
        let app = app.clone();
        both.read(move |conn| {
            let level = members::level(conn, &app, UserId(user), day(today))?;
            let together = members::levels(conn, &[app.clone(), app.clone()], UserId(user), day(today))?;
            assert_eq!(together, [level, level]);
            Ok(level)
        })
    };
    assert_eq!(level(1, "2026-01-01"), None);
    assert_eq!(both.read(|conn| members::list(conn, PROJECT)), []);

    both.write(|tx| {
        members::set(tx, PROJECT, UserId(2), AccessLevel::Developer, None, at(3))?;
        members::set(tx, PROJECT, UserId(1), AccessLevel::Guest, None, at(4))?;
        let last_day = Some(day("2026-01-02"));
        members::set(tx, PROJECT, UserId(1), AccessLevel::Maintainer, last_day, at(5))
    });
    assert_eq!(level(1, "2026-01-01"), Some(AccessLevel::Maintainer));
    assert_eq!(level(1, "2026-01-02"), None, "it ends as its last day begins");
    assert_eq!(level(2, "2026-01-02"), Some(AccessLevel::Developer));
    let expected = [
        Member {
            user: ada,
            access_level: AccessLevel::Maintainer,
            expires_at: Some(day("2026-01-02")),
            created_at: at(4),
        },
        Member {
            user: bob,
            access_level: AccessLevel::Developer,
            expires_at: None,
            created_at: at(3),
        },
    ];
    assert_eq!(both.read(|conn| members::list(conn, PROJECT)), expected);

    assert!(both.write(|tx| members::remove(tx, PROJECT, UserId(2))));
    assert!(!both.write(|tx| members::remove(tx, PROJECT, UserId(2))));
    assert_eq!(level(2, "2026-01-01"), None);
}

#[test]
fn a_user_owns_what_is_in_the_own_namespace() {
    let both = Both::new();
    both.write(|tx| {
        for name in ["ada", "bob"] {
            let user = user(tx, name)?;
            namespaces::ensure_personal(tx, &user, at(1))?;
        }
        project(tx, "bob/app")
    });
    let levels = both.read(|conn| {
        let ada = users::by_username(conn, "ada")?.unwrap();
        let bob = users::by_username(conn, "bob")?.unwrap();
        let today = day("2026-01-01");
        let app = projects::by_id(conn, PROJECT)?.unwrap();
        assert_eq!(
            members::levels(conn, std::slice::from_ref(&app), bob.id, today)?,
            [Some(AccessLevel::Owner)]
        );
        assert_eq!(members::levels(conn, &[], bob.id, today)?, []);
        Ok((
            members::level(conn, &app, ada.id, today)?,
            members::level(conn, &app, bob.id, today)?,
        ))
    });
    assert_eq!(levels, (None, Some(AccessLevel::Owner)));
}
