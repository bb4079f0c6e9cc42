//! Merge requests (reference 7.9), as far as the history of a repository tells of them.

use landfall_domain::{ids::ProjectId, merge_request::MergeRequest, project::Project, user::User};
use serde::Serialize;
use utoipa::ToSchema;

use super::{EMPTY, Empty, Wire, user::UserBasic};
use crate::urls::Urls;

/// Something that no history tells.
type Unknown = Option<&'static str>;

/// A merge request. All of them are merged; what is unknown is null.
#[expect(clippy::struct_excessive_bools, reason = "GitLab's keys")]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MergeRequest)]
pub struct MergeRequestView<'a> {
    id: Option<i64>,
    iid: i64,
    project_id: i64,
    title: Option<&'a str>,
    description: Unknown,
    state: &'static str,
    created_at: Unknown,
    updated_at: Unknown,
    merged_by: Option<UserBasic<'a>>,
    merge_user: Option<UserBasic<'a>>,
    merged_at: Option<Wire>,
    closed_by: Unknown,
    closed_at: Unknown,
    target_branch: Option<&'a str>,
    source_branch: Option<&'a str>,
    user_notes_count: i64,
    upvotes: i64,
    downvotes: i64,
    author: Option<UserBasic<'a>>,
    assignees: Empty,
    assignee: Unknown,
    reviewers: Empty,
    source_project_id: Unknown,
    target_project_id: i64,
    labels: Empty,
    draft: bool,
    imported: bool,
    imported_from: &'static str,
    work_in_progress: bool,
    milestone: Unknown,
    merge_when_pipeline_succeeds: bool,
    merge_status: &'static str,
    detailed_merge_status: &'static str,
    merge_after: Unknown,
    sha: Option<&'a str>,
    merge_commit_sha: Option<&'a str>,
    squash_commit_sha: Option<&'a str>,
    discussion_locked: Unknown,
    should_remove_source_branch: Unknown,
    force_remove_source_branch: Unknown,
    prepared_at: Unknown,
    reference: String,
    references: References,
    web_url: Option<String>,
    time_stats: TimeStats,
    squash: bool,
    squash_on_merge: bool,
    task_completion_status: TaskCompletionStatus,
    has_conflicts: bool,
    blocking_discussions_resolved: bool,
    approvals_before_merge: Unknown,
    landfall: Facts<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MergeRequestReferences)]
struct References {
    short: String,
    relative: String,
    full: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct TimeStats {
    time_estimate: i64,
    total_time_spent: i64,
    human_time_estimate: Unknown,
    human_total_time_spent: Unknown,
}

#[derive(Debug, Serialize, ToSchema)]
struct TaskCompletionStatus {
    count: i64,
    completed_count: i64,
}

/// What GitLab has no key for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MergeRequestFacts)]
struct Facts<'a> {
    /// Whose words tell of it: `gitlab`, `github`, `gitea`, `bitbucket` or `azure_devops`.
    forge: &'static str,
    /// As the commit names its author, who need not be a user here.
    author_name: Option<&'a str>,
    /// As the commit names who merged it.
    merged_by_name: Option<&'a str>,
}

/// The users here who have the addresses of the people of a merge request.
#[derive(Clone, Copy, Debug, Default)]
pub struct People<'a> {
    /// Who wrote it.
    pub author: Option<&'a User>,
    /// Who merged it.
    pub merged_by: Option<&'a User>,
}

impl<'a> MergeRequestView<'a> {
    /// A merge request of a project.
    #[must_use]
    pub fn new(it: &'a MergeRequest, people: People<'a>, project: &Project, urls: &Urls) -> MergeRequestView<'a> {
        let short = format!("!{}", it.iid);
        let ProjectId(project_id) = project.id;
        let draft = it.is_draft();
        let user = |user: Option<&'a User>| user.map(|user| UserBasic::new(user, urls));
        let forge_url = project.forge_url.as_deref();
        MergeRequestView {
            id: it.id,
            iid: it.iid,
            project_id,
            title: it.title.as_deref(),
            description: None,
            state: "merged",
            created_at: None,
            updated_at: None,
            merged_by: user(people.merged_by),
            merge_user: user(people.merged_by),
            merged_at: it.merged_at.map(Wire),
            closed_by: None,
            closed_at: None,
            target_branch: it.target_branch.as_deref(),
            source_branch: it.source_branch.as_deref(),
            user_notes_count: 0,
            upvotes: 0,
            downvotes: 0,
            author: user(people.author),
            assignees: EMPTY,
            assignee: None,
            reviewers: EMPTY,
            source_project_id: None,
            target_project_id: project_id,
            labels: EMPTY,
            draft,
            imported: false,
            imported_from: "none",
            work_in_progress: draft,
            milestone: None,
            merge_when_pipeline_succeeds: false,
            merge_status: "can_be_merged",
            detailed_merge_status: "not_open",
            merge_after: None,
            sha: it.head.as_deref(),
            merge_commit_sha: it.merge_commit.as_deref(),
            squash_commit_sha: it.squash_commit.as_deref(),
            discussion_locked: None,
            should_remove_source_branch: None,
            force_remove_source_branch: None,
            prepared_at: None,
            references: References {
                short: short.clone(),
                relative: short.clone(),
                full: format!("{}{short}", project.full_path()),
            },
            reference: short,
            web_url: forge_url.map(|url| it.forge.url(url, it.iid)),
            time_stats: TimeStats {
                time_estimate: 0,
                total_time_spent: 0,
                human_time_estimate: None,
                human_total_time_spent: None,
            },
            squash: it.squash_commit.is_some(),
            squash_on_merge: it.squash_commit.is_some(),
            task_completion_status: TaskCompletionStatus {
                count: 0,
                completed_count: 0,
            },
            has_conflicts: false,
            blocking_discussions_resolved: true,
            approvals_before_merge: None,
            landfall: Facts {
                forge: it.forge.as_str(),
                author_name: it.author.as_ref().map(|person| &*person.name),
                merged_by_name: it.merged_by.as_ref().map(|person| &*person.name),
            },
        }
    }
}
