//! Servers that answer late, wrongly or not at all.

use landfall_store::testing::Engine;
use serde_json::json;

use super::{
    TOKEN, command, counts, deployments as listed, ids_there, import, imported,
    origin::{Instead, Origin, deployments},
};
use crate::support::{World, finish};

const LIMITED: Instead = Instead::Say("429 Too Many Requests", "Retry-After: 0\r\n", "Retry later\n");
const BUSY: Instead = Instead::Say("503 Service Unavailable", "Retry-After: 0\r\n", "");
const BAD_GATEWAY: Instead = Instead::Say("502 Bad Gateway", "", "<html>");

#[test]
fn limits_failures_and_cut_connections_are_waited_out() {
    let world = World::new(Engine::Sqlite);
    let server = world.serve();
    let origin = Origin::new(deployments(450), None);
    for (number, instead) in [
        (1, LIMITED),
        (3, BUSY),
        (5, Instead::Cut),
        (7, BAD_GATEWAY),
        (9, LIMITED),
    ] {
        origin.instead(number, instead);
    }
    assert_eq!(counts(&imported(&world, &origin.url, &[])), (450, 0, 0));
    let found = ids_there(&listed(&server, &world.root_token()));
    assert!(found.into_iter().eq(1001..=1450));
}

#[test]
fn what_is_deleted_there_meanwhile_hides_nothing() {
    let world = World::new(Engine::Sqlite);
    let server = world.serve();
    let origin = Origin::new(deployments(600), None);
    // The first two requests ask for the newest ones; then each page is one.
    for (after, ids) in [(3, 1001..=1003), (4, 1050..=1170), (6, 1200..=1201)] {
        ids.for_each(|id| origin.delete_after(after, id));
    }
    imported(&world, &origin.url, &[]);
    let found = ids_there(&listed(&server, &world.root_token()));
    let gone = |id: &i64| (1001..=1003).contains(id) || (1050..=1170).contains(id) || (1200..=1201).contains(id);
    let missing: Vec<i64> = (1001..=1600).filter(|id| !found.contains(id) && !gone(id)).collect();
    assert_eq!(missing, Vec::<i64>::new());
    assert!(found.is_sorted());
}

#[test]
fn lists_without_totals_are_read_to_their_end() {
    let world = World::new(Engine::Sqlite);
    let origin = Origin::new(deployments(10_050), None);
    assert_eq!(counts(&imported(&world, &origin.url, &["--dry-run"])), (10_050, 0, 0));
}

#[test]
fn a_record_that_makes_no_sense_is_left_out_and_told() {
    let world = World::new(Engine::Sqlite);
    let server = world.serve();
    let mut all = deployments(9);
    all[1]["status"] = json!("levitating");
    all[2]["environment"] = json!(null);
    all[3]["deployable"]["pipeline"] = json!("x");
    all[4]["ref"] = json!("a\u{0}b");
    all[5]["environment"]["external_url"] = json!("javascript:alert(1)");
    all[6]["ref"] = json!("x".repeat(2000));
    all[7]["iid"] = json!(i64::MAX);
    let origin = Origin::new(all, None);
    let answer = import(&world, &origin.url, &[]);
    assert_eq!(answer.code, 1);
    assert!(
        answer
            .stderr
            .contains("error: 5 records are left out, as the summary says; a later import with --since"),
        "{}",
        answer.stderr
    );
    for line in [
        "  deployment 1002 is left out: status must be created, running, success, failed, canceled, skipped or blocked",
        "  deployment 1003 is left out: environment is missing",
        "  deployment 1004 is left out: deployable[pipeline] is invalid",
        "  deployment 1005 is left out: a text must be without NUL characters",
        "  deployment 1007 is left out: ref is longer than 1024 bytes",
        "  iid 9223372036854775807 cannot be kept; it is 7 here",
    ] {
        assert!(
            answer.stdout.lines().any(|told| told == line),
            "{line} is not in {}",
            answer.stdout
        );
    }
    let found = listed(&server, &world.root_token());
    assert_eq!(ids_there(&found), [1001, 1006, 1008, 1009]);
    assert_eq!(found[1]["environment"]["external_url"], "https://shop.example.com");
}

#[test]
fn answers_that_are_none_end_it_with_what_to_do() {
    let world = World::new(Engine::Sqlite);
    let fails = |origin: &Origin, says: &[&str]| {
        let answer = import(&world, &origin.url, &[]);
        assert_eq!(answer.code, 1, "{}", answer.stdout);
        for says in says {
            assert!(answer.stderr.contains(says), "{}", answer.stderr);
        }
        assert!(!answer.stderr.contains(TOKEN) && !answer.stdout.contains(TOKEN));
    };
    let html = Instead::Say("200 OK", "", "<html>");
    let moved = Instead::Say(
        "301 Moved Permanently",
        "Location: https://elsewhere.example/\r\n",
        "moved",
    );
    let forbidden = Instead::Say("403 Forbidden", "", r#"{"error":"insufficient_scope"}"#);
    for (instead, says) in [
        (html, "answered something else than the API does"),
        (moved, "answered 301: moved; name the new address with --url"),
        (
            forbidden,
            "the token in ORIGIN_TOKEN may not read this; it needs the scope read_api",
        ),
    ] {
        let origin = Origin::new(deployments(3), None);
        origin.instead(1, instead);
        fails(&origin, &[says]);
    }
    let origin = Origin::new(deployments(3), None);
    let mut other = command(&world, &origin.url, &[]);
    let answer = finish(other.env("ORIGIN_TOKEN", "wrong-secret"));
    assert_eq!(answer.code, 1);
    assert!(
        answer
            .stderr
            .contains("answered 401: 401 Unauthorized; the token in ORIGIN_TOKEN is not valid there")
    );
    assert!(!answer.stderr.contains("wrong-secret"), "{}", answer.stderr);
    let mut none = command(&world, &origin.url, &[]);
    let answer = finish(none.env_remove("ORIGIN_TOKEN"));
    assert_eq!(answer.code, 2);
    assert_eq!(
        answer.stderr,
        "error: the environment variable ORIGIN_TOKEN holds no token; set it to one that may read the API there\n"
    );
    let mut elsewhere = command(&world, &origin.url, &["--project", "team/none"]);
    let answer = finish(&mut elsewhere);
    assert!(
        answer
            .stderr
            .contains("answered 404: 404 Not Found; it is not there, or the owner of the token")
    );
}

#[test]
fn wrong_usage_is_told() {
    let world = World::new(Engine::Sqlite);
    for flags in [
        &["import", "gitlab", "--url", "http://x", "--token-env", "T"][..],
        &["import", "gitlab", "--token-env", "T", "--project", "a/b"],
        &["import", "gitlab", "--url", "http://x", "--project", "a/b"],
        &[
            "import",
            "gitlab",
            "--url",
            "http://x",
            "--token-env",
            "T",
            "--project",
            "a/b",
            "--since",
            "soon",
        ],
        &[
            "import",
            "gitlab",
            "--url",
            "http://x",
            "--token-env",
            "T",
            "--project",
            "a/b",
            "--watch",
            "--dry-run",
        ],
        &["import", "github", "--repo", "shop"],
        &["import", "github"],
    ] {
        assert_eq!(world.run(flags).code, 2, "{flags:?}");
    }
    let mut command = command(&world, "ftp://gitlab.example.com", &[]);
    let answer = finish(&mut command);
    assert_eq!(
        (answer.code, answer.stderr.as_str()),
        (2, "error: ftp://gitlab.example.com is not an http or https address\n")
    );
}

#[test]
fn the_token_is_sent_and_kept_nowhere() {
    let world = World::new(Engine::Sqlite);
    let origin = Origin::new(deployments(2), None);
    let answer = finish(command(&world, &origin.url, &[]).env("LANDFALL_LOG_LEVEL", "trace"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(origin.requests().iter().all(|request| request.ends_with(TOKEN)));
    assert!(
        !answer.stderr.contains(TOKEN) && !answer.stdout.contains(TOKEN),
        "{}",
        answer.stderr
    );
    for entry in std::fs::read_dir(world.work().join("landfall-data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()));
    }
}
