//! Events.

use landfall_domain::{
    event::{Event, Kind},
    ids::{DeploymentId, EnvironmentId, ProjectId, UserId},
};
use landfall_store::events;

use crate::both::{Both, at};

#[test]
fn events_are_read_in_the_order_in_which_they_were_appended() {
    let both = Both::new();
    let bare = |kind: Kind| Event {
        kind,
        project_id: None,
        deployment_id: None,
        environment_id: None,
        actor_id: None,
        data: "{}".to_owned(),
        at: at(1),
    };
    let all: Vec<Event> = Kind::ALL
        .iter()
        .map(|kind| bare(*kind))
        .chain([Event {
            project_id: Some(ProjectId(1)),
            deployment_id: Some(DeploymentId(2)),
            environment_id: Some(EnvironmentId(3)),
            actor_id: Some(UserId(4)),
            data: r#"{"what":"ever"}"#.to_owned(),
            ..bare(Kind::DeploymentUpdated)
        }])
        .collect();
    let appended = all.clone();
    both.write(move |tx| appended.iter().try_for_each(|event| events::append(tx, event)));
    let numbered: Vec<(i64, Event)> = (1..).zip(all).collect();
    assert_eq!(both.read(|conn| events::after(conn, 0, 1000)), numbered);
    assert_eq!(both.read(|conn| events::after(conn, 3, 2)), numbered[3..5]);
    assert_eq!(both.read(|conn| events::after(conn, 1000, 2)), []);
}
