//! GET `/projects/:id/repository/tags` and `…/tags/:tag_name`.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{page::Sort, ref_name::compare_versions};
use landfall_git::{Error, Limits, RefKind, RefName, Repository};

use super::{ID, SEARCH, add_counted_pages, ask, page_of, search};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        pagination::{self, PAGE, PER_PAGE},
        params::Param,
        pipeline::json,
    },
    views::repository::TagView,
};

pub(crate) const LIST: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/repository/tags",
    id: "listTags",
    summary: "List tags",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::text("sort")
            .words(&["asc", "desc"])
            .default("desc")
            .doc("Direction"),
        Param::text("order_by")
            .words(&["name", "updated", "version"])
            .default("updated")
            .doc("By name, by the time of the tag or of its commit, or by the numbers in the name"),
        SEARCH,
        PAGE,
        PER_PAGE,
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("Tag"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(list(app, cx, project)) }),
};

async fn list(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let text = cx.params.text("search").map(str::to_owned);
    let order = cx.params.text("order_by").unwrap_or_default().to_owned();
    let sort = cx.params.text("sort").and_then(Sort::parse).unwrap_or(Sort::Desc);
    let offset = pagination::offset(&cx.params);
    let question = move |repository: &Repository, limits: &Limits| {
        let refs = sorted(repository, &order, sort, limits)?;
        let (page, total) = page_of(search(refs, text.as_deref()), offset);
        Ok((repository.tags(&page)?, total))
    };
    let (tags, total) = ask(&app, &cx, &project, &[], question).await?.unwrap_or_default();
    let view = |tag| TagView::new(tag, &project.project, cx.urls());
    let views: Vec<TagView<'_>> = tags.iter().map(view).collect();
    let mut reply = json(StatusCode::OK, &views)?;
    add_counted_pages(&cx, &mut reply, offset, views.len(), total);
    Ok(reply)
}

/// Every tag; ties by name.
fn sorted(repository: &Repository, order: &str, sort: Sort, limits: &Limits) -> Result<Vec<RefName>, Error> {
    let mut refs = repository.ref_names(RefKind::Tag, limits)?;
    match order {
        "name" => {}
        "version" => refs.sort_by(|one, other| compare_versions(&one.name, &other.name)),
        _ => {
            let times = repository.ref_times(&refs, limits)?;
            let mut by_time: Vec<_> = times.into_iter().zip(refs).collect();
            by_time.sort_by_key(|(time, _)| *time);
            refs = by_time.into_iter().map(|(_, name)| name).collect();
        }
    }
    if sort == Sort::Desc {
        refs.reverse();
    }
    Ok(refs)
}

pub(crate) const GET: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/repository/tags/{tag_name}",
    id: "getTag",
    summary: "Get a tag",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[ID, Param::text("tag_name").in_path().doc("The tag's URL-encoded name")],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Tag"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(get(app, cx, project)) }),
};

async fn get(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let name = cx.path_param("tag_name").to_owned();
    let tag = format!("refs/tags/{name}");
    let question = move |repository: &Repository, _: &Limits| {
        let refs: Vec<RefName> = repository.ref_name(RefKind::Tag, &name)?.into_iter().collect();
        repository.tags(&refs)
    };
    let found = ask(&app, &cx, &project, &[tag.as_str()], question)
        .await?
        .unwrap_or_default();
    let tag = found.first().ok_or_else(|| ApiError::thing_not_found("Tag"))?;
    json(StatusCode::OK, &TagView::new(tag, &project.project, cx.urls()))
}
