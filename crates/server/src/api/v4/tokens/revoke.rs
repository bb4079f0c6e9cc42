//! DELETE `/personal_access_tokens/self` and `/personal_access_tokens/:id`.

use std::sync::Arc;

use http::Method;
use landfall_domain::ids::TokenId;
use landfall_store::tokens;

use super::ID;
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        reply,
    },
    ops::revoke_token::revoke_token,
};

pub(crate) const SELF: Endpoint = Endpoint {
    method: Method::DELETE,
    path: "/personal_access_tokens/self",
    id: "revokeOwnToken",
    summary: "Revoke the token that the request is made with",
    login: Login::Required,
    access: Access::Any,
    prepare: None,
    params: &[],
    rules: &[],
    paging: Paging::None,
    success: &[204],
    answer: Answer::Nothing,
    refusals: &[],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(itself(app, cx)) }),
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::DELETE,
    path: "/personal_access_tokens/{id}",
    id: "revokeToken",
    summary: "Revoke one of one's own access tokens; administrators: any",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID],
    rules: &[],
    paging: Paging::None,
    success: &[204],
    answer: Answer::Nothing,
    refusals: &[404],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(handler(app, cx)) }),
};

async fn itself(app: Arc<App>, cx: Cx) -> Outcome {
    let signed_in = cx.signed_in.as_ref().ok_or_else(ApiError::unauthorized)?;
    end(&app, &cx, signed_in.token.id).await
}

async fn handler(app: Arc<App>, cx: Cx) -> Outcome {
    let user = cx.user()?;
    let id = TokenId(cx.params.integer("id").unwrap_or_default());
    let token = app.store.read(move |conn| tokens::by_id(conn, id)).await?;
    match token.ok_or_else(ApiError::not_found)?.user_id {
        owner if user.admin || owner == user.id => end(&app, &cx, id).await,
        _ => Err(ApiError::bad_request("Not permitted to revoke")),
    }
}

async fn end(app: &App, cx: &Cx, id: TokenId) -> Outcome {
    let now = cx.now;
    app.store.write(move |tx| revoke_token(tx, id, now)).await?;
    Ok(reply::no_content())
}
