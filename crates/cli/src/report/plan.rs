//! What is to be reported, and to whom: flags, else `LANDFALL_*` variables, else what the CI system and the checkout
//! tell.

use std::{env, fmt::Write as _, fs, time::Duration};

use landfall_domain::time::Timestamp;
use landfall_gitlab::{Client, Status};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::{Entry, Report, sender::Sender, spool::Spool};
use crate::{
    args::report::{FactArgs, ReportArgs, ServerArgs},
    ci::{self, context::Context, environment::Environment, git::Checkout, overrides::Overrides},
    failure::Failure,
};

/// The most characters of a key that a server takes.
const LONGEST_KEY: usize = 255;
/// Random bytes of a key that is made up.
const KEY_BYTES: usize = 16;

/// The server, as far as it is known.
pub(crate) struct Server {
    pub(crate) url: Option<String>,
    token: Option<String>,
    pub(crate) project: Option<String>,
    timeout: Duration,
    spool: Option<Spool>,
}

/// Everything that is known before the deployment begins.
pub(crate) struct Plan {
    pub(crate) server: Server,
    environment: String,
    sha: String,
    git_ref: String,
    tag: bool,
    external_id: String,
    deployable: Value,
}

impl Server {
    /// Decides, for commands that have no project of their own.
    pub(crate) fn of(args: &ServerArgs) -> Result<Server, Failure> {
        with_surroundings(|surroundings| Server::decide(args, surroundings, None))
    }

    fn decide(args: &ServerArgs, surroundings: &Environment<'_>, detected: Option<String>) -> Result<Server, Failure> {
        let url = args.url.clone().or_else(|| surroundings.get("LANDFALL_URL"));
        // It is shown in messages and kept with reports.
        if url.as_deref().is_some_and(has_password) {
            return Err(Failure::usage(
                "the address of the server must not have a name or password in it; set LANDFALL_TOKEN instead",
            ));
        }
        let project = args.project.clone().or_else(|| surroundings.get("LANDFALL_PROJECT"));
        Ok(Server {
            url: url.map(|url| url.trim_end_matches('/').to_owned()),
            token: token(args, surroundings)?,
            project: project.or(detected),
            timeout: args.timeout.0,
            spool: Spool::of(surroundings),
        })
    }

    /// What sends to it.
    pub(crate) fn sender(&self) -> Result<Sender, Failure> {
        let url = self.url()?;
        let token = self.token.as_deref().ok_or_else(|| {
            Failure::usage("no access token is known; set LANDFALL_TOKEN, or name a file with --token-file")
        })?;
        let client = Client::new(url, token).map_err(|error| Failure::usage(super::sender::chain(&error)))?;
        Ok(Sender::new(
            client,
            url,
            self.project.clone(),
            self.spool.clone(),
            self.timeout,
        ))
    }

    fn url(&self) -> Result<&str, Failure> {
        let missing = || Failure::usage("no server is known; set LANDFALL_URL, or name it with --url");
        self.url.as_deref().ok_or_else(missing)
    }

    /// Addresses a report.
    pub(crate) fn entry(&self, report: Report) -> Result<Entry, Failure> {
        let project = self
            .project
            .clone()
            .ok_or_else(|| Failure::usage("no project is known; set LANDFALL_PROJECT, or name it with --project"))?;
        Ok(Entry {
            url: self.url()?.to_owned(),
            project,
            deployment_id: None,
            report,
        })
    }
}

fn has_password(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

fn token(args: &ServerArgs, surroundings: &Environment<'_>) -> Result<Option<String>, Failure> {
    if let Some(token) = &args.token {
        return Ok(Some(token.clone()));
    }
    if args.token_file.is_none()
        && let Some(token) = surroundings.get("LANDFALL_TOKEN")
    {
        return Ok(Some(token));
    }
    let Some(file) = args
        .token_file
        .clone()
        .or_else(|| surroundings.get("LANDFALL_TOKEN_FILE").map(Into::into))
    else {
        return Ok(None);
    };
    let text = fs::read_to_string(&file)
        .map_err(|error| Failure::usage(format!("cannot read the token in {}: {error}", file.display())))?;
    Ok(Some(text.trim().to_owned()))
}

impl Plan {
    /// Decides.
    pub(crate) fn of(args: &ReportArgs) -> Result<Plan, Failure> {
        with_surroundings(|surroundings| Plan::decide(args, surroundings))
    }

    fn decide(args: &ReportArgs, surroundings: &Environment<'_>) -> Result<Plan, Failure> {
        let given = overrides(&args.facts).over(Overrides::from_variables(surroundings));
        let mut context = given.apply(ci::detect(surroundings)).unwrap_or_default();
        let environment = args
            .environment
            .clone()
            .or_else(|| surroundings.get("LANDFALL_ENVIRONMENT"))
            .ok_or_else(|| Failure::usage("which environment? Name it with --environment"))?;
        Ok(Plan {
            server: Server::decide(&args.server, surroundings, context.project.clone())?,
            external_id: external_id(&mut context, &environment)?,
            deployable: context.to_deployable(),
            environment,
            tag: context.tag.unwrap_or(false),
            sha: context.sha.ok_or_else(|| unknown("commit", "LANDFALL_SHA", "--sha"))?,
            git_ref: context
                .git_ref
                .ok_or_else(|| unknown("branch or tag", "LANDFALL_REF", "--ref"))?,
        })
    }

    /// The report that the deployment stands there since that moment.
    pub(crate) fn report(&self, status: Status, sequence: i64, at: Timestamp) -> Report {
        let mut deployable = self.deployable.clone();
        if let Value::Object(job) = &mut deployable {
            job.insert("status".to_owned(), json!(status));
        }
        Report {
            environment: self.environment.clone(),
            sha: self.sha.clone(),
            git_ref: self.git_ref.clone(),
            tag: self.tag,
            status,
            external_id: self.external_id.clone(),
            sequence,
            occurred_at: at.to_wire(),
            deployable,
        }
    }

    /// What `--dry-run` shows. Address and project may still be missing.
    pub(crate) fn preview(&self, report: &Report) -> Value {
        json!({ "url": self.server.url, "project": self.server.project, "report": report })
    }
}

/// A run without any key gets one of its own, so that its reports belong together and none of them counts twice.
fn external_id(context: &mut Context, environment: &str) -> Result<String, Failure> {
    if context.key.is_none() {
        let mut random = [0; KEY_BYTES];
        getrandom::fill(&mut random).map_err(|error| Failure::failed(format!("no random numbers: {error}")))?;
        context.key = Some(format!("run:{:032x}", u128::from_be_bytes(random)));
    }
    Ok(within_limit(context.external_id(environment).unwrap_or_default()))
}

/// Shortens a key that servers refuse for its length. Keys that differ still do, and the same key stays the same.
fn within_limit(key: String) -> String {
    if key.chars().count() <= LONGEST_KEY {
        return key;
    }
    let digest = Sha256::digest(&key).iter().fold(String::new(), |mut digest, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digest, "{byte:02x}");
        digest
    });
    let start: String = key.chars().take(LONGEST_KEY - digest.len() - 1).collect();
    format!("{start}:{digest}")
}

fn unknown(what: &str, variable: &str, flag: &str) -> Failure {
    Failure::usage(format!("no {what} is known; set {variable}, or name it with {flag}"))
}

fn overrides(facts: &FactArgs) -> Overrides {
    Overrides {
        sha: facts.sha.clone(),
        git_ref: facts.git_ref.clone(),
        tag: facts.tag,
        key: facts.key.clone(),
        job_id: facts.job_id,
        job_name: facts.job_name.clone(),
        job_stage: facts.job_stage.clone(),
        job_url: facts.job_url.clone(),
        pipeline_id: facts.pipeline_id,
        pipeline_url: facts.pipeline_url.clone(),
        pipeline_source: facts.pipeline_source.clone(),
        runner: facts.runner.clone(),
        actor: facts.actor.clone(),
    }
}

/// Looks at the real process, disk and checkout.
pub(crate) fn with_surroundings<T>(look: impl FnOnce(&Environment<'_>) -> T) -> T {
    let checkout = env::current_dir()
        .ok()
        .and_then(|directory| Checkout::around(&directory));
    look(&Environment {
        variable: &|name| env::var(name).ok(),
        file: &|path| fs::read_to_string(path).ok(),
        git: &checkout,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_cut_where_they_are_too_long_and_stay_apart() {
        let fits = "é".repeat(LONGEST_KEY);
        assert_eq!(within_limit(fits.clone()), fits);
        let [one, other] = ["1", "2"].map(|end| within_limit(format!("{fits}{end}")));
        assert_eq!(one.chars().count(), LONGEST_KEY);
        assert_ne!(one, other);
        assert_eq!(one, within_limit(format!("{fits}1")));
    }
}
