//! Bodies of answers that are kept, in one piece: compressed ones, and those of lists that are asked for often, because to
//! send one piece takes less time than to look up twenty.

use bytes::Bytes;
use http::HeaderValue;
use quick_cache::{Weighter, sync};

use super::Cache;

/// What an entry costs beside its bytes.
const OVERHEAD: u64 = 300;

#[derive(Clone)]
struct Body {
    /// The tag of the answer that it belongs to.
    tag: HeaderValue,
    bytes: Bytes,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<Box<str>, Body> for Bytewise {
    fn weight(&self, address: &Box<str>, body: &Body) -> u64 {
        OVERHEAD + (address.len() + body.bytes.len()) as u64
    }
}

/// Bodies by the address that asked for them.
pub(super) struct Bodies(sync::Cache<Box<str>, Body, Bytewise>);

impl Bodies {
    /// At most so many bytes; `usual` is what a body is reckoned at, for the size of tables.
    pub(super) fn new(bytes: u64, usual: u64) -> Bodies {
        let items = usize::try_from(bytes / usual).unwrap_or_default();
        Bodies(sync::Cache::with_weighter(items, bytes, Bytewise))
    }

    /// The body that belongs to the answer with this tag.
    pub(super) fn get(&self, address: &str, tag: &HeaderValue) -> Option<Bytes> {
        let body = self.0.get(address)?;
        (body.tag == *tag).then_some(body.bytes)
    }

    pub(super) fn keep(&self, address: &str, tag: HeaderValue, bytes: Bytes) {
        self.0.insert(address.into(), Body { tag, bytes });
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

impl Cache {
    /// The compressed body of the answer with this tag.
    pub(crate) fn packed(&self, address: &str, tag: &HeaderValue) -> Option<Bytes> {
        self.packed.get(address, tag)
    }

    /// Keeps a compressed body.
    pub(crate) fn keep_packed(&self, address: &str, tag: HeaderValue, bytes: Bytes) {
        self.packed.keep(address, tag, bytes);
    }
}
