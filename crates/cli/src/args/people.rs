//! `landfall user`, `landfall token` and `landfall member`.

use clap::{Args, Subcommand, builder::TypedValueParser};
use jiff::civil::Date;
use landfall_domain::{access::AccessLevel, token::Scopes, user::UserState};

use super::{changes, one_of};

/// `user`.
#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user; prints the id
    #[command(
        after_help = "Examples:\n  landfall user create alice --name \"Alice Smith\" --email alice@example.com\n  \
                            landfall user create boss --admin"
    )]
    Create {
        /// Login name
        name: String,
        /// Full name [default: the login name]
        #[arg(long = "name", value_name = "TEXT")]
        full_name: Option<String>,
        /// Address for mail
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// Make an administrator of the instance
        #[arg(long)]
        admin: bool,
        /// Make an external user, who sees only public projects and those it is a member of
        #[arg(long)]
        external: bool,
    },
    /// List all users
    List,
    /// Change a user's account
    #[command(after_help = "Examples:\n  landfall user update alice --state blocked\n  \
                            landfall user update alice --admin true --avatar-url https://example.com/alice.png")]
    Update(UserUpdateArgs),
}

/// `user update`.
#[derive(Args)]
#[command(group(changes(&["full_name", "email", "public_email", "avatar_url", "admin", "external", "state"])))]
pub(crate) struct UserUpdateArgs {
    /// Login name
    #[arg(value_name = "NAME")]
    pub(crate) user: String,
    /// Full name
    #[arg(long = "name", value_name = "TEXT")]
    pub(crate) full_name: Option<String>,
    /// Address for mail; empty for none
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// Address that everybody may see; empty for none
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) public_email: Option<String>,
    /// Picture; empty for the Gravatar of the address
    #[arg(long, value_name = "URL")]
    pub(crate) avatar_url: Option<String>,
    /// Whether the user is an administrator of the instance
    #[arg(long, value_name = "BOOLEAN")]
    pub(crate) admin: Option<bool>,
    /// Whether the user is external
    #[arg(long, value_name = "BOOLEAN")]
    pub(crate) external: Option<bool>,
    /// Whether the user may work with the instance
    #[arg(long, value_name = "STATE", value_parser = states())]
    pub(crate) state: Option<UserState>,
}

/// `token`.
#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a personal access token; prints the token, which is never shown again
    #[command(after_help = "Scopes: api, read_api, read_user, sudo, self_rotate.\n\nExamples:\n  \
                            landfall token create --user alice --name ci\n  \
                            landfall token create --user alice --scopes read_api,read_user --expires-at 2030-12-31")]
    Create {
        /// Login name of its owner
        #[arg(long, value_name = "NAME")]
        user: String,
        /// What it is called
        #[arg(long, value_name = "TEXT", default_value = "Command line")]
        name: String,
        /// What it allows, separated by commas
        #[arg(long, value_name = "SCOPE,..", default_value = "api", value_parser = Scopes::parse)]
        scopes: Scopes,
        /// Day on which it ends, at 00:00 UTC [default: never]
        #[arg(long, value_name = "DATE", value_parser = day)]
        expires_at: Option<Date>,
    },
    /// List a user's tokens, without their secrets
    List {
        /// Login name of their owner
        #[arg(long, value_name = "NAME")]
        user: String,
    },
    /// End a token for good
    #[command(after_help = "Example:\n  landfall token list --user alice\n  landfall token revoke 3")]
    Revoke {
        /// Id of the token
        id: i64,
    },
}

/// `member`.
#[derive(Subcommand)]
pub(crate) enum MemberCommand {
    /// Make a user a member of a project or a group, or change the member's level
    #[command(
        after_help = "Levels: guest (10), planner (15), reporter (20), security_manager (25), developer (30), \
                            maintainer (40), owner (50).\n\nExamples:\n  landfall member set team/app alice developer\n  \
                            landfall member set 1 alice 40 --expires-at 2030-12-31\n  landfall member set team bob owner"
    )]
    Set {
        /// Id or path of the project, or path of the group
        project: String,
        /// Login name of the user
        name: String,
        /// Name or number of the level
        #[arg(value_parser = level)]
        level: AccessLevel,
        /// Day on which the membership ends, at 00:00 UTC [default: never]
        #[arg(long, value_name = "DATE", value_parser = day)]
        expires_at: Option<Date>,
    },
    /// List the members of a project or a group
    List {
        /// Id or path of the project, or path of the group
        project: String,
    },
    /// End a membership
    Remove {
        /// Id or path of the project, or path of the group
        project: String,
        /// Login name of the user
        name: String,
    },
}

/// States that an operator may put a user in.
const STATES: &[UserState] = &[UserState::Active, UserState::Blocked, UserState::Deactivated];

fn states() -> impl TypedValueParser<Value = UserState> {
    one_of(STATES, UserState::as_str)
}

fn day(text: &str) -> Result<Date, &'static str> {
    text.parse().map_err(|_| "a day is YEAR-MONTH-DAY, such as 2030-12-31")
}

fn level(text: &str) -> Result<AccessLevel, &'static str> {
    let found = AccessLevel::parse(text).filter(|level| *level != AccessLevel::Minimal);
    found.ok_or("a level is guest, planner, reporter, security_manager, developer, maintainer, owner or its number")
}
