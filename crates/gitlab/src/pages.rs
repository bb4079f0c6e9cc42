//! Lists, a page at a time, whichever way the server pages them: the `Link` to the next page is all that is followed.

use std::marker::PhantomData;

use landfall_net::{
    Method,
    header::{HeaderMap, LINK},
};
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
        let next = next_of(url, &answer.headers);
        if next.as_ref() == Some(url) {
            return Err(Error::Loop {
                place: answer.place().to_owned(),
            });
        }
        let total = number(&answer.headers, "x-total");
        let items = answer.json()?;
        self.next = next;
        Ok(Some(Page { items, total }))
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

/// The address of the next page: this one's, with the query of the link. A server behind a proxy may know itself under
/// another name, and the token must not go where a header says.
fn next_of(url: &Url, headers: &HeaderMap) -> Option<Url> {
    let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let next = links.flat_map(|links| links.split('<').skip(1)).find_map(|link| {
        let (address, parameters) = link.split_once('>')?;
        let is_next = parameters
            .split([';', ','])
            .any(|parameter| matches!(parameter.trim(), r#"rel="next""# | "rel=next"));
        is_next.then_some(address)
    })?;
    let target = url.join(next).ok()?;
    let mut next = url.clone();
    next.set_query(target.query());
    Some(next)
}

#[cfg(test)]
mod tests {
    use landfall_net::header::HeaderValue;

    use super::*;

    fn next(links: &[&'static str]) -> Option<String> {
        let url = Url::parse("http://here/api/v4/projects/a%2Fb/deployments?page=1").unwrap();
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(LINK, HeaderValue::from_static(link));
        }
        next_of(&url, &headers).map(String::from)
    }

    #[test]
    fn the_link_to_the_next_page_is_found_among_others() {
        let table = [
            (
                vec![
                    r#"<http://x/p?page=1>; rel="prev", <http://x/p?page=3&q=a,b>; rel="next", <http://x/p>; rel="first""#,
                ],
                Some("page=3&q=a,b"),
            ),
            (
                vec![
                    r#"<http://x/p?page=1>; rel="first""#,
                    r#"<http://x/p?cursor=c>; rel="next""#,
                ],
                Some("cursor=c"),
            ),
            (vec!["<?page=2>; rel=next"], Some("page=2")),
            (
                vec![r#"<http://x/p?page=1>; rel="first", <http://x/p?page=9>; rel="last""#],
                None,
            ),
            (vec!["nonsense", "<broken", r#"rel="next""#], None),
            (vec![], None),
        ];
        for (links, expected) in table {
            let expected = expected.map(|query| format!("http://here/api/v4/projects/a%2Fb/deployments?{query}"));
            assert_eq!(next(&links), expected, "{links:?}");
        }
    }
}
