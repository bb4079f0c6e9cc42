//! Pages of a list: by number, or by a cursor that walks on from the last row seen.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Direction of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Smallest first.
    #[default]
    Asc,
    /// Largest first.
    Desc,
}

texts!(Sort { Asc = "asc", Desc = "desc" });

/// A page by number (reference 10.1): both are at least 1, `per_page` at most 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// Number of the page, from 1.
    pub page: i64,
    /// Rows on a page.
    pub per_page: i64,
}

impl Offset {
    /// How many rows come before the page. A page too far out for the arithmetic starts at `i64::MAX`, where no list
    /// has a row.
    #[must_use]
    pub const fn start(self) -> i64 {
        self.page.saturating_sub(1).saturating_mul(self.per_page)
    }
}

/// Where a walk by keyset pagination goes on: after the row with this id, in this direction.
///
/// A client gets it as text and gives it back unread; the text has a version, so that its content may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The id of the last row that was seen.
    pub last_id: i64,
    /// Direction of the walk.
    pub sort: Sort,
}

/// What the text of today's cursors begins with.
const CURSOR_VERSION: &str = "1";

impl Cursor {
    /// The text for the client, which needs no escaping in a URL.
    #[must_use]
    pub fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{CURSOR_VERSION} {} {}", self.sort, self.last_id))
    }

    /// Reads the text of a cursor; `None` for any text that [`Cursor::encode`] did not make.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (sort, last_id) = plain.strip_prefix(CURSOR_VERSION)?.strip_prefix(' ')?.split_once(' ')?;
        let cursor = Self {
            last_id: last_id.parse().ok()?,
            sort: Sort::parse(sort)?,
        };
        // `parse` reads `+7` and `007` as well, which no cursor says.
        (cursor.encode() == text).then_some(cursor)
    }
}

/// Totals above this are not counted, as in GitLab (reference 10.2).
pub const COUNT_LIMIT: i64 = 10_000;
