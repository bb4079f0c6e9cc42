//! Commits (reference 7.7).

use std::collections::BTreeMap;

use landfall_domain::project::Project;
use landfall_git::{Commit, Stats};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::urls::Urls;

/// Digits of a shortened commit id.
const SHORT: usize = 8;

/// A commit (reference 7.7).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Commit)]
pub struct CommitView<'a> {
    id: &'a str,
    short_id: &'a str,
    created_at: String,
    parent_ids: Vec<&'a str>,
    title: &'a str,
    message: &'a str,
    author_name: &'a str,
    author_email: &'a str,
    authored_date: String,
    committer_name: &'a str,
    committer_email: &'a str,
    committed_date: String,
    trailers: Map<String, Value>,
    extended_trailers: BTreeMap<&'a str, Vec<&'a str>>,
    web_url: String,
}

impl<'a> CommitView<'a> {
    /// A commit of a project's repository.
    #[must_use]
    pub fn new(commit: &'a Commit, project: &Project, urls: &Urls) -> CommitView<'a> {
        let id = commit.id.as_str();
        let mut extended_trailers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in &commit.trailers {
            extended_trailers.entry(name).or_default().push(value);
        }
        CommitView {
            id,
            short_id: id.get(..SHORT).unwrap_or(id),
            created_at: commit.committer.time.to_wire(),
            parent_ids: commit.parent_ids.iter().map(landfall_git::CommitId::as_str).collect(),
            title: &commit.title,
            message: &commit.message,
            author_name: &commit.author.name,
            author_email: &commit.author.email,
            authored_date: commit.author.time.to_wire(),
            committer_name: &commit.committer.name,
            committer_email: &commit.committer.email,
            committed_date: commit.committer.time.to_wire(),
            // The last of several trailers of one name counts.
            trailers: commit
                .trailers
                .iter()
                .map(|(name, value)| (name.clone(), value.clone().into()))
                .collect(),
            extended_trailers,
            web_url: urls.commit(&project.full_path(), id),
        }
    }
}

/// Lines that came and went with a commit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommitStats)]
pub struct StatsView {
    additions: u64,
    deletions: u64,
    total: u64,
}

impl From<Stats> for StatsView {
    fn from(stats: Stats) -> StatsView {
        StatsView {
            additions: stats.additions,
            deletions: stats.deletions,
            total: stats.additions + stats.deletions,
        }
    }
}

/// A commit in a list, with its numbers if they are asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommitInList)]
pub struct ListedCommit<'a> {
    #[serde(flatten)]
    commit: CommitView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<StatsView>,
}

impl<'a> ListedCommit<'a> {
    /// A commit of a project's repository.
    #[must_use]
    pub fn new(commit: &'a Commit, stats: Option<Stats>, project: &Project, urls: &Urls) -> ListedCommit<'a> {
        ListedCommit {
            commit: CommitView::new(commit, project, urls),
            stats: stats.map(StatsView::from),
        }
    }
}

/// A single commit. No pipeline of a commit is known here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommitDetail)]
pub struct CommitDetail<'a> {
    #[serde(flatten)]
    listed: ListedCommit<'a>,
    status: Option<&'static str>,
    project_id: i64,
    last_pipeline: Option<&'static str>,
}

impl<'a> CommitDetail<'a> {
    /// A commit of a project's repository.
    #[must_use]
    pub fn new(commit: &'a Commit, stats: Option<Stats>, project: &Project, urls: &Urls) -> CommitDetail<'a> {
        CommitDetail {
            listed: ListedCommit::new(commit, stats, project, urls),
            status: None,
            project_id: project.id.0,
            last_pipeline: None,
        }
    }
}
