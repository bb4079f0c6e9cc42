//! What an import has done, or would do.

use landfall_server::ops::import::Outcome;
use serde_json::{Value, json};

use super::How;
use crate::{
    failure::Failure,
    output::{self, Format},
};

/// The most lines about single records of one kind.
const MOST_LINES: usize = 10;

/// What became of one project.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    /// The project's path, there and here.
    pub(crate) project: String,
    /// Its id here; in a dry run the one that it has or would get.
    pub(crate) project_id: Option<i64>,
    /// Where it comes from.
    pub(crate) instance: String,
    /// What became of its records.
    pub(crate) outcome: Outcome,
    /// What is worth knowing beside.
    pub(crate) notes: Vec<String>,
}

/// Adds the summaries of a further pass to those of the passes before.
pub(crate) fn merge(totals: &mut Vec<Summary>, passed: Vec<Summary>) {
    for summary in passed {
        match totals.iter_mut().find(|total| total.project == summary.project) {
            Some(total) => {
                total.project_id = summary.project_id;
                total.outcome.add(summary.outcome);
                total.notes = summary.notes;
            }
            None => totals.push(summary),
        }
    }
}

pub(crate) fn print(totals: &[Summary], how: &How) -> Result<(), Failure> {
    match how.format {
        Format::Json => output::json(&totals.iter().map(|summary| summary.json(how)).collect::<Vec<_>>()),
        Format::Text => {
            let mut lines: Vec<String> = totals.iter().flat_map(Summary::lines).collect();
            if how.dry_run {
                lines.push("Nothing was written: this was a dry run.".to_owned());
            }
            output::line(&lines.join("\n"))
        }
    }
}

impl Summary {
    fn json(&self, how: &How) -> Value {
        let Outcome {
            created,
            updated,
            unchanged,
            renumbered,
            refused,
            environments_created,
            environments_updated,
            users_created,
        } = &self.outcome;
        let renumbered = renumbered
            .iter()
            .map(|(there, here)| json!({ "there": there, "here": here }));
        let refused = refused
            .iter()
            .map(|refused| json!({ "what": refused.what, "why": refused.why }));
        json!({
            "project": self.project,
            "project_id": self.project_id,
            "origin": self.instance,
            "dry_run": how.dry_run,
            "deployments": { "created": created, "updated": updated, "unchanged": unchanged },
            "environments": { "created": environments_created, "updated": environments_updated },
            "users": { "created": users_created },
            "renumbered": renumbered.collect::<Vec<_>>(),
            "refused": refused.collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }

    fn lines(&self) -> Vec<String> {
        let outcome = &self.outcome;
        let mut lines = vec![format!(
            "{}: {} deployments new, {} changed, {} unchanged; {} environments new, {} changed; {} users new",
            self.project,
            outcome.created,
            outcome.updated,
            outcome.unchanged,
            outcome.environments_created.len(),
            outcome.environments_updated.len(),
            outcome.users_created.len(),
        )];
        let renumbered = outcome.renumbered.iter();
        lines.extend(few(
            renumbered.map(|(there, here)| format!("  iid {there} cannot be kept; it is {here} here"))
        ));
        let refused = outcome.refused.iter();
        lines.extend(few(
            refused.map(|refused| format!("  {} is left out: {}", refused.what, refused.why))
        ));
        lines.extend(self.notes.iter().map(|note| format!("  {note}")));
        lines
    }
}

/// The first of many lines, and how many more there are.
fn few(lines: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST_LINES);
    let mut few: Vec<String> = lines.take(MOST_LINES).collect();
    if more > 0 {
        few.push(format!("  and {more} more; --format json lists them all"));
    }
    few
}
