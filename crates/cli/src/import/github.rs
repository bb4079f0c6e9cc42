//! Importing from GitHub.

use std::{collections::BTreeMap, env, sync::Arc};

use landfall_domain::{origin::Kind, time::Timestamp};
use landfall_github::{Client, Error};
use landfall_net::Patience;
use landfall_server::{
    imports::github,
    ops::import::{BeginImport, ImportDeployments, import_deployments},
};
use landfall_store::deployments;
use serde_json::Value;

use super::{How, Import, Ledger, Progress, Stop, Summary, chain, refused, token};
use crate::{args::import::GithubArgs, data::now, failure::Failure};

/// Deployments that are written at once; the statuses of each take a request.
const PART: usize = 20;
/// The variable that GitHub's own tools read.
const USUAL_VARIABLE: &str = "GITHUB_TOKEN";

/// GitHub, and what is wanted of it.
pub(crate) struct Github {
    client: Client,
    repositories: Vec<(String, String)>,
    since: Option<Timestamp>,
    ledger: Ledger,
    progress: Progress,
    may_pass: bool,
}

/// The client for a GitHub.
pub(crate) fn client(args: &GithubArgs, how: &How, progress: &Progress) -> Result<Client, Failure> {
    let token = match &args.token_env {
        Some(variable) => Some(token(variable)?),
        None => env::var(USUAL_VARIABLE).ok().filter(|token| !token.is_empty()),
    };
    let heard = progress.clone();
    let on_wait = Arc::new(move |wait: &landfall_net::Wait| heard.wait(wait));
    let client = Client::new(
        how.reach.clone(),
        &args.url,
        token.as_deref(),
        Patience::default(),
        on_wait,
    );
    client.map_err(|error| Failure::usage(chain(&error)))
}

impl Github {
    pub(crate) fn new(args: &GithubArgs, how: &How, client: Client, ledger: Ledger, progress: Progress) -> Github {
        Github {
            client,
            repositories: args.repo.clone(),
            since: how.since,
            ledger,
            progress,
            may_pass: false,
        }
    }

    fn failed(&mut self, error: &Error) -> Failure {
        let status = match error {
            Error::Refused { status, .. } => Some(*status),
            _ => None,
        };
        self.may_pass = matches!(error, Error::Transport { .. }) || matches!(status, Some(429 | 500..=599));
        let next = match status {
            Some(401) => "the token is not valid; name a variable that holds another with --token-env",
            Some(403 | 404) => "it is not there, or the token may not read its deployments; check both",
            _ => "the same command goes on from here",
        };
        Failure::failed(format!("{}; {next}", chain(error)))
    }

    async fn copy(&self, owner: &str, name: &str, summary: &mut Summary) -> Result<(), Stop<Error>> {
        let repository = self.client.repository(owner, name).await?;
        let broken = |why| Failure::failed(format!("the repository {owner}/{name} makes no sense: {why}"));
        let record = github::project(&repository).map_err(broken)?;
        let page = record.web_url.clone().unwrap_or_default();
        let instance = page.split('/').nth(2).unwrap_or("github.com").to_owned();
        (summary.project, summary.instance) = (record.full_path.clone(), instance.clone());
        let begin = Arc::new(BeginImport {
            kind: Kind::Github,
            instance,
            project: record,
            newest_change: None,
            now: now(),
        });
        let ids = self
            .ledger
            .part(&begin, |_, project, origin| Ok((project.id, origin.id)));
        let (project_id, origin_id) = ids.await?;
        summary.project_id = Some(project_id.0);
        let listed = self.list(owner, name).await?;
        self.progress.begin(&summary.project, u64::try_from(listed.len()).ok());
        let mut part = Vec::new();
        let count = listed.len();
        for (at, (id, kept)) in listed.into_iter().enumerate() {
            let deployment: Value = serde_json::from_str(&kept).unwrap_or_default();
            let changed_at = github::changed_at(&deployment);
            let known = self
                .ledger
                .read(move |conn| deployments::by_origin(conn, origin_id, id))
                .await?;
            if known.is_some_and(|known| Some(known.deployment.updated_at) == changed_at) {
                summary.outcome.unchanged += 1;
            } else {
                let statuses = self.client.statuses(owner, name, id).all().await?;
                match github::deployment(&deployment, &statuses, &repository) {
                    Ok(record) => part.push(record),
                    Err(why) => {
                        summary.outcome.refused.insert(refused("deployment", &deployment, &why));
                    }
                }
            }
            if part.len() == PART || at + 1 == count {
                self.write(&begin, std::mem::take(&mut part), summary).await?;
            }
            self.progress.advance(1, None);
        }
        Ok(())
    }

    /// Every deployment that is wanted, oldest first, by its id. GitHub lists the newest first, so all of them have to be
    /// kept until the oldest has been read: as short texts.
    async fn list(&self, owner: &str, name: &str) -> Result<BTreeMap<i64, String>, Error> {
        let mut listed = BTreeMap::new();
        let mut pages = self.client.deployments(owner, name);
        while let Some(page) = pages.next_page().await? {
            for deployment in page {
                let is_old = self
                    .since
                    .is_some_and(|since| github::changed_at(&deployment) < Some(since));
                let id = deployment.get("id").and_then(Value::as_i64);
                if let Some(id) = id.filter(|_| !is_old) {
                    listed.insert(id, github::abridged(deployment).to_string());
                }
            }
        }
        Ok(listed)
    }

    async fn write(
        &self,
        begin: &Arc<BeginImport>,
        records: Vec<landfall_server::imports::Record>,
        summary: &mut Summary,
    ) -> Result<(), Failure> {
        let records = Arc::new(records);
        let written = self.ledger.part(begin, move |tx, project, origin| {
            let wanted = ImportDeployments {
                project_id: project.id,
                origin_id: origin.id,
                records: Arc::clone(&records),
                progress: origin.progress,
                now: now(),
            };
            import_deployments(tx, &wanted)
        });
        summary.outcome.add(written.await?);
        Ok(())
    }
}

impl Import for Github {
    async fn pass(&mut self, summaries: &mut Vec<Summary>) -> Result<(), Failure> {
        self.may_pass = false;
        for (owner, name) in self.repositories.clone() {
            let mut summary = Summary {
                project: format!("{owner}/{name}"),
                ..Summary::default()
            };
            let copied = self.copy(&owner, &name, &mut summary).await;
            self.progress.end();
            summaries.push(summary);
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

impl From<Error> for Stop<Error> {
    fn from(error: Error) -> Stop<Error> {
        Stop::There(error)
    }
}
