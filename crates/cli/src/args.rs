//! The command line: every command, flag and its help.
//!
//! Flags that configure the program are all optional here and have no defaults: [`crate::config`] asks the environment
//! (through this parser), the configuration file and the defaults in turn.

#![expect(
    clippy::doc_markdown,
    reason = "the comments are the help texts, which are not Markdown"
)]

pub(crate) mod hooks;
pub(crate) mod import;
pub(crate) mod people;
pub(crate) mod report;

use std::{num::NonZeroUsize, path::PathBuf, sync::LazyLock};

use clap::{
    ArgGroup, Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use clap_complete::Shell;
use landfall_domain::{
    merge_request::{ForgeUrlError, parse_forge_url},
    project::{FeatureAccess, ProjectPath, Visibility},
};
use landfall_net::Network;

use self::{
    hooks::{HookSourceCommand, InboxCommand},
    import::ImportCommand,
    people::{MemberCommand, TokenCommand, UserCommand},
    report::{RecordArgs, RunArgs, SpoolCommand},
};
use crate::{
    config::values::{Days, ExternalUrl, Limit, Listen, Seconds, Size},
    logging::LogFormat,
    output::Format,
};

static VERSION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{} (SQLite {})",
        env!("CARGO_PKG_VERSION"),
        landfall_store::sqlite_version()
    )
});

/// A deployment ledger that speaks GitLab's Deployments API.
#[derive(Parser)]
#[command(
    name = "landfall",
    version = VERSION.as_str(),
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        landfall serve                             start the server on http://127.0.0.1:8080\n  \
        landfall user create alice --email alice@example.com\n  \
        landfall project create team/app --repository /srv/git/app.git\n  \
        landfall member set team/app alice developer\n  \
        landfall token create --user alice --name ci\n  \
        landfall run --environment production -- ./deploy.sh\n\n\
        Every configuration flag can also stand in the environment (LANDFALL_DATA_DIR for --data-dir) and in the \
        TOML file that --config names (data-dir = \"/var/lib/landfall\"). A flag wins over the environment, the \
        environment over the file.\n\n\
        Exit codes: 0 done, 1 failed, 2 wrong usage."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command can be told.
#[derive(Args)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct Common {
    /// Configuration file (TOML); its keys are the names of the flags
    #[arg(long, global = true, env = "LANDFALL_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Directory of the database and the administrator's token [default: ./landfall-data]
    #[arg(long, global = true, env = "LANDFALL_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Database: sqlite:PATH or postgres://USER@HOST/DATABASE [default: sqlite:DIR/landfall.db]
    // Kept as text, and its value out of every help and error: it may hold a password.
    #[arg(
        long,
        global = true,
        env = "LANDFALL_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) database_url: Option<String>,
    /// Address that links in answers begin with [default: http:// and what --listen says]
    #[arg(long, global = true, env = "LANDFALL_EXTERNAL_URL", value_name = "URL")]
    pub(crate) external_url: Option<ExternalUrl>,
    /// How records and lists are printed [default: text]
    #[arg(long, global = true, env = "LANDFALL_FORMAT", value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// How the log on standard error is written [default: text]
    #[arg(long, global = true, env = "LANDFALL_LOG_FORMAT", value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
    /// What is logged: a level, or a list such as info,landfall_store=debug; RUST_LOG is heeded too [default: info for
    /// the server, warn for the other commands]
    #[arg(long, global = true, env = "LANDFALL_LOG_LEVEL", value_name = "LEVEL")]
    pub(crate) log_level: Option<String>,
}

/// The commands.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Start the server
    Serve(ServeArgs),
    /// Run a command that deploys, and record how it went
    Run(RunArgs),
    /// Record where a deployment stands; prints its id
    Record(RecordArgs),
    /// Send and list reports that could not be sent
    #[command(subcommand)]
    Spool(SpoolCommand),
    /// Make, list and change users
    #[command(subcommand)]
    User(UserCommand),
    /// Make, list and revoke access tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Make, list, change and move projects
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Set, list and remove members of projects and groups
    #[command(subcommand)]
    Member(MemberCommand),
    /// Say who may send hooks
    #[command(subcommand)]
    HookSource(HookSourceCommand),
    /// Look at what hooks have sent, and have it read once more
    #[command(subcommand)]
    Inbox(InboxCommand),
    /// Copy deployments from other instances, and keep the copies up to date
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write everything in the database to a new file, also while servers run
    #[command(
        after_help = "The file is an SQLite database, whichever engine it was taken from, and only its owner may read \
                            it. One that is there is never replaced. The token in DIR/root-token is not part of it.\n\n\
                            Example:\n  landfall backup /backup/landfall-monday.db"
    )]
    Backup(FileArgs),
    /// Fill an empty database, of either engine, from a backup
    #[command(
        after_help = "No server may run on the database meanwhile. To move from SQLite to PostgreSQL, back up the one \
                            and restore into the other.\n\nExamples:\n  \
                            landfall restore /backup/landfall-monday.db --data-dir /var/lib/landfall\n  \
                            landfall restore /backup/landfall-monday.db --database-url postgres://landfall@db/landfall"
    )]
    Restore(FileArgs),
    /// Look over the database and what it needs around it
    #[command(
        after_help = "Exit code 1 if something does not work as it should. It reads the whole database; servers may go \
                            on working. Like every command it brings the schema to this version's first."
    )]
    Doctor,
    /// Bring the database to this version's schema
    #[command(
        after_help = "The server and every command do this by themselves. Running it alone lets an upgrade be done \
                            before the new version is started."
    )]
    Migrate,
    /// Print the OpenAPI description of the API
    Openapi,
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  landfall completions bash > /etc/bash_completion.d/landfall")]
    Completions(CompletionsArgs),
    /// Print the manual page
    #[command(after_help = "Examples:\n  landfall man > landfall.1\n  landfall man user create | man -l -")]
    Man(ManArgs),
}

/// `serve`.
#[derive(Args)]
#[command(
    after_help = "On an empty database this makes the administrator `root` and a token for it, which is written to \
    DIR/root-token (LANDFALL_ROOT_TOKEN sets the token, else it is random). If the working directory is a git \
    repository, it becomes the project root/NAME. Then curl lines to try are printed.\n\n\
    SIGINT or SIGTERM ends the server gently: it goes on for the shutdown delay, if there is one, and then finishes what is \
    under way. A second one ends it at once.\n\n\
    Examples:\n  \
    landfall serve\n  \
    landfall serve --listen 0.0.0.0:8080 --external-url https://landfall.example.com\n  \
    landfall serve --database-url postgres://landfall@db.example.com/landfall\n  \
    landfall serve --rate-limit-unauthenticated 100/60"
)]
pub(crate) struct ServeArgs {
    /// Address to listen on; port 0 takes any free one [default: 127.0.0.1:8080]
    #[arg(long, env = "LANDFALL_LISTEN", value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<Listen>,
    /// Private or loopback ranges that outgoing hooks, mirrors and imports may reach, such as 10.0.0.0/8; takes effect
    /// with those [default: none]
    #[arg(long, env = "LANDFALL_ALLOW_NETWORKS", value_name = "CIDR,..", value_delimiter = ',')]
    pub(crate) allow_networks: Option<Vec<Network>>,
    /// Most requests of a signed-in user in a period, such as 7200/3600 [default: no limit]
    #[arg(long, env = "LANDFALL_RATE_LIMIT_AUTHENTICATED", value_name = "REQUESTS/SECONDS")]
    pub(crate) rate_limit_authenticated: Option<Limit>,
    /// Most requests of an address without a token in a period [default: no limit]
    #[arg(long, env = "LANDFALL_RATE_LIMIT_UNAUTHENTICATED", value_name = "REQUESTS/SECONDS")]
    pub(crate) rate_limit_unauthenticated: Option<Limit>,
    /// How long deliveries of hooks are kept once they have been read, such as 30d; those that failed three times as long
    /// [default: 30d]
    #[arg(long, env = "LANDFALL_INBOX_RETENTION", value_name = "DAYS")]
    pub(crate) inbox_retention: Option<Days>,
    /// How long projects and groups that are marked for deletion can come back, such as 7d [default: 7d]
    #[arg(long, env = "LANDFALL_DELETION_ADJOURNED_PERIOD", value_name = "DAYS")]
    pub(crate) deletion_adjourned_period: Option<Days>,
    /// How often copies of repositories elsewhere are brought up to date, such as 30s or 5m [default: 5m]
    #[arg(long, env = "LANDFALL_MIRROR_INTERVAL", value_name = "TIME")]
    pub(crate) mirror_interval: Option<Seconds>,
    /// How large a copy may get, such as 500M or 2G [default: 2G]
    #[arg(long, env = "LANDFALL_MIRROR_SIZE", value_name = "BYTES")]
    pub(crate) mirror_size: Option<Size>,
    /// File with credentials for repositories elsewhere, a line https://USER:PASSWORD@HOST for each, that only its owner may
    /// read; LANDFALL_GIT_CREDENTIALS holds such lines instead of a file [default: none]
    #[arg(long, env = "LANDFALL_GIT_CREDENTIALS_FILE", value_name = "FILE")]
    pub(crate) git_credentials_file: Option<PathBuf>,
    /// Threads that answer requests [default: one per core]
    #[arg(long, env = "LANDFALL_THREADS", value_name = "NUMBER")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// How long the server goes on taking requests when it is stopped, such as 10s, while /-/readiness says no: time for a
    /// load balancer to notice [default: 0s]
    #[arg(long, env = "LANDFALL_SHUTDOWN_DELAY", value_name = "TIME")]
    pub(crate) shutdown_delay: Option<Seconds>,
    /// How long requests under way may take when the server is stopped, such as 30s or 2m [default: 30s]
    #[arg(long, env = "LANDFALL_SHUTDOWN_TIMEOUT", value_name = "TIME")]
    pub(crate) shutdown_timeout: Option<Seconds>,
}

/// `project`.
#[derive(Subcommand)]
pub(crate) enum ProjectCommand {
    /// Make a project; prints the id
    #[command(
        after_help = "Groups of the path that are missing are made. A repository is a directory of this machine, or an http or https address, which the server then copies; of a directory the \
                            server checks commits and refs against it.\n\nExamples:\n  \
                            landfall project create team/app\n  \
                            landfall project create team/app --repository /srv/git/app.git --visibility internal\n  \
                            landfall project create team/web --repository https://git.example.com/team/web.git"
    )]
    Create {
        /// Path with its groups
        #[arg(value_name = "GROUP/PATH", value_parser = ProjectPath::parse)]
        path: ProjectPath,
        /// Directory or address of its git repository
        #[arg(long, value_name = "DIR")]
        repository: Option<String>,
        /// Who may see it
        #[arg(long, value_name = "WORD", default_value = "private", value_parser = visibilities())]
        visibility: Visibility,
        /// Branch shown as the default one [default: the one of the repository]
        #[arg(long, value_name = "BRANCH")]
        default_branch: Option<String>,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        /// Its address on the forge that the code comes from; links to merge requests begin with it
        #[arg(long, value_name = "URL", value_parser = parse_forge_url)]
        forge_url: Option<String>,
    },
    /// List all projects
    List,
    /// Change a project's settings
    #[command(
        after_help = "Examples:\n  landfall project update team/app --visibility internal\n  \
                            landfall project update 1 --archived true\n  \
                            landfall project update 1 --repository /srv/git/app.git"
    )]
    Update(ProjectUpdateArgs),
    /// Move a project to another path; the old one goes on leading to it
    #[command(after_help = "Example:\n  landfall project move team/app platform/web/app")]
    Move {
        /// Id or path
        project: String,
        /// New path with its groups
        #[arg(value_name = "NEW/PATH", value_parser = ProjectPath::parse)]
        to: ProjectPath,
    },
}

/// `project update`.
#[derive(Args)]
#[command(group(changes(&[
    "visibility", "description", "default_branch", "repository", "forge_url", "archived", "repository_access",
    "builds_access", "environments_access",
])))]
pub(crate) struct ProjectUpdateArgs {
    /// Id or path
    pub(crate) project: String,
    /// Who may see it
    #[arg(long, value_name = "WORD", value_parser = visibilities())]
    pub(crate) visibility: Option<Visibility>,
    /// What it is for; empty for nothing
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// Branch shown as the default one; empty for none
    #[arg(long, value_name = "BRANCH")]
    pub(crate) default_branch: Option<String>,
    /// Directory or address of its git repository; empty for none
    #[arg(long, value_name = "DIR")]
    pub(crate) repository: Option<String>,
    /// Its address on the forge that the code comes from; empty for none
    #[arg(long, value_name = "URL", value_parser = forge_url_or_none)]
    pub(crate) forge_url: Option<String>,
    /// Whether it is read only
    #[arg(long, value_name = "BOOLEAN")]
    pub(crate) archived: Option<bool>,
    /// Who may use the repository
    #[arg(long, value_name = "WORD", value_parser = features())]
    pub(crate) repository_access: Option<FeatureAccess>,
    /// Who may use CI/CD
    #[arg(long, value_name = "WORD", value_parser = features())]
    pub(crate) builds_access: Option<FeatureAccess>,
    /// Who may use environments and deployments
    #[arg(long, value_name = "WORD", value_parser = features())]
    pub(crate) environments_access: Option<FeatureAccess>,
}

fn forge_url_or_none(text: &str) -> Result<String, ForgeUrlError> {
    if text.is_empty() {
        Ok(String::new())
    } else {
        parse_forge_url(text)
    }
}

/// `backup` and `restore`.
#[derive(Args)]
pub(crate) struct FileArgs {
    /// The backup
    pub(crate) file: PathBuf,
}

/// `completions`.
#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    pub(crate) shell: Shell,
}

/// `man`.
#[derive(Args)]
pub(crate) struct ManArgs {
    /// The command whose page is wanted, such as `user create` [default: the whole program]
    pub(crate) command: Vec<String>,
}

/// An update without any change is a mistake.
fn changes(flags: &'static [&'static str]) -> ArgGroup {
    ArgGroup::new("changes").args(flags).required(true).multiple(true)
}

fn visibilities() -> impl TypedValueParser<Value = Visibility> {
    one_of(Visibility::ALL, Visibility::as_str)
}

fn features() -> impl TypedValueParser<Value = FeatureAccess> {
    one_of(FeatureAccess::ALL, FeatureAccess::as_str)
}

/// Words that stand for values, shown in the help.
fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let find = move |text: String| {
        let found = all.iter().copied().find(|value| word(*value) == text);
        found.ok_or("it is none of the words")
    };
    PossibleValuesParser::new(all.iter().map(|value| word(*value))).try_map(find)
}
