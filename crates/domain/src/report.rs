//! Reports about a deployment from senders that repeat themselves and arrive out of order.
//!
//! A sender names a deployment by a key of its own and says, as often as it likes, where it stands. What the deployment
//! then looks like is a function of the *set* of its reports: they are put into the sender's order and read one after the
//! other. So neither the order of arrival nor a repetition can change the outcome.

use std::cmp::Ordering;

use crate::{deployment::Status, time::Timestamp};

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The sender's own count of its reports. Where a deployment has reports with and without one, those without come
    /// first: a sender that counts knows better.
    pub sequence: Option<i64>,
    /// When it happened at the sender.
    pub occurred_at: Timestamp,
    /// When the deployment was made, where that was told.
    pub created_at: Option<Timestamp>,
    /// When it finished, where another time than `occurred_at` was told.
    pub finished_at: Option<Timestamp>,
    /// Where the deployment stood then.
    pub status: Status,
    /// Branch or tag.
    pub git_ref: String,
    /// Whether that is a tag.
    pub tag: bool,
    /// Commit.
    pub sha: String,
    /// Everything else that was said, in any form that is equal for equal reports; it decides only between two reports of
    /// the same moment that say the same status.
    pub rest: String,
}

impl Report {
    /// The sender's order: its count, then its clock. Of two reports of one moment the one that has come further counts
    /// as the later one, so that `running` and `success` in one second end in success.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        (self.sequence, self.occurred_at, progress(self.status))
            .cmp(&(other.sequence, other.occurred_at, progress(other.status)))
            .then_with(|| self.status.number().cmp(&other.status.number()))
            .then_with(|| (&self.sha, &self.git_ref, self.tag).cmp(&(&other.sha, &other.git_ref, other.tag)))
            .then_with(|| self.rest.cmp(&other.rest))
    }
}

/// How far a deployment has come.
fn progress(status: Status) -> u8 {
    match status {
        Status::Created => 0,
        Status::Blocked => 1,
        Status::Running => 2,
        Status::Success | Status::Failed | Status::Canceled | Status::Skipped => 3,
    }
}

/// What all reports together say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What was told of it last, else when the first of them happened; never after `finished_at`.
    pub created_at: Timestamp,
    /// When the deployment entered the finished status that it has, or had last (as in reference 8.2): a sender that
    /// repeats `success` every five minutes does not move it.
    pub finished_at: Option<Timestamp>,
    /// Where it stands.
    pub status: Status,
    /// Branch or tag.
    pub git_ref: String,
    /// Whether that is a tag.
    pub tag: bool,
    /// Commit.
    pub sha: String,
}

/// Reads the reports in the sender's order; `None` without any. A report may make any change of status, also those that
/// an update through the API refuses: the sender is telling what happened, not asking for it.
#[must_use]
pub fn standing<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Option<Standing> {
    let mut ordered: Vec<&Report> = reports.into_iter().collect();
    ordered.sort_by(|a, b| a.compare(b));
    let first = ordered.iter().map(|report| report.occurred_at).min()?;
    let mut created_at = None;
    let mut finished_at = None;
    let mut before = None;
    for report in &ordered {
        let enters_finished = report.status.is_finished() && before != Some(report.status);
        let entered_at = enters_finished.then_some(report.occurred_at);
        finished_at = report.finished_at.or(entered_at).or(finished_at);
        created_at = report.created_at.or(created_at);
        before = Some(report.status);
    }
    let created_at = created_at.unwrap_or(first);
    let newest = ordered.last()?;
    Some(Standing {
        created_at: finished_at.map_or(created_at, |finished_at| created_at.min(finished_at)),
        finished_at,
        status: newest.status,
        git_ref: newest.git_ref.clone(),
        tag: newest.tag,
        sha: newest.sha.clone(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn report(sequence: Option<i64>, second: i64, status: Status) -> Report {
        Report {
            sequence,
            occurred_at: Timestamp::from_micros(second * 1_000_000),
            created_at: None,
            finished_at: None,
            status,
            git_ref: "main".to_owned(),
            tag: false,
            sha: "a".repeat(40),
            rest: String::new(),
        }
    }

    fn summary(reports: &[Report]) -> (Status, i64, Option<i64>) {
        let standing = standing(reports).unwrap();
        let seconds = |time: Timestamp| time.as_micros() / 1_000_000;
        (
            standing.status,
            seconds(standing.created_at),
            standing.finished_at.map(seconds),
        )
    }

    #[test]
    fn the_newest_report_counts_whenever_it_arrives() {
        let stream = [
            report(None, 1, Status::Created),
            report(None, 2, Status::Running),
            report(None, 9, Status::Success),
        ];
        assert_eq!(summary(&stream), (Status::Success, 1, Some(9)));
        let late = [stream[2].clone(), stream[0].clone(), stream[1].clone()];
        assert_eq!(summary(&late), (Status::Success, 1, Some(9)));
    }

    #[test]
    fn the_senders_count_wins_over_its_clock() {
        let set_back = [
            report(Some(1), 50, Status::Running),
            report(Some(2), 40, Status::Failed),
        ];
        assert_eq!(summary(&set_back), (Status::Failed, 40, Some(40)));
    }

    #[test]
    fn repeating_a_success_does_not_move_it() {
        let stream = [report(None, 1, Status::Success), report(None, 300, Status::Success)];
        assert_eq!(summary(&stream), (Status::Success, 1, Some(1)));
        let again = [
            report(None, 1, Status::Success),
            report(None, 2, Status::Failed),
            report(None, 3, Status::Success),
        ];
        assert_eq!(summary(&again), (Status::Success, 1, Some(3)));
    }

    #[test]
    fn told_times_stand_in_for_the_moment_of_the_report() {
        let at = |second: i64| Some(Timestamp::from_micros(second * 1_000_000));
        let told = |created_at, finished_at| Report {
            created_at,
            finished_at,
            ..report(None, 9, Status::Success)
        };
        assert_eq!(summary(&[told(at(2), at(8))]), (Status::Success, 2, Some(8)));
        assert_eq!(summary(&[told(at(9), at(8))]), (Status::Success, 8, Some(8)));
        let stream = [report(None, 5, Status::Running), told(at(6), None)];
        assert_eq!(summary(&stream), (Status::Success, 6, Some(9)));
    }

    #[test]
    fn two_reports_of_one_moment_end_where_the_deployment_came_to() {
        assert_eq!(
            summary(&[report(None, 5, Status::Success), report(None, 5, Status::Running)]),
            (Status::Success, 5, Some(5))
        );
    }

    fn any_report() -> impl Strategy<Value = Report> {
        let status = prop::sample::select(Status::ALL);
        (prop::option::of(0..4_i64), 0..5_i64, status, "[ab]{0,2}").prop_map(|(sequence, second, status, rest)| {
            Report {
                rest,
                ..report(sequence, second, status)
            }
        })
    }

    proptest! {
        #[test]
        fn neither_order_nor_repetition_changes_the_outcome(
            (stream, arrived) in prop::collection::vec(any_report(), 1..8).prop_flat_map(|stream| {
                let mut repeated = stream.clone();
                repeated.extend(stream.iter().take(3).cloned());
                (Just(stream), Just(repeated).prop_shuffle())
            })
        ) {
            prop_assert_eq!(standing(&stream), standing(&arrived));
        }
    }
}
