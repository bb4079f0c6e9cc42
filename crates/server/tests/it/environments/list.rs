//! GET `/projects/:id/environments` (neighbours, 1.2).

use super::*;

each_engine!(
    async fn environments_are_listed_by_id_with_their_project(server) {
        let team = team(&server).await;
        assert_eq!(team.reporter.get(ENVIRONMENTS).await.told(), (200, "[]"));
        let created = team.developer.post(ENVIRONMENTS).json(&json!({ "name": "qa" })).await.json(201);
        record(&team.developer, &report("a", 1, "success")).await;
        let stopped = stop(&team.developer, 1).await;
        let list = team.reporter.get(ENVIRONMENTS).await.json(200);
        assert_eq!(names(&list), ["qa", "a"]);
        assert_eq!(list[0], stopped, "a list shows what the answer to a change shows");
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&list[1]), keys(&created));
        for caller in [&team.guest, &team.stranger] {
            assert_ne!(caller.get(ENVIRONMENTS).await.status, 200);
        }
    }
);

each_engine!(
    async fn name_state_and_search_filter(server) {
        let team = team(&server).await;
        for name in ["production", "Review/Foo-1", "review/bar", "foo_1", "fooA1", "preview"] {
            make(&team.developer, name).await;
        }
        stop(&team.developer, 4).await;
        change(&server, 5, |environment| environment.state = landfall_domain::environment::State::Stopping).await;
        for (query, expected) in [
            ("name=production", vec!["production"]),
            ("name=Production", vec![]),
            ("name=prod", vec![]),
            ("name=", vec!["production", "Review/Foo-1", "review/bar", "foo_1", "fooA1", "preview"]),
            ("states=available", vec!["production", "Review/Foo-1", "review/bar", "preview"]),
            ("states=stopping", vec!["fooA1"]),
            ("states=stopped", vec!["foo_1"]),
            ("search=rev", vec!["Review/Foo-1", "review/bar"]),
            ("search=FOO", vec!["Review/Foo-1", "foo_1", "fooA1"]),
            ("search=foo_1", vec!["foo_1"]),
            ("search=fo%25", vec![]),
            ("search=%25oo", vec![]),
            ("search=view", vec![]),
            ("search=foo&states=available", vec!["Review/Foo-1"]),
            ("search=foo&per_page=1&page=2", vec!["foo_1"]),
            ("search=%C3%A4%C3%A4%C3%A4", vec![]),
        ] {
            let list = team.reporter.get(&format!("{ENVIRONMENTS}?{query}")).await.json(200);
            assert_eq!(names(&list), expected, "{query}");
        }
        let all = names(&team.reporter.get(&format!("{ENVIRONMENTS}?search=")).await.json(200)).len();
        assert_eq!(all, 6, "an empty search is none");
    }
);

each_engine!(
    async fn odd_filters_are_refused(server) {
        let team = team(&server).await;
        for (query, told) in [
            ("search=ab", r#"{"message":"400 Bad request - Search query is less than 3 characters"}"#),
            ("search=%C3%A4%C3%A4", r#"{"message":"400 Bad request - Search query is less than 3 characters"}"#),
            ("name=a&search=abc", r#"{"error":"name, search cannot be used together"}"#),
            ("name=&search=", r#"{"error":"name, search cannot be used together"}"#),
            ("states=Stopped", r#"{"error":"states does not have a valid value"}"#),
            ("states=", r#"{"error":"states does not have a valid value"}"#),
            ("per_page=0", r#"{"error":"per_page has a value not allowed"}"#),
        ] {
            assert_eq!(team.reporter.get(&format!("{ENVIRONMENTS}?{query}")).await.told(), (400, told), "{query}");
        }
        // The right comes before the length of the search, and after what is wrong with the parameters themselves.
        assert_eq!(team.guest.get(&format!("{ENVIRONMENTS}?search=ab")).await.told(), FORBIDDEN);
        assert_eq!(team.guest.get(&format!("{ENVIRONMENTS}?states=x")).await.status, 400);
    }
);

each_engine!(
    async fn pages_have_totals_and_links_that_repeat_the_filter(server) {
        let team = team(&server).await;
        for number in 1..=5 {
            make(&team.developer, &format!("review/{number}")).await;
        }
        make(&team.developer, "other").await;
        let page = team.reporter.get(&format!("{ENVIRONMENTS}?search=review&per_page=2&page=2")).await;
        assert_eq!(names(&page.json(200)), ["review/3", "review/4"]);
        let headers = ["x-page", "x-per-page", "x-prev-page", "x-next-page", "x-total", "x-total-pages"];
        let shown = headers.map(|name| page.header(name).unwrap_or("-"));
        assert_eq!(shown, ["2", "2", "1", "3", "5", "3"]);
        insta::assert_snapshot!(page.header("link").unwrap().replace(", ", "\n"), @r#"
        <http://landfall.example/api/v4/projects/1/environments?id=1&page=1&per_page=2&search=review>; rel="prev"
        <http://landfall.example/api/v4/projects/1/environments?id=1&page=3&per_page=2&search=review>; rel="next"
        <http://landfall.example/api/v4/projects/1/environments?id=1&page=1&per_page=2&search=review>; rel="first"
        <http://landfall.example/api/v4/projects/1/environments?id=1&page=3&per_page=2&search=review>; rel="last"
        "#);
        let beyond = team.reporter.get(&format!("{ENVIRONMENTS}?per_page=2&page=9")).await;
        assert_eq!((beyond.told(), beyond.header("x-total")), ((200, "[]"), Some("6")));
    }
);
