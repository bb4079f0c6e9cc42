//! What counts when reports overtake each other.

use landfall_domain::environment::State;
use landfall_store::environments;

use super::*;

each_engine!(
    async fn an_older_report_changes_nothing_but_the_beginning(server) {
        let team = team(&server).await;
        assert_eq!(
            land(&team.developer, &past("a", "success", 60)).await,
            landed(201, 1, "success", None)
        );
        server.clock.advance(Duration::from_mins(1));
        assert_eq!(
            land(&team.developer, &past("a", "running", 300)).await,
            landed(200, 1, "success", Some("older"))
        );
        let shown = team.reporter.get(&one(1)).await.json(200);
        let later = NOW.plus(Duration::from_mins(1)).to_wire();
        assert_eq!(
            [&shown["created_at"], &shown["landfall"]["finished_at"], &shown["updated_at"]],
            [&json!(ago(300)), &json!(ago(60)), &json!(later)]
        );
        // Nothing that only it can tell: nothing changes.
        server.clock.advance(Duration::from_mins(1));
        assert_eq!(
            land(&team.developer, &past("a", "failed", 200)).await,
            landed(200, 1, "success", Some("older"))
        );
        assert_eq!(team.reporter.get(&one(1)).await.json(200), shown);
    }
);

each_engine!(
    async fn the_count_decides_before_the_time(server) {
        let team = team(&server).await;
        let counted =
            |sequence: i64, status, seconds| with(past("a", status, seconds), json!({ "sequence": sequence }));
        for (body, expected) in [
            (counted(2, "running", 50), landed(201, 1, "running", None)),
            (counted(1, "created", 10), landed(200, 1, "running", Some("older"))),
            // The clock of the sender was set back.
            (counted(3, "failed", 100), landed(200, 1, "failed", None)),
            (counted(-1, "success", 0), landed(200, 1, "failed", Some("older"))),
            // Whoever counts knows better than who does not.
            (past("a", "canceled", 0), landed(200, 1, "failed", Some("older"))),
            // Of one count, the time decides.
            (counted(3, "success", 99), landed(200, 1, "success", None)),
        ] {
            assert_eq!(land(&team.developer, &body).await, expected, "{body}");
        }
        let shown = team.reporter.get(&one(1)).await.json(200);
        assert_eq!(
            [&shown["created_at"], &shown["landfall"]["finished_at"]],
            [&json!(ago(100)), &json!(ago(99))]
        );
    }
);

each_engine!(
    async fn a_newer_report_may_make_any_change_of_status(server) {
        let team = team(&server).await;
        let statuses = ["created", "running", "success", "failed", "canceled"];
        let mut sequence = 0;
        for from in statuses {
            for to in statuses {
                for status in [from, to] {
                    sequence += 1;
                    let body = with(keyed("a", 1, status), json!({ "sequence": sequence }));
                    let (_, id, stands, reason) = land(&team.developer, &body).await;
                    assert_eq!((id, stands.as_str(), reason), (1, status, None), "{from} to {to}");
                }
            }
        }
    }
);

each_engine!(
    async fn the_newest_report_says_what_was_deployed(server) {
        let team = team(&server).await;
        land(&team.developer, &past("a", "running", 60)).await;
        let newer = with(
            past("a", "running", 30),
            json!({ "sha": sha(2), "ref": "v2", "tag": true }),
        );
        land(&team.maintainer, &newer).await;
        land(&team.maintainer, &past("a", "running", 50)).await;
        let shown = team.reporter.get(&one(1)).await.json(200);
        assert_eq!(
            [&shown["sha"], &shown["ref"], &shown["landfall"]["tag"], &shown["user"]["username"]],
            [&json!(sha(2)), &json!("v2"), &json!(true), &json!("ada")]
        );
        // The first in the sender's order is whose deployment it is.
        land(&team.maintainer, &past("a", "created", 90)).await;
        let shown = team.reporter.get(&one(1)).await.json(200);
        assert_eq!(shown["user"]["username"], "mia");
    }
);

each_engine!(
    async fn the_job_is_what_all_reports_tell_of_it_together(server) {
        let team = team(&server).await;
        let job = |seconds, job: Value| with(past("a", "running", seconds), json!({ "deployable": job }));
        let stream = [
            job(60, json!({ "name": "deploy", "status": "running", "stage": "ship", "pipeline": { "id": 3, "status": "running" } })),
            job(30, json!({ "name": "deploy", "status": "failed", "duration": 1.5, "id": 9 })),
            job(10, json!({ "name": "deploy", "status": "success", "pipeline": { "status": "success" } })),
        ];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let key = format!("{order:?}");
            let mut id = 0;
            for place in order {
                let body = with(stream[place].clone(), json!({ "external_id": key }));
                (_, id, ..) = land(&team.developer, &body).await;
            }
            let shown = team.reporter.get(&one(id)).await.json(200)["deployable"].clone();
            let facts = ["id", "name", "status", "stage", "duration"].map(|name| shown[name].clone());
            assert_eq!(json!(facts), json!([9, "deploy", "success", "ship", 1.5]), "{key}");
            assert_eq!(shown["pipeline"]["id"], 3, "{key}");
            assert_eq!(shown["pipeline"]["status"], "success", "{key}");
        }
        assert_eq!(stored_jobs(&server).await, "6 6 0", "no job is left behind");
    }
);

each_engine!(
    async fn a_success_wakes_its_environment_once(server) {
        let team = team(&server).await;
        let stop = async || {
            server
                .write(|tx| {
                    let mut environment = environments::by_name(tx, ProjectId(1), "production")?.unwrap();
                    environment.state = State::Stopped;
                    Ok(environments::update(tx, &environment)?)
                })
                .await;
        };
        let is_awake = async || {
            let environment = server
                .write(|tx| Ok(environments::by_name(tx, ProjectId(1), "production")?.unwrap()))
                .await;
            environment.state == State::Available
        };
        land(&team.developer, &past("a", "running", 60)).await;
        stop().await;
        for (body, wakes) in [
            (past("a", "failed", 50), false),
            (past("a", "success", 55), false),
            (past("a", "success", 40), true),
            (past("a", "success", 30), false),
            (past("a", "success", 40), false),
            (past("b", "success", 30), true),
        ] {
            stop().await;
            land(&team.developer, &body).await;
            assert_eq!(is_awake().await, wakes, "{body}");
        }
    }
);

each_engine!(
    async fn what_is_live_is_never_displaced_by_something_older(server) {
        let team = team(&server).await;
        let live = async || {
            let list = format!("{DEPLOYMENTS}?environment=production&status=success&order_by=finished_at&sort=desc");
            ids(&team.reporter.get(&list).await.json(200))[0]
        };
        land(&team.developer, &past("new", "success", 60)).await;
        land(&team.developer, &past("old", "success", 600)).await;
        assert_eq!(live().await, 1);
        // It was live already, and is told so again.
        land(&team.developer, &past("old", "success", 30)).await;
        assert_eq!(live().await, 1, "a repeated success does not move to the front");
        assert_eq!(
            team.maintainer.delete(&one(1)).await.told(),
            (400, r#"{"message":"Deployment currently deployed to environment"}"#)
        );
        land(&team.developer, &past("old", "failed", 20)).await;
        land(&team.developer, &past("old", "success", 10)).await;
        assert_eq!(live().await, 2);
    }
);
