//! The arguments of `landfall import`.

#![expect(
    clippy::doc_markdown,
    reason = "the comments are the help texts, which are not Markdown"
)]

use clap::{ArgGroup, Args, Subcommand};
use landfall_domain::time::{Timestamp, parse_lenient};
use landfall_net::Network;

use crate::config::values::Seconds;

/// `import`.
#[derive(Subcommand)]
pub(crate) enum ImportCommand {
    /// Copy the deployments of projects of a GitLab, or of another Landfall
    Gitlab(GitlabArgs),
    /// Copy the deployments of a repository of GitHub, with their statuses
    Github(GithubArgs),
}

/// `import gitlab`.
#[derive(Args)]
#[command(
    group(ArgGroup::new("which").args(["project", "group"]).required(true).multiple(true)),
    after_help = "Projects are made under the paths that they have there, if they are missing. Numbers, times, statuses, jobs, \
    pipelines, runners, environments and users are kept; see docs/import.md. Servers may go on working meanwhile.\n\n\
    It can be run again at any time: what is here and has not changed stays as it is, and what was broken off goes on. A \
    summary is printed on standard output, the progress on standard error.\n\n\
    Exit codes: 0 everything is here, 1 something is not, 2 wrong usage.\n\n\
    Examples:\n  \
    GITLAB_TOKEN=glpat-... landfall import gitlab --url https://gitlab.example.com --token-env GITLAB_TOKEN \
    --project team/app\n  \
    landfall import gitlab --url https://gitlab.example.com --token-env GITLAB_TOKEN --group team --watch"
)]
pub(crate) struct GitlabArgs {
    /// Address of the instance
    #[arg(long, value_name = "URL")]
    pub(crate) url: String,
    /// Environment variable that holds a token of the instance, with the scope read_api
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) token_env: String,
    /// Id or path of a project there; may be repeated
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Vec<String>,
    /// Id or path of a group there, with all its subgroups; may be repeated
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Vec<String>,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// `import github`.
#[derive(Args)]
#[command(
    after_help = "The project gets the path of the repository, OWNER/NAME, if there is none there. Each deployment stands where its \
    statuses say; see docs/import.md. It can be run again at any time. GitHub gives each deployment's statuses only by a \
    request of their own, and allows 5,000 requests an hour; the import waits where it must.\n\n\
    Exit codes: 0 everything is here, 1 something is not, 2 wrong usage.\n\n\
    Example:\n  GITHUB_TOKEN=ghp_... landfall import github --repo acme/shop"
)]
pub(crate) struct GithubArgs {
    /// The repository; may be repeated
    #[arg(long, value_name = "OWNER/NAME", required = true, value_parser = repository)]
    pub(crate) repo: Vec<(String, String)>,
    /// Address of the REST API
    #[arg(long, value_name = "URL", default_value = "https://api.github.com")]
    pub(crate) url: String,
    /// Environment variable that holds a token [default: GITHUB_TOKEN, if that is set]
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) token_env: Option<String>,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// What both have in common.
#[derive(Args)]
pub(crate) struct HowArgs {
    /// Read only what has changed at this time or later, such as 2026-01-31 or 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) since: Option<Timestamp>,
    /// Go on reading what changes, until a signal ends it
    #[arg(long)]
    pub(crate) watch: bool,
    /// How long to wait before reading again, such as 30s or 2m
    #[arg(long, value_name = "TIME", default_value = "60s", requires = "watch")]
    pub(crate) interval: Seconds,
    /// Write nothing, and print what would be done
    #[arg(long, conflicts_with = "watch")]
    pub(crate) dry_run: bool,
    /// Reach nothing but the public internet and these ranges, such as 10.0.0.0/8 [default: wherever the URL leads]
    #[arg(long, env = "LANDFALL_ALLOW_NETWORKS", value_name = "CIDR,..", value_delimiter = ',')]
    pub(crate) allow_networks: Option<Vec<Network>>,
}

fn moment(text: &str) -> Result<Timestamp, &'static str> {
    let told = parse_lenient(text).ok().flatten();
    told.ok_or("a time is written like 2026-01-31 or 2026-01-31T12:00:00Z")
}

fn repository(text: &str) -> Result<(String, String), &'static str> {
    let parts = text
        .split_once('/')
        .filter(|(owner, name)| !owner.is_empty() && !name.is_empty() && !name.contains('/'));
    let (owner, name) = parts.ok_or("a repository is OWNER/NAME, such as acme/shop")?;
    Ok((owner.to_owned(), name.to_owned()))
}
