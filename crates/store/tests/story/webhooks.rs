//! Webhooks, and who is told of what happens in a project.

use landfall_domain::{
    event::{Event, Kind},
    ids::{NamespaceId, ProjectId, WebhookId},
    page::Offset,
    webhook::{BranchFilter, Health, Hidden, Owner, SigningSecret, Trigger, Webhook},
};
use landfall_store::{events, webhooks};

use crate::both::{Both, at, project};

pub(crate) fn hook(owner: Owner) -> Webhook {
    Webhook {
        id: WebhookId(0),
        owner,
        url: Hidden::new("https://receiver.example/{who}".to_owned()),
        name: Some("chat".to_owned()),
        description: None,
        token: Some(Hidden::new("secret".to_owned())),
        signing_secret: Some(SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()),
        ssl_verification: true,
        triggers: [Trigger::Push, Trigger::Deployment].into_iter().collect(),
        push_events_branch_filter: Some("main".to_owned()),
        branch_filter_strategy: BranchFilter::Regex,
        custom_webhook_template: Some("{}".to_owned()),
        custom_headers: vec![("X-Key".to_owned(), Hidden::new("value".to_owned()))],
        url_variables: vec![("who".to_owned(), Hidden::new("me".to_owned()))],
        health: Health::GOOD,
        created_at: at(5),
    }
}

const PAGE: Offset = Offset { page: 1, per_page: 2 };

#[test]
fn a_hook_is_made_changed_and_deleted() {
    let both = Both::new();
    both.write(|tx| project(tx, "group/app").map(drop));
    let owner = Owner::Project(ProjectId(1));
    let id = both.write(move |tx| webhooks::insert(tx, &hook(owner)));
    let made = Webhook { id, ..hook(owner) };
    let get = |owner| both.read(move |conn| webhooks::get(conn, owner, id));
    assert_eq!(get(owner), Some(made.clone()));
    assert_eq!(get(Owner::Project(ProjectId(2))), None);
    assert_eq!(get(Owner::Instance), None);

    let changed = Webhook {
        url: Hidden::new("http://elsewhere.example".to_owned()),
        token: None,
        signing_secret: None,
        ssl_verification: false,
        custom_headers: Vec::new(),
        ..made
    };
    let update = changed.clone();
    both.write(move |tx| webhooks::update(tx, &update));
    assert_eq!(get(owner), Some(changed));

    let bad = Health {
        failures: 4,
        paused_until: Some(at(9)),
    };
    both.write(move |tx| webhooks::set_health(tx, id, bad));
    assert_eq!(both.read(move |conn| webhooks::health(conn, id)), Some(bad));
    assert_eq!(both.read(|conn| webhooks::health(conn, WebhookId(9))), None);

    for _ in 0..2 {
        both.write(move |tx| webhooks::insert(tx, &hook(owner)));
    }
    both.write(|tx| webhooks::insert(tx, &hook(Owner::Instance)));
    let ids = |owner, page| {
        let found = both.read(move |conn| webhooks::list(conn, owner, page));
        found.iter().map(|hook| hook.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(owner, PAGE), [1, 2, 3], "one more than the page");
    assert_eq!(ids(owner, Offset { page: 2, ..PAGE }), [3]);
    assert_eq!(ids(Owner::Instance, PAGE), [4]);
    assert_eq!(ids(Owner::Group(NamespaceId(1)), PAGE), [0; 0]);
    assert_eq!(both.read(move |conn| webhooks::total(conn, owner)), 3);

    both.write(move |tx| webhooks::delete(tx, id));
    assert_eq!(get(owner), None);
}

#[test]
fn a_project_is_heard_by_its_own_hooks_those_of_its_groups_and_the_instances() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "elsewhere/app")?;
        project(tx, "top/middle/app")
    });
    let (top, middle, elsewhere) = (NamespaceId(2), NamespaceId(3), NamespaceId(1));
    let heard = |kind: Kind| {
        both.write(move |tx| {
            let event = Event {
                kind,
                project_id: Some(ProjectId(2)),
                deployment_id: None,
                environment_id: None,
                actor_id: None,
                data: "{}".to_owned(),
                at: at(1),
            };
            let heard = events::append_for_hooks(tx, &event)?;
            assert_eq!(events::listeners(tx, ProjectId(2))?, heard);
            Ok(heard)
        })
        .iter()
        .map(|hook| hook.0)
        .collect::<Vec<_>>()
    };
    assert_eq!(heard(Kind::DeploymentCreated), [0; 0], "there is no hook at all");
    let add = |owner: Owner, change: fn(&mut Webhook)| {
        both.write(move |tx| {
            let mut new = hook(owner);
            change(&mut new);
            webhooks::insert(tx, &new)
        })
    };
    add(Owner::Project(ProjectId(1)), |_| {});
    assert_eq!(heard(Kind::DeploymentUpdated), [0; 0], "another project's");
    add(Owner::Project(ProjectId(2)), |hook| {
        hook.triggers.set(Trigger::Deployment, false);
    });
    assert_eq!(heard(Kind::DeploymentUpdated), [0; 0], "switched off");
    add(Owner::Group(elsewhere), |_| {});
    assert_eq!(heard(Kind::DeploymentUpdated), [0; 0], "another group's");
    add(Owner::Project(ProjectId(2)), |_| {});
    add(Owner::Group(middle), |_| {});
    add(Owner::Group(top), |_| {});
    add(Owner::Instance, |_| {});
    add(Owner::Instance, |hook| hook.health.failures = Health::FATAL);
    add(Owner::Instance, |hook| hook.triggers.set(Trigger::Deployment, false));
    assert_eq!(heard(Kind::DeploymentUpdated), [4, 5, 6, 7]);
}
