//! What is sent to webhooks.

use landfall_domain::{
    ids::{ProjectId, WebhookId},
    page::Offset,
    webhook::{Health, Owner},
};
use landfall_store::{
    webhook_queue::{self, Attempt, Message, Old, StatusFilter, Taken},
    webhooks,
};

use crate::{
    both::{Both, at, project},
    webhooks::hook,
};

/// Two hooks of one project, and a message.
fn world() -> Both {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        for _ in 0..2 {
            webhooks::insert(tx, &hook(Owner::Project(ProjectId(1))))?;
        }
        webhook_queue::add_message(tx, "event", "{}", at(1)).map(drop)
    });
    both
}

const ONE: WebhookId = WebhookId(1);
const OTHER: WebhookId = WebhookId(2);

#[test]
fn one_delivery_of_a_hook_at_a_time_in_the_order_of_the_changes() {
    let both = world();
    let is_due = |now| both.read(move |conn| webhook_queue::is_due(conn, at(now)));
    assert!(!is_due(9));
    both.write(|tx| {
        webhook_queue::add(tx, ONE, 1, "a", at(1))?;
        webhook_queue::add(tx, ONE, 1, "b", at(1))?;
        webhook_queue::add(tx, OTHER, 1, "c", at(2))
    });
    let due = |now, after| {
        let found = both.read(move |conn| webhook_queue::due_hooks(conn, at(now), WebhookId(after), 10));
        found.iter().map(|hook| hook.id.0).collect::<Vec<_>>()
    };
    let take = |hook, holder: &'static str, now, until| {
        both.write(move |tx| webhook_queue::take(tx, hook, holder, at(now), at(until)))
    };
    let key = |taken: Option<Taken>| taken.map(|taken| (taken.idempotency_key, taken.attempts));
    assert!(!is_due(0));
    assert_eq!((due(1, 0), due(2, 0), due(2, 1)), (vec![1], vec![1, 2], vec![2]));
    assert_eq!(both.read(|conn| webhook_queue::length(conn, 10)), 3);
    assert_eq!(both.read(|conn| webhook_queue::length(conn, 2)), 2);

    assert_eq!(key(take(ONE, "node", 2, 10)), Some(("a".to_owned(), 1)));
    assert_eq!(key(take(ONE, "other", 2, 10)), None, "one is under way");
    assert_eq!(due(9, 0), [2]);
    assert_eq!(due(10, 0), [1, 2], "the node is silent");
    assert_eq!(key(take(ONE, "other", 10, 20)), Some(("a".to_owned(), 2)));
    both.write(|tx| webhook_queue::later(tx, 1, "node", at(11)));
    assert_eq!(key(take(ONE, "node", 12, 20)), None, "it is the other's now");
    both.write(|tx| webhook_queue::later(tx, 1, "other", at(30)));
    assert_eq!(
        key(take(ONE, "node", 12, 20)),
        Some(("b".to_owned(), 1)),
        "the first waits to be tried again"
    );
    both.write(|tx| webhook_queue::done(tx, 2));
    assert_eq!(key(take(ONE, "node", 29, 40)), None);
    assert_eq!(key(take(ONE, "node", 30, 40)), Some(("a".to_owned(), 3)));
}

#[test]
fn a_hook_that_is_paused_or_disabled_or_gone_is_left_alone() {
    let both = world();
    both.write(|tx| {
        webhook_queue::add(tx, ONE, 1, "a", at(1))?;
        webhook_queue::add(tx, WebhookId(77), 1, "orphan", at(1))
    });
    let is_due = |now| both.read(move |conn| webhook_queue::is_due(conn, at(now)));
    let set = |failures, paused_until| {
        let health = Health { failures, paused_until };
        both.write(move |tx| webhooks::set_health(tx, ONE, health));
    };
    assert!(is_due(1));
    set(4, Some(at(5)));
    assert!(!is_due(4));
    assert!(is_due(5));
    set(40, None);
    assert!(!is_due(5));
    set(0, None);
    both.write(|tx| webhooks::delete(tx, ONE));
    assert!(!is_due(5));
}

#[test]
fn a_message_gets_its_body_once() {
    let both = world();
    let message = Message {
        id: 1,
        event_uuid: "event".to_owned(),
        facts: "{}".to_owned(),
        body: None,
        created_at: at(1),
    };
    assert_eq!(both.read(|conn| webhook_queue::message(conn, 1)), Some(message));
    assert_eq!(both.read(|conn| webhook_queue::message(conn, 2)), None);
    let set = |body: &'static str| both.write(move |tx| webhook_queue::set_body(tx, 1, body));
    assert_eq!(set("first"), Some("first".to_owned()));
    assert_eq!(set("second"), Some("first".to_owned()));
}

fn attempt(hook_id: WebhookId, status: Option<i64>, seconds: i64) -> Attempt {
    Attempt {
        id: 0,
        hook_id,
        message_id: 1,
        idempotency_key: "key".to_owned(),
        trigger: "deployment_hooks".to_owned(),
        url: "https://receiver.example".to_owned(),
        request_headers: "{}".to_owned(),
        response_status: status,
        response_headers: "{}".to_owned(),
        response_body: "thanks".to_owned(),
        duration: 0.25,
        created_at: at(seconds),
    }
}

#[test]
fn attempts_are_logged_listed_and_cleared_away() {
    let both = world();
    both.write(|tx| {
        for (status, seconds) in [(Some(200), 1), (Some(404), 2), (Some(500), 3), (None, 4)] {
            webhook_queue::log(tx, &attempt(ONE, status, seconds))?;
        }
        webhook_queue::log(tx, &attempt(OTHER, Some(204), 5))?;
        webhook_queue::add_message(tx, "later", "{}", at(1))?;
        webhook_queue::add(tx, ONE, 2, "a", at(6))
    });
    let page = Offset { page: 1, per_page: 2 };
    let ids = |since, status, page| {
        let found = both.read(move |conn| webhook_queue::list_logged(conn, ONE, at(since), status, page));
        let counted = both.read(move |conn| webhook_queue::count_logged(conn, ONE, at(since), status, 10));
        (found.iter().map(|attempt| attempt.id).collect::<Vec<_>>(), counted)
    };
    let filter = |from, to, unanswered| Some(StatusFilter { from, to, unanswered });
    assert_eq!(ids(0, None, page), (vec![4, 3, 2], 4));
    assert_eq!(ids(0, None, Offset { page: 2, ..page }), (vec![2, 1], 4));
    assert_eq!(ids(3, None, page), (vec![4, 3], 2));
    assert_eq!(ids(0, filter(200, 299, false), page), (vec![1], 1));
    assert_eq!(ids(0, filter(500, 599, true), page), (vec![4, 3], 2));
    let one = Attempt {
        id: 2,
        ..attempt(ONE, Some(404), 2)
    };
    assert_eq!(both.read(|conn| webhook_queue::logged(conn, ONE, 2)), Some(one));
    assert_eq!(both.read(|conn| webhook_queue::logged(conn, OTHER, 2)), None);
    let in_chain = |uuid, by| both.read(move |conn| webhook_queue::in_chain(conn, uuid, at(by)));
    assert_eq!(in_chain("event", 9), [ONE, OTHER]);
    assert_eq!(in_chain("later", 1), [ONE], "before it is sent");
    assert_eq!(
        in_chain("later", 0),
        [WebhookId(0); 0],
        "before there is something to send"
    );
    assert_eq!(in_chain("no", 9), [WebhookId(0); 0]);

    let old = |log, queue| Old {
        log: at(log),
        queue: at(queue),
    };
    let has_old = |old| both.read(move |conn| webhook_queue::has_old(conn, old));
    assert!(!has_old(old(1, 6)));
    assert!(has_old(old(2, 6)));
    assert!(has_old(old(1, 7)));
    let prune = |old, limit| both.write(move |tx| webhook_queue::prune(tx, old, limit));
    assert_eq!(prune(old(4, 6), 2), 2);
    assert_eq!(prune(old(4, 6), 2), 1, "the messages are still needed");
    assert_eq!(ids(0, None, page), (vec![4], 1));
    assert_eq!(prune(old(9, 9), 9), 2 + 1 + 2);
    assert!(!has_old(old(9, 9)));
}
