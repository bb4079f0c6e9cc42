//! Deliveries of hooks: stored, held, finished, replayed, forgotten.

use std::collections::BTreeMap;

use landfall_domain::{
    hook::{Delivery, DeliveryState, Proof, Scope, Sender},
    ids::{DeliveryId, HookSourceId, ProjectId},
    page::Offset,
    token::Digest,
};
use landfall_store::{
    hook_sources::{self, NewHookSource},
    inbox::{self, Content, Finished, Held, InboxFilter, NewDelivery, Stored},
};

use crate::both::{Both, at, project};

fn with_source() -> Both {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        let new = NewHookSource {
            sender: Sender::Gitlab,
            scope: Scope::Project(ProjectId(1)),
            name: String::new(),
            user_id: None,
            projects: BTreeMap::new(),
            proof: Proof::Digest(Digest::of("x")),
            created_at: at(1),
        };
        hook_sources::insert(tx, &new).map(drop)
    });
    both
}

pub(crate) fn delivery(external_id: Option<&str>, second: i64) -> NewDelivery {
    NewDelivery {
        source_id: HookSourceId(1),
        sender: Sender::Gitlab,
        project_id: Some(ProjectId(1)),
        external_id: external_id.map(str::to_owned),
        event: Some("Job Hook".to_owned()),
        content: Content {
            headers: r#"{"a":"b"}"#.to_owned(),
            body: b"{}".to_vec(),
        },
        received_at: at(second),
    }
}

fn finished(state: DeliveryState, second: i64) -> Finished {
    Finished {
        state,
        note: Some("why".to_owned()),
        project_id: None,
        at: at(second),
    }
}

fn page(page: i64, per_page: i64) -> Offset {
    Offset { page, per_page }
}

#[test]
fn a_delivery_is_stored_once_and_byte_for_byte() {
    let both = with_source();
    let stored = |new: NewDelivery| both.write(move |tx| inbox::insert(tx, &new));
    assert_eq!(stored(delivery(Some("a"), 1)), Stored::New(DeliveryId(1)));
    assert_eq!(stored(delivery(Some("a"), 2)), Stored::Repeated(DeliveryId(1)));
    assert_eq!(stored(delivery(None, 3)), Stored::New(DeliveryId(2)));
    assert_eq!(
        stored(delivery(None, 3)),
        Stored::New(DeliveryId(3)),
        "nothing tells them apart"
    );
    for (body, id) in [(b"a\0b".to_vec(), 4), (vec![0xff, 0xfe], 5), (Vec::new(), 6)] {
        let mut new = delivery(None, 4);
        new.content.body.clone_from(&body);
        assert_eq!(stored(new), Stored::New(DeliveryId(id)));
        let kept = both.read(move |conn| inbox::content(conn, DeliveryId(id))).unwrap();
        assert_eq!(kept.body, body);
    }
    assert_eq!(both.read(|conn| inbox::content(conn, DeliveryId(99))), None);
    assert_eq!(both.read(|conn| inbox::by_id(conn, DeliveryId(99))), None);
    let expected = Delivery {
        id: DeliveryId(1),
        source_id: HookSourceId(1),
        sender: Sender::Gitlab,
        project_id: Some(ProjectId(1)),
        external_id: Some("a".to_owned()),
        event: Some("Job Hook".to_owned()),
        state: DeliveryState::Waiting,
        note: None,
        attempts: 0,
        received_at: at(1),
        processed_at: None,
    };
    assert_eq!(both.read(|conn| inbox::by_id(conn, DeliveryId(1))), Some(expected));
}

#[test]
fn who_holds_a_delivery_alone_finishes_it() {
    let both = with_source();
    both.write(|tx| {
        for second in 1..=3 {
            inbox::insert(tx, &delivery(None, second))?;
        }
        Ok(())
    });
    let next_due = || both.read(inbox::next_due);
    assert_eq!(next_due(), Some(at(1)));
    let lease = |now, until, limit| both.write(move |tx| inbox::lease(tx, at(now), at(until), limit));
    let held = |id, until, attempts| Held {
        id: DeliveryId(id),
        until: at(until),
        attempts,
    };
    assert_eq!(lease(0, 10, 5), [], "nothing is due yet");
    assert_eq!(lease(3, 60, 2), [held(1, 60, 1), held(2, 60, 1)]);
    assert_eq!(lease(3, 61, 2), [held(3, 61, 1)]);
    assert_eq!((lease(3, 62, 2), next_due()), (Vec::new(), Some(at(60))));
    assert_eq!(lease(60, 90, 1), [held(1, 90, 2)], "it was left behind");

    let finish = |held: Held, state, second| both.write(move |tx| inbox::finish(tx, held, &finished(state, second)));
    assert!(
        !finish(held(1, 60, 1), DeliveryState::Done, 70),
        "somebody else holds it"
    );
    assert!(finish(held(1, 90, 2), DeliveryState::Done, 70));
    assert!(!finish(held(1, 90, 2), DeliveryState::Failed, 71), "it is finished");
    assert!(both.write(move |tx| inbox::postpone(tx, held(2, 60, 1), at(100), "later")));
    assert!(!both.write(move |tx| inbox::postpone(tx, held(2, 60, 1), at(100), "later")));
    assert!(finish(held(3, 61, 1), DeliveryState::Failed, 72));
    let shown = |id| {
        let found = both.read(move |conn| inbox::by_id(conn, DeliveryId(id))).unwrap();
        (
            found.state,
            found.note,
            found.attempts,
            found.processed_at,
            found.project_id,
        )
    };
    let (why, project) = (Some("why".to_owned()), Some(ProjectId(1)));
    assert_eq!(shown(1), (DeliveryState::Done, why.clone(), 2, Some(at(70)), project));
    assert_eq!(
        shown(2),
        (DeliveryState::Waiting, Some("later".to_owned()), 1, None, project)
    );
    assert_eq!(shown(3), (DeliveryState::Failed, why, 1, Some(at(72)), project));

    assert!(
        !both.write(|tx| inbox::replay(tx, DeliveryId(2), at(110))),
        "it waits already"
    );
    assert!(!both.write(|tx| inbox::replay(tx, DeliveryId(9), at(110))));
    assert!(both.write(|tx| inbox::replay(tx, DeliveryId(1), at(110))));
    assert_eq!(shown(1), (DeliveryState::Waiting, None, 0, None, project));
    assert_eq!(both.write(|tx| inbox::replay_failed(tx, at(111))), 1);
    assert_eq!(shown(3), (DeliveryState::Waiting, None, 0, None, project));
    assert_eq!(lease(111, 200, 9), [held(1, 200, 1), held(2, 200, 2), held(3, 200, 1)]);
}

#[test]
fn deliveries_are_listed_and_forgotten() {
    let both = with_source();
    both.write(|tx| {
        for second in 1..=5 {
            let project_id = (second != 5).then_some(ProjectId(1));
            let new = NewDelivery {
                project_id,
                ..delivery(None, second)
            };
            inbox::insert(tx, &new)?;
        }
        for held in inbox::lease(tx, at(3), at(60), 9)? {
            let state = if held.id == DeliveryId(3) {
                DeliveryState::Failed
            } else {
                DeliveryState::Done
            };
            inbox::finish(tx, held, &finished(state, held.id.0 * 10))?;
        }
        Ok(())
    });
    let ids = |filter: InboxFilter, offset: Offset| -> Vec<i64> {
        let found = both.read(move |conn| inbox::list(conn, filter, offset));
        found.iter().map(|delivery| delivery.id.0).collect()
    };
    let all = InboxFilter::default();
    assert_eq!(ids(all, page(1, 9)), [5, 4, 3, 2, 1]);
    assert_eq!(
        ids(all, page(1, 2)),
        [5, 4, 3],
        "one more tells that there is another page"
    );
    assert_eq!(ids(all, page(3, 2)), [1]);
    let of = |project_id, source_id, state| InboxFilter {
        project_id,
        source_id,
        state,
    };
    assert_eq!(ids(of(Some(ProjectId(1)), None, None), page(1, 9)), [4, 3, 2, 1]);
    assert_eq!(
        ids(of(None, Some(HookSourceId(2)), None), page(1, 9)),
        Vec::<i64>::new()
    );
    let waiting = of(None, Some(HookSourceId(1)), Some(DeliveryState::Waiting));
    assert_eq!(ids(waiting, page(1, 9)), [5, 4]);
    let count = |filter, limit| both.read(move |conn| inbox::count(conn, filter, limit));
    assert_eq!((count(all, 100), count(all, 3), count(waiting, 100)), (5, 3, 2));

    let old = |state, second, limit| both.read(move |conn| inbox::old(conn, state, at(second), limit));
    assert_eq!(old(DeliveryState::Done, 20, 9), [DeliveryId(1)]);
    assert_eq!(old(DeliveryState::Done, 99, 1), [DeliveryId(1)]);
    assert_eq!(old(DeliveryState::Failed, 99, 9), [DeliveryId(3)]);
    both.write(|tx| inbox::forget(tx, DeliveryId(1)));
    assert_eq!(both.read(|conn| inbox::content(conn, DeliveryId(1))), None);
    assert_eq!(ids(all, page(1, 9)), [5, 4, 3, 2]);
}
