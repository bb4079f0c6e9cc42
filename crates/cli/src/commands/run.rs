//! `landfall run`.

use std::{ffi::OsString, io, process::ExitCode, time::Duration};

use landfall_domain::time::Timestamp;
use landfall_gitlab::Status;
use serde_json::{Value, json};
use tokio::{sync::Notify, time::Instant};

use crate::{
    args::report::RunArgs,
    commands::current_thread,
    data::now,
    failure::Failure,
    output,
    report::{
        BEGINNING, END, Report,
        child::{self, Ending, Signals},
        plan::Plan,
        sender::{Queue, Sender, Trouble},
        tell,
    },
};

/// How long the end of a job is tried that is to end: CI systems kill what does not end soon after the signal.
const CANCELED: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let plan = Plan::of(&args.report)?;
    let begun_at = now();
    let beginning = started(plan.report(Status::Running, BEGINNING, begun_at), begun_at);
    if args.report.dry_run {
        output::json(&plan.preview(&beginning))?;
        return Ok(ExitCode::SUCCESS);
    }
    let queue = Queue::of(plan.server.entry(beginning)?);
    let run = Run {
        sender: plan.server.sender()?,
        plan,
        require: args.report.require,
        begun_at,
    };
    current_thread()?.block_on(run.supervise(&args.command, queue))
}

/// A run of a command.
struct Run {
    plan: Plan,
    sender: Sender,
    require: bool,
    begun_at: Timestamp,
}

/// Where the report of the beginning is.
enum Beginning {
    Arrived,
    /// It is still in the queue.
    Waiting,
    /// None of this run will be taken.
    Refused,
}

impl Run {
    async fn supervise(&self, command: &[OsString], mut queue: Queue) -> Result<ExitCode, Failure> {
        let cannot = |error: io::Error| Failure::failed(format!("cannot watch over the command: {error}"));
        let mut signals = Signals::listen().map_err(cannot)?;
        let begun = tokio::select! {
            begun = self.begin(&mut queue) => begun,
            signal = signals.next() => {
                return self.finish(&Ending::before_start(signal), queue, &mut signals).await;
            }
        };
        if let Err(Trouble::Away { why, .. }) = &begun
            && !self.require
        {
            tell(&format!("{why}; the command is started all the same"));
        }
        let mut beginning = self.beginning(begun)?;
        let ending = match child::start(command) {
            Err(error) => {
                let ending = Ending::not_started(command, &error);
                if let Ending::Failed { reason, .. } = &ending {
                    tell(reason);
                }
                ending
            }
            Ok(child) if matches!(beginning, Beginning::Waiting) => {
                let ended = child::wait(child, &mut signals);
                let (told, ending) = self.meanwhile(&mut queue, ended).await;
                beginning = self.beginning(told)?;
                ending.map_err(cannot)?
            }
            Ok(child) => child::wait(child, &mut signals).await.map_err(cannot)?,
        };
        if matches!(beginning, Beginning::Refused) {
            return Ok(ExitCode::from(ending.code()));
        }
        self.finish(&ending, queue, &mut signals).await
    }

    /// Where it must be recorded, all the time there is; else one attempt, and the command does not wait for more.
    async fn begin(&self, queue: &mut Queue) -> Result<(), Trouble> {
        if self.require {
            self.sender.deliver(queue, self.sender.deadline()).await
        } else {
            self.sender.attempt(queue, self.sender.first_deadline()).await
        }
    }

    /// Goes on reporting the beginning until the command ends. A request under way is waited for: broken off, it could
    /// make a deployment that nobody finishes.
    async fn meanwhile(
        &self,
        queue: &mut Queue,
        ended: impl Future<Output = io::Result<Ending>>,
    ) -> (Result<(), Trouble>, io::Result<Ending>) {
        let stop = Notify::new();
        let ended = async {
            let ending = ended.await;
            stop.notify_one();
            ending
        };
        tokio::join!(self.sender.deliver_unless(&stop, queue, self.sender.deadline()), ended)
    }

    fn beginning(&self, told: Result<(), Trouble>) -> Result<Beginning, Failure> {
        match told {
            Ok(()) => Ok(Beginning::Arrived),
            Err(Trouble::Away { why, .. } | Trouble::Refused { why, .. }) if self.require => {
                Err(Failure::failed(format!("{why}; the command is not started")))
            }
            Err(Trouble::Away { .. }) => Ok(Beginning::Waiting),
            Err(Trouble::Refused { why, .. }) => {
                tell(&format!("this deployment is not recorded: {why}"));
                Ok(Beginning::Refused)
            }
        }
    }

    /// Reports the end; once somebody wants this process to end, only for a short time.
    async fn finish(&self, ending: &Ending, mut queue: Queue, signals: &mut Signals) -> Result<ExitCode, Failure> {
        queue.push(self.plan.server.entry(self.end(ending))?);
        let told = if matches!(ending, Ending::Canceled { .. }) {
            self.hurry(&mut queue).await
        } else {
            tokio::select! {
                told = self.sender.deliver(&mut queue, self.sender.deadline()) => told,
                _ = signals.next() => self.hurry(&mut queue).await,
            }
        };
        let is_told = told.is_ok();
        match told {
            Ok(()) => {}
            Err(Trouble::Away { why, .. }) => self.sender.keep(&mut queue, &why),
            Err(Trouble::Refused { why, .. }) => tell(&format!("the end of this deployment is not recorded: {why}")),
        }
        let code = match ending.code() {
            0 if self.require && !is_told => 1,
            code => code,
        };
        Ok(ExitCode::from(code))
    }

    async fn hurry(&self, queue: &mut Queue) -> Result<(), Trouble> {
        let soon = Instant::now() + CANCELED;
        self.sender.deliver(queue, self.sender.deadline().min(soon)).await
    }

    fn end(&self, ending: &Ending) -> Report {
        let at = now();
        let status = match ending {
            Ending::Done => Status::Success,
            Ending::Failed { .. } => Status::Failed,
            Ending::Canceled { .. } => Status::Canceled,
        };
        let mut report = started(self.plan.report(status, END, at), self.begun_at);
        if let Value::Object(job) = &mut report.deployable {
            job.insert("finished_at".to_owned(), json!(at.to_wire()));
            job.insert("duration".to_owned(), json!(seconds(self.begun_at, at)));
            if let Ending::Failed { reason, .. } = ending {
                job.insert("failure_reason".to_owned(), json!(reason));
            }
        }
        report
    }
}

fn started(mut report: Report, at: Timestamp) -> Report {
    if let Value::Object(job) = &mut report.deployable {
        job.insert("started_at".to_owned(), json!(at.to_wire()));
    }
    report
}

/// The clock may have been set back meanwhile.
fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    let micros = to.as_micros().saturating_sub(from.as_micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_secs_f64()
}
