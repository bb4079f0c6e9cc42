//! Many deployments at once, with few statements where each of them is a round trip.

use std::collections::BTreeMap;

use landfall_domain::{
    deployment::Deployment,
    ids::{DeploymentId, Iid, ProjectId},
};

use super::{INSERT_ROW, NEXT_IIDS, NewDeployment, StoredFacts, UPDATE, inserted, updated_values, values};
use crate::{
    engine::{ForRows, Tx, Value, postgres_statements},
    error::Error,
};

postgres_statements! { "deployments";
    INSERT_MANY = concat!(
        "INSERT INTO deployments (", inserted!(), ") SELECT ", inserted!(), " FROM unnest($1::BIGINT[], $2::BIGINT[], \
         $3::BIGINT[], $4::BIGINT[], $5::BIGINT[], $6::TEXT[], $7::BOOLEAN[], $8::TEXT[], $9::TEXT[], $10::BIGINT[], \
         $11::TEXT[], $12::TEXT[], $13::TEXT[], $14::TEXT[], $15::TEXT[], $16::TEXT[], $17::BOOLEAN[], $18::BIGINT[], \
         $19::BIGINT[], $20::BIGINT[]) WITH ORDINALITY AS rows (", inserted!(), ", place) ORDER BY place RETURNING id"
    );
    UPDATE_MANY = "UPDATE deployments SET job_id = rows.job_id, status = rows.status, created_at = rows.created_at, \
                   updated_at = rows.updated_at, finished_at = rows.finished_at FROM unnest($1::BIGINT[], $2::BIGINT[], \
                   $3::BIGINT[], $4::BIGINT[], $5::BIGINT[], $6::BIGINT[]) \
                   AS rows (job_id, status, created_at, updated_at, finished_at, id) WHERE deployments.id = rows.id";
}

/// Records deployments, each under the next iid of its project, as [`super::insert`] would one after the other. Answers what
/// [`super::get`] would find.
pub fn insert_many(tx: &mut Tx<'_>, all: Vec<NewDeployment>) -> Result<Vec<Deployment>, Error> {
    let iids = next_iids(tx, &all)?;
    let facts: Vec<StoredFacts> = all
        .iter()
        .map(|new| StoredFacts::of(&new.facts))
        .collect::<Result<_, _>>()?;
    let rows: Vec<Vec<Value<'_>>> = all
        .iter()
        .zip(&iids)
        .zip(&facts)
        .map(|((new, iid), facts)| values(*iid, new, facts))
        .collect();
    let how = ForRows {
        one: &INSERT_ROW,
        many: &INSERT_MANY,
    };
    let new_rows = tx.run_for_rows(&how, &rows)?;
    let numbered = all.into_iter().zip(new_rows.into_iter().zip(iids));
    Ok(numbered
        .map(|(new, (id, iid))| recorded(new, DeploymentId(id), Iid(iid)))
        .collect())
}

fn recorded(new: NewDeployment, id: DeploymentId, iid: Iid) -> Deployment {
    Deployment {
        id,
        iid,
        project_id: new.project_id,
        environment_id: new.environment_id,
        user_id: new.user_id,
        job_id: new.job_id,
        git_ref: new.git_ref,
        tag: new.tag,
        sha: new.sha,
        commit: new.commit,
        status: new.status,
        source: new.source,
        external_id: new.external_id,
        facts: new.facts,
        owned_by_gitlab: new.owned_by_gitlab,
        origin: None,
        created_at: new.created_at,
        updated_at: new.updated_at,
        finished_at: new.finished_at,
    }
}

/// The iids of new deployments, in their order: each project's counter is moved once.
fn next_iids(tx: &mut Tx<'_>, all: &[NewDeployment]) -> Result<Vec<i64>, Error> {
    let mut wanted: BTreeMap<ProjectId, i64> = BTreeMap::new();
    for new in all {
        *wanted.entry(new.project_id).or_default() += 1;
    }
    // From here on, what is given out next.
    for (project, number) in &mut wanted {
        let values = [(*number).into(), project.0.into()];
        let last: Option<i64> = tx.query_opt(&NEXT_IIDS, &values, |row| row.get(0))?;
        *number = last.ok_or(Error::Gone((*project).into()))? - *number + 1;
    }
    let mut give = |project| {
        let next = wanted.entry(project).or_default();
        *next += 1;
        *next - 1
    };
    Ok(all.iter().map(|new| give(new.project_id)).collect())
}

/// As [`super::update`], for several deployments, each of them once.
pub fn update_many(tx: &mut Tx<'_>, deployments: &[&Deployment]) -> Result<(), Error> {
    let rows: Vec<Vec<Value<'_>>> = deployments
        .iter()
        .map(|deployment| updated_values(deployment))
        .collect();
    let how = ForRows {
        one: &UPDATE,
        many: &UPDATE_MANY,
    };
    tx.run_for_rows(&how, &rows).map(drop)
}
