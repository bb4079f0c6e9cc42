//! Multipart bodies, as `curl -F` sends them.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body_util::{BodyDataStream, Full};
use multer::Multipart;
use serde_json::{Map, Value, json};

use crate::api::bracket;
use crate::api::path::Malformed;

/// The parts of a multipart body as parameters. An uploaded file becomes an object, as in Rack, so that a parameter that
/// wants text says `is invalid`; no endpoint takes files.
pub(super) fn read(content_type: &str, body: &[u8]) -> Result<Map<String, Value>, Malformed> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| Malformed)?;
    let stream = BodyDataStream::new(Full::new(Bytes::copy_from_slice(body)));
    ready(read_parts(Multipart::new(stream, boundary)))?
}

async fn read_parts(mut parts: Multipart<'_>) -> Result<Map<String, Value>, Malformed> {
    let mut params = Map::new();
    while let Some(part) = parts.next_field().await.map_err(|_| Malformed)? {
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        let file = part.file_name().map(|file| json!({ "filename": file }));
        let bytes = part.bytes().await.map_err(|_| Malformed)?;
        let value = match file {
            Some(file) => file,
            None => Value::from(std::str::from_utf8(&bytes).map_err(|_| Malformed)?),
        };
        bracket::insert(&mut params, &name, value)?;
    }
    Ok(params)
}

/// The result of a future that has nothing to wait for. The whole body is in memory, so multer only ever waits when the
/// body ends in the middle of a part: that is a malformed body, not a slow one.
fn ready<F: Future>(future: F) -> Result<F::Output, Malformed> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => Err(Malformed),
    }
}
