//! The first ten minutes.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use landfall_store::testing::Engine;
use serde_json::{Value, json};

use crate::support::{Server, World, clean, finish};

/// Pastes a line into a shell; answers the status and the body.
fn paste(world: &World, line: &str) -> (u16, Value) {
    // Nothing is added to the line itself: curl reads this file too.
    let home = world.outside();
    fs::write(home.join(".curlrc"), "silent\nwrite-out = \"\\n%{http_code}\"\n").unwrap();
    let answer = finish(
        clean("sh")
            .args(["-c", line])
            .current_dir(world.work())
            .env("HOME", home)
            .env_remove("CURL_HOME")
            .env_remove("XDG_CONFIG_HOME"),
    );
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{line}");
    let (body, status) = answer.stdout.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), serde_json::from_str(body).unwrap())
}

/// Pastes the four lines one after the other, and checks what comes back.
fn paste_the_four(world: &World, lines: &[String], sha: &str, git_ref: &str) {
    assert_eq!(paste(world, &lines[0]), (200, json!([])));
    let (status, created) = paste(world, &lines[1]);
    assert_eq!(status, 201, "{created}");
    assert_eq!(created["sha"], sha);
    assert_eq!(created["ref"], git_ref);
    assert_eq!(created["status"], "running");
    assert_eq!(created["environment"]["name"], "production");
    assert_eq!(paste(world, &lines[2]), (200, created.clone()));
    let (status, updated) = paste(world, &lines[3]);
    assert_eq!((status, &updated["status"]), (200, &json!("success")));
    assert_eq!(updated["id"], created["id"]);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn in_a_repository_the_four_lines_work_as_printed() {
    for engine in Engine::ALL {
        let (world, commit) = World::with_repository(engine);
        let mut server = world.serve();
        let lines = server.curl_lines(4);
        paste_the_four(&world, &lines, &commit, "main");

        let (_, project) = server.get("/projects/1", &world.root_token());
        assert_eq!(project["path_with_namespace"], "root/work");
        assert_eq!(project["default_branch"], "main");
        assert_eq!(project["visibility"], "private");
        assert_eq!(project["owner"]["username"], "root");
    }
}

#[test]
fn the_lines_are_those_of_the_documentation() {
    let (world, commit) = World::with_repository(Engine::Sqlite);
    let mut server = world.serve();
    let url = format!("http://{}/api/v4/projects/1/deployments", server.address);
    let header = format!("--header \"PRIVATE-TOKEN: $(cat {})\"", world.token_file().display());
    let record = format!("environment=production&sha={commit}&ref=main&tag=false&status=running");
    assert_eq!(
        server.curl_lines(4),
        [
            format!("curl {header} \"{url}\""),
            format!("curl --data \"{record}\" {header} \"{url}\""),
            format!("curl {header} \"{url}/1\""),
            format!("curl --request PUT --data \"status=success\" {header} \"{url}/1\""),
        ]
    );
}

#[test]
fn odd_names_do_no_harm_to_the_shell() {
    let world = World::named(Engine::Sqlite, "it's $(touch pwned) a & b");
    let branch = "a&b;$(touch${IFS}pwned)`touch${IFS}pwned`'\"+%41";
    world.git(&["init", "--quiet", &format!("--initial-branch={branch}")]);
    let commit = world.commit();
    let mut server = world.serve();
    let lines = server.curl_lines(4);
    paste_the_four(&world, &lines, &commit, branch);
    assert!(!world.work().join("pwned").exists());
    let (_, project) = server.get("/projects/1", &world.root_token());
    assert_eq!(project["path_with_namespace"], "root/it-s-touch-pwned-a-b");
}

#[test]
fn a_detached_head_and_a_repository_without_commits() {
    let (detached, commit) = World::with_repository(Engine::Sqlite);
    detached.git(&["checkout", "--quiet", "--detach"]);
    let lines = detached.serve().curl_lines(4);
    assert!(lines[1].contains(&format!("sha={commit}&ref=HEAD&")), "{}", lines[1]);

    let empty = World::new(Engine::Sqlite);
    empty.git(&["init", "--quiet", "--initial-branch=trunk"]);
    let mut server = empty.serve();
    let lines = server.curl_lines(4);
    let commit = empty.commit();
    paste_the_four(&empty, &lines, &commit, "trunk");
}

#[test]
fn without_a_repository_the_first_line_makes_a_project() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let mut server = world.serve();
        let lines = server.curl_lines(5);
        let (status, project) = paste(&world, &lines[0]);
        assert_eq!(
            (status, &project["path_with_namespace"]),
            (201, &json!("root/demo")),
            "{project}"
        );
        paste_the_four(&world, &lines[1..], "a91957a858320c0e17f3a0eca7cfacbff50ea29a", "main");
    }
}

#[test]
fn the_administrator_and_its_token() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = world.serve();
        assert_eq!(mode(&world.token_file()), 0o600);
        assert_eq!(mode(&world.work().join("landfall-data")), 0o700);
        assert_eq!(
            fs::read_to_string(world.work().join("landfall-data/.gitignore")).unwrap(),
            "*\n"
        );
        let token = world.root_token();
        assert!(token.starts_with("ldf-"), "{token}");
        let (_, user) = server.get("/user", &token);
        for (key, value) in [
            ("id", json!(1)),
            ("username", json!("root")),
            ("name", json!("Administrator")),
            ("email", json!("admin@example.com")),
            ("is_admin", json!(true)),
        ] {
            assert_eq!(user[key], value, "{engine:?} {key}");
        }
        let (_, record) = server.get("/personal_access_tokens/self", &token);
        assert_eq!(
            record["scopes"],
            json!(["api", "read_api", "read_user", "sudo", "self_rotate"])
        );
        assert!(!server.stop().contains(&token), "the terminal must not see the token");
    }
}

#[test]
fn a_second_start_tells_where_the_token_is() {
    for engine in Engine::ALL {
        let (world, _) = World::with_repository(engine);
        drop(world.serve());
        let token = world.root_token();
        let server = world.serve();
        let address = format!("http://{}", server.address);
        assert_eq!(server.get("/user", &token).0, 200);
        let rest = server.stop();
        assert!(rest.contains(world.token_file().to_str().unwrap()), "{rest}");
        assert!(!rest.contains("curl ") && !rest.contains(&token), "{rest}");
        assert!(!rest.contains(&address), "{rest}");
        assert_eq!(world.root_token(), token);
        assert_eq!(
            world
                .json(&["token", "list", "--user", "root"])
                .as_array()
                .unwrap()
                .len(),
            1
        );
        assert_eq!(world.json(&["project", "list"]).as_array().unwrap().len(), 1);
    }
}

#[test]
fn a_node_that_joins_later_tells_how_to_get_a_token() {
    let world = World::new(Engine::Postgres);
    drop(world.serve());
    let elsewhere = world.outside().join("other-node");
    let server = world.serve_with(&["--data-dir", elsewhere.to_str().unwrap()], &[]);
    let rest = server.stop();
    assert!(rest.contains("landfall token create --user root"), "{rest}");
    assert!(!elsewhere.join("root-token").exists());
}

#[test]
fn the_operator_may_choose_the_token() {
    let world = World::new(Engine::Sqlite);
    let chosen = [("LANDFALL_ROOT_TOKEN", "a-token-of-my-own")];
    let server = world.serve_with(&[], &chosen);
    assert_eq!(world.root_token(), "a-token-of-my-own");
    assert_eq!(server.get("/user", "a-token-of-my-own").0, 200);
}

#[test]
fn a_token_that_could_be_guessed_or_not_sent_is_refused() {
    for token in ["short", "", "1234567", "has blanks in it"] {
        let world = World::new(Engine::Sqlite);
        let mut command = world.command(&["serve", "--listen", "127.0.0.1:0"]);
        let answer = finish(command.env("LANDFALL_ROOT_TOKEN", token));
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{token}");
        assert!(
            answer.stderr.contains("LANDFALL_ROOT_TOKEN must have 8 or more"),
            "{}",
            answer.stderr
        );
        assert!(!world.token_file().exists());
    }
}

#[test]
fn a_token_file_that_is_there_is_the_token_of_a_new_database_too() {
    let world = World::new(Engine::Sqlite);
    drop(world.serve());
    let token = world.root_token();
    let other = format!("sqlite:{}", world.outside().join("other.db").display());
    let server: Server = world.serve_with(&["--database-url", &other], &[]);
    assert_eq!(
        world.root_token(),
        token,
        "the first database must not lose its only token"
    );
    assert_eq!(server.get("/user", &token).0, 200);
}

#[test]
fn a_database_with_users_is_left_as_it_is() {
    let world = World::new(Engine::Sqlite);
    world.done(&["user", "create", "alice"]);
    drop(world.serve());
    assert!(!world.token_file().exists());
    assert_eq!(world.json(&["user", "list"]).as_array().unwrap().len(), 1);
}
