//! Importing from a GitLab, or from another Landfall.

use std::{collections::HashMap, sync::Arc};

use landfall_domain::{
    origin::{Kind, Progress as Reached},
    time::Timestamp,
};
use landfall_gitlab::{Client, Error, OrderBy, Project, ProjectRef, Query, Sort};
use landfall_net::Patience;
use landfall_server::{
    imports::{
        ProjectRecord,
        gitlab::{self, Home},
    },
    ops::import::{
        BeginImport, ImportDeployments, ImportEnvironments, LARGEST_PART, Outcome, import_deployments,
        import_environments,
    },
};
use landfall_store::deployments;
use serde_json::Value;

use super::{How, Import, Ledger, OVERLAP, Progress, Stop, Summary, chain, refused};
use crate::{args::import::GitlabArgs, data::now, failure::Failure};

/// An instance, and what is wanted of it.
pub(crate) struct Gitlab {
    client: Client,
    url: String,
    token_env: String,
    projects: Vec<ProjectRef>,
    groups: Vec<ProjectRef>,
    since: Option<Timestamp>,
    ledger: Ledger,
    progress: Progress,
    may_pass: bool,
}

/// The client for an instance.
pub(crate) fn client(args: &GitlabArgs, how: &How, token: &str, progress: &Progress) -> Result<Client, Failure> {
    let heard = progress.clone();
    let client = Client::within(how.reach.clone(), &args.url, token);
    let client = client.map_err(|error| Failure::usage(chain(&error)))?;
    Ok(client.patient(Patience::default(), Arc::new(move |wait| heard.wait(wait))))
}

impl Gitlab {
    pub(crate) fn new(args: &GitlabArgs, how: &How, client: Client, ledger: Ledger, progress: Progress) -> Gitlab {
        let refs = |named: &[String]| named.iter().map(|name| ProjectRef::from(name.as_str())).collect();
        Gitlab {
            client,
            url: args.url.clone(),
            token_env: args.token_env.clone(),
            projects: refs(&args.project),
            groups: refs(&args.group),
            since: how.since,
            ledger,
            progress,
            may_pass: false,
        }
    }

    /// The projects that are wanted, each once.
    async fn wanted(&self) -> Result<Vec<Project>, Error> {
        let mut wanted = Vec::new();
        for named in &self.projects {
            wanted.push(self.client.project(named.clone()).await?);
        }
        for group in &self.groups {
            wanted.extend(self.client.projects_of_group(group.clone()).all().await?);
        }
        let mut seen = std::collections::HashSet::new();
        wanted.retain(|project| seen.insert(project.id));
        Ok(wanted)
    }

    /// One sentence for an error, with what to do next; notes whether trying again may help.
    fn failed(&mut self, error: &Error) -> Failure {
        let status = error.refusal().map(|refusal| refusal.status);
        self.may_pass = matches!(error, Error::Transport { .. }) || matches!(status, Some(408 | 425 | 429 | 500..=599));
        let next = match status {
            Some(401) => format!("the token in {} is not valid there; make a new one", self.token_env),
            Some(403) => format!(
                "the token in {} may not read this; it needs the scope read_api",
                self.token_env
            ),
            Some(404) => format!(
                "it is not there, or the owner of the token in {} may not see it; check the path",
                self.token_env
            ),
            Some(301 | 302 | 307 | 308) => "name the new address with --url".to_owned(),
            _ if matches!(error, Error::Unreachable { .. }) => "nothing was sent".to_owned(),
            _ => "the same command goes on from here".to_owned(),
        };
        Failure::failed(format!("{}; {next}", chain(error)))
    }
}

impl Import for Gitlab {
    async fn pass(&mut self, summaries: &mut Vec<Summary>) -> Result<(), Failure> {
        self.may_pass = false;
        let wanted = match self.wanted().await {
            Ok(wanted) => wanted,
            Err(error) => return Err(self.failed(&error)),
        };
        for project in wanted {
            let record = read_project(&project)?;
            let mut copying = Copying::new(self, &record, summaries);
            let copied = copying.copy(&record).await;
            self.progress.end();
            match copied {
                Ok(()) => {}
                Err(Stop::There(error)) => return Err(self.failed(&error)),
                Err(Stop::Here(failure)) => return Err(failure),
            }
        }
        Ok(())
    }

    fn may_pass(&self) -> bool {
        self.may_pass
    }
}

fn read_project(project: &Project) -> Result<ProjectRecord, Failure> {
    let value = serde_json::to_value(project).unwrap_or_default();
    let path = &project.path_with_namespace;
    gitlab::project(&value).map_err(|broken| Failure::failed(format!("the project {path} makes no sense: {broken}")))
}

impl From<Error> for Stop<Error> {
    fn from(error: Error) -> Stop<Error> {
        Stop::There(error)
    }
}

/// A project that is being copied.
struct Copying<'a> {
    client: &'a Client,
    ledger: &'a Ledger,
    progress: &'a Progress,
    since: Option<Timestamp>,
    home: Home,
    project: ProjectRef,
    summary: &'a mut Summary,
}

impl<'a> Copying<'a> {
    fn new(from: &'a Gitlab, record: &ProjectRecord, summaries: &'a mut Vec<Summary>) -> Copying<'a> {
        let home = Home::of(record, &from.url);
        summaries.push(Summary {
            project: record.full_path.clone(),
            instance: home.instance.clone(),
            ..Summary::default()
        });
        let last = summaries.len() - 1;
        Copying {
            client: &from.client,
            ledger: &from.ledger,
            progress: &from.progress,
            since: from.since,
            home,
            project: ProjectRef::Id(record.id),
            summary: &mut summaries[last],
        }
    }

    /// Copies what is new: everything in the order of the ids the first time, then what has changed.
    async fn copy(&mut self, record: &ProjectRecord) -> Result<(), Stop<Error>> {
        let newest = self.newest(OrderBy::Id).await?;
        let newest_change = self.newest(OrderBy::UpdatedAt).await?;
        let total = newest.as_ref().and_then(|newest| newest.get("iid")?.as_u64());
        self.progress.begin(&record.full_path, total);
        let begin = Arc::new(BeginImport {
            kind: Kind::Gitlab,
            instance: self.home.instance.clone(),
            project: record.clone(),
            newest_change: newest_change.as_ref().and_then(changed_at),
            now: now(),
        });
        let ids = self.ledger.part(&begin, |_, project, origin| {
            Ok((project.id, origin.id, origin.progress))
        });
        let (project_id, origin_id, mut reached) = ids.await?;
        self.summary.project_id = Some(project_id.0);
        self.environments(&begin).await?;
        if let Some(since) = self.since {
            return self.changes(&begin, since, None).await;
        }
        let walks = !reached.walked || reached.changed_to.is_none();
        if walks {
            let after = reached.walked_to.filter(|_| !reached.walked);
            let before = match after {
                Some(id) => {
                    self.ledger
                        .read(move |conn| deployments::count_of_origin(conn, origin_id, id))
                        .await?
                }
                None => 0,
            };
            self.walk(&begin, after, u64::try_from(before).unwrap_or_default(), &mut reached)
                .await?;
        }
        let Some(changed_to) = reached.changed_to.filter(|_| !walks || self.ledger.keeps()) else {
            return Ok(());
        };
        let unchanged = self.summary.outcome.unchanged;
        self.changes(&begin, changed_to.minus(OVERLAP), Some(reached)).await?;
        if walks {
            // They have been counted.
            self.summary.outcome.unchanged = unchanged;
        }
        Ok(())
    }

    /// The last deployment of an order.
    async fn newest(&self, order: OrderBy) -> Result<Option<Value>, Error> {
        let query = Query {
            order_by: Some(order),
            sort: Some(Sort::Desc),
            per_page: Some(1),
            ..Query::default()
        };
        let mut pages = self.client.deployments().list_json(self.project.clone(), &query)?;
        let page = pages.next_page().await?;
        Ok(page.and_then(|page| page.items.into_iter().next()))
    }

    /// Copies the environments. An instance that has no list of them, or does not show it, tells of each what its
    /// deployments tell.
    async fn environments(&mut self, begin: &Arc<BeginImport>) -> Result<(), Stop<Error>> {
        let mut pages = self.client.environments(self.project.clone());
        loop {
            let page = match pages.next_page().await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(()),
                Err(Error::Refused(refusal)) if matches!(refusal.status, 403 | 404) => {
                    self.summary.notes.push(format!(
                        "state and tier of its environments are not known: the list of them answered {}",
                        refusal.status
                    ));
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            let mut records = Vec::new();
            for value in &page.items {
                match gitlab::environment(value) {
                    Ok(record) => records.push(record),
                    Err(why) => {
                        self.summary.outcome.refused.insert(refused("environment", value, &why));
                    }
                }
            }
            for part in records.chunks(LARGEST_PART) {
                let part = part.to_vec();
                let written = self.ledger.part(begin, move |tx, project, _| {
                    let wanted = ImportEnvironments {
                        project_id: project.id,
                        records: part.clone(),
                        now: now(),
                    };
                    import_environments(tx, &wanted)
                });
                self.summary.outcome.add(written.await?);
            }
        }
    }

    /// Copies everything behind an id, in the order of the ids.
    async fn walk(
        &mut self,
        begin: &Arc<BeginImport>,
        after: Option<i64>,
        position: u64,
        reached: &mut Reached,
    ) -> Result<(), Stop<Error>> {
        let client = self.client;
        let mut walk = client.deployments().walk(self.project.clone(), after, position);
        while let Some(values) = walk.next_part().await? {
            let last = values.last().and_then(|value| value.get("id")?.as_i64());
            reached.walked_to = last.max(reached.walked_to);
            self.write(begin, &values, Some(*reached)).await?;
        }
        reached.walked = true;
        Ok(self.write(begin, &[], Some(*reached)).await?)
    }

    /// Copies what has changed since a time. `reached` is advanced by it, unless only a part is wanted.
    async fn changes(
        &mut self,
        begin: &Arc<BeginImport>,
        since: Timestamp,
        mut reached: Option<Reached>,
    ) -> Result<(), Stop<Error>> {
        let client = self.client;
        let mut changes = client.deployments().changes(self.project.clone(), since.to_exact());
        let mut before: HashMap<i64, Value> = HashMap::new();
        while let Some(mut values) = changes.next_part().await? {
            if let Some(reached) = &mut reached {
                reached.changed_to = values.last().and_then(changed_at).max(reached.changed_to);
            }
            let id = |value: &Value| value.get("id").and_then(Value::as_i64);
            let is_new = |value: &Value| id(value).and_then(|id| before.get(&id)) != Some(value);
            values.retain(is_new);
            self.write(begin, &values, reached).await?;
            before = values
                .into_iter()
                .filter_map(|value| Some((id(&value)?, value)))
                .collect();
        }
        Ok(())
    }

    /// Writes deployments, and how far the import has come with them.
    async fn write(
        &mut self,
        begin: &Arc<BeginImport>,
        values: &[Value],
        reached: Option<Reached>,
    ) -> Result<(), Failure> {
        let mut records = Vec::new();
        for value in values {
            match gitlab::deployment(value, &self.home) {
                Ok(record) => records.push(record),
                Err(why) => {
                    self.summary.outcome.refused.insert(refused("deployment", value, &why));
                }
            }
        }
        let at = records.last().and_then(|record| record.iid);
        let records = Arc::new(records);
        let count = records.len();
        let written: Outcome = self
            .ledger
            .part(begin, move |tx, project, origin| {
                let wanted = ImportDeployments {
                    project_id: project.id,
                    origin_id: origin.id,
                    records: Arc::clone(&records),
                    progress: reached.unwrap_or(origin.progress),
                    now: now(),
                };
                import_deployments(tx, &wanted)
            })
            .await?;
        self.summary.outcome.add(written);
        self.progress.advance(count, at);
        Ok(())
    }
}

fn changed_at(value: &Value) -> Option<Timestamp> {
    Timestamp::parse_wire(value.get("updated_at")?.as_str()?)
}
