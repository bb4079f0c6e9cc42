//! Whole streams of reports, by several senders about several deployments: whatever the order of arrival, and however
//! often each report is sent, they end as the stream in order does.

use std::cell::Cell;

use landfall_domain::deployment::GivenTimes;
use landfall_server::{
    App,
    ops::{
        create_deployment::CreateDeployment,
        report_deployment::{Landing, ReportDeployment, report_deployment},
    },
};
use landfall_store::testing::Engine;
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use tokio::task::JoinSet;

use super::*;
use crate::deployments::concurrency::second_node;

/// The deployments of random streams, and where each goes.
const KEYS: [(&str, &str); 3] = [("a", "production"), ("b", "production"), ("c", "staging")];

/// One report of a stream.
#[derive(Clone, Debug)]
struct Sent {
    /// Whether the maintainer sends it instead of the developer.
    maintainer: bool,
    body: Value,
}

fn sent() -> impl Strategy<Value = Sent> {
    let statuses = vec!["created", "running", "success", "failed", "canceled"];
    let job = prop::option::weighted(
        0.4,
        (prop::option::of(1..3_i64), select(statuses.clone()), any::<bool>()),
    );
    let git = (1..3_u64, select(vec!["main", "v1"]), prop::bool::weighted(0.2));
    let times = (
        prop::option::weighted(0.5, 0..4_i64),
        0..6_u64,
        prop::option::weighted(0.1, 6..9_u64),
    );
    (
        select(KEYS.to_vec()),
        select(statuses),
        git,
        times,
        job,
        prop::bool::weighted(0.3),
    )
        .prop_map(
            |((key, environment), status, (commit, git_ref, tag), (sequence, seconds, made), job, maintainer)| {
                let mut body = with(
                    report(environment, commit, status),
                    json!({ "external_id": key, "occurred_at": ago(seconds), "ref": git_ref, "tag": tag }),
                );
                if let Some(sequence) = sequence {
                    body["sequence"] = json!(sequence);
                }
                if let Some((id, status, with_stage)) = job {
                    body["deployable"] = json!({ "name": "deploy", "status": status, "user": { "username": "ada" } });
                    if let Some(id) = id {
                        body["deployable"]["id"] = json!(id);
                    }
                    if with_stage {
                        body["deployable"]["stage"] = json!(format!("stage of {seconds}"));
                    }
                }
                if let Some(made) = made.filter(|_| maintainer) {
                    body["created_at"] = json!(ago(made));
                }
                Sent { maintainer, body }
            },
        )
}

/// A stream, and how it arrives: each report at least once, some more often, in any order.
fn stream_and_arrival() -> impl Strategy<Value = (Vec<Sent>, Vec<Sent>)> {
    prop::collection::vec(sent(), 1..14).prop_flat_map(|stream| {
        let again = prop::collection::vec(select(stream.clone()), 0..8);
        (Just(stream), again).prop_flat_map(|(stream, again)| {
            let arrival = [stream.clone(), again].concat();
            (Just(stream), Just(arrival).prop_shuffle())
        })
    })
}

/// Everything about the deployments of a project that does not tell when or as which number it came here: by key, with
/// its events, and which of them are live.
async fn state(reader: &Caller, path: &str) -> Value {
    let list = reader.get(&format!("{path}?per_page=100")).await.json(200);
    let mut deployments = Vec::new();
    for row in list.as_array().unwrap() {
        let mut job = row["deployable"].clone();
        if let Some(keys) = job.as_object_mut() {
            // A job without an id of its own is shown with one of ours.
            keys.remove("id");
        }
        let events = reader.get(&format!("{path}/{}/events?per_page=100", row["id"])).await;
        let mut reports: Vec<String> = events
            .json(200)
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["kind"] == "deployment_reported")
            .map(|event| {
                let mut data = event["data"].clone();
                for name in ["received_at", "applied", "known_user"] {
                    data.as_object_mut().unwrap().remove(name);
                }
                format!("{} {data}", event["user"]["username"])
            })
            .collect();
        reports.sort();
        let landfall = &row["landfall"];
        deployments.push(json!([
            landfall["external_id"],
            row["environment"]["name"],
            row["status"],
            row["sha"],
            row["ref"],
            landfall["tag"],
            row["created_at"],
            landfall["finished_at"],
            row["user"]["username"],
            job,
            reports,
        ]));
    }
    deployments.sort_by_key(ToString::to_string);
    json!(deployments)
}

async fn send(callers: [&Caller; 2], path: &str, sent: &Sent) {
    let caller = callers[usize::from(sent.maintainer)];
    let answer = caller.post(path).json(&sent.body).await;
    assert!([200, 201].contains(&answer.status.as_u16()), "{}", answer.body);
}

fn every_stream_ends_as_in_order(engine: Engine) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = TestServer::new(engine);
    let team = runtime.block_on(team(&server));
    let next = Cell::new(0);
    let config = Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    };
    let run = TestRunner::new(config).run(&stream_and_arrival(), |(stream, arrival)| {
        runtime.block_on(async {
            let mut states = Vec::new();
            for reports in [&stream, &arrival] {
                next.set(next.get() + 1);
                let project = server.project(&format!("group/p{}", next.get())).await;
                server.member(project.id, "ada", AccessLevel::Developer).await;
                server.member(project.id, "mia", AccessLevel::Maintainer).await;
                server.clock.set(NOW);
                let path = format!("/projects/{}/deployments", project.id.0);
                for report in reports {
                    server.clock.advance(Duration::from_secs(1));
                    send([&team.developer, &team.maintainer], &path, report).await;
                }
                states.push(state(&team.maintainer, &path).await);
            }
            prop_assert_eq!(&states[0], &states[1]);
            Ok(())
        })
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_stream_ends_as_in_order_on_sqlite() {
    every_stream_ends_as_in_order(Engine::Sqlite);
}

#[test]
fn every_stream_ends_as_in_order_on_postgres() {
    every_stream_ends_as_in_order(Engine::Postgres);
}

/// Ten deployments, each on its way to another end, as their sender would report them.
fn ten_deployments() -> Vec<Sent> {
    let mut stream = Vec::new();
    for number in 0..10_u64 {
        let last = ["success", "failed", "canceled"][usize::try_from(number % 3).unwrap()];
        for (step, status) in ["created", "running", last].iter().enumerate() {
            let step = u64::try_from(step).unwrap();
            let seconds = 1000 - 10 * number - step;
            let mut body = with(
                past(&format!("run {number}"), status, seconds),
                json!({ "sha": sha(number), "deployable": { "id": number + 1, "name": "deploy", "status": status } }),
            );
            if number % 2 == 0 {
                body["sequence"] = json!(step);
            }
            let maintainer = false;
            stream.push(Sent { maintainer, body });
        }
    }
    stream
}

/// The numbers from 0 on, in an order of this sender's own, each `times` times.
fn shuffled(count: usize, times: usize, seed: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..count * times).map(|number| number % count).collect();
    // Any steps that differ from sender to sender will do.
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    for place in (1..numbers.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        numbers.swap(place, (state >> 33) % (place + 1));
    }
    numbers
}

each_engine!(
    async fn many_senders_at_once_end_as_one_in_order(server) {
        let team = team(&server).await;
        let other = server.project("group/other").await;
        for (name, level) in [("ada", AccessLevel::Developer), ("mia", AccessLevel::Maintainer)] {
            server.member(other.id, name, level).await;
        }
        let stream = ten_deployments();
        let elsewhere = "/projects/2/deployments";
        for report in &stream {
            send([&team.developer, &team.maintainer], elsewhere, report).await;
        }
        let mut senders = JoinSet::new();
        for sender in 0..32 {
            let (stream, developer) = (stream.clone(), team.developer.clone());
            senders.spawn(async move {
                for number in shuffled(stream.len(), 2, sender) {
                    send([&developer, &developer], DEPLOYMENTS, &stream[number]).await;
                }
            });
        }
        senders.join_all().await;
        assert_eq!(
            state(&team.maintainer, DEPLOYMENTS).await,
            state(&team.maintainer, elsewhere).await
        );
        let list = team.reporter.get(&format!("{DEPLOYMENTS}?per_page=100")).await.json(200);
        assert_eq!(ids(&list).len(), 10);
        assert_eq!(stored_jobs(&server).await, "20 0 0");
    }
);

each_engine!(
    async fn two_nodes_make_one_deployment_of_one_key(server) {
        let team = team(&server).await;
        let nodes = [second_node(&server), second_node(&server)];
        let send = async |node: &App, key: u64, sequence: i64, status: Status| {
            let deployment = CreateDeployment {
                project: std::sync::Arc::new(team.project.clone()),
                user_id: UserId(1),
                environment: "production".to_owned(),
                external_url: None,
                sha: sha(key),
                git_ref: "main".to_owned(),
                tag: false,
                status,
                times: GivenTimes::default(),
                job: None,
                source: Source::Api,
                now: NOW,
                event_chain: None,
                allowed_in: None,
            };
            let wanted = ReportDeployment {
                external_id: format!("run {key}"),
                sequence: Some(sequence),
                occurred_at: None,
                deployment,
            };
            report_deployment(node, wanted).await.unwrap()
        };
        for key in 0..40 {
            let (a, b) = tokio::join!(
                send(&nodes[0], key, 2, Status::Success),
                send(&nodes[1], key, 1, Status::Running)
            );
            assert_eq!(a.details.deployment.id, b.details.deployment.id, "{key}");
            let landings = [a.landing, b.landing];
            assert!(
                landings == [Landing::Created, Landing::Older] || landings == [Landing::Applied, Landing::Created],
                "{key}: {landings:?}"
            );
        }
        let list = format!("{DEPLOYMENTS}?status=success&per_page=100");
        assert_eq!(ids(&team.reporter.get(&list).await.json(200)).len(), 40);
    }
);
