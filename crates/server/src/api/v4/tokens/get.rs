//! GET `/personal_access_tokens/self` and `/personal_access_tokens/:id`.

use http::{Method, StatusCode};
use landfall_store::Conn;

use super::{ID, hidden, own};
use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        error::ApiError,
        pipeline::json,
    },
    views::token::TokenView,
};

pub(crate) const SELF: Endpoint = Endpoint {
    method: Method::GET,
    path: "/personal_access_tokens/self",
    id: "getOwnToken",
    summary: "The token that the request is made with",
    login: Login::Required,
    access: Access::Any,
    prepare: None,
    params: &[],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("AccessToken"),
    refusals: &[],
    handler: Handler::Read(itself),
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/personal_access_tokens/{id}",
    id: "getToken",
    summary: "Get one of one's own access tokens; administrators: any",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("AccessToken"),
    refusals: &[404],
    handler: Handler::Read(handler),
};

fn itself(cx: &Cx, _: &mut Conn<'_>) -> Outcome {
    let signed_in = cx.signed_in.as_ref().ok_or_else(ApiError::unauthorized)?;
    json(StatusCode::OK, &TokenView::new(&signed_in.token, cx.now.date()))
}

fn handler(cx: &Cx, conn: &mut Conn<'_>) -> Outcome {
    let token = own(cx, conn)?.ok_or_else(|| hidden(cx))?;
    json(StatusCode::OK, &TokenView::new(&token, cx.now.date()))
}
