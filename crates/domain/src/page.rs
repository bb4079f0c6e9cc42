//! Pages of a list: by number, or by a cursor that walks on from the last row seen.

/// Direction of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Smallest first.
    #[default]
    Asc,
    /// Largest first.
    Desc,
}

/// A page by number (reference 10.1): both are at least 1, `per_page` at most 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// Number of the page, from 1.
    pub page: i64,
    /// Rows on a page.
    pub per_page: i64,
}

/// Totals above this are not counted, as in GitLab (reference 10.2).
pub const COUNT_LIMIT: i64 = 10_000;
