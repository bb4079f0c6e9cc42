//! `landfall hook-source` and `landfall inbox`, on both engines.

use landfall_store::testing::Engine;
use serde_json::{Value, json};

use crate::support::{Server, World};

const SECRET: &str = "a-secret-of-the-hooks";

/// The lines of a table, each cut into its cells.
fn table(text: &str) -> Vec<Vec<&str>> {
    let cells = |line| {
        str::split(line, "  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .collect()
    };
    text.lines().map(cells).collect()
}

fn without<'a>(record: &Value, names: impl IntoIterator<Item = &'a str>) -> Value {
    let mut record = record.clone();
    for name in names {
        assert!(
            record.as_object_mut().unwrap().remove(name).is_some(),
            "{name} is missing"
        );
    }
    record
}

#[test]
fn hook_sources_are_made_listed_given_another_secret_and_deleted() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        world.done(&["user", "create", "robot"]);
        world.done(&["project", "create", "team/app"]);
        let secret = world.done(&[
            "hook-source",
            "create",
            "gitlab",
            "--group",
            "team",
            "--map",
            "their/app=team/app",
        ]);
        assert!(secret.trim_end().len() >= 16 && !secret.contains(' '), "{secret}");
        let create = [
            "hook-source",
            "create",
            "github",
            "--project",
            "team/app",
            "--name",
            "our forge",
            "--user",
            "robot",
        ];
        let made = world.json(&[&create[..], &["--secret", SECRET]].concat());
        let shown = json!({
            "id": 2, "sender": "github", "name": "our forge", "url": "http://127.0.0.1:8080/hooks/github/2",
            "project_id": 1, "group_id": null, "user_id": 1,
        });
        assert_eq!(without(&made, ["created_at", "secret"]), shown);
        assert_eq!(made["secret"], SECRET);

        let list = world.done(&["hook-source", "list"]);
        let rows = table(&list);
        assert_eq!(rows[0], ["ID", "SENDER", "FOR", "NAME", "USER", "CREATED"]);
        assert_eq!(rows[1][..4], ["1", "gitlab", "team/…", "-"]);
        assert_eq!(rows[2][..5], ["2", "github", "team/app", "our forge", "robot"]);
        let listed = world.json(&["hook-source", "list"]);
        assert_eq!(without(&listed[1], ["created_at"]), shown, "a secret is shown once");

        let rotated = world.done(&["hook-source", "rotate", "2", "--secret", "another-secret-of-the-hooks"]);
        assert_eq!(rotated, "another-secret-of-the-hooks\n");
        let server = world.serve();
        let ping = |secret: &str| server.hook("/hooks/gitlab", &[("X-Gitlab-Token", secret)], "{}").0;
        assert_eq!(
            (ping(secret.trim_end()), ping("another-one-of-that-length")),
            (202, 401)
        );
        assert_eq!(world.done(&["hook-source", "delete", "1"]), "");
        assert_eq!(ping(secret.trim_end()), 401, "its secret opens nothing any more");
        assert_eq!(world.json(&["hook-source", "list"]).as_array().unwrap().len(), 1);
        let deleted = world.json(&["hook-source", "delete", "2"]);
        assert_eq!(without(&deleted, ["created_at"]), shown);
    }
}

#[test]
fn what_cannot_be_a_hook_source_is_told() {
    let world = World::new(Engine::Sqlite);
    world.done(&["project", "create", "team/app"]);
    let create = |flags: &[&str]| world.failed(&[&["hook-source", "create", "gitlab"], flags].concat());
    let project = ["--project", "team/app"];
    assert_eq!(
        create(&["--project", "team/none"]),
        "error: there is no project 'team/none'; `landfall project list` shows them all\n"
    );
    assert_eq!(
        create(&["--group", "none"]),
        "error: there is no group 'none'; a group is made with the first project in it: `landfall project create \
         none/PROJECT`\n"
    );
    assert_eq!(
        create(&[&project[..], &["--secret", "short"]].concat()),
        "error: secret is too short (minimum is 16 characters)\n"
    );
    assert_eq!(
        create(&[&project[..], &["--user", "nobody"]].concat()),
        "error: there is no user 'nobody'; `landfall user list` shows them all\n"
    );
    world.done(&["hook-source", "create", "gitlab", "--project", "1", "--secret", SECRET]);
    assert_eq!(
        create(&[&project[..], &["--secret", SECRET]].concat()),
        "error: secret has already been taken\n"
    );
    for command in [["hook-source", "rotate", "9"], ["hook-source", "delete", "9"]] {
        assert_eq!(
            world.failed(&command),
            "error: there is no hook source 9; `landfall hook-source list` shows them all\n"
        );
    }
    for wrong in [
        &["hook-source", "create", "gitlab"][..],
        &["hook-source", "create", "bitbucket", "--project", "1"],
        &["hook-source", "create", "gitlab", "--project", "1", "--group", "team"],
        &["hook-source", "create", "gitlab", "--group", "team", "--map", "app"],
        &["inbox", "replay"],
        &["inbox", "list", "--state", "new"],
    ] {
        assert_eq!(world.run(wrong).code, 2, "{wrong:?}");
    }
}

/// A server, to which have been sent a job, something else, and nonsense; all of it is read.
fn three_deliveries(world: &World) -> Server {
    let server = world.serve();
    world.done(&["project", "create", "team/app"]);
    world.done(&[
        "hook-source",
        "create",
        "gitlab",
        "--project",
        "team/app",
        "--secret",
        SECRET,
    ]);
    let job = json!({
        "object_kind": "build", "build_id": 7, "build_name": "deploy", "build_status": "success", "ref": "main",
        "sha": "a".repeat(40), "build_finished_at": "2026-03-02T10:06:41Z", "project_id": 77,
        "environment": { "name": "production", "action": "start" },
        "project": { "id": 77, "path_with_namespace": "their/app", "web_url": "https://gitlab.example.com/their/app" },
    });
    let bodies = [
        ("Job Hook", job.to_string()),
        ("Push Hook", "{\"object_kind\":\"push\"}".to_owned()),
        ("Job Hook", "{\u{1b}".to_owned()),
    ];
    for (number, (event, body)) in bodies.iter().enumerate() {
        let key = format!("key {number}");
        let headers = [
            ("X-Gitlab-Event", *event),
            ("X-Gitlab-Token", SECRET),
            ("Idempotency-Key", &key),
            ("Cookie", "c"),
        ];
        assert_eq!(server.hook("/hooks/gitlab", &headers, body).0, 202);
    }
    world.wait_until_read();
    server
}

#[test]
fn the_inbox_is_listed_shown_and_replayed() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = three_deliveries(&world);
        let list = world.done(&["inbox", "list"]);
        let rows = table(&list);
        let brief: Vec<Vec<&str>> = rows.iter().map(|row| [&row[..1], &row[2..]].concat()).collect();
        assert_eq!(
            brief,
            [
                vec!["ID", "SENDER", "SOURCE", "EVENT", "STATE", "NOTE"],
                vec![
                    "3",
                    "gitlab",
                    "1",
                    "Job Hook",
                    "failed",
                    "the body is not JSON: key must be a string at line 1 column 2"
                ],
                vec![
                    "2",
                    "gitlab",
                    "1",
                    "Push Hook",
                    "ignored",
                    "the event says nothing about deployments"
                ],
                vec!["1", "gitlab", "1", "Job Hook", "done", "-"],
            ]
        );
        let ids = |flags: &[&str]| -> Vec<i64> {
            let listed = world.json(&[&["inbox", "list"], flags].concat());
            listed
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_i64().unwrap())
                .collect()
        };
        assert_eq!(ids(&["--state", "failed"]), [3]);
        assert_eq!(ids(&["--source", "1", "--limit", "2"]), [3, 2]);
        assert_eq!(ids(&["--source", "2"]), Vec::<i64>::new());

        let shown = world.done(&["inbox", "show", "2"]);
        let (first, rest) = shown.split_once('\n').unwrap();
        assert!(
            first.starts_with("Delivery 2 of gitlab, from source 1, received 20"),
            "{first}"
        );
        assert!(
            first.ends_with(": ignored, the event says nothing about deployments"),
            "{first}"
        );
        assert!(
            rest.contains("\nx-gitlab-event: Push Hook\n") && rest.ends_with("\n\n{\"object_kind\":\"push\"}\n"),
            "{rest}"
        );
        assert!(!rest.contains(SECRET) && !rest.contains("cookie"), "{rest}");
        assert!(
            world.done(&["inbox", "show", "3"]).ends_with("\n\n{\u{fffd}\n"),
            "no terminal is told anything"
        );
        let whole = world.json(&["inbox", "show", "3"]);
        assert_eq!(
            (&whole["body"], &whole["headers"]["idempotency-key"], &whole["state"]),
            (&json!("{\u{1b}"), &json!("key 2"), &json!("failed"))
        );

        // Nobody reads while no server runs; the next one does.
        server.stop();
        assert_eq!(world.done(&["inbox", "replay", "1"]), "");
        assert_eq!(
            world.done(&["inbox", "replay", "--failed"]),
            "Deliveries to be read once more: 1.\n"
        );
        assert_eq!(world.json(&["inbox", "replay", "--failed"]), json!({ "replayed": 0 }));
        assert_eq!(ids(&["--state", "waiting"]), [3, 1]);
        let replayed = world.json(&["inbox", "replay", "2"]);
        assert_eq!(
            (&replayed["state"], &replayed["note"], &replayed["attempts"]),
            (&json!("waiting"), &json!(null), &json!(0))
        );
        let server = world.serve();
        world.wait_until_read();
        let states: Vec<Value> = (1..4)
            .map(|id| world.json(&["inbox", "show", &id.to_string()])["state"].clone())
            .collect();
        assert_eq!(json!(states), json!(["done", "ignored", "failed"]));
        let (_, found) = server.get("/projects/1/deployments", &world.root_token());
        assert_eq!(found.as_array().unwrap().len(), 1, "read twice, recorded once");
        for command in [["inbox", "show", "9"], ["inbox", "replay", "9"]] {
            assert_eq!(
                world.failed(&command),
                "error: there is no delivery 9; `landfall inbox list` shows the newest ones\n"
            );
        }
    }
}
