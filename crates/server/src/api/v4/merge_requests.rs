//! What the lists of merge requests have in common (reference 6.6).

use http::StatusCode;
use landfall_domain::{
    ids::UserId,
    merge_request::{MergeRequest, MergeRequestFilter, MergeRequestOrder, Person, sort},
    page::{Offset, Sort},
    project::Project,
    user::User,
};
use landfall_store::{Conn, Error, users};

use super::repository::{add_counted_pages, page_of};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::Outcome,
        error::ApiError,
        pagination,
        params::{Param, Values},
        pipeline::json,
    },
    views::merge_request::{MergeRequestView, People},
};

pub(super) const STATE: Param = Param::text("state")
    .words(&["opened", "closed", "locked", "merged", "all"])
    .default("all")
    .doc("All of them are merged");

/// Answers a page of merge requests.
pub(super) async fn show(app: &App, cx: &Cx, project: &Project, all: Vec<MergeRequest>) -> Outcome {
    let offset: Offset = pagination::offset(&cx.params);
    let (page, total) = page_of(all, offset);
    let with_users = move |conn: &mut Conn<'_>| {
        let mut rows = Vec::with_capacity(page.len());
        for it in page {
            let (author, merged_by) = (user(conn, it.author.as_ref())?, user(conn, it.merged_by.as_ref())?);
            rows.push((it, author, merged_by));
        }
        Ok::<_, Error>(rows)
    };
    let rows = app.store.read(with_users).await?;
    let views: Vec<MergeRequestView<'_>> = rows
        .iter()
        .map(|(it, author, merged_by)| {
            let people = People {
                author: author.as_ref(),
                merged_by: merged_by.as_ref(),
            };
            MergeRequestView::new(it, people, project, cx.urls())
        })
        .collect();
    let mut reply = json(StatusCode::OK, &views)?;
    add_counted_pages(cx, &mut reply, offset, views.len(), total);
    Ok(reply)
}

fn user(conn: &mut Conn<'_>, person: Option<&Person>) -> Result<Option<User>, Error> {
    match person {
        Some(person) => users::by_email(conn, &person.email),
        None => Ok(None),
    }
}

/// Those that the parameters ask for, in their order.
pub(super) async fn chosen(app: &App, cx: &Cx, mut all: Vec<MergeRequest>) -> Result<Vec<MergeRequest>, ApiError> {
    let filter = filter(app, cx).await?;
    all.retain(|it| filter.matches(it));
    let order = match cx.params.text("order_by") {
        Some("title") => MergeRequestOrder::Title,
        _ => MergeRequestOrder::MergedAt,
    };
    let direction = cx.params.text("sort").and_then(Sort::parse).unwrap_or(Sort::Desc);
    sort(&mut all, order, direction);
    Ok(all)
}

/// What no merge request here has: an assignee, a reviewer, a label, a milestone, an emoji, an approval.
const NEVER: &[&str] = &[
    "assignee_username",
    "reviewer_username",
    "labels",
    "milestone",
    "my_reaction_emoji",
];
const NEVER_IDS: &[&str] = &["assignee_id", "reviewer_id", "source_project_id"];

async fn filter(app: &App, cx: &Cx) -> Result<MergeRequestFilter, ApiError> {
    let params = &cx.params;
    let filled = |name: &str| params.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let is_nobodys = |name: &&str| filled(name).is_some_and(|text| !matches!(&*text.to_lowercase(), "none"));
    let mut nothing = matches!(params.text("state"), Some("opened" | "closed" | "locked"))
        || NEVER.iter().any(is_nobodys)
        || NEVER_IDS.iter().any(|name| params.integer(name).is_some())
        || params.text("approved") == Some("yes");
    let scope = params.text("scope").unwrap_or_default().replace('-', "_");
    nothing |= matches!(&*scope, "assigned_to_me" | "reviews_for_me");
    let mut author = wanted_user(app, params, "author_id", "author_username").await?;
    if scope == "created_by_me" {
        let own = Who::with(cx.user()?);
        nothing |= author != Who::Anybody && author != own;
        author = own;
    }
    let merged_by = wanted_user(app, params, "merge_user_id", "merge_user_username").await?;
    nothing |= author == Who::Nobody || merged_by == Who::Nobody;
    // The times of making and changing a merge request are unknown, so nothing is known to be in a range of them.
    let ranges = ["created_after", "created_before", "updated_after", "updated_before"];
    nothing |= ranges.iter().any(|name| params.time(name).is_some());
    let search = filled("search");
    // There are no descriptions, so what is searched for in them alone is not found.
    nothing |= search.is_some() && params.text("in").is_some_and(|places| !places.contains("title"));
    Ok(MergeRequestFilter {
        nothing,
        author_email: author.address(),
        merged_by_email: merged_by.address(),
        source_branch: filled("source_branch"),
        target_branch: filled("target_branch"),
        search,
        draft: params.text("wip").map(|word| word == "yes"),
    })
}

/// Whose merge requests are asked for.
#[derive(PartialEq, Eq)]
enum Who {
    Anybody,
    /// There is no such user, or the user has no address that a commit could name.
    Nobody,
    /// Somebody with this address.
    With(String),
}

impl Who {
    fn with(user: &User) -> Who {
        if user.email.is_empty() {
            Who::Nobody
        } else {
            Who::With(user.email.clone())
        }
    }

    fn address(self) -> Option<String> {
        match self {
            Who::With(address) => Some(address),
            Who::Anybody | Who::Nobody => None,
        }
    }
}

async fn wanted_user(app: &App, params: &Values, id: &str, username: &str) -> Result<Who, ApiError> {
    let id = params.integer(id);
    let username = params.text(username).filter(|name| !name.is_empty()).map(str::to_owned);
    if id.is_none() && username.is_none() {
        return Ok(Who::Anybody);
    }
    let find = move |conn: &mut Conn<'_>| match (id, username) {
        (Some(id), _) => users::by_id(conn, UserId(id)),
        (None, Some(username)) => users::by_username(conn, &username),
        (None, None) => Ok(None),
    };
    let user: Option<User> = app.store.read(find).await?;
    Ok(user.as_ref().map_or(Who::Nobody, Who::with))
}
