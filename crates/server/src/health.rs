//! The probes, in GitLab's words: `/-/health` and `/-/liveness` say that the process answers, `/-/readiness` that the
//! database does too.

use ::http::StatusCode;
use landfall_store::{Error, users};
use serde_json::json;

use crate::{
    App,
    api::{endpoint::Reply, reply},
};

/// `/-/health`.
pub(crate) fn health() -> Reply {
    reply::plain(StatusCode::OK, "GitLab OK")
}

/// `/-/liveness`.
pub(crate) fn liveness() -> Reply {
    reply::json(StatusCode::OK, json!({ "status": "ok" }).to_string())
}

/// `/-/readiness`; with `all=1` each check is listed, as GitLab does it.
pub(crate) async fn readiness(app: &App, all: bool) -> Reply {
    let asked: Result<bool, Error> = app.store.read(users::any).await;
    let (status, word) = match &asked {
        Ok(_) => (StatusCode::OK, "ok"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "failed"),
    };
    let mut body = json!({ "status": word, "master_check": [{ "status": "ok" }] });
    if all && let Some(checks) = body.as_object_mut() {
        let check = match &asked {
            Ok(_) => json!([{ "status": "ok" }]),
            Err(_) => json!([{ "status": "failed", "message": "the database does not answer" }]),
        };
        checks.insert("db_check".to_owned(), check);
    }
    reply::json(status, body.to_string())
}
