//! Clients as they are published do what their users do. The part of each is in the directory of its name, in its own
//! language; it is a program that ends with an error at the first answer that is not what it should be.

pub(crate) mod receiver;
mod repository;

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use landfall_store::testing::Engine;

use self::receiver::{Delivery, WebhookReceiver};
use crate::program::{Instance, Server, TOKEN, on_both_engines, only_path, python, run};

/// Where the parts of the clients are.
const JOURNEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/blackbox/journeys");

/// What every journey starts with: alice maintains `team/web/app.one`; of `team/tool-1` to `team/tool-5`, which everybody
/// with an account may see, the last has a repository.
struct World {
    server: Server,
    instance: Instance,
    receiver: WebhookReceiver,
}

impl World {
    fn new(engine: Engine) -> World {
        let instance = Instance::new(engine);
        let server = instance.serve_with(&["--allow-networks", "127.0.0.1/32"]);
        instance.run(&[
            "user",
            "create",
            "alice",
            "--name",
            "Alice Smith",
            "--email",
            "alice@example.com",
        ]);
        let nested = instance.run(&["project", "create", "team/web/app.one"]);
        instance.run(&["member", "set", &nested, "alice", "maintainer"]);
        for number in 1..=5 {
            let path = format!("team/tool-{number}");
            instance.run(&["project", "create", &path, "--visibility", "internal"]);
        }
        let directory = instance.home().join("code");
        repository::make(&directory);
        instance.run(&[
            "project",
            "update",
            "team/tool-5",
            "--repository",
            directory.to_str().unwrap(),
            "--forge-url",
            "https://forge.example/team/tool",
        ]);
        World {
            server,
            instance,
            receiver: WebhookReceiver::start(),
        }
    }

    /// Has a client make its journey; it is told by its environment where to.
    fn travel(&self, client: &mut Command) {
        let token = |scope| {
            self.instance
                .run(&["token", "create", "--user", "alice", "--scopes", scope])
        };
        run(only_path(client)
            .env("URL", &self.server.url)
            .env("ROOT", TOKEN)
            .env("ALICE", token("api"))
            .env("READER", token("read_api"))
            .env("RECEIVER", &self.receiver.url));
    }

    /// The webhook of every journey, called so many times.
    fn assert_hooked(&self, times: usize) {
        let delivery = || Delivery {
            event: "Deployment Hook".to_owned(),
            token: "secret".to_owned(),
            environment: "hooked".into(),
            status: "success".into(),
        };
        let expected: Vec<Delivery> = (0..times).map(|_| delivery()).collect();
        assert_eq!(self.receiver.next(times), expected);
    }
}

/// What `scripts/test` has installed or built for a client.
fn installed(variable: &str) -> PathBuf {
    let place = env::var_os(variable);
    place
        .unwrap_or_else(|| panic!("{variable} is missing: run scripts/test -p landfall --test blackbox journeys"))
        .into()
}

async fn python_gitlab(engine: Engine) {
    let world = World::new(engine);
    world.travel(
        Command::new(python())
            .arg("-B")
            .arg(Path::new(JOURNEYS).join("python_gitlab")),
    );
    // It also asks for a test of the webhook.
    world.assert_hooked(2);
}

async fn gitbeaker(engine: Engine) {
    let world = World::new(engine);
    // Node looks for packages beside the file as it was named, through the link to the journey.
    world.travel(
        Command::new("node")
            .args(["--preserve-symlinks", "--preserve-symlinks-main"])
            .arg(installed("LANDFALL_TEST_NODE").join("journey/main.mjs")),
    );
    world.assert_hooked(1);
}

async fn rust_gitlab(engine: Engine) {
    let world = World::new(engine);
    world.travel(&mut Command::new(installed("LANDFALL_TEST_RUST_GITLAB")));
    world.assert_hooked(1);
}

on_both_engines!(python_gitlab, gitbeaker, rust_gitlab);
