//! The times of new deployments, repeated reports, and filters (reference 6.1 and 6.3).

use landfall_domain::{
    deployment::{
        Deployment, DeploymentOrder, DeploymentQuery, GivenTimes, SameJob, ShaFilter, Source, Status, Times,
        TimesError, Unchanged, is_unchanged, resolve_times,
    },
    ids::{DeploymentId, EnvironmentId, Iid, ProjectId},
    job::Job,
    page::Sort,
    time::Timestamp,
};
use proptest::prelude::*;

const NOW: i64 = 1_000_000_000_000;
const FIVE_MINUTES: i64 = 300_000_000;

fn given(created_at: Option<i64>, updated_at: Option<i64>, finished_at: Option<i64>) -> GivenTimes {
    GivenTimes {
        created_at: created_at.map(Timestamp),
        updated_at: updated_at.map(Timestamp),
        finished_at: finished_at.map(Timestamp),
    }
}

fn resolve(given: GivenTimes, status: Status) -> Result<(i64, i64, Option<i64>), TimesError> {
    resolve_times(given, status, Timestamp(NOW)).map(|times| {
        let Times {
            created_at,
            updated_at,
            finished_at,
        } = times;
        (created_at.0, updated_at.0, finished_at.map(|time| time.0))
    })
}

#[test]
fn missing_times_follow_from_given_ones() {
    let running = [
        (given(None, None, None), (NOW, NOW, None)),
        (given(Some(10), None, None), (10, 10, None)),
        (given(None, Some(20), None), (20, 20, None)),
        (given(Some(10), Some(20), None), (10, 20, None)),
    ];
    for (given, expected) in running {
        assert_eq!(resolve(given, Status::Running), Ok(expected), "{given:?}");
        assert_eq!(resolve(given, Status::Created), Ok(expected), "{given:?}");
    }
    let finished = [
        (given(None, None, None), (NOW, NOW, Some(NOW))),
        (given(Some(10), None, None), (10, 10, Some(10))),
        (given(None, Some(20), None), (20, 20, Some(20))),
        (given(None, None, Some(30)), (30, 30, Some(30))),
        (given(Some(10), Some(20), None), (10, 20, Some(20))),
        (given(Some(10), None, Some(30)), (10, 30, Some(30))),
        (given(None, Some(20), Some(30)), (20, 20, Some(30))),
        (given(None, Some(30), Some(20)), (20, 30, Some(20))),
        (given(Some(10), Some(20), Some(30)), (10, 20, Some(30))),
        (given(Some(10), Some(10), Some(10)), (10, 10, Some(10))),
    ];
    for (given, expected) in finished {
        for status in [Status::Success, Status::Failed, Status::Canceled] {
            assert_eq!(resolve(given, status), Ok(expected), "{given:?}");
        }
    }
}

#[test]
fn impossible_times_are_refused() {
    let late = Some(NOW + FIVE_MINUTES + 1);
    let table = [
        (
            given(late, None, None),
            Status::Success,
            TimesError::Future { field: "created_at" },
        ),
        (
            given(None, late, None),
            Status::Success,
            TimesError::Future { field: "updated_at" },
        ),
        (
            given(None, None, late),
            Status::Success,
            TimesError::Future { field: "finished_at" },
        ),
        (given(None, None, Some(1)), Status::Running, TimesError::NotFinished),
        (given(None, None, Some(1)), Status::Skipped, TimesError::NotFinished),
        (
            given(Some(2), None, Some(1)),
            Status::Success,
            TimesError::BeforeCreated { field: "finished_at" },
        ),
        (
            given(Some(2), Some(1), None),
            Status::Success,
            TimesError::BeforeCreated { field: "updated_at" },
        ),
        (
            given(Some(2), Some(1), None),
            Status::Running,
            TimesError::BeforeCreated { field: "updated_at" },
        ),
    ];
    for (given, status, expected) in table {
        assert_eq!(resolve(given, status), Err(expected), "{given:?}");
    }
    let just_in_time = Some(NOW + FIVE_MINUTES);
    assert!(resolve(given(just_in_time, just_in_time, just_in_time), Status::Success).is_ok());
}

#[test]
fn time_errors_name_their_field() {
    let errors = [
        TimesError::Future { field: "created_at" },
        TimesError::NotFinished,
        TimesError::BeforeCreated { field: "updated_at" },
    ];
    let sentences: Vec<_> = errors
        .iter()
        .map(|error| format!("{} {error}", error.field()))
        .collect();
    assert_eq!(
        sentences,
        [
            "created_at can't be more than five minutes in the future",
            "finished_at can only be set once the deployment is finished",
            "updated_at can't be before created_at",
        ]
    );
}

proptest! {
    #[test]
    fn resolved_times_keep_what_was_given_and_stay_in_order(
        created_at in prop::option::of(0..=NOW),
        updated_at in prop::option::of(0..=NOW),
        finished_at in prop::option::of(0..=NOW),
        status in prop::sample::select(Status::ALL),
    ) {
        let given = given(created_at, updated_at, finished_at);
        prop_assert_eq!(given.any(), created_at.or(updated_at).or(finished_at).is_some());
        if let Ok((created, updated, finished)) = resolve(given, status) {
            prop_assert!(created_at.is_none_or(|given| given == created));
            prop_assert!(updated_at.is_none_or(|given| given == updated));
            prop_assert!(finished_at.is_none_or(|given| Some(given) == finished));
            prop_assert!(created <= updated);
            prop_assert!(finished.is_none_or(|finished| created <= finished));
            prop_assert_eq!(finished.is_some(), status.is_finished());
        }
    }
}

fn last() -> Deployment {
    Deployment {
        id: DeploymentId(5),
        iid: Iid(3),
        project_id: ProjectId(1),
        environment_id: EnvironmentId(2),
        user_id: None,
        job_id: None,
        git_ref: "main".to_owned(),
        tag: false,
        sha: "abc1234".to_owned(),
        commit: None,
        status: Status::Success,
        source: Source::Api,
        external_id: None,
        facts: landfall_domain::deployment::Facts::default(),
        owned_by_gitlab: false,
        origin: None,
        created_at: Timestamp(10_000),
        updated_at: Timestamp(20_000),
        finished_at: Some(Timestamp(30_000)),
    }
}

fn job() -> Job {
    Job {
        id: 77,
        ..Job::named("deploy")
    }
}

const REPEAT: Unchanged<'static> = Unchanged {
    git_ref: "main",
    tag: false,
    sha: "abc1234",
    status: Status::Success,
    times: GivenTimes {
        created_at: None,
        updated_at: None,
        finished_at: None,
    },
    job: None,
};

#[test]
fn repeated_report_changes_nothing() {
    let with_job = |id, name| Unchanged {
        job: Some(SameJob { id, name }),
        ..REPEAT
    };
    let repeats = [
        REPEAT,
        Unchanged {
            times: given(Some(10_000), Some(20_000), Some(30_000)),
            ..REPEAT
        },
        Unchanged {
            times: given(None, None, Some(30_000)),
            ..REPEAT
        },
        // Answers show milliseconds, so nobody can tell more of a time than that.
        Unchanged {
            times: given(Some(10_999), Some(20_001), Some(30_500)),
            ..REPEAT
        },
        with_job(Some(77), "deploy"),
        with_job(Some(77), "renamed"),
        with_job(None, "deploy"),
    ];
    for request in repeats {
        assert!(is_unchanged(&last(), Some(&job()), &request), "{request:?}");
    }
    assert!(is_unchanged(&last(), None, &REPEAT));
}

#[test]
fn report_that_differs_in_anything_is_new() {
    let with_job = |id, name| Unchanged {
        job: Some(SameJob { id, name }),
        ..REPEAT
    };
    let news = [
        Unchanged {
            git_ref: "Main",
            ..REPEAT
        },
        Unchanged { tag: true, ..REPEAT },
        Unchanged {
            sha: "ABC1234",
            ..REPEAT
        },
        Unchanged {
            status: Status::Failed,
            ..REPEAT
        },
        Unchanged {
            times: given(Some(11_000), None, None),
            ..REPEAT
        },
        Unchanged {
            times: given(None, Some(11_000), None),
            ..REPEAT
        },
        Unchanged {
            times: given(None, None, Some(11_000)),
            ..REPEAT
        },
        with_job(Some(78), "deploy"),
        with_job(None, "other"),
    ];
    for request in news {
        assert!(!is_unchanged(&last(), Some(&job()), &request), "{request:?}");
    }
    assert!(
        !is_unchanged(&last(), None, &with_job(None, "deploy")),
        "the last one had no job"
    );
    let unfinished = Deployment {
        finished_at: None,
        ..last()
    };
    assert!(!is_unchanged(
        &unfinished,
        None,
        &Unchanged {
            times: given(None, None, Some(30)),
            ..REPEAT
        }
    ));
}

#[test]
fn sha_filters_are_ids_or_prefixes_of_seven() {
    let full = "ABCDEF0123".repeat(4);
    assert_eq!(ShaFilter::parse(&full).unwrap().as_str(), full.to_lowercase());
    assert!(ShaFilter::parse(&full).unwrap().is_full());
    assert!(!ShaFilter::parse(&full[..39]).unwrap().is_full());
    assert_eq!(ShaFilter::parse("abcdef0").unwrap().as_str(), "abcdef0");
    for text in ["", "abcdef", "main123", "abcdef0~", &"a".repeat(65)] {
        assert_eq!(ShaFilter::parse(text), None, "{text:?}");
    }
}

#[test]
fn lists_are_by_id_upwards_unless_asked_otherwise() {
    let query = DeploymentQuery::default();
    assert_eq!((query.order, query.sort), (DeploymentOrder::Id, Sort::Asc));
    let orders: Vec<_> = DeploymentOrder::ALL.iter().map(|order| order.as_str()).collect();
    assert_eq!(orders, ["id", "iid", "created_at", "updated_at", "finished_at", "ref"]);
    assert_eq!(DeploymentOrder::parse("ref"), Some(DeploymentOrder::Ref));
    assert_eq!(Sort::parse("DESC"), None, "lower case only");
}
