//! Deployments as they are kept in memory: written out once, and given to everybody who asks.

use std::ops::Deref;

use bytes::{Bytes, BytesMut};
use landfall_domain::deployment::DeploymentDetails;

use crate::{
    api::{context::Cx, error::ApiError},
    cache::Row,
    views::{
        self,
        deployment::{DeploymentView, EXTENSION, gap},
    },
};

/// Writes a deployment out and keeps it. The buffer is for writing, again and again.
pub(super) fn write<T: Deref<Target = str>>(
    cx: &Cx,
    buffer: &mut Vec<u8>,
    details: &DeploymentDetails<T>,
) -> Result<Row, ApiError> {
    buffer.clear();
    views::write(&DeploymentView::basic(details, cx.urls()), buffer).map_err(ApiError::internal)?;
    let row = Row {
        basic: Bytes::copy_from_slice(buffer),
        gap: gap(buffer),
        project: details.deployment.project_id,
        environment: details.environment.id,
        user: details.user.as_ref().map(|user| user.id),
    };
    cx.app.cache.keep_row(cx.state, details.deployment.id, &row);
    Ok(row)
}

/// The extended form.
pub(super) fn extended(row: &Row) -> Bytes {
    let (head, tail) = row.basic.split_at(row.gap.min(row.basic.len()));
    [head, EXTENSION.as_bytes(), tail].concat().into()
}

/// A JSON array of the basic forms.
pub(super) fn array<'r>(rows: impl Iterator<Item = &'r Row> + Clone) -> Bytes {
    let length: usize = rows.clone().map(|row| row.basic.len() + 1).sum();
    let mut array = BytesMut::with_capacity(length + 2);
    array.extend_from_slice(b"[");
    for (place, row) in rows.enumerate() {
        if place > 0 {
            array.extend_from_slice(b",");
        }
        array.extend_from_slice(&row.basic);
    }
    array.extend_from_slice(b"]");
    array.freeze()
}
