//! A page of a list as an answer.

use http::StatusCode;
use landfall_domain::page::{COUNT_LIMIT, Offset};
use serde::Serialize;

use super::{
    context::Cx,
    endpoint::Outcome,
    pagination::{self, LinkBase, PageInfo},
    pipeline::json,
};

/// Rows that make up a page, and what its headers say.
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<T>,
    info: PageInfo,
}

impl<T> Page<T> {
    /// Out of what the store found: one row more than the page has, where there is a next page, and the rows in all,
    /// counted a little beyond the limit.
    pub(crate) fn new(mut found: Vec<T>, offset: Offset, total: i64) -> Page<T> {
        let rows = usize::try_from(offset.per_page).unwrap_or(usize::MAX);
        let has_next = found.len() > rows;
        found.truncate(rows);
        let info = PageInfo {
            offset,
            total: (total <= COUNT_LIMIT).then_some(total),
            has_next,
            is_empty: found.is_empty(),
        };
        Page { rows: found, info }
    }

    /// The answer, with the rows as they are shown.
    pub(crate) fn answer<V: Serialize>(&self, cx: &Cx, views: &[V]) -> Outcome {
        let link = LinkBase::new(
            cx.urls().instance(),
            &format!("/api/v4{}", cx.raw_path),
            &cx.given,
            &cx.params,
        );
        let mut reply = json(StatusCode::OK, &views)?;
        reply.headers_mut().extend(pagination::headers(&self.info, &link));
        Ok(reply)
    }
}
