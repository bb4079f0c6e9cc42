//! Copies of remote repositories.

use landfall_domain::{
    ids::ProjectId,
    mirror::{ImportStatus, Mirror},
};
use landfall_store::{mirrors, projects};

use crate::both::{Both, at, project};

const PROJECT: ProjectId = ProjectId(1);

fn world() -> Both {
    let both = Both::new();
    both.write(|tx| project(tx, "group/app").map(drop));
    both
}

fn mirror(key: &str) -> Mirror {
    Mirror {
        project_id: PROJECT,
        key: key.to_owned(),
        url: "https://git.example/app.git".to_owned(),
        with_credentials: false,
        status: ImportStatus::Scheduled,
        error: None,
        failures: 0,
        fetched_at: None,
        digest: None,
        next_at: at(5),
    }
}

fn set(both: &Both, key: &'static str, now: i64) {
    both.write(move |tx| mirrors::set(tx, PROJECT, key, "https://git.example/app.git", false, at(now)));
}

fn of_project(both: &Both) -> Option<Mirror> {
    both.read(|conn| mirrors::of_project(conn, PROJECT))
}

fn due(both: &Both, now: i64) -> Vec<String> {
    let due = both.read(move |conn| mirrors::due(conn, at(now), 10));
    due.into_iter().map(|mirror| mirror.key).collect()
}

#[test]
fn a_copy_is_one_nodes_at_a_time_until_it_is_settled() {
    let both = world();
    assert_eq!(of_project(&both), None);
    set(&both, "first", 5);
    let first = mirror("first");
    assert_eq!(of_project(&both), Some(first.clone()));
    assert_eq!((due(&both, 4), due(&both, 5)), (vec![], vec!["first".to_owned()]));
    let take = |mirror: &Mirror, node: &'static str, now: i64, until: i64| {
        let mirror = mirror.clone();
        both.write(move |tx| mirrors::take(tx, &mirror, node, at(now), at(until)))
    };
    assert!(!take(&first, "a", 4, 20), "it is not due");
    assert!(take(&first, "a", 5, 20));
    assert_eq!(of_project(&both).map(|it| it.status), Some(ImportStatus::Started));
    assert!(!take(&first, "b", 19, 40), "somebody is at it");
    assert_eq!(due(&both, 19), Vec::<String>::new());
    both.write(|tx| mirrors::hold(tx, "first", "b", at(99)));
    both.write(|tx| mirrors::hold(tx, "first", "a", at(30)));
    assert!(!take(&first, "b", 29, 40));
    assert!(take(&first, "b", 30, 40), "who says nothing more has it no more");

    let given = first.clone();
    both.write(move |tx| mirrors::give_back(tx, &given, "a"));
    assert_eq!(
        due(&both, 39),
        Vec::<String>::new(),
        "nobody gives back what somebody else has"
    );
    let given = first.clone();
    both.write(move |tx| mirrors::give_back(tx, &given, "b"));
    assert_eq!(
        (of_project(&both), due(&both, 31)),
        (Some(first.clone()), vec!["first".to_owned()])
    );

    assert!(take(&first, "a", 31, 50));
    both.write(|tx| mirrors::failed(tx, "first", "a", "It is gone", at(60)));
    let failed = Mirror {
        status: ImportStatus::Failed,
        error: Some("It is gone".to_owned()),
        failures: 1,
        next_at: at(60),
        ..first.clone()
    };
    assert_eq!(of_project(&both), Some(failed.clone()));
    assert_eq!(both.read(|conn| mirrors::failing(conn, ProjectId(0), 10)), [failed]);
    assert_eq!(both.read(|conn| mirrors::failing(conn, PROJECT, 10)), []);

    both.write(|tx| mirrors::ask(tx, PROJECT, at(40)));
    assert_eq!(due(&both, 40), ["first"]);
    assert!(take(&first, "a", 40, 70));
    // A node that did not take it may have news of it all the same.
    both.write(|tx| mirrors::fetched(tx, "first", "other", at(45), "digest", at(100)));
    let fetched = Mirror {
        status: ImportStatus::Finished,
        fetched_at: Some(at(45)),
        digest: Some("digest".to_owned()),
        next_at: at(100),
        ..first.clone()
    };
    assert_eq!(of_project(&both), Some(fetched.clone()));
    both.write(|tx| mirrors::ask(tx, PROJECT, at(46)));
    assert_eq!(of_project(&both), Some(fetched), "somebody is at it");
    both.write(|tx| mirrors::fetched(tx, "first", "a", at(50), "digest", at(100)));
    assert_eq!(due(&both, 100), ["first"]);
}

#[test]
fn another_address_begins_anew_and_a_project_takes_its_copy_with_it() {
    let both = world();
    set(&both, "first", 5);
    both.write(|tx| mirrors::fetched(tx, "first", "a", at(6), "digest", at(100)));
    set(&both, "second", 5);
    assert_eq!(of_project(&both), Some(mirror("second")));
    let is_known = |key: &'static str| both.read(move |conn| mirrors::is_known(conn, key));
    assert!(is_known("second") && !is_known("first"));
    // What ends after that is of no interest.
    both.write(|tx| mirrors::fetched(tx, "first", "a", at(7), "digest", at(100)));
    both.write(|tx| mirrors::failed(tx, "first", "a", "It is gone", at(60)));
    assert_eq!(of_project(&both), Some(mirror("second")));

    both.write(|tx| mirrors::remove(tx, PROJECT));
    assert_eq!(of_project(&both), None);
    set(&both, "third", 5);
    both.write(|tx| projects::delete(tx, PROJECT, at(8)));
    assert!(!is_known("third"));
}
