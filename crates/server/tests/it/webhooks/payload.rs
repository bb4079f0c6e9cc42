//! What is sent, and when.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use landfall_domain::{
    deployment::{GivenTimes, Source, Status},
    ids::{ProjectId, UserId},
};
use landfall_server::ops::create_deployment::{CreateDeployment, create_deployment};
use landfall_store::{projects, users};
use sha2::Sha256;

use super::*;
use crate::support::{NOW, Received, TestRepository, each_engine};

/// Random values take their names.
fn shown(came: &Received) -> Vec<String> {
    let headers = came.headers.iter().map(|(name, value)| match name.as_str() {
        "x-gitlab-webhook-uuid" | "x-gitlab-event-uuid" | "idempotency-key" | "webhook-id" => {
            let parts: Vec<usize> = value.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{value}");
            format!("{name}: (uuid)")
        }
        "webhook-signature" => format!("{name}: (signature)"),
        "host" => format!("{name}: (host)"),
        _ => format!("{name}: {value}"),
    });
    headers.collect()
}

/// A project (id 1) with a repository of two commits, and a maintainer of it.
async fn with_repository(server: &TestServer) -> (Caller, String, String) {
    let repository = TestRepository::new(server.database.directory());
    let first = repository.commit("First");
    let second = repository.commit(&format!("{}\n\nMore.", "Second ".repeat(16)));
    let directory = repository.directory();
    let project = server
        .project_with("group/app", |new| {
            new.repository = Some(directory.into());
            new.description = Some("it deploys".to_owned());
        })
        .await;
    let mia = server.user("mia").await;
    server.member(project.id, "mia", AccessLevel::Maintainer).await;
    (mia, first, second)
}

/// Records a deployment under a key, and tells of it.
async fn record(server: &TestServer, caller: &Caller, sha: &str, status: &str, external_id: &str) {
    let body = json!({
        "environment": "production", "sha": sha, "ref": "main", "tag": false, "status": status,
        "external_id": external_id,
    });
    caller.post(DEPLOYMENTS).json(&body).await.json(201);
    server.run_jobs().await;
}

each_engine!(
    async fn everything_is_as_gitlab_sends_it(server) {
        let (mia, first, second) = with_repository(&server).await;
        let receiver = TestReceiver::new();
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let url = receiver.url("/hook?x=1").replace("http://", "http://ann:pa%20ss@");
        let more = json!({
            "token": "secret", "signing_secret": secret,
            "custom_headers": [{ "key": "X-Mine", "value": "yes" }, { "key": "X-Gitlab-Event", "value": "Mine" }],
        });
        hook_with(&mia, &url, more).await;
        record(&server, &mia, &first, "success", "run 1").await;
        let came = receiver.take();
        assert_eq!(came.len(), 1);
        let body = came[0].json();
        assert_eq!((&body["commit_title"], &body["landfall"]["change"]), (&json!("First"), &json!("first")));

        server.clock.advance(std::time::Duration::from_mins(1));
        record(&server, &mia, &second, "running", "run 2").await;
        let came = receiver.take().remove(0);
        insta::assert_json_snapshot!(came.json(), @r#"
        {
          "object_kind": "deployment",
          "status": "running",
          "status_changed_at": "2026-01-02 03:05:05 +0000",
          "deployment_id": 2,
          "deployable_id": null,
          "deployable_url": null,
          "environment": "production",
          "environment_tier": "production",
          "environment_slug": "production",
          "environment_external_url": null,
          "project": {
            "id": 1,
            "name": "app",
            "description": "it deploys",
            "web_url": "http://landfall.example/group/app",
            "avatar_url": null,
            "git_ssh_url": null,
            "git_http_url": null,
            "namespace": "group",
            "visibility_level": 0,
            "path_with_namespace": "group/app",
            "default_branch": "main",
            "ci_config_path": null,
            "homepage": "http://landfall.example/group/app",
            "url": null,
            "ssh_url": null,
            "http_url": null
          },
          "short_sha": "fc756455",
          "user": {
            "id": 1,
            "name": "mia",
            "username": "mia",
            "avatar_url": "https://www.gravatar.com/avatar/99857fe111df1f77228c50bacc8acf00afc1516d7c38fe9089f02a1e7e0d512d?s=80&d=identicon",
            "email": "[REDACTED]"
          },
          "user_url": "http://landfall.example/mia",
          "commit_url": "http://landfall.example/group/app/-/commit/fc756455a14a4e942e5cccd2d1a10f208decae2b",
          "commit_title": "Second Second Second Second Second Second Second Second Second Second Second...",
          "ref": "main",
          "landfall": {
            "sha": "fc756455a14a4e942e5cccd2d1a10f208decae2b",
            "previous_sha": "402573d8321b75f72860daf02dbab243681d0f3d",
            "iid": 2,
            "change": "forward",
            "external_id": "run 2"
          }
        }
        "#);
        insta::assert_json_snapshot!(shown(&came), @r#"
        [
          "authorization: Basic YW5uOnBhIHNz",
          "x-mine: yes",
          "x-gitlab-event: Deployment Hook",
          "content-type: application/json",
          "user-agent: GitLab/18.9.0 Landfall/0.1.0",
          "x-gitlab-webhook-uuid: (uuid)",
          "x-gitlab-instance: http://landfall.example",
          "x-gitlab-event-uuid: (uuid)",
          "idempotency-key: (uuid)",
          "x-gitlab-token: secret",
          "webhook-id: (uuid)",
          "webhook-timestamp: 1767323105",
          "webhook-signature: (signature)",
          "accept: */*",
          "host: (host)",
          "content-length: 1289"
        ]
        "#);
        assert_eq!(came.path, "/hook?x=1");

        let header = |name| came.header(name).unwrap();
        assert_eq!(header("webhook-id"), header("idempotency-key"));
        let signed = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), came.body);
        let key = STANDARD.decode(&secret["whsec_".len()..]).unwrap();
        let mac = <Hmac<Sha256>>::new_from_slice(&key).unwrap().chain_update(signed);
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(header("webhook-signature"), expected);
    }
);

each_engine!(
    async fn git_tells_what_a_deployment_changes(server) {
        let (mia, first, second) = with_repository(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        for (number, sha) in [&first, &first, &second, &first].into_iter().enumerate() {
            record(&server, &mia, sha, "success", &format!("run {number}")).await;
        }
        let changes: Vec<Value> = receiver
            .take()
            .iter()
            .map(|came| came.json()["landfall"]["change"].clone())
            .collect();
        assert_eq!(changes, ["first", "redeploy", "forward", "rollback"]);
    }
);

each_engine!(
    async fn every_way_to_another_status_tells_once(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        let run = async || {
            server.run_jobs().await;
            told(&receiver)
        };
        // Recorded as it is.
        for (number, status) in [(1, "created"), (2, "running"), (3, "failed"), (4, "canceled"), (5, "success")] {
            deploy(&mia, number, status).await;
        }
        assert_eq!(run().await, ["2 running", "3 failed", "4 canceled", "5 success"]);
        // Recorded once more.
        deploy(&mia, 5, "success").await;
        // Updated, also with the status that it has.
        let update = async |id: i64, form: &[(&str, &str)]| mia.put(&format!("{DEPLOYMENTS}/{id}")).form(form).await.json(200);
        update(1, &[("status", "running")]).await;
        update(1, &[("status", "success")]).await;
        update(1, &[("status", "success"), ("finished_at", "2026-01-02T03:04:30Z")]).await;
        assert_eq!(run().await, ["1 running", "1 success"]);
        // Reported, out of order, and updated.
        let report = async |sequence: i64, status: &str| {
            let body = json!({
                "environment": "production", "sha": sha(9), "ref": "main", "tag": false, "status": status,
                "external_id": "run 9", "sequence": sequence,
            });
            mia.post(DEPLOYMENTS).json(&body).await
        };
        report(1, "created").await;
        report(3, "success").await;
        report(2, "running").await;
        report(3, "success").await;
        update(6, &[("status", "canceled")]).await;
        assert_eq!(run().await, ["6 success", "6 canceled"]);
        // Deleted.
        assert_eq!(mia.delete(&format!("{DEPLOYMENTS}/3")).await.status.as_u16(), 204);
        assert_eq!(run().await, [""; 0]);
    }
);

each_engine!(
    async fn history_that_is_copied_tells_of_nothing_and_a_hook_of_one_system_goes_on(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        let project = server.write(|tx| Ok(projects::by_id(tx, ProjectId(1))?)).await.unwrap();
        for (number, source) in [(1, Source::Import), (2, Source::Hook), (3, Source::Cli)] {
            let wanted = CreateDeployment {
                project: std::sync::Arc::new(project.clone()),
                user_id: UserId(1),
                environment: "production".to_owned(),
                external_url: None,
                sha: sha(number),
                git_ref: "main".to_owned(),
                tag: false,
                status: Status::Success,
                times: GivenTimes::default(),
                job: None,
                source,
                now: NOW,
                event_chain: None,
                allowed_in: None,
            };
            create_deployment(&server.app, wanted).await.unwrap();
        }
        server.run_jobs().await;
        assert_eq!(told(&receiver), ["2 success", "3 success"]);
    }
);

each_engine!(
    async fn what_is_told_is_what_was_so_at_the_moment_of_the_change(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        let id = deploy(&mia, 1, "running").await;
        mia.put(&format!("{DEPLOYMENTS}/{id}")).form(&[("status", "failed")]).await.json(200);
        mia.delete(&format!("{DEPLOYMENTS}/{id}")).await;
        server
            .write(|tx| {
                let mut user = users::by_id(tx, UserId(1))?.unwrap();
                "mia@public.example".clone_into(&mut user.public_email);
                Ok(users::update(tx, &user)?)
            })
            .await;
        deploy(&mia, 2, "running").await;
        server.run_jobs().await;
        let came: Vec<Value> = receiver.take().iter().map(Received::json).collect();
        let statuses: Vec<&Value> = came.iter().map(|body| &body["status"]).collect();
        assert_eq!(statuses, ["running", "failed", "running"]);
        let emails: Vec<&Value> = came.iter().map(|body| &body["user"]["email"]).collect();
        assert_eq!(emails, ["[REDACTED]", "[REDACTED]", "mia@public.example"]);
    }
);

each_engine!(
    async fn a_job_tells_its_id_page_and_user(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        let body = json!({
            "environment": "production", "sha": sha(1), "ref": "main", "tag": false, "status": "running",
            "deployable": {
                "id": 77, "name": "deploy", "web_url": "https://ci.example/77",
                "user": { "id": 5, "name": "Zoe", "username": "zoe", "web_url": "https://ci.example/zoe" },
            },
        });
        mia.post(DEPLOYMENTS).json(&body).await.json(201);
        server.run_jobs().await;
        let body = receiver.take().remove(0).json();
        assert_eq!((&body["deployable_id"], &body["deployable_url"]), (&json!(77), &json!("https://ci.example/77")));
        let zoe = json!({ "id": 5, "name": "Zoe", "username": "zoe", "avatar_url": null, "email": "[REDACTED]" });
        assert_eq!((&body["user"], &body["user_url"]), (&zoe, &json!("https://ci.example/zoe")));
    }
);

each_engine!(
    async fn a_template_and_variables_make_what_the_owner_wants(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        let more = json!({
            "custom_webhook_template": "{\"text\":\"{{project.name}} is {{status}}\",\"id\":{{deployment_id}}}",
            "url_variables": [{ "key": "room", "value": "ops" }],
        });
        hook_with(&mia, &receiver.url("/{room}/{gone}"), more).await;
        hook_with(&mia, &receiver.url("/broken"), json!({ "custom_webhook_template": "{{status}}" })).await;
        deploy(&mia, 1, "success").await;
        server.run_jobs().await;
        let came = receiver.take();
        assert_eq!(came.len(), 1);
        assert_eq!(came[0].path, "/ops/%7Bgone%7D");
        assert_eq!(came[0].body, r#"{"text":"app is success","id":1}"#);
        let log = mia.get("/projects/1/hooks/1/events").await.json(200);
        assert_eq!(log[0]["url"], receiver.url("/{room}/{gone}"));
        let log = mia.get("/projects/1/hooks/2/events").await.json(200);
        assert_eq!(log[0]["response_status"], "internal error");
        assert_eq!(log[0]["response_body"], "Error while parsing rendered custom webhook template");
    }
);

each_engine!(
    async fn a_hook_is_told_once_in_a_chain(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        deploy(&mia, 1, "success").await;
        server.run_jobs().await;
        let chain = receiver.take()[0].header("x-gitlab-event-uuid").unwrap().to_owned();
        hook(&mia, &receiver.url("/other")).await;
        let pass_on = async |number: u64, chain: &str| {
            let body = json!({
                "environment": "production", "sha": sha(number), "ref": "main", "tag": false, "status": "success",
            });
            mia.post(DEPLOYMENTS).json(&body).header("X-Gitlab-Event-UUID", chain).await.json(201);
            server.run_jobs().await;
        };
        pass_on(2, &chain).await;
        let came = receiver.take();
        let told: Vec<_> = came.iter().map(|came| (came.path.as_str(), came.header("x-gitlab-event-uuid"))).collect();
        assert_eq!(told, [("/other", Some(chain.as_str()))]);
        pass_on(3, &chain).await;
        assert_eq!(receiver.take(), []);
        pass_on(4, "nonsense").await;
        assert_eq!(receiver.take().len(), 2);
    }
);
