//! The order of the checks (reference section 2), what a body may be, and the habits of clients.

use super::{BEARER, DEPLOYMENT, FORM, JSON, ROOT, ledger};
use crate::support::{TestServer, each_engine, raw};

const COLLECTION: &str = "/api/v4/projects/1/deployments";
const ONE: &str = "/api/v4/projects/1/deployments/1";
const TEXT: (&str, &str) = ("Content-Type", "text/plain");

/// A request in parts.
type Asked<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a [u8]);

fn shown(server: &TestServer, requests: &[(&str, Asked<'_>)]) -> String {
    requests
        .iter()
        .map(|(what, (method, target, headers, body))| {
            let answer = raw::ask(server, method, target, headers, body);
            format!("{what} -> {}\n", answer.brief())
        })
        .collect()
}

each_engine!(
    async fn the_first_step_that_fails_answers(server) {
        let root = ledger(&server).await;
        let preflight = [("Origin", "http://a.example"), ("Access-Control-Request-Method", "GET")];
        insta::assert_snapshot!(shown(&server, &[
            ("1 before 2: JSON, NUL", ("POST", "/api/v4/projects/%00/deployments", &[JSON], b"{")),
            ("1b before 2: depth, NUL", ("POST", "/api/v4/x?a=%00", &[JSON], "[".repeat(33).as_bytes())),
            ("1 before 3: JSON, preflight", ("OPTIONS", COLLECTION, &[preflight[0], preflight[1], JSON], b"{")),
            ("2 before 3: NUL, preflight", ("OPTIONS", "/api/v4/%00", &preflight, b"")),
            ("3 before 5: preflight, no route", ("OPTIONS", "/api/v4/nothing", &preflight, b"")),
            ("2 before 5: NUL, no route", ("GET", "/api/v4/%00", &[], b"")),
            ("5 before 6: no route, two tokens", ("GET", "/api/v4/nothing?access_token=a", &[BEARER], b"")),
            ("5 before 6: wrong method, two tokens", ("PATCH", "/api/v4/version?access_token=a", &[BEARER], b"")),
            ("6 before 7: two tokens, format", ("GET", "/api/v4/version?access_token=a&format=xml", &[BEARER], b"")),
            ("7 before 8: format, media type", ("POST", "/api/v4/projects/1/deployments?format=xml", &[TEXT], b"a")),
            ("8 before 9: media type, no token", ("POST", COLLECTION, &[TEXT], b"a")),
            ("9 before 10: no token, nothing sent", ("POST", COLLECTION, &[], b"")),
            ("9 before 11: no token, no project", ("GET", "/api/v4/projects/9/deployments", &[], b"")),
            ("10 before 11: bad parameter, no project", ("GET", "/api/v4/projects/9/deployments?page=x", &[ROOT], b"")),
            ("11 before 12: no project, no deployment", ("GET", "/api/v4/projects/9/deployments/9", &[ROOT], b"")),
            ("12: no deployment", ("GET", "/api/v4/projects/1/deployments/9", &[ROOT], b"")),
        ]), @r#"
        1 before 2: JSON, NUL -> 400 {"error":"Invalid JSON format"}
        1b before 2: depth, NUL -> 400 {"error":"Parameters nested too deeply"}
        1 before 3: JSON, preflight -> 400 {"error":"Invalid JSON format"}
        2 before 3: NUL, preflight -> 400 "Bad Request"
        3 before 5: preflight, no route -> 200 ""
        2 before 5: NUL, no route -> 400 "Bad Request"
        5 before 6: no route, two tokens -> 404 {"error":"404 Not Found"}
        5 before 6: wrong method, two tokens -> 404 {"error":"404 Not Found"}
        6 before 7: two tokens, format -> 400 {"error":"invalid_request","error_description":"Both Authorization header and payload includes access token."}
        7 before 8: format, media type -> 406 {"error":"The requested format 'xml' is not supported."}
        8 before 9: media type, no token -> 415 {"error":"The provided content-type 'text/plain' is not supported."}
        9 before 10: no token, nothing sent -> 401 {"message":"401 Unauthorized"}
        9 before 11: no token, no project -> 401 {"message":"401 Unauthorized"}
        10 before 11: bad parameter, no project -> 400 {"error":"page is invalid"}
        11 before 12: no project, no deployment -> 404 {"message":"404 Project Not Found"}
        12: no deployment -> 404 {"message":"404 Not found"}
        "#);
        // 9 before 10 with a token that is too small, and 10 before 12 for somebody without rights.
        server.user("ada").await;
        server.token("ada", "small", &[landfall_domain::token::Scope::ReadUser], None).await;
        insta::assert_snapshot!(shown(&server, &[
            ("scope before parameters", ("POST", COLLECTION, &[("PRIVATE-TOKEN", "small")], b"")),
            ("parameters before rights", ("POST", COLLECTION, &[("PRIVATE-TOKEN", "ada-token")], b"")),
        ]), @r#"
        scope before parameters -> 403 {"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}
        parameters before rights -> 400 {"error":"environment is missing, environment is empty, sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        "#);
        assert_eq!(root.get("/projects/1/deployments").await.status, 200);
    }
);

each_engine!(
    async fn json_is_looked_at_before_anything_else(server) {
        ledger(&server).await;
        let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        let array = |entries: usize| format!("{{\"a\":[{}]}}", vec!["1"; entries].join(","));
        let object = |keys: usize| {
            let members: Vec<String> = (0..keys).map(|key| format!("\"k{key}\":1")).collect();
            format!("{{{}}}", members.join(","))
        };
        let many = format!("{{\"a\":[{0}],\"b\":[{0}],\"c\":1}}", vec!["1"; 49_999].join(","));
        let upper = ("Content-Type", "Application/JSON; Charset=UTF-8");
        insta::assert_snapshot!(shown(&server, &[
            ("broken", ("POST", COLLECTION, &[JSON], b"{\"a\":")),
            ("broken, another spelling of the type", ("POST", COLLECTION, &[upper], b"{,}")),
            ("broken, GET", ("GET", COLLECTION, &[JSON, ROOT], b"nonsense")),
            ("broken, no route", ("POST", "/api/v4/nothing", &[JSON], b"]")),
            ("not UTF-8", ("POST", COLLECTION, &[JSON], b"{\"a\":\"\xff\"}")),
            ("two values", ("POST", COLLECTION, &[JSON], b"{} {}")),
            ("blanks", ("POST", COLLECTION, &[JSON], b"  ")),
            ("32 levels", ("POST", COLLECTION, &[JSON], deep(31).as_bytes())),
            ("33 levels", ("POST", COLLECTION, &[JSON], deep(32).as_bytes())),
            ("50,000 entries", ("POST", COLLECTION, &[JSON], array(50_000).as_bytes())),
            ("50,001 entries", ("POST", COLLECTION, &[JSON], array(50_001).as_bytes())),
            ("50,000 keys", ("POST", COLLECTION, &[JSON], object(50_000).as_bytes())),
            ("50,001 keys", ("POST", COLLECTION, &[JSON], object(50_001).as_bytes())),
            ("over 100,000 elements", ("POST", COLLECTION, &[JSON], many.as_bytes())),
        ]), @r#"
        broken -> 400 {"error":"Invalid JSON format"}
        broken, another spelling of the type -> 400 {"error":"Invalid JSON format"}
        broken, GET -> 400 {"error":"Invalid JSON format"}
        broken, no route -> 400 {"error":"Invalid JSON format"}
        not UTF-8 -> 400 {"error":"Invalid JSON format"}
        two values -> 400 {"error":"Invalid JSON format"}
        blanks -> 400 {"error":"Invalid JSON format"}
        32 levels -> 401 {"message":"401 Unauthorized"}
        33 levels -> 400 {"error":"Parameters nested too deeply"}
        50,000 entries -> 401 {"message":"401 Unauthorized"}
        50,001 entries -> 400 {"error":"Array parameter too large"}
        50,000 keys -> 401 {"message":"401 Unauthorized"}
        50,001 keys -> 400 {"error":"Hash parameter too large"}
        over 100,000 elements -> 400 {"error":"Too many total parameters"}
        "#);
        let answer = raw::ask(&server, "POST", COLLECTION, &[JSON], b"{");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
);

each_engine!(
    async fn strings_that_no_text_can_hold(server) {
        ledger(&server).await;
        insta::assert_snapshot!(shown(&server, &[
            ("NUL in the path", ("GET", "/api/v4/projects/a%00/deployments", &[ROOT], b"")),
            ("no UTF-8 in the path", ("GET", "/api/v4/projects/%ff%2Fb", &[ROOT], b"")),
            ("NUL in a value of the query", ("GET", "/api/v4/version?a=%00", &[ROOT], b"")),
            ("NUL in a name of the query", ("GET", "/api/v4/version?a%00=1", &[ROOT], b"")),
            ("no UTF-8 in the query", ("GET", "/api/v4/version?a=%e4", &[ROOT], b"")),
            ("NUL in a form", ("POST", COLLECTION, &[ROOT, FORM], b"environment=%00")),
            ("no UTF-8 in a form", ("POST", COLLECTION, &[ROOT, FORM], b"environment=\xe4")),
            ("NUL in JSON", ("POST", COLLECTION, &[ROOT, JSON], b"{\"a\":[{\"b\":\"\\u0000\"}]}")),
            ("NUL in Referer", ("GET", "/api/v4/version", &[ROOT, ("Referer", "http://a/%00")], b"")),
            ("no UTF-8 in Referer", ("GET", "/api/v4/version", &[ROOT, ("Referer", "%ff")], b"")),
            ("NUL in Authorization", ("GET", "/api/v4/version", &[("Authorization", "Bearer %00")], b"")),
            ("names that contradict each other", ("GET", "/api/v4/version?a=1&a[b]=2", &[ROOT], b"")),
        ]), @r#"
        NUL in the path -> 400 "Bad Request"
        no UTF-8 in the path -> 400 "Bad Request"
        NUL in a value of the query -> 400 "Bad Request"
        NUL in a name of the query -> 400 "Bad Request"
        no UTF-8 in the query -> 400 "Bad Request"
        NUL in a form -> 400 "Bad Request"
        no UTF-8 in a form -> 400 "Bad Request"
        NUL in JSON -> 400 "Bad Request"
        NUL in Referer -> 400 "Bad Request"
        no UTF-8 in Referer -> 400 "Bad Request"
        NUL in Authorization -> 400 "Bad Request"
        names that contradict each other -> 400 "Bad Request"
        "#);
        let answer = raw::ask(&server, "GET", "/api/v4/%00", &[], b"");
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        // Bytes in headers that are not ASCII.
        let mut connection = raw::Raw::to(&server);
        connection.send(b"GET /api/v4/version HTTP/1.1\r\nHost: a\r\nReferer: \xff\xfe\r\n\r\n");
        assert_eq!(connection.answer().brief(), "400 \"Bad Request\"");
        connection.send(b"GET /api/v4/version HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\r\n\r\n");
        assert_eq!(connection.answer().brief(), "400 \"Bad Request\"");
        connection.send(b"GET /api/v4/version HTTP/1.1\r\nHost: a\r\nPRIVATE-TOKEN: \xff\r\n\r\n");
        assert_eq!(connection.answer().status, 401);
        connection.send(b"POST /api/v4/projects HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Type: \xff\r\n\r\na");
        assert_eq!(connection.answer().status, 415);
    }
);

each_engine!(
    async fn bodies_by_media_type(server) {
        ledger(&server).await;
        let typed = |name: &'static str| [ROOT, ("Content-Type", name)];
        let json = br#"{"environment":"qa"}"#;
        let multipart = b"--b\r\nContent-Disposition: form-data; name=\"environment\"\r\n\r\nqa\r\n--b--\r\n";
        insta::assert_snapshot!(shown(&server, &[
            ("JSON", ("POST", COLLECTION, &typed("application/json"), json)),
            ("JSON with a charset", ("POST", COLLECTION, &typed("APPLICATION/json ; charset=utf-8"), json)),
            ("form", ("POST", COLLECTION, &typed("application/x-www-form-urlencoded;a=b"), b"environment=qa")),
            ("multipart", ("POST", COLLECTION, &typed("multipart/form-data; boundary=b"), multipart)),
            ("multipart without its boundary", ("POST", COLLECTION, &typed("multipart/form-data"), multipart)),
            ("text", ("POST", COLLECTION, &typed("text/plain; charset=utf-8"), json)),
            ("XML", ("PUT", ONE, &typed("Application/XML"), b"<a/>")),
            ("JSON API", ("POST", COLLECTION, &typed("application/vnd.api+json"), json)),
            ("no type", ("POST", COLLECTION, &[ROOT], json)),
            ("an empty type", ("POST", COLLECTION, &typed(""), json)),
            ("text, DELETE", ("DELETE", "/api/v4/projects/1/deployments/9", &typed("text/plain"), b"a")),
            ("text, GET", ("GET", COLLECTION, &typed("text/plain"), b"a")),
            ("text without a body", ("POST", COLLECTION, &typed("text/plain"), b"")),
            ("JSON called a form", ("POST", COLLECTION, &typed("application/x-www-form-urlencoded"), json)),
        ]), @r#"
        JSON -> 400 {"error":"sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        JSON with a charset -> 400 {"error":"sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        form -> 400 {"error":"sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        multipart -> 400 {"error":"sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        multipart without its boundary -> 400 "Bad Request"
        text -> 415 {"error":"The provided content-type 'text/plain' is not supported."}
        XML -> 415 {"error":"The provided content-type 'application/xml' is not supported."}
        JSON API -> 415 {"error":"The provided content-type 'application/vnd.api+json' is not supported."}
        no type -> 415 {"error":"The provided content-type '' is not supported."}
        an empty type -> 415 {"error":"The provided content-type '' is not supported."}
        text, DELETE -> 415 {"error":"The provided content-type 'text/plain' is not supported."}
        text, GET -> 200 [id 1]
        text without a body -> 400 {"error":"environment is missing, environment is empty, sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        JSON called a form -> 400 {"error":"environment is missing, environment is empty, sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        "#);
    }
);

each_engine!(
    async fn habits_of_clients(server) {
        ledger(&server).await;
        let query = format!("{COLLECTION}?{DEPLOYMENT}&sha=1111111111111111111111111111111111111111");
        let both = format!("{COLLECTION}?status=nonsense&sha=2222222222222222222222222222222222222222&{DEPLOYMENT}");
        let json = |rest: &str| {
            format!(
                r#"{{"environment":"qa","sha":"{}","ref":"main","status":"failed"{rest}}}"#,
                "3".repeat(40)
            )
        };
        let odd = json(r#","tag":false,"x":[1,{"y":null}],"z":{"a":[]},"n":null"#);
        insta::assert_snapshot!(shown(&server, &[
            ("GET, JSON type, no body", ("GET", COLLECTION, &[ROOT, JSON], b"")),
            ("GET, form type, no body", ("GET", COLLECTION, &[ROOT, FORM], b"")),
            ("GET, JSON body is not read", ("GET", COLLECTION, &[ROOT, JSON], b"{\"page\":\"x\"}")),
            ("HEAD, JSON type, no body", ("HEAD", COLLECTION, &[ROOT, JSON], b"")),
            ("OPTIONS, form type, no body", ("OPTIONS", COLLECTION, &[ROOT, FORM], b"")),
            ("POST, nothing at all", ("POST", COLLECTION, &[ROOT], b"")),
            ("POST, JSON type, no body", ("POST", COLLECTION, &[ROOT, JSON], b"")),
            ("POST, JSON null", ("POST", COLLECTION, &[ROOT, JSON], b"null")),
            ("POST, JSON array", ("POST", COLLECTION, &[ROOT, JSON], b"[1]")),
            ("POST, JSON text", ("POST", COLLECTION, &[ROOT, JSON], b"\"a\"")),
            ("POST, all in the query", ("POST", &query, &[ROOT], b"")),
            ("POST, the body wins", ("POST", &both, &[ROOT, FORM], b"tag=x")),
            ("POST, tag as a JSON text", ("POST", COLLECTION, &[ROOT, JSON], json(r#","tag":"false""#).as_bytes())),
            ("POST, unknown parameters", ("POST", COLLECTION, &[ROOT, JSON], odd.as_bytes())),
            ("PUT, nothing at all", ("PUT", ONE, &[ROOT], b"")),
            ("PUT, in the query", ("PUT", &format!("{ONE}?status=success"), &[ROOT], b"")),
            ("GET, unknown parameters", ("GET", &format!("{ONE}?a[]=1&b[c]=2&d=e"), &[ROOT], b"")),
            ("DELETE, JSON type, no body", ("DELETE", "/api/v4/projects/1/deployments/9", &[ROOT, JSON], b"")),
            ("DELETE, form type, no body", ("DELETE", "/api/v4/projects/1/deployments/9", &[ROOT, FORM], b"")),
            ("DELETE, {}", ("DELETE", "/api/v4/projects/1/deployments/2", &[ROOT, JSON], b"{}")),
        ]), @r#"
        GET, JSON type, no body -> 200 [id 1]
        GET, form type, no body -> 200 [id 1]
        GET, JSON body is not read -> 200 [id 1]
        HEAD, JSON type, no body -> 200 ""
        OPTIONS, form type, no body -> 204 ""
        POST, nothing at all -> 400 {"error":"environment is missing, environment is empty, sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        POST, JSON type, no body -> 400 {"error":"environment is missing, environment is empty, sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        POST, JSON null -> 400 {"error":"environment is missing, environment is empty, sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        POST, JSON array -> 400 {"error":"environment is missing, environment is empty, sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        POST, JSON text -> 400 {"error":"environment is missing, environment is empty, sha is missing, sha is empty, ref is missing, ref is empty, tag is missing, status is missing, status does not have a valid value"}
        POST, all in the query -> 201 id 2
        POST, the body wins -> 400 {"error":"tag is invalid"}
        POST, tag as a JSON text -> 201 id 3
        POST, unknown parameters -> 201 id 4
        PUT, nothing at all -> 400 {"error":"status is missing, status does not have a valid value"}
        PUT, in the query -> 200 id 1
        GET, unknown parameters -> 200 id 1
        DELETE, JSON type, no body -> 404 {"message":"404 Not found"}
        DELETE, form type, no body -> 404 {"message":"404 Not found"}
        DELETE, {} -> 204 ""
        "#);
    }
);

each_engine!(
    async fn bodies_that_are_too_large_are_not_read(server) {
        ledger(&server).await;
        let most = 10 * 1024 * 1024;
        let body = [b"a=".as_slice(), &vec![b'x'; most - 2]].concat();
        assert_eq!(raw::ask(&server, "POST", COLLECTION, &[ROOT, FORM], &body).status, 400);
        let mut connection = raw::Raw::to(&server);
        connection.send(format!(
            "POST {COLLECTION} HTTP/1.1\r\nHost: a\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n", FORM.1, most + 1,
        ));
        // The length alone is enough, no byte of the body is waited for.
        let answer = connection.answer();
        assert_eq!(answer.brief(), r#"413 {"message":"413 Request Entity Too Large"}"#);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(connection.is_hung_up_on());
        // Nor is a body without a length that does not end.
        let mut connection = raw::Raw::to(&server);
        connection.send(format!(
            "POST {COLLECTION} HTTP/1.1\r\nHost: a\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n", FORM.1,
        ));
        connection.send(format!("{:x}\r\n", most + 1));
        connection.send(vec![b'x'; most + 1]);
        assert_eq!(connection.answer().status, 413);
    }
);

each_engine!(
    async fn heads_that_are_too_large_are_not_read(server) {
        ledger(&server).await;
        let long = format!("/api/v4/version?a={}", "x".repeat(60_000));
        assert_eq!(raw::ask(&server, "GET", &long, &[ROOT], b"").status, 200);
        let longer = format!("/api/v4/version?a={}", "x".repeat(70_000));
        assert_eq!(raw::ask(&server, "GET", &longer, &[ROOT], b"").status, 414);
        let header = ("X-Many", "x");
        assert_eq!(raw::ask(&server, "GET", "/-/health", &[header; 90], b"").status, 200);
        assert_eq!(raw::ask(&server, "GET", "/-/health", &[header; 110], b"").status, 431);
    }
);

each_engine!(
    async fn who_has_nothing_more_to_send_is_answered(server) {
        ledger(&server).await;
        let mut connection = raw::Raw::to(&server);
        connection.request("POST", COLLECTION, &[ROOT, FORM], DEPLOYMENT.as_bytes());
        connection.end();
        assert_eq!(connection.answer().status, 201);
        assert!(connection.is_hung_up_on());
    }
);

each_engine!(
    async fn the_protocol_in_all_its_forms(server) {
        ledger(&server).await;
        let head = format!(
            "POST {COLLECTION} HTTP/1.1\r\nHost: a\r\nPRIVATE-TOKEN: root-token\r\nContent-Type: {}\r\n", FORM.1,
        );
        let mut connection = raw::Raw::to(&server);

        // In chunks, as curl sends what it reads from a pipe.
        let (first, rest) = DEPLOYMENT.split_at(20);
        connection.send(format!("{head}Transfer-Encoding: chunked\r\n\r\n14\r\n{first}\r\n"));
        connection.send(format!("{:x}\r\n{rest}\r\n0\r\n\r\n", rest.len()));
        assert_eq!(connection.answer().status, 201);

        // The client waits to be told to go on, as curl does before a large body.
        connection.send(format!("{head}Content-Length: {}\r\nExpect: 100-continue\r\n\r\n", DEPLOYMENT.len()));
        assert_eq!(connection.head().status, 100);
        connection.send(DEPLOYMENT);
        assert_eq!(connection.answer().status, 201);

        // Many requests at once, answered in their order, on one connection.
        let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\nPRIVATE-TOKEN: root-token\r\n\r\n");
        connection.send([get(ONE), get("/api/v4/nothing"), get("/api/v4/version"), get("/-/liveness")].concat());
        let statuses: Vec<u16> = (0..4).map(|_| connection.answer().status).collect();
        assert_eq!(statuses, [200, 404, 200, 200]);

        // HTTP/1.0: no Host, no keep-alive unless it is asked for.
        connection.send("GET /api/v4/version HTTP/1.0\r\nPRIVATE-TOKEN: root-token\r\nConnection: keep-alive\r\n\r\n");
        let answer = connection.answer();
        assert_eq!((answer.status, answer.header("connection")), (200, Some("keep-alive")));
        connection.send("GET /api/v4/version HTTP/1.0\r\nPRIVATE-TOKEN: root-token\r\n\r\n");
        assert_eq!(connection.answer().status, 200);
        assert!(connection.is_hung_up_on());

        // `Connection: close`.
        let mut connection = raw::Raw::to(&server);
        connection.send("GET /-/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assert_eq!(connection.answer().brief(), r#"200 "GitLab OK""#);
        assert!(connection.is_hung_up_on());

        // The whole URL as the target, as a client behind a forward proxy writes it.
        let mut connection = raw::Raw::to(&server);
        connection.send(get(&format!("http://other.example:80{ONE}")));
        assert_eq!(connection.answer().brief(), "200 id 1");

        // No HTTP at all.
        connection.send("nonsense\r\n\r\n");
        assert_eq!(connection.answer().status, 400);
        assert!(connection.is_hung_up_on());
    }
);
