//! SHA-256 and its hexadecimal text, which tokens, slugs and Gravatar addresses share.

use sha2::{Digest as _, Sha256};

pub(crate) fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(nibbles.filter_map(|nibble| char::from_digit(u32::from(nibble), 16)));
    text
}
