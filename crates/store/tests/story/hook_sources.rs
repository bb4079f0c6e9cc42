//! Sources of hooks.

use std::collections::BTreeMap;

use landfall_domain::{
    hook::{HookSource, Proof, Scope, Sender},
    ids::{HookSourceId, NamespaceId, ProjectId, UserId},
    token::{Digest, Secret},
};
use landfall_store::hook_sources::{self, NewHookSource};

use crate::both::{Both, at, project, user};

pub(crate) fn new_source(sender: Sender, scope: Scope) -> NewHookSource {
    NewHookSource {
        sender,
        scope,
        name: "ours".to_owned(),
        user_id: None,
        projects: BTreeMap::new(),
        proof: Proof::of(sender, &Secret::new("0123456789abcdef".to_owned())),
        created_at: at(2),
    }
}

#[test]
fn a_source_is_made_found_given_another_secret_and_deleted() {
    let both = Both::new();
    let made = both.write(|tx| {
        project(tx, "group/app")?;
        user(tx, "ada")?;
        let of_project = NewHookSource {
            user_id: Some(UserId(1)),
            ..new_source(Sender::Gitlab, Scope::Project(ProjectId(1)))
        };
        let of_group = NewHookSource {
            projects: BTreeMap::from([("a/b".to_owned(), "group/app".to_owned())]),
            ..new_source(Sender::Github, Scope::Group(NamespaceId(1)))
        };
        Ok([
            hook_sources::insert(tx, &of_project)?,
            hook_sources::insert(tx, &of_group)?,
        ])
    });
    let expected = HookSource {
        id: HookSourceId(1),
        sender: Sender::Gitlab,
        scope: Scope::Project(ProjectId(1)),
        name: "ours".to_owned(),
        user_id: Some(UserId(1)),
        projects: BTreeMap::new(),
        proof: Proof::Digest(Digest::of("0123456789abcdef")),
        created_at: at(2),
    };
    assert_eq!(made[0], expected);
    assert_eq!(
        both.read(|conn| hook_sources::by_id(conn, HookSourceId(1))),
        Some(expected)
    );
    assert_eq!(both.read(|conn| hook_sources::by_id(conn, HookSourceId(3))), None);
    assert_eq!(both.read(hook_sources::all), made);
    assert_eq!(
        both.read(|conn| hook_sources::of_sender(conn, Sender::Github)),
        made[1..]
    );
    assert_eq!(
        both.read(|conn| hook_sources::of_project(conn, ProjectId(1))),
        made[..1]
    );

    let another = Proof::Secret(Secret::new("another secret of it".to_owned()));
    let set = another.clone();
    assert!(both.write(move |tx| hook_sources::set_proof(tx, HookSourceId(2), &set)));
    let found = both.read(|conn| hook_sources::by_id(conn, HookSourceId(2)));
    assert_eq!(found.unwrap().proof, another);

    assert!(both.write(|tx| hook_sources::delete(tx, HookSourceId(2), at(3))));
    assert!(!both.write(|tx| hook_sources::delete(tx, HookSourceId(2), at(3))));
    let set = another.clone();
    assert!(!both.write(move |tx| hook_sources::set_proof(tx, HookSourceId(2), &set)));
    assert_eq!(both.read(|conn| hook_sources::by_id(conn, HookSourceId(2))), None);
    assert_eq!(both.read(|conn| hook_sources::of_sender(conn, Sender::Github)), []);
    assert_eq!(both.read(hook_sources::all), made[..1]);
}
