//! What becomes of the records of a GitLab.

use landfall_store::testing::{Engine, first_column};
use serde_json::{Value, json};

use super::{
    assert_whole, counts, deployments as listed, ids_there, import, imported,
    origin::{Origin, at, deployment, deployments, production},
};
use crate::support::World;

#[test]
fn everything_of_a_deployment_is_kept() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = world.serve_with(&["--external-url", "https://ledger.example"], &[]);
        let token = world.root_token();
        let origin = Origin::new(deployments(3), Some(vec![production()]));
        let summary = imported(&world, &origin.url, &[]);
        assert_eq!(
            summary,
            json!({
                "project": "team/app", "project_id": 1, "origin": "gitlab.example.com", "dry_run": false,
                "deployments": { "created": 3, "updated": 0, "unchanged": 0 },
                "environments": { "created": ["production"], "updated": [] },
                "users": { "created": ["ada"] }, "renumbered": [], "refused": [], "notes": [],
            })
        );
        let (_, project) = server.get("/projects/team%2Fapp", &token);
        assert_eq!(project["visibility"], "internal");
        assert_eq!(project["description"], "What it does");
        let found = listed(&server, &token);
        assert_eq!(ids_there(&found), [1001, 1002, 1003]);
        let mut expected = deployment(1003);
        expected["id"] = json!(3);
        expected["user"]["id"] = found[2]["user"]["id"].clone();
        expected["user"]["state"] = json!("deactivated");
        expected["user"]["web_url"] = json!("https://ledger.example/ada");
        expected["environment"]["id"] = json!(1);
        assert_keeps(&found[2], &expected);
        assert_eq!(
            found[2]["landfall"],
            json!({
                "tag": true, "commit": format!("{:040x}", 1003), "verified": true, "finished_at": at(3),
                "source": "import", "external_id": "gitlab:gitlab.example.com/77/jobs/51003", "owned_by_gitlab": true,
                "origin": { "id": 1003, "url": "https://gitlab.example.com/team/app/-/environments/9/deployments/3" },
            })
        );
        let (_, user) = server.get("/users?username=ada", &token);
        let (_, user) = server.get(&format!("/users/{}", user[0]["id"]), &token);
        assert_eq!(
            (&user["bio"], &user["organization"]),
            (&json!("Counts"), &json!("Analytical Engines"))
        );
        assert_eq!(
            (&user["external"], &user["state"]),
            (&json!(true), &json!("deactivated"))
        );
        let path = "/projects/team%2Fapp/deployments/3";
        let (status, refused) = server.request("PUT", path, &token, "status=failed");
        assert_eq!(
            (status, refused["message"].as_str()),
            (
                403,
                Some("403 Forbidden - Deployments created using GitLab CI can not be updated using the API")
            )
        );
        let environment = |column: &str| rows(&world, &format!("SELECT {column} FROM environments"));
        assert_eq!(environment("slug"), ["prod-abc123"]);
        assert_eq!(environment("state"), ["stopped"]);
        assert_eq!(environment("CAST(tier AS TEXT)"), ["1"]);
        assert_eq!(environment("auto_stop_setting"), ["with_action"]);
        assert_eq!(environment("description"), ["Not what it says"]);
    }
}

fn rows(world: &World, sql: &str) -> Vec<String> {
    let sql = sql.to_owned();
    let store = landfall_store::Store::open(&world.database(), landfall_store::Options::with_readers(1)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime
        .block_on(store.read(move |conn| first_column(conn, &sql)))
        .unwrap()
}

/// Every key of `expected` is in `actual` with the same value.
fn assert_keeps(actual: &Value, expected: &Value) {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            for (key, value) in expected {
                assert_keeps(actual.get(key).unwrap_or_else(|| panic!("{key} is lost")), value);
            }
        }
        (actual, expected) => assert_eq!(actual, expected),
    }
}

#[test]
fn the_answers_of_2019_are_enough() {
    let world = World::new(Engine::Sqlite);
    let server = world.serve();
    let seed = json!({
        "created_at": "2016-08-11T11:32:35.444Z",
        "deployable": {
            "commit": { "author_email": "admin@example.com", "author_name": "Administrator", "title": "Merge",
                "created_at": "2016-08-11T13:28:26.000+02:00", "id": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
                "message": "Merge", "short_id": "a91957a8" },
            "coverage": null, "created_at": "2016-08-11T11:32:24.456Z", "finished_at": "2016-08-11T11:32:35.145Z",
            "id": 664, "name": "deploy", "ref": "master", "runner": null, "stage": "deploy", "started_at": null,
            "status": "success", "tag": false,
            "user": { "id": 1, "name": "Administrator", "username": "root", "skype": "", "bio": null },
        },
        "environment": { "external_url": "https://about.gitlab.com", "id": 9, "name": "production" },
        "id": 42, "iid": 2, "ref": "master", "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
        "user": { "id": 1, "name": "Administrator", "username": "root", "state": "active" },
    });
    let origin = Origin::new(vec![seed], None);
    let summary = imported(&world, &origin.url, &[]);
    assert_eq!(counts(&summary), (1, 0, 0));
    let note = "state and tier of its environments are not known: the list of them answered 404";
    assert_eq!(summary["notes"], json!([note]));
    assert_eq!(summary["users"]["created"], json!([]), "root is here already");
    let found = listed(&server, &world.root_token()).remove(0);
    assert_eq!((&found["iid"], &found["status"]), (&json!(2), &json!("success")));
    assert_eq!(found["updated_at"], "2016-08-11T11:32:35.145Z");
    let finished = &found["landfall"]["finished_at"];
    assert_eq!(
        finished, "2016-08-11T11:32:35.444Z",
        "the job ended before the deployment began"
    );
    assert_eq!(found["environment"]["slug"], "production");
    assert_eq!(
        counts(&imported(&world, &origin.url, &[])),
        (0, 0, 1),
        "without times everything is read again"
    );
}

#[test]
fn a_second_import_brings_what_has_changed_and_doubles_nothing() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = world.serve();
        let token = world.root_token();
        let origin = Origin::new(deployments(250), Some(vec![production()]));
        assert_eq!(counts(&imported(&world, &origin.url, &[])), (250, 0, 0));
        let before = listed(&server, &token);
        origin.change(|all| {
            for deployment in all.iter_mut() {
                deployment["deployable"]["user"]["local_time"] = json!("4:12 AM");
                deployment["deployable"]["runner"]["online"] = json!(false);
            }
        });
        let (created, updated, unchanged) = counts(&imported(&world, &origin.url, &[]));
        assert_eq!((created, updated), (0, 0), "the hour at the user's place is no change");
        assert!(
            (1..250).contains(&unchanged),
            "{unchanged} were read again, and not everything"
        );
        assert_eq!(listed(&server, &token), before);

        origin.change(|all| {
            all.retain(|deployment| deployment["id"] != 1002);
            all[5]["status"] = json!("failed");
            all[5]["updated_at"] = json!(at(9_000));
            all[5]["deployable"]["status"] = json!("failed");
            all[5]["deployable"]["finished_at"] = json!(at(9_000));
            let mut new = deployment(1251);
            new["environment"] = json!({ "id": 10, "name": "review/x", "slug": "review-x-1234ab" });
            new["user"] = json!({ "id": 8, "username": "root", "name": "Another" });
            new["updated_at"] = json!(at(9_001));
            new["created_at"] = json!(at(9_001));
            all.push(new);
        });
        let summary = imported(&world, &origin.url, &[]);
        let (created, updated, _) = counts(&summary);
        assert_eq!((created, updated), (1, 1));
        assert_eq!(summary["environments"]["created"], json!(["review/x"]));
        let after = listed(&server, &token);
        assert_eq!(after.len(), 251, "what was deleted there stays here");
        assert_eq!(
            (&after[6]["status"], &after[6]["landfall"]["finished_at"]),
            (&json!("failed"), &json!(at(9_000)))
        );
        assert_eq!(after[6]["id"], before[6]["id"]);
        assert_eq!(after[6]["deployable"]["status"], "failed");
        assert_eq!(after[250]["user"]["id"], 1, "the user of that name is meant");
        assert_whole(&world);
    }
}

#[test]
fn iids_that_are_taken_here_are_given_anew() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = world.serve();
        let token = world.root_token();
        world.done(&["project", "create", "team/app"]);
        let body = format!(
            "environment=production&sha={}&ref=main&tag=false&status=running",
            "a".repeat(40)
        );
        for _ in 0..2 {
            assert_eq!(server.post("/projects/team%2Fapp/deployments", &token, &body).0, 201);
        }
        let origin = Origin::new(deployments(4), None);
        let summary = imported(&world, &origin.url, &[]);
        assert_eq!(
            summary["renumbered"],
            json!([{ "there": 1, "here": 3 }, { "there": 2, "here": 4 },
            { "there": 3, "here": 5 }, { "there": 4, "here": 6 }])
        );
        let text = import(&world, &origin.url, &[]).stdout;
        assert_eq!(
            text,
            "team/app: 0 deployments new, 0 changed, 4 unchanged; 0 environments new, 0 changed; 0 users new\n  \
            state and tier of its environments are not known: the list of them answered 404\n"
        );
        let (_, made) = server.post("/projects/team%2Fapp/deployments", &token, &body);
        assert_eq!(made["iid"], 7, "numbering goes on above what was imported");
    }
}

#[test]
fn users_are_known_by_their_public_address_too() {
    let world = World::new(Engine::Sqlite);
    let server = world.serve();
    world.done(&["user", "create", "countess"]);
    world.done(&["user", "update", "countess", "--public-email", "ADA@example.com"]);
    let origin = Origin::new(deployments(1), None);
    let summary = imported(&world, &origin.url, &[]);
    assert_eq!(summary["users"]["created"], json!([]));
    assert_eq!(listed(&server, &world.root_token())[0]["user"]["username"], "countess");
}

#[test]
fn a_group_brings_its_projects_and_a_dry_run_nothing() {
    let world = World::new(Engine::Sqlite);
    let origin = Origin::new(deployments(120), Some(vec![production()]));
    origin.add_project(78, "team/sub/lib");
    origin.add_project(79, "other/tool");
    let mut command = world.command(&[
        "import",
        "gitlab",
        "--url",
        &origin.url,
        "--token-env",
        "T",
        "--group",
        "team",
    ]);
    command.args(["--dry-run", "--format", "json"]).env("T", super::TOKEN);
    let answer = crate::support::finish(&mut command);
    let summaries: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(counts(&summaries[0]), (120, 0, 0));
    assert_eq!(
        (&summaries[0]["project_id"], &summaries[0]["dry_run"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(summaries[0]["users"]["created"], json!(["ada"]));
    assert_eq!(
        (&summaries[1]["project"], counts(&summaries[1])),
        (&json!("team/sub/lib"), (0, 0, 0))
    );
    assert_eq!(summaries.as_array().map(Vec::len), Some(2));
    assert!(
        !world.work().join("landfall-data").exists(),
        "not even a database is made"
    );
    world.done(&["migrate"]);
    let text = import(&world, &origin.url, &["--dry-run"]);
    assert!(
        text.stdout.ends_with("Nothing was written: this was a dry run.\n"),
        "{}",
        text.stdout
    );
    assert!(!world.done(&["project", "list"]).contains("team/app"));
    assert!(!world.done(&["user", "list"]).contains("ada"));
}

#[test]
fn since_brings_only_what_changed_later() {
    let world = World::new(Engine::Sqlite);
    let server = world.serve();
    let origin = Origin::new(deployments(200), None);
    assert_eq!(
        counts(&imported(&world, &origin.url, &["--since", &at(150)])),
        (51, 0, 0)
    );
    assert_eq!(ids_there(&listed(&server, &world.root_token()))[0], 1150);
    assert_eq!(
        counts(&imported(&world, &origin.url, &[])),
        (149, 0, 51),
        "later everything else comes"
    );
}
