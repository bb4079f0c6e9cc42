//! Lists that come in pages.

use reqwest::header::{HeaderMap, LINK};
use url::Url;

/// The address of the next page: this one's, with the query of the link. A server behind a proxy may know itself under
/// another name, and the token must not go where a header says.
#[must_use]
pub fn next_page(url: &Url, headers: &HeaderMap) -> Option<Url> {
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
    use reqwest::header::HeaderValue;

    use super::*;

    fn next(links: &[&'static str]) -> Option<String> {
        let url = Url::parse("http://here/api/v4/projects/a%2Fb/deployments?page=1").unwrap();
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(LINK, HeaderValue::from_static(link));
        }
        next_page(&url, &headers).map(String::from)
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
