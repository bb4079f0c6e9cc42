//! Reading the bodies of requests: how long one may be, and how much of them there may be in memory at once.
//!
//! Whoever can reach the server can send bodies, and those of hooks are large. What does not fit is refused before more of
//! it is read, so that nobody fills the memory.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api::error::ApiError;

/// What room is counted in.
const UNIT: usize = 1024;
/// After so many seconds there may be room again.
const RETRY_AFTER: u64 = 5;

/// Room for bodies that are in memory at the same time.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    /// A permit for each [`UNIT`].
    free: Arc<Semaphore>,
}

/// The rooms of a server. One of them being full leaves the others as they are.
#[derive(Clone, Debug)]
pub(crate) struct Rooms {
    /// For the API.
    pub(crate) api: Room,
    /// For hooks of senders who have proved who they are before the body.
    pub(crate) known: Room,
    /// For hooks of senders who may be anybody until their bodies have been read: those who sign.
    pub(crate) strangers: Room,
}

/// A body, and the room that it takes for as long as this is there.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) bytes: Bytes,
    taken: Option<OwnedSemaphorePermit>,
}

impl Rooms {
    /// Each with room for so many bytes.
    pub(crate) fn of(bytes: usize) -> Rooms {
        let room = || Room {
            free: Arc::new(Semaphore::new(bytes / UNIT)),
        };
        Rooms {
            api: room(),
            known: room(),
            strangers: room(),
        }
    }
}

impl Room {
    /// Reads a body of at most so many bytes. One that says that it is longer is refused before a client that asks first
    /// (`Expect: 100-continue`) sends it all.
    pub(crate) async fn collect(&self, mut body: Incoming, most: usize) -> Result<Collected, ApiError> {
        if body.size_hint().lower() > most as u64 {
            return Err(ApiError::too_large());
        }
        let mut collected = Collected::default();
        let mut grown = BytesMut::new();
        while let Some(frame) = body.frame().await {
            // The client went away or sent no HTTP: whatever is answered reaches nobody.
            let frame = frame.map_err(|_| ApiError::malformed())?;
            let Ok(data) = frame.into_data() else { continue };
            let length = collected.bytes.len() + grown.len() + data.len();
            if length > most {
                return Err(ApiError::too_large());
            }
            self.take(&mut collected, length)?;
            if collected.bytes.is_empty() && grown.is_empty() {
                // Most bodies come in one piece, which needs no copy.
                collected.bytes = data;
            } else {
                grown.extend_from_slice(&std::mem::take(&mut collected.bytes));
                grown.extend_from_slice(&data);
            }
        }
        if !grown.is_empty() {
            collected.bytes = grown.freeze();
        }
        Ok(collected)
    }

    /// Takes room for a body that has become so long.
    fn take(&self, collected: &mut Collected, length: usize) -> Result<(), ApiError> {
        let held = collected.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = length.div_ceil(UNIT).saturating_sub(held);
        if more == 0 {
            return Ok(());
        }
        let full = ApiError::Unavailable {
            retry_after: RETRY_AFTER,
        };
        let Ok(more) = u32::try_from(more) else {
            return Err(full);
        };
        let Ok(permit) = Arc::clone(&self.free).try_acquire_many_owned(more) else {
            return Err(full);
        };
        match &mut collected.taken {
            Some(taken) => taken.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}
