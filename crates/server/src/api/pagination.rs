//! Pages of a list on the wire: the parameters, the `X-` headers and `Link` (reference 10).
//!
//! Clients walk a list by following `rel="next"` as it is, so a link has to repeat the request exactly: everything that
//! was sent, the defaults of what was not, and only the page moved on. Tokens are the exception: they would end up in
//! logs and histories.

mod link;

use http::header::LINK;
use http::{HeaderName, HeaderValue};
use landfall_domain::page::Offset;

pub use self::link::LinkBase;
use super::params::{Param, Values};

/// Rows on a page when the client does not say.
const DEFAULT_PER_PAGE: i64 = 20;
/// Rows on a page at most; more are quietly cut to this.
pub const MAX_PER_PAGE: i64 = 100;

/// The number of the page.
pub const PAGE: Param = Param::integer("page").default("1").doc("Number of the page, from 1");

/// Rows on a page. Zero is the only number that GitLab refuses; every other one is moved into the range.
pub const PER_PAGE: Param = Param::integer("per_page")
    .default("20")
    .forbidden(&[0])
    .doc("Rows on a page: 20 by default, 100 at most");

/// What every list takes.
pub const PAGE_PARAMS: [Param; 2] = [PAGE, PER_PAGE];

/// Asks for a walk by cursor instead of by page number: `keyset`. Any other text means nothing, as in GitLab.
pub const PAGINATION: Param = Param::text("pagination").doc("`keyset` for a walk by cursor, with `order_by=id` only");

/// Where a walk by cursor goes on.
pub const CURSOR: Param = Param::text("cursor").doc("The cursor out of a `Link` header, unchanged");

/// What lists take that can also be walked by cursor, beside [`PAGE_PARAMS`].
pub const KEYSET_PARAMS: [Param; 2] = [PAGINATION, CURSOR];

const X_PAGE: HeaderName = HeaderName::from_static("x-page");
const X_PER_PAGE: HeaderName = HeaderName::from_static("x-per-page");
const X_NEXT_PAGE: HeaderName = HeaderName::from_static("x-next-page");
const X_PREV_PAGE: HeaderName = HeaderName::from_static("x-prev-page");
const X_TOTAL: HeaderName = HeaderName::from_static("x-total");
const X_TOTAL_PAGES: HeaderName = HeaderName::from_static("x-total-pages");

/// The page that validated parameters ask for; their table has to contain [`PAGE_PARAMS`] (reference 10.1).
///
/// No page is out of range: below 1 it is 1, and one beyond the end is an empty page.
#[must_use]
pub fn offset(values: &Values) -> Offset {
    Offset {
        page: values.integer("page").unwrap_or(1).max(1),
        per_page: per_page(values),
    }
}

/// Rows on a page, from 1 to 100, for either kind of walk: a negative number counts as none, more than 100 as 100.
#[must_use]
pub fn per_page(values: &Values) -> i64 {
    match values.integer("per_page") {
        Some(rows) if rows > 0 => rows.min(MAX_PER_PAGE),
        _ => DEFAULT_PER_PAGE,
    }
}

/// What the headers of a page say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageInfo {
    /// The page that was asked for.
    pub offset: Offset,
    /// Rows on all pages together; `None` above [`COUNT_LIMIT`](landfall_domain::page::COUNT_LIMIT), where GitLab stops
    /// counting.
    pub total: Option<i64>,
    /// Whether there is a row behind this page.
    pub has_next: bool,
    /// Whether the page has no rows. An empty page beyond the end has no neighbours.
    pub is_empty: bool,
}

impl PageInfo {
    fn next(&self) -> Option<i64> {
        self.has_next.then(|| self.offset.page.saturating_add(1))
    }

    fn prev(&self) -> Option<i64> {
        (self.offset.page > 1 && !self.is_empty).then(|| self.offset.page - 1)
    }

    /// The number of the last page, which is 1 for an empty list.
    fn last(&self) -> Option<i64> {
        let rows = self.offset.per_page.max(1);
        self.total
            .map(|total| (total / rows + i64::from(total % rows > 0)).max(1))
    }
}

/// The headers of a page by number (reference 10.2 and 10.3): page, size, neighbours (empty where there are none),
/// totals if they are known, and `Link` with `prev`, `next`, `first` and `last` in this order.
#[must_use]
pub fn headers(info: &PageInfo, link: &LinkBase) -> Vec<(HeaderName, HeaderValue)> {
    let number = |page: Option<i64>| page.map_or(HeaderValue::from_static(""), HeaderValue::from);
    let mut headers = vec![
        (X_PAGE, HeaderValue::from(info.offset.page)),
        (X_PER_PAGE, HeaderValue::from(info.offset.per_page)),
        (X_NEXT_PAGE, number(info.next())),
        (X_PREV_PAGE, number(info.prev())),
    ];
    if let (Some(total), Some(last)) = (info.total, info.last()) {
        headers.push((X_TOTAL, HeaderValue::from(total)));
        headers.push((X_TOTAL_PAGES, HeaderValue::from(last)));
    }
    let pages = [
        ("prev", info.prev()),
        ("next", info.next()),
        ("first", Some(1)),
        ("last", info.last()),
    ];
    let links: Vec<String> = pages
        .iter()
        .filter_map(|&(rel, page)| Some(format!("<{}>; rel=\"{rel}\"", link.page(page?, info.offset.per_page))))
        .collect();
    headers.extend(link_header(&links.join(", ")));
    headers
}

/// The headers of a page by cursor: `Link` with `rel="next"`, and nothing on the last page. GitLab sends no `X-` headers
/// here, since there are no page numbers and nothing is counted.
///
/// `next` is the text of the cursor behind the last row.
#[must_use]
pub fn keyset_headers(next: Option<&str>, per_page: i64, link: &LinkBase) -> Vec<(HeaderName, HeaderValue)> {
    let text = next.map(|cursor| format!("<{}>; rel=\"next\"", link.cursor(cursor, per_page)));
    text.and_then(|text| link_header(&text)).into_iter().collect()
}

/// `None` never happens: link URLs are escaped to ASCII.
fn link_header(text: &str) -> Option<(HeaderName, HeaderValue)> {
    HeaderValue::from_str(text).ok().map(|value| (LINK, value))
}

#[cfg(test)]
mod tests;
