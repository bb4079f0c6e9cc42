//! `/version` and `/metadata` (neighbours, section 2).

use landfall_domain::token::Scope;

use crate::support::each_engine;

each_engine!(
    async fn version_and_metadata_say_the_same(server) {
        let ada = server.user("ada").await;
        let version = ada.get("/version").await;
        let shown = version.body.replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(shown, @r#"{"version":"18.9.0","revision":"landfall","kas":{"enabled":false,"externalUrl":null,"externalK8sProxyUrl":null,"version":null},"enterprise":false,"landfall":{"version":"VERSION"}}"#);
        assert_eq!(version.status, 200);
        assert_eq!(ada.get("/metadata").await.body, version.body);
        // Clients choose features by it.
        let number = version.json(200)["version"].as_str().unwrap().to_owned();
        assert_eq!(number.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3, "{number}");
        for scope in [Scope::ReadApi, Scope::ReadUser] {
            server.token("ada", scope.as_str(), &[scope], None).await;
            assert_eq!(server.bearer_of(scope.as_str()).get("/metadata").await.status, 200);
        }
        for path in ["/version", "/metadata"] {
            assert_eq!(server.nobody().get(path).await.told(), (401, r#"{"message":"401 Unauthorized"}"#));
        }
    }
);
