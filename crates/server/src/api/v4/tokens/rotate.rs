//! POST `/personal_access_tokens/self/rotate` and `/personal_access_tokens/:id/rotate`.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{
    ids::TokenId,
    token::{AccessToken, Secret},
};

use super::{DEFAULT_DAYS_ROTATED, EXPIRES_AT, ID, hidden, last_day, new_secret, own};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        pipeline::json,
    },
    ops::rotate_token::{RotateToken, rotate_token},
    views::token::NewTokenView,
};

pub(crate) const SELF: Endpoint = Endpoint {
    method: Method::POST,
    path: "/personal_access_tokens/self/rotate",
    id: "rotateOwnToken",
    summary: "Put a new token into the place of the one that the request is made with",
    login: Login::Required,
    access: Access::Rotate,
    prepare: None,
    params: &[EXPIRES_AT],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("NewAccessToken"),
    refusals: &[],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(itself(app, cx)) }),
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/personal_access_tokens/{id}/rotate",
    id: "rotateToken",
    summary: "Put a new token into the place of one of one's own; administrators: of any",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, EXPIRES_AT],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("NewAccessToken"),
    refusals: &[404],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(handler(app, cx)) }),
};

async fn itself(app: Arc<App>, cx: Cx) -> Outcome {
    let id = cx.signed_in.as_ref().ok_or_else(ApiError::unauthorized)?.token.id;
    let (token, secret) = rotate(&app, &cx, id).await?;
    json(StatusCode::OK, &NewTokenView::new(&token, &secret, cx.now.date()))
}

async fn handler(app: Arc<App>, cx: Cx) -> Outcome {
    let (found, cx) = app
        .store
        .read(move |conn| Ok::<_, ApiError>((own(&cx, conn)?, cx)))
        .await?;
    let old = found.ok_or_else(|| hidden(&cx))?;
    let (token, secret) = rotate(&app, &cx, old.id).await?;
    json(StatusCode::OK, &NewTokenView::new(&token, &secret, cx.now.date()))
}

/// Rotates a token that the caller may rotate.
pub(super) async fn rotate(app: &App, cx: &Cx, id: TokenId) -> Result<(AccessToken, Secret), ApiError> {
    let secret = new_secret()?;
    let wanted = RotateToken {
        id,
        digest: secret.digest(),
        expires_at: last_day(cx, DEFAULT_DAYS_ROTATED).map_err(|text| ApiError::bad_request(&text))?,
        now: cx.now,
    };
    let token = app.store.write(move |tx| rotate_token(tx, &wanted)).await?;
    Ok((token, secret))
}
