//! POST `/users/:user_id/personal_access_tokens`, for administrators, and POST `/user/personal_access_tokens`, which
//! makes none but tokens that can rotate themselves.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::ids::UserId;
use landfall_store::users;

use super::{DEFAULT_DAYS, DESCRIPTION, EXPIRES_AT, NAME, SCOPES, last_day, new_secret, scopes, split_scopes};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
        pipeline::json,
    },
    ops::create_token::{CreateToken, create_token},
    views::token::NewTokenView,
};

pub(crate) const FOR_USER: Endpoint = Endpoint {
    method: Method::POST,
    path: "/users/{user_id}/personal_access_tokens",
    id: "createUserToken",
    summary: "Create an access token for a user",
    login: Login::Required,
    access: Access::Api,
    prepare: Some(split_scopes),
    params: &[
        Param::integer("user_id").in_path().doc("The user's id"),
        NAME,
        DESCRIPTION,
        SCOPES,
        EXPIRES_AT,
    ],
    rules: &[],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("NewAccessToken"),
    refusals: &[404, 422],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(for_user(app, cx)) }),
};

pub(crate) const OWN: Endpoint = Endpoint {
    method: Method::POST,
    path: "/user/personal_access_tokens",
    id: "createOwnToken",
    summary: "Create an access token that can do nothing but rotate itself",
    login: Login::Required,
    access: Access::Api,
    prepare: Some(split_scopes),
    params: &[
        NAME,
        DESCRIPTION,
        Param::text_list("scopes")
            .required()
            .not_blank()
            .words(&["self_rotate"])
            .doc("What it allows"),
        EXPIRES_AT,
    ],
    rules: &[],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("NewAccessToken"),
    refusals: &[422],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(own(app, cx)) }),
};

/// Days that a token is good for that somebody makes for the own use.
const DEFAULT_DAYS_OWN: i32 = 1;

async fn for_user(app: Arc<App>, cx: Cx) -> Outcome {
    if !cx.user()?.admin {
        return Err(ApiError::forbidden());
    }
    let id = UserId(cx.params.integer("user_id").unwrap_or_default());
    let user = app.store.read(move |conn| users::by_id(conn, id)).await?;
    let user = user.ok_or_else(|| ApiError::thing_not_found("User"))?;
    create(&app, &cx, user.id, DEFAULT_DAYS).await
}

async fn own(app: Arc<App>, cx: Cx) -> Outcome {
    let id = cx.user()?.id;
    create(&app, &cx, id, DEFAULT_DAYS_OWN).await
}

async fn create(app: &App, cx: &Cx, user_id: UserId, default_days: i32) -> Outcome {
    let secret = new_secret()?;
    let unprocessable = |text: String| ApiError::Message(StatusCode::UNPROCESSABLE_ENTITY, text.into());
    let wanted = CreateToken {
        user_id,
        name: cx.params.text("name").unwrap_or_default().to_owned(),
        description: cx.params.text("description").map(str::to_owned),
        digest: secret.digest(),
        scopes: scopes(&cx.params),
        expires_at: Some(last_day(cx, default_days).map_err(unprocessable)?),
        source: None,
        now: cx.now,
    };
    let token = app.store.write(move |tx| create_token(tx, &wanted)).await?;
    json(StatusCode::CREATED, &NewTokenView::new(&token, &secret, cx.now.date()))
}
