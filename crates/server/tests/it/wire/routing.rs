//! Reference section 1.

use super::{BEARER, DEPLOYMENT, FORM, ROOT, ledger, lines};
use crate::support::{each_engine, raw};

const COLLECTION: &str = "/api/v4/projects/1/deployments";
const ONE: &str = "/api/v4/projects/1/deployments/1";

each_engine!(
    async fn head_is_get_without_the_body(server) {
        ledger(&server).await;
        for target in [COLLECTION, ONE, "/api/v4/version", "/api/v4/nothing", "/api/v4/projects/9"] {
            let get = raw::ask(&server, "GET", target, &[ROOT], b"");
            let head = raw::ask(&server, "HEAD", target, &[ROOT], b"");
            let lasting = |answer: &raw::RawAnswer| {
                let mut headers = answer.headers.clone();
                let fleeting = ["x-request-id", "x-gitlab-meta", "x-runtime", "date"];
                headers.retain(|(name, _)| !fleeting.contains(&name.as_str()));
                (answer.status, headers)
            };
            assert_eq!(lasting(&head), lasting(&get), "{target}");
            assert!(!get.body.is_empty(), "{target}");
        }
        // A HEAD answer that had a body would be taken for the beginning of the next one.
        let mut connection = raw::Raw::to(&server);
        connection.request("HEAD", COLLECTION, &[ROOT], b"");
        connection.request("GET", "/api/v4/nothing", &[ROOT], b"");
        assert_eq!((connection.head().status, connection.answer().status), (200, 404));
    }
);

each_engine!(
    async fn options_tell_the_methods_to_those_who_are_signed_in(server) {
        ledger(&server).await;
        let mut shown = String::new();
        let others = ["/api/v4/projects", "/api/v4/projects/1", "/api/v4/version", "/api/v4/nothing"];
        for target in [COLLECTION, ONE].into_iter().chain(others) {
            for (who, headers) in [("root", &[ROOT][..]), ("nobody", &[])] {
                let answer = raw::ask(&server, "OPTIONS", target, headers, b"");
                let allow = answer.header("allow").unwrap_or("-");
                let kind = answer.header("content-type").unwrap_or("-");
                shown += &format!("{who} {target} -> {} | {allow} | {kind}\n", answer.brief());
            }
        }
        insta::assert_snapshot!(shown, @r#"
        root /api/v4/projects/1/deployments -> 204 "" | OPTIONS, GET, POST, HEAD | -
        nobody /api/v4/projects/1/deployments -> 401 {"message":"401 Unauthorized"} | - | application/json
        root /api/v4/projects/1/deployments/1 -> 204 "" | OPTIONS, GET, PUT, DELETE, HEAD | -
        nobody /api/v4/projects/1/deployments/1 -> 401 {"message":"401 Unauthorized"} | - | application/json
        root /api/v4/projects -> 204 "" | OPTIONS, GET, POST, HEAD | -
        nobody /api/v4/projects -> 401 {"message":"401 Unauthorized"} | - | application/json
        root /api/v4/projects/1 -> 204 "" | OPTIONS, GET, PUT, DELETE, HEAD | -
        nobody /api/v4/projects/1 -> 401 {"message":"401 Unauthorized"} | - | application/json
        root /api/v4/version -> 204 "" | OPTIONS, GET, HEAD | -
        nobody /api/v4/version -> 401 {"message":"401 Unauthorized"} | - | application/json
        root /api/v4/nothing -> 404 {"error":"404 Not Found"} | - | application/json
        nobody /api/v4/nothing -> 404 {"error":"404 Not Found"} | - | application/json
        "#);
    }
);

each_engine!(
    async fn what_is_not_there_is_404_with_any_method(server) {
        ledger(&server).await;
        let mut shown = String::new();
        for (method, target) in [
            ("PATCH", COLLECTION),
            ("PUT", COLLECTION),
            ("DELETE", COLLECTION),
            ("POST", ONE),
            ("PATCH", ONE),
            ("TRACE", ONE),
            ("BREW", ONE),
            ("GET", "/api/v4/projects/1/deployments/1/approval"),
            ("GET", "/api/v4"),
            ("GET", "/api/v4/"),
            ("HEAD", "/api/v4/"),
            ("GET", "/api/v4?per_page=1"),
            ("POST", "/api/v4/nothing"),
            ("GET", "/api/v4x"),
            ("GET", "/api/v3"),
            ("GET", "/api/v3/"),
            ("POST", "/api/v3/projects/1/deployments"),
            ("GET", "/api/v3.1"),
            ("GET", "/api/v5/projects"),
            ("GET", "/api"),
            ("GET", "/api/"),
            ("GET", "/nothing"),
        ] {
            let nobody = raw::ask(&server, method, target, &[], b"").brief();
            let root = raw::ask(&server, method, target, &[ROOT], b"").brief();
            assert_eq!(nobody, root, "{method} {target}");
            shown += &format!("{method} {target} -> {root}\n");
        }
        insta::assert_snapshot!(shown, @r#"
        PATCH /api/v4/projects/1/deployments -> 404 {"error":"404 Not Found"}
        PUT /api/v4/projects/1/deployments -> 404 {"error":"404 Not Found"}
        DELETE /api/v4/projects/1/deployments -> 404 {"error":"404 Not Found"}
        POST /api/v4/projects/1/deployments/1 -> 404 {"error":"404 Not Found"}
        PATCH /api/v4/projects/1/deployments/1 -> 404 {"error":"404 Not Found"}
        TRACE /api/v4/projects/1/deployments/1 -> 404 {"error":"404 Not Found"}
        BREW /api/v4/projects/1/deployments/1 -> 404 {"error":"404 Not Found"}
        GET /api/v4/projects/1/deployments/1/approval -> 404 {"error":"404 Not Found"}
        GET /api/v4 -> 404 {"error":"404 Not Found"}
        GET /api/v4/ -> 404 {"error":"404 Not Found"}
        HEAD /api/v4/ -> 404 ""
        GET /api/v4?per_page=1 -> 404 {"error":"404 Not Found"}
        POST /api/v4/nothing -> 404 {"error":"404 Not Found"}
        GET /api/v4x -> 404 "404 Not Found\n"
        GET /api/v3 -> 410 {"error":"API V3 is no longer supported. Use API V4 instead."}
        GET /api/v3/ -> 410 {"error":"API V3 is no longer supported. Use API V4 instead."}
        POST /api/v3/projects/1/deployments -> 410 {"error":"API V3 is no longer supported. Use API V4 instead."}
        GET /api/v3.1 -> 404 "404 Not Found\n"
        GET /api/v5/projects -> 404 "404 Not Found\n"
        GET /api -> 404 "404 Not Found\n"
        GET /api/ -> 404 "404 Not Found\n"
        GET /nothing -> 404 "404 Not Found\n"
        "#);
    }
);

each_engine!(
    async fn odd_spellings_of_a_path(server) {
        ledger(&server).await;
        insta::assert_snapshot!(lines(&server, &[
            // Slashes too many.
            ("GET", "/api/v4/projects/1/deployments/"),
            ("GET", "/api/v4/projects/1/deployments/1//"),
            ("GET", "/api/v4/projects//1///deployments"),
            ("GET", "/api/v4//projects/1/deployments"),
            ("GET", "/api//v4/projects/1/deployments"),
            ("GET", "//api/v4/projects/1/deployments"),
            ("GET", "///api//v4///projects/1/deployments//?per_page=1"),
            ("GET", "//api//v3//projects"),
            ("GET", "/-//health"),
            // Letter case.
            ("GET", "/api/v4/PROJECTS/1"),
            ("GET", "/api/v4/projects/1/Deployments"),
            ("GET", "/API/v4/projects/1"),
            // Paths of projects.
            ("GET", "/api/v4/projects/group/my.app/deployments"),
            ("GET", "/api/v4/projects/group/my.app"),
            ("GET", "/api/v4/projects/group%2Fmy.app"),
            ("GET", "/api/v4/projects/group%2fmy.app/deployments"),
            ("GET", "/api/v4/projects/group%2Fmy%2Eapp/deployments/1"),
            ("GET", "/api/v4/projects/%67roup%2Fmy%2eapp"),
            ("GET", "/api/v4/projects/group%252Fmy.app"),
            ("GET", "/api/v4/projects/group%2Fmy.app%2F"),
            ("GET", "/api/v4/projects/group%2Fmy+app"),
            ("GET", "/api/v4/projects/group%2Fmy%2Bapp"),
            ("GET", "/api/v4/projects/group%2"),
            ("GET", "/api/v4/pro%6Aects/1"),
            // Extensions.
            ("GET", "/api/v4/projects/1/deployments.json"),
            ("GET", "/api/v4/projects/1/deployments.xml"),
            ("GET", "/api/v4/projects/1/deployments/1.json"),
            ("GET", "/api/v4/projects/1/deployments/1.5"),
            ("GET", "/api/v4/projects.json?per_page=1"),
            ("GET", "/api/v4/users/1.txt"),
            ("GET", "/api/v4/projects/group%2Fmy.app.json"),
            ("GET", "/api/v4/projects/1/deployments.json/1"),
        ]), @r#"
        GET /api/v4/projects/1/deployments/ -> 200 [id 1]
        GET /api/v4/projects/1/deployments/1// -> 200 id 1
        GET /api/v4/projects//1///deployments -> 200 [id 1]
        GET /api/v4//projects/1/deployments -> 200 [id 1]
        GET /api//v4/projects/1/deployments -> 200 [id 1]
        GET //api/v4/projects/1/deployments -> 200 [id 1]
        GET ///api//v4///projects/1/deployments//?per_page=1 -> 200 [id 1]
        GET //api//v3//projects -> 410 {"error":"API V3 is no longer supported. Use API V4 instead."}
        GET /-//health -> 404 "404 Not Found\n"
        GET /api/v4/PROJECTS/1 -> 404 {"error":"404 Not Found"}
        GET /api/v4/projects/1/Deployments -> 404 {"error":"404 Not Found"}
        GET /API/v4/projects/1 -> 404 "404 Not Found\n"
        GET /api/v4/projects/group/my.app/deployments -> 404 {"error":"404 Not Found"}
        GET /api/v4/projects/group/my.app -> 404 {"error":"404 Not Found"}
        GET /api/v4/projects/group%2Fmy.app -> 200 id 1
        GET /api/v4/projects/group%2fmy.app/deployments -> 200 [id 1]
        GET /api/v4/projects/group%2Fmy%2Eapp/deployments/1 -> 200 id 1
        GET /api/v4/projects/%67roup%2Fmy%2eapp -> 200 id 1
        GET /api/v4/projects/group%252Fmy.app -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/group%2Fmy.app%2F -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/group%2Fmy+app -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/group%2Fmy%2Bapp -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/group%2 -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/pro%6Aects/1 -> 404 {"error":"404 Not Found"}
        GET /api/v4/projects/1/deployments.json -> 200 [id 1]
        GET /api/v4/projects/1/deployments.xml -> 200 [id 1]
        GET /api/v4/projects/1/deployments/1.json -> 200 id 1
        GET /api/v4/projects/1/deployments/1.5 -> 200 id 1
        GET /api/v4/projects.json?per_page=1 -> 200 [id 1]
        GET /api/v4/users/1.txt -> 200 id 1
        GET /api/v4/projects/group%2Fmy.app.json -> 404 {"message":"404 Project Not Found"}
        GET /api/v4/projects/1/deployments.json/1 -> 404 {"error":"404 Not Found"}
        "#);
    }
);

each_engine!(
    async fn the_answer_is_json_whatever_is_asked_for(server) {
        ledger(&server).await;
        insta::assert_snapshot!(lines(&server, &[
            ("GET", "/api/v4/projects/1/deployments?format=json"),
            ("GET", "/api/v4/projects/1/deployments?format="),
            ("GET", "/api/v4/projects/1/deployments?format"),
            ("GET", "/api/v4/projects/1/deployments?format=xml"),
            ("GET", "/api/v4/projects/1/deployments?format=JSON"),
            ("POST", "/api/v4/projects/1/deployments?format=txt"),
            ("GET", "/api/v4/nothing?format=xml"),
        ]), @r#"
        GET /api/v4/projects/1/deployments?format=json -> 200 [id 1]
        GET /api/v4/projects/1/deployments?format= -> 200 [id 1]
        GET /api/v4/projects/1/deployments?format -> 200 [id 1]
        GET /api/v4/projects/1/deployments?format=xml -> 406 {"error":"The requested format 'xml' is not supported."}
        GET /api/v4/projects/1/deployments?format=JSON -> 406 {"error":"The requested format 'JSON' is not supported."}
        POST /api/v4/projects/1/deployments?format=txt -> 406 {"error":"The requested format 'txt' is not supported."}
        GET /api/v4/nothing?format=xml -> 404 {"error":"404 Not Found"}
        "#);
        let nobody = raw::ask(&server, "GET", "/api/v4/projects/1/deployments?format=xml", &[], b"");
        assert_eq!(nobody.status, 406);
        for accept in ["text/html", "application/xml", "*/*", "nonsense", "application/json;q=0"] {
            let answer = raw::ask(&server, "GET", COLLECTION, &[ROOT, ("Accept", accept)], b"");
            assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{accept}");
        }
        // Only the query chooses a format: in a body it is one more unknown parameter.
        let body = format!("{DEPLOYMENT}&format=xml");
        let answer = raw::ask(&server, "POST", COLLECTION, &[BEARER, FORM], body.as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
);
