//! Compressed bodies of answers that are kept, by their address.

use bytes::Bytes;
use http::HeaderValue;
use quick_cache::{Weighter, sync};

use super::Cache;

/// What an entry costs beside its bytes.
const OVERHEAD: u64 = 300;
/// What a body is reckoned at, for the size of tables.
const USUAL: u64 = 5_000;

#[derive(Clone)]
struct Packed {
    /// The tag of what it was made from.
    tag: HeaderValue,
    bytes: Bytes,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<Box<str>, Packed> for Bytewise {
    fn weight(&self, address: &Box<str>, packed: &Packed) -> u64 {
        OVERHEAD + (address.len() + packed.bytes.len()) as u64
    }
}

pub(super) struct Bodies(sync::Cache<Box<str>, Packed, Bytewise>);

impl Bodies {
    pub(super) fn new(bytes: u64) -> Bodies {
        let items = usize::try_from(bytes / USUAL).unwrap_or_default();
        Bodies(sync::Cache::with_weighter(items, bytes, Bytewise))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }
}

impl Cache {
    /// The compressed body that belongs to this address, if it was made from the body with this tag.
    pub(crate) fn packed(&self, address: &str, tag: &HeaderValue) -> Option<Bytes> {
        let packed = self.packed.0.get(address)?;
        (packed.tag == *tag).then_some(packed.bytes)
    }

    /// Keeps a compressed body.
    pub(crate) fn keep_packed(&self, address: &str, tag: HeaderValue, bytes: Bytes) {
        self.packed.0.insert(address.into(), Packed { tag, bytes });
    }
}
