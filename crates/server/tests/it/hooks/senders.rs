//! What each sender's payloads come to.

use super::*;
use crate::support::each_engine;

/// Delivers payloads and reads them all.
/// Each is read before the next one comes, so that numbers are given out in a definite order.
async fn deliver_all(server: &TestServer, sender: Sender, names: &[&str]) {
    for name in names {
        Hook::named(sender, name).deliver(server).await;
        server.run_jobs().await;
    }
}

each_engine!(
    async fn gitlabs_three_hooks_are_one_deployment_with_its_job(server) {
        let (project, root) = ready(&server, Sender::Gitlab).await;
        let names = ["job.running", "deployment.running", "pipeline.success", "job.success", "deployment.success"];
        deliver_all(&server, Sender::Gitlab, &names).await;
        assert_eq!(inbox(&root).await, ["done"; 5]);
        // The pipeline has another job that deploys, of which nothing else tells.
        insta::assert_json_snapshot!("gitlab", deployments(&root, &project).await);
        assert_eq!(
            environments(&server, &project, &["production"]).await,
            json!([["production", "available", "production", "https://shop.example.com"]])
        );
        // Its job is a GitLab's, so nobody else changes it.
        let answer = root.put("/projects/1/deployments/1").form(&[("status", "failed")]).await;
        assert_eq!(answer.status.as_u16(), 403, "{}", answer.body);
    }
);

each_engine!(
    async fn githubs_events_are_one_deployment_with_its_job(server) {
        let (project, root) = ready(&server, Sender::Github).await;
        let names = [
            "workflow_run.completed",
            "deployment_status.success",
            "workflow_job.completed",
            "deployment.created",
            "deployment_status.in_progress",
        ];
        deliver_all(&server, Sender::Github, &names).await;
        assert_eq!(inbox(&root).await, ["done"; 5]);
        let rows = deployments(&root, &project).await;
        assert_eq!(rows.len(), 1, "{rows:#?}");
        insta::assert_json_snapshot!("github", rows[0]);
    }
);

each_engine!(
    async fn an_environment_of_githubs_has_a_name_that_is_allowed_here(server) {
        let (project, root) = ready(&server, Sender::Github).await;
        for name in ["deployment.created", "deployment_status.success"] {
            let hook = Hook::named(Sender::Github, name);
            hook.replaced("environment\": \"production\"", "environment\": \"Preview – web\"").deliver(&server).await;
        }
        server.run_jobs().await;
        assert_eq!(inbox(&root).await, ["done"; 2]);
        assert_eq!(deployments(&root, &project).await[0]["environment"]["name"], json!("Preview - web"));
    }
);

each_engine!(
    async fn a_sync_of_argo_cd_is_a_deployment(server) {
        let (project, root) = ready(&server, Sender::Argocd).await;
        deliver_all(&server, Sender::Argocd, &["succeeded", "running", "degraded_of_manifests"]).await;
        let rows = deployments(&root, &project).await;
        insta::assert_json_snapshot!("argocd", rows);
    }
);

each_engine!(
    async fn a_revision_of_flux_is_a_deployment_until_another_comes(server) {
        let (project, root) = ready(&server, Sender::Flux).await;
        let names = [
            "kustomization.succeeded_of_earlier",
            "kustomization.succeeded",
            "kustomization.health_check_failed",
            "kustomization.succeeded_again",
            "kustomization.progressing",
        ];
        deliver_all(&server, Sender::Flux, &names).await;
        assert_eq!(inbox(&root).await, ["done"; 5]);
        let rows = deployments(&root, &project).await;
        let brief: Vec<Value> = rows
            .iter()
            .map(|row| json!([row["status"], row["sha"], row["created_at"], row["landfall"]["finished_at"]]))
            .collect();
        insta::assert_json_snapshot!("flux_episodes", brief);
        insta::assert_json_snapshot!("flux", rows[0]);
    }
);

each_engine!(
    async fn what_flux_repeats_counts_before_an_update_and_for_what_was_not_told(server) {
        let (project, root) = ready(&server, Sender::Flux).await;
        // Somebody has named the environment only later.
        let nowhere = Hook::named(Sender::Flux, "kustomization.succeeded")
            .replaced("\"landfall_environment\": \"production\",", "");
        nowhere.deliver(&server).await;
        server.run_jobs().await;
        assert_eq!(deployments(&root, &project).await, Vec::<Value>::new());
        deliver_all(&server, Sender::Flux, &["kustomization.succeeded_again"]).await;
        let again = Hook::named(Sender::Flux, "kustomization.succeeded_again").replaced("10:30:11", "10:40:11");
        again.deliver(&server).await;
        server.run_jobs().await;
        let brief = |rows: &[Value]| -> Vec<Value> {
            rows.iter().map(|row| json!([row["status"], row["created_at"], row["landfall"]["external_id"]])).collect()
        };
        let key = "flux:Kustomization/apps/webapp/7d0cdc51-ddcf-4743-b223-83ca5c699632@main@sha1:\
                   4c1e5d0b9a7f3c2e8d6b1a0f9e8d7c6b5a493827 2026-03-02T10:30:11.000000Z";
        let rows = deployments(&root, &project).await;
        assert_eq!(brief(&rows), [json!(["success", "2026-03-02T10:20:09.000Z", key])]);
        let answer = root.put("/projects/1/deployments/1").form(&[("status", "failed")]).await.json(200);
        assert_eq!(answer["status"], json!("failed"), "also after what was no news");
    }
);

each_engine!(
    async fn events_of_a_service_are_deployments(server) {
        let (project, root) = ready(&server, Sender::Cdevents).await;
        let names = [
            "binary.deployed_0_3",
            "binary.running_with_custom_data",
            "structured.failed_with_custom_data",
            "structured.rolledback_0_5",
            "structured.upgraded_0_4",
            "structured.published",
        ];
        deliver_all(&server, Sender::Cdevents, &names).await;
        insta::assert_json_snapshot!("cdevents_inbox", inbox(&root).await);
        insta::assert_json_snapshot!("cdevents", deployments(&root, &project).await);
    }
);

each_engine!(
    async fn what_is_removed_stops_its_environment_unless_it_came_back(server) {
        let (project, root) = ready(&server, Sender::Gitlab).await;
        // The stop is told before the deployment that it ends.
        deliver_all(&server, Sender::Gitlab, &["job.stop", "job.success"]).await;
        let rows = deployments(&root, &project).await;
        let name = rows[0]["environment"]["name"].as_str().unwrap().to_owned();
        let stop: Value = serde_json::from_str(&Hook::named(Sender::Gitlab, "job.stop").body).unwrap();
        let stopped = stop["environment"]["name"].as_str().unwrap();
        let same = Hook::named(Sender::Gitlab, "job.stop")
            .replaced(&format!("\"name\": \"{stopped}\""), &format!("\"name\": \"{name}\""))
            .replaced("2026-03-0", "2026-03-0")
            .with("idempotency-key", "the same environment");
        let early = Hook { body: same.body.replace("2026-03-0", "2026-02-0"), ..same.clone() };
        early.with("idempotency-key", "early").deliver(&server).await;
        server.run_jobs().await;
        let state = |found: Value| found[0][1].as_str().unwrap().to_owned();
        assert_eq!(state(environments(&server, &project, &[&name]).await), "available", "it was deployed since");
        let late = Hook { body: same.body.replace("2026-03-02", "2026-03-03").replace("2026-03-04", "2026-03-03"), ..same };
        server.clock.advance(Duration::from_hours(48));
        late.deliver(&server).await;
        server.run_jobs().await;
        assert_eq!(state(environments(&server, &project, &[&name]).await), "stopped");
        // A report about something older does not bring it back, a newer success does.
        deliver_all(&server, Sender::Gitlab, &["deployment.success"]).await;
        assert_eq!(state(environments(&server, &project, &[&name]).await), "stopped");
        let again = Hook::named(Sender::Gitlab, "job.success")
            .replaced("2026-03-02", "2026-03-04")
            .replaced("90412", "90999")
            .with("idempotency-key", "again");
        again.deliver(&server).await;
        server.run_jobs().await;
        assert_eq!(state(environments(&server, &project, &[&name]).await), "available");
    }
);

each_engine!(
    async fn users_are_found_or_made_without_rights(server) {
        let (project, root) = ready(&server, Sender::Gitlab).await;
        deliver_all(&server, Sender::Gitlab, &["job.running"]).await;
        let made = root.get("/users?username=ada").await.json(200);
        assert_eq!(made.as_array().unwrap().len(), 1);
        let id = made[0]["id"].as_i64().unwrap();
        let found = root.get(&format!("/users/{id}")).await.json(200);
        assert_eq!(
            (&found["state"], &found["external"], &found["name"]),
            (&json!("deactivated"), &json!(true), &json!("Ada Example"))
        );
        deliver_all(&server, Sender::Gitlab, &["job.success"]).await;
        assert_eq!(root.get("/users?username=ada").await.json(200).as_array().unwrap().len(), 1);
        let rows = deployments(&root, &project).await;
        assert_eq!(rows[0]["user"]["username"], json!("ada"));
        // A user that is here already is the one who is meant.
        let bob = server.user("bob").await;
        drop(bob);
        Hook::named(Sender::Gitlab, "job.manual")
            .replaced("\"username\": \"ada\"", "\"username\": \"Bob\"")
            .replaced("90412", "7")
            .deliver(&server)
            .await;
        server.run_jobs().await;
        let rows = deployments(&root, &project).await;
        let active: Vec<&Value> = rows.iter().map(|row| &row["user"]["state"]).collect();
        assert!(active.contains(&&json!("active")), "{active:?}");
    }
);

each_engine!(
    async fn a_user_whose_login_name_is_a_groups_here_is_made_once(server) {
        let (project, root) = ready(&server, Sender::Gitlab).await;
        server.project("ada/site").await;
        deliver_all(&server, Sender::Gitlab, &["job.running", "job.success"]).await;
        let users = root.get("/users?external=true").await.json(200);
        let names: Vec<&str> = users.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect();
        assert_eq!(names, ["ada"]);
        assert_eq!(deployments(&root, &project).await[0]["user"]["username"], json!("ada"));
    }
);

each_engine!(
    async fn a_source_says_as_whom_the_nameless_count(server) {
        server.clock.set(SENT);
        let root = server.root().await;
        let project = server.project("acme/web/shop").await;
        server.user("robot").await;
        source_with(&server, Sender::Flux, Scope::Project(project.id), |new| new.user_id = Some(UserId(2))).await;
        Hook::named(Sender::Flux, "kustomization.succeeded").deliver(&server).await;
        server.run_jobs().await;
        let rows = deployments(&root, &project).await;
        assert_eq!(rows[0]["user"]["username"], json!("robot"));
    }
);

each_engine!(
    async fn an_update_through_the_api_is_the_newest_report(server) {
        let (project, root) = ready(&server, Sender::Github).await;
        deliver_all(&server, Sender::Github, &["deployment.created", "deployment_status.in_progress"]).await;
        let path = "/projects/1/deployments/1";
        let answer = root.put(path).form(&[("status", "failed")]).await.json(200);
        assert_eq!(answer["status"], json!("failed"));
        // What was under way does not undo it, and completes it all the same.
        deliver_all(&server, Sender::Github, &["deployment_status.success", "workflow_job.completed"]).await;
        let rows = deployments(&root, &project).await;
        assert_eq!((rows.len(), &rows[0]["status"]), (1, &json!("failed")));
        assert_ne!(rows[0]["deployable"]["runner"], Value::Null);
        let events = root.get(&format!("{path}/events?per_page=100")).await.json(200);
        let kinds: Vec<&str> = events.as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
        insta::assert_json_snapshot!("events", kinds);
    }
);

each_engine!(
    async fn a_deleted_deployment_is_forgotten_with_its_reports(server) {
        let (project, root) = ready(&server, Sender::Github).await;
        deliver_all(&server, Sender::Github, &["deployment.created"]).await;
        assert_eq!(root.delete("/projects/1/deployments/1").await.status.as_u16(), 204);
        assert_eq!(deployments(&root, &project).await, Vec::<Value>::new());
        deliver_all(&server, Sender::Github, &["deployment_status.in_progress"]).await;
        let rows = deployments(&root, &project).await;
        assert_eq!((rows.len(), &rows[0]["status"]), (1, &json!("running")));
    }
);
