//! GET `/groups/:id`.

use http::{Method, StatusCode};

use super::ID;
use crate::{
    api::{
        endpoint::{Access, Answer, Endpoint, Handler, Login, Paging},
        pipeline::json,
    },
    views::group::GroupDetail,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/groups/{id}",
    id: "getGroup",
    summary: "Get a group",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[ID],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Group"),
    refusals: &[404],
    handler: Handler::ReadGroup(|cx, found, _| json(StatusCode::OK, &GroupDetail::new(&found.group, cx.urls()))),
};
