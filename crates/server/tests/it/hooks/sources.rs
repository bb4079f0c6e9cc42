//! Who may send: sources of projects and groups, their secrets, and what they may speak of.

use std::collections::BTreeMap;

use landfall_domain::access::AccessLevel;

use super::*;
use crate::support::each_engine;

const SOURCES: &str = "/projects/1/hook_sources";

each_engine!(
    async fn maintainers_make_list_rotate_and_delete_sources(server) {
        server.clock.set(SENT);
        let project = server.project("acme/web/shop").await;
        let root = server.root().await;
        let maintainer = server.user("mia").await;
        server.member(project.id, "mia", AccessLevel::Maintainer).await;
        let made = maintainer
            .post(SOURCES)
            .json(&json!({ "sender": "github", "name": "web", "secret": SECRET }))
            .await
            .json(201);
        insta::assert_json_snapshot!(made, @r#"
        {
          "id": 1,
          "sender": "github",
          "name": "web",
          "url": "http://landfall.example/hooks/github/1",
          "project_id": 1,
          "group_id": null,
          "user_id": null,
          "created_at": "2026-03-02T15:00:00.000Z",
          "secret": "It's a Secret to Everybody"
        }
        "#);
        let listed = maintainer.get(SOURCES).await;
        assert!(!listed.body.contains(SECRET), "{}", listed.body);
        assert_eq!(listed.json(200)[0]["id"], json!(1));
        let ping = Hook::named(Sender::Github, "ping");
        assert_eq!(ping.clone().proved(SECRET).send(&server).await.status.as_u16(), 200);

        let rotated = maintainer.post(&format!("{SOURCES}/1/rotate")).await.json(200);
        let secret = rotated["secret"].as_str().unwrap();
        assert!(secret.starts_with("ldf-"), "{secret}");
        assert_eq!(ping.clone().proved(SECRET).send(&server).await.status.as_u16(), 401);
        assert_eq!(ping.clone().proved(secret).send(&server).await.status.as_u16(), 200);

        let hook = Hook::named(Sender::Github, "deployment.created").proved(secret);
        assert_eq!(hook.send(&server).await.status.as_u16(), 202);
        assert_eq!(maintainer.delete(&format!("{SOURCES}/1")).await.status.as_u16(), 204);
        assert_eq!(ping.proved(secret).send(&server).await.status.as_u16(), 401);
        assert_eq!(maintainer.get(SOURCES).await.body, "[]");
        assert_eq!(maintainer.delete(&format!("{SOURCES}/1")).await.status.as_u16(), 404);
        server.run_jobs().await;
        assert_eq!(inbox(&root).await[1], "failed: its hook source was deleted");
    }
);

each_engine!(
    async fn wrong_sources_are_refused(server) {
        let root = server.root().await;
        server.project("acme/web/shop").await;
        let body = |secret: &str| json!({ "sender": "gitlab", "secret": secret });
        root.post(SOURCES).json(&body(SECRET)).await.json(201);
        for (body, told) in [
            (json!({}), r#"{"error":"sender is missing, sender does not have a valid value"}"#),
            (json!({ "sender": "jenkins" }), r#"{"error":"sender does not have a valid value"}"#),
            (body("short"), r#"{"message":{"secret":["is too short (minimum is 16 characters)"]}}"#),
            (body(SECRET), r#"{"message":{"secret":["has already been taken"]}}"#),
            (
                json!({ "sender": "gitlab", "name": "x".repeat(256) }),
                r#"{"message":{"name":["is too long (maximum is 255 characters)"]}}"#,
            ),
        ] {
            assert_eq!(root.post(SOURCES).json(&body).await.told(), (400, told));
        }
        // The same secret for another kind of sender is fine.
        root.post(SOURCES).json(&json!({ "sender": "argocd", "secret": SECRET })).await.json(201);
    }
);

each_engine!(
    async fn the_secret_tells_which_of_several_sources_it_is(server) {
        server.clock.set(SENT);
        let root = server.root().await;
        let (shop, blog) = (server.project("acme/web/shop").await, server.project("acme/web/blog").await);
        for (project, secret) in [(&shop, "the secret of the shop"), (&blog, "the secret of the blog")] {
            let secret = Secret::new(secret.to_owned());
            source_with(&server, Sender::Github, Scope::Project(project.id), |new| new.secret = secret).await;
        }
        let hook = Hook::named(Sender::Github, "deployment.created");
        assert_eq!(hook.clone().proved("the secret of the blog").send(&server).await.status.as_u16(), 202);
        server.run_jobs().await;
        assert_eq!(deployments(&root, &shop).await.len(), 0);
        assert_eq!(deployments(&root, &blog).await.len(), 1, "whatever the sender calls the project");
        let of_other = hook.proved("the secret of the blog").send_to(&server, "/hooks/github/1").await;
        assert_eq!(of_other.status.as_u16(), 401);
    }
);

each_engine!(
    async fn a_source_of_a_project_speaks_of_no_other(server) {
        let (_, root) = ready(&server, Sender::Flux).await;
        server.project("acme/web/blog").await;
        let hook = |to: &str| Hook::named(Sender::Flux, "kustomization.succeeded").replaced("acme/web/shop", to);
        for to in ["acme/web/blog", "acme/web/nothing"] {
            hook(to).deliver(&server).await;
        }
        server.run_jobs().await;
        assert_eq!(
            inbox(&root).await,
            [
                "failed: the report names the project acme/web/blog, but its hook source is for acme/web/shop alone",
                "failed: the report names the project acme/web/nothing, but its hook source is for acme/web/shop alone",
            ]
        );
    }
);

each_engine!(
    async fn a_source_of_a_group_speaks_of_what_is_below_it(server) {
        server.clock.set(SENT);
        let root = server.root().await;
        let shop = server.project("acme/web/shop").await;
        let ours = server.project("team/app").await;
        server.project("acme/other").await;
        let group = server
            .write(|tx| Ok(landfall_store::namespaces::by_path(tx, "acme")?.unwrap()))
            .await;
        source(&server, Sender::Flux, Scope::Group(group.id)).await;
        let secret = Secret::new("the secret of the team".to_owned());
        source_with(&server, Sender::Flux, Scope::Group(ours.namespace.id), |new| {
            new.secret = secret;
            new.projects = BTreeMap::from([("Acme/Web/Shop".to_owned(), "team/app".to_owned())]);
        })
        .await;
        let hook = Hook::named(Sender::Flux, "kustomization.succeeded");
        hook.clone().deliver(&server).await;
        assert!(hook.clone().proved("the secret of the team").send(&server).await.status.is_success());
        hook.clone().replaced("acme/web/shop", "team/app").deliver(&server).await;
        hook.replaced("\"landfall_project\": \"acme/web/shop\",", "").deliver(&server).await;
        server.run_jobs().await;
        assert_eq!(
            inbox(&root).await,
            [
                "done",
                "done",
                "failed: there is no project team/app below the group acme; make it, or map the sender's path to another \
                 one, and replay the delivery",
                "failed: the report names no project, and its hook source is for a group; name one at the sender, or make a \
                 source for the project",
            ]
        );
        assert_eq!(deployments(&root, &shop).await.len(), 1);
        assert_eq!(deployments(&root, &ours).await.len(), 1, "the path is mapped");
    }
);

each_engine!(
    async fn secrets_are_kept_only_where_signatures_are_checked_with_them(server) {
        let (project, _) = ready(&server, Sender::Gitlab).await;
        for sender in [Sender::Github, Sender::Argocd, Sender::Flux, Sender::Cdevents] {
            source(&server, sender, Scope::Project(project.id)).await;
        }
        let kept = "SELECT sender || ' ' || coalesce(secret, 'digest') FROM hook_sources ORDER BY id";
        let rows = server
            .write(move |tx| Ok(landfall_store::testing::first_column(tx, kept)?))
            .await;
        assert_eq!(
            rows,
            [
                "gitlab digest",
                "github It's a Secret to Everybody",
                "argocd digest",
                "flux It's a Secret to Everybody",
                "cdevents digest",
            ]
        );
    }
);
