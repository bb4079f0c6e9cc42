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

/// An id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId([u8; 26]);

impl RequestId {
    /// The digits.
    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A new id: 48 bits of milliseconds and 80 bits that no two requests have in common. They need not be secret, so a
/// keyed hash of a counter makes them.
pub(crate) fn new(now: Timestamp) -> RequestId {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let low = KEY.hash_one(count);
    let high = KEY.hash_one((count, low)) & 0xffff;
    let milliseconds = u64::try_from(now.as_micros() / 1000).unwrap_or(0) & 0xffff_ffff_ffff;
    let value = u128::from(milliseconds) << 80 | u128::from(high) << 64 | u128::from(low);
    let mut rest = value;
    let mut id = [0; 26];
    for digit in id.iter_mut().rev() {
        *digit = DIGITS[(rest % 32) as usize];
        rest /= 32;
    }
    RequestId(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_26_digits_begin_with_the_time_and_differ() {
        let now = Timestamp::from_micros(1_469_918_176_385_000);
        let (one, other) = (new(now), new(now));
        assert_eq!(one.as_str().len(), 26);
        assert!(one.as_str().bytes().all(|digit| DIGITS.contains(&digit)));
        assert_eq!(one.as_str().get(..10), Some("01ARYZ6S41"));
        assert_ne!(one, other);
    }
}
