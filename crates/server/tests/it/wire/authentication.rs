//! Reference section 4.

use std::time::Duration;

use landfall_domain::{
    token::{AccessToken, Scope, Secret},
    user::UserState,
};
use landfall_store::{tokens, users};
use serde_json::json;

use super::{BEARER, DEPLOYMENT, FORM, JSON, ROOT, ledger};
use crate::support::{NOW, TestServer, each_engine, logs, raw};

const COLLECTION: &str = "/api/v4/projects/1/deployments";

/// Who the server takes the sender of a request for.
fn who(server: &TestServer, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
    let answer = raw::ask(server, method, target, headers, body);
    match serde_json::from_str::<serde_json::Value>(&answer.body) {
        Ok(body) if answer.status < 300 => body
            .pointer("/user/username")
            .or(body.get("username"))
            .and_then(|name| name.as_str())
            .unwrap()
            .to_owned(),
        _ => answer.brief(),
    }
}

fn digest(secret: &str) -> landfall_domain::token::Digest {
    Secret::new(secret.to_owned()).digest()
}

async fn stored(server: &TestServer, secret: &'static str) -> AccessToken {
    let found: Result<_, landfall_store::Error> = server
        .store
        .read(move |conn| tokens::by_digest(conn, &digest(secret)))
        .await;
    found.unwrap().expect("the token is there").0
}

async fn set_state(server: &TestServer, username: &'static str, state: UserState) {
    server
        .write(move |tx| {
            let mut user = users::by_username(tx, username)?.unwrap();
            user.state = state;
            Ok(users::update(tx, &user)?)
        })
        .await;
}

async fn revoke(server: &TestServer, secret: &'static str) {
    server
        .write(move |tx| {
            let (token, _) = tokens::by_digest(tx, &digest(secret))?.unwrap();
            Ok(tokens::revoke(tx, token.id)?)
        })
        .await;
}

each_engine!(
    async fn a_token_is_found_in_each_of_its_places(server) {
        ledger(&server).await;
        server.user("ada").await;
        let user = "/api/v4/user";
        let both = "/api/v4/user?private_token=ada-token&access_token=root-token";
        let empty = [("PRIVATE-TOKEN", ""), BEARER];
        let others = [("JOB-TOKEN", "x"), ("DEPLOY-TOKEN", "x"), ROOT];
        let bearer = |text: &'static str| [("Authorization", text)];
        let cases: Vec<(&str, String)> = vec![
            ("PRIVATE-TOKEN", who(&server, "GET", user, &[ROOT], b"")),
            ("private-token", who(&server, "GET", user, &[("private-token", "ada-token")], b"")),
            ("private_token=", who(&server, "GET", "/api/v4/user?private_token=ada-token", &[], b"")),
            ("Bearer", who(&server, "GET", user, &bearer("Bearer ada-token"), b"")),
            ("bearer", who(&server, "GET", user, &bearer("bearer  ada-token"), b"")),
            ("access_token=", who(&server, "GET", "/api/v4/user?access_token=ada-token", &[], b"")),
            ("bearer_token=", who(&server, "GET", "/api/v4/user?bearer_token=ada-token", &[], b"")),
            ("parameter before header", who(&server, "GET", "/api/v4/user?private_token=ada-token", &[ROOT], b"")),
            ("PRIVATE-TOKEN before Bearer", who(&server, "GET", user, &[("PRIVATE-TOKEN", "ada-token"), BEARER], b"")),
            ("private_token= before access_token=", who(&server, "GET", both, &[], b"")),
            ("Bearer before bearer_token=", who(&server, "GET", "/api/v4/user?bearer_token=ada-token", &[BEARER], b"")),
            ("a bad one hides a good one", who(&server, "GET", user, &[("PRIVATE-TOKEN", "bad"), BEARER], b"")),
            ("an empty one hides none", who(&server, "GET", "/api/v4/user?private_token=", &empty, b"")),
            ("Bearer and access_token=", who(&server, "GET", "/api/v4/user?access_token=ada-token", &[BEARER], b"")),
            ("nothing", who(&server, "GET", user, &[], b"")),
            ("unknown", who(&server, "GET", user, &[("PRIVATE-TOKEN", "nonsense")], b"")),
            ("Bearer without a token", who(&server, "GET", user, &bearer("Bearer "), b"")),
            ("another scheme", who(&server, "GET", user, &bearer("Token root-token"), b"")),
            ("Basic", who(&server, "GET", user, &bearer("Basic cm9vdDpyb290LXRva2Vu"), b"")),
            ("DEPLOY-TOKEN", who(&server, "GET", user, &[("DEPLOY-TOKEN", "root-token")], b"")),
            ("JOB-TOKEN", who(&server, "GET", user, &[("JOB-TOKEN", "root-token")], b"")),
            ("JOB-TOKEN beside a token", who(&server, "GET", user, &others, b"")),
            ("job_token=", who(&server, "GET", "/api/v4/user?job_token=root-token&token=root-token", &[], b"")),
            ("a cookie", who(&server, "GET", user, &[("Cookie", "_gitlab_session=root-token")], b"")),
        ];
        let shown: String = cases.iter().map(|(what, who)| format!("{what} -> {who}\n")).collect();
        insta::assert_snapshot!(shown, @r#"
        PRIVATE-TOKEN -> root
        private-token -> ada
        private_token= -> ada
        Bearer -> ada
        bearer -> ada
        access_token= -> ada
        bearer_token= -> ada
        parameter before header -> ada
        PRIVATE-TOKEN before Bearer -> ada
        private_token= before access_token= -> ada
        Bearer before bearer_token= -> root
        a bad one hides a good one -> 401 {"message":"401 Unauthorized"}
        an empty one hides none -> root
        Bearer and access_token= -> 400 {"error":"invalid_request","error_description":"Both Authorization header and payload includes access token."}
        nothing -> 401 {"message":"401 Unauthorized"}
        unknown -> 401 {"message":"401 Unauthorized"}
        Bearer without a token -> 401 {"message":"401 Unauthorized"}
        another scheme -> 401 {"message":"401 Unauthorized"}
        Basic -> 401 {"message":"401 Unauthorized"}
        DEPLOY-TOKEN -> 401 {"message":"401 Unauthorized"}
        JOB-TOKEN -> 401 {"message":"401 Unauthorized"}
        JOB-TOKEN beside a token -> root
        job_token= -> 401 {"message":"401 Unauthorized"}
        a cookie -> 401 {"message":"401 Unauthorized"}
        "#);

        // In bodies.
        let form = |name: &str| format!("{DEPLOYMENT}&{name}=root-token");
        for name in ["private_token", "access_token", "bearer_token"] {
            assert_eq!(who(&server, "POST", COLLECTION, &[FORM], form(name).as_bytes()), "root", "{name}");
        }
        let body = json!({
            "environment": "qa", "sha": "1".repeat(40), "ref": "main", "tag": false, "status": "failed",
            "private_token": "root-token",
        });
        assert_eq!(who(&server, "POST", COLLECTION, &[JSON], body.to_string().as_bytes()), "root");
        let twice = who(&server, "POST", COLLECTION, &[FORM, BEARER], form("access_token").as_bytes());
        assert!(twice.starts_with("400"), "{twice}");
        // A token that is no text is none.
        assert!(who(&server, "POST", COLLECTION, &[JSON], br#"{"private_token":1}"#).starts_with("401"));
    }
);

each_engine!(
    async fn tokens_and_users_that_are_refused(server) {
        ledger(&server).await;
        for name in ["ada", "blocked", "banned", "deactivated"] {
            server.user(name).await;
        }
        set_state(&server, "blocked", UserState::Blocked).await;
        set_state(&server, "banned", UserState::Banned).await;
        set_state(&server, "deactivated", UserState::Deactivated).await;
        server.token("ada", "expired", &[Scope::Api], Some("2026-01-01")).await;
        server.token("ada", "revoked", &[Scope::Api], None).await;
        server.token("ada", "both", &[Scope::Api], Some("2026-01-01")).await;
        revoke(&server, "revoked").await;
        revoke(&server, "both").await;
        let mut shown = String::new();
        for secret in ["nonsense", "expired", "revoked", "both", "blocked-token", "banned-token", "deactivated-token"] {
            for target in [COLLECTION, "/api/v4/projects"] {
                let answer = raw::ask(&server, "GET", target, &[("PRIVATE-TOKEN", secret)], b"");
                let challenge = answer.header("www-authenticate").unwrap_or("-");
                shown += &format!("{secret} {target} -> {}\n  {challenge}\n", answer.brief());
            }
        }
        insta::assert_snapshot!(shown, @r#"
        nonsense /api/v4/projects/1/deployments -> 401 {"message":"401 Unauthorized"}
          -
        nonsense /api/v4/projects -> 401 {"message":"401 Unauthorized"}
          -
        expired /api/v4/projects/1/deployments -> 401 {"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}
          Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="Token is expired. You can either do re-authorization or token refresh."
        expired /api/v4/projects -> 401 {"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}
          Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="Token is expired. You can either do re-authorization or token refresh."
        revoked /api/v4/projects/1/deployments -> 401 {"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}
          Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="Token was revoked. You have to re-authorize from the user."
        revoked /api/v4/projects -> 401 {"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}
          Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="Token was revoked. You have to re-authorize from the user."
        both /api/v4/projects/1/deployments -> 401 {"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}
          Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="Token is expired. You can either do re-authorization or token refresh."
        both /api/v4/projects -> 401 {"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}
          Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="Token is expired. You can either do re-authorization or token refresh."
        blocked-token /api/v4/projects/1/deployments -> 403 {"message":"403 Forbidden - Your account has been blocked."}
          -
        blocked-token /api/v4/projects -> 403 {"message":"403 Forbidden - Your account has been blocked."}
          -
        banned-token /api/v4/projects/1/deployments -> 403 {"message":"403 Forbidden - Your account has been blocked."}
          -
        banned-token /api/v4/projects -> 403 {"message":"403 Forbidden - Your account has been blocked."}
          -
        deactivated-token /api/v4/projects/1/deployments -> 403 {"message":"403 Forbidden - Your account has been deactivated by your administrator. Please log back in from a web browser to reactivate your account at http://landfall.example"}
          -
        deactivated-token /api/v4/projects -> 403 {"message":"403 Forbidden - Your account has been deactivated by your administrator. Please log back in from a web browser to reactivate your account at http://landfall.example"}
          -
        "#);
        let nobody = raw::ask(&server, "GET", COLLECTION, &[], b"");
        assert_eq!((nobody.status, nobody.header("www-authenticate")), (401, None));
    }
);

each_engine!(
    async fn a_token_dies_when_its_last_day_begins(server) {
        ledger(&server).await;
        server.token("root", "short", &[Scope::Api], Some("2026-01-03")).await;
        let status = || raw::ask(&server, "GET", COLLECTION, &[("PRIVATE-TOKEN", "short")], b"").status;
        assert_eq!(status(), 200);
        let midnight: landfall_domain::time::Timestamp = "2026-01-03T00:00:00Z"
            .parse::<jiff::Timestamp>()
            .map(|at| landfall_domain::time::Timestamp::from_micros(at.as_microsecond()))
            .unwrap();
        server.clock.set(landfall_domain::time::Timestamp(midnight.0 - 1));
        assert_eq!(status(), 200);
        server.clock.set(midnight);
        assert_eq!(status(), 401);
    }
);

each_engine!(
    async fn what_an_administrator_changes_holds_from_the_next_request_on(server) {
        ledger(&server).await;
        server.user("ada").await;
        let who_am_i = |secret: &'static str| who(&server, "GET", "/api/v4/user", &[("PRIVATE-TOKEN", secret)], b"");
        assert_eq!(who_am_i("ada-token"), "ada");
        set_state(&server, "ada", UserState::Blocked).await;
        assert!(who_am_i("ada-token").starts_with("403"));
        set_state(&server, "ada", UserState::Active).await;
        assert_eq!(who_am_i("ada-token"), "ada");
        revoke(&server, "ada-token").await;
        assert!(who_am_i("ada-token").starts_with("401"));
        server.token("ada", "new", &[Scope::Api], None).await;
        assert_eq!(who_am_i("new"), "ada");
    }
);

each_engine!(
    async fn scopes_bound_what_a_token_opens(server) {
        ledger(&server).await;
        let one = "/api/v4/projects/1/deployments/1";
        for scope in Scope::ALL {
            server.token("root", &format!("only-{}", scope.as_str()), &[*scope], None).await;
        }
        let mut shown = String::new();
        for (method, target) in [
            ("GET", COLLECTION),
            ("HEAD", COLLECTION),
            ("OPTIONS", COLLECTION),
            ("POST", COLLECTION),
            ("PUT", one),
            ("DELETE", "/api/v4/projects/1/deployments/9"),
            ("GET", "/api/v4/projects"),
            ("POST", "/api/v4/projects"),
            ("GET", "/api/v4/user"),
            ("GET", "/api/v4/users/1"),
            ("GET", "/api/v4/version"),
            ("GET", "/api/v4/personal_access_tokens/self"),
            ("GET", "/api/v4/openapi.json"),
        ] {
            let statuses = Scope::ALL.iter().map(|scope| {
                let secret = format!("only-{}", scope.as_str());
                let answer = raw::ask(&server, method, target, &[("PRIVATE-TOKEN", &secret)], b"");
                format!("{} {}", scope.as_str(), answer.status)
            });
            shown += &format!("{method} {target}: {}\n", statuses.collect::<Vec<_>>().join(", "));
        }
        insta::assert_snapshot!(shown, @"
        GET /api/v4/projects/1/deployments: api 200, read_api 200, read_user 403, sudo 403, self_rotate 403
        HEAD /api/v4/projects/1/deployments: api 200, read_api 200, read_user 403, sudo 403, self_rotate 403
        OPTIONS /api/v4/projects/1/deployments: api 204, read_api 204, read_user 204, sudo 204, self_rotate 204
        POST /api/v4/projects/1/deployments: api 400, read_api 403, read_user 403, sudo 403, self_rotate 403
        PUT /api/v4/projects/1/deployments/1: api 400, read_api 403, read_user 403, sudo 403, self_rotate 403
        DELETE /api/v4/projects/1/deployments/9: api 404, read_api 403, read_user 403, sudo 403, self_rotate 403
        GET /api/v4/projects: api 200, read_api 200, read_user 403, sudo 403, self_rotate 403
        POST /api/v4/projects: api 400, read_api 403, read_user 403, sudo 403, self_rotate 403
        GET /api/v4/user: api 200, read_api 200, read_user 200, sudo 403, self_rotate 403
        GET /api/v4/users/1: api 200, read_api 200, read_user 200, sudo 403, self_rotate 403
        GET /api/v4/version: api 200, read_api 200, read_user 200, sudo 403, self_rotate 403
        GET /api/v4/personal_access_tokens/self: api 200, read_api 200, read_user 200, sudo 200, self_rotate 200
        GET /api/v4/openapi.json: api 200, read_api 200, read_user 200, sudo 200, self_rotate 200
        ");
        let refusals = [
            ("GET", COLLECTION, "only-read_user"),
            ("POST", COLLECTION, "only-read_api"),
            ("GET", "/api/v4/user", "only-sudo"),
        ]
        .map(|(method, target, secret)| raw::ask(&server, method, target, &[("PRIVATE-TOKEN", secret)], b"").brief());
        insta::assert_snapshot!(refusals.join("\n"), @r#"
        403 {"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}
        403 {"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}
        403 {"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api read_user"}
        "#);
    }
);

each_engine!(
    async fn an_administrator_can_act_as_somebody_else(server) {
        ledger(&server).await;
        server.user("Ada").await;
        server.user("eve").await;
        set_state(&server, "eve", UserState::Blocked).await;
        server.token("root", "sudo-only", &[Scope::Sudo], None).await;
        server.token("root", "no-sudo", &[Scope::Api], None).await;
        server.token("root", "dead", &[Scope::Api, Scope::Sudo], Some("2026-01-01")).await;
        let user = "/api/v4/user";
        let cases: Vec<(&str, String)> = vec![
            ("header, name", who(&server, "GET", user, &[ROOT, ("Sudo", "Ada")], b"")),
            ("header, name in another case", who(&server, "GET", user, &[ROOT, ("sudo", "aDA")], b"")),
            ("header, id", who(&server, "GET", user, &[ROOT, ("Sudo", "2")], b"")),
            ("parameter, name", who(&server, "GET", "/api/v4/user?sudo=ada", &[ROOT], b"")),
            ("parameter, id", who(&server, "GET", "/api/v4/user?sudo=2", &[ROOT], b"")),
            ("parameter before header", who(&server, "GET", "/api/v4/user?sudo=ada", &[ROOT, ("Sudo", "root")], b"")),
            ("empty", who(&server, "GET", "/api/v4/user?sudo=", &[ROOT, ("Sudo", "")], b"")),
            ("oneself", who(&server, "GET", user, &[ROOT, ("Sudo", "root")], b"")),
            ("Bearer", who(&server, "GET", user, &[BEARER, ("Sudo", "ada")], b"")),
            ("only the scope sudo", who(&server, "GET", user, &[("PRIVATE-TOKEN", "sudo-only"), ("Sudo", "ada")], b"")),
            ("unknown name", who(&server, "GET", user, &[ROOT, ("Sudo", "nobody")], b"")),
            ("unknown id", who(&server, "GET", user, &[ROOT, ("Sudo", "123")], b"")),
            ("no scope", who(&server, "GET", user, &[("PRIVATE-TOKEN", "no-sudo"), ("Sudo", "ada")], b"")),
            ("no scope, unknown name", who(&server, "GET", user, &[("PRIVATE-TOKEN", "no-sudo"), ("Sudo", "x")], b"")),
            ("no administrator", who(&server, "GET", user, &[("PRIVATE-TOKEN", "Ada-token"), ("Sudo", "root")], b"")),
            ("a dead token", who(&server, "GET", user, &[("PRIVATE-TOKEN", "dead"), ("Sudo", "ada")], b"")),
            ("an unknown token", who(&server, "GET", user, &[("PRIVATE-TOKEN", "x"), ("Sudo", "ada")], b"")),
            ("no token", who(&server, "GET", user, &[("Sudo", "ada")], b"")),
            ("no token where none is needed", who(&server, "GET", "/api/v4/projects", &[("Sudo", "ada")], b"")),
            ("a blocked user", who(&server, "GET", user, &[ROOT, ("Sudo", "eve")], b"")),
        ];
        let shown: String = cases.iter().map(|(what, who)| format!("{what} -> {who}\n")).collect();
        insta::assert_snapshot!(shown, @r#"
        header, name -> Ada
        header, name in another case -> Ada
        header, id -> Ada
        parameter, name -> Ada
        parameter, id -> Ada
        parameter before header -> Ada
        empty -> root
        oneself -> root
        Bearer -> Ada
        only the scope sudo -> Ada
        unknown name -> 404 {"message":"404 User with ID or username 'nobody' Not Found"}
        unknown id -> 404 {"message":"404 User with ID or username '123' Not Found"}
        no scope -> 403 {"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"sudo"}
        no scope, unknown name -> 403 {"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"sudo"}
        no administrator -> 403 {"message":"403 Forbidden - Must be admin to use sudo"}
        a dead token -> 401 {"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}
        an unknown token -> 401 {"message":"401 Unauthorized"}
        no token -> 401 {"message":"401 Unauthorized"}
        no token where none is needed -> 401 {"message":"401 Unauthorized"}
        a blocked user -> 403 {"message":"403 Forbidden - Your account has been blocked."}
        "#);

        // With the rights of the other: Ada does not see the project, and as a developer of it deploys in her own name.
        let as_ada = |body: &str| who(&server, "POST", COLLECTION, &[ROOT, FORM, ("Sudo", "ada")], body.as_bytes());
        assert_eq!(as_ada(DEPLOYMENT), r#"404 {"message":"404 Project Not Found"}"#);
        let project = landfall_domain::ids::ProjectId(1);
        server.member(project, "Ada", landfall_domain::access::AccessLevel::Developer).await;
        assert_eq!(as_ada(DEPLOYMENT), "Ada");
        let body = json!({
            "environment": "qa", "sha": "1".repeat(40), "ref": "main", "tag": false, "status": "failed", "sudo": 2,
        });
        assert_eq!(who(&server, "POST", COLLECTION, &[ROOT, JSON], body.to_string().as_bytes()), "Ada");
    }
);

each_engine!(
    async fn the_use_of_a_token_is_noted_every_ten_minutes(server) {
        ledger(&server).await;
        server.token("root", "used", &[Scope::Api], None).await;
        let status = || raw::ask(&server, "GET", COLLECTION, &[("PRIVATE-TOKEN", "used")], b"").status;
        assert_eq!(stored(&server, "used").await.last_used_at, None);
        assert_eq!(status(), 200);
        while stored(&server, "used").await.last_used_at.is_none() {
            tokio::task::yield_now().await;
        }
        assert_eq!(stored(&server, "used").await.last_used_at, Some(NOW));
        // If this use were noted, the next one would not be.
        server.clock.advance(Duration::from_secs(599));
        assert_eq!(status(), 200);
        server.clock.advance(Duration::from_secs(1));
        assert_eq!(status(), 200);
        while stored(&server, "used").await.last_used_at == Some(NOW) {
            tokio::task::yield_now().await;
        }
        assert_eq!(stored(&server, "used").await.last_used_at, Some(NOW.plus(Duration::from_mins(10))));
        // A use that is refused is none.
        server.token("root", "unused", &[Scope::ReadUser], None).await;
        assert_eq!(raw::ask(&server, "GET", COLLECTION, &[("PRIVATE-TOKEN", "unused")], b"").status, 403);
        assert_eq!(stored(&server, "unused").await.last_used_at, None);
    }
);

each_engine!(
    async fn tokens_stay_out_of_logs_and_links(server) {
        let log = logs::capture();
        ledger(&server).await;
        let secret = format!("glpat-secret-{}", server.url.rsplit(':').next().unwrap());
        server.token("root", &secret, &[Scope::Api, Scope::Sudo], None).await;
        let mark = format!("mark{}", server.url.rsplit(':').next().unwrap());
        let query = format!("per_page=1&{mark}=1&sudo=root");
        for place in ["private_token", "access_token", "bearer_token"] {
            let target = format!("{COLLECTION}?{query}&{place}={secret}&token={secret}&job_token={secret}");
            let answer = raw::ask(&server, "GET", &target, &[], b"");
            assert_eq!(answer.status, 200);
            let link = answer.header("link").unwrap();
            assert!(link.contains(&mark) && !link.contains(&secret) && !link.contains("sudo"), "{link}");
        }
        let bearer = format!("Bearer {secret}");
        raw::ask(&server, "GET", &format!("/api/v4/{mark}"), &[("Authorization", &bearer)], b"");
        raw::ask(&server, "GET", &format!("/api/v4/{mark}?private_token={secret}"), &[("PRIVATE-TOKEN", &secret)], b"");
        let bad = format!("{secret}-of-nobody");
        raw::ask(&server, "GET", &format!("/api/v4/projects?{mark}"), &[("PRIVATE-TOKEN", &bad)], b"");
        let text = log.text();
        assert!(text.contains(&format!("/api/v4/{mark}")), "the requests were logged");
        assert!(!text.contains(&secret), "a token was logged");
    }
);
