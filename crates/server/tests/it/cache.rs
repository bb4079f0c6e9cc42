//! What is kept in memory is never older than the request it serves, whoever changed it.

use landfall_domain::{
    access::AccessLevel,
    ids::{DeploymentId, EnvironmentId, ProjectId, TokenId},
    project::Visibility,
    user::UserState,
};
use landfall_store::{deployments, environments, members, namespaces, projects, tokens, users};
use serde_json::{Value, json};

use crate::support::{Caller, TestServer, each_engine, membership};

const LIST: &str = "/projects/1/deployments";
const PAGE: &str = "/projects/1/deployments?per_page=1&order_by=id&sort=desc";
const ONE: &str = "/projects/1/deployments/1";
const PROJECT: ProjectId = ProjectId(1);

/// A project with two deployments by ada, which bob may read.
async fn begun(server: &TestServer) -> [Caller; 3] {
    let root = server.root().await;
    let project = server.project("group/app").await;
    let [ada, bob] = [server.user("ada").await, server.user("bob").await];
    server.member(project.id, "ada", AccessLevel::Maintainer).await;
    server.member(project.id, "bob", AccessLevel::Reporter).await;
    for sha in ["a", "b"] {
        create(&ada, sha).await;
    }
    [root, ada, bob]
}

async fn create(ada: &Caller, digit: &str) -> i64 {
    let sha = digit.repeat(40);
    let form = [
        ("environment", "production"),
        ("sha", &*sha),
        ("ref", "main"),
        ("tag", "false"),
        ("status", "running"),
    ];
    ada.post(LIST).form(&form).await.json(201)["id"].as_i64().unwrap()
}

/// Asks until what can be kept is: the first answers of a token are not, because its use is noted meanwhile.
async fn warm(server: &TestServer, caller: &Caller) -> Value {
    for path in [LIST, PAGE, ONE] {
        let first = caller.get(path).await;
        let before = server.app.answers_given_again();
        let again = loop {
            let again = caller.get(path).await;
            if server.app.answers_given_again() > before {
                break again;
            }
        };
        assert_eq!(
            (first.told(), first.header("etag")),
            (again.told(), again.header("etag"))
        );
        for name in ["link", "x-total", "x-page", "content-type", "cache-control"] {
            assert_eq!(first.header(name), again.header(name), "{name}");
        }
    }
    caller.get(ONE).await.json(200)
}

each_engine!(
    async fn a_change_shows_in_the_very_next_answer(server) {
        let [root, ada, bob] = begun(&server).await;
        let first = warm(&server, &bob).await;
        assert_eq!(first["status"], json!("running"));

        ada.put(ONE).form(&[("status", "success")]).await.json(200);
        assert_eq!(bob.get(ONE).await.json(200)["status"], json!("success"));
        assert_eq!(bob.get(LIST).await.json(200)[0]["status"], json!("success"));

        warm(&server, &bob).await;
        let id = create(&ada, "c").await;
        assert_eq!(bob.get(PAGE).await.json(200)[0]["id"], json!(id));
        assert_eq!(bob.get(LIST).await.header("x-total"), Some("3"));

        warm(&server, &bob).await;
        ada.put("/projects/1/environments/1").form(&[("external_url", "https://app.example")]).await.json(200);
        let url = json!("https://app.example");
        assert_eq!(bob.get(ONE).await.json(200)["environment"]["external_url"], url);
        assert_eq!(bob.get(LIST).await.json(200)[1]["environment"]["external_url"], url);

        warm(&server, &bob).await;
        let job = json!({ "status": "success", "deployable": { "name": "deploy", "status": "success" } });
        ada.put("/projects/1/deployments/2").json(&job).await.json(200);
        assert_eq!(bob.get(LIST).await.json(200)[1]["deployable"]["name"], json!("deploy"));

        warm(&server, &bob).await;
        let renamed = root.put("/users/2").form(&[("name", "Ada Lovelace")]).await;
        assert_eq!(renamed.json(200)["name"], json!("Ada Lovelace"));
        assert_eq!(bob.get(ONE).await.json(200)["user"]["name"], json!("Ada Lovelace"));
        assert_eq!(bob.get(LIST).await.json(200)[0]["user"]["name"], json!("Ada Lovelace"));

        warm(&server, &bob).await;
        ada.put(&format!("{LIST}/{id}")).form(&[("status", "failed")]).await.json(200);
        warm(&server, &bob).await;
        assert_eq!(ada.delete(&format!("{LIST}/{id}")).await.status.as_u16(), 204);
        assert_eq!(bob.get(LIST).await.header("x-total"), Some("2"));
        assert_eq!(bob.get(&format!("{LIST}/{id}")).await.status.as_u16(), 404);
    }
);

each_engine!(
    async fn a_change_by_another_process_shows_too(server) {
        let [_, _, bob] = begun(&server).await;
        warm(&server, &bob).await;
        server
            .write(|tx| {
                let mut found = users::by_username(tx, "ada")?.unwrap();
                "Countess".clone_into(&mut found.name);
                Ok(users::update(tx, &found)?)
            })
            .await;
        assert_eq!(bob.get(ONE).await.json(200)["user"]["name"], json!("Countess"));

        warm(&server, &bob).await;
        server
            .write(|tx| {
                let mut found = environments::by_id(tx, PROJECT, EnvironmentId(1))?.unwrap();
                found.external_url = Some("https://other.example".to_owned());
                Ok(environments::update(tx, &found)?)
            })
            .await;
        assert_eq!(
            bob.get(LIST).await.json(200)[0]["environment"]["external_url"],
            json!("https://other.example")
        );

        warm(&server, &bob).await;
        server
            .write(|tx| {
                let found = deployments::get(tx, PROJECT, DeploymentId(2))?.unwrap().deployment;
                Ok(deployments::delete(tx, &found)?)
            })
            .await;
        assert_eq!(bob.get(LIST).await.header("x-total"), Some("1"));
        assert_eq!(bob.get(PAGE).await.json(200)[0]["id"], json!(1));
    }
);

each_engine!(
    async fn who_may_no_longer_read_is_refused_at_once(server) {
        let [_, ada, bob] = begun(&server).await;
        let bobs = server.write(|tx| Ok(users::by_username(tx, "bob")?.unwrap())).await;
        let bob_id = bobs.id;

        warm(&server, &bob).await;
        server.write(move |tx| Ok(members::remove(tx, PROJECT.into(), bob_id)?)).await;
        assert_eq!(bob.get(ONE).await.status.as_u16(), 404);
        assert_eq!(ada.get(ONE).await.status.as_u16(), 200);

        server.member(PROJECT, "bob", AccessLevel::Reporter).await;
        warm(&server, &bob).await;
        server.member(PROJECT, "bob", AccessLevel::Guest).await;
        assert_eq!(bob.get(ONE).await.status.as_u16(), 403);

        let namespace = projects_namespace(&server).await;
        server.write(move |tx| Ok(members::remove(tx, PROJECT.into(), bob_id)?)).await;
        server.member(namespace, "bob", AccessLevel::Developer).await;
        warm(&server, &bob).await;
        server.write(move |tx| Ok(members::remove(tx, namespace.into(), bob_id)?)).await;
        assert_eq!(bob.get(LIST).await.status.as_u16(), 404);

        server.member(PROJECT, "bob", AccessLevel::Reporter).await;
        warm(&server, &bob).await;
        let state = |state: UserState| {
            let mut bobs = bobs.clone();
            bobs.state = state;
            bobs
        };
        let blocked = state(UserState::Blocked);
        server.write(move |tx| Ok(users::update(tx, &blocked)?)).await;
        assert_eq!(bob.get(ONE).await.status.as_u16(), 403);
        let active = state(UserState::Active);
        server.write(move |tx| Ok(users::update(tx, &active)?)).await;

        warm(&server, &bob).await;
        server.write(|tx| Ok(tokens::revoke(tx, TokenId(3))?)).await;
        assert_eq!(bob.get(ONE).await.status.as_u16(), 401);
        assert_eq!(ada.get(ONE).await.status.as_u16(), 200);
    }
);

each_engine!(
    async fn who_may_no_longer_create_is_refused_at_once(server) {
        let [_, ada, bob] = begun(&server).await;
        let adas = server.write(|tx| Ok(users::by_username(tx, "ada")?.unwrap())).await;
        let id = adas.id;
        let attempt = async |digit: &str| {
            let sha = digit.repeat(40);
            let form = [("environment", "production"), ("sha", &*sha), ("ref", "main"), ("tag", "false"), ("status", "running")];
            ada.post(LIST).form(&form).await.status.as_u16()
        };
        let count = async || bob.get(LIST).await.header("x-total").map(str::to_owned);

        server.member(PROJECT, "ada", AccessLevel::Reporter).await;
        assert_eq!(attempt("c").await, 403);
        server.write(move |tx| Ok(members::remove(tx, PROJECT.into(), id)?)).await;
        assert_eq!(attempt("c").await, 404);

        server.member(PROJECT, "ada", AccessLevel::Developer).await;
        assert_eq!((attempt("c").await, attempt("d").await), (201, 201));
        server.write(move |tx| Ok(members::remove(tx, PROJECT.into(), id)?)).await;
        assert_eq!(attempt("no commit").await, 404, "a stranger does not learn why it could not be done");

        server.member(PROJECT, "ada", AccessLevel::Developer).await;
        assert_eq!((attempt("no commit").await, attempt("e").await), (400, 201));
        set_archived(&server, true).await;
        assert_eq!(attempt("f").await, 403);
        set_archived(&server, false).await;

        assert_eq!(attempt("f").await, 201);
        let mut blocked = adas.clone();
        blocked.state = UserState::Blocked;
        server.write(move |tx| Ok(users::update(tx, &blocked)?)).await;
        assert_eq!(attempt("0").await, 403);
        server.write(move |tx| Ok(users::update(tx, &adas)?)).await;

        assert_eq!(attempt("0").await, 201);
        server.write(|tx| Ok(tokens::revoke(tx, TokenId(2))?)).await;
        assert_eq!(attempt("1").await, 401);
        assert_eq!(count().await.as_deref(), Some("7"));
    }
);

async fn set_archived(server: &TestServer, archived: bool) {
    server
        .write(move |tx| {
            let mut found = projects::by_id(tx, PROJECT)?.unwrap();
            found.archived = archived;
            Ok(projects::update(tx, &found)?)
        })
        .await;
}

async fn projects_namespace(server: &TestServer) -> landfall_domain::ids::NamespaceId {
    server
        .write(|tx| Ok(namespaces::by_path(tx, "group")?.unwrap().id))
        .await
}

each_engine!(
    async fn what_ends_with_a_day_is_not_kept_beyond_it(server) {
        let [_, _, bob] = begun(&server).await;
        server
            .write(|tx| {
                let bob = users::by_username(tx, "bob")?.unwrap();
                let ends = Some("2026-01-03".parse().unwrap());
                Ok(members::set(tx, &membership(PROJECT, bob.id, AccessLevel::Reporter, ends))?)
            })
            .await;
        server.token("ada", "ada-until-tomorrow", landfall_domain::token::Scope::ALL, Some("2026-01-03")).await;
        let ada = server.bearer_of("ada-until-tomorrow");
        warm(&server, &bob).await;
        warm(&server, &ada).await;
        server.clock.advance(std::time::Duration::from_hours(24));
        assert_eq!(bob.get(ONE).await.status.as_u16(), 404);
        assert_eq!(ada.get(ONE).await.status.as_u16(), 401);
    }
);

each_engine!(
    async fn a_project_that_moves_closes_or_goes_takes_its_answers_along(server) {
        let [root, _, bob] = begun(&server).await;
        let stranger = server.user("carl").await;
        let old = "/projects/group%2Fapp/deployments";
        server
            .write(|tx| {
                let mut found = projects::by_id(tx, PROJECT)?.unwrap();
                found.visibility = Visibility::Public;
                Ok(projects::update(tx, &found)?)
            })
            .await;
        assert_eq!(stranger.get(old).await.json(200), stranger.get(old).await.json(200));
        root.put("/projects/1").form(&[("visibility", "private")]).await.json(200);
        assert_eq!(stranger.get(old).await.status.as_u16(), 404);
        assert_eq!(bob.get(old).await.json(200), bob.get(old).await.json(200));
        root.put("/projects/1").form(&[("path", "moved")]).await.json(200);
        assert_eq!(bob.get(old).await.status.as_u16(), 301);
        let new = "/projects/group%2Fmoved/deployments";
        assert_eq!(bob.get(new).await.json(200), bob.get(new).await.json(200));
    }
);

each_engine!(
    async fn only_what_the_address_alone_decides_is_kept(server) {
        let [root, _, bob] = begun(&server).await;
        let stranger = server.user("carl").await;
        warm(&server, &bob).await;
        let before = server.app.answers_given_again();
        assert_eq!(stranger.get(ONE).await.status.as_u16(), 404, "another who asks the same");
        assert_eq!(server.nobody().get(ONE).await.status.as_u16(), 401);
        assert_eq!(bob.get(ONE).header("sudo", "ada").await.status.as_u16(), 403);
        assert_eq!(root.get(ONE).header("sudo", "carl").await.status.as_u16(), 404);
        let body = bob.get(LIST).body(Some("application/x-www-form-urlencoded"), "per_page=1").await;
        assert_eq!(body.json(200).as_array().map(Vec::len), Some(1));
        let asked = format!("{LIST}?private_token=bob-token");
        for _ in 0..2 {
            assert_eq!(server.nobody().get(&asked).await.status.as_u16(), 200);
        }
        assert_eq!(stranger.get(&asked).await.status.as_u16(), 200, "the parameter counts first");
        assert_eq!(server.app.answers_given_again(), before);
        let tag = bob.get(ONE).await.header("etag").unwrap().to_owned();
        let conditional = bob.get(ONE).header("if-none-match", &tag).await;
        assert_eq!((conditional.status.as_u16(), &*conditional.body), (304, ""));
        let origin = bob.get(ONE).header("origin", "https://other.example").await;
        assert_eq!(origin.header("access-control-allow-origin"), Some("*"));
        assert_eq!(server.app.answers_given_again(), before + 3);
    }
);

each_engine!(
    async fn the_use_of_a_token_is_noted_though_its_answers_are_kept(server) {
        let [_, _, bob] = begun(&server).await;
        warm(&server, &bob).await;
        server.clock.advance(std::time::Duration::from_mins(11));
        let later = landfall_domain::time::Clock::now(&*server.clock);
        bob.get(ONE).await.json(200);
        let mut noted = None;
        while noted != Some(later) {
            noted = server.write(|tx| Ok(tokens::by_id(tx, TokenId(3))?.unwrap().last_used_at)).await;
        }
        warm(&server, &bob).await;
    }
);

each_engine!(
    async fn every_node_shows_what_another_has_acknowledged(server) {
        let [_, ada, bob] = begun(&server).await;
        let second = server.second();
        let (ada_there, bob_there) = (
            server.bearer_at(&second, "ada-token"),
            server.bearer_at(&second, "bob-token"),
        );
        // Each writes to an environment of its own on one node and reads on the other, all at once.
        let rounds = if server.app.store.is_at_hand() { 60 } else { 20 };
        let watch = |name: &'static str, writer: Caller, reader: Caller| async move {
            let sha = "d".repeat(40);
            let form = [("environment", name), ("sha", &*sha), ("ref", "main"), ("tag", "false"), ("status", "running")];
            let made = writer.post(LIST).form(&form).await.json(201);
            let one = format!("{LIST}/{}", made["id"]);
            let environment = format!("/projects/1/environments/{}", made["environment"]["id"]);
            for round in 0..rounds {
                let url = format!("https://{name}.example/{round}");
                writer.put(&environment).form(&[("external_url", &*url)]).await.json(200);
                assert_eq!(reader.get(&one).await.json(200)["environment"]["external_url"], json!(url));
                let list = reader.get(&format!("{LIST}?environment={name}")).await.json(200);
                assert_eq!(list[0]["environment"]["external_url"], json!(url));
                let all = reader.get(&format!("{LIST}?per_page=100")).await.json(200);
                let shown = all.as_array().unwrap().iter().find(|row| row["id"] == made["id"]).unwrap();
                assert_eq!(shown["environment"]["external_url"], json!(url));
            }
        };
        tokio::join!(
            watch("one", ada.clone(), bob_there.clone()),
            watch("two", ada_there.clone(), bob.clone()),
            watch("three", ada.clone(), bob.clone()),
            watch("four", ada_there, bob_there),
            watch("five", ada, bob),
        );
    }
);
