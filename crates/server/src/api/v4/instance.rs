//! What the instance is: `/version`, `/metadata` (neighbours, section 2) and the description of the API.

use http::{Method, StatusCode};
use landfall_store::Conn;
use serde_json::json;

use crate::api::{
    context::Cx,
    endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
    openapi, pipeline, reply,
};

/// The GitLab version whose behaviour this server has; clients choose features by it.
const GITLAB_VERSION: &str = "18.9.0";

pub(crate) const VERSION: Endpoint = Endpoint {
    method: Method::GET,
    path: "/version",
    id: "getVersion",
    summary: "The version of the API, and of this server",
    login: Login::Required,
    access: Access::User,
    prepare: None,
    params: &[],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Metadata"),
    refusals: &[],
    handler: Handler::Read(metadata),
};

pub(crate) const METADATA: Endpoint = Endpoint {
    path: "/metadata",
    id: "getMetadata",
    summary: "The same as /version",
    ..VERSION
};

pub(crate) const OPENAPI: Endpoint = Endpoint {
    method: Method::GET,
    path: "/openapi.json",
    id: "getOpenapi",
    summary: "This description",
    login: Login::Optional,
    access: Access::Any,
    prepare: None,
    params: &[],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Anything"),
    refusals: &[],
    handler: Handler::Read(openapi),
};

#[expect(clippy::unnecessary_wraps, reason = "the signature of handlers")]
fn metadata(_: &Cx, _: &mut Conn<'_>) -> Outcome {
    let body = json!({
        "version": GITLAB_VERSION,
        "revision": "landfall",
        "kas": { "enabled": false, "externalUrl": null, "externalK8sProxyUrl": null, "version": null },
        "enterprise": false,
        "landfall": { "version": env!("CARGO_PKG_VERSION") },
    });
    Ok(reply::json(StatusCode::OK, body.to_string()))
}

fn openapi(cx: &Cx, _: &mut Conn<'_>) -> Outcome {
    pipeline::json(StatusCode::OK, &openapi::document(cx.urls()))
}
