//! What the commands print, in both formats, on both engines.

use landfall_store::testing::{Engine, first_column};
use serde_json::{Value, json};

use crate::support::World;

/// A record without the keys that differ in every run.
fn keys(record: &Value, names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), record[*name].clone()))
        .collect()
}

/// The lines of a table, each cut into its cells.
fn table(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        line.split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect()
    };
    text.lines().map(cells).collect()
}

#[test]
fn users() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let create = [
            "user",
            "create",
            "alice",
            "--name",
            "Alice Smith",
            "--email",
            "alice@example.com",
            "--admin",
        ];
        assert_eq!(world.done(&create), "1\n");
        let bob = world.json(&["user", "create", "bob", "--external"]);
        assert_eq!(
            keys(
                &bob,
                &[
                    "id", "username", "name", "email", "state", "is_admin", "external", "web_url"
                ]
            ),
            json!({
                "id": 2, "username": "bob", "name": "bob", "email": "", "state": "active", "is_admin": false,
                "external": true, "web_url": "http://127.0.0.1:8080/bob",
            })
        );
        assert_eq!(
            table(&world.done(&["user", "list"])),
            [
                vec!["ID", "USERNAME", "NAME", "EMAIL", "STATE", "ADMIN", "EXTERNAL"],
                vec!["1", "alice", "Alice Smith", "alice@example.com", "active", "yes", "no"],
                vec!["2", "bob", "bob", "active", "no", "yes"],
            ]
        );
        assert_eq!(world.json(&["user", "list"])[1], bob);

        let update = [
            "user",
            "update",
            "Bob",
            "--name",
            "Bob B",
            "--email",
            "b@example.com",
            "--public-email",
            "p@example.com",
            "--avatar-url",
            "https://example.com/b.png",
            "--admin",
            "true",
            "--external",
            "false",
            "--state",
            "deactivated",
        ];
        assert_eq!(world.done(&update), "");
        let updated = &world.json(&["user", "list"])[1];
        assert_eq!(
            keys(
                updated,
                &[
                    "name",
                    "email",
                    "public_email",
                    "avatar_url",
                    "is_admin",
                    "external",
                    "state"
                ]
            ),
            json!({
                "name": "Bob B", "email": "b@example.com", "public_email": "p@example.com",
                "avatar_url": "https://example.com/b.png", "is_admin": true, "external": false, "state": "deactivated",
            })
        );
        let cleared = world.json(&["user", "update", "bob", "--avatar-url", "", "--email", ""]);
        assert_eq!(
            keys(&cleared, &["avatar_url", "email"]),
            json!({ "avatar_url": null, "email": "" })
        );
    }
}

#[test]
fn tokens() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        world.done(&["user", "create", "alice"]);
        let secret = world.done(&["token", "create", "--user", "alice"]);
        assert!(secret.starts_with("ldf-") && secret.trim_end().len() == 36, "{secret}");
        let made = world.json(&[
            "token",
            "create",
            "--user",
            "alice",
            "--name",
            "ci",
            "--scopes",
            "read_user,read_api",
            "--expires-at",
            "2999-12-31",
        ]);
        assert!(made["token"].as_str().unwrap().starts_with("ldf-"));
        assert_eq!(
            keys(
                &made,
                &["id", "name", "scopes", "expires_at", "revoked", "active", "user_id"]
            ),
            json!({
                "id": 2, "name": "ci", "scopes": ["read_api", "read_user"], "expires_at": "2999-12-31", "revoked": false,
                "active": true, "user_id": 1,
            })
        );
        assert_eq!(world.done(&["token", "revoke", "1"]), "");
        let again = world.json(&["token", "revoke", "1"]);
        assert_eq!(
            keys(&again, &["id", "revoked", "active"]),
            json!({ "id": 1, "revoked": true, "active": false })
        );

        let list = world.done(&["token", "list", "--user", "alice"]);
        let rows = table(&list);
        assert_eq!(
            rows[0],
            ["ID", "NAME", "SCOPES", "STATE", "EXPIRES", "CREATED", "LAST USED"]
        );
        assert_eq!(rows[1][..5], ["1", "Command line", "api", "revoked", "-"]);
        assert_eq!(rows[2][..5], ["2", "ci", "read_api,read_user", "active", "2999-12-31"]);
        let records = world.json(&["token", "list", "--user", "alice"]);
        assert_eq!(records[1]["name"], "ci");
        assert_eq!(records[1].get("token"), None, "a secret is shown once");
        assert!(!list.contains("ldf-"));
    }
}

#[test]
fn the_forge_of_a_project() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let create = [
            "project",
            "create",
            "team/app",
            "--forge-url",
            "https://forge.example/team/app.git",
        ];
        let forge = |record: &Value| record["landfall"]["forge_url"].clone();
        assert_eq!(forge(&world.json(&create)), json!("https://forge.example/team/app"));
        let update = |url: &str| forge(&world.json(&["project", "update", "1", "--forge-url", url]));
        assert_eq!(update("https://other.example/app/"), json!("https://other.example/app"));
        assert_eq!(update(""), json!(null));
    }
}

#[test]
fn projects() {
    for engine in Engine::ALL {
        let (world, _) = World::with_repository(engine);
        let git_dir = world.work().join(".git").display().to_string();
        assert_eq!(world.done(&["project", "create", "team/app"]), "1\n");
        let made = world.json(&[
            "project",
            "create",
            "team/web/site",
            "--repository",
            ".",
            "--visibility",
            "internal",
            "--description",
            "The site",
        ]);
        assert_eq!(
            keys(
                &made,
                &[
                    "id",
                    "path_with_namespace",
                    "visibility",
                    "default_branch",
                    "description",
                    "landfall"
                ]
            ),
            json!({
                "id": 2, "path_with_namespace": "team/web/site", "visibility": "internal", "default_branch": "main",
                "description": "The site",
                "landfall": { "repository": git_dir, "forge_url": null },
            })
        );
        let update = [
            "project",
            "update",
            "team/app",
            "--visibility",
            "public",
            "--description",
            "x",
            "--default-branch",
            "trunk",
            "--repository",
            ".git",
            "--archived",
            "true",
            "--repository-access",
            "private",
            "--builds-access",
            "disabled",
            "--environments-access",
            "private",
        ];
        assert_eq!(world.done(&update), "");
        assert_eq!(
            table(&world.done(&["project", "list"])),
            [
                vec!["ID", "PATH", "VISIBILITY", "ARCHIVED", "DEFAULT BRANCH", "REPOSITORY"],
                vec!["1", "team/app", "public", "yes", "trunk", &git_dir],
                vec!["2", "team/web/site", "internal", "no", "main", &git_dir],
            ]
        );
        let updated = &world.json(&["project", "list"])[0];
        assert_eq!(
            keys(
                updated,
                &[
                    "repository_access_level",
                    "builds_access_level",
                    "environments_access_level",
                    "archived"
                ]
            ),
            json!({
                "repository_access_level": "private", "builds_access_level": "disabled",
                "environments_access_level": "private", "archived": true,
            })
        );
        let cleared = world.json(&["project", "update", "1", "--repository", "", "--description", ""]);
        assert_eq!(
            keys(&cleared, &["description", "landfall"]),
            json!({ "description": null, "landfall": { "repository": null, "forge_url": null } })
        );
        let moved = world.json(&["project", "move", "1", "platform/app"]);
        assert_eq!(
            keys(&moved, &["id", "path_with_namespace"]),
            json!({ "id": 1, "path_with_namespace": "platform/app" })
        );
        assert_eq!(
            world.done(&["project", "move", "team/app", "platform/app2"]),
            "",
            "the old path leads to it"
        );
        assert_eq!(
            world.json(&["project", "list"])[0]["path_with_namespace"],
            "platform/app2"
        );
    }
}

#[test]
fn lists_have_no_end_at_a_page() {
    let world = World::new(Engine::Sqlite);
    world.done(&["migrate"]);
    for number in 1..=250 {
        run(
            &world,
            &format!(
                "INSERT INTO users (username, name, email, public_email, state, admin, external, bot, linkedin, twitter, discord, \
             github, skype, website_url, organization, job_title, created_at) VALUES ('u{number}', 'u', '', '', 'active', \
             0, 0, 0, '', '', '', '', '', '', '', '', 0)"
            ),
        );
    }
    let users = world.json(&["user", "list"]);
    let ids: Vec<i64> = users
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids, (1..=250).collect::<Vec<_>>());
}

fn run(world: &World, sql: &str) {
    landfall_store::testing::run_sql(&world.database(), sql);
}

#[test]
fn members() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        world.done(&["project", "create", "team/app"]);
        world.done(&["user", "create", "alice", "--name", "Alice Smith"]);
        world.done(&["user", "create", "bob"]);
        assert_eq!(world.done(&["member", "set", "1", "alice", "maintainer"]), "");
        let set = world.json(&["member", "set", "team/app", "bob", "20", "--expires-at", "2999-01-01"]);
        assert_eq!(
            keys(&set, &["id", "username", "access_level", "expires_at"]),
            json!({ "id": 2, "username": "bob", "access_level": 20, "expires_at": "2999-01-01" })
        );
        world.done(&["member", "set", "team/app", "bob", "Security Manager"]);
        assert_eq!(
            table(&world.done(&["member", "list", "team/app"])),
            [
                vec!["ID", "USERNAME", "NAME", "LEVEL", "EXPIRES"],
                vec!["1", "alice", "Alice Smith", "Maintainer (40)", "-"],
                vec!["2", "bob", "bob", "Security Manager (25)", "-"],
            ]
        );
        assert_eq!(world.json(&["member", "list", "1"])[0]["access_level"], 40);
        assert_eq!(world.done(&["member", "remove", "team/app", "bob"]), "");
        assert_eq!(world.json(&["member", "list", "1"]).as_array().unwrap().len(), 1);
        // A group's path does as well.
        world.done(&["member", "set", "team", "bob", "owner"]);
        assert_eq!(world.json(&["member", "list", "TEAM"])[0]["username"], "bob");
        assert_eq!(world.json(&["member", "list", "team/app"]).as_array().unwrap().len(), 1);
    }
}

#[test]
fn migrations() {
    let world = World::new(Engine::Sqlite);
    let first = world.json(&["migrate"]);
    assert_eq!(first["applied"][0], "V1__init");
    let version = first["version"].as_i64().unwrap();
    assert_eq!(world.json(&["migrate"]), json!({ "version": version, "applied": [] }));
    assert_eq!(
        world.done(&["migrate"]),
        format!("The database is at version {version} already.\n")
    );
    let other = ["migrate", "--database-url", "sqlite:other.db"];
    let text = world.done(&other);
    assert!(
        text.starts_with(&format!("The database is at version {version} now; applied: V1__init")),
        "{text}"
    );
}

#[tokio::test]
async fn every_change_is_an_event() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        for command in [
            &["user", "create", "alice"][..],
            &["user", "update", "alice", "--admin", "true"],
            &["user", "update", "alice", "--admin", "true"],
            &["token", "create", "--user", "alice"],
            &["token", "revoke", "1"],
            &["token", "revoke", "1"],
            &["project", "create", "team/app"],
            &["project", "update", "1", "--archived", "true"],
            &["project", "move", "1", "team/api"],
            &["member", "set", "1", "alice", "30"],
            &["member", "remove", "1", "alice"],
        ] {
            world.done(command);
        }
        let store = landfall_store::Store::open(&world.database(), landfall_store::Options::with_readers(1)).unwrap();
        let kinds = store
            .read(|conn| first_column(conn, "SELECT kind FROM events ORDER BY id"))
            .await
            .unwrap();
        assert_eq!(
            kinds,
            [
                "user_created",
                "user_updated",
                "token_created",
                "token_revoked",
                "project_created",
                "project_updated",
                "project_updated",
                "member_changed",
                "member_changed",
            ],
            "{engine:?}: what changes nothing is no event"
        );
    }
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let world = World::new(Engine::Sqlite);
    world.done(&["user", "create", "alice", "--name", "A\u{1b}[2Jlice\nB"]);
    assert!(world.done(&["user", "list"]).contains("A\u{fffd}[2Jlice\u{fffd}B"));
}
