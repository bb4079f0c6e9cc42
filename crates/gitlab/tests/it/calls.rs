//! What is sent, and what of an answer arrives.

use landfall_gitlab::{Client, Error, NewDeployment, Status, UpdateDeployment};
use serde_json::{Map, Value, json};

use crate::responder::Responder;

/// A deployment as the API of 2019 documented it, with a job and without the keys of later years.
fn seed() -> Value {
    json!({
        "created_at": "2016-08-11T11:32:35.444Z",
        "updated_at": "2016-08-11T11:34:01.123Z",
        "deployable": {
            "commit": {
                "author_email": "admin@example.com",
                "author_name": "Administrator",
                "created_at": "2016-08-11T13:28:26.000+02:00",
                "id": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
                "message": "Merge branch 'rename-readme'\r\n",
                "short_id": "a91957a8",
                "title": "Merge branch 'rename-readme'\r"
            },
            "coverage": null,
            "created_at": "2016-08-11T11:32:24.456Z",
            "finished_at": "2016-08-11T11:32:35.145Z",
            "id": 664,
            "name": "deploy",
            "ref": "master",
            "runner": null,
            "stage": "deploy",
            "started_at": null,
            "status": "success",
            "tag": false,
            "user": {"id": 1, "name": "Administrator", "username": "root", "skype": "", "bio": null},
            "pipeline": {"id": 37, "ref": "master", "status": "success", "updated_at": "2016-08-11T07:43:52.143Z"}
        },
        "environment": {"external_url": "https://about.gitlab.com", "id": 9, "name": "production"},
        "id": 42,
        "iid": 2,
        "ref": "master",
        "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
        "user": {"id": 1, "name": "Administrator", "username": "root", "state": "active"}
    })
}

/// Every key of `expected` is in `actual` with the same value.
fn assert_keeps(actual: &Value, expected: &Value) {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            for (key, value) in expected {
                assert_keeps(actual.get(key).unwrap_or_else(|| panic!("{key} is lost")), value);
            }
        }
        (actual, expected) => assert_eq!(actual, expected),
    }
}

#[tokio::test]
async fn a_deployment_of_2019_is_read_and_nothing_of_it_is_lost() {
    let server = Responder::body(&seed().to_string());
    let deployment = server.client().deployments().get(1, 42).await.unwrap();
    assert_eq!(
        (deployment.id, deployment.iid, deployment.status.as_ref()),
        (42, 2, None)
    );
    assert_eq!(deployment.environment.as_ref().unwrap().name, "production");
    let job = deployment.deployable.as_ref().unwrap();
    assert_eq!(
        job.commit.as_ref().unwrap().title.as_deref(),
        Some("Merge branch 'rename-readme'\r")
    );
    assert_eq!(job.pipeline.as_ref().unwrap().id, 37);
    assert_keeps(&serde_json::to_value(&deployment).unwrap(), &seed());
}

#[tokio::test]
async fn statuses_of_the_future_and_keys_of_our_own_are_kept() {
    let mut body = seed();
    body["status"] = json!("levitating");
    body["landfall"] = json!({"tag": true});
    let server = Responder::body(&body.to_string());
    let deployment = server.client().deployments().get(1, 42).await.unwrap();
    assert_eq!(deployment.status, Some(Status::Other("levitating".to_owned())));
    assert_eq!(deployment.other["landfall"]["tag"], true);
}

#[tokio::test]
async fn the_token_is_sent_and_not_shown() {
    let server = Responder::body(r#"{"version":"18.9.0-pre","revision":"abc","enterprise":true}"#);
    let client = server.client();
    let version = client.version().await.unwrap();
    assert_eq!(
        (version.version.as_str(), &version.other["enterprise"]),
        ("18.9.0-pre", &json!(true))
    );
    let request = server.requests().remove(0);
    assert_eq!(request.line, "GET /api/v4/version");
    assert_eq!(request.header("private-token"), Some("secret"));
    assert!(!format!("{client:?}").contains("secret"));
}

#[tokio::test]
async fn projects_are_named_by_id_or_by_path() {
    let project = r#"{"id":7,"name":"App","path":"app","path_with_namespace":"a/b c/app"}"#;
    let user = r#"{"id":1,"username":"root","name":"Administrator","is_admin":true}"#;
    let server = Responder::new(&[
        ("200 OK", &[], project),
        ("200 OK", &[], project),
        ("200 OK", &[], user),
    ]);
    let client = server.client();
    assert_eq!(client.project("a/b c/app").await.unwrap().id, 7);
    assert_eq!(client.project("7").await.unwrap().path_with_namespace, "a/b c/app");
    assert_eq!(client.current_user().await.unwrap().is_admin, Some(true));
    assert_eq!(
        server.lines(),
        [
            "GET /api/v4/projects/a%2Fb%20c%2Fapp",
            "GET /api/v4/projects/7",
            "GET /api/v4/user"
        ]
    );
}

#[tokio::test]
async fn create_update_and_delete_send_json() {
    let server = Responder::new(&[
        ("201 Created", &[], &seed().to_string()),
        ("200 OK", &[], &seed().to_string()),
        ("204 No Content", &[], ""),
    ]);
    let client = server.client();
    let new = NewDeployment {
        environment: "production".to_owned(),
        sha: "a91957a8".to_owned(),
        git_ref: "main".to_owned(),
        tag: false,
        status: Status::Running,
        other: Map::from_iter([("deployable".to_owned(), json!({"name": "deploy"}))]),
    };
    let change = UpdateDeployment {
        status: Status::Success,
        other: Map::new(),
    };
    let deployments = client.deployments();
    deployments.create("a/b", &new).await.unwrap();
    deployments.update("a/b", 42, &change).await.unwrap();
    deployments.delete("a/b", 42).await.unwrap();
    let requests = server.requests();
    let sent: Vec<(&str, &str)> = requests.iter().map(|r| (r.line.as_str(), r.body.as_str())).collect();
    assert_eq!(
        sent,
        [
            (
                "POST /api/v4/projects/a%2Fb/deployments",
                r#"{"environment":"production","sha":"a91957a8","ref":"main","tag":false,"status":"running","deployable":{"name":"deploy"}}"#
            ),
            ("PUT /api/v4/projects/a%2Fb/deployments/42", r#"{"status":"success"}"#),
            ("DELETE /api/v4/projects/a%2Fb/deployments/42", ""),
        ]
    );
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_server_may_be_below_a_path() {
    let server = Responder::body(r#"{"version":"17.0.0"}"#);
    let client = Client::new(&format!("{}/tools/gitlab/?x=1#y", server.url), "secret").unwrap();
    client.version().await.unwrap();
    assert_eq!(server.lines(), ["GET /tools/gitlab/api/v4/version"]);
}

#[test]
fn what_is_no_address_or_no_token_is_refused() {
    for address in [
        "",
        "gitlab.example.com",
        "ftp://gitlab.example.com",
        "file:///etc/passwd",
        "http://",
    ] {
        assert!(matches!(Client::new(address, "t"), Err(Error::Address(_))), "{address}");
    }
    assert!(matches!(Client::new("http://x", "a\nb"), Err(Error::Token)));
}
