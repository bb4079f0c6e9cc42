//! `landfall record`.

use std::process::ExitCode;

use landfall_gitlab::Status;

use crate::{
    args::report::RecordArgs,
    commands::current_thread,
    data::now,
    failure::Failure,
    output::{self, Format},
    report::{
        BEGINNING, END,
        plan::Plan,
        sender::{Queue, Trouble},
    },
};

pub(crate) fn record(args: &RecordArgs, format: Format) -> Result<ExitCode, Failure> {
    let plan = Plan::of(&args.report)?;
    let sequence = if args.status == Status::Running { BEGINNING } else { END };
    let report = plan.report(args.status.clone(), sequence, now());
    if args.report.dry_run {
        output::json(&plan.preview(&report))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut entry = plan.server.entry(report)?;
    entry.deployment_id = args.id;
    let sender = plan.server.sender()?;
    let mut queue = Queue::of(entry);
    let delivered = current_thread()?.block_on(sender.deliver(&mut queue, sender.deadline()));
    match delivered {
        Ok(()) => {}
        Err(Trouble::Away { why, .. }) if !args.report.require => sender.keep(&mut queue, &why),
        Err(Trouble::Away { why, .. } | Trouble::Refused { why, .. }) => return Err(Failure::failed(why)),
    }
    if let Some(deployment) = queue.deployment.take() {
        match format {
            Format::Text => output::line(&deployment.id.to_string())?,
            Format::Json => output::json(&deployment)?,
        }
    }
    Ok(ExitCode::SUCCESS)
}
