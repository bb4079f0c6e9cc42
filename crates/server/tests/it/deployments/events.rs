//! Every change leaves an event in the same transaction, and what changes nothing leaves none.

use std::time::Duration;

use landfall_domain::{
    environment::State,
    event::{Event, Kind},
};
use landfall_store::{environments, events};

use super::*;
use crate::support::each_engine;

/// The events of deployments and environments after one, with the number of the last.
async fn after(server: &TestServer, number: i64) -> (i64, Vec<Event>) {
    let all = server.write(move |tx| Ok(events::after(tx, number, 100)?)).await;
    let last = all.last().map_or(number, |(number, _)| *number);
    let of_deployments = all
        .into_iter()
        .map(|(_, event)| event)
        .filter(|event| event.environment_id.is_some());
    (last, of_deployments.collect())
}

each_engine!(
    async fn a_change_tells_what_by_whom_and_when(server) {
        let team = team(&server).await;
        let (start, _) = after(&server, 0).await;
        record(&team.developer, &report("production", 1, "running")).await;
        let (number, made) = after(&server, start).await;
        let event = |kind, deployment_id: Option<i64>, user: i64, at, data: Value| Event {
            kind,
            project_id: Some(ProjectId(1)),
            deployment_id: deployment_id.map(landfall_domain::ids::DeploymentId),
            environment_id: Some(EnvironmentId(1)),
            actor_id: Some(UserId(user)),
            data: data.to_string(),
            at,
        };
        let production = json!({ "name": "production" });
        let facts = json!({ "iid": 1, "environment": "production", "status": "running", "sha": sha(1), "ref": "main" });
        let expected = [
            event(Kind::EnvironmentCreated, None, 3, NOW, production.clone()),
            event(Kind::DeploymentCreated, Some(1), 3, NOW, facts),
        ];
        assert_eq!(made, expected);

        server
            .write(|tx| {
                let mut environment = environments::by_name(tx, ProjectId(1), "production")?.unwrap();
                environment.state = State::Stopped;
                Ok(environments::update(tx, &environment)?)
            })
            .await;
        let later = NOW.plus(Duration::from_mins(1));
        server.clock.set(later);
        team.maintainer
            .put(&one(1))
            .form(&[("status", "success")])
            .await
            .json(200);
        let (number, changed) = after(&server, number).await;
        let expected = [
            event(Kind::EnvironmentStarted, None, 2, later, production),
            event(
                Kind::DeploymentUpdated,
                Some(1),
                2,
                later,
                json!({ "from": "running", "status": "success" }),
            ),
        ];
        assert_eq!(changed, expected);

        // Repeated, refused or only read: nothing happened.
        record(&team.developer, &report("production", 1, "success")).await;
        team.developer
            .put(&one(1))
            .form(&[("status", "success")])
            .await
            .json(400);
        team.developer
            .post(DEPLOYMENTS)
            .json(&report("no?", 1, "running"))
            .await
            .json(400);
        team.maintainer.delete(&one(1)).await.json(400);
        team.reporter.get(DEPLOYMENTS).await.json(200);
        assert_eq!(after(&server, number).await, (number, Vec::new()));
    }
);
