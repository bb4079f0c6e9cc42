//! Request ids: 26 characters, a ULID, as GitLab's are (reference 12.1).

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use landfall_domain::time::Timestamp;

/// Crockford's base 32.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
static COUNT: AtomicU64 = AtomicU64::new(0);

/// A new id: 48 bits of milliseconds and 80 bits that no two requests have in common. They need not be secret, so a
/// keyed hash of a counter makes them.
pub(crate) fn new(now: Timestamp) -> String {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let low = KEY.hash_one(count);
    let high = KEY.hash_one((count, low)) & 0xffff;
    let milliseconds = u64::try_from(now.as_micros() / 1000).unwrap_or(0) & 0xffff_ffff_ffff;
    let value = u128::from(milliseconds) << 80 | u128::from(high) << 64 | u128::from(low);
    let mut id = String::with_capacity(26);
    id.extend((0..26).rev().filter_map(|place| digit((value >> (place * 5)) & 31)));
    id
}

fn digit(value: u128) -> Option<char> {
    usize::try_from(value)
        .ok()
        .and_then(|value| DIGITS.get(value))
        .map(|digit| char::from(*digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_26_digits_begin_with_the_time_and_differ() {
        let now = Timestamp::from_micros(1_469_918_176_385_000);
        let (one, other) = (new(now), new(now));
        assert_eq!(one.len(), 26);
        assert!(one.bytes().all(|digit| DIGITS.contains(&digit)));
        assert_eq!(one.get(..10), Some("01ARYZ6S41"));
        assert_ne!(one, other);
    }
}
