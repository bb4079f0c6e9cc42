//! How far an import has come: a bar on a terminal, a line now and then elsewhere.

use std::{
    fmt::{self, Write as _},
    io::{self, IsTerminal, Write},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use landfall_net::Wait;

/// The time between two lines.
const PERIOD: Duration = Duration::from_secs(10);
/// Pauses below this are not worth a word.
const SHORT: Duration = Duration::from_secs(1);
const TEMPLATE: &str = "{prefix} {wide_bar} {pos}/{len}, {rate}, {eta} left";

/// The crate's own figure has four digits behind the point.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    // The bar has nowhere to tell of a failure.
    let _ = write!(out, "{:.0}/s", state.per_sec());
}

/// The progress of one project after the other. Cheap to clone; the clones are the same.
#[derive(Clone)]
pub(crate) struct Progress(Arc<Mutex<Shown>>);

struct Shown {
    /// `None` where standard error is no terminal.
    bar: Option<ProgressBar>,
    project: String,
    begun: Instant,
    told: Instant,
    done: u64,
    at: u64,
    total: Option<u64>,
}

impl Progress {
    pub(crate) fn new() -> Progress {
        let now = Instant::now();
        Progress(Arc::new(Mutex::new(Shown {
            bar: io::stderr().is_terminal().then(ProgressBar::hidden),
            project: String::new(),
            begun: now,
            told: now,
            done: 0,
            at: 0,
            total: None,
        })))
    }

    /// A project begins; it has about so many deployments.
    pub(crate) fn begin(&self, project: &str, total: Option<u64>) {
        let mut shown = self.shown();
        let now = Instant::now();
        project.clone_into(&mut shown.project);
        (shown.begun, shown.told, shown.done, shown.at, shown.total) = (now, now, 0, 0, total);
        if let Some(bar) = &mut shown.bar {
            *bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                bar.set_style(style.with_key("rate", rate));
            }
            bar.set_prefix(project.to_owned());
        }
    }

    /// More deployments have been written; the last of them has about this place among all.
    pub(crate) fn advance(&self, done: usize, at: Option<i64>) {
        let mut shown = self.shown();
        shown.done += u64::try_from(done).unwrap_or_default();
        shown.at = at
            .and_then(|at| u64::try_from(at).ok())
            .unwrap_or(shown.done)
            .max(shown.at);
        if let Some(bar) = &shown.bar {
            bar.set_position(shown.at);
        } else if shown.told.elapsed() >= PERIOD {
            shown.told = Instant::now();
            line(&shown.sentence());
        }
    }

    /// The project is done, or given up.
    pub(crate) fn end(&self) {
        let mut shown = self.shown();
        if let Some(bar) = &shown.bar {
            bar.finish_and_clear();
        } else if shown.done > 0 {
            line(&shown.sentence());
        }
        shown.done = 0;
    }

    /// The server is asked again after a pause.
    pub(crate) fn wait(&self, wait: &Wait) {
        if wait.pause < SHORT {
            return;
        }
        let text = format!("{}; asking again in {} s", wait.why, wait.pause.as_secs());
        match &self.shown().bar {
            Some(bar) => bar.println(text),
            None => line(&text),
        }
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    fn sentence(&self) -> String {
        let seconds = self.begun.elapsed().as_secs().max(1);
        let rate = self.done / seconds;
        let mut text = format!("{}: {} deployments read, {rate} a second", self.project, self.done);
        if let Some(left) = self
            .total
            .and_then(|total| total.checked_sub(self.at))
            .filter(|left| *left > 0)
        {
            let speed = (self.at / seconds).max(1);
            let _ = write!(text, ", about {left} and {} s left", left / speed);
        }
        text
    }
}

/// Tells something on standard error. Where that is closed, the import goes on.
pub(crate) fn line(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
