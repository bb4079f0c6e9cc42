//! Reading all deployments of a project, and those that have changed, so that nothing is left out while the list changes
//! under the reader.
//!
//! GitLab pages by number. What is deleted on an earlier page moves the rest forward, and a reader of one page after the
//! other never sees what slipped over the edge. So each page here begins with what the page before has ended with; a page
//! that does not is asked for again further ahead. And a list by the time of the change is not paged by number at all, but
//! begins anew at the last time that was read.

use serde_json::Value;

use crate::{
    client::Client,
    error::Error,
    pages::Page,
    project::ProjectRef,
    query::{OrderBy, Query, Sort},
};

/// The most deployments that a server puts on a page.
const LARGEST_PAGE: u64 = 100;
/// The smallest page that is asked for.
const SMALLEST_PAGE: u64 = 50;
/// Pages with nothing new on them, beside those that going back takes, after which a server makes no sense.
const MOST_IN_VAIN: u64 = 100;

/// A reader of all deployments in the order of their ids, from [`Deployments::walk`](crate::Deployments::walk). They come
/// as JSON, because one that is malformed must not keep the others.
#[derive(Debug)]
pub struct Walk<'a> {
    client: &'a Client,
    project: ProjectRef,
    after: Option<i64>,
    position: u64,
    last_seen: Option<i64>,
    in_vain: u64,
    is_over: bool,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(client: &'a Client, project: ProjectRef, after: Option<i64>, position: u64) -> Walk<'a> {
        Walk {
            client,
            project,
            after,
            position: if after.is_some() { position } else { 0 },
            last_seen: None,
            in_vain: 0,
            is_over: false,
        }
    }

    /// The next deployments, at least one; `None` after the last. After an error the same ones can be asked for again.
    pub async fn next_part(&mut self) -> Result<Option<Vec<Value>>, Error> {
        while !self.is_over {
            let window = Window::before(self.position);
            let page = self.page(&window).await?;
            self.in_vain += 1;
            if self.in_vain > self.position / SMALLEST_PAGE + MOST_IN_VAIN {
                return Err(self.goes_in_circles(&window));
            }
            let first = page.items.first().and_then(id);
            if window.start > 0 && (page.items.is_empty() || first > self.after) {
                self.position = window.start.saturating_sub(SMALLEST_PAGE);
                continue;
            }
            let last = page.items.last().and_then(id);
            if !page.is_last && last == self.last_seen {
                return Err(self.goes_in_circles(&window));
            }
            self.last_seen = last;
            self.is_over = page.is_last;
            self.position = window.start + u64::try_from(page.items.len()).unwrap_or(LARGEST_PAGE);
            let after = self.after;
            self.after = last.max(after);
            let new: Vec<Value> = page.items.into_iter().filter(|item| is_after(item, after)).collect();
            if !new.is_empty() {
                self.in_vain = 0;
                return Ok(Some(new));
            }
        }
        Ok(None)
    }

    fn goes_in_circles(&self, window: &Window) -> Error {
        Error::Loop {
            place: format!("page {} of the deployments of {}", window.page, self.project),
        }
    }

    async fn page(&self, window: &Window) -> Result<Page<Value>, Error> {
        let query = Query {
            order_by: Some(OrderBy::Id),
            sort: Some(Sort::Asc),
            page: Some(window.page),
            per_page: Some(window.per_page),
            ..Query::default()
        };
        page_of(self.client, &self.project, &query).await
    }
}

/// One without an id comes along: it is for the caller to complain of.
fn is_after(item: &Value, after: Option<i64>) -> bool {
    id(item).is_none_or(|id| Some(id) > after)
}

fn id(item: &Value) -> Option<i64> {
    item.get("id")?.as_i64()
}

async fn page_of(client: &Client, project: &ProjectRef, query: &Query) -> Result<Page<Value>, Error> {
    let mut pages = client.deployments().list_json(project.clone(), query)?;
    Ok(pages.next_page().await?.unwrap_or_default())
}

/// A page that has the record in front of a position on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    page: u64,
    per_page: u64,
    start: u64,
}

impl Window {
    /// The one with the most records behind the position. Pages can only begin at multiples of their size, so the size
    /// is the one, not much below the largest, whose multiple comes closest.
    fn before(position: u64) -> Window {
        let overlap = position.saturating_sub(1);
        let sizes = (SMALLEST_PAGE..=LARGEST_PAGE).rev();
        let best = sizes
            .max_by_key(|size| (size - overlap % size, *size))
            .unwrap_or(LARGEST_PAGE);
        Window {
            page: overlap / best + 1,
            per_page: best,
            start: overlap / best * best,
        }
    }
}

/// A reader of the deployments that have changed since a time, oldest change first, from
/// [`Deployments::changes`](crate::Deployments::changes). Some come twice.
#[derive(Debug)]
pub struct Changes<'a> {
    client: &'a Client,
    project: ProjectRef,
    since: String,
    page: u64,
    is_over: bool,
}

impl<'a> Changes<'a> {
    pub(crate) fn new(client: &'a Client, project: ProjectRef, since: String) -> Changes<'a> {
        Changes {
            client,
            project,
            since,
            page: 1,
            is_over: false,
        }
    }

    /// The next deployments, at least one; `None` after the last. After an error the same ones can be asked for again.
    pub async fn next_part(&mut self) -> Result<Option<Vec<Value>>, Error> {
        if self.is_over {
            return Ok(None);
        }
        let query = Query {
            order_by: Some(OrderBy::UpdatedAt),
            sort: Some(Sort::Asc),
            updated_after: Some(self.since.clone()),
            page: Some(self.page),
            per_page: Some(LARGEST_PAGE),
            ..Query::default()
        };
        let page = page_of(self.client, &self.project, &query).await?;
        self.is_over = page.is_last || page.items.is_empty();
        match page.items.last().and_then(|item| item.get("updated_at")?.as_str()) {
            Some(last) if last != self.since => {
                last.clone_into(&mut self.since);
                self.page = 1;
            }
            // More of one moment than a page holds, or a server that does not tell times.
            _ => self.page += 1,
        }
        Ok(Some(page.items).filter(|items| !items.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_overlap_and_still_bring_much_that_is_new() {
        assert_eq!(
            Window::before(0),
            Window {
                page: 1,
                per_page: 100,
                start: 0
            }
        );
        let (mut position, mut pages) = (0, 0);
        while position < 1_000_000 {
            let window = Window::before(position);
            assert_eq!((window.page - 1) * window.per_page, window.start);
            assert!((SMALLEST_PAGE..=LARGEST_PAGE).contains(&window.per_page));
            assert!(position == 0 || window.start < position, "{position}: {window:?}");
            let end = window.start + window.per_page;
            assert!(end >= position + 40, "{position}: {window:?}");
            (position, pages) = (end, pages + 1);
        }
        assert!(pages < 11_500, "{pages} pages where 10,000 would do without overlap");
    }
}
