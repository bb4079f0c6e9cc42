//! Imports that are killed, and go on.

use std::{process::Stdio, sync::mpsc};

use landfall_store::testing::Engine;

use super::{
    assert_whole, command, counts, deployments as listed, ids_there, imported, listed_or_none,
    origin::{Instead, Origin, deployments, production},
};
use crate::support::World;

#[test]
fn an_import_that_is_killed_anywhere_goes_on_and_doubles_nothing() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = world.serve();
        let origin = Origin::new(deployments(830), Some(vec![production()]));
        let mut had = 0;
        // The first two requests ask for the newest deployments. A hanging request is in the way of nothing before it.
        let mut asked = 0;
        for (number, signal) in [(1, "KILL"), (4, "KILL"), (5, "KILL"), (4, "TERM"), (6, "INT")] {
            let (tell, told) = mpsc::channel();
            origin.instead(asked + number, Instead::Hang(tell));
            let mut child = command(&world, &origin.url, &[])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            told.recv().unwrap();
            let sent = std::process::Command::new("kill")
                .args([format!("-{signal}"), child.id().to_string()])
                .status();
            assert!(sent.unwrap().success());
            let status = child.wait().unwrap();
            assert_eq!(status.code(), if signal == "KILL" { None } else { Some(1) });
            asked += number;
            let now = listed_or_none(&server, &world.root_token()).len();
            assert!(now >= had, "nothing that was written is lost");
            had = now;
        }
        assert!((1..830).contains(&had), "{had}");
        let (created, updated, _) = counts(&imported(&world, &origin.url, &[]));
        assert_eq!((created, updated), (830 - i64::try_from(had).unwrap(), 0));
        let found = listed(&server, &world.root_token());
        assert!(ids_there(&found).into_iter().eq(1001..=1830));
        assert!(found.iter().enumerate().all(|(at, one)| one["iid"] == at + 1));
        assert_whole(&world);
    }
}
