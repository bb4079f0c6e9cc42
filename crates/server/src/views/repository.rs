//! Branches, tags and comparisons (neighbours, section 10).

use landfall_domain::project::Project;
use landfall_git::{Branch, Comparison, FileChange, FileDiff, Patch, Tag};
use serde::Serialize;
use utoipa::ToSchema;

use super::commit::CommitView;
use crate::urls::Urls;

/// A branch or tag by its name alone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RefName)]
pub struct RefView<'a> {
    /// `branch` or `tag`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name.
    pub name: &'a str,
}

/// A branch. Nothing is protected here, and nobody can push.
#[expect(clippy::struct_excessive_bools, reason = "GitLab's keys")]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Branch)]
pub struct BranchView<'a> {
    name: &'a str,
    commit: CommitView<'a>,
    merged: bool,
    protected: bool,
    developers_can_push: bool,
    developers_can_merge: bool,
    can_push: bool,
    default: bool,
    web_url: String,
}

impl<'a> BranchView<'a> {
    /// A branch of a project's repository, and the name of the default one.
    #[must_use]
    pub fn new(branch: &'a Branch, default: Option<&str>, project: &Project, urls: &Urls) -> BranchView<'a> {
        BranchView {
            name: &branch.name,
            commit: CommitView::new(&branch.commit, project, urls),
            merged: branch.merged,
            protected: false,
            developers_can_push: false,
            developers_can_merge: false,
            can_push: false,
            default: default == Some(branch.name.as_str()),
            web_url: urls.tree(&project.full_path(), &branch.name),
        }
    }
}

/// A tag. There are no releases here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
pub struct TagView<'a> {
    name: &'a str,
    message: Option<&'a str>,
    target: &'a str,
    commit: CommitView<'a>,
    release: Option<&'static str>,
    protected: bool,
    created_at: Option<String>,
}

impl<'a> TagView<'a> {
    /// A tag of a project's repository.
    #[must_use]
    pub fn new(tag: &'a Tag, project: &Project, urls: &Urls) -> TagView<'a> {
        TagView {
            name: &tag.name,
            message: tag.message.as_deref(),
            target: tag.target.as_str(),
            commit: CommitView::new(&tag.commit, project, urls),
            release: None,
            protected: false,
            created_at: tag.created_at.map(landfall_git::CommitTime::to_wire),
        }
    }
}

/// A file that differs.
#[expect(clippy::struct_excessive_bools, reason = "GitLab's keys")]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Diff)]
pub struct DiffView<'a> {
    diff: String,
    collapsed: bool,
    too_large: bool,
    new_path: &'a str,
    old_path: &'a str,
    a_mode: &'a str,
    b_mode: &'a str,
    new_file: bool,
    renamed_file: bool,
    deleted_file: bool,
    generated_file: Option<bool>,
}

impl<'a> DiffView<'a> {
    /// A file; `unidiff` adds the two lines that name it to its patch.
    #[must_use]
    pub fn new(file: &'a FileDiff, unidiff: bool) -> DiffView<'a> {
        let text = match &file.patch {
            Patch::Text(text) if !unidiff => Some(text.clone()),
            _ => file.unified(),
        };
        DiffView {
            diff: text.unwrap_or_default(),
            collapsed: file.patch == Patch::LeftOut,
            too_large: file.patch == Patch::TooLarge,
            new_path: &file.new_path,
            old_path: &file.old_path,
            a_mode: &file.old_mode,
            b_mode: &file.new_mode,
            new_file: file.kind == FileChange::Added,
            renamed_file: file.kind == FileChange::Renamed,
            deleted_file: file.kind == FileChange::Deleted,
            generated_file: None,
        }
    }
}

/// What lies between two commits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comparison)]
pub struct CompareView<'a> {
    commit: Option<CommitView<'a>>,
    commits: Vec<CommitView<'a>>,
    diffs: Vec<DiffView<'a>>,
    compare_timeout: bool,
    compare_same_ref: bool,
    web_url: String,
}

/// What was compared with what, and how it is to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// The full id of the first commit.
    pub from: &'a str,
    /// The full id of the second commit.
    pub to: &'a str,
    /// Whether the first commit itself was compared, and not the common ancestor.
    pub straight: bool,
    /// Whether patches have the lines that name their files.
    pub unidiff: bool,
}

impl<'a> CompareView<'a> {
    /// A comparison in a project's repository.
    #[must_use]
    pub fn new(found: &'a Comparison, asked: Compared<'_>, project: &Project, urls: &Urls) -> CompareView<'a> {
        let view = |commit| CommitView::new(commit, project, urls);
        let dots = if asked.straight { ".." } else { "..." };
        CompareView {
            commit: found.commits.last().map(view),
            commits: found.commits.iter().map(view).collect(),
            diffs: found
                .diff
                .files
                .iter()
                .map(|file| DiffView::new(file, asked.unidiff))
                .collect(),
            compare_timeout: !found.is_complete(),
            compare_same_ref: asked.from == asked.to,
            web_url: urls.compare(&project.full_path(), asked.from, dots, asked.to),
        }
    }
}
