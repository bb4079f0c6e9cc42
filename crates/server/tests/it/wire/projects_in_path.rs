//! Reference section 5: what `:id` may be, and projects that have moved.

use landfall_domain::{access::AccessLevel, ids::ProjectId, project::Visibility};
use landfall_store::{namespaces, projects};

use super::{FORM, ROOT, lines};
use crate::support::{NOW, TestServer, each_engine, raw};

/// Moves a project below another path.
async fn move_to(server: &TestServer, project: ProjectId, namespace: &'static str, path: &'static str) {
    server
        .write(move |tx| {
            let mut moved = projects::by_id(tx, project)?.unwrap();
            moved.namespace = namespaces::ensure_path(tx, namespace, NOW)?;
            path.clone_into(&mut moved.path);
            Ok(projects::update(tx, &moved)?)
        })
        .await;
}

each_engine!(
    async fn a_project_has_a_number_and_a_path(server) {
        server.root().await;
        server.project("Group/App").await;
        server.project("a/b/c/d/e/f/g/h/i/j/k/deep").await;
        server.project("group/12").await;
        insta::assert_snapshot!(lines(&server, &[
            ("GET", "/api/v4/projects/1"),
            ("GET", "/api/v4/projects/01"),
            ("GET", "/api/v4/projects/Group%2FApp"),
            ("GET", "/api/v4/projects/group%2Fapp"),
            ("GET", "/api/v4/projects/GROUP%2fAPP"),
            ("GET", "/api/v4/projects/a%2Fb%2Fc%2Fd%2Fe%2Ff%2Fg%2Fh%2Fi%2Fj%2Fk%2Fdeep"),
            ("GET", "/api/v4/projects/group%2F12"),
            ("GET", "/api/v4/projects/12"),
            ("GET", "/api/v4/projects/App"),
            ("GET", "/api/v4/projects/Group"),
            ("GET", "/api/v4/projects/a%2Fb"),
            ("GET", "/api/v4/projects/Group%2FApp%2Fmore"),
            ("GET", "/api/v4/projects/%2FGroup%2FApp"),
            ("GET", "/api/v4/projects/Group%2F%2FApp"),
            ("GET", "/api/v4/projects/%20Group%2FApp"),
            ("GET", "/api/v4/projects/-1"),
            ("GET", "/api/v4/projects/-"),
            ("GET", "/api/v4/projects/0"),
            ("GET", "/api/v4/projects/9223372036854775807"),
            ("GET", "/api/v4/projects/9223372036854775808"),
            ("GET", "/api/v4/projects/99999999999999999999999999"),
            ("GET", "/api/v4/projects/1.0"),
            ("GET", "/api/v4/projects/%2F"),
            ("GET", "/api/v4/projects/Gr%C3%B6up%2FApp"),
            ("GET", "/api/v4/projects/-1/deployments"),
            ("GET", "/api/v4/projects/99999999999999999999999999/deployments/1"),
            ("POST", "/api/v4/projects/App/deployments?environment=a&sha=b&ref=c&tag=true&status=failed"),
        ]), @r#"
        GET /api/v4/projects/1 -> 200 id 1
        GET /api/v4/projects/01 -> 200 id 1
        GET /api/v4/projects/Group%2FApp -> 200 id 1
        GET /api/v4/projects/group%2Fapp -> 200 id 1
        GET /api/v4/projects/GROUP%2fAPP -> 200 id 1
        GET /api/v4/projects/a%2Fb%2Fc%2Fd%2Fe%2Ff%2Fg%2Fh%2Fi%2Fj%2Fk%2Fdeep -> 200 id 2
        GET /api/v4/projects/group%2F12 -> 200 id 3
        GET /api/v4/projects/12 -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/App -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/Group -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/a%2Fb -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/Group%2FApp%2Fmore -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/%2FGroup%2FApp -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/Group%2F%2FApp -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/%20Group%2FApp -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/-1 -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/- -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/0 -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/9223372036854775807 -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/9223372036854775808 -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/99999999999999999999999999 -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/1.0 -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/%2F -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/Gr%C3%B6up%2FApp -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/-1/deployments -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/99999999999999999999999999/deployments/1 -> 404 {"message":"404 Project Not Found"}
        POST /api/v4/projects/App/deployments?environment=a&sha=b&ref=c&tag=true&status=failed -> 404 {"message":"404 Project Not Found"}
        "#);
    }
);

each_engine!(
    async fn a_project_that_has_moved_is_found_again_by_get_alone(server) {
        server.root().await;
        server.user("ada").await;
        let project = server.project_with("old/app", |new| new.visibility = Visibility::Public).await;
        move_to(&server, project.id, "new/home", "App2").await;
        let mut shown = String::new();
        for (method, target) in [
            ("GET", "/api/v4/projects/old%2Fapp"),
            ("GET", "/api/v4/projects/OLD%2fApp/"),
            ("GET", "/api/v4/projects/old%2Fapp/deployments?per_page=1&environment=a%2Fb&private_token=root-token"),
            ("GET", "/api/v4//projects//old%2Fapp//deployments/5.json?x=%20+y"),
            ("GET", "/api/v4/projects/old%2Fapp/deployments?page=x"),
            ("HEAD", "/api/v4/projects/old%2Fapp"),
            ("POST", "/api/v4/projects/old%2Fapp/deployments?environment=a&sha=b&ref=c&tag=true&status=failed"),
            ("PUT", "/api/v4/projects/old%2Fapp/deployments/1?status=failed"),
            ("DELETE", "/api/v4/projects/old%2Fapp/deployments/1"),
            ("GET", "/api/v4/projects/new%2Fhome%2Fapp2"),
            ("GET", "/api/v4/projects/1"),
        ] {
            let answer = raw::ask(&server, method, target, &[ROOT], b"");
            let location = answer.header("location").unwrap_or("-");
            let kind = answer.header("content-type").unwrap_or("-");
            shown += &format!("{method} {target} -> {}\n  {kind} | {location}\n", answer.brief());
        }
        insta::assert_snapshot!(shown, @r#"
        GET /api/v4/projects/old%2Fapp -> 301 "This resource has been moved permanently to http://landfall.example/api/v4/projects/1"
          text/plain | http://landfall.example/api/v4/projects/1
        GET /api/v4/projects/OLD%2fApp/ -> 301 "This resource has been moved permanently to http://landfall.example/api/v4/projects/1"
          text/plain | http://landfall.example/api/v4/projects/1
        GET /api/v4/projects/old%2Fapp/deployments?per_page=1&environment=a%2Fb&private_token=root-token -> 301 "This resource has been moved permanently to http://landfall.example/api/v4/projects/1/deployments?per_page=1&environment=a%2Fb&private_token=root-token"
          text/plain | http://landfall.example/api/v4/projects/1/deployments?per_page=1&environment=a%2Fb&private_token=root-token
        GET /api/v4//projects//old%2Fapp//deployments/5.json?x=%20+y -> 301 "This resource has been moved permanently to http://landfall.example/api/v4/projects/1/deployments/5.json?x=%20+y"
          text/plain | http://landfall.example/api/v4/projects/1/deployments/5.json?x=%20+y
        GET /api/v4/projects/old%2Fapp/deployments?page=x -> 400 {"error":"page is invalid"}
          application/json | -
        HEAD /api/v4/projects/old%2Fapp -> 405 ""
          application/json | -
        POST /api/v4/projects/old%2Fapp/deployments?environment=a&sha=b&ref=c&tag=true&status=failed -> 405 {"message":"Non GET methods are not allowed for moved projects"}
          application/json | -
        PUT /api/v4/projects/old%2Fapp/deployments/1?status=failed -> 405 {"message":"Non GET methods are not allowed for moved projects"}
          application/json | -
        DELETE /api/v4/projects/old%2Fapp/deployments/1 -> 405 {"message":"Non GET methods are not allowed for moved projects"}
          application/json | -
        GET /api/v4/projects/new%2Fhome%2Fapp2 -> 200 id 1
          application/json | -
        GET /api/v4/projects/1 -> 200 id 1
          application/json | -
        "#);

        // Whoever may not see the project does not learn that it has moved.
        server.project("old/secret").await;
        move_to(&server, ProjectId(2), "new", "secret").await;
        let ada = ("PRIVATE-TOKEN", "ada-token");
        let body = b"environment=a&sha=b&ref=c&tag=true&status=failed";
        let stranger = [
            raw::ask(&server, "GET", "/api/v4/projects/old%2Fsecret", &[ada], b""),
            raw::ask(&server, "GET", "/api/v4/projects/old%2Fsecret", &[], b""),
            raw::ask(&server, "POST", "/api/v4/projects/old%2Fsecret/deployments", &[ada, FORM], body),
        ];
        for answer in stranger {
            assert_eq!(answer.brief(), r#"404 {"message":"404 Project Not Found"}"#);
        }
        server.member(ProjectId(2), "ada", AccessLevel::Guest).await;
        assert_eq!(raw::ask(&server, "GET", "/api/v4/projects/old%2Fsecret", &[ada], b"").status, 301);

        // Somebody else's project takes the old path over.
        server.project("old/secret").await;
        assert_eq!(raw::ask(&server, "GET", "/api/v4/projects/old%2Fsecret", &[ROOT], b"").brief(), "200 id 3");
    }
);
