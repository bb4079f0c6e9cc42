//! The process side of the server: one thread accepts connections and deals them out in turn to a few single-threaded
//! runtimes, and everything can be stopped gently.
//!
//! A runtime per core beat one runtime over all cores clearly when it was measured, because a request then never changes
//! threads. Dealing connections out in turn, instead of letting the kernel choose (`SO_REUSEPORT`), loads the runtimes
//! evenly also with few connections, and a port that is taken already is noticed.

use std::{
    future::{Future as _, poll_fn},
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    thread::{self, JoinHandle},
    time::Duration,
};

use http::{HeaderValue, Request, Version, header::CONNECTION};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{runtime, sync::mpsc};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{App, Metrics, http::Service, jobs};

/// After a failure to accept (too many open files, above all) the next try comes this much later.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Histograms keep each value until they are added up. Without this, a server whose metrics nobody reads would grow.
const UPKEEP: Duration = Duration::from_secs(5);

/// How to serve.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Threads that answer requests.
    pub threads: usize,
    /// How long requests that are under way may take once the server is to stop.
    pub grace: Duration,
    /// A client that does not finish sending the headers of a request within this is hung up on. It is also how long a
    /// connection may be idle.
    pub header_timeout: Duration,
    /// A client that does not finish sending a body within this is answered 408.
    pub body_timeout: Duration,
    /// Whether this process does background jobs.
    pub jobs: bool,
}

impl Default for Options {
    /// A thread per core; ten seconds to stop, 75 for headers (how long nginx keeps an idle connection), sixty for a
    /// body.
    fn default() -> Options {
        Options {
            threads: thread::available_parallelism().map_or(1, usize::from),
            grace: Duration::from_secs(10),
            header_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_mins(1),
            jobs: true,
        }
    }
}

/// The ways to stop, each after the other or at once.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Ask to be left alone: readiness says no, and answers end their connections, so that whoever distributes requests
    /// sends them elsewhere. Everything else goes on.
    pub leaving: Arc<AtomicBool>,
    /// Take no more requests, finish those under way.
    pub gentle: CancellationToken,
    /// End now.
    pub hard: CancellationToken,
}

/// Serves until told to stop; answers when the last request has been answered or given up.
pub fn run(app: &Arc<App>, metrics: &Metrics, listener: TcpListener, options: Options, stop: &Stop) -> io::Result<()> {
    run_and_tell(app, metrics, listener, options, stop, || {})
}

/// As [`run`], and calls `ready` once requests are answered.
pub fn run_and_tell(
    app: &Arc<App>,
    metrics: &Metrics,
    listener: TcpListener,
    options: Options,
    stop: &Stop,
    ready: impl FnOnce(),
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut senders = Vec::new();
    let mut workers = Vec::new();
    for number in 0..options.threads.max(1) {
        let (sender, connections) = mpsc::unbounded_channel();
        let service = Arc::new(Service {
            app: Arc::clone(app),
            metrics: metrics.clone(),
            body_timeout: options.body_timeout,
            leaving: Arc::clone(&stop.leaving),
        });
        workers.push(spawn_worker(number, service, connections, options, stop.clone())?);
        senders.push(sender);
    }
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.spawn(keep_up(metrics.clone()));
    let jobs = options
        .jobs
        .then(|| jobs::spawn(Arc::clone(app), stop.clone(), options.grace))
        .transpose()?;
    // Connections have been taken by the kernel since the listener was bound; now there is somebody to answer them.
    ready();
    runtime.block_on(accept(listener, &senders, stop))?;
    drop(senders);
    for thread in workers.into_iter().chain(jobs) {
        if thread.join().is_err() {
            warn!("a thread ended by a panic");
        }
    }
    Ok(())
}

/// Adds the figures up from time to time, as long as the server takes connections.
async fn keep_up(metrics: Metrics) {
    let mut interval = tokio::time::interval(UPKEEP);
    loop {
        interval.tick().await;
        metrics.keep_up();
    }
}

type Connection = (TcpStream, SocketAddr);

/// Takes connections and deals them out, until the gentle stop.
async fn accept(listener: TcpListener, workers: &[mpsc::UnboundedSender<Connection>], stop: &Stop) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    for worker in workers.iter().cycle() {
        let accepted = tokio::select! {
            () = stop.gentle.cancelled() => break,
            () = stop.hard.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer))) {
            Ok(connection) => {
                // A worker ends only with the server.
                let _ = worker.send(connection);
            }
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    Ok(())
}

fn spawn_worker(
    number: usize,
    service: Arc<Service>,
    connections: mpsc::UnboundedReceiver<Connection>,
    options: Options,
    stop: Stop,
) -> io::Result<JoinHandle<()>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let work = move || {
        runtime.block_on(work(service, connections, options, stop));
        // Requests that were given up are dropped here, with everything that waits for a slow client.
        runtime.shutdown_background();
    };
    thread::Builder::new().name(format!("http-{number}")).spawn(work)
}

/// A worker's life.
async fn work(
    service: Arc<Service>,
    mut connections: mpsc::UnboundedReceiver<Connection>,
    options: Options,
    stop: Stop,
) {
    let graceful = GracefulShutdown::new();
    while let Some((stream, peer)) = connections.recv().await {
        if let Err(error) = serve_connection(&service, stream, peer, options, &graceful) {
            debug!(%error, "a connection was lost before it was served");
        }
    }
    let open = graceful.count();
    if open > 0 {
        info!(connections = open, "finishing what is under way");
    }
    tokio::select! {
        () = graceful.shutdown() => {}
        () = stop.hard.cancelled() => warn!("stopping at once"),
        () = tokio::time::sleep(options.grace) => warn!("requests took too long and were given up"),
    }
}

fn serve_connection(
    service: &Arc<Service>,
    stream: TcpStream,
    peer: SocketAddr,
    options: Options,
    graceful: &GracefulShutdown,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let stream = tokio::net::TcpStream::from_std(stream)?;
    let service = Arc::clone(service);
    let asked = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked);
    let answer = service_fn(move |request: Request<Incoming>| {
        noted.store(true, Ordering::Relaxed);
        let service = Arc::clone(&service);
        // HTTP/2 knows no such header; its connections end with the gentle stop.
        let is_last = request.version() < Version::HTTP_2 && service.leaving.load(Ordering::Relaxed);
        async move {
            let mut reply = service.call(request, peer).await;
            if is_last && let Ok(reply) = &mut reply {
                reply
                    .headers_mut()
                    .insert(CONNECTION, HeaderValue::from_static("close"));
            }
            reply
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // Otherwise it prepares, for each request that is under way, to read whether the client is still there: a buffer of
        // 8 kB. What a request does goes on without its client anyway.
        .half_close(true)
        .header_read_timeout(options.header_timeout);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(options.header_timeout);
    let connection = builder.serve_connection(TokioIo::new(stream), answer).into_owned();
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        let mut connection = pin!(watched);
        let mut limit = pin!(tokio::time::sleep(options.header_timeout));
        let ended = poll_fn(|cx| {
            let ended = connection.as_mut().poll(cx);
            // hyper's own limit begins only where it has seen which version of HTTP is spoken.
            let is_late = !asked.load(Ordering::Relaxed) && limit.as_mut().poll(cx).is_ready();
            if ended.is_pending() && is_late {
                return Poll::Ready(None);
            }
            ended.map(Some)
        });
        match ended.await {
            Some(Ok(())) => {}
            Some(Err(error)) => debug!(%error, "a connection ended early"),
            None => debug!("a connection brought no request in time"),
        }
    });
    Ok(())
}
