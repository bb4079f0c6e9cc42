//! The bytes of an answer.

use std::{io::IoSlice, slice};

use bytes::{Buf, Bytes, BytesMut};

/// The bytes of an answer: in one piece, or in several that are sent as they lie in memory, without being put together.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pieces: Pieces,
    /// Which piece is sent next.
    next: usize,
    /// How much of it has been sent.
    sent: usize,
    /// Bytes that are left.
    left: usize,
}

#[derive(Clone, Debug)]
enum Pieces {
    One(Bytes),
    Several(Vec<Bytes>),
}

impl Default for Pieces {
    fn default() -> Pieces {
        Pieces::One(Bytes::new())
    }
}

impl Pieces {
    fn all(&self) -> &[Bytes] {
        match self {
            Pieces::One(piece) => slice::from_ref(piece),
            Pieces::Several(pieces) => pieces,
        }
    }
}

impl Content {
    fn new(pieces: Pieces) -> Content {
        let left = pieces.all().iter().map(Bytes::len).sum();
        let mut content = Content {
            pieces,
            next: 0,
            sent: 0,
            left,
        };
        // Past pieces that are empty.
        content.advance(0);
        content
    }

    /// How many bytes are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.left
    }

    /// Whether there is nothing left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// What is left in one piece.
    #[must_use]
    pub fn into_bytes(mut self) -> Bytes {
        match self.pieces {
            Pieces::One(piece) => piece.slice(piece.len().saturating_sub(self.left)..),
            Pieces::Several(_) => {
                let mut all = BytesMut::with_capacity(self.left);
                while self.has_remaining() {
                    let piece = self.chunk();
                    all.extend_from_slice(piece);
                    self.advance(piece.len());
                }
                all.freeze()
            }
        }
    }
}

impl From<Bytes> for Content {
    fn from(piece: Bytes) -> Content {
        Content::new(Pieces::One(piece))
    }
}

impl From<Vec<Bytes>> for Content {
    fn from(pieces: Vec<Bytes>) -> Content {
        Content::new(Pieces::Several(pieces))
    }
}

impl Buf for Content {
    fn remaining(&self) -> usize {
        self.left
    }

    fn chunk(&self) -> &[u8] {
        let piece = self.pieces.all().get(self.next);
        piece.and_then(|piece| piece.get(self.sent..)).unwrap_or_default()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let pieces = self.pieces.all().get(self.next..).unwrap_or_default();
        let mut sent = self.sent;
        let mut filled = 0;
        for (piece, slice) in pieces.iter().zip(slices) {
            *slice = IoSlice::new(piece.get(sent..).unwrap_or_default());
            sent = 0;
            filled += 1;
        }
        filled
    }

    fn advance(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.sent += count;
        while let Some(piece) = self.pieces.all().get(self.next)
            && self.sent >= piece.len()
        {
            self.sent -= piece.len();
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn content(pieces: &[Vec<u8>]) -> Content {
        match pieces {
            [one] => Content::from(Bytes::from(one.clone())),
            several => several
                .iter()
                .map(|piece| Bytes::from(piece.clone()))
                .collect::<Vec<_>>()
                .into(),
        }
    }

    proptest! {
        #[test]
        fn pieces_are_sent_as_if_they_were_one(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5), 0..6),
            steps in prop::collection::vec(0_usize..7, 0..12),
            width in 1_usize..4,
        ) {
            let whole = pieces.concat();
            let mut content = content(&pieces);
            let mut gone = 0;
            for step in steps {
                prop_assert_eq!(content.remaining(), whole.len() - gone);
                prop_assert_eq!(&content.clone().into_bytes()[..], &whole[gone..]);
                let mut slices = vec![IoSlice::new(&[]); width];
                let filled = content.chunks_vectored(&mut slices);
                let shown: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect();
                prop_assert!(whole[gone..].starts_with(&shown));
                prop_assert!(whole[gone..].starts_with(content.chunk()));
                prop_assert_eq!(content.chunk().is_empty(), gone == whole.len());
                let step = step.min(content.remaining());
                content.advance(step);
                gone += step;
            }
        }
    }
}
