//! The configuration: flag, else environment variable, else file, else default.

mod file;
pub(crate) mod values;

use std::{
    env,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use landfall_git::{Credentials, MirrorLimits};
use landfall_net::Network;
use landfall_server::{CredentialSource, MirrorSettings, RateLimit, Urls};
use landfall_store::DatabaseUrl;

use crate::{
    args::{Common, ServeArgs},
    failure::Failure,
    logging::{LogConfig, LogFormat},
    output::Format,
};
use file::File;
use values::{Days, ExternalUrl, Limit, Listen, Seconds, Size};

const DATA_DIR: &str = "landfall-data";
const LISTEN: &str = "127.0.0.1:8080";
const DELETION_ADJOURNED_PERIOD: Duration = Duration::from_hours(7 * 24);
const INBOX_RETENTION: Duration = Duration::from_hours(30 * 24);
/// Credentials themselves, where a file would be in the way.
const GIT_CREDENTIALS: &str = "LANDFALL_GIT_CREDENTIALS";
const SHORTEST_MIRROR_INTERVAL: Duration = Duration::from_secs(10);
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything that an operator can set, decided.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Directory of the database, unless it is elsewhere, and of the administrator's token.
    pub(crate) data_dir: PathBuf,
    /// Where the database is.
    pub(crate) database: DatabaseUrl,
    /// Where the server listens.
    pub(crate) listen: Listen,
    /// What links begin with, if it is not where the server listens.
    pub(crate) external_url: Option<ExternalUrl>,
    /// Private ranges that outgoing requests may reach.
    pub(crate) allow_networks: Vec<Network>,
    /// Limit of a signed-in user's requests.
    pub(crate) rate_limit_authenticated: Option<RateLimit>,
    /// Limit of other requests.
    pub(crate) rate_limit_unauthenticated: Option<RateLimit>,
    /// How long deliveries of hooks are kept.
    pub(crate) inbox_retention: Duration,
    /// How long projects and groups that are marked for deletion can come back.
    pub(crate) deletion_adjourned_period: Duration,
    /// Copies of repositories elsewhere.
    pub(crate) mirrors: MirrorSettings,
    /// Threads that answer requests.
    pub(crate) threads: NonZeroUsize,
    /// How long the server still takes requests once it is to stop.
    pub(crate) shutdown_delay: Duration,
    /// How long requests under way may take after that.
    pub(crate) shutdown_timeout: Duration,
    /// How records and lists are printed.
    pub(crate) format: Format,
    /// The log.
    pub(crate) log: LogConfig,
}

impl Config {
    /// Decides. Commands other than `serve` look at the same settings, as far as they need them.
    pub(crate) fn load(common: &Common, serve: Option<&ServeArgs>) -> Result<Config, Failure> {
        let file = common
            .config
            .as_deref()
            .map(File::read)
            .transpose()?
            .unwrap_or_default();
        let data_dir = first(common.data_dir.clone(), &file, "data-dir")?.unwrap_or_else(|| PathBuf::from(DATA_DIR));
        let of_serve = ServeSettings::load(serve, &file)?;
        Ok(Config {
            mirrors: mirrors(serve, &file, &data_dir)?,
            database: database(common, &file, &data_dir)?,
            data_dir,
            listen: of_serve.listen,
            external_url: first(common.external_url.clone(), &file, "external-url")?,
            allow_networks: of_serve.allow_networks,
            rate_limit_authenticated: of_serve.rate_limit_authenticated,
            rate_limit_unauthenticated: of_serve.rate_limit_unauthenticated,
            inbox_retention: of_serve.inbox_retention,
            deletion_adjourned_period: of_serve.deletion_adjourned_period,
            threads: of_serve.threads,
            shutdown_delay: of_serve.shutdown_delay,
            shutdown_timeout: of_serve.shutdown_timeout,
            format: format(common, &file)?,
            log: log(common, &file, serve.is_some())?,
        })
    }

    /// The makers of links, for commands that need no running server.
    pub(crate) fn urls(&self) -> Urls {
        match &self.external_url {
            Some(url) => Urls::new(&url.0),
            None => Urls::new(&format!("http://{}", self.listen)),
        }
    }
}

/// The settings of `serve`.
struct ServeSettings {
    listen: Listen,
    allow_networks: Vec<Network>,
    rate_limit_authenticated: Option<RateLimit>,
    rate_limit_unauthenticated: Option<RateLimit>,
    inbox_retention: Duration,
    deletion_adjourned_period: Duration,
    threads: NonZeroUsize,
    shutdown_delay: Duration,
    shutdown_timeout: Duration,
}

impl ServeSettings {
    fn load(args: Option<&ServeArgs>, file: &File) -> Result<ServeSettings, Failure> {
        // The other commands have no flag for it, but show links that begin with it.
        let listen = match args {
            Some(args) => args.listen.clone(),
            None => env::var("LANDFALL_LISTEN").ok().and_then(|text| text.parse().ok()),
        };
        let networks = args.and_then(|args| args.allow_networks.clone());
        let authenticated = args.and_then(|args| args.rate_limit_authenticated);
        let unauthenticated = args.and_then(|args| args.rate_limit_unauthenticated);
        let limit = |value, key| first(value, file, key).map(|found| found.map(|Limit(limit)| limit));
        let delay = first(args.and_then(|args| args.shutdown_delay), file, "shutdown-delay")?;
        let timeout = first(args.and_then(|args| args.shutdown_timeout), file, "shutdown-timeout")?;
        let retention = first(args.and_then(|args| args.inbox_retention), file, "inbox-retention")?;
        let adjourned = args.and_then(|args| args.deletion_adjourned_period);
        let adjourned = first(adjourned, file, "deletion-adjourned-period")?;
        Ok(ServeSettings {
            listen: first(listen, file, "listen")?.unwrap_or_else(|| Listen(LISTEN.to_owned())),
            allow_networks: match networks {
                Some(networks) => networks,
                None => file.list("allow-networks")?,
            },
            rate_limit_authenticated: limit(authenticated, "rate-limit-authenticated")?,
            rate_limit_unauthenticated: limit(unauthenticated, "rate-limit-unauthenticated")?,
            inbox_retention: retention.map_or(INBOX_RETENTION, |Days(retention)| retention),
            deletion_adjourned_period: adjourned.map_or(DELETION_ADJOURNED_PERIOD, |Days(period)| period),
            threads: first(args.and_then(|args| args.threads), file, "threads")?.unwrap_or_else(cores),
            shutdown_delay: delay.map_or(Duration::ZERO, |Seconds(delay)| delay),
            shutdown_timeout: timeout.map_or(SHUTDOWN_TIMEOUT, |Seconds(timeout)| timeout),
        })
    }
}

/// The settings of copies. Credentials are read when they are needed; commands that need none do not stumble over them.
fn mirrors(args: Option<&ServeArgs>, file: &File, data_dir: &Path) -> Result<MirrorSettings, Failure> {
    let interval = first(args.and_then(|args| args.mirror_interval), file, "mirror-interval")?;
    let size = first(args.and_then(|args| args.mirror_size), file, "mirror-size")?;
    let mut settings = MirrorSettings::in_directory(data_dir.join("mirrors"));
    if let Some(Seconds(interval)) = interval {
        settings.interval = interval.max(SHORTEST_MIRROR_INTERVAL);
    }
    settings.limits = MirrorLimits {
        size: size.map_or(settings.limits.size, |Size(size)| size),
        ..settings.limits
    };
    if let Some(args) = args {
        settings.credentials = credentials(args, file)?;
    }
    Ok(settings)
}

fn credentials(args: &ServeArgs, file: &File) -> Result<CredentialSource, Failure> {
    let told = env::var(GIT_CREDENTIALS).ok().filter(|text| !text.trim().is_empty());
    let source = match (&args.git_credentials_file, told) {
        (Some(_), Some(_)) => {
            let text = format!("give either --git-credentials-file or {GIT_CREDENTIALS}, not both");
            return Err(Failure::usage(text));
        }
        (Some(path), None) => CredentialSource::File(path.clone()),
        (None, Some(text)) => {
            let credentials = Credentials::parse(&text);
            let credentials = credentials.map_err(|error| Failure::usage(format!("{GIT_CREDENTIALS}: {error}")))?;
            CredentialSource::Told(credentials)
        }
        (None, None) => match file.value::<PathBuf>("git-credentials-file")? {
            Some(path) => CredentialSource::File(path),
            None => CredentialSource::None,
        },
    };
    // What is wrong with them is better known at once.
    source.load().map_err(|error| Failure::failed(error.to_string()))?;
    Ok(source)
}

/// What the flag or the environment says, else what the file says.
fn first<T>(given: Option<T>, file: &File, key: &str) -> Result<Option<T>, Failure>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    match given {
        Some(value) => Ok(Some(value)),
        None => file.value(key),
    }
}

fn cores() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn database(common: &Common, file: &File, data_dir: &Path) -> Result<DatabaseUrl, Failure> {
    let Some(text) = first(common.database_url.clone(), file, "database-url")? else {
        return Ok(landfall_store::database_in(data_dir));
    };
    // The text itself is not repeated: it may hold a password.
    DatabaseUrl::parse(&text).map_err(|error| {
        Failure::usage(format!(
            "the database address that --database-url, LANDFALL_DATABASE_URL or the file gives is wrong: {error}"
        ))
    })
}

fn format(common: &Common, file: &File) -> Result<Format, Failure> {
    match common.format {
        Some(format) => Ok(format),
        None => Ok(file.word("format")?.unwrap_or_default()),
    }
}

fn log(common: &Common, file: &File, is_server: bool) -> Result<LogConfig, Failure> {
    let format = match common.log_format {
        Some(format) => format,
        None => file.word::<LogFormat>("log-format")?.unwrap_or_default(),
    };
    let rust_log = || env::var("RUST_LOG").ok().filter(|level| !level.is_empty());
    let level = match common.log_level.clone().or_else(rust_log) {
        Some(level) => level,
        None => file
            .value("log-level")?
            .unwrap_or_else(|| default_level(is_server).to_owned()),
    };
    Ok(LogConfig { format, level })
}

const fn default_level(is_server: bool) -> &'static str {
    // What migrations say of themselves interests nobody, unless they fail.
    if is_server {
        "info,refinery_core=warn,postgres=warn"
    } else {
        "warn"
    }
}
