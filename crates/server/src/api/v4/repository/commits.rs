//! GET `/projects/:id/repository/commits` and `…/commits/:sha`.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{page::Offset, time::Timestamp};
use landfall_git::{Commit, Error, Limits, LogQuery, Order, Repository, Start, Stats};

use super::{ID, SHA, add_pages, ask, default_branch, wanted_branch};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        pagination::{self, PAGE, PER_PAGE, PageInfo},
        params::{Param, Values},
        pipeline::json,
    },
    views::commit::{CommitDetail, ListedCommit},
};

pub(crate) const LIST: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/repository/commits",
    id: "listCommits",
    summary: "List commits",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::text("ref_name").doc("Where to begin: a branch, a tag or a commit; the default branch if missing"),
        Param::time("since").doc("Only commits of this time or later"),
        Param::time("until").doc("Only commits of this time or earlier"),
        Param::text("path").doc("Only commits that changed this file or directory"),
        Param::boolean("follow").doc("Follow a file to its former names: not supported"),
        Param::text("author").doc("Only commits with this text in the name and address of their author"),
        Param::boolean("all").doc("Commits of every branch and tag; `ref_name` does not matter then"),
        Param::boolean("with_stats").doc("With the numbers of lines that came and went"),
        Param::boolean("first_parent").doc("Of a merge, follow only the first parent"),
        Param::text("order")
            .words(&["default", "topo"])
            .default("default")
            .doc("By time, or with no parent before its children"),
        Param::boolean("trailers").doc("Trailers are always shown"),
        PAGE,
        PER_PAGE,
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("CommitInList"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(list(app, cx, project)) }),
};

async fn list(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    if cx.params.boolean("follow") == Some(true) {
        return Err(ApiError::bad_request("`follow` is not supported"));
    }
    let wanted = Wanted::new(&cx.params, wanted_branch(&project.project));
    let with_stats = cx.params.boolean("with_stats") == Some(true);
    let offset = wanted.offset;
    let ref_name = cx.params.text("ref_name").filter(|name| !name.is_empty());
    let question = move |repository: &Repository, limits: &Limits| wanted.find(repository, with_stats, limits);
    let found = ask(&app, &cx, &project, ref_name.as_slice(), question)
        .await?
        .unwrap_or_else(|| Some(Vec::new()));
    let mut commits = found.ok_or_else(|| ApiError::thing_not_found("Commit"))?;
    let rows = usize::try_from(offset.per_page).unwrap_or(usize::MAX);
    let has_next = commits.len() > rows;
    commits.truncate(rows);
    let views: Vec<ListedCommit<'_>> = commits
        .iter()
        .map(|(commit, stats)| ListedCommit::new(commit, *stats, &project.project, cx.urls()))
        .collect();
    let mut reply = json(StatusCode::OK, &views)?;
    let info = PageInfo {
        offset,
        total: None,
        has_next,
        is_empty: views.is_empty(),
    };
    add_pages(&cx, &mut reply, &info);
    Ok(reply)
}

/// Where a list of commits begins, as a client says it.
enum Begin {
    Everywhere,
    At(String),
    DefaultBranch(Option<String>),
}

/// What a client wants to be listed.
struct Wanted {
    begin: Begin,
    since: Option<i64>,
    until: Option<i64>,
    path: Option<String>,
    author: Option<String>,
    first_parent: bool,
    order: Order,
    offset: Offset,
}

impl Wanted {
    fn new(params: &Values, default_branch: Option<String>) -> Wanted {
        let filled = |name| params.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
        let on = |name| params.boolean(name) == Some(true);
        let begin = match filled("ref_name") {
            _ if on("all") => Begin::Everywhere,
            Some(ref_name) => Begin::At(ref_name),
            None => Begin::DefaultBranch(default_branch),
        };
        Wanted {
            begin,
            since: params.time("since").map(|time| -seconds(Timestamp(-time.0))),
            until: params.time("until").map(seconds),
            path: filled("path"),
            author: filled("author"),
            first_parent: on("first_parent"),
            order: match params.text("order") {
                Some("topo") => Order::Topology,
                _ => Order::Date,
            },
            offset: pagination::offset(params),
        }
    }

    /// The commits of the page and one more if there is another page. `None` if it should begin where nothing is.
    fn find(self, repository: &Repository, with_stats: bool, limits: &Limits) -> Result<Option<Rows>, Error> {
        let start = match &self.begin {
            Begin::Everywhere => Start::Everywhere,
            Begin::At(text) => match repository.resolve(text)? {
                Some(commit) => Start::Commit(commit),
                None => return Ok(None),
            },
            Begin::DefaultBranch(wanted) => match default_branch(repository, wanted.as_deref())? {
                Some(branch) => Start::Commit(branch.commit),
                None => return Ok(Some(Vec::new())),
            },
        };
        let whole = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        let query = LogQuery {
            from: start,
            since: self.since,
            until: self.until,
            path: self.path,
            author: self.author,
            first_parent: self.first_parent,
            order: self.order,
            skip: whole(self.offset.start()),
            take: whole(self.offset.per_page + 1),
        };
        let commits = repository.log(&query, limits)?;
        let stats = if with_stats {
            let ids: Vec<_> = commits.iter().map(|commit| commit.id.clone()).collect();
            repository.stats(&ids, limits)?.into_iter().map(Some).collect()
        } else {
            vec![None; commits.len()]
        };
        Ok(Some(commits.into_iter().zip(stats).collect()))
    }
}

type Rows = Vec<(Commit, Option<Stats>)>;

/// Whole seconds, as commits have them, rounded down.
fn seconds(time: Timestamp) -> i64 {
    time.0.div_euclid(1_000_000)
}

pub(crate) const GET: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/repository/commits/{sha}",
    id: "getCommit",
    summary: "Get a commit",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        SHA,
        Param::boolean("stats")
            .default("true")
            .doc("With the numbers of lines that came and went"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("CommitDetail"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(get(app, cx, project)) }),
};

async fn get(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let sha = cx.path_param("sha").to_owned();
    let with_stats = cx.params.boolean("stats") == Some(true);
    let question = move |repository: &Repository, limits: &Limits| {
        let Some(id) = repository.resolve(&sha)? else {
            return Ok(None);
        };
        let Some(commit) = repository.commit(&id)? else {
            return Ok(None);
        };
        let stats = if with_stats {
            repository.stats(&[id], limits)?.first().copied()
        } else {
            None
        };
        Ok(Some((commit, stats)))
    };
    let found = ask(&app, &cx, &project, &[cx.path_param("sha")], question)
        .await?
        .flatten();
    let (commit, stats) = found.ok_or_else(|| ApiError::thing_not_found("Commit"))?;
    json(
        StatusCode::OK,
        &CommitDetail::new(&commit, stats, &project.project, cx.urls()),
    )
}
