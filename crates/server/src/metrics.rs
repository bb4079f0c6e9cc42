//! Figures for Prometheus, at `/-/metrics`. Label values come only from fixed sets: the path of the endpoint, the
//! method, the class of the status.

use std::{cell::RefCell, collections::HashMap, sync::OnceLock, time::Duration};

use http::{Method, StatusCode};
use landfall_store::webhook_queue;
use metrics::{Counter, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::{App, BuildError};

const REQUESTS: &str = "landfall_http_requests_total";
const DURATION: &str = "landfall_http_request_duration_seconds";
const CACHE_ANSWERS: &str = "landfall_cache_answers_total";
const CACHE_BYTES: &str = "landfall_cache_bytes";
const QUEUED: &str = "landfall_store_queued_jobs";
/// Attempts to send a webhook, by result.
pub(crate) const WEBHOOK_DELIVERIES: &str = "landfall_webhook_deliveries_total";
const WEBHOOK_QUEUE: &str = "landfall_webhook_queue";
/// The queue is counted up to this.
const WEBHOOK_QUEUE_COUNTED: i64 = 100_000;
/// Deliveries of hooks.
pub(crate) const DELIVERIES: &str = "landfall_hook_deliveries_total";
const SECONDS: [f64; 11] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

static RECORDER: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();

/// The figures of this process: there is one set, however many servers a test starts.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Starts recording.
    pub fn install() -> Result<Metrics, BuildError> {
        let recorder = RECORDER.get_or_init(|| {
            let builder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &SECONDS)
                .map_err(|error| error.to_string())?;
            let handle = builder.install_recorder().map_err(|error| error.to_string())?;
            describe_counter!(REQUESTS, "Requests answered");
            describe_histogram!(DURATION, "Time from the first byte of a request to its answer");
            describe_counter!(DELIVERIES, "Deliveries of hooks, by what came of them on arrival");
            describe_counter!(CACHE_ANSWERS, "Answers given from memory");
            describe_gauge!(CACHE_BYTES, "Bytes of deployments and answers kept in memory");
            describe_gauge!(QUEUED, "Jobs that wait for a thread of the store");
            describe_counter!(WEBHOOK_DELIVERIES, "Attempts to send a webhook");
            describe_gauge!(WEBHOOK_QUEUE, "Webhooks that wait or are under way, up to 100,000");
            Ok(handle)
        });
        recorder
            .clone()
            .map(|handle| Metrics { handle })
            .map_err(BuildError::Metrics)
    }

    /// The text that Prometheus reads.
    pub(crate) async fn render(&self, app: &App) -> String {
        let (reads, writes) = app.store.queued();
        gauge!(QUEUED, "kind" => "read").set(precise(reads));
        gauge!(QUEUED, "kind" => "write").set(precise(writes));
        let (given, bytes) = app.cache.figures();
        counter!(CACHE_ANSWERS).absolute(given);
        gauge!(CACHE_BYTES).set(precise(usize::try_from(bytes).unwrap_or_default()));
        let waiting: Result<i64, landfall_store::Error> = app
            .store
            .read(|conn| webhook_queue::length(conn, WEBHOOK_QUEUE_COUNTED))
            .await;
        if let Ok(waiting) = waiting {
            gauge!(WEBHOOK_QUEUE).set(precise(usize::try_from(waiting).unwrap_or_default()));
        }
        self.handle.run_upkeep();
        self.handle.render()
    }

    /// Adds up what was recorded since the last time.
    pub(crate) fn keep_up(&self) {
        self.handle.run_upkeep();
    }
}

fn precise(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The labels of a request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Labels {
    method: &'static str,
    route: &'static str,
    status: &'static str,
}

thread_local! {
    /// What this thread has counted before: looking a figure up by its labels costs more than counting.
    static COUNTED: RefCell<HashMap<Labels, (Counter, Histogram)>> = RefCell::default();
}

/// Counts a request that has been answered.
pub(crate) fn count_request(method: &Method, route: Option<&'static str>, status: StatusCode, took: Duration) {
    let labels = Labels::of(method, route, status);
    COUNTED.with_borrow_mut(|counted| {
        let (requests, duration) = counted.entry(labels).or_insert_with(|| labels.figures());
        requests.increment(1);
        duration.record(took.as_secs_f64());
    });
}

impl Labels {
    fn of(method: &Method, route: Option<&'static str>, status: StatusCode) -> Labels {
        Labels {
            method: match *method {
                Method::GET => "GET",
                Method::HEAD => "HEAD",
                Method::POST => "POST",
                Method::PUT => "PUT",
                Method::DELETE => "DELETE",
                _ => "other",
            },
            route: route.unwrap_or("other"),
            status: match status.as_u16() / 100 {
                2 => "2xx",
                3 => "3xx",
                4 => "4xx",
                _ => "5xx",
            },
        }
    }

    fn figures(self) -> (Counter, Histogram) {
        let Labels { method, route, status } = self;
        (
            counter!(REQUESTS, "method" => method, "route" => route, "status" => status),
            histogram!(DURATION, "method" => method, "route" => route),
        )
    }
}
