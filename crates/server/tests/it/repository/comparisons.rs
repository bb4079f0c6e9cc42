//! Two commits compared, and what they have in common.

use super::*;

each_engine!(
    async fn commits_and_files_between_two_refs_are_shown(server) {
        let world = world(&server).await;
        let shown = world.nobody.get(&at("/compare?from=side&to=main")).await.json(200);
        insta::assert_json_snapshot!("a_comparison", shown);
        let straight = world.nobody.get(&at("/compare?from=v1.0&to=side&straight=true&unidiff=true")).await.json(200);
        assert_eq!(column(&straight["commits"], "title"), ["Second", "Side"]);
        let diff = &straight["diffs"][0];
        assert_eq!(diff["diff"], json!("--- a/README\n+++ b/README\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"));
        assert_eq!(
            straight["web_url"],
            json!(format!("http://landfall.example/group/app/-/compare/{}..{}", world.first, world.side))
        );
        // Backwards there are no commits, and with the common ancestor no files either.
        let back = world.nobody.get(&at("/compare?from=main&to=v1.0")).await.json(200);
        assert_eq!((&back["commit"], &back["commits"], &back["diffs"]), (&json!(null), &json!([]), &json!([])));
        let back = world.nobody.get(&at("/compare?from=main&to=v1.0&straight=true")).await.json(200);
        assert_eq!(column(&back["diffs"], "new_path"), ["README", "dir/file", "new"]);
        let same = world.nobody.get(&at("/compare?from=main&to=v2.0")).await.json(200);
        assert_eq!((&same["compare_same_ref"], &same["compare_timeout"]), (&json!(true), &json!(false)));
    }
);

each_engine!(
    async fn files_of_every_kind_are_compared(server) {
        let world = world(&server).await;
        let repository = &world.repository;
        repository.write("binary", "\0one");
        repository.write("large", &"line\n".repeat(60_000));
        repository.write("script", "#!/bin/sh\n");
        repository.commit_at(7, "Before");
        repository.write("binary", "\0two");
        repository.git(&["update-index", "--chmod=+x", "script"]);
        repository.git(&["rm", "--quiet", "--cached", "large"]);
        repository.git(&["commit", "--quiet", "-m", "After"]);
        let compared = world.nobody.get(&at("/compare?from=main~1&to=main")).await.json(200);
        insta::assert_json_snapshot!("files_of_every_kind", compared["diffs"]);
    }
);

each_engine!(
    async fn refs_that_are_not_there_and_other_projects_are_refused(server) {
        let world = world(&server).await;
        let cases = [
            ("", 400, json!({ "error": "from is missing, to is missing" })),
            ("?from=main&to=missing", 404, json!({ "message": "404 Ref Not Found" })),
            ("?from=a..b&to=main", 404, json!({ "message": "404 Ref Not Found" })),
            (
                "?from=main&to=main&from_project_id=9",
                400,
                json!({ "message": "Target project id:9 is not a fork of project id:1" }),
            ),
        ];
        for (query, status, told) in cases {
            assert_eq!(world.nobody.get(&at(&format!("/compare{query}"))).await.json(status), told, "{query}");
        }
        let own = world.nobody.get(&at("/compare?from=main&to=main&from_project_id=1")).await;
        assert_eq!(own.status, 200);
    }
);

each_engine!(
    async fn the_common_ancestor_of_two_or_more(server) {
        let world = world(&server).await;
        for query in ["refs[]=side&refs[]=main", "refs=side,main", "refs[]=side&refs[]=main&refs[]=feature%2Fa.b"] {
            let base = world.nobody.get(&at(&format!("/merge_base?{query}"))).await.json(200);
            assert_eq!(base["id"], json!(world.second), "{query}");
            assert_eq!(base.get("stats"), None);
        }
        world.repository.git(&["checkout", "--quiet", "--orphan", "unrelated"]);
        world.repository.commit_at(8, "Unrelated");
        let cases = [
            ("", 400, json!({ "error": "refs is missing" })),
            ("?refs[]=main", 400, json!({ "message": "Provide at least 2 refs" })),
            ("?refs[]=main&refs[]=x&refs[]=y", 400, json!({ "message": "Could not find refs: x, y" })),
            ("?refs=main,x", 400, json!({ "message": "Could not find ref: x" })),
            ("?refs=main,unrelated", 404, json!({ "message": "404 Merge Base Not Found" })),
        ];
        for (query, status, told) in cases {
            assert_eq!(world.nobody.get(&at(&format!("/merge_base{query}"))).await.json(status), told, "{query}");
        }
        let many = vec!["main"; 101].join(",");
        let answer = world.nobody.get(&at(&format!("/merge_base?refs={many}"))).await;
        assert_eq!(answer.told(), (400, r#"{"message":"400 Bad request - Too many refs"}"#));
    }
);
