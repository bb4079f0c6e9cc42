//! The copy of a repository elsewhere, in the shape of GitLab's pull mirrors.

use landfall_domain::mirror::Mirror;
use serde::Serialize;
use utoipa::ToSchema;

use super::Wire;

/// Where a copy stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectMirror)]
pub struct MirrorView<'a> {
    id: i64,
    enabled: bool,
    url: &'a str,
    update_status: &'static str,
    last_error: Option<&'a str>,
    last_successful_update_at: Option<Wire>,
}

impl<'a> MirrorView<'a> {
    /// Shows it.
    #[must_use]
    pub fn new(mirror: &'a Mirror) -> MirrorView<'a> {
        MirrorView {
            id: mirror.project_id.0,
            enabled: true,
            url: &mirror.url,
            update_status: mirror.status.as_str(),
            last_error: mirror.error.as_deref(),
            last_successful_update_at: mirror.fetched_at.map(Wire),
        }
    }
}
