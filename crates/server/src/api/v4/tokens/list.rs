//! GET `/personal_access_tokens`: the own ones, for administrators all.

use http::Method;
use landfall_store::{Conn, token_list::TokenFilter};

use super::{
    CREATED_AFTER, CREATED_BEFORE, EXPIRES_AFTER, EXPIRES_BEFORE, LAST_USED_AFTER, LAST_USED_BEFORE, REVOKED, SEARCH,
    SORT, STATE, filter, owner, page,
};
use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        pagination::{self, PAGE, PER_PAGE},
        params::Param,
    },
    views::token::TokenBasic,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/personal_access_tokens",
    id: "listTokens",
    summary: "List one's own access tokens; administrators: all",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        PAGE,
        PER_PAGE,
        Param::integer("user_id").doc("Only this user's"),
        REVOKED,
        STATE,
        CREATED_BEFORE,
        CREATED_AFTER,
        LAST_USED_BEFORE,
        LAST_USED_AFTER,
        EXPIRES_BEFORE,
        EXPIRES_AFTER,
        SEARCH,
        SORT,
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("AccessTokenBasic"),
    refusals: &[],
    handler: Handler::Read(handler),
};

fn handler(cx: &Cx, conn: &mut Conn<'_>) -> Outcome {
    let filter = TokenFilter {
        user_id: owner(cx)?,
        ..filter(&cx.params)
    };
    let page = page(conn, cx, &filter, pagination::offset(&cx.params))?;
    let today = cx.now.date();
    let views: Vec<TokenBasic<'_>> = page.rows.iter().map(|token| TokenBasic::new(token, today)).collect();
    page.answer(cx, &views)
}
