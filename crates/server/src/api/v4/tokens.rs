//! `/personal_access_tokens/self` (neighbours, section 6).

use http::{Method, StatusCode};
use landfall_store::Conn;

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

fn itself(cx: &Cx, _: &mut Conn<'_>) -> Outcome {
    let signed_in = cx.signed_in.as_ref().ok_or_else(ApiError::unauthorized)?;
    json(StatusCode::OK, &TokenView::new(&signed_in.token, cx.now.date()))
}
