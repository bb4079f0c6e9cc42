//! The key of a run of a job: `system:part:part`.
//!
//! Landfall files all reports with one external id under one deployment. So a key has to be the same in the report that
//! says `running` and the one that says `success`, differ for a re-run, which deploys again, and differ between jobs of
//! one pipeline, between the parallel copies of a job, between servers of one system and between systems.

use std::fmt::Write as _;

/// A key in the making.
pub(super) struct Key {
    text: String,
    is_complete: bool,
}

impl Key {
    /// A key of a system.
    pub(super) fn of(system: &str) -> Key {
        Key {
            text: system.to_owned(),
            is_complete: true,
        }
    }

    /// Adds a part. If it is missing or empty, there is no key: it could be that of another run, and two deployments in
    /// one record are worse than two records.
    pub(super) fn with(mut self, part: Option<impl AsRef<str>>) -> Key {
        self.is_complete &= part.as_ref().is_some_and(|part| !part.as_ref().is_empty());
        self.with_any(part)
    }

    /// Adds a part that a system need not have.
    pub(super) fn with_any(mut self, part: Option<impl AsRef<str>>) -> Key {
        self.text.push(':');
        if let Some(part) = part {
            self.text.push_str(&escaped(part.as_ref()));
        }
        self
    }

    /// The key, unless a part is missing that it needs.
    pub(super) fn finish(mut self) -> Option<String> {
        self.text.truncate(self.text.trim_end_matches(':').len());
        self.is_complete.then_some(self.text)
    }
}

/// The text without the characters that separate parts or break lines, percent-encoded as in URLs, so that different
/// parts never make the same key.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | ':') || character.is_whitespace() || character.is_control() {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "%{byte:02X}");
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Host (with its port) and path of a URL, without scheme and closing slash: unique like the URL, and the same whether
/// a server is reached by `http` or `https`.
pub(super) fn without_scheme(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches('/').to_owned()
}
