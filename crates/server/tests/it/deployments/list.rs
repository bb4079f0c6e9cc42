//! GET `/projects/:id/deployments` (reference 6.1 and 10; filters and orders combine freely by our own decision).

use std::time::Duration;

use landfall_store::deployments;
use serde_json::json;

use super::*;
use crate::support::{TestRepository, each_engine};

/// Six deployments whose orders all differ, with ties, nulls and a foreign one between them. Ids 1, 2, 4 to 7.
async fn six(server: &TestServer) -> Team {
    let team = team(server).await;
    server.project("group/other").await;
    let rows = [
        // environment, commit, ref, status, created, updated, finished
        ("production", 1, "main", "success", "10:00", "10:10", Some("10:05")),
        ("staging", 2, "v1", "running", "09:00", "09:30", None),
        ("production", 3, "Z", "failed", "11:00", "11:01", Some("11:01")),
        ("production", 4, "main", "success", "08:00", "12:00", Some("08:30")),
        ("review/x", 5, "v1", "canceled", "10:00", "10:10", Some("10:05")),
        ("staging", 6, "main", "created", "07:00", "07:00", None),
    ];
    for (number, (environment, commit, git_ref, status, created, updated, finished)) in rows.into_iter().enumerate() {
        if number == 2 {
            let elsewhere = team.root.post("/projects/2/deployments");
            elsewhere.json(&report("production", 1, "success")).await.json(201);
        }
        let at = |time: &str| format!("2026-01-01T{time}:00Z");
        let mut body = with(
            report(environment, commit, status),
            json!({ "ref": git_ref, "created_at": at(created), "updated_at": at(updated) }),
        );
        if let Some(finished) = finished {
            body["finished_at"] = json!(at(finished));
        }
        let caller = if number == 4 { &team.root } else { &team.maintainer };
        record(caller, &body).await;
    }
    team
}

each_engine!(
    async fn every_order_really_sorts_and_breaks_ties_by_id(server) {
        let team = six(&server).await;
        for (query, expected) in [
            ("", [1, 2, 4, 5, 6, 7]),
            ("?sort=desc", [7, 6, 5, 4, 2, 1]),
            ("?order_by=id&sort=asc", [1, 2, 4, 5, 6, 7]),
            ("?order_by=iid", [1, 2, 4, 5, 6, 7]),
            ("?order_by=iid&sort=desc", [7, 6, 5, 4, 2, 1]),
            ("?order_by=created_at", [7, 5, 2, 1, 6, 4]),
            ("?order_by=created_at&sort=desc", [4, 6, 1, 2, 5, 7]),
            ("?order_by=updated_at", [7, 2, 1, 6, 4, 5]),
            ("?order_by=updated_at&sort=desc", [5, 4, 6, 1, 2, 7]),
            // What never finished comes last ascending and first descending.
            ("?order_by=finished_at", [5, 1, 6, 4, 2, 7]),
            ("?order_by=finished_at&sort=desc", [7, 2, 4, 6, 1, 5]),
            // Letters sort as bytes: capitals first.
            ("?order_by=ref", [4, 1, 5, 7, 2, 6]),
            ("?order_by=ref&sort=desc", [6, 2, 7, 5, 1, 4]),
        ] {
            let listed = team.reporter.get(&format!("{DEPLOYMENTS}{query}")).await.json(200);
            assert_eq!(ids(&listed), expected, "{query}");
        }
        let listed = team.reporter.get(DEPLOYMENTS).await.json(200);
        let iids: Vec<&Value> = listed.as_array().unwrap().iter().map(|row| &row["iid"]).collect();
        assert_eq!(
            iids,
            [1, 2, 3, 4, 5, 6],
            "the foreign deployment took no iid of this project"
        );
    }
);

each_engine!(
    async fn each_filter_alone_and_together(server) {
        let team = six(&server).await;
        let old = json!({ "ref": "abc", "created_at": "2020-01-01" });
        record(&team.maintainer, &with(report("x", 0xabc, "failed"), old)).await;
        let (none, all): (&[i64], &[i64]) = (&[], &[1, 2, 4, 5, 6, 7, 8]);
        for (query, expected) in [
            ("environment=production", &[1_i64, 4, 5][..]),
            ("environment=staging", &[2, 7]),
            ("environment=review%2Fx", &[6]),
            ("environment=Production", none),
            ("environment=unknown", none),
            ("environment=", all),
            ("status=success", &[1, 5]),
            ("status=failed", &[4, 8]),
            ("status=running", &[2]),
            ("status=canceled", &[6]),
            ("status=created", &[7]),
            ("status=skipped", none),
            ("status=blocked", none),
            ("ref=main", &[1, 5, 7]),
            ("ref=MAIN", none),
            ("ref=mai", none),
            ("ref=", all),
            ("user=root", &[6]),
            ("user=ROOT", &[6]),
            ("user=mia", &[1, 2, 4, 5, 7, 8]),
            ("user=nobody", none),
            ("user=", all),
            ("sha=0000000000000000000000000000000000000abc", &[8]),
            ("sha=0000000000000000000000000000000000000ABC", &[8]),
            ("sha=0000000", all),
            ("sha=000000", none),
            ("sha=main", none),
            ("sha=0000000%25", none),
            ("sha=", all),
            // Inclusive at both ends of `updated`, exclusive before `finished`.
            ("updated_after=2026-01-01T10:10:00Z", &[1, 4, 5, 6]),
            ("updated_after=2026-01-01T10:10:00.000001Z", &[4, 5]),
            ("updated_before=2026-01-01T10:10:00Z", &[1, 2, 6, 7, 8]),
            ("updated_before=2026-01-01T10:09:59.999999Z", &[2, 7, 8]),
            (
                "updated_after=2026-01-01T10:10:00Z&updated_before=2026-01-01T10:10:00Z",
                &[1, 6],
            ),
            (
                "updated_after=2026-01-01T11:00:00Z&updated_before=2026-01-01T10:00:00Z",
                none,
            ),
            ("updated_after=2026-01-01T12:10:00%2B02:00", &[1, 4, 5, 6]),
            ("updated_after=", all),
            ("finished_after=2026-01-01T10:05:00Z", &[1, 4, 6]),
            ("finished_after=2026-01-01T10:05:00.000001Z", &[4]),
            ("finished_before=2026-01-01T10:05:00Z", &[5, 8]),
            ("finished_before=2026-01-01T10:05:00.000001Z", &[1, 5, 6, 8]),
            ("finished_before=9999-01-01", &[1, 4, 5, 6, 8]),
            (
                "finished_after=2026-01-01T08:30:00Z&finished_before=2026-01-01T11:01:00Z",
                &[1, 5, 6],
            ),
            ("finished_after=&finished_before=", all),
            // The five combinations that GitLab refuses.
            (
                "updated_after=2026-01-01&finished_after=2026-01-01T10:05:00Z",
                &[1, 4, 6],
            ),
            (
                "updated_before=2026-01-01T10:10:00Z&order_by=ref&sort=desc",
                &[6, 2, 7, 1, 8],
            ),
            ("finished_after=2026-01-01", &[1, 4, 5, 6]),
            ("order_by=finished_at&status=running", &[2]),
            ("finished_after=2026-01-01&order_by=finished_at&status=failed", &[4]),
            // All together.
            (
                "environment=production&status=success&ref=main&user=mia&sort=desc",
                &[5, 1],
            ),
            ("environment=production&status=success&ref=main&user=root", none),
            (
                "environment=production&finished_before=2026-01-01T09:00:00Z&updated_after=2026-01-01T12:00:00Z",
                &[5],
            ),
            ("environment=unknown&sha=garbage", none),
        ] {
            let listed = team.reporter.get(&format!("{DEPLOYMENTS}?{query}")).await;
            assert_eq!(ids(&listed.json(200)), expected, "{query}");
            let total = expected.len().to_string();
            assert_eq!(listed.header("x-total"), Some(total.as_str()), "{query}");
        }
    }
);

each_engine!(
    async fn times_are_compared_in_microseconds_and_shown_in_milliseconds(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "success")).await;
        server.clock.advance(Duration::from_micros(1));
        record(&team.developer, &report("production", 2, "success")).await;
        let shown = team.reporter.get(DEPLOYMENTS).await.json(200)[1]["updated_at"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(shown, "2026-01-02T03:04:05.678Z");
        for (query, expected) in [
            (format!("updated_after={shown}"), vec![1, 2]),
            ("updated_after=2026-01-02T03:04:05.678902Z".to_owned(), vec![2]),
            ("updated_before=2026-01-02T03:04:05.678901Z".to_owned(), vec![1]),
            (format!("updated_before={shown}"), vec![]),
            ("finished_after=2026-01-02T03:04:05.678902Z".to_owned(), vec![2]),
            ("finished_before=2026-01-02T03:04:05.678902Z".to_owned(), vec![1]),
        ] {
            let listed = team.reporter.get(&format!("{DEPLOYMENTS}?{query}")).await.json(200);
            assert_eq!(ids(&listed), expected, "{query}");
        }
    }
);

each_engine!(
    async fn wrong_parameters_are_all_told_at_once(server) {
        let team = team(&server).await;
        for (query, error) in [
            (
                "order_by=x&sort=y&status=z",
                "order_by does not have a valid value, sort does not have a valid value, status does not have a valid value",
            ),
            ("sort=DESC", "sort does not have a valid value"),
            ("status=Success", "status does not have a valid value"),
            ("status=", "status does not have a valid value"),
            ("status[]=success", "status is invalid"),
            ("environment[name]=x", "environment is invalid"),
            (
                "updated_after=yesterday&finished_before=1552636800",
                "updated_after is invalid, finished_before is invalid",
            ),
            ("updated_before=2019-13-01", "updated_before is invalid"),
            ("per_page=0", "per_page has a value not allowed"),
            ("page=x&per_page=y", "page is invalid, per_page is invalid"),
        ] {
            let answer = team.reporter.get(&format!("{DEPLOYMENTS}?{query}")).await;
            assert_eq!(
                answer.told(),
                (400, json!({ "error": error }).to_string().as_str()),
                "{query}"
            );
        }
    }
);

each_engine!(
    async fn who_may_list_and_in_which_order_that_is_checked(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "success")).await;
        for (caller, expected) in [
            (&team.guest, FORBIDDEN),
            (&team.stranger, NO_PROJECT),
            (&server.nobody(), UNAUTHORIZED),
        ] {
            assert_eq!(caller.get(DEPLOYMENTS).await.told(), expected);
        }
        for caller in [&team.reporter, &team.developer, &team.maintainer, &team.root] {
            assert_eq!(ids(&caller.get(DEPLOYMENTS).await.json(200)), [1]);
        }
        let wrong = "?order_by=x";
        assert_eq!(
            team.stranger
                .get(&format!("/projects/99/deployments{wrong}"))
                .await
                .told(),
            (400, r#"{"error":"order_by does not have a valid value"}"#),
            "parameters come before the project"
        );
        assert_eq!(
            server.nobody().get(&format!("{DEPLOYMENTS}{wrong}")).await.told(),
            UNAUTHORIZED,
            "and after the sign-in"
        );
        let garbage = format!("{DEPLOYMENTS}?pagination=keyset&cursor=x");
        assert_eq!(
            team.guest.get(&garbage).await.told(),
            FORBIDDEN,
            "the cursor is read behind the right"
        );
    }
);

each_engine!(
    async fn the_commit_filter_finds_what_the_sha_meant(server) {
        let repository = TestRepository::new(server.database.directory());
        let first = repository.commit("First");
        let second = repository.commit("Second");
        let directory = repository.directory();
        server
            .project_with("group/app", |new| new.repository = Some(directory.into()))
            .await;
        let root = server.root().await;
        let deployed = |sha: &str| with(report("production", 0, "running"), json!({ "sha": sha }));
        record(&root, &deployed("main")).await;
        record(&root, &deployed(&first[..9])).await;
        record(&root, &deployed(&second.to_uppercase())).await;
        repository.commit("Third");
        for (filter, expected) in [
            (&second[..], vec![1, 3]),
            (&second[..7], vec![1, 3]),
            (&second.to_uppercase()[..12], vec![1, 3]),
            (&first[..], vec![2]),
            (&first[..10], vec![2]),
            ("main", vec![]),
        ] {
            let listed = root.get(&format!("{DEPLOYMENTS}?sha={filter}")).await.json(200);
            assert_eq!(ids(&listed), expected, "{filter}");
        }
    }
);

each_engine!(
    async fn stopped_environments_and_every_status_are_listed_in_the_basic_form(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "success")).await;
        server
            .write(|tx| {
                let mut row = plain_row(1, NOW);
                for status in Status::ALL {
                    row.status = *status;
                    row.finished_at = status.is_finished().then_some(NOW);
                    deployments::insert(tx, &row)?;
                }
                let mut environment = landfall_store::environments::by_name(tx, ProjectId(1), "production")?.unwrap();
                environment.state = landfall_domain::environment::State::Stopped;
                Ok(landfall_store::environments::update(tx, &environment)?)
            })
            .await;
        let listed = team.reporter.get(DEPLOYMENTS).await.json(200);
        let statuses: Vec<&str> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["status"].as_str().unwrap())
            .collect();
        assert_eq!(
            statuses,
            [
                "success", "created", "running", "success", "failed", "canceled", "skipped", "blocked"
            ]
        );
        insta::assert_json_snapshot!(listed[0], @r#"
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
            "name": "production",
            "slug": "production",
            "external_url": null,
            "created_at": "2026-01-02T03:04:05.678Z",
            "updated_at": "2026-01-02T03:04:05.678Z"
          },
          "deployable": null,
          "status": "success",
          "landfall": {
            "tag": false,
            "commit": null,
            "verified": false,
            "finished_at": "2026-01-02T03:04:05.678Z",
            "source": "api",
            "external_id": null
          }
        }
        "#);
    }
);
