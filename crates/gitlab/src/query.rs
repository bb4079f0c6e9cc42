//! What a list of deployments is asked for (reference 6.1.1).

use serde::Serialize;

use crate::types::Status;

/// Filters, order and paging of a list of deployments. What is `None` is left to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Query {
    /// The column to order by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_by: Option<OrderBy>,
    /// Its direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// Changed at this time or later, in ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_after: Option<String>,
    /// Changed at this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_before: Option<String>,
    /// Finished at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_after: Option<String>,
    /// Finished before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_before: Option<String>,
    /// In the environment of exactly this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// With this status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The page to begin with, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// Deployments on a page, 100 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u64>,
    /// How the server finds the next page.
    #[serde(skip_serializing_if = "Pagination::is_offset")]
    pub pagination: Pagination,
}

/// A column that a list can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderBy {
    /// The instance-wide number.
    Id,
    /// The project's own number.
    Iid,
    /// When it was made.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// When it finished.
    FinishedAt,
    /// Branch or tag.
    Ref,
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Smallest, or oldest, first.
    Asc,
    /// Largest, or newest, first.
    Desc,
}

/// How pages are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pagination {
    /// By number. Deep pages cost more, and what is added or deleted meanwhile shifts them.
    #[default]
    Offset,
    /// By the last id seen, at a flat cost. Landfall does it in the order of ids; GitLab pages by number all the same.
    Keyset,
}

impl Pagination {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
    fn is_offset(&self) -> bool {
        *self == Pagination::Offset
    }
}
