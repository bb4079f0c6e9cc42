//! `/personal_access_tokens/self` (neighbours, section 6).
#![expect(
    clippy::format_push_string,
    reason = "a table that is shown is made line by line, and it does not matter how fast"
)]

mod bots;
mod manage;

use std::time::Duration;

use landfall_domain::token::Scope;
use serde_json::Value;

use crate::support::{Caller, each_engine};

/// Uses a token until its last use is another one than `before`; it is noted behind the answer's back.
async fn next_use(token: &Caller, before: &Value) -> Value {
    for _ in 0..100_000 {
        let shown = token.get("/personal_access_tokens/self").await.json(200);
        if shown["last_used_at"] != *before {
            return shown["last_used_at"].clone();
        }
    }
    panic!("the use of the token is never noted")
}

each_engine!(
    async fn a_token_can_be_looked_at_with_itself(server) {
        server.user("ada").await;
        server.token("ada", "ci", &[Scope::ReadUser, Scope::Api], Some("2026-06-30")).await;
        server.token("ada", "nothing-much", &[Scope::Sudo], None).await;
        let ci = server.bearer_of("ci");
        insta::assert_json_snapshot!(ci.get("/personal_access_tokens/self").await.json(200), @r#"
        {
          "id": 2,
          "name": "test",
          "revoked": false,
          "created_at": "2026-01-02T03:04:05.678Z",
          "description": null,
          "scopes": [
            "api",
            "read_user"
          ],
          "user_id": 1,
          "last_used_at": null,
          "active": true,
          "expires_at": "2026-06-30",
          "last_used_ips": []
        }
        "#);
        let other = server.bearer_of("nothing-much").get("/personal_access_tokens/self").await.json(200);
        assert_eq!((&other["scopes"], &other["expires_at"]), (&serde_json::json!(["sudo"]), &serde_json::Value::Null));
        // The secret is nowhere, and the first use is seen by a later one.
        assert!(!ci.get("/personal_access_tokens/self").await.body.contains("\"ci\""));
        assert_eq!(next_use(&ci, &Value::Null).await, "2026-01-02T03:04:05.678Z");
        assert_eq!(
            server.nobody().get("/personal_access_tokens/self").await.told(),
            (401, r#"{"message":"401 Unauthorized"}"#)
        );
    }
);

each_engine!(
    async fn the_last_use_is_noted_again_after_ten_minutes(server) {
        server.user("ada").await;
        server.token("ada", "ci", &[Scope::Api], None).await;
        let ci = server.bearer_of("ci");
        let first = next_use(&ci, &Value::Null).await;
        assert_eq!(first, "2026-01-02T03:04:05.678Z");
        server.clock.advance(Duration::from_mins(9));
        ci.get("/version").await.json(200);
        server.clock.advance(Duration::from_mins(2));
        // Had the use after nine minutes been noted, this one would not be yet.
        assert_eq!(next_use(&ci, &first).await, "2026-01-02T03:15:05.678Z");
    }
);
