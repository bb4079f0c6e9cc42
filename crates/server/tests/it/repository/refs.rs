//! Branches, tags, and what has a commit.

use super::*;

each_engine!(
    async fn branches_are_listed_by_name_with_their_standing(server) {
        let world = world(&server).await;
        let list = world.nobody.get(&at("/branches")).await;
        let rows = list.json(200);
        assert_eq!(column(&rows, "name"), ["feature/a.b", "main", "side", "stale"]);
        let standing: Vec<_> = rows.as_array().unwrap().iter().map(|row| (&row["merged"], &row["default"])).collect();
        let (yes, no) = (&json!(true), &json!(false));
        assert_eq!(standing, [(yes, no), (no, yes), (no, no), (yes, no)]);
        assert_eq!((list.header("x-total"), list.header("x-total-pages")), (Some("4"), Some("1")));
        let one = world.nobody.get(&at("/branches/feature%2Fa.b")).await.json(200);
        assert_eq!(one, rows[0]);
        insta::assert_json_snapshot!("a_branch", one);
    }
);

each_engine!(
    async fn branches_can_be_searched_ordered_and_asked_for_by_head(server) {
        let world = world(&server).await;
        let cases: [(&str, &[&str]); 8] = [
            ("search=A", &["feature/a.b", "main", "stale"]),
            ("search=^ma", &["main"]),
            ("search=e$", &["side", "stale"]),
            ("search=stale", &["stale"]),
            ("search=", &["feature/a.b", "main", "side", "stale"]),
            ("sort=updated_desc", &["side", "main", "feature/a.b", "stale"]),
            ("sort=updated_asc", &["stale", "feature/a.b", "main", "side"]),
            ("per_page=1&page=2", &["main"]),
        ];
        for (query, names) in cases {
            let rows = world.nobody.get(&at(&format!("/branches?{query}"))).await.json(200);
            assert_eq!(column(&rows, "name"), names, "{query}");
        }
        let regex = world.nobody.get(&at("/branches?regex=x")).await;
        assert_eq!(regex.told(), (400, r#"{"error":"regex is not supported"}"#));
        for (name, status) in [("main", 204), ("missing", 404), ("v1.0", 404), ("feature", 404), ("heads%2Fmain", 404), ("a..b", 404), ("@", 404)] {
            let head = world.nobody.request(reqwest::Method::HEAD, &at(&format!("/branches/{name}"))).await;
            assert_eq!((head.status.as_u16(), head.body.as_str()), (status, ""), "{name}");
        }
        let missing = world.nobody.get(&at("/branches/missing")).await;
        assert_eq!(missing.told(), (404, r#"{"message":"404 Branch Not Found"}"#));
    }
);

each_engine!(
    async fn tags_are_light_or_annotated(server) {
        let world = world(&server).await;
        world.repository.git(&["tag", "v10.0", &world.second]);
        world.repository.git(&["tag", "tree", "main^{tree}"]);
        let cases: [(&str, &[&str]); 6] = [
            ("", &["v2.0", "v10.0", "v1.0"]),
            ("sort=asc", &["v1.0", "v10.0", "v2.0"]),
            ("order_by=name&sort=asc", &["v1.0", "v10.0", "v2.0"]),
            ("order_by=version&sort=asc", &["v1.0", "v2.0", "v10.0"]),
            ("order_by=version", &["v10.0", "v2.0", "v1.0"]),
            ("search=^v1&order_by=name", &["v10.0", "v1.0"]),
        ];
        for (query, names) in cases {
            let rows = world.nobody.get(&at(&format!("/tags?{query}"))).await.json(200);
            assert_eq!(column(&rows, "name"), names, "{query}");
        }
        insta::assert_json_snapshot!("a_light_tag", world.nobody.get(&at("/tags/v1.0")).await.json(200));
        let annotated = world.nobody.get(&at("/tags/v2.0")).await.json(200);
        assert_eq!(annotated["target"], json!(world.repository.git(&["rev-parse", "v2.0"])));
        assert_eq!(annotated["commit"]["id"], json!(world.merge));
        assert_eq!(
            (&annotated["message"], &annotated["created_at"]),
            (&json!("Version 2\n\nWith notes"), &json!("2026-01-01T11:06:00.000+02:00"))
        );
        for name in ["missing", "main", "tree"] {
            let answer = world.nobody.get(&at(&format!("/tags/{name}"))).await;
            assert_eq!(answer.told(), (404, r#"{"message":"404 Tag Not Found"}"#), "{name}");
        }
    }
);

each_engine!(
    async fn the_refs_of_a_commit_are_those_that_have_it(server) {
        let world = world(&server).await;
        let of = |sha: &str, query: &str| at(&format!("/commits/{sha}/refs{query}"));
        let all = world.nobody.get(&of(&world.first, "")).await.json(200);
        let expected = [
            ("branch", "feature/a.b"),
            ("branch", "main"),
            ("branch", "side"),
            ("branch", "stale"),
            ("tag", "v1.0"),
            ("tag", "v2.0"),
        ];
        let expected: Vec<Value> = expected.iter().map(|(kind, name)| json!({ "type": kind, "name": name })).collect();
        assert_eq!(all, json!(expected));
        let side = world.nobody.get(&of(&world.side, "")).await.json(200);
        assert_eq!(side, json!([{ "type": "branch", "name": "side" }]));
        let tags = world.nobody.get(&of("v1.0", "?type=tag")).await.json(200);
        assert_eq!(column(&tags, "name"), ["v1.0", "v2.0"]);
        let page = world.nobody.get(&of("v1.0", "?type=branch&per_page=3&page=2")).await;
        assert_eq!((column(&page.json(200), "name"), page.header("x-total")), (vec!["stale".to_owned()], Some("4")));
        assert_eq!(
            world.nobody.get(&of("missing", "")).await.told(),
            (404, r#"{"message":"404 Commit Not Found"}"#)
        );
        let bad = world.nobody.get(&of("main", "?type=x")).await;
        assert_eq!(bad.told(), (400, r#"{"error":"type does not have a valid value"}"#));
    }
);
