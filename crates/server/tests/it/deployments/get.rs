//! GET `/projects/:id/deployments/:deployment_id` (reference 6.2).

use super::*;
use crate::support::each_engine;

each_engine!(
    async fn only_the_projects_own_deployments_are_found_by_id_and_not_by_iid(server) {
        let team = team(&server).await;
        server.project("group/other").await;
        let elsewhere = team
            .root
            .post("/projects/2/deployments")
            .json(&report("production", 1, "running"))
            .await;
        assert_eq!(elsewhere.json(201)["id"], 1);
        let created = team
            .developer
            .post(DEPLOYMENTS)
            .json(&report("production", 1, "running"))
            .await
            .json(201);
        assert_eq!((&created["id"], &created["iid"]), (&json!(2), &json!(1)));

        let found = team.reporter.get(&one(2)).await;
        assert_eq!(found.json(200), created);
        assert_eq!(found.header("x-total"), None);
        for missing in ["1", "3", "0", "-1", "9223372036854775807"] {
            assert_eq!(
                team.reporter.get(&format!("{DEPLOYMENTS}/{missing}")).await.told(),
                NOT_FOUND,
                "{missing}"
            );
        }
        for invalid in ["abc", "2abc", "9223372036854775808", "%20"] {
            let answer = team.reporter.get(&format!("{DEPLOYMENTS}/{invalid}")).await;
            assert_eq!(
                answer.told(),
                (400, r#"{"error":"deployment_id is invalid"}"#),
                "{invalid}"
            );
        }
        for also in ["2.json", "2.5", "+2", "02", "2/"] {
            assert_eq!(
                team.reporter.get(&format!("{DEPLOYMENTS}/{also}")).await.json(200),
                created,
                "{also}"
            );
        }
    }
);

each_engine!(
    async fn the_right_to_read_is_checked_before_the_deployment(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "running")).await;
        for path in [one(1), one(2)] {
            assert_eq!(team.guest.get(&path).await.told(), FORBIDDEN);
            assert_eq!(team.stranger.get(&path).await.told(), NO_PROJECT);
            assert_eq!(server.nobody().get(&path).await.told(), UNAUTHORIZED);
        }
        let invalid = team.stranger.get("/projects/99/deployments/abc").await;
        assert_eq!(invalid.told(), (400, r#"{"error":"deployment_id is invalid"}"#));
    }
);

each_engine!(
    async fn a_deployment_outlives_what_becomes_of_its_user(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "running")).await;
        server
            .write(|tx| {
                let mut ada = landfall_store::users::by_username(tx, "ada")?.unwrap();
                "Ada Lovelace".clone_into(&mut ada.name);
                ada.state = landfall_domain::user::UserState::Blocked;
                landfall_store::users::update(tx, &ada)?;
                let mut row = plain_row(1, NOW);
                row.user_id = None;
                landfall_store::deployments::insert(tx, &row)?;
                Ok(())
            })
            .await;
        let user = &team.reporter.get(&one(1)).await.json(200)["user"];
        assert_eq!(
            (&user["name"], &user["state"]),
            (&json!("Ada Lovelace"), &json!("blocked"))
        );
        assert_eq!(team.reporter.get(&one(2)).await.json(200)["user"], Value::Null);
    }
);
