//! The writing part of a create. All creates that wait are recorded by one call, as if one had been after the other; what
//! they have in common is looked up once, and what does not depend on each other is written by the same statements.

use std::collections::{
    HashMap,
    hash_map::Entry::{Occupied, Vacant},
};

use landfall_domain::{
    deployment::{DeploymentDetails, Facts, Status, Times, is_unchanged},
    environment::Environment,
    event::Event,
    ids::{Iid, JobRowId, ProjectId, UserId, WebhookId},
    user::User,
};
use landfall_store::{
    Conn, Together, Tx,
    creates::{self, Wanted},
    deployments::{self, LastIids},
    events, jobs, users,
};

use super::{CreateDeployment, created, event_text, repeat};
use crate::{
    Urls,
    ops::{
        Refusal,
        announce::announce,
        environment::{self, By},
        job::{self, KnownCommit, KnownUser},
    },
};

/// A create that has been checked as far as that can be done outside of a transaction.
pub(super) struct Record {
    pub(super) wanted: CreateDeployment,
    pub(super) times: Times,
    /// The full object id behind the sha.
    pub(super) commit: Option<String>,
    /// What the repository knows for the job.
    pub(super) known_commit: Option<KnownCommit>,
    pub(super) urls: Urls,
}

impl Together for Record {
    type Made = DeploymentDetails;
    type Error = Refusal;

    fn write(tx: &mut Tx<'_>, all: &[&Record]) -> Result<Vec<DeploymentDetails>, Refusal> {
        let mut known = Known::default();
        known.look_up(tx, all)?;
        let mut made = Vec::with_capacity(all.len());
        let mut rest = all;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(known.independent(tx, rest)?);
            made.extend(known.record(tx, now)?);
            rest = later;
        }
        Ok(made)
    }
}

/// A deployment on its way into the database.
struct Draft<'r> {
    record: &'r Record,
    /// Its place among those that are recorded together.
    place: usize,
    environment: Environment,
    user: Option<User>,
    job: Option<jobs::NewJob>,
}

/// What has been looked up in the transaction.
#[derive(Default)]
struct Known<'r> {
    environments: HashMap<(ProjectId, &'r str), Environment>,
    users: HashMap<UserId, Option<User>>,
    /// Those that jobs name.
    named: HashMap<&'r str, Option<KnownUser>>,
    /// Who is told what happens in projects.
    listeners: HashMap<ProjectId, Vec<WebhookId>>,
    last_iids: LastIids,
}

impl<'r> Known<'r> {
    /// Looks up at once what all will ask for, where that is less work. Refuses if it is not certain that those whom an
    /// earlier state let in may still do this.
    fn look_up(&mut self, tx: &mut Tx<'_>, records: &[&'r Record]) -> Result<(), Refusal> {
        let mut places: Vec<Wanted<'r>> = records.iter().map(|record| record.place()).collect();
        places.sort_unstable();
        places.dedup();
        let allowed_in = records.iter().filter_map(|record| record.wanted.allowed_in).min();
        let looked_up = creates::look_up(tx, &places, allowed_in, &mut self.last_iids)?;
        if allowed_in.is_some() && !looked_up.as_ref().is_some_and(|all| all.is_still_allowed) {
            return Err(Refusal::Conflict);
        }
        let found = looked_up.into_iter().flat_map(|all| all.found);
        for (place, found) in places.into_iter().zip(found) {
            if let Some(environment) = found.environment {
                self.environments
                    .insert((place.project, place.environment), environment);
            }
            self.users.insert(place.user, found.user);
            self.listeners.insert(place.project, found.listeners);
        }
        Ok(())
    }

    /// How many of the first can be written by the same statements. A success is compared with the one before it in its
    /// environment, and a webhook is told what was live at that moment: so these must be there first.
    fn independent(&mut self, tx: &mut Tx<'_>, records: &[&'r Record]) -> Result<usize, Refusal> {
        let mut successes = Vec::new();
        for (place, record) in records.iter().enumerate() {
            let wanted = &record.wanted;
            let environment = (wanted.project.id, &*wanted.environment);
            let is_success = wanted.status == Status::Success;
            let follows = is_success && successes.contains(&environment);
            if place > 0 && follows || records.len() > 1 && !self.listeners(tx, wanted.project.id)?.is_empty() {
                return Ok(place.max(1));
            }
            if is_success {
                successes.push(environment);
            }
        }
        Ok(records.len())
    }

    /// Records creates that do not depend on each other.
    fn record(&mut self, tx: &mut Tx<'_>, records: &[&'r Record]) -> Result<Vec<DeploymentDetails>, Refusal> {
        let mut made = Vec::with_capacity(records.len());
        let mut drafts = Vec::with_capacity(records.len());
        for (place, record) in records.iter().copied().enumerate() {
            let environment = self.environment(tx, record)?;
            if let Some(last) = record.repeated(tx, environment)? {
                made.push((place, last));
                continue;
            }
            if record.wanted.status == Status::Success {
                environment::wake(tx, environment, record.by())?;
            }
            drafts.push(Draft {
                record,
                place,
                environment: environment.clone(),
                user: self.user(tx, record.wanted.user_id)?,
                job: self.job(tx, record)?,
            });
        }
        made.extend(self.insert(tx, drafts)?);
        made.sort_unstable_by_key(|(place, _)| *place);
        Ok(made.into_iter().map(|(_, details)| details).collect())
    }

    /// Inserts deployments with their jobs, and the events that tell of them. What is answered is what reading them would
    /// find.
    fn insert(&mut self, tx: &mut Tx<'_>, drafts: Vec<Draft<'r>>) -> Result<Vec<(usize, DeploymentDetails)>, Refusal> {
        let jobs: Vec<(ProjectId, &jobs::NewJob)> = drafts
            .iter()
            .filter_map(|draft| Some((draft.record.wanted.project.id, draft.job.as_ref()?)))
            .collect();
        let mut job_ids = jobs::insert_many(tx, &jobs)?.into_iter();
        let new = drafts.iter().map(|draft| {
            let job_id = draft.job.as_ref().and_then(|_| job_ids.next());
            let new = draft.record.deployment(&draft.environment, job_id);
            (new, |iid| draft.event(iid))
        });
        let inserted = deployments::insert_many(tx, &mut self.last_iids, new.collect())?;
        let mut made = Vec::with_capacity(drafts.len());
        for (draft, deployment) in drafts.into_iter().zip(inserted) {
            let job = draft.job.zip(deployment.job_id);
            let details = DeploymentDetails {
                deployment,
                environment: draft.environment,
                user: draft.user,
                job: job.map(|(job, row)| jobs::recorded(job, row)),
            };
            let listeners = self.listeners(tx, details.deployment.project_id)?.to_vec();
            announce(tx, &details, listeners, draft.record.by())?;
            made.push((draft.place, details));
        }
        Ok(made)
    }

    fn environment(&mut self, tx: &mut Tx<'_>, record: &'r Record) -> Result<&mut Environment, Refusal> {
        let wanted = &record.wanted;
        let (project, name) = (wanted.project.id, &*wanted.environment);
        Ok(match self.environments.entry((project, name)) {
            Occupied(known) => known.into_mut(),
            Vacant(place) => {
                let url = wanted.external_url.as_deref();
                place.insert(environment::find_or_create(tx, project, name, url, record.by())?)
            }
        })
    }

    fn user(&mut self, conn: &mut Conn<'_>, id: UserId) -> Result<Option<User>, Refusal> {
        Ok(match self.users.entry(id) {
            Occupied(known) => known.get().clone(),
            Vacant(place) => place.insert(users::by_id(conn, id)?).clone(),
        })
    }

    fn job(&mut self, conn: &mut Conn<'_>, record: &'r Record) -> Result<Option<jobs::NewJob>, Refusal> {
        let Some(given) = &record.wanted.job else {
            return Ok(None);
        };
        let user = match given.username() {
            None => None,
            Some(username) => match self.named.entry(username) {
                Occupied(known) => known.into_mut().as_ref(),
                Vacant(place) => place.insert(job::user_of(conn, given, &record.urls)?).as_ref(),
            },
        };
        Ok(Some(given.complete(None, record.known_commit.as_ref(), user)))
    }

    fn listeners(&mut self, conn: &mut Conn<'_>, project: ProjectId) -> Result<&[WebhookId], Refusal> {
        Ok(match self.listeners.entry(project) {
            Occupied(known) => known.into_mut(),
            Vacant(place) => place.insert(events::listeners(conn, project)?),
        })
    }
}

impl Record {
    fn place(&self) -> Wanted<'_> {
        Wanted {
            project: self.wanted.project.id,
            environment: &self.wanted.environment,
            user: self.wanted.user_id,
        }
    }

    fn by(&self) -> By {
        By {
            user: Some(self.wanted.user_id),
            now: self.wanted.now,
            chain: self.wanted.event_chain,
        }
    }

    /// The environment's last deployment, if it says the same already (reference 6.3.3).
    fn repeated(&self, conn: &mut Conn<'_>, environment: &Environment) -> Result<Option<DeploymentDetails>, Refusal> {
        if self.wanted.status != Status::Success {
            return Ok(None);
        }
        let last = deployments::last(conn, environment.id)?;
        Ok(last.filter(|last| is_unchanged(&last.deployment, last.job.as_ref(), &repeat(&self.wanted))))
    }

    fn deployment(&self, environment: &Environment, job_id: Option<JobRowId>) -> deployments::NewDeployment {
        let wanted = &self.wanted;
        deployments::NewDeployment {
            project_id: wanted.project.id,
            environment_id: environment.id,
            user_id: Some(wanted.user_id),
            job_id,
            git_ref: wanted.git_ref.clone(),
            tag: wanted.tag,
            sha: wanted.sha.clone(),
            commit: self.commit.clone(),
            status: wanted.status,
            source: wanted.source,
            external_id: None,
            facts: Facts::default(),
            owned_by_gitlab: false,
            created_at: self.times.created_at,
            updated_at: self.times.updated_at,
            finished_at: self.times.finished_at,
        }
    }
}

impl Draft<'_> {
    /// The event that it was recorded.
    fn event(&self, iid: Iid) -> Event {
        let wanted = &self.record.wanted;
        let text = event_text(iid, wanted.status, &wanted.sha, &wanted.git_ref, &self.environment.name);
        created(&self.environment, text, self.record.by())
    }
}
