//! Environments.

use landfall_domain::{
    environment::{AutoStopSetting, Environment, EnvironmentFilter, Search, State, Tier},
    ids::{EnvironmentId, ProjectId},
    page::Offset,
};
use landfall_store::{Error, Tx, environment_list, environments};

use crate::both::{Both, at, environment, new_environment, project};

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
        auto_delete_at: Some(at(100)),
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
        both.read(|conn| environments::by_ids(conn, &[EnvironmentId(2), EnvironmentId(1)])),
        std::slice::from_ref(&made)
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
        auto_delete_at: None,
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

#[test]
fn an_environment_without_deployments_can_be_deleted() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        let id = environment(tx, PROJECT, "production")?;
        environment(tx, PROJECT, "staging")?;
        environments::delete(tx, id)
    });
    let names = both.read(|conn| {
        let all = environment_list::list(conn, PROJECT, &EnvironmentFilter::default(), FIRST)?;
        Ok(names(&all))
    });
    assert_eq!(names, "staging");
    assert_eq!(
        both.write(|tx| environment(tx, PROJECT, "production")),
        EnvironmentId(3)
    );
}

const FIRST: Offset = Offset { page: 1, per_page: 20 };

fn names(environments: &[Environment]) -> String {
    let names: Vec<&str> = environments
        .iter()
        .map(|environment| environment.name.as_str())
        .collect();
    names.join(", ")
}

/// Makes an environment with changes.
fn make(tx: &mut Tx<'_>, name: &str, change: impl Fn(&mut Environment)) -> Result<(), Error> {
    let mut new = new_environment(PROJECT, name);
    new.slug = name.replace(['/', '%', '_', ' '], "-").to_ascii_lowercase();
    change(&mut new);
    environments::insert(tx, &new).map(drop)
}

#[test]
fn lists_are_filtered_by_name_state_and_beginning() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        for name in [
            "production",
            "Review/Foo-1",
            "review/bar/foo",
            "foo_1",
            "fooA1",
            "preview",
            "x/foo",
        ] {
            make(tx, name, |new| {
                if name.starts_with("foo") {
                    new.state = State::Stopped;
                }
            })?;
        }
        project(tx, "group/other")?;
        let elsewhere = new_environment(ProjectId(2), "foo");
        environments::insert(tx, &elsewhere).map(drop)
    });
    let found = |filter: EnvironmentFilter, offset: Offset| {
        both.read(move |conn| {
            let rows = environment_list::list(conn, PROJECT, &filter, offset)?;
            Ok((names(&rows), environment_list::count(conn, PROJECT, &filter, 100)?))
        })
    };
    let is = |names: &str, count: i64| (names.to_owned(), count);
    let search = |text: &str| EnvironmentFilter {
        search: Search::parse(text).unwrap(),
        ..EnvironmentFilter::default()
    };
    let page = Offset { page: 2, per_page: 2 };
    assert_eq!(
        found(EnvironmentFilter::default(), page),
        is("review/bar/foo, foo_1, fooA1", 7),
        "one row more than asked for"
    );
    let name = |name: &str| EnvironmentFilter {
        name: Some(name.to_owned()),
        ..EnvironmentFilter::default()
    };
    assert_eq!(found(name("production"), FIRST), is("production", 1));
    assert_eq!(found(name("Production"), FIRST), is("", 0));
    let stopped = EnvironmentFilter {
        state: Some(State::Stopped),
        ..EnvironmentFilter::default()
    };
    assert_eq!(found(stopped, FIRST), is("foo_1, fooA1", 2));
    assert_eq!(found(search("foo"), FIRST), is("Review/Foo-1, foo_1, fooA1, x/foo", 4));
    assert_eq!(found(search("REV"), FIRST), is("Review/Foo-1, review/bar/foo", 2));
    assert_eq!(found(search("bar/F"), FIRST), is("review/bar/foo", 1));
    assert_eq!(found(search("foo_"), FIRST), is("foo_1", 1));
    for nothing in ["fo%", "%oo", "view", "ooo", "föö", "production1"] {
        assert_eq!(found(search(nothing), FIRST), is("", 0), "{nothing}");
    }
    let stopped_foo = EnvironmentFilter {
        state: Some(State::Available),
        ..search("foo")
    };
    assert_eq!(found(stopped_foo, FIRST), is("Review/Foo-1, x/foo", 2));
    let counted = both.read(|conn| environment_list::count(conn, PROJECT, &EnvironmentFilter::default(), 3));
    assert_eq!(counted, 3, "counting ends at the limit");
}

#[test]
fn environments_are_due_when_their_time_has_come_and_their_state_fits() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        let stops = |seconds: i64| move |new: &mut Environment| new.auto_stop_at = Some(at(seconds));
        make(tx, "late", stops(20))?;
        make(tx, "later", stops(21))?;
        make(tx, "latest", stops(10))?;
        make(tx, "never", |_| {})?;
        make(tx, "waits", |new| {
            new.auto_stop_at = Some(at(1));
            new.auto_stop_setting = AutoStopSetting::WithAction;
        })?;
        make(tx, "stopping", |new| {
            new.auto_stop_at = Some(at(1));
            new.state = State::Stopping;
        })?;
        let goes = |seconds: i64, state: State| {
            move |new: &mut Environment| {
                new.auto_delete_at = Some(at(seconds));
                new.state = state;
            }
        };
        make(tx, "gone", goes(20, State::Stopped))?;
        make(tx, "gone-first", goes(10, State::Stopped))?;
        make(tx, "gone-later", goes(21, State::Stopped))?;
        make(tx, "back", goes(10, State::Available))
    });
    let due = |limit: i64| {
        both.read(move |conn| {
            let stop = environments::due_to_stop(conn, at(20), limit)?;
            let delete = environments::due_to_delete(conn, at(20), limit)?;
            Ok((names(&stop), names(&delete)))
        })
    };
    assert_eq!(due(10), ("latest, late".to_owned(), "gone-first, gone".to_owned()));
    assert_eq!(due(1), ("latest".to_owned(), "gone-first".to_owned()));
}

#[test]
fn what_has_long_been_unchanged_is_found_by_id() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        let changed = |seconds: i64| move |new: &mut Environment| new.updated_at = at(seconds);
        make(tx, "one", changed(10))?;
        make(tx, "two", changed(20))?;
        make(tx, "three", changed(5))?;
        make(tx, "four", |new| new.state = State::Stopped)?;
        make(tx, "five", |new| new.auto_stop_setting = AutoStopSetting::WithAction)?;
        make(tx, "six", changed(19))
    });
    let found = |after: i64, limit: i64| {
        both.read(move |conn| {
            let rows = environments::unchanged_since(conn, PROJECT, at(20), EnvironmentId(after), limit)?;
            Ok(names(&rows))
        })
    };
    assert_eq!(found(0, 10), "one, three, six");
    assert_eq!(found(1, 1), "three");
    assert_eq!(found(6, 1), "");
}

#[test]
fn stopped_review_apps_are_found_oldest_first() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        let made = |seconds: i64| {
            move |new: &mut Environment| {
                new.created_at = at(seconds);
                new.state = State::Stopped;
            }
        };
        make(tx, "review/new", made(20))?;
        make(tx, "review/old", made(10))?;
        make(tx, "review/older", made(5))?;
        make(tx, "review/planned", |new| {
            made(5)(new);
            new.auto_delete_at = Some(at(99));
        })?;
        make(tx, "review/runs", |_| {})?;
        make(tx, "review", made(5))?;
        make(tx, "reviews/x", made(5))?;
        make(tx, "Review/x", made(5))?;
        make(tx, "review0", made(5))
    });
    let found =
        |limit: i64| both.read(move |conn| Ok(names(&environments::review_apps(conn, PROJECT, at(20), limit)?)));
    assert_eq!(found(10), "review/older, review/old");
    assert_eq!(found(1), "review/older");
}
