//! Pages of the list: by number with GitLab's headers (reference 10), and by cursor (our own addition).

use super::*;
use crate::support::each_engine;

each_engine!(
    async fn pages_by_number_carry_all_headers(server) {
        let team = team(&server).await;
        record(&team.root, &report("production", 1, "success")).await;
        insert_many(&server, 1, 24).await;
        let headers = |path: String| {
            let reporter = team.reporter.clone();
            async move {
                let answer = reporter.get(&path).await;
                let rows = ids(&answer.json(200));
                let told = |name: &str| answer.header(name).map_or("-".to_owned(), str::to_owned);
                let numbers = [
                    "x-page",
                    "x-per-page",
                    "x-next-page",
                    "x-prev-page",
                    "x-total",
                    "x-total-pages",
                ]
                .map(told)
                .join("|");
                let base = "<http://landfall.example/api/v4/projects/1/deployments?";
                (
                    rows.first().copied(),
                    rows.len(),
                    numbers,
                    told("link").replace(base, "<"),
                )
            }
        };
        insta::assert_debug_snapshot!(headers(DEPLOYMENTS.to_owned()).await, @r#"
        (
            Some(
                1,
            ),
            20,
            "1|20|2||25|2",
            "<id=1&order_by=id&page=2&per_page=20&sort=asc>; rel=\"next\", <id=1&order_by=id&page=1&per_page=20&sort=asc>; rel=\"first\", <id=1&order_by=id&page=2&per_page=20&sort=asc>; rel=\"last\"",
        )
        "#);
        insta::assert_debug_snapshot!(headers(format!("{DEPLOYMENTS}?page=2&per_page=10&environment=production&private_token=ada-token")).await, @r#"
        (
            Some(
                11,
            ),
            10,
            "2|10|3|1|25|3",
            "<environment=production&id=1&order_by=id&page=1&per_page=10&sort=asc>; rel=\"prev\", <environment=production&id=1&order_by=id&page=3&per_page=10&sort=asc>; rel=\"next\", <environment=production&id=1&order_by=id&page=1&per_page=10&sort=asc>; rel=\"first\", <environment=production&id=1&order_by=id&page=3&per_page=10&sort=asc>; rel=\"last\"",
        )
        "#);
        insta::assert_debug_snapshot!(headers(format!("{DEPLOYMENTS}?page=3&per_page=10&sort=desc&updated_after=2019-03-15T08:00:00Z")).await, @r#"
        (
            Some(
                5,
            ),
            5,
            "3|10||2|25|3",
            "<id=1&order_by=id&page=2&per_page=10&sort=desc&updated_after=2019-03-15T08%3A00%3A00%2B00%3A00>; rel=\"prev\", <id=1&order_by=id&page=1&per_page=10&sort=desc&updated_after=2019-03-15T08%3A00%3A00%2B00%3A00>; rel=\"first\", <id=1&order_by=id&page=3&per_page=10&sort=desc&updated_after=2019-03-15T08%3A00%3A00%2B00%3A00>; rel=\"last\"",
        )
        "#);
        for (query, expected) in [
            ("page=4&per_page=10", (None, 0, "4|10|||25|3")),
            ("page=9223372036854775807", (None, 0, "9223372036854775807|20|||25|2")),
            ("page=0", (Some(1), 20, "1|20|2||25|2")),
            ("page=-3", (Some(1), 20, "1|20|2||25|2")),
            ("page=&per_page=", (Some(1), 20, "1|20|2||25|2")),
            ("per_page=101", (Some(1), 25, "1|100|||25|1")),
            ("per_page=-1", (Some(1), 20, "1|20|2||25|2")),
            ("per_page=25", (Some(1), 25, "1|25|||25|1")),
            ("per_page=24", (Some(1), 24, "1|24|2||25|2")),
            ("environment=none", (None, 0, "1|20|||0|1")),
        ] {
            let (first, rows, numbers, _) = headers(format!("{DEPLOYMENTS}?{query}")).await;
            assert_eq!((first, rows, numbers.as_str()), expected, "{query}");
        }
    }
);

each_engine!(
    async fn beyond_ten_thousand_nothing_is_counted(server) {
        let team = team(&server).await;
        record(&team.root, &report("production", 1, "success")).await;
        insert_many(&server, 1, 9_999).await;
        let totals = |query: &'static str| {
            let reporter = team.reporter.clone();
            async move {
                let answer = reporter.get(&format!("{DEPLOYMENTS}?per_page=1&{query}")).await;
                let has_last = answer.header("link").unwrap().contains("rel=\"last\"");
                let told = |name: &str| answer.header(name).map(str::to_owned);
                (told("x-total"), told("x-total-pages"), told("x-next-page"), has_last)
            }
        };
        let counted = (
            Some("10000".to_owned()),
            Some("10000".to_owned()),
            Some("2".to_owned()),
            true,
        );
        assert_eq!(totals("").await, counted);
        assert_eq!(totals("environment=production").await, counted);
        insert_many(&server, 1, 1).await;
        let uncounted = (None, None, Some("2".to_owned()), false);
        assert_eq!(totals("").await, uncounted);
        assert_eq!(totals("environment=production").await, uncounted);
        assert_eq!(
            totals("status=success").await,
            (Some("1".to_owned()), Some("1".to_owned()), Some(String::new()), true)
        );
        assert_eq!(totals("page=10001").await, (None, None, Some(String::new()), false));
    }
);

/// Follows `rel="next"` to the end, doing something between the pages; the ids that were seen.
async fn walk(server: &TestServer, caller: &Caller, query: &str, mut between: impl AsyncFnMut(usize)) -> Vec<i64> {
    let mut path = format!("{DEPLOYMENTS}?pagination=keyset&per_page=30&{query}");
    let mut seen = Vec::new();
    for page in 0.. {
        let answer = caller.get(&path).await;
        seen.extend(ids(&answer.json(200)));
        assert_eq!(
            (answer.header("x-total"), answer.header("x-page")),
            (None, None),
            "nothing is counted"
        );
        let Some(link) = answer.header("link") else { break };
        let next = link.strip_prefix("<http://landfall.example/api/v4").unwrap();
        path = next.strip_suffix(">; rel=\"next\"").unwrap().to_owned();
        between(page).await;
    }
    assert!(!server.url.is_empty());
    seen
}

each_engine!(
    async fn a_walk_by_cursor_sees_every_row_once_whatever_happens_meanwhile(server) {
        let team = team(&server).await;
        record(&team.root, &report("production", 1, "success")).await;
        insert_many(&server, 1, 249).await;
        let all: Vec<i64> = (1..=250).collect();
        assert_eq!(walk(&server, &team.reporter, "", async |_| {}).await, all);
        let filtered: Vec<i64> = (2..=250).collect();
        assert_eq!(
            walk(
                &server,
                &team.reporter,
                "status=failed&environment=production",
                async |_| {}
            )
            .await,
            filtered
        );

        // After each page a row before and a row after the cursor go, and one comes.
        let forward = walk(&server, &team.reporter, "order_by=id", async |page| {
            let row = i64::try_from(page).unwrap() * 30 + 2;
            for id in [row, row + 58] {
                team.maintainer.delete(&one(id)).await;
            }
            insert_many(&server, 1, 1).await;
        })
        .await;
        let deleted_ahead = (0..8).map(|page| page * 30 + 60);
        let expected: Vec<i64> = (1..=258)
            .filter(|id| !deleted_ahead.clone().any(|gone| gone == *id))
            .collect();
        assert_eq!(forward, expected);

        let mut left = ids(&server_ids(&team.reporter).await);
        left.reverse();
        let backward = walk(&server, &team.reporter, "sort=desc", async |_| {
            insert_many(&server, 1, 1).await;
        })
        .await;
        assert_eq!(backward, left, "what came meanwhile lies behind the reader");
    }
);

/// All rows, by walking.
async fn server_ids(caller: &Caller) -> Value {
    let mut rows = Vec::new();
    for page in 1.. {
        let part = caller
            .get(&format!("{DEPLOYMENTS}?per_page=100&page={page}"))
            .await
            .json(200);
        let part = part.as_array().unwrap().clone();
        if part.is_empty() {
            break;
        }
        rows.extend(part);
    }
    Value::Array(rows)
}

each_engine!(
    async fn cursors_are_only_ours_and_only_of_their_own_direction(server) {
        let team = team(&server).await;
        record(&team.root, &report("production", 1, "success")).await;
        insert_many(&server, 1, 4).await;
        let page = team
            .reporter
            .get(&format!("{DEPLOYMENTS}?pagination=keyset&per_page=2"))
            .await;
        let link = page.header("link").unwrap();
        let cursor = link
            .split("cursor=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned();
        let keyset = |rest: &str| format!("{DEPLOYMENTS}?pagination=keyset&per_page=2&{rest}");
        assert_eq!(
            ids(&team.reporter.get(&keyset(&format!("cursor={cursor}"))).await.json(200)),
            [3, 4]
        );
        let end = team.reporter.get(&keyset("sort=desc&per_page=100")).await;
        assert_eq!((ids(&end.json(200)).len(), end.header("link")), (5, None));
        for rest in [
            &format!("cursor={cursor}&sort=desc"),
            "cursor=x",
            "cursor=MSBhc2MgMg%3D%3D",
            "cursor=eyJpZCI6IjEwIn0",
            &format!("cursor={cursor}A"),
        ] {
            let answer = team.reporter.get(&keyset(rest)).await;
            assert_eq!(answer.told(), (400, r#"{"error":"cursor is invalid"}"#), "{rest}");
        }
        assert_eq!(ids(&team.reporter.get(&keyset("cursor=")).await.json(200)), [1, 2]);
        // With another order the parameter means nothing, as in GitLab; and neither does another word.
        for rest in [
            "order_by=iid&cursor=x",
            "order_by=ref&cursor=x",
            "order_by=created_at&cursor=x",
        ] {
            let answer = team.reporter.get(&keyset(rest)).await;
            assert_eq!(ids(&answer.json(200)), [1, 2]);
            assert_eq!(answer.header("x-total"), Some("5"));
        }
        let other = team
            .reporter
            .get(&format!("{DEPLOYMENTS}?pagination=legacy&cursor=x&per_page=2"))
            .await;
        assert_eq!(
            (ids(&other.json(200)), other.header("x-total")),
            (vec![1, 2], Some("5"))
        );
        // Nothing can match.
        let nothing = team.reporter.get(&keyset("sha=garbage")).await;
        assert_eq!((nothing.told(), nothing.header("link")), ((200, "[]"), None));
    }
);
