//! `/personal_access_tokens/self` (neighbours, section 6).
#![expect(
    clippy::format_push_string,
    reason = "a table that is shown is made line by line, and it does not matter how fast"
)]

mod bots;
mod manage;

use landfall_domain::token::Scope;

use crate::support::each_engine;

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
        loop {
            let last_used_at = &ci.get("/personal_access_tokens/self").await.json(200)["last_used_at"];
            if !last_used_at.is_null() {
                assert_eq!(last_used_at, "2026-01-02T03:04:05.678Z");
                break;
            }
        }
        assert_eq!(
            server.nobody().get("/personal_access_tokens/self").await.told(),
            (401, r#"{"message":"401 Unauthorized"}"#)
        );
    }
);
