//! Wrong proofs, broken payloads, hostile sizes and shapes: each has an answer, none of them a 5xx.

use landfall_domain::ids::ProjectId;
use landfall_store::testing::Engine;

use super::*;
use crate::support::{each_engine, raw};

each_engine!(
    async fn without_the_secret_nothing_is_stored(server) {
        let (_, root) = ready(&server, Sender::Gitlab).await;
        for sender in [Sender::Github, Sender::Argocd, Sender::Flux, Sender::Cdevents] {
            source(&server, sender, Scope::Project(ProjectId(1))).await;
        }
        for (sender, name) in [
            (Sender::Gitlab, "job.success"),
            (Sender::Github, "deployment.created"),
            (Sender::Github, "ping"),
            (Sender::Argocd, "succeeded"),
            (Sender::Flux, "kustomization.succeeded"),
            (Sender::Cdevents, "binary.deployed_0_3"),
        ] {
            let hook = Hook::named(sender, name);
            let wrong = hook.clone().proved("another secret of that length");
            // Signed for another body, which counts for those who sign alone.
            let mut altered = hook.clone().proved(SECRET);
            altered.body.push(' ');
            let signs = sender.signs();
            for hook in [Some(hook), Some(wrong), Some(altered).filter(|_| signs)].into_iter().flatten() {
                let answer = hook.send(&server).await;
                assert_eq!(answer.told(), (401, r#"{"message":"401 Unauthorized"}"#), "{sender} {name}");
            }
        }
        assert_eq!(inbox(&root).await, Vec::<String>::new());
    }
);

each_engine!(
    async fn only_the_addresses_of_hooks_take_hooks(server) {
        let (_, root) = ready(&server, Sender::Github).await;
        let hook = Hook::named(Sender::Github, "deployment.created").proved(SECRET);
        for path in ["/hooks", "/hooks/", "/hooks/bitbucket", "/hooks/github/x", "/hooks/github/1/2", "/hooks/GitHub"] {
            assert_eq!(hook.send_to(&server, path).await.status.as_u16(), 404, "{path}");
        }
        let path = "/hooks/github/99999999999999999999";
        assert_eq!(hook.send_to(&server, path).await.status.as_u16(), 404);
        for path in ["/hooks/github/2", "/hooks/gitlab/1"] {
            assert_eq!(hook.send_to(&server, path).await.status.as_u16(), 401, "{path}");
        }
        let read = server.nobody().outside(reqwest::Method::GET, "/hooks/github").await;
        assert_eq!(read.status.as_u16(), 404);
        assert_eq!(inbox(&root).await, Vec::<String>::new());
        for path in ["/hooks/github/", "/hooks/github/1"] {
            assert!(hook.send_to(&server, path).await.status.is_success(), "{path}");
        }
    }
);

each_engine!(
    async fn broken_payloads_are_kept_and_answered_with_success(server) {
        let (_, root) = ready(&server, Sender::Gitlab).await;
        let bodies = [
            "",
            "{",
            "[]",
            "null",
            "{}",
            r#"{"object_kind":"build"}"#,
            r#"{"object_kind":"build","environment":{"name":"production"}}"#,
            r#"{"object_kind":"deployment","project":{"id":"x"}}"#,
            r#"{"object_kind":"push"}"#,
            "\u{0}",
        ];
        for (number, body) in bodies.iter().enumerate() {
            let hook = Hook {
                sender: Sender::Gitlab,
                headers: Vec::new(),
                body: (*body).to_owned(),
            };
            hook.with("idempotency-key", &number.to_string()).deliver(&server).await;
        }
        server.run_jobs().await;
        insta::assert_json_snapshot!("broken", inbox(&root).await);
        let kept = root.get("/inbox/10").await.json(200);
        assert_eq!(kept["body"], json!("\u{0}"), "also what no column can hold");
    }
);

each_engine!(
    async fn hostile_shapes_end_in_the_inbox(server) {
        let (project, root) = ready(&server, Sender::Gitlab).await;
        let job = || Hook::named(Sender::Gitlab, "job.success");
        let long = "x".repeat(100_000);
        let with = |from: &str, to: &str| job().replaced(from, to);
        let hooks = [
            with("\"name\": \"production\"", "\"name\": \"what?\""),
            with("\"name\": \"production\"", &format!("\"name\": \"{long}\"")),
            with("\"ref\": \"main\"", &format!("\"ref\": \"{long}\"")),
            with("\"sha\": \"4c1e5d0b9a7f3c2e8d6b1a0f9e8d7c6b5a493827\"", &format!("\"sha\": \"{long}\"")),
            with("\"ref\": \"main\"", "\"ref\": \"ma\\u0000in\""),
            with("2026-03-02T10:06:41Z", "2036-03-02T10:06:41Z"),
            with("90412", "99999999999999999999"),
            Hook { body: format!("{}{}", "[".repeat(5000), "]".repeat(5000)), ..job() },
            with("\"deploy production\"", &format!("\"{long}\"")),
        ];
        for (number, hook) in hooks.into_iter().enumerate() {
            hook.with("idempotency-key", &number.to_string()).deliver(&server).await;
        }
        server.run_jobs().await;
        let lines = inbox(&root).await;
        insta::assert_json_snapshot!("hostile", lines);
        // The last of them is only large.
        assert_eq!(deployments(&root, &project).await.len(), 1);
    }
);

each_engine!(
    async fn keys_and_ids_of_any_length_and_kind_are_kept_short(server) {
        let (project, root) = ready(&server, Sender::Cdevents).await;
        let long = "y".repeat(50_000);
        for (number, id) in [long.as_str(), "\\u0000", "ä\\n"].iter().enumerate() {
            let hook = Hook::named(Sender::Cdevents, "structured.rolledback_0_5");
            let event: Value = serde_json::from_str(&hook.body).unwrap();
            let known = event["id"].as_str().unwrap().to_owned();
            let hook = hook.replaced(&known, id);
            assert!(number < 3);
            hook.deliver(&server).await;
        }
        server.run_jobs().await;
        assert_eq!(inbox(&root).await, ["done"; 3]);
        for row in deployments(&root, &project).await {
            let key = row["landfall"]["external_id"].as_str().unwrap();
            assert!(key.chars().count() <= 255 && !key.contains('\0'), "{key}");
        }
    }
);

each_engine!(
    async fn bodies_over_25_mib_are_refused_and_others_are_not(server) {
        let (_, root) = ready(&server, Sender::Gitlab).await;
        let headers = [("x-gitlab-token", SECRET), ("content-length", "26214401")];
        let mut connection = raw::Raw::to(&server);
        connection.request("POST", "/hooks/gitlab", &headers, b"");
        assert_eq!(connection.answer().status, 413);
        let mut connection = raw::Raw::to(&server);
        connection.request("POST", "/hooks/gitlab", &headers[1..], b"");
        assert_eq!(connection.answer().status, 401, "nobody's body is not even looked at");
        let large = Hook {
            sender: Sender::Gitlab,
            headers: Vec::new(),
            body: format!("{{\"object_kind\":\"push\",\"more\":\"{}\"}}", "x".repeat(11 << 20)),
        };
        large.deliver(&server).await;
        server.run_jobs().await;
        assert_eq!(inbox(&root).await, ["ignored: the event says nothing about deployments"]);
    }
);

each_engine!(
    async fn who_can_be_known_before_the_body_is_known_before_it_is_read(server) {
        let (_, root) = ready(&server, Sender::Gitlab).await;
        for sender in [Sender::Github, Sender::Argocd, Sender::Flux] {
            source(&server, sender, Scope::Project(ProjectId(1))).await;
        }
        for (path, name, value) in [
            ("/hooks/gitlab", "x-gitlab-token", "another secret of that length"),
            ("/hooks/gitlab/2", "x-gitlab-token", SECRET),
            ("/hooks/argocd", "authorization", "Bearer another"),
            ("/hooks/flux", "authorization", "Bearer another"),
            ("/hooks/cdevents", "authorization", "Bearer of a sender that nobody has set up"),
            ("/hooks/github/9", "x-hub-signature-256", "sha256=00"),
            ("/hooks/github", "x-hub-signature-256", "sha1=00"),
            ("/hooks/flux/4", "x-signature", "a signature"),
        ] {
            let mut connection = raw::Raw::to(&server);
            connection.request("POST", path, &[(name, value), ("content-length", "7000")], b"");
            assert_eq!(connection.answer().status, 401, "{path} {value}");
        }
        assert_eq!(inbox(&root).await, Vec::<String>::new());
    }
);

#[test]
fn bodies_for_which_there_is_no_room_are_refused_for_now() {
    for engine in Engine::ALL {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let server = TestServer::with(engine, |settings| settings.body_room = 2048);
            let (_, root) = ready(&server, Sender::Gitlab).await;
            let hook = |body: &str| Hook {
                sender: Sender::Gitlab,
                headers: Vec::new(),
                body: body.to_owned(),
            };
            let small = "{\"object_kind\":\"push\"}";
            let large = format!("{small}{}", " ".repeat(2048));
            let refused = hook(&large).proved(SECRET).send(&server).await;
            assert_eq!(refused.told(), (503, r#"{"message":"503 Service Unavailable"}"#));
            assert_eq!(refused.header("retry-after"), Some("5"));
            let mut number = 0;
            let mut send = async || {
                number += 1;
                let hook = hook(small).with("idempotency-key", &number.to_string()).proved(SECRET);
                hook.send(&server).await.status.as_u16()
            };
            // One that is not done holds a part of the room, and gives it back with its connection.
            let slow = loop {
                let mut slow = raw::Raw::to(&server);
                let headers = [("x-gitlab-token", SECRET), ("content-length", "2000")];
                slow.request("POST", "/hooks/gitlab", &headers, b"");
                slow.send([b' '; 1025]);
                if send().await == 503 {
                    break slow;
                }
            };
            let of_the_api = root.post("/projects").form(&[("name", "other")]).await;
            assert_eq!(of_the_api.status.as_u16(), 201, "it has its own room");
            drop(slow);
            while send().await != 202 {}
            let of_the_api = root.post("/projects").form(&[("name", &*large)]).await;
            assert_eq!(of_the_api.status.as_u16(), 503);
        });
    }
}
