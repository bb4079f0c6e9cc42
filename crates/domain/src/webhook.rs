//! Webhooks: who is told of what happens (neighbours, section 11), what may be set of one, and the rules of trying again.

mod health;
mod schedule;
mod settings;
mod title;

pub use health::{AlertStatus, Health};
pub use schedule::{GIVE_UP_AFTER, Retry, next_attempt};
pub use settings::{KeyError, SecretError, SigningSecret, is_key, is_reserved_header, validate_pair};
pub use title::commit_title;

use std::fmt;

use crate::{
    deployment::Status,
    ids::{NamespaceId, ProjectId, WebhookId},
    time::Timestamp,
};

/// A text that has to be kept readable, because it is sent, and that nobody may see: it shows nothing of itself in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Hides a text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself. Only what stores or sends it may ask.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(..)")
    }
}

/// Whose hook it is, and so what it is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// What happens in one project.
    Project(ProjectId),
    /// What happens in the projects of a group and of all groups below it.
    Group(NamespaceId),
    /// What happens anywhere.
    Instance,
}

/// What a hook can be switched on for. Only deployments happen here; the other switches are kept as they are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "GitLab's names of its own switches")]
pub enum Trigger {
    Push,
    TagPush,
    MergeRequests,
    RepositoryUpdate,
    Issues,
    ConfidentialIssues,
    Note,
    ConfidentialNote,
    Pipeline,
    WikiPage,
    Deployment,
    FeatureFlag,
    Job,
    Releases,
    Milestone,
    Emoji,
    ResourceAccessToken,
    Vulnerability,
}

texts!(Trigger {
    Push = "push_events",
    TagPush = "tag_push_events",
    MergeRequests = "merge_requests_events",
    RepositoryUpdate = "repository_update_events",
    Issues = "issues_events",
    ConfidentialIssues = "confidential_issues_events",
    Note = "note_events",
    ConfidentialNote = "confidential_note_events",
    Pipeline = "pipeline_events",
    WikiPage = "wiki_page_events",
    Deployment = "deployment_events",
    FeatureFlag = "feature_flag_events",
    Job = "job_events",
    Releases = "releases_events",
    Milestone = "milestone_events",
    Emoji = "emoji_events",
    ResourceAccessToken = "resource_access_token_events",
    Vulnerability = "vulnerability_events",
});

/// The switches that are on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Triggers(Vec<Trigger>);

impl FromIterator<Trigger> for Triggers {
    fn from_iter<I: IntoIterator<Item = Trigger>>(triggers: I) -> Self {
        let mut triggers: Vec<_> = triggers.into_iter().collect();
        triggers.sort_unstable();
        triggers.dedup();
        Self(triggers)
    }
}

impl Triggers {
    /// Whether a switch is on.
    #[must_use]
    pub fn has(&self, trigger: Trigger) -> bool {
        self.0.contains(&trigger)
    }

    /// Turns a switch on or off.
    pub fn set(&mut self, trigger: Trigger, on: bool) {
        self.0.retain(|other| *other != trigger);
        if on {
            self.0.push(trigger);
            self.0.sort_unstable();
        }
    }

    /// The switches that are on, with blanks between them, as they are stored.
    #[must_use]
    pub fn to_text(&self) -> String {
        let words: Vec<&str> = self.0.iter().map(|trigger| trigger.as_str()).collect();
        words.join(" ")
    }

    /// Reads what [`Triggers::to_text`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.split_ascii_whitespace().map(Trigger::parse).collect()
    }
}

/// Whether hooks are told when a deployment comes to this status (neighbours, 11.1).
#[must_use]
pub const fn tells_of(status: Status) -> bool {
    matches!(
        status,
        Status::Running | Status::Success | Status::Failed | Status::Canceled
    )
}

/// How `push_events_branch_filter` is to be read. Kept as it is set, since no pushes happen here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BranchFilter {
    /// With `*` for anything.
    Wildcard,
    /// As a regular expression.
    Regex,
    /// Not at all.
    AllBranches,
}

texts!(BranchFilter { Wildcard = "wildcard", Regex = "regex", AllBranches = "all_branches" });

/// A key that is shown with a value that is not.
pub type Pair = (String, Hidden);

/// A hook as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Global id.
    pub id: WebhookId,
    /// Whose it is.
    pub owner: Owner,
    /// Where it is sent; may hold `{variables}`, and a name and password.
    pub url: Hidden,
    /// What its owner calls it.
    pub name: Option<String>,
    /// What its owner notes about it.
    pub description: Option<String>,
    /// Sent in `X-Gitlab-Token`.
    pub token: Option<Hidden>,
    /// What deliveries are signed with.
    pub signing_secret: Option<SigningSecret>,
    /// Whether the receiver's certificate must be a good one.
    pub ssl_verification: bool,
    /// What it is switched on for.
    pub triggers: Triggers,
    /// Which branches pushes are told of.
    pub push_events_branch_filter: Option<String>,
    /// How that is read.
    pub branch_filter_strategy: BranchFilter,
    /// What the body is made from instead.
    pub custom_webhook_template: Option<String>,
    /// Headers of its owner's.
    pub custom_headers: Vec<Pair>,
    /// Values for the `{variables}` of the URL.
    pub url_variables: Vec<Pair>,
    /// How its receiver has been lately.
    pub health: Health,
    /// When it was made.
    pub created_at: Timestamp,
}
