//! What the list of deployments can be asked (reference 6.1).

use crate::{deployment::Status, git_name, page::Sort, time::Timestamp};

/// What a list of deployments is ordered by (reference 6.1.3). Every order really sorts by its column and breaks ties by
/// id in the same direction; a missing `finished_at` comes last ascending and first descending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeploymentOrder {
    /// The id, which is the order of arrival.
    #[default]
    Id,
    /// The number within the project.
    Iid,
    /// When it was made.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// When it last finished.
    FinishedAt,
    /// Branch or tag.
    Ref,
}

texts!(DeploymentOrder {
    Id = "id",
    Iid = "iid",
    CreatedAt = "created_at",
    UpdatedAt = "updated_at",
    FinishedAt = "finished_at",
    Ref = "ref",
});

/// Which deployments of a project are listed: those that meet every condition that is set.
///
/// Times are compared in microseconds although answers show milliseconds, so `updated_after` with a time that was read
/// from an answer finds that deployment again. A deployment that never finished meets no `finished_*` condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentFilter {
    /// `updated_at` at this time or later.
    pub updated_after: Option<Timestamp>,
    /// `updated_at` at this time or earlier (inclusive).
    pub updated_before: Option<Timestamp>,
    /// `finished_at` at this time or later.
    pub finished_after: Option<Timestamp>,
    /// `finished_at` before this time (**exclusive**, unlike `updated_before`).
    pub finished_before: Option<Timestamp>,
    /// Name of the environment, compared exactly.
    pub environment: Option<String>,
    /// Status.
    pub status: Option<Status>,
    /// Commit.
    pub sha: Option<ShaFilter>,
    /// Branch or tag, compared exactly.
    pub git_ref: Option<String>,
    /// Login name of the user, compared without regard to letter case.
    pub username: Option<String>,
}

/// A commit to filter by: a full object id, or its first seven or more digits, in lower case.
///
/// A text that is neither can be no commit. [`ShaFilter::parse`] then answers `None`, and the list that was asked for is
/// **empty**: dropping the condition instead would answer a question about one commit with every deployment there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShaFilter(String);

impl ShaFilter {
    /// The fewest digits of a prefix; git abbreviates to no fewer.
    pub const SHORTEST: usize = 7;

    /// Reads 7 to 64 hexadecimal digits of either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() >= Self::SHORTEST && git_name::is_abbreviated_id(text);
        fits.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The digits, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a complete object id, so that it can be compared for equality. 40 digits count as complete
    /// although they could also begin an id of 64.
    #[must_use]
    pub fn is_full(&self) -> bool {
        git_name::is_object_id(&self.0)
    }
}

/// A list of deployments: which, and in what order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentQuery {
    /// Which.
    pub filter: DeploymentFilter,
    /// By what.
    pub order: DeploymentOrder,
    /// In which direction.
    pub sort: Sort,
}
