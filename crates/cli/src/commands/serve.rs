//! `landfall serve`.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use landfall_domain::time::SystemClock;
use landfall_git::Git;
use landfall_server::{App, Metrics, Settings, serve};
use landfall_store::Options;
use tracing::{info, warn};

use super::{
    first_start::{self, Start},
    signals,
};
use crate::{
    config::{Config, values::Listen},
    data::Data,
    failure::Failure,
    output,
};

/// How long a request waits for PostgreSQL. Load balancers wait for a minute, by default, and would give no better answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves until a signal ends it.
pub(crate) fn serve(config: &Config) -> Result<(), Failure> {
    // First of all, so that a second server by mistake touches nothing.
    let listener = bind(&config.listen)?;
    let address = listener
        .local_addr()
        .map_err(|error| cannot_listen(&config.listen, &error))?;
    let address = format!("http://{}", reachable(address));
    let options = Options {
        patience: Some(PATIENCE),
        ..Options::default()
    };
    let data = Data::open_with(config, options)?;
    let start = first_start::prepare(&data, config)?;
    let app = Arc::new(app(data, config, &address)?);
    let metrics = Metrics::install().map_err(|error| Failure::failed(error.to_string()))?;
    let stop = serve::Stop::default();
    signals::watch(&stop, config.shutdown_delay)
        .map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))?;
    let options = serve::Options {
        threads: config.threads.get(),
        grace: config.shutdown_timeout,
        ..serve::Options::default()
    };
    let ready = || announce(&start, &address, config);
    serve::run_and_tell(&app, &metrics, listener, options, &stop, ready)
        .map_err(|error| Failure::failed(format!("cannot serve: {error}")))?;
    info!("stopped");
    Ok(())
}

fn app(data: Data, config: &Config, address: &str) -> Result<App, Failure> {
    let git = Git::new(config.threads).map_err(|error| Failure::failed(format!("cannot start a thread: {error}")))?;
    let settings = Settings {
        external_url: match &config.external_url {
            Some(url) => url.0.clone(),
            None => address.to_owned(),
        },
        rate_limit_authenticated: config.rate_limit_authenticated,
        rate_limit_unauthenticated: config.rate_limit_unauthenticated,
        allow_networks: config.allow_networks.clone(),
        webhook_timeout: Settings::WEBHOOK_TIMEOUT,
        body_room: Settings::BODY_ROOM,
        inbox_retention: config.inbox_retention,
        deletion_adjourned_period: config.deletion_adjourned_period,
        mirrors: config.mirrors.clone(),
    };
    App::new(data.store, Arc::new(SystemClock), git, &settings).map_err(|error| Failure::failed(error.to_string()))
}

fn bind(listen: &Listen) -> Result<TcpListener, Failure> {
    TcpListener::bind(&listen.0).map_err(|error| cannot_listen(listen, &error))
}

fn cannot_listen(listen: &Listen, error: &io::Error) -> Failure {
    Failure::failed(match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("{listen} is in use by another program; stop that one, or choose another address with --listen")
        }
        io::ErrorKind::AddrNotAvailable => {
            format!("{listen} is no address of this machine; choose another with --listen")
        }
        io::ErrorKind::PermissionDenied => {
            format!("this user may not listen on {listen}; choose a port from 1024 on with --listen")
        }
        _ => format!("cannot listen on {listen}: {error}; choose another address with --listen"),
    })
}

/// An address that leads to the server from this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// The ready line, which programs wait for, and what people want to know next.
fn announce(start: &Start, address: &str, config: &Config) {
    let text = format!(
        "Landfall is ready at {address}\n\n{}\n",
        first_start::announcement(start, address)
    );
    if output::line(&text).is_err() {
        // Whoever started the server does not listen; it serves all the same.
        warn!("standard output is closed");
    }
    let networks: Vec<String> = config.allow_networks.iter().map(ToString::to_string).collect();
    info!(
        address,
        database = %config.database,
        threads = config.threads.get(),
        allow_networks = networks.join(","),
        "ready"
    );
}
