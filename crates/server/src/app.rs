//! What every request shares.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use landfall_domain::time::Clock;
use landfall_git::Git;
use landfall_net::{Client, Network, Reach};
use landfall_store::Store;

use crate::{
    api::{limits::Limits, routes::Routes, throttle::Throttle},
    bodies::Rooms,
    cache::Cache,
    inbox::receive::MAX_BODY,
    jobs::Wakes,
    mirrors::{MirrorSettings, Mirrors},
    urls::Urls,
    webhooks::courier::Courier,
};

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address that links begin with, without a slash at the end.
    pub external_url: String,
    /// Requests a signed-in user may make in a period; `None` for no limit.
    pub rate_limit_authenticated: Option<RateLimit>,
    /// Requests an address may make in a period without a sign-in; `None` for no limit.
    pub rate_limit_unauthenticated: Option<RateLimit>,
    /// Private networks that requests to other servers may reach.
    pub allow_networks: Vec<Network>,
    /// The receiver of a webhook has so long to answer.
    pub webhook_timeout: Duration,
    /// Bytes of requests' bodies that may be in memory at once: those of the API, of hooks whose senders are known, and of
    /// hooks whose senders are not, each.
    pub body_room: usize,
    /// How long deliveries of hooks are kept once they have been read, a day at least; three times as long if that failed.
    pub inbox_retention: Duration,
    /// How long projects and groups that are marked for deletion can come back. GitLab's setting of this name, in days.
    pub deletion_adjourned_period: Duration,
    /// Copies of remote repositories.
    pub mirrors: MirrorSettings,
}

impl Settings {
    /// GitLab.com's limit.
    pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(10);
    /// Two of the largest bodies that a hook may have.
    pub const BODY_ROOM: usize = 2 * MAX_BODY;
}

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in a period.
    pub requests: u64,
    /// Length of the period in seconds.
    pub period: NonZeroUsize,
}

/// The state of the server: the only thing that requests have in common.
pub struct App {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Reader of repositories.
    pub git: Git,
    /// Maker of links.
    pub urls: Urls,
    /// How long deliveries of hooks are kept.
    pub(crate) inbox_retention: Duration,
    /// What is kept in memory between requests.
    pub(crate) cache: Cache,
    /// How long projects and groups that are marked for deletion can come back.
    pub(crate) deletion_adjourned_period: Duration,
    /// Counter of requests, for the optional limits.
    pub(crate) throttle: Throttle,
    /// Every endpoint, by path and method.
    pub(crate) routes: Routes,
    /// Counter of what few may ask for, by endpoint.
    pub(crate) limits: Limits,
    /// Room for the bodies of requests.
    pub(crate) rooms: Rooms,
    /// Sends requests to other servers.
    pub(crate) client: Client,
    /// The receiver of a webhook has so long to answer.
    pub(crate) webhook_timeout: Duration,
    /// Webhooks that are under way.
    pub(crate) courier: Arc<Courier>,
    /// Copies of remote repositories.
    pub(crate) mirrors: Arc<Mirrors>,
    /// Wakes background jobs.
    pub(crate) wakes: Wakes,
    /// The name of this process among those that share the database, new at each start.
    pub(crate) node: String,
}

impl App {
    /// Puts the parts together.
    pub fn new(store: Store, clock: Arc<dyn Clock>, git: Git, settings: &Settings) -> Result<App, crate::BuildError> {
        let reach = Reach::Public {
            and: settings.allow_networks.clone(),
        };
        let node = node_name()?;
        let mirrors = Mirrors::new(
            settings.mirrors.clone(),
            reach.clone(),
            store.clone(),
            Arc::clone(&clock),
            node.clone(),
        );
        Ok(App {
            wakes: Wakes::new(&store),
            store,
            clock,
            git,
            mirrors: Arc::new(mirrors),
            urls: Urls::new(&settings.external_url),
            inbox_retention: settings.inbox_retention,
            cache: Cache::new(),
            deletion_adjourned_period: settings.deletion_adjourned_period,
            throttle: Throttle::new(settings.rate_limit_authenticated, settings.rate_limit_unauthenticated),
            limits: Limits::default(),
            rooms: Rooms::of(settings.body_room),
            client: Client::new(reach)?,
            webhook_timeout: settings.webhook_timeout,
            courier: Arc::default(),
            routes: Routes::new()?,
            node,
        })
    }

    /// How many answers were given from memory.
    #[must_use]
    pub fn answers_given_again(&self) -> u64 {
        self.cache.figures().0
    }
}

/// A name that no other process has.
fn node_name() -> Result<String, crate::BuildError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    Ok(format!("{:032x}", u128::from_be_bytes(random)))
}
