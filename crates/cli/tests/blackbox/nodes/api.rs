//! Requests whose every answer matters, also those that are no success.

use serde_json::{Value, json};

use crate::program::TOKEN;

/// The deployments of the project.
pub(super) const DEPLOYMENTS: &str = "/projects/1/deployments";

/// A client with a connection of its own.
#[derive(Clone)]
pub(super) struct Api(reqwest::Client);

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<String>,
    pub(super) body: Value,
}

impl Answer {
    /// The body of an answer that must have this status.
    pub(super) fn json(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

impl Api {
    pub(super) fn new() -> Api {
        // Whatever has set one before has set the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Api(reqwest::Client::builder().no_proxy().build().unwrap())
    }

    pub(super) async fn get(&self, node: &str, path: &str) -> Answer {
        answer(self.0.get(format!("{node}/api/v4{path}"))).await
    }

    pub(super) async fn put(&self, node: &str, path: &str, body: &Value) -> Answer {
        answer(self.0.put(format!("{node}/api/v4{path}")).json(body)).await
    }

    pub(super) async fn post(&self, node: &str, path: &str, body: &Value) -> Answer {
        answer(self.0.post(format!("{node}/api/v4{path}")).json(body)).await
    }

    /// Creates a deployment that can be told from others by its ref.
    pub(super) async fn create(&self, node: &str, environment: &str, git_ref: &str) -> Answer {
        let body = json!({
            "environment": environment, "sha": "a".repeat(40), "ref": git_ref, "tag": false,
            "status": "success",
        });
        self.post(node, DEPLOYMENTS, &body).await
    }

    /// Every deployment, the oldest first.
    pub(super) async fn all(&self, node: &str) -> Vec<Value> {
        let mut found: Vec<Value> = Vec::new();
        loop {
            let page = found.len() / 100 + 1;
            let path = format!("{DEPLOYMENTS}?order_by=id&sort=asc&per_page=100&page={page}");
            let rows = self.get(node, &path).await.json(200);
            let rows = rows.as_array().unwrap();
            found.extend(rows.iter().cloned());
            if rows.len() < 100 {
                return found;
            }
        }
    }

    /// Whether a node says that it is ready; one that is gone does not.
    pub(super) async fn is_ready(&self, node: &str) -> bool {
        let asked = self.0.get(format!("{node}/-/readiness")).send().await;
        asked.is_ok_and(|answer| answer.status() == 200)
    }
}

/// There always is an answer.
async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let answer = request.header("private-token", TOKEN).send().await.unwrap();
    let retry_after = answer.headers().get("retry-after");
    let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
    Answer {
        status: answer.status().as_u16(),
        retry_after,
        body: answer.json().await.unwrap(),
    }
}

/// Every deployment has the iid after the one before, none is missing and none is there twice.
pub(super) fn assert_iids_without_gaps(deployments: &[Value]) {
    let iids: Vec<i64> = deployments.iter().map(|row| row["iid"].as_i64().unwrap()).collect();
    let most = i64::try_from(deployments.len()).unwrap();
    assert!(iids.iter().copied().eq(1..=most), "{iids:?}");
}
