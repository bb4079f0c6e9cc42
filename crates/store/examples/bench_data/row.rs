//! One deployment out of its number.

use landfall_domain::{
    deployment::{Facts, Source, Status},
    ids::{EnvironmentId, ProjectId},
    job::{Job, Pipeline, Snapshot},
    time::Timestamp,
};
use landfall_store::{deployments::NewDeployment, jobs::NewJob};

use crate::world::{Place, World};

/// 2020-01-01 UTC; row `n` is made `n * STEP` later, so that ten million end before today.
pub(crate) const START: i64 = 1_577_836_800_000_000;
const SECOND: i64 = 1_000_000;
const STEP: i64 = 19 * SECOND;

/// What is to be written. The deployment is told its job once that has a row.
pub(crate) struct NewRow {
    pub(crate) job: Option<NewJob>,
    pub(crate) deployment: NewDeployment,
}

/// Numbers without a pattern, the same for the same seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: i64) -> i64 {
        // The remainder is smaller than the limit, which fits.
        i64::try_from(self.roll() % limit.max(1).unsigned_abs()).unwrap_or_default()
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let limit = i64::try_from(all.len()).unwrap_or(i64::MAX);
        all.get(usize::try_from(self.below(limit)).unwrap_or_default())
    }
}

/// Row `number`.
pub(crate) fn make(world: &World, number: i64) -> NewRow {
    let mut dice = Dice(number.unsigned_abs());
    let (project, environment) = place(world, number, &mut dice);
    let user = dice.one_of(&world.users).copied();
    let status = match dice.below(20) {
        0 => Status::Running,
        1 | 2 => Status::Failed,
        3 => Status::Canceled,
        _ => Status::Success,
    };
    let created_at = Timestamp(START + number * STEP + dice.below(SECOND));
    // Half a minute to ten minutes; one in fifty was corrected within the next days.
    let ended = created_at.0 + dice.below(570 * SECOND) + 30 * SECOND;
    let finished_at = (status != Status::Running).then_some(Timestamp(ended));
    let updated_at = match dice.below(50) {
        0 => Timestamp(ended + dice.below(100_000) * SECOND),
        _ => finished_at.unwrap_or(created_at),
    };
    let sha = format!("{:016x}{:016x}{:08x}", dice.roll(), dice.roll(), dice.roll() >> 32);
    let (git_ref, tag) = match dice.below(10) {
        0 => (format!("v1.{}", number / 1_000), true),
        1..4 => (format!("change-{}", dice.below(2_000)), false),
        _ => ("main".to_owned(), false),
    };
    let job = (number % 10 != 0).then(|| job(number, project, &sha, &git_ref, created_at, Timestamp(ended)));
    NewRow {
        job,
        deployment: NewDeployment {
            project_id: project,
            environment_id: environment,
            user_id: user,
            job_id: None,
            git_ref,
            tag,
            sha,
            commit: None,
            status,
            source: Source::Api,
            external_id: None,
            facts: Facts::default(),
            owned_by_gitlab: false,
            created_at,
            updated_at,
            finished_at,
        },
    }
}

/// A third goes to the busy project; a sixth, anywhere, to review apps.
fn place(world: &World, number: i64, dice: &mut Dice) -> (ProjectId, EnvironmentId) {
    let nowhere = (ProjectId(0), EnvironmentId(0));
    let Some((busy, others)) = world.projects.split_first() else {
        return nowhere;
    };
    let chosen = if number % 3 == 0 {
        Some(busy)
    } else {
        dice.one_of(others)
    };
    let Some(Place {
        project,
        environments,
        review_apps,
    }) = chosen
    else {
        return nowhere;
    };
    let among = if dice.below(6) == 0 { review_apps } else { environments };
    (*project, dice.one_of(among).copied().unwrap_or(EnvironmentId(0)))
}

/// A job in the size in which GitLab tells them.
fn job(number: i64, project: ProjectId, sha: &str, git_ref: &str, created_at: Timestamp, ended: Timestamp) -> NewJob {
    let web = format!("https://gitlab.example.com/group/project-{}", project.0);
    let seconds = f64::from(i32::try_from((ended.0 - created_at.0) / SECOND).unwrap_or_default());
    let pipeline = Pipeline {
        id: Some(1_000_000 + number),
        iid: Some(number),
        project_id: Some(project.0),
        sha: Some(sha.to_owned()),
        git_ref: Some(git_ref.to_owned()),
        status: Some("success".to_owned()),
        source: Some("push".to_owned()),
        created_at: Some(created_at),
        updated_at: Some(ended),
        web_url: Some(format!("{web}/-/pipelines/{}", 1_000_000 + number)),
    };
    let job = Job {
        id: 0,
        status: Some("success".to_owned()),
        stage: Some("deploy".to_owned()),
        name: "deploy".to_owned(),
        git_ref: Some(git_ref.to_owned()),
        tag: Some(false),
        coverage: None,
        allow_failure: Some(false),
        created_at: Some(created_at),
        started_at: Some(created_at),
        finished_at: Some(ended),
        erased_at: None,
        duration: Some(seconds),
        queued_duration: Some(0.4),
        user: Some(Snapshot(user())),
        commit: Some(Snapshot(commit(&web, sha))),
        pipeline: Some(pipeline),
        failure_reason: None,
        web_url: Some(format!("{web}/-/jobs/{}", 2_000_000 + number)),
        ci_job_token_scope_enabled: Some(false),
        artifacts_file: None,
        artifacts: Some(Snapshot("[]".to_owned())),
        runner: None,
        runner_manager: None,
        artifacts_expire_at: None,
        archived: Some(false),
        tag_list: Snapshot(r#"["docker","linux"]"#.to_owned()),
    };
    NewJob {
        id: Some(2_000_000 + number),
        job,
    }
}
/// Who started the job, as GitLab tells it.
fn user() -> String {
    r#"{"id":1,"username":"root","public_email":"","name":"Administrator","state":"active","locked":false,"avatar_url":"https://www.gravatar.com/avatar/e64c7d89f26bd1972efa854d13d7dd61?s=80&d=identicon","web_url":"https://gitlab.example.com/root","created_at":"2015-12-21T13:14:24.077Z","bio":"","location":"","skype":"","linkedin":"","twitter":"","discord":"","website_url":"","github":"","job_title":"","pronouns":null,"organization":"","bot":false,"work_information":null,"followers":0,"following":0,"is_followed":false,"local_time":null}"#
        .to_owned()
}

/// The job's commit, as GitLab tells it.
fn commit(web: &str, sha: &str) -> String {
    let short = sha.get(..8).unwrap_or(sha);
    format!(
        r#"{{"id":"{sha}","short_id":"{short}","created_at":"2026-01-01T09:36:01.000+02:00","parent_ids":["{sha}"],"title":"Merge branch 'new-title' into 'main'","message":"Merge branch 'new-title' into 'main'\r\n\r\nUpdate README\r\n\r\nSee merge request !1","author_name":"Administrator","author_email":"admin@example.com","authored_date":"2026-01-01T09:36:01.000+02:00","committer_name":"Administrator","committer_email":"admin@example.com","committed_date":"2026-01-01T09:36:01.000+02:00","trailers":{{}},"extended_trailers":{{}},"web_url":"{web}/-/commit/{sha}"}}"#
    )
}
