//! What happens to environments is kept in the events.

use std::fmt::Write;

use landfall_store::events;

use super::*;

/// Every event about an environment or a deployment, a line each.
async fn told(server: &TestServer) -> String {
    let all = server.write(|tx| Ok(events::after(tx, 0, 1000)?)).await;
    let mut lines = String::new();
    for (_, event) in all {
        if let Some(environment) = event.environment_id {
            let actor = event.actor_id.map_or(0, |actor| actor.0);
            writeln!(
                lines,
                "{} of {environment} by {actor}: {}",
                event.kind.as_str(),
                event.data
            )
            .unwrap();
        }
    }
    lines
}

each_engine!(
    async fn every_change_is_told_once(server) {
        let team = team(&server).await;
        make(&team.developer, "review/a").await;
        team.developer.put(&one(1)).form(&[("tier", "other"), ("description", "x")]).await.json(200);
        team.developer.put(&one(1)).form(&[("tier", "other")]).await.json(200);
        stop(&team.maintainer, 1).await;
        stop(&team.maintainer, 1).await;
        record(&team.developer, &report("review/a", 1, "success")).await;
        stop(&team.developer, 1).await;
        let plan = format!("{ENVIRONMENTS}/review_apps?before=2026-02-01&dry_run=false");
        team.developer.delete(&plan).await.json(200);
        assert_eq!(team.developer.delete(&one(1)).await.status, 204);
        assert_eq!(team.developer.post(ENVIRONMENTS).form(&[("name", "/")]).await.status, 400);
        insta::assert_snapshot!(told(&server).await, @r#"
        environment_created of 1 by 3: {"name":"review/a"}
        environment_updated of 1 by 3: {"name":"review/a","changed":["tier","description"]}
        environment_stopped of 1 by 2: {"name":"review/a"}
        environment_started of 1 by 3: {"name":"review/a"}
        deployment_created of 1 by 3: {"iid":1,"environment":"review/a","status":"success","sha":"0000000000000000000000000000000000000001","ref":"main"}
        environment_stopped of 1 by 3: {"name":"review/a"}
        environment_updated of 1 by 3: {"name":"review/a","auto_delete_at":"2026-01-09T03:04:05.678901Z"}
        deployment_deleted of 1 by 3: {"iid":1,"environment":"review/a","status":"success","sha":"0000000000000000000000000000000000000001","ref":"main"}
        environment_deleted of 1 by 3: {"name":"review/a"}
        "#);
    }
);
