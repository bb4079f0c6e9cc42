//! python-gitlab, unmodified, does what its users do; `journey.py` beside this file is its part.

use std::process::Command;

use landfall_store::testing::Engine;

use crate::program::{Instance, TOKEN, on_both_engines, only_path, python, run};

async fn the_journey(engine: Engine) {
    let instance = Instance::new(engine);
    let server = instance.serve();
    instance.run(&[
        "user",
        "create",
        "alice",
        "--name",
        "Alice Smith",
        "--email",
        "alice@example.com",
    ]);
    let alice = instance.run(&["token", "create", "--user", "alice", "--scopes", "api"]);
    let reader = instance.run(&["token", "create", "--user", "alice", "--scopes", "read_api"]);
    let nested = instance.run(&["project", "create", "team/web/app.one"]);
    instance.run(&["member", "set", &nested, "alice", "maintainer"]);
    for number in 1..=5 {
        instance.run(&[
            "project",
            "create",
            &format!("team/tool-{number}"),
            "--visibility",
            "internal",
        ]);
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/blackbox/journey.py");
    let mut journey = Command::new(python());
    run(only_path(&mut journey)
        .args(["-I", script, &server.url])
        .env("ROOT", TOKEN)
        .env("ALICE", alice)
        .env("READER", reader));
}

on_both_engines!(the_journey);
