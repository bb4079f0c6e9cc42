//! Commits as GitLab shows them (reference 7.7).

use std::fmt;

use gix::bstr::ByteSlice;
use gix::objs::commit::MessageRef;
use gix::objs::commit::message::BodyRef;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// The full object id of a commit in lower case: 40 hex digits, or 64 in a SHA-256 repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(String);

impl CommitId {
    /// Takes a full object id in either case. `None` for everything else, abbreviations included.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&gix::oid> for CommitId {
    fn from(id: &gix::oid) -> Self {
        Self(id.to_string())
    }
}

/// What a commit says.
///
/// Bytes that are not UTF-8 become U+FFFD. The `encoding` header is not obeyed: commits that carry one are rare and
/// old, and each of them is still shown, with the odd letter missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// As the commit names them, first parent first, whether or not the repository has them (a shallow one has not).
    pub parent_ids: Vec<CommitId>,
    /// The whole message, unchanged: with its line ends and with a line feed at the end if it has one.
    pub message: String,
    /// The message up to the first CR or LF, of any length. Empty if the message starts with a line end or is empty.
    pub title: String,
    /// Who wrote the change, and when.
    pub author: Signature,
    /// Who made the commit, and when.
    pub committer: Signature,
    /// The `Key: value` lines of the last paragraph, as `git interpret-trailers --parse` finds them: in order, keys
    /// may repeat, folded values are joined by a blank.
    pub trailers: Vec<(String, String)>,
}

/// A person and a time in a commit.
///
/// Broken ones exist in old repositories and are shown as far as they can be read: what is missing is empty, or the
/// beginning of 1970.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Signature {
    /// The name, without blanks around it.
    pub name: String,
    /// The address, without the angle brackets.
    pub email: String,
    /// When, and in which zone.
    pub time: CommitTime,
}

/// A point in time with the offset of the clock that told it, which clients get to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CommitTime {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// How far the clock was ahead of UTC, in seconds.
    pub offset_seconds: i32,
}

impl CommitTime {
    /// The form on the wire (reference 7.7): `2016-08-11T09:36:01.000+02:00`, for UTC `+00:00`.
    ///
    /// An offset is cut to whole minutes. One of more than a day is shown as UTC, and a time outside the years -9999 to
    /// 9999 as the beginning of 1970; only broken commits have them.
    #[must_use]
    pub fn to_wire(self) -> String {
        let offset = Offset::from_seconds(self.offset_seconds / 60 * 60)
            .ok()
            .filter(|offset| offset.seconds().abs() <= 24 * 3_600)
            .unwrap_or(Offset::UTC);
        let instant = Timestamp::from_second(self.seconds).unwrap_or(Timestamp::UNIX_EPOCH);
        instant
            .to_zoned(TimeZone::fixed(offset))
            .strftime("%Y-%m-%dT%H:%M:%S%.3f%:z")
            .to_string()
    }
}

/// Reads the object. Fails only if it does not even begin as a commit does.
///
/// Not with the strict parser of gix: one odd line in a header would hide the rest of the commit.
pub(crate) fn decode(commit: &gix::Commit<'_>) -> gix::Result<Commit> {
    commit.tree_id()?;
    let (headers, raw_message) = commit.data.split_once_str("\n\n").unwrap_or((&commit.data, b""));
    // The lines of a header that spans several start with a blank, so they cannot be mistaken for another header.
    let header = |name: &str| headers.lines().find_map(|line| line.strip_prefix(name.as_bytes()));
    let message = raw_message.to_str_lossy().into_owned();
    Ok(Commit {
        id: CommitId::from(commit.id.as_ref()),
        parent_ids: commit.parent_ids().map(|id| CommitId::from(id.as_ref())).collect(),
        title: title(&message).to_owned(),
        author: header("author ").map(signature).unwrap_or_default(),
        committer: header("committer ").map(signature).unwrap_or_default(),
        trailers: trailers(raw_message),
        message,
    })
}

/// When it was committed, in seconds since 1970; the beginning of 1970 if it does not tell.
pub(crate) fn committed_at(commit: &gix::Commit<'_>) -> i64 {
    let headers = commit
        .data
        .split_once_str("\n\n")
        .map_or(&*commit.data, |(headers, _)| headers);
    let line = headers.lines().find_map(|line| line.strip_prefix(b"committer "));
    line.map_or(0, |line| signature(line).time.seconds)
}

fn title(message: &str) -> &str {
    message.split(['\r', '\n']).next().unwrap_or_default()
}

pub(crate) fn signature(line: &[u8]) -> Signature {
    let Ok(raw) = gix::actor::SignatureRef::from_bytes(line) else {
        return Signature::default();
    };
    let time = gix::date::parse_header(raw.time).unwrap_or_default();
    Signature {
        name: raw.name.trim().to_str_lossy().into_owned(),
        email: raw.email.trim().to_str_lossy().into_owned(),
        time: CommitTime {
            seconds: time.seconds,
            offset_seconds: time.offset,
        },
    }
}

fn trailers(message: &[u8]) -> Vec<(String, String)> {
    let Some(body) = MessageRef::from_bytes(message).body else {
        return Vec::new();
    };
    // Git passes over lines that look like comments, gix counts them as text that spoils the paragraph. (One difference
    // stays: a comment inside a folded value spoils it for git.)
    let is_comment = |line: &[u8]| line.starts_with(b"#");
    let body = body
        .lines_with_terminator()
        .filter(|line| !is_comment(line))
        .collect::<Vec<_>>()
        .concat();
    let text = |bytes: &[u8]| bytes.to_str_lossy().into_owned();
    let found = BodyRef::from_bytes(&body).trailers();
    found
        .map(|trailer| (text(trailer.token), text(&trailer.value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_offset_on_the_wire() {
        let table = [
            (1_470_900_961, 7_200, "2016-08-11T09:36:01.000+02:00"),
            (1_470_900_961, 0, "2016-08-11T07:36:01.000+00:00"),
            (1_470_900_961, -34_200, "2016-08-10T22:06:01.000-09:30"),
            (1_470_900_961, 50_400, "2016-08-11T21:36:01.000+14:00"),
            (1_470_900_961, 86_400, "2016-08-12T07:36:01.000+24:00"),
            (1_470_900_961, 86_460, "2016-08-11T07:36:01.000+00:00"),
            (1_470_900_961, 7_230, "2016-08-11T09:36:01.000+02:00"),
            (1_470_900_961, i32::MIN, "2016-08-11T07:36:01.000+00:00"),
            (0, 0, "1970-01-01T00:00:00.000+00:00"),
            (-1, 0, "1969-12-31T23:59:59.000+00:00"),
            (253_402_300_800, 0, "1970-01-01T00:00:00.000+00:00"),
            (i64::MAX, 3_600, "1970-01-01T01:00:00.000+01:00"),
            (i64::MIN, 3_600, "1970-01-01T01:00:00.000+01:00"),
        ];
        for (seconds, offset_seconds, expected) in table {
            assert_eq!(
                CommitTime {
                    seconds,
                    offset_seconds
                }
                .to_wire(),
                expected,
                "{seconds} {offset_seconds}"
            );
        }
    }

    #[test]
    fn the_title_ends_at_the_first_line_end_of_any_kind() {
        let table = [
            ("one\ntwo", "one"),
            ("one\r\ntwo", "one"),
            ("one\rtwo", "one"),
            ("one", "one"),
            ("\none", ""),
            ("", ""),
        ];
        for (message, expected) in table {
            assert_eq!(title(message), expected, "{message:?}");
        }
    }

    #[test]
    fn only_full_ids_are_ids() {
        let id = CommitId::parse("ABCDEF0123456789abcdef0123456789ABCDEF01").unwrap();
        assert_eq!(id.as_str(), "abcdef0123456789abcdef0123456789abcdef01");
        assert!(CommitId::parse(&"0".repeat(64)).is_some());
        for length in [0, 8, 39, 41, 63, 65] {
            assert_eq!(CommitId::parse(&"0".repeat(length)), None, "{length}");
        }
        assert_eq!(CommitId::parse(&"g".repeat(40)), None);
    }
}
