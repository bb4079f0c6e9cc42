//! Lists over several pages.

use landfall_gitlab::{Error, OrderBy, Pagination, Query, Sort, Status};

use crate::responder::Responder;

fn page(ids: &[i64]) -> String {
    let rows: Vec<String> = ids
        .iter()
        .map(|id| {
            format!(r#"{{"id":{id},"iid":{id},"ref":"main","sha":"abc","created_at":"2026-01-01T00:00:00.000Z"}}"#)
        })
        .collect();
    format!("[{}]", rows.join(","))
}

#[tokio::test]
async fn pages_are_followed_by_number_and_stay_at_this_server() {
    let server = Responder::new(&[
        (
            "200 OK",
            &[
                r#"Link: <http://elsewhere.example/api/v4/projects/1/deployments?page=2&per_page=2>; rel="next""#,
                "X-Total: 3",
            ],
            &page(&[1, 2]),
        ),
        ("200 OK", &["X-Total: 3"], &page(&[3])),
    ]);
    let client = server.client();
    let query = Query {
        per_page: Some(2),
        ..Query::default()
    };
    let mut pages = client.deployments().list(1, &query).unwrap();
    let first = pages.next_page().await.unwrap().unwrap();
    assert_eq!((first.items.len(), first.total), (2, Some(3)));
    assert_eq!(pages.next_page().await.unwrap().unwrap().items[0].id, 3);
    assert!(pages.next_page().await.unwrap().is_none());
    assert_eq!(
        server.lines(),
        [
            "GET /api/v4/projects/1/deployments?per_page=2",
            "GET /api/v4/projects/1/deployments?page=2&per_page=2"
        ]
    );
}

#[tokio::test]
async fn pages_are_followed_by_cursor_and_every_filter_is_sent() {
    let server = Responder::new(&[
        ("200 OK", &[r#"Link: <?cursor=c%3D>; rel="next""#], &page(&[9])),
        ("200 OK", &[], &page(&[8])),
    ]);
    let client = server.client();
    let query = Query {
        order_by: Some(OrderBy::FinishedAt),
        sort: Some(Sort::Desc),
        updated_after: Some("2026-01-01T00:00:00+02:00".to_owned()),
        updated_before: Some("b".to_owned()),
        finished_after: Some("c".to_owned()),
        finished_before: Some("d".to_owned()),
        environment: Some("review/a b".to_owned()),
        status: Some(Status::Success),
        page: Some(1),
        per_page: Some(1),
        pagination: Pagination::Keyset,
    };
    let all = client.deployments().list("g/p", &query).unwrap().all().await.unwrap();
    assert_eq!(all.iter().map(|d| d.id).collect::<Vec<_>>(), [9, 8]);
    assert_eq!(
        server.lines(),
        [
            "GET /api/v4/projects/g%2Fp/deployments?order_by=finished_at&sort=desc\
             &updated_after=2026-01-01T00%3A00%3A00%2B02%3A00&updated_before=b&finished_after=c&finished_before=d\
             &environment=review%2Fa+b&status=success&page=1&per_page=1&pagination=keyset",
            "GET /api/v4/projects/g%2Fp/deployments?cursor=c%3D"
        ]
    );
}

#[tokio::test]
async fn a_page_that_failed_can_be_asked_for_again() {
    let server = Responder::new(&[
        ("200 OK", &[r#"Link: <?page=2>; rel="next""#], &page(&[1])),
        ("502 Bad Gateway", &[], ""),
        ("200 OK", &[], &page(&[2])),
    ]);
    let client = server.client();
    let mut pages = client.deployments().list(1, &Query::default()).unwrap();
    pages.next_page().await.unwrap();
    assert_eq!(pages.next_page().await.unwrap_err().refusal().unwrap().status, 502);
    assert_eq!(pages.next_page().await.unwrap().unwrap().items[0].id, 2);
}

#[tokio::test]
async fn a_page_that_leads_to_itself_ends_the_walk() {
    let server = Responder::new(&[
        ("200 OK", &[r#"Link: <?page=2>; rel="next""#], &page(&[1])),
        ("200 OK", &[r#"Link: <?page=2>; rel="next""#], &page(&[2])),
    ]);
    let client = server.client();
    let all = client.deployments().list(1, &Query::default()).unwrap().all().await;
    assert!(matches!(all, Err(Error::Loop { .. })), "{all:?}");
}
