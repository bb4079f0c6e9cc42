//! Lists, a page at a time, whichever way the server pages them: the `Link` to the next page is all that is followed.

use std::marker::PhantomData;

use landfall_net::{Method, next_page};
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    client::Client,
    error::{Error, number},
};

/// The pages of a list that are still to come.
#[derive(Debug)]
pub struct Pages<'a, T> {
    client: &'a Client,
    next: Option<Url>,
    item: PhantomData<fn() -> T>,
}

/// One page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are on all pages, where the server says so: not above 10,000, and not with keyset pagination.
    pub total: Option<u64>,
    /// Whether no page follows.
    pub is_last: bool,
}

/// An empty page, which is the last.
impl<T> Default for Page<T> {
    fn default() -> Page<T> {
        Page {
            items: Vec::new(),
            total: None,
            is_last: true,
        }
    }
}

impl<'a, T: DeserializeOwned> Pages<'a, T> {
    pub(crate) fn new(client: &'a Client, first: Url) -> Pages<'a, T> {
        Pages {
            client,
            next: Some(first),
            item: PhantomData,
        }
    }

    /// The next page, `None` after the last. After an error the same page can be asked for again.
    pub async fn next_page(&mut self) -> Result<Option<Page<T>>, Error> {
        let Some(url) = &self.next else {
            return Ok(None);
        };
        let answer = self.client.send(self.client.request(Method::GET, url.clone())).await?;
        let next = next_page(url, &answer.headers);
        if next.as_ref() == Some(url) {
            return Err(Error::Loop {
                place: answer.place().to_owned(),
            });
        }
        let total = number(&answer.headers, "x-total");
        let items = answer.json()?;
        let is_last = next.is_none();
        self.next = next;
        Ok(Some(Page { items, total, is_last }))
    }

    /// Everything that is still to come.
    pub async fn all(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page.items);
        }
        Ok(all)
    }
}
