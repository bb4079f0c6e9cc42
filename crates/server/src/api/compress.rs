//! Large answers in fewer bytes, for clients that ask for it (`Accept-Encoding`, RFC 9110 section 12.5.3). There is gzip,
//! which every client has; a list of deployments becomes a tenth of itself.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, VARY},
};

use hyper::body::Body as _;

use super::{endpoint::Reply, reply::Body};
use crate::{cache::Cache, content::Content};

/// Smaller bodies, in bytes, fill few packets as they are.
const LEAST: u64 = 4 << 10;
/// Larger bodies are compressed beside the thread that answers requests: that takes longer than a millisecond.
const MOST_AT_ONCE: usize = 256 << 10;
/// Beyond the fastest level little is gained with JSON.
const LEVEL: u32 = 2;

/// Whether the client takes gzip.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    let told = headers.get_all(ACCEPT_ENCODING).iter();
    let all = told.filter_map(|value| value.to_str().ok());
    let mut any = None;
    for one in all.flat_map(|list| list.split(',')) {
        let (coding, parameters) = one.split_once(';').unwrap_or((one, ""));
        let coding = coding.trim();
        if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
            return is_acceptable(parameters);
        }
        if coding == "*" {
            any = Some(is_acceptable(parameters));
        }
    }
    any.unwrap_or(false)
}

/// A weight of zero says no.
fn is_acceptable(parameters: &str) -> bool {
    let weight = parameters
        .trim()
        .strip_prefix("q=")
        .or(parameters.trim().strip_prefix("Q="));
    weight.is_none_or(|weight| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0))
}

/// Compresses the body of a good answer if that is worth it, and says that another client may get it otherwise. What may
/// be given again at an address is compressed once.
pub(crate) async fn apply(cache: &Cache, address: Option<&str>, reply: &mut Reply, is_wanted: bool) {
    let length = reply.body().size_hint().lower();
    if !matches!(reply.status(), StatusCode::OK | StatusCode::CREATED) || length < LEAST {
        return;
    }
    reply
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("Origin, Accept-Encoding"));
    if !is_wanted {
        return;
    }
    let place = address.zip(reply.headers().get(ETAG).cloned());
    let known = place.as_ref().and_then(|(address, tag)| cache.packed(address, tag));
    let packed = if let Some(packed) = known {
        packed
    } else {
        let Some(packed) = pack(reply.body().clone().into_inner()).await else {
            return;
        };
        if let Some((address, tag)) = place {
            cache.keep_packed(address, tag, packed.clone());
        }
        packed
    };
    reply
        .headers_mut()
        .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    *reply.body_mut() = Body::new(packed.into());
}

async fn pack(body: Option<Content>) -> Option<Bytes> {
    let body = body?.into_bytes();
    if body.len() <= MOST_AT_ONCE {
        gzip(&body)
    } else {
        gzip_aside(body).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "seldom, and far longer than it takes to start a thread"
)]
async fn gzip_aside(body: Bytes) -> Option<Bytes> {
    tokio::task::spawn_blocking(move || gzip(&body)).await.ok().flatten()
}

/// The bytes in the format of RFC 1952.
pub(crate) fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(LEVEL));
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_client_takes_gzip_if_it_says_so() {
        let wanted = |told: &'static str| {
            is_wanted(&HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_static(told),
            )]))
        };
        for yes in [
            "gzip",
            "GZIP",
            "x-gzip",
            "*",
            "br, gzip;q=0.1",
            "gzip, deflate",
            "identity;q=0.5, *;q=0.2",
            "gzip ; q=1.0",
        ] {
            assert!(wanted(yes), "{yes}");
        }
        for no in [
            "",
            "identity",
            "br",
            "gzip;q=0",
            "gzip;q=0.000",
            "*;q=0",
            "gzip;q=0, *",
            "gzip;q=much",
        ] {
            assert!(!wanted(no), "{no}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let bytes: Vec<u8> = (0..100_000_u32)
            .flat_map(|number| (number % 1_000).to_le_bytes())
            .collect();
        let packed = gzip(&bytes).unwrap();
        assert!(packed.len() < bytes.len() / 4, "{}", packed.len());
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&*packed)
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, bytes);
    }
}
