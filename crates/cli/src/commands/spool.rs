//! `landfall spool`.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::{
    args::report::{FlushArgs, SpoolCommand},
    commands::current_thread,
    failure::Failure,
    output::{self, Format},
    report::{
        plan::{Server, with_surroundings},
        sender::{Trouble, status},
        spool::{Spool, Spooled},
    },
};

pub(crate) fn run(command: &SpoolCommand, format: Format) -> Result<ExitCode, Failure> {
    match command {
        SpoolCommand::Flush(args) => flush(args, format),
        SpoolCommand::List => list(format),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn flush(args: &FlushArgs, format: Format) -> Result<(), Failure> {
    let sender = Server::of(&args.server)?.sender()?;
    let flushed = current_thread()?.block_on(sender.flush(sender.deadline()));
    let flushed = flushed.map_err(|trouble| match trouble {
        Trouble::Away { why, .. } | Trouble::Refused { why, .. } => Failure::failed(why),
    })?;
    match format {
        Format::Text => output::line(&format!("{} sent", flushed.sent)),
        Format::Json => output::json(&json!({ "sent": flushed.sent })),
    }?;
    match flushed.left {
        0 => Ok(()),
        left => Err(Failure::failed(format!(
            "{left} not taken by the server; `landfall spool list` shows them"
        ))),
    }
}

fn list(format: Format) -> Result<(), Failure> {
    let kept = with_surroundings(Spool::of)
        .map(|spool| spool.all())
        .unwrap_or_default();
    match format {
        Format::Text => {
            let header = ["FILE", "STATE", "SERVER", "PROJECT", "ENVIRONMENT", "STATUS", "AT"];
            output::table(header, kept.iter().map(row))
        }
        Format::Json => output::json(&kept.iter().map(record).collect::<Vec<_>>()),
    }
}

fn state(kept: &Spooled) -> &'static str {
    if kept.refused { "refused" } else { "waiting" }
}

fn row(kept: &Spooled) -> [String; 7] {
    [
        kept.name(),
        state(kept).to_owned(),
        kept.entry.url.clone(),
        kept.entry.project.clone(),
        kept.entry.report.environment.clone(),
        status(&kept.entry),
        kept.entry.report.occurred_at.clone(),
    ]
}

fn record(kept: &Spooled) -> Value {
    json!({ "file": kept.name(), "state": state(kept), "entry": kept.entry })
}
