//! Jobs that are done by one call.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::*;
use crate::batch::{MAX_TOGETHER, Shared, Together};

/// What a job does beside noting its text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Well,
    Refused,
    Conflict,
    Panic,
    Delivers,
}

fn noted(tx: &mut Tx<'_>, text: &str, end: End) -> Result<(), Error> {
    note(tx, text)?;
    match end {
        End::Well => Ok(()),
        End::Refused => Err(Error::Refused("no".to_owned())),
        End::Conflict => note(tx, text),
        End::Panic => panic!("on purpose"),
        End::Delivers => {
            tx.note_delivery();
            Ok(())
        }
    }
}

/// A note that can be written together with others of its kind; answers how many were written by the same call.
struct Kind<const NUMBER: u8>(String, End);

impl<const NUMBER: u8> Together for Kind<NUMBER> {
    type Made = u32;
    type Error = Error;

    fn write(tx: &mut Tx<'_>, all: &[&Self]) -> Result<Vec<u32>, Error> {
        for Kind(text, end) in all {
            noted(tx, text, *end)?;
        }
        Ok(vec![u32::try_from(all.len()).unwrap(); all.len()])
    }
}

fn of_kind<const NUMBER: u8>(text: &str, end: End) -> Made {
    let (caller, answer) = oneshot::channel();
    let shared = Shared::new(Kind::<NUMBER>(text.to_owned(), end), caller);
    (Box::new(shared), answer)
}

fn alike(text: &str) -> Made {
    of_kind::<1>(text, End::Well)
}

#[test]
fn neighbours_of_a_kind_are_written_by_one_call_in_their_order() {
    let mut writer = Scripted::new(Script::default());
    let jobs = vec![
        alike("a"),
        alike("b"),
        noting("c"),
        alike("d"),
        of_kind::<2>("e", End::Well),
        of_kind::<2>("f", End::Well),
        alike("g"),
    ];
    let answers = run_all(&mut writer, jobs);
    assert_eq!(answers, [2, 2, 1, 1, 2, 2, 1].map(Ok));
    assert_eq!(writer.notes(), ["a", "b", "c", "d", "e", "f", "g"]);
    assert_eq!(writer.commits, 1);
}

#[test]
fn no_call_writes_too_many() {
    let mut writer = Scripted::new(Script::default());
    let jobs = (0..MAX_TOGETHER + 2).map(|number| alike(&number.to_string()));
    let answers = run_all(&mut writer, jobs.collect());
    let most = u32::try_from(MAX_TOGETHER).unwrap();
    let mut expected = vec![Ok(most); MAX_TOGETHER];
    expected.extend([Ok(2), Ok(2)]);
    assert_eq!(answers, expected);
}

#[test]
fn one_of_a_kind_that_fails_harms_no_neighbour() {
    let mut writer = Scripted::new(Script::default());
    let jobs = vec![
        alike("a"),
        of_kind::<1>("refused", End::Refused),
        alike("b"),
        of_kind::<1>("conflict", End::Conflict),
        of_kind::<1>("panic", End::Panic),
        alike("c"),
    ];
    let answers = run_all(&mut writer, jobs);
    assert_eq!(
        answers,
        [
            Ok(1),
            Err("no".to_owned()),
            Ok(1),
            Err("the constraint notes_note is violated".to_owned()),
            Err("the database engine failed: a write job panicked".to_owned()),
            Ok(1),
        ]
    );
    assert_eq!(writer.notes(), ["a", "b", "c"]);
}

#[test]
fn a_call_that_leaves_answers_out_leaves_nothing() {
    struct Silent;
    impl Together for Silent {
        type Made = u32;
        type Error = Error;
        fn write(tx: &mut Tx<'_>, _: &[&Self]) -> Result<Vec<u32>, Error> {
            note(tx, "half")?;
            Ok(Vec::new())
        }
    }
    let silent = || {
        let (caller, answer) = oneshot::channel();
        let job: Box<dyn Job> = Box::new(Shared::new(Silent, caller));
        (job, answer)
    };
    let mut writer = Scripted::new(Script::default());
    let answers = run_all(&mut writer, vec![alike("a"), silent(), silent()]);
    let failed = Err("the database engine failed: 1 writes were answered with 0 results".to_owned());
    assert_eq!(answers, [Ok(1), failed.clone(), failed]);
    assert_eq!(writer.notes(), ["a"]);
}

#[test]
fn the_bell_rings_for_one_of_a_kind() {
    for (jobs, rings) in [
        (vec![alike("a"), of_kind::<1>("b", End::Delivers)], true),
        (
            vec![of_kind::<1>("a", End::Delivers), of_kind::<1>("b", End::Refused)],
            true,
        ),
        (vec![alike("a"), of_kind::<1>("b", End::Refused)], false),
    ] {
        let mut writer = Scripted::new(Script::default());
        run_all(&mut writer, jobs);
        assert_eq!(pin!(writer.bell.notified()).enable(), rings);
    }
}

/// Whatever comes in whatever order: what stays is what would stay if each job had been run by itself, and every caller is
/// told of its own.
#[test]
fn jobs_of_all_kinds_end_as_if_run_one_by_one() {
    let end = prop_oneof![
        6 => Just(End::Well),
        1 => Just(End::Refused),
        1 => Just(End::Conflict),
        1 => Just(End::Panic),
    ];
    let jobs = prop::collection::vec((0_u8..3, end), 1..30);
    let config = Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let checked = TestRunner::new(config).run(&(jobs, 0_usize..3), |(jobs, repeats)| {
        let retry = |_| Error::Retry("commit".to_owned());
        let mut writer = Scripted::new(Script {
            commit: (0..repeats).map(retry).collect(),
            ..Script::default()
        });
        let made = jobs.iter().enumerate().map(|(number, &(kind, end))| {
            let text = number.to_string();
            match kind {
                0 => job(move |tx, _| noted(tx, &text, end)),
                1 => of_kind::<1>(&text, end),
                _ => of_kind::<2>(&text, end),
            }
        });
        let answers = run_all(&mut writer, made.collect());
        let good = |end: End| end == End::Well;
        let told: Vec<bool> = answers.iter().map(Result::is_ok).collect();
        prop_assert_eq!(told, jobs.iter().map(|(_, end)| good(*end)).collect::<Vec<_>>());
        let stays = jobs.iter().enumerate().filter(|(_, (_, end))| good(*end));
        let stays: Vec<String> = stays.map(|(number, _)| number.to_string()).collect();
        prop_assert_eq!(writer.notes(), stays);
        Ok(())
    });
    checked.unwrap();
}
