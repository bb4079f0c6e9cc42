//! Deployments as they are kept in memory: written out once, and given to everybody who asks. The users and environments
//! that they show are few and kept by themselves, so that deployments are read without them.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
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

/// What a deployment usually takes.
const USUAL: usize = 3_000;

/// The deployments with these ids, in their order: those that are kept as they are, the others read and written out. Ids
/// that are gone are passed over.
pub(super) fn all(cx: &Cx, conn: &mut Conn<'_>, ids: &[DeploymentId]) -> Result<Vec<Row>, ApiError> {
    let (mut rows, mut missing) = (Vec::with_capacity(ids.len()), Vec::new());
    for id in ids {
        match cx.app.cache.row(cx.state, *id) {
            Some(row) => rows.push(row),
            None => missing.push(*id),
        }
    }
    if !missing.is_empty() {
        let read = read(cx, conn, missing)?;
        cx.app.cache.keep_rows(cx.state, &read);
        rows.extend(read);
        rows.sort_by_cached_key(|row| ids.iter().position(|id| *id == row.id));
    }
    Ok(rows)
}

/// Reads deployments and writes them out, one behind the other into the same memory.
fn read(cx: &Cx, conn: &mut Conn<'_>, mut missing: Vec<DeploymentId>) -> Result<Vec<Row>, ApiError> {
    let mut memory = BytesMut::with_capacity(USUAL * missing.len());
    let mut buffer = Vec::with_capacity(USUAL);
    let mut parts = Parts::default();
    let mut rows = Vec::with_capacity(missing.len());
    // All of them, and then those again that show a user or an environment that nobody has asked for lately.
    while !missing.is_empty() {
        parts.read_unknown(cx, conn)?;
        let mut left = Vec::new();
        let written = deployments::map_many(conn, &missing, |deployment, job| {
            buffer.clear();
            if !parts.write(cx, &mut buffer, deployment, job)? {
                left.push(deployment.id);
                return Ok(None);
            }
            memory.extend_from_slice(&buffer);
            Ok(Some(Row::new(deployment, memory.split().freeze(), gap(&buffer))))
        })?;
        let written: Result<Vec<Option<Row>>, ApiError> = written.into_iter().collect();
        rows.extend(written?.into_iter().flatten());
        missing = left;
    }
    Ok(rows)
}

/// Users and environments as the deployments of a list show them; nothing for those that have yet to be read.
#[derive(Default)]
struct Parts {
    users: BTreeMap<UserId, Option<Bytes>>,
    environments: BTreeMap<EnvironmentId, Option<Bytes>>,
}

impl Parts {
    /// Writes a deployment out, if all that it shows is known. Whether it is.
    fn write(
        &mut self,
        cx: &Cx,
        buffer: &mut Vec<u8>,
        deployment: &Deployment<&str>,
        job: Option<&Job<&str>>,
    ) -> Result<bool, ApiError> {
        let cache = &cx.app.cache;
        let environment = self.environments.entry(deployment.environment_id);
        let environment = environment.or_insert_with_key(|id| cache.environment(cx.state, *id));
        let user = deployment
            .user_id
            .map(|id| self.users.entry(id).or_insert_with(|| cache.user(cx.state, id)));
        let (Some(environment), false) = (environment, matches!(user, Some(None))) else {
            return Ok(false);
        };
        let user = user.and_then(|user| user.as_deref());
        let view = DeploymentView::of_parts(deployment, job, user.map(Part::Written), Part::Written(environment));
        buffer.push(b',');
        views::write(&view, buffer).map_err(ApiError::internal)?;
        Ok(true)
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

fn unknown<K: Copy>(parts: &BTreeMap<K, Option<Bytes>>) -> Vec<K> {
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
