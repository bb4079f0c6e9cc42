//! Deployments as they are kept in memory: written out once, and given to everybody who asks.

use landfall_domain::deployment::DeploymentDetails;

use crate::{
    api::{context::Cx, error::ApiError},
    cache::Row,
    views::deployment::DeploymentView,
};

/// Writes a deployment out and keeps it.
pub(super) fn write(cx: &Cx, details: &DeploymentDetails) -> Result<Row, ApiError> {
    let written = DeploymentView::basic(details, cx.urls())
        .written()
        .map_err(ApiError::internal)?;
    let row = Row::new(details, written);
    cx.app.cache.keep_row(cx.state, &row);
    Ok(row)
}
