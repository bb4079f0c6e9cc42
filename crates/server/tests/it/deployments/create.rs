//! POST `/projects/:id/deployments` (reference 6.3 and 8).

use super::*;
use crate::support::each_engine;

each_engine!(
    async fn the_answer_is_the_whole_extended_deployment(server) {
        let team = team(&server).await;
        let created = team
            .developer
            .post(DEPLOYMENTS)
            .json(&report("review/fix-foo", 1, "running"))
            .await
            .json(201);
        insta::assert_json_snapshot!(created, @r#"
        {
          "id": 1,
          "iid": 1,
          "ref": "main",
          "sha": "0000000000000000000000000000000000000001",
          "created_at": "2026-01-02T03:04:05.678Z",
          "updated_at": "2026-01-02T03:04:05.678Z",
          "user": {
            "id": 3,
            "username": "ada",
            "public_email": "",
            "name": "ada",
            "state": "active",
            "locked": false,
            "avatar_url": "https://www.gravatar.com/avatar/b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72?s=80&d=identicon",
            "web_url": "http://landfall.example/ada"
          },
          "environment": {
            "id": 1,
            "name": "review/fix-foo",
            "slug": "review-fix-foo-v25cyx",
            "external_url": null,
            "created_at": "2026-01-02T03:04:05.678Z",
            "updated_at": "2026-01-02T03:04:05.678Z"
          },
          "deployable": null,
          "status": "running",
          "pending_approval_count": 0,
          "approvals": [],
          "approval_summary": {
            "rules": []
          },
          "landfall": {
            "tag": false,
            "commit": null,
            "verified": false,
            "finished_at": null,
            "source": "api",
            "external_id": null
          }
        }
        "#);
        assert_eq!(team.reporter.get(&one(1)).await.json(200), created);
    }
);

each_engine!(
    async fn each_status_has_its_own_finish(server) {
        let team = team(&server).await;
        for (status, finished_at) in [
            ("created", None),
            ("running", None),
            ("success", Some("2026-01-02T03:04:05.678Z")),
            ("failed", Some("2026-01-02T03:04:05.678Z")),
            ("canceled", Some("2026-01-02T03:04:05.678Z")),
        ] {
            let created = team
                .developer
                .post(DEPLOYMENTS)
                .json(&report("production", 1, status))
                .await
                .json(201);
            assert_eq!(
                (&created["status"], &created["landfall"]["finished_at"]),
                (&json!(status), &json!(finished_at))
            );
        }
        let wrong = r#"{"error":"status does not have a valid value"}"#;
        for status in ["skipped", "blocked", "Success", "waiting", " success", ""] {
            let refused = team
                .developer
                .post(DEPLOYMENTS)
                .json(&report("production", 1, status))
                .await;
            assert_eq!(refused.told(), (400, wrong), "{status}");
        }
    }
);

each_engine!(
    async fn missing_and_wrong_parameters_are_named_in_order(server) {
        let team = team(&server).await;
        let nothing = "environment is missing, environment is empty, sha is missing, sha is empty, ref is missing, \
                       ref is empty, tag is missing, status is missing, status does not have a valid value";
        let empty = "environment is empty, sha is empty, ref is empty, status does not have a valid value";
        let null = json!({ "environment": null, "sha": null, "ref": null, "tag": null, "status": null });
        let blank = json!({ "environment": "", "sha": "", "ref": "", "tag": "", "status": "" });
        let lists = json!({ "environment": [], "sha": {}, "ref": "main", "tag": [1], "status": ["success"] });
        let good = report("production", 1, "success");
        let but = |keys: Value| with(good.clone(), keys);
        let without = |names: [&str; 2]| {
            let mut body = good.clone();
            for name in names {
                body.as_object_mut().unwrap().remove(name);
            }
            body
        };
        for (body, error) in [
            (json!({}), nothing),
            (null, empty),
            (blank, empty),
            (
                lists,
                "environment is invalid, sha is invalid, tag is invalid, status is invalid",
            ),
            (
                without(["sha", "status"]),
                "sha is missing, sha is empty, status is missing, status does not have a valid value",
            ),
            (but(json!({ "environment": "  " })), "environment is empty"),
            (but(json!({ "environment": { "id": 1 } })), "environment is invalid"),
            (but(json!({ "ref": " \t" })), "ref is empty"),
            (but(json!({ "tag": 2 })), "tag is invalid"),
            (but(json!({ "tag": 1.0 })), "tag is invalid"),
            (but(json!({ "tag": "truE" })), "tag is invalid"),
            (but(json!({ "tag": "null" })), "tag is invalid"),
            (but(json!({ "tag": "" })), "tag is invalid"),
            (but(json!({ "tag": null })), "tag is invalid"),
        ] {
            let answer = team.developer.post(DEPLOYMENTS).json(&body).await;
            assert_eq!(
                answer.told(),
                (400, json!({ "error": error }).to_string().as_str()),
                "{body}"
            );
        }
        assert_eq!(team.developer.post(DEPLOYMENTS).await.json(400)["error"], nothing);
        assert_eq!(ids(&team.reporter.get(DEPLOYMENTS).await.json(200)), [0; 0]);
    }
);

each_engine!(
    async fn parameters_come_in_a_query_a_form_or_json(server) {
        let team = team(&server).await;
        let text = format!("environment=production&sha={}&ref=main&tag=no&status=running", sha(7));
        let in_query = team.developer.post(&format!("{DEPLOYMENTS}?{text}")).await.json(201);
        let form = team
            .developer
            .post(DEPLOYMENTS)
            .body(Some("application/x-www-form-urlencoded"), text);
        let in_form = form.await.json(201);
        let in_json = team
            .developer
            .post(DEPLOYMENTS)
            .json(&report("production", 7, "running"))
            .await
            .json(201);
        let path = "/projects/GROUP%2fapp/deployments?sha=garbage&tag=yes";
        let body_wins = team
            .developer
            .post(path)
            .json(&report("production", 7, "running"))
            .await
            .json(201);
        for (number, created) in [in_query, in_form, in_json, body_wins].iter().enumerate() {
            let (told, tag) = (created["sha"].as_str().unwrap(), &created["landfall"]["tag"]);
            assert_eq!((told, tag), (sha(7).as_str(), &json!(false)));
            assert_eq!(created["iid"], json!(number + 1));
        }
    }
);

each_engine!(
    async fn who_may_create_and_in_which_order_that_is_checked(server) {
        let team = team(&server).await;
        let body = report("production", 1, "running");
        for (caller, expected) in [
            (&server.nobody(), UNAUTHORIZED),
            (&team.stranger, NO_PROJECT),
            (&team.guest, FORBIDDEN),
            (&team.reporter, FORBIDDEN),
        ] {
            assert_eq!(caller.post(DEPLOYMENTS).json(&body).await.told(), expected);
        }
        for (caller, id) in [(&team.developer, 3), (&team.maintainer, 2), (&team.root, 1)] {
            assert_eq!(
                caller.post(DEPLOYMENTS).json(&body).await.json(201)["user"]["id"],
                json!(id)
            );
        }
        // Parameters before the project, the right before the commit.
        assert_eq!(server.nobody().post(DEPLOYMENTS).await.told(), UNAUTHORIZED);
        assert_eq!(team.stranger.post("/projects/99/deployments").await.status, 400);
        assert_eq!(
            team.stranger.post("/projects/99/deployments").json(&body).await.told(),
            NO_PROJECT
        );
        let unknown = with(body, json!({ "sha": "nothing", "ref": "..", "environment": "//" }));
        assert_eq!(team.reporter.post(DEPLOYMENTS).json(&unknown).await.told(), FORBIDDEN);
        // Sha, then ref, then the environment's name: one at a time.
        let no_sha = r#"{"message":{"sha":["The commit does not exist"]}}"#;
        assert_eq!(
            team.developer.post(DEPLOYMENTS).json(&unknown).await.told(),
            (400, no_sha)
        );
        let unknown = with(unknown, json!({ "sha": sha(1) }));
        let no_ref = r#"{"message":{"ref":["The branch or tag does not exist"]}}"#;
        assert_eq!(
            team.developer.post(DEPLOYMENTS).json(&unknown).await.told(),
            (400, no_ref)
        );
        let unknown = with(unknown, json!({ "ref": "main" }));
        let refused = team.developer.post(DEPLOYMENTS).json(&unknown).await.json(400);
        assert!(refused["message"]["name"].is_array(), "{refused}");
    }
);

each_engine!(
    async fn without_a_repository_a_complete_id_and_a_well_formed_ref_are_taken_unverified(server) {
        let team = team(&server).await;
        let no_sha = r#"{"message":{"sha":["The commit does not exist"]}}"#;
        let no_ref = r#"{"message":{"ref":["The branch or tag does not exist"]}}"#;
        for good in ["a".repeat(40), "0123456789ABCDEFabcd".repeat(2), "f".repeat(64)] {
            let body = with(report("production", 1, "running"), json!({ "sha": good }));
            let created = team.developer.post(DEPLOYMENTS).json(&body).await.json(201);
            let facts = json!({
                "tag": false, "commit": null, "verified": false, "finished_at": null, "source": "api", "external_id": null
            });
            assert_eq!((&created["sha"], &created["landfall"]), (&json!(good), &facts));
        }
        for wrong in [
            "main".to_owned(),
            "abcdef1".to_owned(),
            "a".repeat(39),
            "a".repeat(41),
            "g".repeat(40),
            "a".repeat(65),
            format!(" {}", "a".repeat(40)),
        ] {
            let body = with(report("production", 1, "running"), json!({ "sha": wrong }));
            assert_eq!(
                team.developer.post(DEPLOYMENTS).json(&body).await.told(),
                (400, no_sha),
                "{wrong}"
            );
        }
        for good in [
            "main",
            "feature/a.b",
            "refs/heads/main",
            "HEAD",
            "v1.0",
            "ünïcode",
            "a@b",
            "abc123",
            "1",
        ] {
            let body = with(report("production", 1, "running"), json!({ "ref": good }));
            assert_eq!(
                team.developer.post(DEPLOYMENTS).json(&body).await.json(201)["ref"],
                good
            );
        }
        for wrong in [
            "-main", "a..b", "a b", "a:b", "main~1", "main^", "a?", "a*", "[a", "a\\b", "/a", "a/", "a//b", ".a",
            "a/.b", "a.lock", "a.", "@", "a@{1}", "a\u{7f}b", "a\nb",
        ] {
            let body = with(report("production", 1, "running"), json!({ "ref": wrong }));
            assert_eq!(
                team.developer.post(DEPLOYMENTS).json(&body).await.told(),
                (400, no_ref),
                "{wrong}"
            );
        }
    }
);

/// Letters without a pattern, so that no index entry can be packed.
fn noise(length: usize) -> String {
    let mut state = 1_u64;
    let letter = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + u8::try_from((state >> 40) % 26).unwrap())
    };
    (0..length).map(letter).collect()
}

each_engine!(
    async fn a_ref_has_at_most_1024_bytes_with_and_without_a_repository(server) {
        let team = team(&server).await;
        let named = |length| with(report("production", 1, "running"), json!({ "ref": noise(length) }));
        assert_eq!(
            team.developer.post(DEPLOYMENTS).json(&named(1024)).await.json(201)["ref"],
            noise(1024)
        );
        for length in [100_000, 4096, 1025] {
            let refused = team.developer.post(DEPLOYMENTS).json(&named(length)).await;
            assert_eq!(
                refused.told(),
                (400, r#"{"message":{"ref":["The branch or tag does not exist"]}}"#)
            );
        }
    }
);

each_engine!(
    async fn iids_count_per_project_and_refused_or_deleted_ones_are_no_gap_and_no_repeat(server) {
        let team = team(&server).await;
        server.project("group/other").await;
        let iid = |answer: &Value| answer["iid"].as_i64().unwrap();
        let mut seen = Vec::new();
        for environment in ["production", "staging", "-bad?"] {
            let answer = team
                .root
                .post(DEPLOYMENTS)
                .json(&report(environment, 1, "failed"))
                .await;
            if answer.status == 201 {
                seen.push(iid(&answer.json(201)));
            }
            let elsewhere = team
                .root
                .post("/projects/2/deployments")
                .json(&report("production", 1, "failed"))
                .await;
            elsewhere.json(201);
            let refused = with(report(environment, 1, "failed"), json!({ "sha": "no" }));
            assert_eq!(team.root.post(DEPLOYMENTS).json(&refused).await.status, 400);
        }
        let last = team
            .root
            .post(DEPLOYMENTS)
            .json(&report("production", 2, "failed"))
            .await
            .json(201);
        seen.push(iid(&last));
        assert_eq!(seen, [1, 2, 3]);
        team.root.delete(&one(last["id"].as_i64().unwrap())).await;
        let next = team
            .root
            .post(DEPLOYMENTS)
            .json(&report("production", 2, "failed"))
            .await
            .json(201);
        assert_eq!(iid(&next), 4);
        assert!(
            next["id"].as_i64() > last["id"].as_i64(),
            "and no id is given out twice"
        );
    }
);

each_engine!(
    async fn the_environment_may_be_told_as_an_answer_shows_it(server) {
        let team = team(&server).await;
        let shown =
            json!({ "environment": { "id": 9, "name": "production", "external_url": "https://about.gitlab.com" } });
        let created = team
            .developer
            .post(DEPLOYMENTS)
            .json(&with(report("", 1, "running"), shown))
            .await
            .json(201);
        let environment = &created["environment"];
        assert_eq!(
            (&environment["id"], &environment["name"], &environment["external_url"]),
            (&json!(1), &json!("production"), &json!("https://about.gitlab.com"))
        );
        // An environment that is there keeps its address.
        let other = json!({ "environment": { "name": "production", "external_url": "https://example.com" } });
        let created = team
            .developer
            .post(DEPLOYMENTS)
            .json(&with(report("", 2, "running"), other))
            .await
            .json(201);
        assert_eq!(created["environment"]["external_url"], "https://about.gitlab.com");
        // So may the tag be, in an answer of ours or in the job; a tag of its own goes before.
        for (keys, tag) in [
            (json!({ "landfall": { "tag": true } }), true),
            (json!({ "deployable": { "name": "deploy", "tag": true } }), true),
            (
                json!({ "landfall": { "tag": false }, "deployable": { "name": "deploy", "tag": true } }),
                false,
            ),
            (json!({ "tag": false, "landfall": { "tag": true } }), false),
        ] {
            let mut body = report("production", 3, "running");
            body.as_object_mut().unwrap().remove("tag");
            let created = team
                .developer
                .post(DEPLOYMENTS)
                .json(&with(body, keys.clone()))
                .await
                .json(201);
            assert_eq!(created["landfall"]["tag"], json!(tag), "{keys}");
        }
        let ignored = json!({ "id": 77, "iid": 78, "user": { "username": "root" }, "on_stop": "x", "approvals": [] });
        let created = team
            .developer
            .post(DEPLOYMENTS)
            .json(&with(report("production", 4, "running"), ignored))
            .await;
        let created = created.json(201);
        assert_eq!(
            (&created["iid"], &created["user"]["username"]),
            (&json!(7), &json!("ada"))
        );
    }
);
