//! Deployments as they are kept in memory: written out once, and given to everybody who asks.

use std::ops::Deref;

use bytes::Bytes;
use landfall_domain::deployment::DeploymentDetails;

use crate::{
    api::{context::Cx, error::ApiError},
    cache::Row,
    views::{
        self,
        deployment::{DeploymentView, gap},
    },
};

/// Writes a deployment out and keeps it. The buffer is for writing, again and again.
pub(super) fn write<T: Deref<Target = str>>(
    cx: &Cx,
    buffer: &mut Vec<u8>,
    details: &DeploymentDetails<T>,
) -> Result<Row, ApiError> {
    buffer.clear();
    buffer.push(b',');
    views::write(&DeploymentView::basic(details, cx.urls()), buffer).map_err(ApiError::internal)?;
    let row = Row::new(details, Bytes::copy_from_slice(buffer), gap(buffer));
    cx.app.cache.keep_row(cx.state, &row);
    Ok(row)
}
