//! Many deployments at once, with few statements where each of them is a round trip.

use std::collections::BTreeMap;

use landfall_domain::{
    deployment::Deployment,
    event::Event,
    ids::{DeploymentId, Iid, ProjectId},
};

use super::{INSERT_ROW, NEXT_IIDS, NewDeployment, StoredFacts, UPDATE, inserted, updated_values, values};
use crate::{
    engine::{ForRows, Tx, Value, postgres_statements},
    error::Error,
    events,
};

/// Inserts deployments and the events that tell of them, and moves the counters of their projects by a statement over `new`.
/// The ids are taken first, so that an event need not be led back to its deployment.
macro_rules! insert_many {
    ($count:literal) => {
        concat!(
            "WITH new AS MATERIALIZED (SELECT nextval('deployments_id_seq') AS id, rows.* FROM unnest($1::BIGINT[], \
                $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BIGINT[], $6::TEXT[], $7::BOOLEAN[], $8::TEXT[], $9::TEXT[], \
                $10::BIGINT[], $11::TEXT[], $12::TEXT[], $13::TEXT[], $14::TEXT[], $15::TEXT[], $16::TEXT[], \
                $17::BOOLEAN[], $18::BIGINT[], $19::BIGINT[], $20::BIGINT[], $21::TEXT[], $22::BIGINT[], $23::TEXT[], \
                $24::BIGINT[]) WITH ORDINALITY AS rows (", inserted!(), ", kind, actor_id, data, at, place)), \
             counted AS (", $count, "), \
             made AS (INSERT INTO deployments (id, ", inserted!(), ") SELECT id, ", inserted!(), " FROM new) \
             INSERT INTO events (kind, project_id, deployment_id, environment_id, actor_id, data, at) \
             SELECT kind, project_id, id, environment_id, actor_id, data, at FROM new ORDER BY place \
             RETURNING deployment_id"
        )
    };
}

postgres_statements! { "deployments";
    LAST_IID = "SELECT last_iid FROM deployment_counters WHERE project_id = $1";
    INSERT_MANY = insert_many!(
        "UPDATE deployment_counters c SET last_iid = c.last_iid + n.number, total = c.total + n.number \
         FROM (SELECT project_id, count(*) AS number FROM new GROUP BY project_id) n WHERE c.project_id = n.project_id"
    );
    // Where all are of one project, its counter is found by index, and the others are not read.
    INSERT_MANY_OF_ONE = insert_many!(
        "UPDATE deployment_counters SET last_iid = last_iid + cardinality($1::BIGINT[]), \
         total = total + cardinality($1::BIGINT[]) WHERE project_id = (SELECT project_id FROM new LIMIT 1)"
    );
    UPDATE_MANY = "UPDATE deployments SET job_id = rows.job_id, status = rows.status, created_at = rows.created_at, \
                   updated_at = rows.updated_at, finished_at = rows.finished_at FROM unnest($1::BIGINT[], $2::BIGINT[], \
                   $3::BIGINT[], $4::BIGINT[], $5::BIGINT[], $6::BIGINT[]) \
                   AS rows (job_id, status, created_at, updated_at, finished_at, id) WHERE deployments.id = rows.id";
}

/// The iids that projects gave out last, as far as a transaction knows them. Nobody else gives any out while it lasts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastIids(BTreeMap<ProjectId, i64>);

impl LastIids {
    /// Notes what was read in the transaction.
    pub(crate) fn note(&mut self, project: ProjectId, iid: i64) {
        self.0.insert(project, iid);
    }

    /// The iids of new deployments of these projects, in their order.
    fn next(&mut self, tx: &mut Tx<'_>, projects: impl Iterator<Item = ProjectId>) -> Result<Vec<i64>, Error> {
        let next = |project: ProjectId| {
            let known = self.0.get(&project).copied();
            let last = match known {
                Some(last) => last,
                None => tx
                    .query_opt(&LAST_IID, &[project.0.into()], |row| row.get(0))?
                    .ok_or(Error::Gone(project.into()))?,
            };
            self.note(project, last + 1);
            Ok(last + 1)
        };
        projects.map(next).collect()
    }
}

/// Records deployments, each under the next iid of its project and with the event that tells of it, as [`super::insert`] and
/// [`events::append`] would one after the other. An event is made when the iid is known, and told which deployment it is
/// about. Answers what [`super::get`] would find.
pub fn insert_many(
    tx: &mut Tx<'_>,
    last: &mut LastIids,
    all: Vec<(NewDeployment, impl Fn(Iid) -> Event)>,
) -> Result<Vec<Deployment>, Error> {
    let projects = all.iter().map(|(new, _)| new.project_id);
    let iids = if tx.is_sqlite() {
        next_iids(tx, projects)?
    } else {
        last.next(tx, projects)?
    };
    let facts: Vec<StoredFacts> = all
        .iter()
        .map(|(new, _)| StoredFacts::of(&new.facts))
        .collect::<Result<_, _>>()?;
    let rows = all.iter().zip(&iids).zip(&facts);
    let rows: Vec<Vec<Value<'_>>> = rows.map(|(((new, _), iid), facts)| values(*iid, new, facts)).collect();
    let mut events: Vec<Event> = all
        .iter()
        .zip(&iids)
        .map(|((_, event), iid)| event(Iid(*iid)))
        .collect();
    let is_one_project = all
        .windows(2)
        .all(|pair| matches!(pair, [(a, _), (b, _)] if a.project_id == b.project_id));
    let how = ForRows {
        one: &INSERT_ROW,
        many: if is_one_project {
            &INSERT_MANY_OF_ONE
        } else {
            &INSERT_MANY
        },
    };
    let new_rows = insert_rows(tx, &how, rows, &mut events)?;
    let numbered = all.into_iter().zip(new_rows.into_iter().zip(iids));
    Ok(numbered
        .map(|((new, _), (id, iid))| recorded(new, DeploymentId(id), Iid(iid)))
        .collect())
}

/// Inserts deployments, each with its event; their ids.
fn insert_rows<'v>(
    tx: &mut Tx<'_>,
    how: &ForRows<'_>,
    mut rows: Vec<Vec<Value<'v>>>,
    events: &'v mut [Event],
) -> Result<Vec<i64>, Error> {
    if tx.is_sqlite() {
        let ids = tx.run_for_rows(how, &rows)?;
        for (event, id) in events.iter_mut().zip(&ids) {
            event.deployment_id = Some(DeploymentId(*id));
        }
        events::append_many(tx, events)?;
        return Ok(ids);
    }
    for (row, event) in rows.iter_mut().zip(&*events) {
        let event: [Value<'v>; 4] = [
            event.kind.as_str().into(),
            event.actor_id.map(|id| id.0).into(),
            (&event.data).into(),
            event.at.into(),
        ];
        row.extend(event);
    }
    tx.run_for_rows(how, &rows)
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

/// The iids of new deployments of these projects, in their order: each project's counter is moved once.
fn next_iids(tx: &mut Tx<'_>, projects: impl Iterator<Item = ProjectId> + Clone) -> Result<Vec<i64>, Error> {
    let mut wanted: BTreeMap<ProjectId, i64> = BTreeMap::new();
    for project in projects.clone() {
        *wanted.entry(project).or_default() += 1;
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
    Ok(projects.map(&mut give).collect())
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
