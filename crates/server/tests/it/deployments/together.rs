//! Writes that wait are done together, and a queue that is full refuses more. The writer is held up by a write that waits
//! for the test, as by a disk that does not answer.

use std::sync::mpsc::{self, Sender};

use landfall_server::ops::Refusal;
use tokio::task::{JoinHandle, JoinSet, yield_now};

use super::*;
use crate::support::{Answer, Request, TestRepository, each_engine};

/// As many writes as the store lets wait.
const QUEUE: usize = 1024;

/// The writer's work, until it is let go.
struct Held {
    release: Sender<()>,
    write: JoinHandle<()>,
}

/// Holds the writer up.
async fn hold(server: &TestServer) -> Held {
    let (release, released) = mpsc::channel();
    let (start, mut started) = tokio::sync::mpsc::unbounded_channel();
    let store = server.store.clone();
    let write = tokio::spawn(async move {
        let held = store.write(move |_| {
            let _ = start.send(());
            released.recv().map_err(|_| Refusal::NotFound)
        });
        held.await.unwrap();
    });
    started.recv().await.unwrap();
    Held { release, write }
}

impl Held {
    async fn release(self) {
        self.release.send(()).unwrap();
        self.write.await.unwrap();
    }
}

/// Waits until so many writes wait.
async fn queued(server: &TestServer, writes: usize) {
    while server.store.queued().1 < writes {
        yield_now().await;
    }
}

/// Lets the use of all tokens be noted, which is a write, too.
async fn settled(server: &TestServer, team: &Team) {
    for caller in [&team.maintainer, &team.developer, &team.reporter] {
        let used = async || {
            let token = caller.get("/personal_access_tokens/self").await.json(200);
            !token["last_used_at"].is_null()
        };
        while !used().await {}
    }
    while server.store.queued().1 > 0 {
        yield_now().await;
    }
}

/// Sends requests so that they wait in this order, and lets them be done together.
async fn together(server: &TestServer, requests: Vec<Request>) -> Vec<Answer> {
    let held = hold(server).await;
    let mut tasks = Vec::new();
    for (number, request) in requests.into_iter().enumerate() {
        tasks.push(tokio::spawn(request.into_future()));
        queued(server, number + 1).await;
    }
    held.release().await;
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

each_engine!(
    async fn what_create_and_update_answer_is_what_get_shows(server) {
        let team = team(&server).await;
        let job = json!({ "name": "deploy", "coverage": 98.29, "duration": 0.1, "tag_list": ["a", "ä"],
            "user": { "username": "ada" }, "pipeline": { "id": 3, "ref": "main" }, "runner": { "id": 4, "active": true } });
        let times = json!({ "created_at": "2026-01-01T08:00:00.123456Z", "finished_at": "2026-01-01T09:00:00Z" });
        for (status, keys) in [
            ("running", json!({})),
            ("created", json!({ "environment": "review/a b", "tag": true })),
            ("success", json!({ "deployable": job })),
            ("failed", with(times, json!({ "deployable": with(job.clone(), json!({ "id": 4711 })) }))),
        ] {
            let body = with(report("production", 1, status), keys);
            let created = team.maintainer.post(DEPLOYMENTS).json(&body).await;
            let id = created.json(201)["id"].as_i64().unwrap();
            assert_eq!(team.maintainer.get(&one(id)).await.body, created.body);
            for keys in [json!({}), json!({ "deployable": { "status": "success" } }), json!({ "deployable": job })] {
                let to = if status == "canceled" { "running" } else { "canceled" };
                let body = with(json!({ "status": to }), keys);
                let updated = team.maintainer.put(&one(id)).json(&body).await;
                let shown = team.maintainer.get(&one(id)).await;
                match updated.status.as_u16() {
                    200 => assert_eq!(shown.body, updated.body),
                    // Without a job yet, it needs a name.
                    _ => assert_eq!(updated.told(), (400, r#"{"error":"deployable[name] is missing"}"#)),
                }
            }
        }
        let repository = TestRepository::new(server.database.directory());
        let commit = repository.commit("First");
        let directory = repository.directory();
        server.project_with("group/with", |new| new.repository = Some(directory.into())).await;
        let body = with(report("production", 0, "success"), json!({ "sha": &commit[..9], "deployable": { "name": "deploy" } }));
        let created = team.root.post("/projects/2/deployments").json(&body).await;
        let path = format!("/projects/2/deployments/{}", created.json(201)["id"]);
        assert_eq!(team.root.get(&path).await.body, created.body);
        assert_eq!(created.json(201)["landfall"]["commit"], json!(commit));
    }
);

each_engine!(
    async fn creates_that_wait_are_done_as_if_one_after_the_other(server) {
        let team = team(&server).await;
        server.project("group/other").await;
        settled(&server, &team).await;
        let create = |body: &Value| team.maintainer.post(DEPLOYMENTS).json(body);
        let success = |commit| report("production", commit, "success");
        let stopped = record(&team.maintainer, &report("stopped", 1, "success")).await;
        team.maintainer.post("/projects/1/environments/1/stop").await.json(200);
        let answers = together(
            &server,
            vec![
                create(&report("production", 1, "running")),
                create(&success(2)),
                create(&success(2)),
                create(&with(success(3), json!({ "deployable": { "name": "a", "user": { "username": "ada" } } }))),
                team.root.post("/projects/2/deployments").json(&success(4)),
                create(&report("review/5", 5, "running")),
                create(&with(success(6), json!({ "deployable": { "name": "b", "pipeline": { "id": 9 } } }))),
                team.root.post("/projects/2/deployments").json(&report("qa", 7, "failed")),
                create(&report("stopped", 8, "success")),
                // Shows the environment as the one before it has left it.
                create(&report("stopped", 9, "running")),
            ],
        )
        .await;
        let told: Vec<String> = answers
            .iter()
            .map(|answer| match answer.status.as_u16() {
                201 => {
                    let made = answer.json(201);
                    format!("{} {} {} {}", made["id"], made["iid"], made["environment"]["name"], made["deployable"]["name"])
                }
                _ => format!("{:?}", answer.told()),
            })
            .collect();
        insta::assert_debug_snapshot!(told, @r#"
        [
            "2 2 \"production\" null",
            "3 3 \"production\" null",
            "3 3 \"production\" null",
            "4 4 \"production\" \"a\"",
            "5 1 \"production\" null",
            "6 5 \"review/5\" null",
            "7 6 \"production\" \"b\"",
            "8 2 \"qa\" null",
            "9 7 \"stopped\" null",
            "10 8 \"stopped\" null",
        ]
        "#);
        for (answer, project) in answers.iter().zip([1, 1, 1, 1, 2, 1, 1, 2, 1, 1]) {
            if answer.status.as_u16() == 201 {
                let path = format!("/projects/{project}/deployments/{}", answer.json(201)["id"]);
                assert_eq!(team.root.get(&path).await.body, answer.body);
            }
        }
        assert_eq!(stopped, 1);
        let state = team.maintainer.get("/projects/1/environments/1").await.json(200);
        assert_eq!(state["state"], "available");
        let events = server.store.read(|conn| landfall_store::events::after(conn, 0, 1000)).await.unwrap();
        let made: Vec<i64> = events
            .iter()
            .filter(|(_, event)| event.kind == landfall_domain::event::Kind::DeploymentCreated)
            .filter_map(|(_, event)| Some(event.deployment_id?.0))
            .collect();
        assert_eq!(made, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "an event each, in the order of the ids");
    }
);

each_engine!(
    async fn a_create_that_is_refused_harms_none_that_waits_with_it(server) {
        let team = team(&server).await;
        settled(&server, &team).await;
        let create = |environment: &str, commit| team.developer.post(DEPLOYMENTS).json(&report(environment, commit, "running"));
        let answers = together(&server, vec![create("foo", 1), create("a?b", 2), create("foo-", 3), create("foo", 4)]).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses, [201, 400, 400, 201]);
        let name = r#"{"message":{"name":["can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end with '/'"]}}"#;
        assert_eq!(answers[1].body, name);
        assert_eq!(ids(&team.reporter.get(DEPLOYMENTS).await.json(200)), [1, 2]);
        assert_eq!(answers[3].json(201)["iid"], json!(2));
    }
);

each_engine!(
    async fn updates_that_wait_are_done_as_if_one_after_the_other(server) {
        let team = team(&server).await;
        for commit in 0..4 {
            record(&team.maintainer, &report("production", commit, "running")).await;
        }
        settled(&server, &team).await;
        let put = |id: i64, body: Value| team.maintainer.put(&one(id)).json(&body);
        let to = |status: &str| json!({ "status": status });
        for (requests, expected) in [
            // Each another one.
            (
                vec![
                    put(1, to("success")),
                    put(2, with(to("failed"), json!({ "finished_at": "2027-01-01T00:00:00Z" }))),
                    put(3, to("canceled")),
                ],
                vec![200, 400, 200],
            ),
            (vec![put(1, to("failed")), put(2, to("success")), put(3, to("failed"))], vec![200, 200, 200]),
            // One after the other, one that is not there, one with a job.
            (
                vec![put(4, to("success")), put(4, to("success")), put(4, to("failed")), put(5, to("failed"))],
                vec![200, 400, 200, 404],
            ),
            (
                vec![put(3, to("success")), put(4, with(to("success"), json!({ "deployable": { "name": "deploy" } })))],
                vec![200, 200],
            ),
        ] {
            let answers = together(&server, requests).await;
            let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
            assert_eq!(statuses, expected, "{answers:#?}");
            let last = answers.iter().rev().find(|answer| answer.status.as_u16() == 200).unwrap();
            let id = last.json(200)["id"].as_i64().unwrap();
            assert_eq!(team.maintainer.get(&one(id)).await.body, last.body);
        }
        let list = team.reporter.get(DEPLOYMENTS).await.json(200);
        let states: Vec<&Value> = list.as_array().unwrap().iter().map(|row| &row["status"]).collect();
        assert_eq!(states, ["failed", "success", "success", "success"]);
        let events = server.store.read(|conn| landfall_store::events::after(conn, 0, 1000)).await.unwrap();
        let told: Vec<String> = events
            .iter()
            .filter(|(_, event)| event.kind == landfall_domain::event::Kind::DeploymentUpdated)
            .map(|(_, event)| format!("{} {}", event.deployment_id.unwrap(), event.data))
            .collect();
        insta::assert_debug_snapshot!(told, @r#"
        [
            "1 {\"from\":\"running\",\"status\":\"success\"}",
            "3 {\"from\":\"running\",\"status\":\"canceled\"}",
            "1 {\"from\":\"success\",\"status\":\"failed\"}",
            "2 {\"from\":\"running\",\"status\":\"success\"}",
            "3 {\"from\":\"canceled\",\"status\":\"failed\"}",
            "4 {\"from\":\"running\",\"status\":\"success\"}",
            "4 {\"from\":\"success\",\"status\":\"failed\"}",
            "3 {\"from\":\"failed\",\"status\":\"success\"}",
            "4 {\"from\":\"failed\",\"status\":\"success\"}",
        ]
        "#);
    }
);

each_engine!(
    async fn updates_together_wake_an_environment_once(server) {
        let team = team(&server).await;
        for commit in 0..2 {
            record(&team.maintainer, &report("production", commit, "running")).await;
        }
        team.maintainer.post("/projects/1/environments/1/stop").await.json(200);
        settled(&server, &team).await;
        let put = |id: i64| team.maintainer.put(&one(id)).json(&json!({ "status": "success" }));
        let answers = together(&server, vec![put(1), put(2)]).await;
        assert!(answers.iter().all(|answer| answer.status.as_u16() == 200));
        assert_eq!(team.maintainer.get(&one(2)).await.body, answers[1].body);
        let events = server.store.read(|conn| landfall_store::events::after(conn, 0, 1000)).await.unwrap();
        let started = events.iter().filter(|(_, event)| event.kind == landfall_domain::event::Kind::EnvironmentStarted);
        assert_eq!(started.count(), 1);
    }
);

each_engine!(
    // Who is let in is remembered between writes.
    async fn whoever_may_write_no_longer_is_refused_at_the_next_write(server) {
        let team = team(&server).await;
        settled(&server, &team).await;
        let create = |caller: &Caller, commit| caller.post(DEPLOYMENTS).json(&report("production", commit, "running"));
        for commit in 0..3 {
            create(&team.developer, commit).await.json(201);
            create(&team.maintainer, commit).await.json(201);
        }
        let ada = team.root.get("/users?username=ada").await.json(200)[0]["id"].clone();
        let left = team.root.delete(&format!("/projects/1/members/{ada}")).await;
        assert_eq!(left.status.as_u16(), 204);
        assert_eq!(create(&team.developer, 9).await.told(), (404, r#"{"message":"404 Project Not Found"}"#));
        let revoked = team.maintainer.delete("/personal_access_tokens/self").await;
        assert_eq!(revoked.status.as_u16(), 204);
        assert_eq!(create(&team.maintainer, 9).await.status.as_u16(), 401);
        let list = team.reporter.get(DEPLOYMENTS).await.json(200);
        assert_eq!(ids(&list), [1, 2, 3, 4, 5, 6]);
    }
);

each_engine!(
    async fn a_full_queue_refuses_and_loses_nothing(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "running")).await;
        settled(&server, &team).await;
        let held = hold(&server).await;
        let mut waiting = JoinSet::new();
        for commit in 0..16 {
            waiting.spawn(team.developer.post(DEPLOYMENTS).json(&report("production", commit, "running")).into_future());
            waiting.spawn(team.maintainer.put(&one(1)).json(&json!({ "status": "running" })).into_future());
        }
        queued(&server, 32).await;
        for _ in 32..QUEUE {
            let store = server.store.clone();
            tokio::spawn(async move { store.write(|_| Ok::<_, Refusal>(())).await.unwrap() });
        }
        queued(&server, QUEUE).await;
        let refused = [
            team.developer.post(DEPLOYMENTS).json(&report("production", 99, "running")).await,
            team.developer.put(&one(1)).json(&json!({ "status": "success" })).await,
        ];
        for answer in refused {
            assert_eq!(answer.told(), (503, r#"{"message":"503 Service Unavailable"}"#));
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
        assert_eq!(server.store.queued().1, QUEUE);
        // Reads are answered meanwhile.
        assert_eq!(ids(&team.reporter.get(DEPLOYMENTS).await.json(200)), [1]);
        held.release().await;
        let mut made = vec![1];
        for answer in waiting.join_all().await {
            match answer.status.as_u16() {
                201 => made.push(answer.json(201)["id"].as_i64().unwrap()),
                _ => assert_eq!(answer.told(), (400, r#"{"message":{"status":["cannot transition via \"run\""]}}"#)),
            }
        }
        made.sort_unstable();
        assert_eq!(made, (1..=17).collect::<Vec<i64>>());
        assert_eq!(ids(&team.reporter.get(DEPLOYMENTS).await.json(200)), made, "and nothing that was refused");
        let again = team.developer.post(DEPLOYMENTS).json(&report("production", 99, "running")).await.json(201);
        assert_eq!(again["iid"], json!(18));
    }
);
