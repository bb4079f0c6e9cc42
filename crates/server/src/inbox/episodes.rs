//! Deployments whose key recurs: a revision that comes back to an object after another one is another deployment.
//!
//! The reports of an object are read in the order of the sender's clock. What follows each other with the same key is one
//! *episode*, and one deployment. Within it, only a report of another status than the one before is news.

use std::collections::HashSet;

use landfall_domain::{deployment::Source, ids::DeploymentId};
use landfall_store::{Tx, deployments, observations};

use super::{
    apply::{self, Remark, Scene},
    fold::is_repeat,
    kept::Known,
};
use crate::ops::Refusal;

/// Reports of an object from which on the older ones among them are thinned out.
const MANY: usize = 200;
/// Newest reports that are left as they are then.
const RECENT: usize = 100;
/// Reports of an object that are kept at most; the oldest go.
const MOST: usize = 1000;

/// The reports of one deployment, in their order.
struct Episode {
    subject: String,
    reports: Vec<Known>,
}

/// Settles what the arrival of a report changes: the episode that it is in, and those beside it, of which it may have
/// parted two that were one.
pub(super) fn settle_object(tx: &mut Tx<'_>, scene: &Scene<'_>, object: &str, arrived: i64) -> Result<Remark, Refusal> {
    let reports = read(tx, scene, object)?;
    let reports = thinned(tx, reports)?;
    let mut episodes = into_episodes(reports);
    let Some(place) = episodes.iter().position(|episode| episode.has(arrived)) else {
        return Ok(None);
    };
    let mut taken = HashSet::new();
    let mut remark = None;
    for (index, episode) in episodes.iter_mut().enumerate() {
        if index.abs_diff(place) > 1 {
            continue;
        }
        episode.keep_one_record(&mut taken);
        let is_news = episode.drop_repeats(arrived);
        if index != place || is_news {
            let external_id = episode.external_id(tx, scene)?;
            remark = apply::settle(tx, scene, &external_id, &episode.reports, &[arrived])?.or(remark);
        }
    }
    Ok(remark)
}

fn read(tx: &mut Tx<'_>, scene: &Scene<'_>, object: &str) -> Result<Vec<(String, Known)>, Refusal> {
    let mut reports = Vec::new();
    for (subject, row) in observations::of_object(tx, scene.project.id, object)? {
        reports.push((subject, Known::read(row)?));
    }
    reports.sort_by(|(_, a), (_, b)| a.order.cmp(&b.order));
    Ok(reports)
}

fn into_episodes(reports: Vec<(String, Known)>) -> Vec<Episode> {
    let mut episodes: Vec<Episode> = Vec::new();
    for (subject, report) in reports {
        match episodes.last_mut().filter(|last| last.subject == subject) {
            Some(last) => last.reports.push(report),
            None => episodes.push(Episode {
                subject,
                reports: vec![report],
            }),
        }
    }
    episodes
}

impl Episode {
    fn has(&self, id: i64) -> bool {
        self.reports.iter().any(|report| report.id == id)
    }

    /// Of an episode that was parted the earlier part keeps the record.
    fn keep_one_record(&mut self, taken: &mut HashSet<DeploymentId>) {
        let free = |id: &DeploymentId| !taken.contains(id);
        let record = self.reports.iter().filter_map(|report| report.deployment_id).find(free);
        for report in &mut self.reports {
            report.deployment_id = record;
        }
        taken.extend(record);
    }

    /// Leaves the reports that are news; answers whether that one is.
    fn drop_repeats(&mut self, arrived: i64) -> bool {
        let mut before = None;
        self.reports.retain(|report| {
            let status = report.said.kept.status;
            let repeats = is_repeat(before, status);
            before = status.or(before);
            !repeats
        });
        self.has(arrived)
    }

    /// The key, or, where an earlier or later deployment has that already, the key with the number of its first report.
    fn external_id(&self, tx: &mut Tx<'_>, scene: &Scene<'_>) -> Result<String, Refusal> {
        let project = scene.project.id;
        let first = self.reports.first();
        if let Some(id) = first.and_then(|report| report.deployment_id) {
            let found = deployments::get(tx, project, id)?.and_then(|found| found.deployment.external_id);
            return Ok(found.unwrap_or_else(|| self.subject.clone()));
        }
        let taken = deployments::by_external_id(tx, project, Source::Hook, &self.subject)?;
        Ok(match (taken, first) {
            (Some(_), Some(first)) => format!("{} #{}", self.subject, first.id),
            _ => self.subject.clone(),
        })
    }
}

/// Forgets reports that have long been no news: the same as those before and after them. So an object that reports its
/// state for years does not grow.
fn thinned(tx: &mut Tx<'_>, mut reports: Vec<(String, Known)>) -> Result<Vec<(String, Known)>, Refusal> {
    if reports.len() <= MANY {
        return Ok(reports);
    }
    let says = |(subject, report): &(String, Known)| (subject.clone(), report.said.kept.status);
    let idle: Vec<bool> = reports
        .windows(3)
        .map(|three| three.iter().all(|one| says(one) == says(&three[1])))
        .collect();
    let older = reports.len() - RECENT;
    let over = reports.len().saturating_sub(MOST);
    let goes = |index: usize| {
        let is_idle = index < older && index > 0 && idle.get(index - 1) == Some(&true);
        is_idle || index < over
    };
    let mut kept = Vec::with_capacity(reports.len());
    for (index, report) in reports.drain(..).enumerate() {
        if goes(index) {
            observations::delete(tx, report.1.id)?;
        } else {
            kept.push(report);
        }
    }
    Ok(kept)
}
