//! Leases.

use landfall_store::leases;

use crate::both::{Both, at};

#[test]
fn one_holder_at_a_time() {
    let both = Both::new();
    let take = |holder: &'static str, now, until| {
        both.write(move |tx| leases::take(tx, "job:expire", holder, at(now), at(until)))
    };
    assert!(take("a", 0, 10));
    assert!(!take("b", 9, 20), "somebody else has it");
    assert!(take("a", 9, 12), "one's own can be made longer");
    assert!(!take("b", 11, 20));
    assert!(take("b", 12, 20), "it ends by itself");
    assert!(!take("a", 13, 30));

    both.write(|tx| leases::give_back(tx, "job:expire", "a"));
    assert!(!take("c", 14, 30), "nobody gives back what somebody else has");
    both.write(|tx| leases::give_back(tx, "job:expire", "b"));
    assert!(take("c", 14, 30));
    assert!(
        both.write(|tx| leases::take(tx, "job:other", "a", at(14), at(15))),
        "each name is its own"
    );
}
