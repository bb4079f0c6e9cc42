//! What a hook's settings may hold.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use thiserror::Error;

use super::Hidden;

/// The most characters of the value of a header or variable.
const LONGEST_VALUE: usize = 2048;

/// A key or value that a header or variable cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("Illegal key or value")]
pub struct KeyError;

/// Whether a text can be the key of a header or variable: letters, then digits, then any number of parts of letters and
/// digits with `.`, `_` or `-` in front.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let mut parts = text.split(['.', '_', '-']);
    let first = parts.next().unwrap_or_default();
    let digits = first.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let is_first = digits.len() < first.len() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 255 && is_first && parts.all(is_part)
}

/// Whether a header is the business of the connection, so that nobody else may set it.
#[must_use]
pub fn is_reserved_header(name: &str) -> bool {
    const RESERVED: [&str; 10] = [
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

/// Refuses what cannot be a key and its value. Values go into headers and URLs, so they have no control characters.
pub fn validate_pair(key: &str, value: &str) -> Result<(), KeyError> {
    let fits = !value.is_empty() && value.chars().count() <= LONGEST_VALUE && !value.chars().any(char::is_control);
    if is_key(key) && fits { Ok(()) } else { Err(KeyError) }
}

/// The secret of signatures, in the form of Standard Webhooks: `whsec_` and 24 to 64 bytes in Base64.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Hidden, Vec<u8>);

/// What is wrong with a signing secret. The text follows the field's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SecretError {
    /// It cannot be one.
    #[error("must be whsec_ and the Base64 of 24 to 64 bytes")]
    Malformed,
    /// The operating system gave no random bytes.
    #[error("cannot be made: the operating system gives no random bytes")]
    NoRandomness,
}

impl SigningSecret {
    const PREFIX: &str = "whsec_";
    /// Bytes of a secret that is made here.
    const LENGTH: usize = 32;

    /// Reads a secret.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(SecretError::Malformed)?;
        let key = STANDARD.decode(digits).map_err(|_| SecretError::Malformed)?;
        if !(24..=64).contains(&key.len()) {
            return Err(SecretError::Malformed);
        }
        Ok(Self(Hidden::new(text.to_owned()), key))
    }

    /// Makes a new one.
    pub fn generate() -> Result<Self, SecretError> {
        let mut key = vec![0; Self::LENGTH];
        getrandom::fill(&mut key).map_err(|_| SecretError::NoRandomness)?;
        let text = format!("{}{}", Self::PREFIX, STANDARD.encode(&key));
        Ok(Self(Hidden::new(text), key))
    }

    /// The text itself. Only what stores it, or shows a new one to who made it, may ask.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The key that signatures are made with.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.1
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_words_and_numbers() {
        for fine in ["a", "Authorization", "X-Custom-Header", "key1", "a.b_c-9d", "abc123"] {
            assert!(is_key(fine), "{fine}");
        }
        for wrong in [
            "",
            "1a",
            "-a",
            "a-",
            "a--b",
            "a b",
            "a1b",
            "ä",
            "a:b",
            "a\n",
            &"a".repeat(256),
        ] {
            assert!(!is_key(wrong), "{wrong}");
        }
        assert_eq!(validate_pair("key", "value with blanks"), Ok(()));
        for wrong in ["", "a\r\nb", &"x".repeat(2049)] {
            assert_eq!(validate_pair("key", wrong), Err(KeyError));
        }
    }

    #[test]
    fn secrets_are_those_of_standard_webhooks() {
        let made = SigningSecret::generate().unwrap();
        assert_eq!(made.key().len(), 32);
        assert_eq!(SigningSecret::parse(made.expose()), Ok(made.clone()));
        assert_ne!(SigningSecret::generate().unwrap(), made);
        assert_eq!(format!("{made:?}"), "SigningSecret(..)");
        assert_eq!(
            SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
                .unwrap()
                .key()
                .len(),
            24
        );
        for wrong in [
            "",
            "secret",
            "whsec_",
            "whsec_!!",
            "whsec_c2hvcnQ=",
            "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            assert_eq!(SigningSecret::parse(wrong), Err(SecretError::Malformed), "{wrong}");
        }
    }
}
