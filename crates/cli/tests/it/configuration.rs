//! Flag over environment over file over default.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use landfall_store::testing::Engine;
use serde_json::Value;

use crate::support::{Answer, World, finish};

/// Runs a command with a configuration file and variables.
fn configured(world: &World, file: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Answer {
    let path = world.work().join("landfall.toml");
    fs::write(&path, file).unwrap();
    let mut command = world.command(arguments);
    finish(command.env("LANDFALL_CONFIG", &path).envs(variables.iter().copied()))
}

/// The address that the OpenAPI document shows.
fn shown_address(file: &str, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let world = World::new(Engine::Sqlite);
    let answer = configured(&world, file, variables, &[&["openapi"], arguments].concat());
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let document: Value = serde_json::from_str(&answer.stdout).unwrap();
    let url = document["servers"][0]["url"].as_str().unwrap();
    url.trim_end_matches("/api/v4").to_owned()
}

#[test]
fn the_nearest_wins() {
    let (flag, variable, file) = (
        ["--external-url", "https://flag.example/"],
        [("LANDFALL_EXTERNAL_URL", "https://variable.example")],
        "external-url = 'https://file.example'",
    );
    assert_eq!(shown_address(file, &variable, &flag), "https://flag.example");
    assert_eq!(shown_address(file, &variable, &[]), "https://variable.example");
    assert_eq!(shown_address(file, &[], &[]), "https://file.example");
    assert_eq!(shown_address("", &[], &[]), "http://127.0.0.1:8080");
    assert_eq!(
        shown_address("listen = '127.0.0.1:90'", &[], &[]),
        "http://127.0.0.1:90"
    );
    let listen = [("LANDFALL_LISTEN", "127.0.0.1:91")];
    assert_eq!(
        shown_address("listen = '127.0.0.1:90'", &listen, &[]),
        "http://127.0.0.1:91"
    );
}

#[test]
fn the_data_directory_and_the_database() {
    let world = World::new(Engine::Sqlite);
    let made = |name: &str| world.work().join(name).exists();
    let variable = [("LANDFALL_DATA_DIR", "from-variable")];

    let answer = configured(
        &world,
        "data-dir = 'from-file'",
        &variable,
        &["migrate", "--data-dir", "from-flag"],
    );
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(made("from-flag/landfall.db") && !made("from-variable") && !made("from-file"));
    configured(&world, "data-dir = 'from-file'", &variable, &["migrate"]);
    assert!(made("from-variable/landfall.db") && !made("from-file"));
    configured(&world, "data-dir = 'from-file'", &[], &["migrate"]);
    assert!(made("from-file/landfall.db") && !made("landfall-data"));
    configured(&world, "", &[], &["migrate"]);
    assert!(made("landfall-data/landfall.db"));

    configured(
        &world,
        "database-url = 'sqlite:elsewhere.db'",
        &[],
        &["migrate", "--data-dir", "unused"],
    );
    assert!(made("elsewhere.db") && !made("unused"));
}

#[test]
fn every_flag_of_the_server_is_a_key() {
    let world = World::new(Engine::Sqlite);
    let file = world.work().join("all.toml");
    fs::write(
        &file,
        "listen = '127.0.0.1:0'\ndata-dir = 'data'\ndatabase-url = 'sqlite:all.db'\nthreads = 1\n\
         external-url = 'https://ledger.example/base'\nallow-networks = ['10.0.0.0/8', 'fd00::/8']\n\
         rate-limit-authenticated = '7200/3600'\nrate-limit-unauthenticated = '2/3600'\nshutdown-timeout = '1m'\nshutdown-delay = '0s'\n\
         inbox-retention = '3d'\ndeletion-adjourned-period = 2\n\
         mirror-interval = '1m'\nmirror-size = '500M'\ngit-credentials-file = 'git-credentials'\n\
         log-format = 'json'\nlog-level = 'info'\nformat = 'json'\n",
    )
    .unwrap();
    secret_file(
        &world.work().join("git-credentials"),
        "https://ada:s3cret@git.example\n",
    );
    let mut server = world.serve_with(&["--config", "all.toml"], &[]);
    let ready: Value = serde_json::from_str(&server.wait_for_log("\"ready\"")).unwrap();
    assert_eq!(ready["threads"], 1);
    assert_eq!(ready["database"], "sqlite:all.db");
    assert_eq!(ready["allow_networks"], "10.0.0.0/8,fd00::/8");
    let token = fs::read_to_string(world.work().join("data/root-token")).unwrap();
    let (_, user) = server.get("/user", token.trim());
    assert_eq!(user["web_url"], "https://ledger.example/base/root");
    assert_eq!(server.get("/version", "").0, 401);
    assert_eq!(server.get("/version", "").0, 401);
    assert_eq!(server.get("/version", "").0, 429);
    assert_eq!(server.get("/version", token.trim()).0, 200);
}

/// A file that only its owner may read.
fn secret_file(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn credentials_that_cannot_be_used_are_told_at_the_start() {
    let world = World::new(Engine::Sqlite);
    let file = world.work().join("git-credentials");
    let failed = |arguments: &[&str], variable: Option<&str>| {
        let mut command = world.command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
        command.envs(variable.map(|text| ("LANDFALL_GIT_CREDENTIALS", text)));
        let answer = finish(&mut command);
        assert_ne!(answer.code, 0);
        assert!(!answer.stderr.contains("s3cret"), "{}", answer.stderr);
        answer.stderr
    };
    let flag = ["--git-credentials-file", "git-credentials"];
    assert!(failed(&flag, None).contains("the git credentials in git-credentials cannot be read"));
    secret_file(&file, "https://ada:s3cret@git.example\nada:s3cret\n");
    assert!(failed(&flag, None).contains("line 2 of the git credentials is not https://USER:PASSWORD@HOST"));
    assert!(failed(&[], Some("ada:s3cret")).contains("LANDFALL_GIT_CREDENTIALS: line 1 of the git credentials"));
    let both = failed(&flag, Some("https://ada:s3cret@git.example"));
    assert!(
        both.contains("give either --git-credentials-file or LANDFALL_GIT_CREDENTIALS, not both"),
        "{both}"
    );
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(
        failed(&flag, None)
            .contains("other users may read the git credentials in git-credentials: chmod 600 git-credentials")
    );
    assert!(!world.work().join("landfall-data").exists());
}

#[test]
fn keys_and_values_that_are_none_are_wrong_usage() {
    let world = World::new(Engine::Sqlite);
    for (file, says) in [
        ("lisen = 'x'", "has the unknown key `lisen`; did you mean `listen`?"),
        (
            "colour = 'x'",
            "has the unknown key `colour`; the keys are allow-networks, ",
        ),
        (
            "listen = 'x'",
            "the value of `listen` is wrong: an address to listen on is ADDRESS:PORT",
        ),
        ("threads = 0", "the value of `threads` is wrong"),
        (
            "allow-networks = ['10.0.0.0/99']",
            "the value of `allow-networks` is wrong: a range is",
        ),
        ("log-format = 'xml'", "the value of `log-format` is wrong"),
        ("log-level = 'a=b=c'", "'a=b=c' is no log level"),
        ("listen = ", "is not TOML"),
    ] {
        let answer = configured(&world, file, &[], &["migrate"]);
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{file}");
        assert!(
            answer.stderr.starts_with("error: ") && answer.stderr.contains(says),
            "{}",
            answer.stderr
        );
        assert_eq!(answer.stderr.lines().count(), 1, "{}", answer.stderr);
    }
    let missing = world.failed(&["migrate", "--config", "nowhere.toml"]);
    assert!(
        missing.starts_with("error: cannot read the configuration file nowhere.toml: "),
        "{missing}"
    );
}

#[test]
fn flags_and_variables_that_are_wrong_are_wrong_usage() {
    let world = World::new(Engine::Sqlite);
    for (flag, value) in [
        ("--listen", "8080"),
        ("--allow-networks", "10.0.0.0/8,here"),
        ("--rate-limit-authenticated", "many"),
        ("--rate-limit-unauthenticated", "1/0"),
        ("--threads", "0"),
        ("--shutdown-timeout", "soon"),
        ("--shutdown-delay", "later"),
        ("--external-url", "ledger.example"),
        ("--log-format", "xml"),
        ("--log-level", "a=b=c"),
        ("--database-url", "mysql://h/d"),
    ] {
        let by_flag = world.run(&["serve", flag, value]);
        let variable = format!(
            "LANDFALL_{}",
            flag.trim_start_matches('-').replace('-', "_").to_uppercase()
        );
        let by_variable = finish(world.command(&["serve"]).env(variable, value));
        for answer in [by_flag, by_variable] {
            assert_eq!(
                (answer.code, answer.stdout.as_str()),
                (2, ""),
                "{flag} {value}: {}",
                answer.stderr
            );
            assert!(answer.stderr.starts_with("error: "), "{}", answer.stderr);
        }
    }
    assert!(!world.work().join("landfall-data").exists());
}

#[test]
fn the_log_is_text_or_json_and_as_loud_as_told() {
    let world = World::new(Engine::Sqlite);
    let mut text = world.serve();
    assert!(text.wait_for_log("ready").contains(" INFO "));
    drop(text);
    let by_rust_log = world.serve_with(&[], &[("RUST_LOG", "warn")]);
    assert_eq!(log_of(by_rust_log), "");
    let by_flag = world.serve_with(&["--log-level", "error"], &[("RUST_LOG", "trace")]);
    assert_eq!(log_of(by_flag), "");
}

fn log_of(server: crate::support::Server) -> String {
    server.signal("TERM");
    server.wait_for_end_of_log()
}

#[test]
fn passwords_are_shown_nowhere() {
    let world = World::new(Engine::Sqlite);
    let secret = "postgres://me:pa55word@127.0.0.1:1/ledger";
    for arguments in [
        &["user", "list"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["--help"],
        &["serve", "--help"],
    ] {
        let mut command = world.command(arguments);
        let answer = finish(command.env("LANDFALL_DATABASE_URL", secret).env("RUST_LOG", "trace"));
        assert!(
            !answer.stdout.contains("pa55word") && !answer.stderr.contains("pa55word"),
            "{}",
            answer.stderr
        );
    }
    let wrong = world.run(&["user", "list", "--database-url", "postgres://me:pa55word@h:port/ledger"]);
    assert_eq!(wrong.code, 2);
    assert!(!wrong.stderr.contains("pa55word"), "{}", wrong.stderr);
    let in_file = configured(&world, "database-url = 'mysql://me:pa55word@h'", &[], &["user", "list"]);
    assert_eq!(in_file.code, 2);
    assert!(!in_file.stderr.contains("pa55word"), "{}", in_file.stderr);
}
