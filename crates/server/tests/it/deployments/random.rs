//! Random histories by several users, on the server and in the [naive model](super::model), which must agree on every
//! answer.

use std::{cell::Cell, time::Duration};

use landfall_store::testing::Engine;
use proptest::{
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestRunner},
};

use super::{
    model::{Expected, Filter, Model, Wanted, finishes, moment},
    *,
};
use crate::support::Answer;

const USERS: [(&str, u32); 5] = [("sam", 0), ("gus", 10), ("rob", 20), ("ada", 30), ("mia", 40)];
const ENVIRONMENTS: [&str; 4] = ["production", "staging", "review/x", "bad!"];
const REFS: [&str; 3] = ["main", "v1", "a..b"];
const STATUSES: [&str; 5] = ["created", "running", "success", "failed", "canceled"];
const ORDERS: [&str; 6] = ["id", "iid", "created_at", "updated_at", "finished_at", "ref"];

/// One request, or a little time that passes.
#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Create {
        user: usize,
        wanted: Wanted,
    },
    Update {
        user: usize,
        which: Index,
        status: &'static str,
    },
    Delete {
        user: usize,
        which: Index,
    },
    Get {
        user: usize,
        which: Index,
    },
    List {
        user: usize,
        filter: Filter,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let user = || prop_oneof![1 => 0..3_usize, 6 => 3..5_usize];
    let reader = || 0..5_usize;
    let which = any::<Index>;
    let step = prop_oneof![
        3 => (0..120_u64).prop_map(Step::Wait),
        8 => (user(), wanted()).prop_map(|(user, wanted)| Step::Create { user, wanted }),
        5 => (user(), which(), select(&STATUSES[1..])).prop_map(|(user, which, status)| Step::Update { user, which, status }),
        3 => (user(), which()).prop_map(|(user, which)| Step::Delete { user, which }),
        1 => (reader(), which()).prop_map(|(user, which)| Step::Get { user, which }),
        2 => (reader(), filter()).prop_map(|(user, filter)| Step::List { user, filter }),
    ];
    prop::collection::vec(step, 1..40)
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let environment = prop_oneof![30 => select(&ENVIRONMENTS[..3]), 1 => select(&ENVIRONMENTS[3..])];
    let commit = prop_oneof![30 => 1..3_u64, 1 => Just(0)];
    let git_ref = prop_oneof![30 => select(&REFS[..2]), 1 => select(&REFS[2..])];
    let status = prop_oneof![select(&STATUSES[..]), Just("success")];
    let ago = prop::option::weighted(0.3, 0..200_u64);
    (environment, commit, git_ref, prop::bool::weighted(0.1), status, ago).prop_map(
        |(environment, commit, git_ref, tag, status, ago)| Wanted {
            environment,
            commit,
            git_ref,
            tag,
            status,
            ago,
        },
    )
}

fn filter() -> impl Strategy<Value = Filter> {
    let seldom = 0.3;
    let names = (
        prop::option::weighted(seldom, select(&ENVIRONMENTS[..])),
        prop::option::weighted(seldom, select(&STATUSES[..])),
        prop::option::weighted(seldom, select(&REFS[..])),
        prop::option::weighted(seldom, select(vec!["ada", "mia", "nobody"])),
    );
    let rest = (
        prop::option::weighted(seldom, 1..3_u64),
        prop::option::weighted(seldom, 0..600_u64),
        prop::option::weighted(seldom, 0..600_u64),
        select(&ORDERS[..]),
        any::<bool>(),
    );
    (names, rest).prop_map(
        |((environment, status, git_ref, user), (commit, updated_after, finished_before, order, descending))| Filter {
            environment,
            status,
            git_ref,
            user,
            commit,
            updated_after,
            finished_before,
            order,
            descending,
        },
    )
}

/// The same of an answer.
fn facts_of(told: &Value) -> Value {
    json!([
        told["id"],
        told["iid"],
        told["environment"]["name"],
        told["sha"],
        told["ref"],
        told["landfall"]["tag"],
        told["status"],
        told["user"]["username"],
        told["created_at"],
        told["updated_at"],
        told["landfall"]["finished_at"],
    ])
}

impl Filter {
    fn query(&self) -> String {
        let mut query = format!(
            "per_page=100&order_by={}&sort={}",
            self.order,
            if self.descending { "desc" } else { "asc" }
        );
        let texts = [
            ("environment", self.environment),
            ("status", self.status),
            ("ref", self.git_ref),
            ("user", self.user),
        ];
        for (name, text) in texts {
            query.extend(text.map(|text| format!("&{name}={}", text.replace('/', "%2F"))));
        }
        query.extend(self.commit.map(|commit| format!("&sha={}", sha(commit))));
        for (name, seconds) in [
            ("updated_after", self.updated_after),
            ("finished_before", self.finished_before),
        ] {
            // With all its microseconds, which `to_wire` would cut.
            query.extend(
                seconds.map(|seconds| format!("&{name}={}", moment(seconds).to_wire().replace("678Z", "678901Z"))),
            );
        }
        query
    }
}

impl Wanted {
    fn body(&self, now: Timestamp) -> Value {
        let mut body = report(self.environment, self.commit, self.status);
        if self.commit == 0 {
            body["sha"] = json!("no commit");
        }
        body["ref"] = json!(self.git_ref);
        body["tag"] = json!(self.tag);
        if let Some(ago) = self.ago {
            let name = if finishes(self.status) {
                "finished_at"
            } else {
                "created_at"
            };
            let at = now.minus(Duration::from_secs(ago));
            body[name] = json!(at.to_wire().replace("678Z", "678901Z"));
        }
        body
    }
}

/// A project of its own, on a server that many histories share.
struct Run<'a> {
    server: &'a TestServer,
    callers: &'a [Caller],
    path: String,
    model: Model,
    /// Every id that was given out, and one that never was.
    ids: Vec<i64>,
    now: Timestamp,
}

impl Run<'_> {
    async fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let pick = |which: &Index| *which.get(&self.ids);
        let one = |id: i64| format!("{}/{id}", self.path);
        let (answer, expected) = match step {
            Step::Wait(seconds) => {
                self.now = self.now.plus(Duration::from_secs(*seconds));
                self.server.clock.set(self.now);
                return Ok(());
            }
            Step::Create { user, wanted } => {
                let answer = self.callers[*user].post(&self.path).json(&wanted.body(self.now)).await;
                (answer, self.model.create(USERS[*user], wanted, self.now))
            }
            Step::Update { user, which, status } => {
                let id = pick(which);
                let answer = self.callers[*user].put(&one(id)).form(&[("status", status)]).await;
                (answer, self.model.update(USERS[*user].1, id, status, self.now))
            }
            Step::Delete { user, which } => {
                let id = pick(which);
                let answer = self.callers[*user].delete(&one(id)).await;
                (answer, self.model.delete(USERS[*user].1, id))
            }
            Step::Get { user, which } => {
                let id = pick(which);
                (
                    self.callers[*user].get(&one(id)).await,
                    self.model.get(USERS[*user].1, id),
                )
            }
            Step::List { user, filter } => {
                let answer = self.callers[*user]
                    .get(&format!("{}?{}", self.path, filter.query()))
                    .await;
                (answer, self.model.list(USERS[*user].1, filter))
            }
        };
        self.compare(&answer, expected)
    }

    fn compare(&mut self, answer: &Answer, expected: Expected) -> Result<(), TestCaseError> {
        let status = answer.status.as_u16();
        match expected {
            Expected::Told(expected, body) => prop_assert_eq!(answer.told(), (expected, body.as_str())),
            Expected::One(expected, facts) => {
                prop_assert_eq!(status, expected, "{}", answer.body);
                prop_assert_eq!(facts_of(&answer.json(expected)), facts);
            }
            Expected::New(mut row) => {
                prop_assert_eq!(status, 201, "{}", answer.body);
                let told = answer.json(201);
                row.id = told["id"].as_i64().unwrap();
                prop_assert!(self.ids.iter().all(|id| *id < row.id), "a new id is the highest");
                prop_assert_eq!(facts_of(&told), row.facts());
                self.ids.push(row.id);
                self.model.rows.push(row);
            }
            Expected::Many(facts) => {
                prop_assert_eq!(status, 200, "{}", answer.body);
                let rows: Vec<Value> = answer.json(200).as_array().unwrap().iter().map(facts_of).collect();
                prop_assert_eq!(
                    answer.header("x-total").map(str::to_owned),
                    Some(rows.len().to_string())
                );
                prop_assert_eq!(rows, facts);
            }
        }
        Ok(())
    }
}

fn every_history_goes_as_the_rules_say(engine: Engine) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = TestServer::new(engine);
    let callers = runtime.block_on(async {
        let mut callers = Vec::new();
        for (name, _) in USERS {
            callers.push(server.user(name).await);
        }
        callers
    });
    let next = Cell::new(1);
    let config = Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    };
    let run = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(async {
            let number = next.replace(next.get() + 1);
            let project = server.project(&format!("group/p{number}")).await;
            let levels = [
                AccessLevel::Guest,
                AccessLevel::Reporter,
                AccessLevel::Developer,
                AccessLevel::Maintainer,
            ];
            for ((name, _), level) in USERS[1..].iter().zip(levels) {
                server.member(project.id, name, level).await;
            }
            server.clock.set(NOW);
            let mut run = Run {
                server: &server,
                callers: &callers,
                path: format!("/projects/{}/deployments", project.id.0),
                model: Model::default(),
                ids: vec![0],
                now: NOW,
            };
            for step in &steps {
                run.step(step).await?;
            }
            // In the end everything is as the model has it.
            run.step(&Step::List {
                user: 4,
                filter: Filter::all(),
            })
            .await
        })
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_history_goes_as_the_rules_say_on_sqlite() {
    every_history_goes_as_the_rules_say(Engine::Sqlite);
}

#[test]
fn every_history_goes_as_the_rules_say_on_postgres() {
    every_history_goes_as_the_rules_say(Engine::Postgres);
}
