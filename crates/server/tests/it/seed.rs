//! The proof of the mission: what the original description of the API shows goes in and comes out again, and its own
//! command lines work.
//!
//! The examples stand here as they were published, but for a comma that the second one lacked.

use std::{future::Future, process::Command, time::Duration};

use landfall_domain::{ids::ProjectId, time::Timestamp};
use landfall_store::testing::Engine;
use serde_json::{Value, json};

use crate::support::{Caller, TestServer};

/// The example of the list.
const LIST: &str = r#"[
  {
    "created_at": "2016-08-11T07:36:40.222Z",
    "updated_at": "2016-08-11T07:38:12.414Z",
    "deployable": {
      "commit": {
        "author_email": "admin@example.com",
        "author_name": "Administrator",
        "created_at": "2016-08-11T09:36:01.000+02:00",
        "id": "99d03678b90d914dbb1b109132516d71a4a03ea8",
        "message": "Merge branch 'new-title' into 'master'\r\n\r\nUpdate README\r\n\r\n\r\n\r\nSee merge request !1",
        "short_id": "99d03678",
        "title": "Merge branch 'new-title' into 'master'\r"
      },
      "coverage": null,
      "created_at": "2016-08-11T07:36:27.357Z",
      "finished_at": "2016-08-11T07:36:39.851Z",
      "id": 657,
      "name": "deploy",
      "ref": "master",
      "runner": null,
      "stage": "deploy",
      "started_at": null,
      "status": "success",
      "tag": false,
      "user": {
        "id": 1,
        "name": "Administrator",
        "username": "root",
        "state": "active",
        "avatar_url": "http://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon",
        "web_url": "http://gitlab.dev/root",
        "created_at": "2015-12-21T13:14:24.077Z",
        "bio": null,
        "location": null,
        "public_email": "",
        "skype": "",
        "linkedin": "",
        "twitter": "",
        "website_url": "",
        "organization": ""
      },
      "pipeline": {
        "created_at": "2016-08-11T02:12:10.222Z",
        "id": 36,
        "ref": "master",
        "sha": "99d03678b90d914dbb1b109132516d71a4a03ea8",
        "status": "success",
        "updated_at": "2016-08-11T02:12:10.222Z",
        "web_url": "http://gitlab.dev/root/project/pipelines/12"
      }
    },
    "environment": {
      "external_url": "https://about.gitlab.com",
      "id": 9,
      "name": "production"
    },
    "id": 41,
    "iid": 1,
    "ref": "master",
    "sha": "99d03678b90d914dbb1b109132516d71a4a03ea8",
    "user": {
      "avatar_url": "http://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon",
      "id": 1,
      "name": "Administrator",
      "state": "active",
      "username": "root",
      "web_url": "http://localhost:3000/root"
    }
  },
  {
    "created_at": "2016-08-11T11:32:35.444Z",
    "updated_at": "2016-08-11T11:34:01.123Z",
    "deployable": {
      "commit": {
        "author_email": "admin@example.com",
        "author_name": "Administrator",
        "created_at": "2016-08-11T13:28:26.000+02:00",
        "id": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
        "message": "Merge branch 'rename-readme' into 'master'\r\n\r\nRename README\r\n\r\n\r\n\r\nSee merge request !2",
        "short_id": "a91957a8",
        "title": "Merge branch 'rename-readme' into 'master'\r"
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
      "user": {
        "id": 1,
        "name": "Administrator",
        "username": "root",
        "state": "active",
        "avatar_url": "http://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon",
        "web_url": "http://gitlab.dev/root",
        "created_at": "2015-12-21T13:14:24.077Z",
        "bio": null,
        "location": null,
        "public_email": "",
        "skype": "",
        "linkedin": "",
        "twitter": "",
        "website_url": "",
        "organization": ""
      },
      "pipeline": {
        "created_at": "2016-08-11T07:43:52.143Z",
        "id": 37,
        "ref": "master",
        "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
        "status": "success",
        "updated_at": "2016-08-11T07:43:52.143Z",
        "web_url": "http://gitlab.dev/root/project/pipelines/13"
      }
    },
    "environment": {
      "external_url": "https://about.gitlab.com",
      "id": 9,
      "name": "production"
    },
    "id": 42,
    "iid": 2,
    "ref": "master",
    "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
    "user": {
      "avatar_url": "http://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon",
      "id": 1,
      "name": "Administrator",
      "state": "active",
      "username": "root",
      "web_url": "http://localhost:3000/root"
    }
  }
]"#;

/// The example of a single deployment.
const GET: &str = r#"{
  "id": 42,
  "iid": 2,
  "ref": "master",
  "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
  "created_at": "2016-08-11T11:32:35.444Z",
  "updated_at": "2016-08-11T11:34:01.123Z",
  "user": {
    "name": "Administrator",
    "username": "root",
    "id": 1,
    "state": "active",
    "avatar_url": "http://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon",
    "web_url": "http://localhost:3000/root"
  },
  "environment": {
    "id": 9,
    "name": "production",
    "external_url": "https://about.gitlab.com"
  },
  "deployable": {
    "id": 664,
    "status": "success",
    "stage": "deploy",
    "name": "deploy",
    "ref": "master",
    "tag": false,
    "coverage": null,
    "created_at": "2016-08-11T11:32:24.456Z",
    "started_at": null,
    "finished_at": "2016-08-11T11:32:35.145Z",
    "user": {
      "id": 1,
      "name": "Administrator",
      "username": "root",
      "state": "active",
      "avatar_url": "http://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon",
      "web_url": "http://gitlab.dev/root",
      "created_at": "2015-12-21T13:14:24.077Z",
      "bio": null,
      "location": null,
      "skype": "",
      "linkedin": "",
      "twitter": "",
      "website_url": "",
      "organization": ""
    },
    "commit": {
      "id": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
      "short_id": "a91957a8",
      "title": "Merge branch 'rename-readme' into 'master'\r",
      "author_name": "Administrator",
      "author_email": "admin@example.com",
      "created_at": "2016-08-11T13:28:26.000+02:00",
      "message": "Merge branch 'rename-readme' into 'master'\r\n\r\nRename README\r\n\r\n\r\n\r\nSee merge request !2"
    },
    "pipeline": {
      "created_at": "2016-08-11T07:43:52.143Z",
      "id": 42,
      "ref": "master",
      "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
      "status": "success",
      "updated_at": "2016-08-11T07:43:52.143Z",
      "web_url": "http://gitlab.dev/root/project/pipelines/5"
    },
    "runner": null
  }
}"#;

/// The example of a create.
const CREATED: &str = r#"{
  "id": 42,
  "iid": 2,
  "ref": "master",
  "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
  "created_at": "2016-08-11T11:32:35.444Z",
  "status": "success",
  "user": {
    "name": "Administrator",
    "username": "root",
    "id": 1,
    "state": "active",
    "avatar_url": "http://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon",
    "web_url": "http://localhost:3000/root"
  },
  "environment": {
    "id": 9,
    "name": "production",
    "external_url": "https://about.gitlab.com"
  },
  "deployable": null
}"#;

/// The example of an update.
const UPDATED: &str = r#"{
  "id": 42,
  "iid": 2,
  "ref": "master",
  "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
  "created_at": "2016-08-11T11:32:35.444Z",
  "status": "success",
  "user": {
    "name": "Administrator",
    "username": "root",
    "id": 1,
    "state": "active",
    "avatar_url": "http://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon",
    "web_url": "http://localhost:3000/root"
  },
  "environment": {
    "id": 9,
    "name": "production",
    "external_url": "https://about.gitlab.com"
  },
  "deployable": null
}"#;

const CURL_LIST: &str =
    r#"curl --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments""#;
const CURL_GET: &str = r#"curl --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments/1""#;
const CURL_CREATE: &str = r#"curl --data "environment=production&sha=a91957a858320c0e17f3a0eca7cfacbff50ea29a&ref=master&tag=false&status=success" --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments""#;
const CURL_UPDATE: &str = r#"curl --request PUT --data "status=success" --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments/42""#;

/// Runs one story on each engine, on a server whose address is the one that the examples show.
macro_rules! story {
    ($name:ident) => {
        mod $name {
            use super::*;

            #[test]
            fn sqlite() {
                run(Engine::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                run(Engine::Postgres, super::$name);
            }
        }
    };
}

fn run<F: Future<Output = ()>>(engine: Engine, story: impl FnOnce(TestServer) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = TestServer::with(engine, |settings| {
        settings.external_url = String::from("http://localhost:3000");
    });
    runtime.block_on(story(server));
}

story!(the_list_comes_back_as_it_was_posted);
story!(the_single_deployment_comes_back_as_it_was_posted);
story!(the_single_deployment_is_found_by_the_command_line);
story!(the_create_answers_as_shown);
story!(the_update_answers_as_shown);

/// Project 1, and the administrator of the examples.
async fn project(server: &TestServer) -> Caller {
    let avatar = "http://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon";
    let root = server
        .user_with("root", |user| {
            user.name = String::from("Administrator");
            user.email = String::from("admin@example.com");
            user.admin = true;
            user.avatar_url = Some(avatar.to_owned());
        })
        .await;
    assert_eq!(server.project("root/project").await.id, ProjectId(1));
    root
}

/// Forty deployments to eight environments elsewhere, so that the next ids are the examples' own: 41, 42 and 9.
async fn history_elsewhere(server: &TestServer, root: &Caller) {
    server.project("root/other").await;
    for number in 0..40 {
        let body = json!({
            "environment": format!("e{}", number % 8), "sha": format!("{number:040}"), "ref": "master", "tag": false,
            "status": "failed",
        });
        root.post("/projects/2/deployments").json(&body).await.json(201);
    }
}

/// Posts a deployment as it is shown. The examples of the list and of the single deployment do not show its status.
async fn post_as_shown(root: &Caller, shown: &Value) -> Value {
    let mut body = shown.clone();
    body["status"] = json!("success");
    root.post("/projects/1/deployments").json(&body).await.json(201)
}

fn parse(example: &str) -> Value {
    serde_json::from_str(example).unwrap()
}

/// Runs a command line of the description; only the token and the host are put in.
fn curl(server: &TestServer, line: &str) -> Value {
    let line = line
        .replace("<your_access_token>", "root-token")
        .replace("https://gitlab.example.com", &server.url);
    let output = Command::new("sh")
        .args(["-c", &line])
        .env_remove("http_proxy")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every key and value of `shown` is in `told`, unchanged; `excepted` names the only ones that are not compared.
#[track_caller]
fn assert_shows(told: &Value, shown: &Value, excepted: &[&str]) {
    let mut differences = Vec::new();
    compare(told, shown, "", excepted, &mut differences);
    assert!(differences.is_empty(), "{differences:#?}");
}

fn compare(told: &Value, shown: &Value, at: &str, excepted: &[&str], differences: &mut Vec<String>) {
    if excepted.contains(&at) {
        return;
    }
    match (told, shown) {
        (Value::Object(told), Value::Object(shown)) => {
            for (key, shown) in shown {
                let at = format!("{at}/{key}");
                match told.get(key) {
                    Some(told) => compare(told, shown, &at, excepted, differences),
                    None => differences.push(format!("{at} is missing")),
                }
            }
        }
        (Value::Array(told), Value::Array(shown)) if told.len() == shown.len() => {
            for (index, (told, shown)) in told.iter().zip(shown).enumerate() {
                compare(told, shown, &format!("{at}/{index}"), excepted, differences);
            }
        }
        _ if told == shown => {}
        _ => differences.push(format!("{at} is {told} instead of {shown}")),
    }
}

async fn the_list_comes_back_as_it_was_posted(server: TestServer) {
    let root = project(&server).await;
    history_elsewhere(&server, &root).await;
    let list = parse(LIST);
    for shown in list.as_array().unwrap() {
        assert_shows(&post_as_shown(&root, shown).await, shown, &[]);
    }
    assert_shows(&curl(&server, CURL_LIST), &list, &[]);
    for (id, shown) in [(41, &list[0]), (42, &list[1])] {
        let got = root.get(&format!("/projects/1/deployments/{id}")).await.json(200);
        assert_shows(&got, shown, &[]);
    }
    let again = post_as_shown(&root, &list[1]).await;
    assert_eq!(
        again["id"], 42,
        "the second is live, and posting it again changes nothing"
    );
}

async fn the_single_deployment_comes_back_as_it_was_posted(server: TestServer) {
    let root = project(&server).await;
    history_elsewhere(&server, &root).await;
    post_as_shown(&root, &parse(LIST)[0]).await;
    let shown = parse(GET);
    assert_shows(&post_as_shown(&root, &shown).await, &shown, &[]);
    assert_shows(&root.get("/projects/1/deployments/42").await.json(200), &shown, &[]);
    assert_shows(&root.get("/projects/1/deployments").await.json(200)[1], &shown, &[]);
}

async fn the_single_deployment_is_found_by_the_command_line(server: TestServer) {
    let root = project(&server).await;
    let shown = parse(GET);
    post_as_shown(&root, &shown).await;
    // The command line asks for deployment 1, the example shows 42: the ids that the server gives out are this one's.
    assert_shows(&curl(&server, CURL_GET), &shown, &["/id", "/iid", "/environment/id"]);
}

/// The moment at which the deployment of the last two examples was made.
fn moment(server: &TestServer) {
    server
        .clock
        .set(Timestamp::parse_wire("2016-08-11T11:32:35.444Z").unwrap());
}

async fn the_create_answers_as_shown(server: TestServer) {
    let root = project(&server).await;
    history_elsewhere(&server, &root).await;
    post_as_shown(&root, &parse(LIST)[0]).await;
    moment(&server);
    assert_shows(&curl(&server, CURL_CREATE), &parse(CREATED), &[]);
    assert_shows(
        &root.get("/projects/1/deployments/42").await.json(200),
        &parse(CREATED),
        &[],
    );
}

async fn the_update_answers_as_shown(server: TestServer) {
    let root = project(&server).await;
    history_elsewhere(&server, &root).await;
    post_as_shown(&root, &parse(LIST)[0]).await;
    moment(&server);
    let running = CURL_CREATE.replace("status=success", "status=running");
    assert_eq!(curl(&server, &running)["status"], "running");
    server.clock.advance(Duration::from_mins(1));
    assert_shows(&curl(&server, CURL_UPDATE), &parse(UPDATED), &[]);
    assert_shows(
        &root.get("/projects/1/deployments/42").await.json(200),
        &parse(UPDATED),
        &[],
    );
}

#[test]
fn the_comparison_finds_what_differs() {
    let shown = json!({ "id": 1, "list": [{ "a": null }, { "b": "x" }], "user": { "id": 2 } });
    let told = json!({ "id": 9, "list": [{ "a": null, "more": 1 }, { "b": "y" }], "user": {} });
    let mut differences = Vec::new();
    compare(&told, &shown, "", &["/id"], &mut differences);
    assert_eq!(
        differences,
        [r#"/list/1/b is "y" instead of "x""#, "/user/id is missing"]
    );
}
