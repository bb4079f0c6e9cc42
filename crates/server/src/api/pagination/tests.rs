//! The tables of reference 10, row by row.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::api::params::validate;

const TABLE: &[Param] = &[
    Param::text("id").in_path(),
    PAGE,
    PER_PAGE,
    Param::text("order_by").default("id"),
    Param::text("sort").default("asc"),
    Param::time("updated_after"),
    PAGINATION,
    CURSOR,
];

const PATH: &str = "/api/v4/projects/a%2Fb/deployments";

fn values(given: &Value) -> Values {
    validate(TABLE, &[], given.as_object().unwrap()).unwrap()
}

fn base(given: &Value) -> LinkBase {
    LinkBase::new(
        "https://gitlab.example.com",
        PATH,
        given.as_object().unwrap(),
        &values(given),
    )
}

/// One header, `None` if it is not there.
fn header(headers: &[(HeaderName, HeaderValue)], name: &str) -> Option<String> {
    headers
        .iter()
        .find(|(header, _)| header == name)
        .map(|(_, value)| value.to_str().unwrap().to_owned())
}

fn all(headers: &[(HeaderName, HeaderValue)]) -> Vec<String> {
    headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect()
}

#[test]
fn page_parameters() {
    let cases = [
        (json!({}), 1, 20),
        (json!({"page": "", "per_page": ""}), 1, 20),
        (json!({"page": null, "per_page": null}), 1, 20),
        (json!({"page": "0"}), 1, 20),
        (json!({"page": "-3", "per_page": "-3"}), 1, 20),
        (json!({"page": "7", "per_page": "50"}), 7, 50),
        (json!({"per_page": "100"}), 1, 100),
        (json!({"per_page": "101"}), 1, 100),
        (json!({"page": i64::MAX, "per_page": i64::MAX}), i64::MAX, 100),
        (json!({"page": i64::MIN, "per_page": i64::MIN}), 1, 20),
    ];
    for (given, page, per_page) in cases {
        assert_eq!(offset(&values(&given)), Offset { page, per_page }, "{given}");
    }
    for (given, expected) in [
        (json!({"per_page": "0"}), "400 per_page has a value not allowed"),
        (
            json!({"page": "x", "per_page": "y"}),
            "400 page is invalid, per_page is invalid",
        ),
    ] {
        let error = validate(&PAGE_PARAMS, &[], given.as_object().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn the_example_of_the_reference() {
    let given = json!({"per_page": "1", "page": "2", "id": "a/b"});
    let info = PageInfo {
        offset: offset(&values(&given)),
        total: Some(3),
        has_next: true,
        is_empty: false,
    };
    let link = |page: u8, rel: &str| {
        format!(
            "<https://gitlab.example.com/api/v4/projects/a%2Fb/deployments?id=a%2Fb&order_by=id&page={page}&per_page=1\
             &sort=asc>; rel=\"{rel}\""
        )
    };
    let links = [link(1, "prev"), link(3, "next"), link(1, "first"), link(3, "last")].join(", ");
    let expected = [
        "x-page: 2",
        "x-per-page: 1",
        "x-next-page: 3",
        "x-prev-page: 1",
        "x-total: 3",
        "x-total-pages: 3",
        &format!("link: {links}"),
    ];
    assert_eq!(all(&headers(&info, &base(&given))), expected);
}

/// Next, previous, total, number of pages, and the relations of `Link`.
type Row = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
);

#[test]
fn neighbours_and_totals() {
    let page = |page: i64, total: Option<i64>, has_next: bool, is_empty: bool| PageInfo {
        offset: Offset { page, per_page: 20 },
        total,
        has_next,
        is_empty,
    };
    let cases: [(PageInfo, Row); 9] = [
        (
            page(1, Some(0), false, true),
            ("", "", Some("0"), Some("1"), "first last"),
        ),
        (
            page(1, Some(20), false, false),
            ("", "", Some("20"), Some("1"), "first last"),
        ),
        (
            page(1, Some(21), true, false),
            ("2", "", Some("21"), Some("2"), "next first last"),
        ),
        (
            page(2, Some(21), false, false),
            ("", "1", Some("21"), Some("2"), "prev first last"),
        ),
        (
            page(9, Some(21), false, true),
            ("", "", Some("21"), Some("2"), "first last"),
        ),
        (
            page(500, Some(10_000), false, false),
            ("", "499", Some("10000"), Some("500"), "prev first last"),
        ),
        (
            page(500, None, true, false),
            ("501", "499", None, None, "prev next first"),
        ),
        (page(900, None, false, true), ("", "", None, None, "first")),
        (
            page(i64::MAX, Some(1), false, true),
            ("", "", Some("1"), Some("1"), "first last"),
        ),
    ];
    let link = base(&json!({"id": "1"}));
    for (info, (next, prev, total, pages, relations)) in cases {
        let headers = headers(&info, &link);
        let get = |name: &str| header(&headers, name);
        assert_eq!(get("x-page"), Some(info.offset.page.to_string()), "{info:?}");
        assert_eq!(get("x-per-page").as_deref(), Some("20"), "{info:?}");
        assert_eq!(get("x-next-page").as_deref(), Some(next), "{info:?}");
        assert_eq!(get("x-prev-page").as_deref(), Some(prev), "{info:?}");
        assert_eq!(get("x-total").as_deref(), total, "{info:?}");
        assert_eq!(get("x-total-pages").as_deref(), pages, "{info:?}");
        let links = get("link").unwrap();
        let sent: Vec<&str> = links
            .split("rel=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert_eq!(sent.join(" "), relations, "{info:?}");
    }
}

fn query(given: &Value) -> String {
    base(given).page(1, 20).split_once('?').unwrap().1.to_owned()
}

#[test]
fn links_repeat_the_request() {
    let defaults = "order_by=id&page=1&per_page=20&sort=asc";
    let cases = [
        (json!({}), defaults.to_owned()),
        (json!({"page": "5", "per_page": "3"}), defaults.to_owned()),
        (
            json!({"zone": "x y", "a": "é&/=+"}),
            format!("a=%C3%A9%26%2F%3D%2B&{defaults}&zone=x+y"),
        ),
        (json!({"sort": ""}), "order_by=id&page=1&per_page=20&sort=".to_owned()),
        (json!({"updated_after": ""}), format!("{defaults}&updated_after=")),
        (
            json!({"updated_after": "2019-03-15 08:00"}),
            format!("{defaults}&updated_after=2019-03-15T08%3A00%3A00%2B00%3A00"),
        ),
        (
            json!({"updated_after": "2019-03-15T08:00:00.123456Z"}),
            format!("{defaults}&updated_after=2019-03-15T08%3A00%3A00.123456%2B00%3A00"),
        ),
        (
            json!({"users": ["7", "8"], "not": {"labels": "x"}, "none": null, "n": 5}),
            format!("n=5&none=&not%5Blabels%5D=x&{defaults}&users%5B%5D=7&users%5B%5D=8"),
        ),
        (
            json!({
                "private_token": "s", "access_token": "s", "bearer_token": "s", "job_token": "s", "token": "s",
                "sudo": "root", "tokens": "kept",
            }),
            format!("{defaults}&tokens=kept"),
        ),
        (
            json!({"private_token": ["s"], "token": {"a": "s"}}),
            defaults.to_owned(),
        ),
        (
            json!({"cursor": "x", "pagination": "keyset"}),
            "cursor=x&order_by=id&page=1&pagination=keyset&per_page=20&sort=asc".to_owned(),
        ),
    ];
    for (given, expected) in cases {
        assert_eq!(query(&given), expected, "{given}");
    }
}

#[test]
fn undeclared_parameters_do_not_blow_up_the_header() {
    let long = "x".repeat(5000);
    assert_eq!(query(&json!({"a": long.clone()})), query(&json!({})));
    assert!(
        query(&json!({"token": long.clone(), "kept": "1"})).starts_with("kept=1&"),
        "secrets take no room"
    );
    let declared = query(&json!({"order_by": long.clone()}));
    assert!(declared.contains(&long), "what the server needs is always repeated");
}

#[test]
fn the_base_is_the_external_url() {
    let link = |external: &str, path: &str| LinkBase::new(external, path, &Map::new(), &Values::default()).page(2, 20);
    assert_eq!(
        link("http://127.0.0.1:8080/", "/api/v4/x"),
        "http://127.0.0.1:8080/api/v4/x?page=2&per_page=20"
    );
    assert_eq!(link("https://a/sub", "/b"), "https://a/sub/b?page=2&per_page=20");
    assert_eq!(
        link("https://a", "/b>; rel=\"next\", <é"),
        "https://a/b%3E;%20rel=%22next%22,%20%3C%C3%A9?page=2&per_page=20"
    );
}

#[test]
fn a_walk_by_cursor_has_one_link() {
    let given =
        json!({"id": "a/b", "pagination": "keyset", "per_page": "50", "page": "3", "cursor": "old", "sort": "desc"});
    let link = base(&given);
    let expected = "link: <https://gitlab.example.com/api/v4/projects/a%2Fb/deployments?cursor=n-1&id=a%2Fb&order_by=id\
                    &pagination=keyset&per_page=50&sort=desc>; rel=\"next\"";
    assert_eq!(
        all(&keyset_headers(Some("n-1"), per_page(&values(&given)), &link)),
        [expected]
    );
    assert_eq!(all(&keyset_headers(None, 50, &link)), [""; 0]);
}

proptest! {
    /// A link, read back as a request, asks for the same rows and nothing else but another page.
    #[test]
    fn a_link_asks_for_the_same(
        extra in prop::collection::hash_map("[a-zé&=\\[ ]{1,6}", "[^\\x00]{0,9}", 0..5),
        sort in prop::option::of("[a-z +%]{0,5}"),
        page in any::<i64>(),
    ) {
        let mut given: Map<String, Value> = extra.into_iter().map(|(name, value)| (name, value.into())).collect();
        given.extend(sort.map(|sort| ("sort".to_owned(), sort.into())));
        let given = Value::Object(given);
        let link = base(&given).page(page, 7);
        let mut expected = given;
        for (name, value) in [("page", page.to_string()), ("per_page", "7".to_owned())] {
            expected[name] = value.into();
        }
        for (name, value) in [("order_by", "id"), ("sort", "asc")] {
            if expected[name].is_null() {
                expected[name] = value.into();
            }
        }
        let (_, query) = link.split_once('?').unwrap();
        let read: Map<String, Value> = form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
            .collect();
        prop_assert_eq!(Value::Object(read), expected);
        prop_assert!(HeaderValue::from_str(&link).is_ok());
    }

    #[test]
    fn no_page_overflows(page in 1..=i64::MAX, per_page in 1..=100_i64, total in prop::option::of(0..=i64::MAX)) {
        let info = PageInfo { offset: Offset { page, per_page }, total, has_next: true, is_empty: false };
        let last = info.last();
        prop_assert!(last.is_none_or(|last| last >= 1));
        let sent = headers(&info, &LinkBase::new("https://a", PATH, &Map::new(), &Values::default()));
        prop_assert!(header(&sent, "link").is_some());
    }
}
