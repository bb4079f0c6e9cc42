//! The arguments of the commands that report from CI.
//!
//! Their variables are not clap's: an empty one counts as missing, as in all of [`crate::ci`], and those that CI systems
//! set come behind them.

#![expect(
    clippy::doc_markdown,
    reason = "the comments are the help texts, which are not Markdown"
)]

use std::{ffi::OsString, path::PathBuf};

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use landfall_gitlab::Status;

use crate::config::values::Seconds;

/// `run`.
#[derive(Args)]
#[command(
    after_help = "It is recorded as running, and then as success, as failed if the exit code is not 0, or as canceled \
    if a signal ends it. SIGINT, SIGTERM and SIGHUP are passed on to the command. Nothing is printed on standard output \
    but what the command prints.\n\n\
    In a CI job, commit, branch, job and so on are found out; see docs/ci/. A server that does not answer breaks nothing: \
    the reports are kept, and the next `landfall run` or `landfall spool flush` sends them.\n\n\
    Exit codes: the command's own, 128 and the number of the signal that ended it, 126 or 127 if it cannot be started; \
    2 wrong usage; 1 with --require if it was not recorded.\n\n\
    What is under \"Configuration\" is the server's and changes nothing here.\n\n\
    Examples:\n  \
    landfall run --environment production -- ./deploy.sh --fast\n  \
    landfall run --environment review/42 --project team/app --timeout 5s -- make deploy"
)]
pub(crate) struct RunArgs {
    /// The command that deploys, and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// `record`.
#[derive(Args)]
#[command(
    after_help = "Reports with one key belong to one deployment: in CI those of one run of one job, elsewhere those with \
    the same --key. A server that does not know keys is told with --id which deployment a later report is about.\n\n\
    A server that does not answer is no failure: the report is kept, nothing is printed on standard output, and the next \
    `landfall run` or `landfall spool flush` sends it. A refusal is one.\n\n\
    Of what is under \"Configuration\", only --format changes anything here: json prints the whole deployment.\n\n\
    Examples:\n  \
    landfall record --environment production --status success\n  \
    id=$(landfall record --environment production --status running)\n  \
    landfall record --environment production --status success --id \"$id\""
)]
pub(crate) struct RecordArgs {
    /// Where the deployment stands
    #[arg(long, value_name = "STATUS", value_parser = statuses())]
    pub(crate) status: Status,
    /// Id of the deployment, as an earlier report printed it
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<i64>,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// `spool`.
#[derive(Subcommand)]
pub(crate) enum SpoolCommand {
    /// Send the reports that are kept for a server
    #[command(
        after_help = "Example:\n  LANDFALL_URL=https://landfall.example.com LANDFALL_TOKEN=... landfall spool flush"
    )]
    Flush(FlushArgs),
    /// List the reports that are kept
    List,
}

/// `spool flush`.
#[derive(Args)]
pub(crate) struct FlushArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

/// Where reports go.
#[derive(Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct ServerArgs {
    /// Address of the server, Landfall or GitLab [env: LANDFALL_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// File with the access token [env: LANDFALL_TOKEN_FILE; LANDFALL_TOKEN is the token itself]
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    pub(crate) token_file: Option<PathBuf>,
    /// Access token. Everybody on the machine can see the arguments of programs: prefer LANDFALL_TOKEN or --token-file
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Id or path of the project [env: LANDFALL_PROJECT] [default: the path that the CI system or the remote of the
    /// checkout tells]
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Option<String>,
    /// How long a report is tried before it is kept for later, such as 30s or 2m
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub(crate) timeout: Seconds,
}

/// What is reported.
#[derive(Args)]
pub(crate) struct ReportArgs {
    /// Name of the environment [env: LANDFALL_ENVIRONMENT]
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Fail if it cannot be recorded; with `run`, do not even start the command
    #[arg(long)]
    pub(crate) require: bool,
    /// Print as JSON what would be sent, and send and run nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) facts: FactArgs,
}

/// What is said instead of what is found out.
#[derive(Args)]
#[command(next_help_heading = "Instead of what is found out")]
pub(crate) struct FactArgs {
    /// Commit [env: LANDFALL_SHA]
    #[arg(long, value_name = "COMMIT")]
    pub(crate) sha: Option<String>,
    /// Branch or tag; refs/heads/ or refs/tags/ may stand before it [env: LANDFALL_REF]
    #[arg(long = "ref", value_name = "REF")]
    pub(crate) git_ref: Option<String>,
    /// The ref is a tag [env: LANDFALL_TAG]
    #[arg(long, value_name = "BOOLEAN", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) tag: Option<bool>,
    /// Identity of this run of this job: reports with one key belong to one deployment [env: LANDFALL_KEY]
    #[arg(long, value_name = "TEXT")]
    pub(crate) key: Option<String>,
    /// Number of the job [env: LANDFALL_JOB_ID]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) job_id: Option<i64>,
    /// Name of the job [env: LANDFALL_JOB_NAME]
    #[arg(long, value_name = "TEXT")]
    pub(crate) job_name: Option<String>,
    /// Stage of the job [env: LANDFALL_JOB_STAGE]
    #[arg(long, value_name = "TEXT")]
    pub(crate) job_stage: Option<String>,
    /// Page of the job [env: LANDFALL_JOB_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) job_url: Option<String>,
    /// Number of the pipeline [env: LANDFALL_PIPELINE_ID]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) pipeline_id: Option<i64>,
    /// Page of the pipeline [env: LANDFALL_PIPELINE_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) pipeline_url: Option<String>,
    /// What started the pipeline [env: LANDFALL_PIPELINE_SOURCE]
    #[arg(long, value_name = "TEXT")]
    pub(crate) pipeline_source: Option<String>,
    /// Description of the runner [env: LANDFALL_RUNNER]
    #[arg(long, value_name = "TEXT")]
    pub(crate) runner: Option<String>,
    /// Login name of who deploys [env: LANDFALL_ACTOR]
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Option<String>,
}

/// What a deployment can be recorded as (reference 6.3.1).
fn statuses() -> impl TypedValueParser<Value = Status> {
    PossibleValuesParser::new(["running", "success", "failed", "canceled"]).map(|word| match word.as_str() {
        "running" => Status::Running,
        "success" => Status::Success,
        "failed" => Status::Failed,
        _ => Status::Canceled,
    })
}
