//! Many at once: nothing is lost, nothing is there twice.

use std::{collections::BTreeSet, num::NonZeroUsize, sync::Arc};

use landfall_domain::deployment::{DeploymentDetails, GivenTimes};
use landfall_git::Git;
use landfall_server::{
    App, MirrorSettings, Settings,
    ops::{
        Refusal,
        create_deployment::{CreateDeployment, create_deployment},
    },
};
use tokio::task::JoinSet;

use super::*;
use crate::support::{Answer, each_engine};

/// Sends requests at the same moment, each on a connection of its own; the answers in no order.
async fn at_once<R>(requests: impl IntoIterator<Item = R>) -> Vec<Answer>
where
    R: IntoFuture<Output = Answer, IntoFuture: Send + 'static>,
{
    let mut tasks = JoinSet::new();
    for request in requests {
        tasks.spawn(request.into_future());
    }
    tasks.join_all().await
}

/// How many answers had each status.
fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    statuses
}

each_engine!(
    async fn equal_successes_at_the_same_moment_are_one_record(server) {
        let team = team(&server).await;
        for commit in 1..=5 {
            let answers = at_once((0..16).map(|_| {
                team.developer
                    .post(DEPLOYMENTS)
                    .json(&report("production", commit, "success"))
            }))
            .await;
            assert_eq!(statuses(&answers), [201; 16]);
            let bodies: BTreeSet<&str> = answers.iter().map(|answer| answer.body.as_str()).collect();
            assert_eq!(bodies.len(), 1, "{bodies:#?}");
        }
        assert_eq!(ids(&team.reporter.get(DEPLOYMENTS).await.json(200)), [1, 2, 3, 4, 5]);
        // What is no success is not compared.
        let answers = at_once((0..16).map(|_| {
            team.developer
                .post(DEPLOYMENTS)
                .json(&report("production", 9, "running"))
        }))
        .await;
        let ids: BTreeSet<i64> = answers
            .iter()
            .map(|answer| answer.json(201)["id"].as_i64().unwrap())
            .collect();
        assert_eq!(ids, (6..=21).collect());
    }
);

each_engine!(
    async fn a_thousand_creates_over_32_connections_take_the_iids_1_to_1000(server) {
        let team = team(&server).await;
        let mut connections = JoinSet::new();
        for connection in 0..32_u64 {
            let developer = team.developer.clone();
            connections.spawn(async move {
                let mut iids = Vec::new();
                for number in (connection..1000).step_by(32) {
                    let environment = format!("e{}", number % 10);
                    let status = ["running", "success", "failed"][usize::try_from(number % 3).unwrap()];
                    let body = report(&environment, number, status);
                    let created = developer.post(DEPLOYMENTS).json(&body).await.json(201);
                    assert_eq!(
                        (&created["sha"], &created["environment"]["name"]),
                        (&json!(sha(number)), &json!(environment))
                    );
                    iids.push(created["iid"].as_i64().unwrap());
                }
                iids
            });
        }
        let mut iids: Vec<i64> = connections.join_all().await.concat();
        iids.sort_unstable();
        assert_eq!(iids, (1..=1000).collect::<Vec<i64>>());
        let listed = team
            .reporter
            .get(&format!("{DEPLOYMENTS}?order_by=iid&sort=desc&per_page=1"))
            .await;
        assert_eq!(
            (listed.header("x-total"), &listed.json(200)[0]["iid"]),
            (Some("1000"), &json!(1000))
        );
    }
);

each_engine!(
    async fn one_new_environment_is_made_by_one_of_many(server) {
        let team = team(&server).await;
        for name in ["production", "review/x"] {
            let answers =
                at_once((0..24).map(|commit| team.developer.post(DEPLOYMENTS).json(&report(name, commit, "failed"))))
                    .await;
            let environments: BTreeSet<String> = answers
                .iter()
                .map(|answer| answer.json(201)["environment"].to_string())
                .collect();
            assert_eq!(environments.len(), 1, "{environments:#?}");
        }
        // Two names with one slug: one of them wins, for good.
        let answers = at_once((0..24).map(|commit| {
            team.developer.post(DEPLOYMENTS).json(&report(
                if commit % 2 == 0 { "foo" } else { "foo-" },
                commit,
                "failed",
            ))
        }))
        .await;
        let mut expected = vec![201; 12];
        expected.extend([400; 12]);
        assert_eq!(statuses(&answers), expected);
    }
);

each_engine!(
    async fn of_racing_updates_and_deletions_one_wins(server) {
        let team = team(&server).await;
        let one_of = |winner: u16, others: u16| {
            let mut statuses = vec![others; 15];
            statuses.push(winner);
            statuses.sort_unstable();
            statuses
        };
        for _ in 0..3 {
            let id = record(&team.developer, &report("production", 1, "running")).await;
            let put = |status: &'static str| team.developer.put(&one(id)).form(&[("status", status)]);
            assert_eq!(
                statuses(&at_once((0..16).map(|_| put("failed"))).await),
                one_of(200, 400)
            );
            // Of two that may follow each other both win or the second is refused; the last one stands.
            let answers = at_once([put("success"), put("canceled")]).await;
            assert_eq!(statuses(&answers), [200, 200]);
            put("running").await;
            put("failed").await;
            let delete = |_| team.maintainer.delete(&one(id));
            let deleted = at_once((0..16).map(delete)).await;
            assert_eq!(statuses(&deleted), one_of(204, 404));
            assert_eq!(team.reporter.get(&one(id)).await.told(), NOT_FOUND);
        }
        let total = team.reporter.get(DEPLOYMENTS).await;
        assert_eq!(total.header("x-total"), Some("0"));
    }
);

/// A second server on the same database.
pub(super) fn second_node(server: &TestServer) -> App {
    let settings = Settings {
        external_url: String::from("http://landfall.example"),
        rate_limit_authenticated: None,
        rate_limit_unauthenticated: None,
        allow_networks: Vec::new(),
        webhook_timeout: Settings::WEBHOOK_TIMEOUT,
        body_room: Settings::BODY_ROOM,
        mirrors: MirrorSettings::in_directory(server.database.directory().join("mirrors-of-other")),
        inbox_retention: std::time::Duration::from_hours(24),
        deletion_adjourned_period: std::time::Duration::from_hours(24),
    };
    let git = Git::new(NonZeroUsize::MIN).unwrap();
    App::new(
        server.database.open(),
        Arc::clone(&server.clock) as Arc<_>,
        git,
        &settings,
    )
    .unwrap()
}

each_engine!(
    async fn two_nodes_record_equal_successes_once_and_give_out_each_iid_once(server) {
        let team = team(&server).await;
        let nodes = [second_node(&server), second_node(&server)];
        let create = async |node: &App, environment: &str, commit: u64| -> Result<DeploymentDetails, Refusal> {
            let wanted = CreateDeployment {
                project: Arc::new(team.project.clone()),
                user_id: UserId(1),
                environment: environment.to_owned(),
                external_url: None,
                sha: sha(commit),
                git_ref: "main".to_owned(),
                tag: false,
                status: Status::Success,
                times: GivenTimes::default(),
                job: None,
                source: Source::Api,
                now: NOW,
                event_chain: None,
                allowed_in: None,
            };
            create_deployment(node, wanted).await
        };
        for round in 0..60 {
            let environment = format!("e{}", round / 3);
            let (a, b) = tokio::join!(
                create(&nodes[0], &environment, round),
                create(&nodes[1], &environment, round)
            );
            assert_eq!(a.unwrap().deployment.id, b.unwrap().deployment.id, "round {round}");
        }
        for round in 100..130 {
            let (a, b) = tokio::join!(create(&nodes[0], "a", round), create(&nodes[1], "b", round));
            assert_ne!(a.unwrap().deployment.iid, b.unwrap().deployment.iid);
        }
        let listed = team
            .reporter
            .get(&format!("{DEPLOYMENTS}?order_by=iid&sort=desc&per_page=1"))
            .await;
        assert_eq!(
            (listed.header("x-total"), &listed.json(200)[0]["iid"]),
            (Some("120"), &json!(120))
        );
    }
);
