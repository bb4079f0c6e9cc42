//! Deployments as they are kept in memory: written out once, and given to everybody who asks. The users and environments
//! that they show are few and kept by themselves, so that deployments are read without them.

use std::collections::HashMap;

use bytes::Bytes;
use landfall_domain::{
    deployment::Deployment,
    ids::{DeploymentId, EnvironmentId, UserId},
    job::Job,
};
use landfall_store::{Conn, deployments, environments, users};
use serde::Serialize;

use crate::{
    api::{context::Cx, error::ApiError},
    cache::Row,
    views::{
        self, Part,
        deployment::{DeploymentView, gap},
        environment::EnvironmentBasic,
        user::UserBasic,
    },
};

/// The deployments with these ids, in their order: those that are kept as they are, the others read, written out and kept.
/// Ids that are gone are passed over.
pub(super) fn all(cx: &Cx, conn: &mut Conn<'_>, ids: &[DeploymentId]) -> Result<Vec<Row>, ApiError> {
    let (mut rows, mut missing) = (Vec::with_capacity(ids.len()), Vec::new());
    for id in ids {
        match cx.app.cache.row(*id) {
            Some(row) => rows.push(row),
            None => missing.push(*id),
        }
    }
    let mut parts = Parts::default();
    // All of them, and then those again that show a user or an environment that nobody has asked for lately.
    while !missing.is_empty() {
        parts.read_unknown(cx, conn)?;
        let (mut left, mut buffer) = (Vec::new(), Vec::new());
        let written = deployments::map_many(conn, &missing, |deployment, job| {
            let row = parts.write(cx, &mut buffer, deployment, job);
            if matches!(row, Ok(None)) {
                left.push(deployment.id);
            }
            row
        })?;
        for row in written {
            rows.extend(row?);
        }
        missing = left;
    }
    rows.sort_by_cached_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

/// Users and environments as the deployments of a list show them; nothing for those that have yet to be read.
#[derive(Default)]
struct Parts {
    users: HashMap<UserId, Option<Bytes>>,
    environments: HashMap<EnvironmentId, Option<Bytes>>,
}

impl Parts {
    /// Writes a deployment out and keeps it, if all that it shows is known. The buffer is for writing, again and again.
    fn write(
        &mut self,
        cx: &Cx,
        buffer: &mut Vec<u8>,
        deployment: &Deployment<&str>,
        job: Option<&Job<&str>>,
    ) -> Result<Option<Row>, ApiError> {
        let cache = &cx.app.cache;
        let environment = self.environments.entry(deployment.environment_id);
        let environment = environment.or_insert_with_key(|id| cache.environment(*id));
        let user = deployment
            .user_id
            .map(|id| self.users.entry(id).or_insert_with(|| cache.user(id)));
        let (Some(environment), false) = (environment, matches!(user, Some(None))) else {
            return Ok(None);
        };
        let user = user.and_then(|user| user.as_deref());
        let view = DeploymentView::of_parts(deployment, job, user.map(Part::Written), Part::Written(environment));
        buffer.clear();
        buffer.push(b',');
        views::write(&view, buffer).map_err(ApiError::internal)?;
        let row = Row::new(deployment, Bytes::copy_from_slice(buffer), gap(buffer));
        cache.keep_row(cx.state, &row);
        Ok(Some(row))
    }

    /// Reads what was not known, and keeps it.
    fn read_unknown(&mut self, cx: &Cx, conn: &mut Conn<'_>) -> Result<(), ApiError> {
        let unknown = unknown(&self.users);
        if !unknown.is_empty() {
            for user in users::by_ids(conn, &unknown)? {
                let written = write(&UserBasic::new(&user, cx.urls()))?;
                cx.app.cache.keep_user(cx.state, user.id, &written);
                self.users.insert(user.id, Some(written));
            }
        }
        let unknown = self::unknown(&self.environments);
        if !unknown.is_empty() {
            for environment in environments::by_ids(conn, &unknown)? {
                let written = write(&EnvironmentBasic::new(&environment))?;
                cx.app.cache.keep_environment(cx.state, environment.id, &written);
                self.environments.insert(environment.id, Some(written));
            }
        }
        let mut known = self.users.values().chain(self.environments.values());
        if known.any(Option::is_none) {
            return Err(ApiError::internal("a user or an environment of a deployment is gone"));
        }
        Ok(())
    }
}

fn unknown<K: Copy>(parts: &HashMap<K, Option<Bytes>>) -> Vec<K> {
    parts
        .iter()
        .filter(|(_, written)| written.is_none())
        .map(|(id, _)| *id)
        .collect()
}

fn write(view: &impl Serialize) -> Result<Bytes, ApiError> {
    let mut written = Vec::new();
    views::write(view, &mut written).map_err(ApiError::internal)?;
    Ok(written.into())
}
