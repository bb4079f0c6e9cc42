//! `landfall hook-source` and `landfall inbox`.

use clap::{ArgGroup, Args, Subcommand, builder::TypedValueParser};
use landfall_domain::hook::{DeliveryState, Sender};

use super::one_of;

/// `hook-source`.
#[derive(Subcommand)]
pub(crate) enum HookSourceCommand {
    /// Let somebody send hooks; prints the secret, which is never shown again
    #[command(
        after_help = "Senders: gitlab, github, argocd, flux, cdevents. They send to URL/hooks/SENDER, or to \
                            URL/hooks/SENDER/ID.\n\nA source of a project speaks of that project alone. A source of a group \
                            speaks of the project below it that the sender names.\n\nSecrets of github and flux are kept as \
                            they are, because signatures are checked with them; of the others only a digest is kept.\n\n\
                            Examples:\n  landfall hook-source create github --project team/app\n  \
                            landfall hook-source create gitlab --group team --name \"our GitLab\"\n  \
                            landfall hook-source create github --group team --map acme/app=team/app"
    )]
    Create(HookSourceCreateArgs),
    /// List who may send hooks, without secrets
    List,
    /// Give a source another secret; prints it, and the old one counts no longer
    Rotate {
        /// Id of the source
        id: i64,
        /// The new secret, of 16 characters at least [default: a random one]
        #[arg(long, env = "LANDFALL_HOOK_SECRET", value_name = "TEXT", hide_env_values = true)]
        secret: Option<String>,
    },
    /// Delete a source; what it has sent stays
    Delete {
        /// Id of the source
        id: i64,
    },
}

/// `hook-source create`.
#[derive(Args)]
#[command(group(ArgGroup::new("scope").args(["project", "group"]).required(true)))]
pub(crate) struct HookSourceCreateArgs {
    /// Which kind of sender it is
    #[arg(value_parser = senders())]
    pub(crate) sender: Sender,
    /// Id or path of the project that it speaks of
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Option<String>,
    /// Path of the group whose projects it speaks of
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    /// What it is called
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) name: String,
    /// Login name of the user as whom deployments count where the sender names nobody
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// A project that has another path here than at the sender; may be repeated
    #[arg(long = "map", value_name = "THEIRS=OURS", value_parser = mapping, conflicts_with = "project")]
    pub(crate) projects: Vec<(String, String)>,
    /// The secret, of 16 characters at least [default: a random one]
    #[arg(long, env = "LANDFALL_HOOK_SECRET", value_name = "TEXT", hide_env_values = true)]
    pub(crate) secret: Option<String>,
}

/// `inbox`.
#[derive(Subcommand)]
pub(crate) enum InboxCommand {
    /// List what hooks have sent, newest first
    #[command(after_help = "Example:\n  landfall inbox list --state failed")]
    List {
        /// Only deliveries that have come to this
        #[arg(long, value_name = "STATE", value_parser = states())]
        state: Option<DeliveryState>,
        /// Only deliveries of the source with this id
        #[arg(long, value_name = "ID")]
        source: Option<i64>,
        /// Deliveries at most
        #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
    },
    /// Show a delivery whole: headers without secrets, body, and what came of it
    Show {
        /// Id of the delivery
        id: i64,
    },
    /// Have deliveries read once more, by a server that runs or the next one that starts
    #[command(
        after_help = "Examples:\n  landfall inbox replay 12\n  landfall inbox replay --failed",
        group(ArgGroup::new("which").args(["id", "failed"]).required(true))
    )]
    Replay {
        /// Id of the delivery
        id: Option<i64>,
        /// All that failed
        #[arg(long)]
        failed: bool,
    },
}

fn senders() -> impl TypedValueParser<Value = Sender> {
    one_of(Sender::ALL, Sender::as_str)
}

fn states() -> impl TypedValueParser<Value = DeliveryState> {
    one_of(DeliveryState::ALL, DeliveryState::as_str)
}

fn mapping(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((theirs, ours)) if !theirs.is_empty() && !ours.is_empty() => Ok((theirs.to_owned(), ours.to_owned())),
        _ => Err("a mapping is THEIRS=OURS, such as acme/app=team/app"),
    }
}
