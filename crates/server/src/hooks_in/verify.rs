//! Whether a delivery comes from who knows the hook's secret.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue};
use landfall_domain::{hook::Proof, token::Secret};
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use super::{Delivery, Sender};

/// Why a delivery is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unauthentic {
    /// Nothing that proves anything.
    #[error("the header {0} is missing")]
    Missing(&'static str),
    /// A signature of a sender whose secret is not kept.
    #[error("the header {0} cannot be checked: of this hook's secret only the digest is kept")]
    Unsigned(&'static str),
    /// A proof that cannot be read.
    #[error("the header {0} is malformed")]
    Malformed(&'static str),
    /// A proof made with another secret, or for another body.
    #[error("the header {0} does not fit the hook's secret")]
    Wrong(&'static str),
}

const GITLAB: &str = "X-Gitlab-Token";
const GITHUB: &str = "X-Hub-Signature-256";
const FLUX: &str = "X-Signature";
const BEARER: &str = "Authorization";

/// Whether a request has anything that could prove who sends it, so that nobody's body needs to be read without.
#[must_use]
pub fn has_proof(sender: Sender, headers: &HeaderMap) -> bool {
    match sender {
        Sender::Gitlab => headers.contains_key(GITLAB),
        Sender::Github => headers.contains_key(GITHUB),
        Sender::Flux => headers.contains_key(FLUX) || headers.contains_key(BEARER),
        Sender::Argocd | Sender::Cdevents => headers.contains_key(BEARER),
    }
}

/// Whether what proves who sends a request is a signature of its body, and not a secret in its headers.
#[must_use]
pub fn is_signed(sender: Sender, headers: &HeaderMap) -> bool {
    match sender {
        Sender::Github => true,
        Sender::Flux => headers.contains_key(FLUX),
        Sender::Gitlab | Sender::Argocd | Sender::Cdevents => false,
    }
}

/// Checks a delivery against what is kept of the hook's secret, in a time that tells nothing about it.
///
/// GitLab sends the secret itself in `X-Gitlab-Token`. GitHub signs the body (`X-Hub-Signature-256`), as does Flux's
/// `generic-hmac` (`X-Signature`, with SHA-224, -256, -384 or -512). Everybody else sends
/// `Authorization: Bearer <secret>`. A signature that is there counts: a token beside a wrong one proves nothing.
pub fn verify(sender: Sender, proof: &Proof, delivery: &Delivery<'_>) -> Result<(), Unauthentic> {
    match sender {
        Sender::Gitlab => {
            let token = delivery.headers.get(GITLAB).map(HeaderValue::as_bytes);
            let token = token.filter(|token| !token.is_empty());
            same_token(GITLAB, proof, token.ok_or(Unauthentic::Missing(GITLAB))?)
        }
        Sender::Github => {
            let signature = delivery.header(GITHUB).ok_or(Unauthentic::Missing(GITHUB))?;
            match signature.split_once('=') {
                Some(("sha256", _)) => signed(GITHUB, proof, signature, delivery.body),
                _ => Err(Unauthentic::Malformed(GITHUB)),
            }
        }
        Sender::Flux => match delivery.header(FLUX) {
            Some(signature) => signed(FLUX, proof, signature, delivery.body),
            None => bearer(proof, delivery),
        },
        Sender::Argocd | Sender::Cdevents => bearer(proof, delivery),
    }
}

fn bearer(proof: &Proof, delivery: &Delivery<'_>) -> Result<(), Unauthentic> {
    let header = delivery.header(BEARER).ok_or(Unauthentic::Missing(BEARER))?;
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            same_token(BEARER, proof, token.trim().as_bytes())
        }
        _ => Err(Unauthentic::Malformed(BEARER)),
    }
}

/// Compares digests, because comparing the texts would tell how long the secret is.
fn same_token(header: &'static str, proof: &Proof, token: &[u8]) -> Result<(), Unauthentic> {
    let known = match proof {
        Proof::Digest(digest) => digest.0,
        Proof::Secret(secret) => secret.digest().0,
    };
    let token = Sha256::digest(token);
    if bool::from(known.as_slice().ct_eq(token.as_slice())) {
        Ok(())
    } else {
        Err(Unauthentic::Wrong(header))
    }
}

/// Checks `sha256=<hex>`, or the same with another digest.
fn signed(header: &'static str, proof: &Proof, signature: &str, body: &[u8]) -> Result<(), Unauthentic> {
    let Proof::Secret(secret) = proof else {
        return Err(Unauthentic::Unsigned(header));
    };
    let malformed = Unauthentic::Malformed(header);
    let (name, digits) = signature.split_once('=').ok_or(malformed)?;
    let code = from_hex(digits).ok_or(malformed)?;
    macro_rules! is_made_with {
        ($digest:ty) => {
            <Hmac<$digest>>::new_from_slice(Secret::expose(secret).as_bytes())
                .is_ok_and(|mac| mac.chain_update(body).verify_slice(&code).is_ok())
        };
    }
    let is_right = match name {
        "sha224" => is_made_with!(Sha224),
        "sha256" => is_made_with!(Sha256),
        "sha384" => is_made_with!(Sha384),
        "sha512" => is_made_with!(Sha512),
        _ => return Err(malformed),
    };
    if is_right {
        Ok(())
    } else {
        Err(Unauthentic::Wrong(header))
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let nibbles: Vec<u8> = digits
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|nibble| u8::try_from(nibble).ok()))
        .collect::<Option<_>>()?;
    let (pairs, rest) = nibbles.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// The SHA-256 of some bytes in hexadecimal digits, under the name of the digest.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes)
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|nibble| char::from_digit(u32::from(nibble), 16))
        .collect::<String>();
    format!("sha256:{digits}")
}
