//! Environments.

use landfall_domain::{
    environment::{AutoStopSetting, Environment, State, Tier},
    ids::{EnvironmentId, ProjectId},
};
use landfall_store::environments;

use crate::both::{Both, at, new_environment, project};

const PROJECT: ProjectId = ProjectId(1);

#[test]
fn an_environment_is_made_found_and_changed() {
    let both = Both::new();
    both.write(|tx| project(tx, "group/app").map(drop));
    let new = Environment {
        external_url: Some("https://example.com".to_owned()),
        tier: Tier::Production,
        state: State::Stopped,
        description: Some("the real thing".to_owned()),
        auto_stop_setting: AutoStopSetting::WithAction,
        auto_stop_at: Some(at(99)),
        ..new_environment(PROJECT, "Production")
    };
    let made = Environment {
        id: EnvironmentId(1),
        ..new.clone()
    };
    let id = both.write(move |tx| environments::insert(tx, &new));
    assert_eq!(id, Some(EnvironmentId(1)));
    let found = Some(made.clone());
    assert_eq!(
        both.read(|conn| environments::by_id(conn, PROJECT, EnvironmentId(1))),
        found
    );
    assert_eq!(
        both.read(|conn| environments::by_id(conn, ProjectId(2), EnvironmentId(1))),
        None
    );
    assert_eq!(
        both.read(|conn| environments::by_name(conn, PROJECT, "Production")),
        found
    );
    assert_eq!(
        both.read(|conn| environments::by_name(conn, PROJECT, "production")),
        None
    );
    assert_eq!(
        both.read(|conn| environments::by_slug(conn, PROJECT, "production")),
        found
    );
    assert_eq!(
        both.read(|conn| environments::by_slug(conn, PROJECT, "Production")),
        None
    );

    let changed = Environment {
        external_url: None,
        tier: Tier::Development,
        state: State::Stopping,
        description: None,
        auto_stop_setting: AutoStopSetting::Always,
        auto_stop_at: None,
        updated_at: at(7),
        ..made
    };
    let change = changed.clone();
    both.write(move |tx| environments::update(tx, &change));
    assert_eq!(
        both.read(|conn| environments::by_id(conn, PROJECT, EnvironmentId(1))),
        Some(changed)
    );
}

#[test]
fn a_taken_name_or_slug_ends_no_transaction() {
    let both = Both::new();
    let made = both.write(|tx| {
        project(tx, "group/app")?;
        project(tx, "group/other")?;
        let mut insert = |project: i64, name: &str, slug: &str| {
            let new = Environment {
                slug: slug.to_owned(),
                ..new_environment(ProjectId(project), name)
            };
            environments::insert(tx, &new).map(|made| made.is_some())
        };
        Ok([
            insert(1, "a", "a")?,
            insert(1, "a", "b")?,
            insert(1, "b", "a")?,
            insert(1, "A", "b")?,
            insert(2, "a", "a")?,
        ])
    });
    assert_eq!(made, [true, false, false, true, true]);
}
