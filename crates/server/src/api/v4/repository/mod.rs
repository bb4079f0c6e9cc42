//! `/projects/:id/repository` (neighbours, section 10): answers out of the project's repository. None of them needs a
//! sign-in on public projects.

use landfall_domain::{
    access::Action,
    mirror::{ImportStatus, Mirror},
    page::{COUNT_LIMIT, Offset},
    project::Project,
    ref_name::NameSearch,
};
use landfall_git::{CommitId, Error, Limits, RefName, Repository};

use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::Reply,
        error::ApiError,
        pagination::{self, LinkBase, PageInfo},
        params::Param,
    },
    mirrors::Home,
};

pub mod branches;
pub mod commits;
pub mod compare;
pub mod merge_base;
pub mod merge_requests;
pub mod refs;
pub mod tags;

const ID: Param = Param::text("id").in_path().doc("The project's id or URL-encoded path");
const SHA: Param = Param::text("sha")
    .in_path()
    .doc("A commit id, or the name of a branch or tag");
const SEARCH: Param =
    Param::text("search").doc("Only names with this text in them; `^text` at their beginning, `text$` at their end");

/// Seconds after which a repository that is being copied can be asked again.
const COPY_RETRY: u64 = 5;

/// Asks the project's repository, once the caller may. `None` if the project has none. `names` are what the caller wants to
/// be there: the copy of a remote repository may get them in a moment.
async fn ask<T, F>(app: &App, cx: &Cx, project: &InProject, names: &[&str], question: F) -> Result<Option<T>, ApiError>
where
    T: Send + 'static,
    F: FnOnce(&Repository, &Limits) -> Result<T, Error> + Send + 'static,
{
    project.authorize(cx, Action::ReadCode)?;
    let repository = match app.mirrors.home_of(&project.project).await? {
        Home::None => return Ok(None),
        Home::Directory(repository) => repository,
        Home::Remote(mirror, repository) => {
            bring(app, &mirror, names).await?;
            repository
        }
    };
    let limits = Limits::default();
    let question = move |repository: &Repository| question(repository, &limits);
    Ok(Some(app.git.look_up(repository, question).await?))
}

/// Waits for a moment for a copy that is not there yet, or that lacks a name.
async fn bring(app: &App, mirror: &Mirror, names: &[&str]) -> Result<(), ApiError> {
    let has_copy = app.mirrors.has_copy(mirror);
    let names = if has_copy { names } else { &["HEAD"] };
    app.mirrors.seek(&app.git, mirror, names, None).await?;
    if has_copy || app.mirrors.has_copy(mirror) {
        return Ok(());
    }
    Err(match mirror.status {
        ImportStatus::Failed => ApiError::field("base", "The repository could not be copied from its remote"),
        _ => ApiError::Unavailable {
            retry_after: COPY_RETRY,
        },
    })
}

/// The default branch, if the repository has one: that of the project, else that of `HEAD`.
struct DefaultBranch {
    name: Option<String>,
    commit: CommitId,
}

fn default_branch(repository: &Repository, wanted: Option<&str>) -> Result<Option<DefaultBranch>, Error> {
    if let Some(name) = wanted
        && let Some(commit) = repository.resolve(&format!("refs/heads/{name}"))?
    {
        let name = Some(name.to_owned());
        return Ok(Some(DefaultBranch { name, commit }));
    }
    let head = repository.head()?;
    Ok(head.map(|head| DefaultBranch {
        name: head.branch,
        commit: head.commit,
    }))
}

fn wanted_branch(project: &Project) -> Option<String> {
    project.default_branch.clone()
}

/// Those that the search finds; one that is exactly what was searched for comes first.
fn search(mut refs: Vec<RefName>, text: Option<&str>) -> Vec<RefName> {
    if let Some(search) = text.and_then(NameSearch::parse) {
        refs.retain(|reference| search.matches(&reference.name));
        refs.sort_by_key(|reference| !search.is_exactly(&reference.name));
    }
    refs
}

/// The part of a whole list that is on a page, and how many there are.
pub(super) fn page_of<T>(all: Vec<T>, offset: Offset) -> (Vec<T>, usize) {
    let total = all.len();
    let start = usize::try_from(offset.start()).unwrap_or(usize::MAX);
    let rows = usize::try_from(offset.per_page).unwrap_or(usize::MAX);
    (all.into_iter().skip(start).take(rows).collect(), total)
}

/// Adds the headers of a page of a list whose length is known.
pub(super) fn add_counted_pages(cx: &Cx, reply: &mut Reply, offset: Offset, rows: usize, total: usize) {
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    let info = PageInfo {
        offset,
        total: (total <= COUNT_LIMIT).then_some(total),
        has_next: offset.start().saturating_add(offset.per_page) < total,
        is_empty: rows == 0,
    };
    add_pages(cx, reply, &info);
}

fn add_pages(cx: &Cx, reply: &mut Reply, info: &PageInfo) {
    let path = format!("/api/v4{}", cx.raw_path);
    let link = LinkBase::new(cx.urls().instance(), &path, &cx.given, &cx.params);
    reply.headers_mut().extend(pagination::headers(info, &link));
}
