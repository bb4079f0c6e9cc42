//! Deployments whose key recurs: a revision that comes back to an object after another one is another deployment.
//!
//! The reports of an object are read in the order of the sender's clock. What follows each other with the same key is one
//! *episode*, and one deployment. Within it, only a report of another status than the one before is news. The deployment is
//! named after the first report that tells where it goes, so which episode a record belongs to, and what it is called, is
//! told by the reports alone, in whatever order they came.

use landfall_domain::ids::DeploymentId;
use landfall_store::{Tx, deployments, observations};

use super::{
    apply::{self, Remark, Scene},
    fold::is_repeat,
    kept::Known,
};
use crate::{hooks_in::recurring_id, ops::Refusal};

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
    let episodes = into_episodes(reports);
    let has = |reports: &[Known]| reports.iter().any(|report| report.id == arrived);
    let Some(place) = episodes.iter().position(|episode| has(&episode.reports)) else {
        return Ok(None);
    };
    let mut remark = None;
    for (index, episode) in episodes.iter().enumerate() {
        let is_news = index != place || has(&episode.news());
        if index.abs_diff(place) > 1 {
            continue;
        }
        let record = episode.record(tx, scene, &episodes)?;
        episode.claim(tx, record)?;
        if is_news {
            let (external_id, own) = (episode.external_id(), episode.news_of(record));
            remark = apply::settle(tx, scene, &external_id, &own, &[arrived])?.or(remark);
            if record.is_none() {
                let made = apply::by_key(tx, scene, &external_id)?;
                episode.claim(tx, made.map(|made| made.deployment.id))?;
            }
        }
    }
    Ok(remark)
}

/// Those of one moment stand together, so that no two episodes begin with the same key at the same time.
fn read(tx: &mut Tx<'_>, scene: &Scene<'_>, object: &str) -> Result<Vec<(String, Known)>, Refusal> {
    let mut reports = Vec::new();
    for (subject, row) in observations::of_object(tx, scene.project.id, object)? {
        reports.push((subject, Known::read(row)?));
    }
    reports.sort_by(|(a, one), (b, other)| (one.order.0, a, &one.order).cmp(&(other.order.0, b, &other.order)));
    Ok(reports)
}

/// What was made two records of, because what came between them was deleted, stays two.
fn into_episodes(reports: Vec<(String, Known)>) -> Vec<Episode> {
    let mut episodes: Vec<Episode> = Vec::new();
    for (subject, report) in reports {
        let goes_on = |last: &&mut Episode| last.subject == subject && last.may_have(report.deployment_id);
        match episodes.last_mut().filter(goes_on) {
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
    fn may_have(&self, record: Option<DeploymentId>) -> bool {
        let known = self.reports.iter().rev().find_map(|report| report.deployment_id);
        record.is_none() || known.is_none() || record == known
    }

    /// What its deployment is called.
    fn external_id(&self) -> String {
        let telling = self.reports.iter().find(|report| tells_environment(report));
        let first = telling.or(self.reports.first());
        recurring_id(&self.subject, first.and_then(Known::told_at))
    }

    /// Whether a deployment is called after one of its reports.
    fn is_meant_by(&self, external_id: &str) -> bool {
        let mut reports = self.reports.iter();
        reports.any(|report| recurring_id(&self.subject, report.told_at()) == external_id)
    }

    /// The record that was made of its reports: the one that is called after one of them. They may also have been part of
    /// one that has gone to another episode since.
    fn record(&self, tx: &mut Tx<'_>, scene: &Scene<'_>, all: &[Episode]) -> Result<Option<DeploymentId>, Refusal> {
        if let Some(found) = apply::by_key(tx, scene, &self.external_id())? {
            return Ok(Some(found.deployment.id));
        }
        let mut claims: Vec<DeploymentId> = self.reports.iter().filter_map(|report| report.deployment_id).collect();
        claims.dedup();
        for id in claims {
            let found = deployments::get(tx, scene.project.id, id)?;
            let Some(key) = found.and_then(|found| found.deployment.external_id) else {
                continue;
            };
            // The report that it is called after may have been forgotten.
            if self.is_meant_by(&key) || !all.iter().any(|other| other.is_meant_by(&key)) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Makes all its reports, also those that are no news, part of the record.
    fn claim(&self, tx: &mut Tx<'_>, record: Option<DeploymentId>) -> Result<(), Refusal> {
        let Some(id) = record else { return Ok(()) };
        for report in self.reports.iter().filter(|report| report.deployment_id != record) {
            observations::set_deployment(tx, report.id, id)?;
        }
        Ok(())
    }

    /// Its news, as parts of the record.
    fn news_of(&self, record: Option<DeploymentId>) -> Vec<Known> {
        let mut news = self.news();
        for report in &mut news {
            report.deployment_id = record;
        }
        news
    }

    /// The reports that say something new: another status than the one before, or for the first time where it goes.
    fn news(&self) -> Vec<Known> {
        let (mut before, mut is_told) = (None, false);
        let mut news = self.reports.clone();
        news.retain(|report| {
            let status = report.said.kept.status;
            let is_news = !is_repeat(before, status) || !is_told && tells_environment(report);
            before = status.or(before);
            is_told |= tells_environment(report);
            is_news
        });
        news
    }
}

fn tells_environment(report: &Known) -> bool {
    report.said.kept.environment.is_some()
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
