//! The probes, in GitLab's words: `/-/health` and `/-/liveness` say that the process answers, `/-/readiness` that the
//! database does too.

use ::http::StatusCode;
use landfall_store::{Error, users};
use serde_json::{Value, json};

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

/// `/-/readiness`; with `all=1` each check is listed, as GitLab does it. A server that is about to stop says that it fails.
pub(crate) async fn readiness(app: &App, is_leaving: bool, all: bool) -> Reply {
    let asked: Result<bool, Error> = app.store.read(users::any).await;
    let master = check(!is_leaving, "the server is about to stop");
    let database = check(asked.is_ok(), "the database does not answer");
    let (status, word) = match asked {
        Ok(_) if !is_leaving => (StatusCode::OK, "ok"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "failed"),
    };
    let mut body = json!({ "status": word, "master_check": [master] });
    if all && let Some(checks) = body.as_object_mut() {
        checks.insert("db_check".to_owned(), json!([database]));
    }
    reply::json(status, body.to_string())
}

fn check(is_well: bool, message: &str) -> Value {
    if is_well {
        json!({ "status": "ok" })
    } else {
        json!({ "status": "failed", "message": message })
    }
}
