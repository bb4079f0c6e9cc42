//! What is kept of deliveries, who sees it, replaying it, and forgetting it.

use landfall_domain::access::AccessLevel;

use super::*;
use crate::support::each_engine;

each_engine!(
    async fn a_delivery_is_kept_as_it_came_but_for_secrets(server) {
        let (_, root) = ready(&server, Sender::Github).await;
        let hook = Hook::named(Sender::Github, "ping").with("cookie", "c").proved(SECRET);
        let answer = hook.send(&server).await;
        assert_eq!(answer.told(), (200, r#"{"id":1,"repeated":false}"#));
        let again = hook.send(&server).await;
        assert_eq!(again.told(), (200, r#"{"id":1,"repeated":true}"#));
        server.run_jobs().await;
        let mut kept = root.get("/projects/1/inbox/1").await.json(200);
        assert_eq!(kept["body"], json!(hook.body));
        kept.as_object_mut().unwrap().remove("body");
        kept["headers"].as_object_mut().unwrap().retain(|name, _| name.starts_with("x-") || name == "content-type");
        insta::assert_json_snapshot!(kept, @r#"
        {
          "id": 1,
          "hook_source_id": 1,
          "sender": "github",
          "project_id": 1,
          "external_id": "ping",
          "event": "ping",
          "state": "ignored",
          "note": "a ping",
          "attempts": 1,
          "received_at": "2026-03-02T15:00:00.000Z",
          "processed_at": "2026-03-02T15:00:00.000Z",
          "headers": {
            "x-github-event": "ping",
            "x-github-delivery": "ping",
            "content-type": "application/json"
          }
        }
        "#);
    }
);

each_engine!(
    async fn a_repeat_changes_nothing(server) {
        let (project, root) = ready(&server, Sender::Gitlab).await;
        let hook = Hook::named(Sender::Gitlab, "job.success").proved(SECRET);
        for status in [202, 200, 200] {
            assert_eq!(hook.send(&server).await.status.as_u16(), status);
            server.run_jobs().await;
        }
        assert_eq!(inbox(&root).await, ["done"]);
        let before = root.get("/projects/1/deployments/1").await.body;
        // The same report under another id is another delivery, and says nothing new.
        server.clock.advance(Duration::from_secs(1));
        hook.with("idempotency-key", "another").proved(SECRET).send(&server).await;
        server.run_jobs().await;
        assert_eq!(root.get("/projects/1/deployments/1").await.body, before);
        assert_eq!(deployments(&root, &project).await.len(), 1);
    }
);

each_engine!(
    async fn what_failed_can_be_replayed_once_its_cause_is_gone(server) {
        server.clock.set(SENT);
        let root = server.root().await;
        let other = server.project("acme/other").await;
        let group = other.namespace.id;
        source(&server, Sender::Gitlab, Scope::Group(group)).await;
        Hook::named(Sender::Gitlab, "job.success").deliver(&server).await;
        server.run_jobs().await;
        assert_eq!(
            inbox(&root).await,
            ["failed: there is no project acme/web/shop below the group acme; make it, or map the sender's path to \
              another one, and replay the delivery"]
        );
        let project = server.project("acme/web/shop").await;
        let replayed = root.post("/inbox/1/replay").await.json(200);
        assert_eq!((&replayed["state"], &replayed["note"]), (&json!("waiting"), &Value::Null));
        server.run_jobs().await;
        assert_eq!(inbox(&root).await, ["done"]);
        assert_eq!(deployments(&root, &project).await.len(), 1);
        // Once more does no harm, and it is the project's now.
        let path = format!("/projects/{}/inbox", project.id);
        root.post(&format!("{path}/1/replay")).await.json(200);
        server.run_jobs().await;
        assert_eq!(deployments(&root, &project).await.len(), 1);
        assert_eq!(root.get(&path).await.json(200)[0]["id"], json!(1));
        assert_eq!(root.get(&format!("/projects/{}/inbox/1", other.id)).await.status.as_u16(), 404);
        assert_eq!(root.post("/inbox/99/replay").await.status.as_u16(), 404);
    }
);

each_engine!(
    async fn maintainers_see_their_projects_deliveries_and_administrators_all(server) {
        let (project, root) = ready(&server, Sender::Gitlab).await;
        for name in ["job.created", "job.running", "push"] {
            Hook::named(Sender::Gitlab, name).deliver(&server).await;
        }
        server.run_jobs().await;
        let maintainer = server.user("mia").await;
        server.member(project.id, "mia", AccessLevel::Maintainer).await;
        let ids = |list: &Value| -> Vec<i64> {
            list.as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
        };
        let list = maintainer.get("/projects/1/inbox").await;
        assert_eq!((ids(&list.json(200)), list.header("x-total")), (vec![3, 2, 1], Some("3")));
        let list = maintainer.get("/projects/1/inbox?state=ignored").await.json(200);
        assert_eq!(ids(&list), [3]);
        let list = root.get("/inbox?hook_source_id=1&per_page=2&page=2").await.json(200);
        assert_eq!(ids(&list), [1]);
        assert_eq!(ids(&root.get("/inbox?hook_source_id=2").await.json(200)), Vec::<i64>::new());
        assert_eq!(maintainer.get("/inbox").await.status.as_u16(), 403);
        assert_eq!(maintainer.get("/inbox/1").await.status.as_u16(), 403);
        let wrong = root.get("/inbox?state=new").await;
        assert_eq!(wrong.told(), (400, r#"{"error":"state does not have a valid value"}"#));
    }
);

each_engine!(
    async fn old_deliveries_are_forgotten_and_failed_ones_later(server) {
        let (project, root) = ready(&server, Sender::Gitlab).await;
        Hook::named(Sender::Gitlab, "job.success").deliver(&server).await;
        Hook::named(Sender::Gitlab, "push").deliver(&server).await;
        let broken = Hook { sender: Sender::Gitlab, headers: Vec::new(), body: "{".to_owned() };
        broken.deliver(&server).await;
        server.run_jobs().await;
        let count = async || root.get("/inbox").await.json(200).as_array().unwrap().len();
        for (hours, left) in [(23, 3), (2, 1), (46, 1), (2, 0)] {
            server.clock.advance(Duration::from_hours(hours));
            server.run_jobs().await;
            assert_eq!(count().await, left, "after {hours} hours more");
        }
        assert_eq!(deployments(&root, &project).await.len(), 1, "what they said stays");
    }
);
