//! Lists of commits, and one commit.

use super::*;

each_engine!(
    async fn a_commit_is_shown_with_its_numbers(server) {
        let world = world(&server).await;
        let shown = world.nobody.get(&at(&format!("/commits/{}", world.first))).await.json(200);
        insta::assert_json_snapshot!("a_commit", shown);
        for name in ["v1.0", &world.first[..8], "stale", "refs/tags/v1.0", "main~2^"] {
            let name = name.replace('/', "%2F");
            assert_eq!(world.nobody.get(&at(&format!("/commits/{name}"))).await.json(200), shown, "{name}");
        }
        let without = world.nobody.get(&at("/commits/v1.0?stats=false")).await.json(200);
        assert_eq!(without.get("stats"), None);
        let merge = world.nobody.get(&at("/commits/main")).await.json(200);
        assert_eq!(merge["stats"], json!({ "additions": 1, "deletions": 0, "total": 1 }));
        for name in ["missing", &"0".repeat(40), "main:README", "--all", "a..b"] {
            let answer = world.nobody.get(&at(&format!("/commits/{name}"))).await;
            assert_eq!(answer.told(), (404, r#"{"message":"404 Commit Not Found"}"#), "{name}");
        }
    }
);

each_engine!(
    async fn the_list_begins_at_the_default_branch_and_can_be_narrowed(server) {
        let world = world(&server).await;
        let list = world.nobody.get(&at("/commits")).await;
        insta::assert_json_snapshot!("commits", list.json(200));
        let cases: [(&str, &[&str]); 14] = [
            ("", &["Merge branch 'feature/a.b' into 'main'", "Third", "Move the file", "Second", "First"]),
            ("ref_name=side", &["Side", "Second", "First"]),
            ("ref_name=v1.0", &["First"]),
            ("ref_name=", &["Merge branch 'feature/a.b' into 'main'", "Third", "Move the file", "Second", "First"]),
            ("since=2026-01-01T09:03:00Z", &["Merge branch 'feature/a.b' into 'main'", "Third", "Move the file"]),
            ("since=2026-01-01T09:03:00.5Z", &["Merge branch 'feature/a.b' into 'main'", "Third"]),
            ("until=2026-01-01T09:02:00.5Z", &["Second", "First"]),
            ("path=README", &["Second", "First"]),
            ("path=dir/moved&ref_name=feature/a.b", &["Move the file"]),
            ("path=dir", &["Move the file", "First"]),
            ("path=missing", &[]),
            ("author=Lovelace&ref_name=v1.0", &["First"]),
            ("author=nobody", &[]),
            ("first_parent=true", &["Merge branch 'feature/a.b' into 'main'", "Third", "Second", "First"]),
        ];
        for (query, titles) in cases {
            let rows = world.nobody.get(&at(&format!("/commits?{query}"))).await.json(200);
            assert_eq!(column(&rows, "title"), titles, "{query}");
        }
        let all = world.nobody.get(&at("/commits?all=true&ref_name=missing")).await.json(200);
        assert_eq!(column(&all, "title")[..2], ["Side", "Merge branch 'feature/a.b' into 'main'"]);
        let topo = world.nobody.get(&at("/commits?order=topo")).await.json(200);
        let expected = world.repository.git(&["log", "--topo-order", "--format=%H", "main"]);
        assert_eq!(column(&topo, "id"), expected.lines().collect::<Vec<_>>());
        let stats = world.nobody.get(&at("/commits?with_stats=true&ref_name=stale")).await.json(200);
        assert_eq!(stats[0]["stats"], json!({ "additions": 4, "deletions": 0, "total": 4 }));
    }
);

each_engine!(
    async fn what_cannot_be_answered_is_refused(server) {
        let world = world(&server).await;
        let cases = [
            ("ref_name=missing", 404, json!({ "message": "404 Commit Not Found" })),
            ("ref_name=a..b", 404, json!({ "message": "404 Commit Not Found" })),
            ("order=x", 400, json!({ "error": "order does not have a valid value" })),
            ("since=yesterday", 400, json!({ "error": "since is invalid" })),
            ("per_page=0", 400, json!({ "error": "per_page has a value not allowed" })),
            ("follow=true", 400, json!({ "message": "400 Bad request - `follow` is not supported" })),
        ];
        for (query, status, told) in cases {
            assert_eq!(world.nobody.get(&at(&format!("/commits?{query}"))).await.json(status), told, "{query}");
        }
    }
);

each_engine!(
    async fn pages_have_neighbours_but_no_totals(server) {
        let world = world(&server).await;
        let page = world.nobody.get(&at("/commits?per_page=2&page=2")).await;
        assert_eq!(column(&page.json(200), "title"), ["Move the file", "Second"]);
        let shown: Vec<_> = ["x-page", "x-per-page", "x-next-page", "x-prev-page", "x-total", "x-total-pages"]
            .map(|name| page.header(name))
            .into();
        assert_eq!(shown, [Some("2"), Some("2"), Some("3"), Some("1"), None, None]);
        let link = page.header("link").unwrap();
        assert!(link.contains("page=3") && link.contains("rel=\"first\"") && !link.contains("rel=\"last\""), "{link}");
        let last = world.nobody.get(&at("/commits?per_page=2&page=3")).await;
        assert_eq!((column(&last.json(200), "title").len(), last.header("x-next-page")), (1, Some("")));
        let beyond = world.nobody.get(&at("/commits?per_page=2&page=9223372036854775807")).await;
        assert_eq!(beyond.told(), (200, "[]"));
    }
);
