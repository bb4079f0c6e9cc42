//! GET `/projects/:id` (neighbours, 4.2): no sign-in is needed for public projects.

use http::{Method, StatusCode};
use landfall_store::Conn;

use super::{Around, ID, may_read_code, standing};
use crate::{
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        pipeline::json,
    },
    views::project::{ProjectBasic, ProjectFull},
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}",
    id: "getProject",
    summary: "Get a project",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[ID],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("ProjectAsShown"),
    refusals: &[],
    handler: Handler::ReadProject(handler),
};

fn handler(cx: &Cx, found: &InProject, conn: &mut Conn<'_>) -> Outcome {
    let project = &found.project;
    if cx.signed_in.is_none() {
        let may_read_code = may_read_code(cx, project, None);
        return json(StatusCode::OK, &ProjectBasic::new(project, may_read_code, cx.urls()));
    }
    let around = Around::of(conn, project)?;
    let standing = standing(cx, project, found.levels, around.owner.as_ref(), around.mirror.as_ref());
    json(StatusCode::OK, &ProjectFull::new(project, standing, cx.urls()))
}
