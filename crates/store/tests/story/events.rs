//! Events.

use landfall_domain::{
    event::{Event, Kind},
    ids::{DeploymentId, EnvironmentId, ProjectId, UserId},
    page::Offset,
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
    both.write(move |tx| {
        let (first, others) = appended.split_at(3);
        first.iter().try_for_each(|event| events::append(tx, event))?;
        events::append_many(tx, others)?;
        events::append_many(tx, &[])
    });
    let numbered: Vec<(i64, Event)> = (1..).zip(all).collect();
    assert_eq!(both.read(|conn| events::after(conn, 0, 1000)), numbered);
    assert_eq!(both.read(|conn| events::after(conn, 3, 2)), numbered[3..5]);
    assert_eq!(both.read(|conn| events::after(conn, 1000, 2)), []);
}

#[test]
fn a_deployment_has_events_of_its_own_and_reports_among_them() {
    let both = Both::new();
    let event = |deployment: i64, kind: Kind, second: i64| Event {
        kind,
        project_id: Some(ProjectId(1)),
        deployment_id: Some(DeploymentId(deployment)),
        environment_id: Some(EnvironmentId(3)),
        actor_id: Some(UserId(4)),
        data: "{}".to_owned(),
        at: at(second),
    };
    let all = [
        event(1, Kind::DeploymentCreated, 1),
        event(1, Kind::DeploymentReported, 2),
        event(2, Kind::DeploymentReported, 3),
        event(1, Kind::DeploymentReported, 4),
        event(1, Kind::DeploymentUpdated, 5),
    ];
    let appended = all.clone();
    both.write(move |tx| {
        let (first, others) = appended.split_at(3);
        first.iter().try_for_each(|event| events::append(tx, event))?;
        events::append_many(tx, others)?;
        events::append_many(tx, &[])
    });
    let page = |page: i64, per_page: i64| {
        let of: Vec<(i64, Event)> =
            both.read(move |conn| events::of_deployment(conn, DeploymentId(1), Offset { page, per_page }));
        of.into_iter().map(|(number, _)| number).collect::<Vec<_>>()
    };
    assert_eq!(page(1, 20), [1, 2, 4, 5]);
    assert_eq!(page(1, 3), [1, 2, 4, 5], "one more tells that there is another page");
    assert_eq!(page(2, 3), [5]);
    assert_eq!(page(i64::MAX, 100), Vec::<i64>::new());
    let count = |limit| both.read(move |conn| events::count_of_deployment(conn, DeploymentId(1), limit));
    assert_eq!((count(100), count(3)), (4, 3));
    let reports = both.read(|conn| events::reports(conn, DeploymentId(1)));
    assert_eq!(reports, [all[1].clone(), all[3].clone()]);
}
