//! DELETE `/projects/:id/environments/review_apps` (neighbours, 1.6).

use landfall_domain::time::Timestamp;

use super::*;

const REVIEW_APPS: &str = "/projects/1/environments/review_apps";
const NONE: &str = r#"{"scheduled_entries":[],"unprocessable_entries":[],"message":"No environments found for scheduled deletion. Either your query did not match any environments (default parameters match environments that are 30 days or older), or you have insufficient permissions to delete matching environments."}"#;

/// Stopped review apps of December, the first of each day the older one, and others that are none.
async fn december(server: &TestServer, team: &Team) {
    for (number, name) in (1..).zip([
        "review/c",
        "review/b",
        "review/a",
        "review/running",
        "reviews/x",
        "production",
    ]) {
        let id = make(&team.developer, name).await;
        if name != "review/running" {
            stop(&team.developer, id).await;
        }
        let text = format!("2025-12-{:02}T00:00:00Z", 10 - number);
        change_created(server, id, Timestamp::parse_wire(&text).unwrap());
    }
}

/// Moves the creation of an environment into the past.
fn change_created(server: &TestServer, id: i64, at: Timestamp) {
    let sql = format!(
        "UPDATE environments SET created_at = {} WHERE id = {id}",
        at.as_micros()
    );
    landfall_store::testing::run_sql(server.database.url(), &sql);
}

fn scheduled(answer: &Value) -> Vec<&str> {
    names(&answer["scheduled_entries"])
}

each_engine!(
    async fn a_dry_run_tells_which_they_would_be(server) {
        let team = team(&server).await;
        december(&server, &team).await;
        // By default those that are 30 days old.
        assert_eq!(team.developer.delete(REVIEW_APPS).await.told(), (400, NONE));
        let list = team.developer.delete(&format!("{REVIEW_APPS}?before=2025-12-09")).await.json(200);
        insta::assert_snapshot!(pretty(&list), @r#"
        {
          "scheduled_entries": [
            {
              "id": 3,
              "name": "review/a",
              "slug": "review-a-ppbxnw",
              "external_url": null,
              "created_at": "2025-12-07T00:00:00.000Z",
              "updated_at": "2026-01-02T03:04:05.678Z"
            },
            {
              "id": 2,
              "name": "review/b",
              "slug": "review-b-1xz20f",
              "external_url": null,
              "created_at": "2025-12-08T00:00:00.000Z",
              "updated_at": "2026-01-02T03:04:05.678Z"
            }
          ],
          "unprocessable_entries": []
        }
        "#);
        let all = team.developer.delete(&format!("{REVIEW_APPS}?before=2026-01-01")).await.json(200);
        assert_eq!(scheduled(&all), ["review/a", "review/b", "review/c"]);
        let two = team.developer.delete(&format!("{REVIEW_APPS}?before=2026-01-01&limit=2&dry_run=yes")).await;
        assert_eq!(scheduled(&two.json(200)), ["review/a", "review/b"]);
        assert_eq!(stored(&server, 3).await.unwrap().auto_delete_at, None);
    }
);

each_engine!(
    async fn what_is_planned_is_planned_once(server) {
        let team = team(&server).await;
        december(&server, &team).await;
        let target = format!("{REVIEW_APPS}?before=2026-01-01&limit=2&dry_run=false");
        let two = team.developer.delete(&target).await.json(200);
        assert_eq!(scheduled(&two), ["review/a", "review/b"]);
        let planned = stored(&server, 3).await.unwrap();
        assert_eq!(planned.auto_delete_at, Some(Timestamp(NOW.0 + 7 * 24 * 3600 * 1_000_000)));
        assert_eq!(planned.updated_at, NOW);
        let rest = team.developer.delete(&target).await.json(200);
        assert_eq!(scheduled(&rest), ["review/c"]);
        assert_eq!(team.developer.delete(&target).await.told(), (400, NONE));
        assert_eq!(team.reporter.get(ENVIRONMENTS).await.header("x-total"), Some("6"), "they are still there");
    }
);

each_engine!(
    async fn odd_parameters_are_refused(server) {
        let team = team(&server).await;
        for (query, error) in [
            ("limit=0", "limit does not have a valid value"),
            ("limit=1001", "limit does not have a valid value"),
            ("limit=x", "limit is invalid"),
            ("dry_run=2", "dry_run is invalid"),
            ("before=never", "before is invalid"),
        ] {
            let told = json!({ "error": error }).to_string();
            let answer = team.developer.delete(&format!("{REVIEW_APPS}?{query}")).await;
            assert_eq!(answer.told(), (400, told.as_str()), "{query}");
        }
    }
);

each_engine!(
    async fn who_may_see_and_not_delete_is_told_401(server) {
        let team = team(&server).await;
        december(&server, &team).await;
        let reporter = team.reporter.delete(&format!("{REVIEW_APPS}?before=2026-01-01&dry_run=false")).await;
        assert_eq!(
            reporter.told(),
            (
                401,
                r#"{"scheduled_entries":[],"unprocessable_entries":[],"message":"You do not have permission to destroy environments in this project"}"#
            )
        );
        assert_eq!(team.guest.delete(REVIEW_APPS).await.told(), FORBIDDEN);
        assert_eq!(team.stranger.delete(REVIEW_APPS).await.told(), NO_PROJECT);
        assert_eq!(stored(&server, 3).await.unwrap().auto_delete_at, None);
    }
);
