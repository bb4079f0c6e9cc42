//! Group commit over a database in memory whose writer fails when it is told to.

mod together;

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use crossbeam_channel::unbounded;
use rusqlite::Connection;
use tokio::{
    runtime::Builder,
    sync::{
        Notify,
        oneshot::{self, Receiver as Answer},
    },
};

use super::{Call, Job, Writer, run};
use crate::{
    engine::{Conn, Tx},
    error::Error,
};

/// What the writer answers next, as long as something is scripted; afterwards the truth.
#[derive(Default)]
struct Script {
    begin: VecDeque<Error>,
    commit: VecDeque<Error>,
}

struct Scripted {
    connection: Connection,
    script: Script,
    commits: u32,
    takes_in_late: bool,
    bell: Arc<Notify>,
}

impl Scripted {
    fn new(script: Script) -> Scripted {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE notes (note TEXT PRIMARY KEY)")
            .unwrap();
        Scripted {
            connection,
            script,
            commits: 0,
            takes_in_late: true,
            bell: Arc::default(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut statement = self
            .connection
            .prepare("SELECT note FROM notes ORDER BY rowid")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

impl Writer for Scripted {
    fn begin(&mut self) -> Result<(), Error> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        // As PostgreSQL does it: the transaction has begun, and then the wait for the lock is given up.
        self.script.begin.pop_front().map_or(Ok(()), Err)
    }

    fn tx(&mut self) -> Tx<'_> {
        Tx::new(Conn::sqlite(&self.connection))
    }

    fn commit(&mut self) -> Result<(), Error> {
        if let Some(error) = self.script.commit.pop_front() {
            return Err(error);
        }
        self.commits += 1;
        self.tx().batch("COMMIT")
    }

    fn rollback(&mut self) {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK").unwrap();
        }
    }

    fn takes_in_late(&self) -> bool {
        self.takes_in_late
    }
}

type Made = (Box<dyn Job>, Answer<Result<u32, Error>>);

/// A job that gives the number of its run to `work`.
fn job(mut work: impl FnMut(&mut Tx<'_>, u32) -> Result<(), Error> + Send + 'static) -> Made {
    let (caller, answer) = oneshot::channel();
    let runs = Arc::new(AtomicU32::new(0));
    let call = Call::new(
        move |tx: &mut Tx<'_>| {
            let run = runs.fetch_add(1, Ordering::Relaxed) + 1;
            work(tx, run).map(|()| run)
        },
        caller,
    );
    (Box::new(call), answer)
}

fn note(tx: &mut Tx<'_>, text: &str) -> Result<(), Error> {
    tx.execute_text("INSERT INTO notes (note) VALUES ($1)", &[text.into()])
        .map(drop)
}

fn noting(text: &'static str) -> Made {
    job(move |tx, _| note(tx, text))
}

/// Hands in all jobs at once and waits for the writer to end: the number of runs, or the error, of each job.
fn run_all(writer: &mut Scripted, jobs: Vec<Made>) -> Vec<Result<u32, String>> {
    let (queue, waiting) = unbounded();
    let mut answers = Vec::new();
    for (job, answer) in jobs {
        queue.send(job).unwrap();
        answers.push(answer);
    }
    drop(queue);
    let bell = Arc::clone(&writer.bell);
    run(writer, &waiting, &bell);
    answers
        .into_iter()
        .map(|answer| answer.blocking_recv().unwrap().map_err(|error| error.to_string()))
        .collect()
}

#[test]
fn waiting_jobs_share_commits() {
    let mut writer = Scripted::new(Script::default());
    let numbered = |number: u32| job(move |tx, _| note(tx, &number.to_string()));
    let answers = run_all(&mut writer, (0..200).map(numbered).collect());
    assert_eq!(answers, vec![Ok(1); 200]);
    let expected: Vec<String> = (0..200).map(|number: u32| number.to_string()).collect();
    assert_eq!(writer.notes(), expected, "in the order in which they came");
    assert!(writer.commits < 50, "{} commits for 200 jobs", writer.commits);
}

#[test]
fn jobs_that_come_while_others_run_are_taken_in_or_left_to_the_next_transaction() {
    for (takes_in_late, commits) in [(true, 1), (false, 2)] {
        let mut writer = Scripted {
            takes_in_late,
            ..Scripted::new(Script::default())
        };
        let (queue, waiting) = unbounded();
        let (late, late_answer) = noting("late");
        let mut sends = Some((queue.clone(), late));
        let (first, first_answer) = job(move |tx, _| {
            if let Some((queue, late)) = sends.take() {
                queue.send(late).unwrap();
            }
            note(tx, "first")
        });
        let (second, second_answer) = noting("second");
        queue.send(first).unwrap();
        queue.send(second).unwrap();
        drop(queue);
        run(&mut writer, &waiting, &Notify::new());
        for answer in [first_answer, second_answer, late_answer] {
            answer.blocking_recv().unwrap().unwrap();
        }
        assert_eq!(writer.notes(), ["first", "second", "late"]);
        assert_eq!(writer.commits, commits, "late ones are taken in: {takes_in_late}");
    }
}

#[test]
fn a_runtime_is_woken_once_for_all_of_its_callers() {
    let lost = Script {
        commit: VecDeque::from([Error::Unavailable("gone".to_owned())]),
        ..Script::default()
    };
    for (script, expected) in [
        (Script::default(), Ok(1)),
        (lost, Err("the database cannot be reached: gone".to_owned())),
    ] {
        let mut writer = Scripted::new(script);
        let runtimes = [(); 2].map(|()| Builder::new_current_thread().build().unwrap());
        let (queue, waiting) = unbounded();
        let hand_in = |text| {
            let (job, answer) = noting(text);
            queue.send(job).unwrap();
            answer
        };
        let of_none = hand_in("of no runtime");
        let of_runtimes: Vec<_> = runtimes
            .iter()
            .zip([["a", "b", "c"], ["d", "e", "f"]])
            .map(|(runtime, texts)| {
                let _entered = runtime.enter();
                texts.map(hand_in)
            })
            .collect();
        drop(queue);
        run(&mut writer, &waiting, &Notify::new());

        let answered = |answer: Result<Result<u32, Error>, _>| match answer {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err("nobody answers".to_owned()),
        };
        assert_eq!(answered(of_none.blocking_recv()), expected);
        for (runtime, answers) in runtimes.iter().zip(of_runtimes) {
            assert_eq!(runtime.metrics().num_alive_tasks(), 1);
            for answer in answers {
                assert_eq!(answered(runtime.block_on(answer)), expected);
            }
        }
    }
}

#[test]
fn the_bell_rings_once_deliveries_are_committed() {
    let delivering = |text: &'static str, ending: fn() -> Result<(), Error>| {
        job(move |tx, _| {
            note(tx, text)?;
            tx.note_delivery();
            ending()
        })
    };
    let rings = |jobs: Vec<Made>, script: Script| {
        let mut writer = Scripted::new(script);
        run_all(&mut writer, jobs);
        pin!(writer.bell.notified()).enable()
    };
    let refused = || Err(Error::Refused("no".to_owned()));
    assert!(rings(
        vec![delivering("one", || Ok(())), noting("two")],
        Script::default()
    ));
    assert!(!rings(vec![noting("one")], Script::default()), "nothing to deliver");
    assert!(
        !rings(vec![delivering("one", refused), noting("two")], Script::default()),
        "nothing of it stays"
    );
    let lost = Script {
        commit: VecDeque::from([Error::Unavailable("gone".to_owned())]),
        ..Script::default()
    };
    assert!(!rings(vec![delivering("one", || Ok(()))], lost), "it was not committed");
}

#[test]
fn a_failing_job_leaves_nothing_and_harms_no_neighbour() {
    let mut writer = Scripted::new(Script::default());
    let refused = job(|tx, _| {
        note(tx, "half")?;
        Err(Error::Refused("no".to_owned()))
    });
    let conflict = job(|tx, _| {
        note(tx, "other half")?;
        note(tx, "a")
    });
    let panicking = job(|tx, _| {
        note(tx, "third half")?;
        panic!("on purpose")
    });
    let answers = run_all(
        &mut writer,
        vec![noting("a"), refused, conflict, panicking, noting("b")],
    );
    assert_eq!(
        answers,
        [
            Ok(1),
            Err("no".to_owned()),
            Err("the constraint notes_note is violated".to_owned()),
            Err("the database engine failed: a write job panicked".to_owned()),
            Ok(1)
        ]
    );
    assert_eq!(writer.notes(), ["a", "b"]);
}

#[test]
fn a_job_cannot_go_on_after_a_failed_statement() {
    let mut writer = Scripted::new(Script::default());
    let stubborn = job(|tx, _| {
        note(tx, "before")?;
        let _ = note(tx, "a");
        let _ = note(tx, "after");
        Ok(())
    });
    let answers = run_all(&mut writer, vec![noting("a"), stubborn, noting("b")]);
    assert_eq!(
        answers,
        [
            Ok(1),
            Err("the database engine failed: a write job went on after a failed statement".to_owned()),
            Ok(1)
        ]
    );
    assert_eq!(writer.notes(), ["a", "b"]);
}

#[test]
fn a_batch_is_run_again_as_a_whole_when_the_engine_asks_for_it() {
    let mut writer = Scripted::new(Script {
        commit: [Error::Retry("commit".to_owned())].into(),
        ..Script::default()
    });
    let victim = job(|tx, run| {
        note(tx, "victim")?;
        if run == 1 {
            return Err(Error::Retry("deadlock".to_owned()));
        }
        Ok(())
    });
    let answers = run_all(&mut writer, vec![noting("a"), victim, noting("b")]);
    // Once for the deadlock (which the third job did not live to see), once for the commit, and once for good.
    assert_eq!(answers, [Ok(3), Ok(3), Ok(2)]);
    assert_eq!(writer.notes(), ["a", "victim", "b"]);
}

#[test]
fn work_that_must_be_repeated_for_ever_is_given_up() {
    let mut writer = Scripted::new(Script::default());
    let hopeless = job(|_, _| Err(Error::Retry("deadlock".to_owned())));
    let answers = run_all(&mut writer, vec![noting("a"), hopeless]);
    let busy = Err("the database is busy: deadlock".to_owned());
    assert_eq!(answers, [busy.clone(), busy]);
    assert_eq!(writer.notes(), Vec::<String>::new());
    assert_eq!(run_all(&mut writer, vec![noting("b")]), [Ok(1)], "the writer works on");
}

#[test]
fn a_commit_whose_end_is_unknown_is_not_repeated() {
    let mut writer = Scripted::new(Script {
        commit: [Error::Unavailable("connection reset".to_owned())].into(),
        ..Script::default()
    });
    let answers = run_all(&mut writer, vec![noting("a"), noting("b")]);
    let unknown = Err("the database cannot be reached: connection reset".to_owned());
    assert_eq!(answers, [unknown.clone(), unknown]);
    assert_eq!(run_all(&mut writer, vec![noting("a")]), [Ok(1)], "the writer works on");
    assert_eq!(writer.notes(), ["a"]);
}

#[test]
fn a_full_disk_fails_the_batch_and_not_the_writer() {
    let mut writer = Scripted::new(Script::default());
    writer.connection.execute_batch("PRAGMA max_page_count = 3").unwrap();
    let large = job(|tx, _| note(tx, &"x".repeat(100_000)));
    let answers = run_all(&mut writer, vec![noting("a"), large, noting("b")]);
    let full = Err("the database cannot be reached: database or disk is full".to_owned());
    assert_eq!(answers, [full.clone(), full, Ok(1)]);
    assert_eq!(writer.notes(), ["b"]);
}

#[test]
fn a_transaction_that_cannot_begin_leaves_none_behind() {
    let mut writer = Scripted::new(Script {
        begin: [Error::Busy("another process writes".to_owned())].into(),
        ..Script::default()
    });
    let answers = run_all(&mut writer, vec![noting("a")]);
    assert_eq!(
        answers,
        [Err("the database is busy: another process writes".to_owned())]
    );
    assert_eq!(run_all(&mut writer, vec![noting("b")]), [Ok(1)]);
    assert_eq!(writer.notes(), ["b"]);
}
