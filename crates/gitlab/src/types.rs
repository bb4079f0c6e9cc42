//! What a server tells, in the shapes of section 7 of the reference.
//!
//! Only what every GitLab of the last ten years sends is required; the rest is optional, whether a server leaves it out
//! or sends `null`. Times stay the text that was sent: ISO 8601, in UTC except for those of commits.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A deployment (reference 7.1 and 7.2).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Deployment {
    /// The instance-wide number.
    pub id: i64,
    /// The project's own number.
    pub iid: i64,
    /// Branch or tag, as it was recorded.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// Commit, as it was recorded.
    pub sha: String,
    /// When it was made.
    pub created_at: String,
    /// When it last changed. Not in the answers of 2019 to create and update.
    pub updated_at: Option<String>,
    /// Where it stands. Not in the documented answers of 2019.
    pub status: Option<Status>,
    /// Who did it, unless removed since.
    pub user: Option<User>,
    /// Where it went.
    pub environment: Option<Environment>,
    /// The job that did it, if a job did.
    pub deployable: Option<Job>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Where a deployment stands (reference 8.1).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Known, not begun.
    Created,
    /// Under way.
    Running,
    /// Done.
    Success,
    /// Broken off by an error.
    Failed,
    /// Broken off by somebody.
    Canceled,
    /// Overtaken by a newer one before it began.
    Skipped,
    /// Waiting for an approval.
    Blocked,
    /// What a newer server may know.
    #[serde(untagged)]
    Other(String),
}

/// A user, in as much detail as the place shows (reference 7.3 and 7.6).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct User {
    /// Number.
    pub id: i64,
    /// Login name.
    pub username: String,
    /// Full name.
    pub name: String,
    /// `active`, `blocked` and the like.
    pub state: Option<String>,
    /// Where the user is shown.
    pub web_url: Option<String>,
    /// Picture.
    pub avatar_url: Option<String>,
    /// Address; only in a user's own record.
    pub email: Option<String>,
    /// Whether an administrator; only administrators are told.
    pub is_admin: Option<bool>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An environment inside a deployment (reference 7.4).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Environment {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Name for host names.
    pub slug: Option<String>,
    /// Where it can be visited.
    pub external_url: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A job (reference 7.5).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Job {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Where it stands; jobs have more such words than deployments.
    pub status: Option<String>,
    /// Stage of the pipeline.
    pub stage: Option<String>,
    /// Branch or tag.
    #[serde(rename = "ref")]
    pub git_ref: Option<String>,
    /// Whether that is a tag.
    pub tag: Option<bool>,
    /// When it was made.
    pub created_at: Option<String>,
    /// When it began.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// Where it is shown.
    pub web_url: Option<String>,
    /// Who started it.
    pub user: Option<User>,
    /// What it worked on.
    pub commit: Option<Commit>,
    /// What it is part of.
    pub pipeline: Option<Pipeline>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A commit (reference 7.7).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Commit {
    /// Full object id.
    pub id: String,
    /// First line of the message.
    pub title: Option<String>,
    /// Message.
    pub message: Option<String>,
    /// Who wrote it.
    pub author_name: Option<String>,
    /// Their address.
    pub author_email: Option<String>,
    /// When it was committed, with the committer's own offset.
    pub created_at: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A pipeline (reference 7.8).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Pipeline {
    /// Number.
    pub id: i64,
    /// Commit.
    pub sha: Option<String>,
    /// Branch or tag.
    #[serde(rename = "ref")]
    pub git_ref: Option<String>,
    /// Where it stands.
    pub status: Option<String>,
    /// What started it.
    pub source: Option<String>,
    /// Where it is shown.
    pub web_url: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A project (reference of the neighbours, 4.1).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Project {
    /// Number.
    pub id: i64,
    /// Display name.
    pub name: String,
    /// Name in addresses.
    pub path: String,
    /// Groups and name in addresses.
    pub path_with_namespace: String,
    /// What it is about.
    pub description: Option<String>,
    /// `private`, `internal` or `public`; only for callers who are signed in.
    pub visibility: Option<String>,
    /// Main branch; only for callers who may read code.
    pub default_branch: Option<String>,
    /// Where git finds it.
    pub http_url_to_repo: Option<String>,
    /// Where it is shown.
    pub web_url: Option<String>,
    /// When it was made.
    pub created_at: Option<String>,
    /// Whether it is closed for changes.
    pub archived: Option<bool>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A server's version (reference of the neighbours, 2).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Version {
    /// A semantic version.
    pub version: String,
    /// Abbreviated commit.
    pub revision: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}
