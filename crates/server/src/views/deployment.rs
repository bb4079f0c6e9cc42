//! Deployments: the basic form in lists, the extended one everywhere else (reference 7.1 and 7.2).

use std::ops::Deref;

use landfall_domain::{
    deployment::{Deployment, DeploymentDetails},
    job::Job,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{EMPTY, Empty, Part, Wire, environment::EnvironmentBasic, job::JobView, user::UserBasic};
use crate::{
    ops::report_deployment::{Landing, ReportedDeployment},
    urls::Urls,
};

/// A deployment (reference 7.1), with Landfall's own facts under one more key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deployment)]
pub struct DeploymentView<'a> {
    id: i64,
    iid: i64,
    #[serde(rename = "ref")]
    git_ref: &'a str,
    sha: &'a str,
    created_at: Wire,
    updated_at: Wire,
    #[schema(value_type = Option<UserBasic<'a>>)]
    user: Option<Part<'a, UserBasic<'a>>>,
    /// Left out inside its environment.
    #[schema(nullable = false, value_type = Option<EnvironmentBasic<'a>>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Part<'a, EnvironmentBasic<'a>>>,
    deployable: Option<JobView<'a>>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_approval_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approvals: Option<Empty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_summary: Option<ApprovalSummary>,
    landfall: Facts<'a>,
}

/// What the extended form has more: no environment is protected here, so nothing waits for an approval.
pub(crate) const EXTENSION: &str = r#","pending_approval_count":0,"approvals":[],"approval_summary":{"rules":[]}"#;

/// Where [`EXTENSION`] makes the form of lists the extended one: before the facts, which come last. No text has a quotation
/// mark without a backslash, so the last of these keys is theirs.
pub(crate) fn gap(basic: &[u8]) -> usize {
    const FACTS: &[u8] = br#","landfall":"#;
    let mut head = basic;
    while let Some(brace) = head.iter().rposition(|byte| *byte == b'{') {
        head = head.split_at(brace).0;
        if let Some(before) = head.strip_suffix(FACTS) {
            return before.len();
        }
    }
    basic.len()
}

#[derive(Debug, Serialize, ToSchema)]
struct ApprovalSummary {
    rules: Empty,
}

/// What GitLab does not tell of a deployment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LandfallFacts)]
struct Facts<'a> {
    tag: bool,
    commit: Option<&'a str>,
    verified: bool,
    finished_at: Option<Wire>,
    source: &'static str,
    external_id: Option<&'a str>,
    /// Which of the project's services was deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    /// How it went, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// Marks: `rollback`, `superseded`, `degraded`, `manifest_revision`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<&'static str>,
    /// What was deployed beside the commit.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    artifacts: &'a [String],
    /// Only of one that a GitLab's job makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    owned_by_gitlab: Option<bool>,
    /// Only of an imported one.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<OriginView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportView>,
}

/// Where an imported deployment comes from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Origin)]
struct OriginView<'a> {
    /// Its id there.
    id: i64,
    /// Where it is shown there.
    url: Option<&'a str>,
}

/// What became of a report (only in the answer to one).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Report)]
struct ReportView {
    /// Whether the deployment stands now where the report says.
    applied: bool,
    /// Why it does not: `older` than what is known, or `repeated`.
    reason: Option<&'static str>,
}

impl<'a> DeploymentView<'a> {
    /// The form of lists.
    #[must_use]
    pub fn basic(details: &'a DeploymentDetails, urls: &Urls) -> DeploymentView<'a> {
        let user = details.user.as_ref().map(|user| UserBasic::new(user, urls));
        let environment = EnvironmentBasic::new(&details.environment);
        let (user, environment) = (user.map(Part::View), Part::View(environment));
        DeploymentView::of_parts(&details.deployment, details.job.as_ref(), user, environment)
    }

    /// The form of lists, of what may have been written before.
    pub(crate) fn of_parts<T: Deref<Target = str>>(
        deployment: &'a Deployment<T>,
        job: Option<&'a Job<T>>,
        user: Option<Part<'a, UserBasic<'a>>>,
        environment: Part<'a, EnvironmentBasic<'a>>,
    ) -> DeploymentView<'a> {
        DeploymentView {
            id: deployment.id.0,
            iid: deployment.iid.0,
            git_ref: &deployment.git_ref,
            sha: &deployment.sha,
            created_at: Wire(deployment.created_at),
            updated_at: Wire(deployment.updated_at),
            user,
            environment: Some(environment),
            deployable: job.map(JobView::new),
            status: deployment.status.as_str(),
            pending_approval_count: None,
            approvals: None,
            approval_summary: None,
            landfall: Facts {
                tag: deployment.tag,
                commit: deployment.commit.as_deref(),
                verified: deployment.commit.is_some(),
                finished_at: deployment.finished_at.map(Wire),
                source: deployment.source.as_str(),
                external_id: deployment.external_id.as_deref(),
                service: deployment.facts.service.as_deref(),
                description: deployment.facts.description.as_deref(),
                notes: deployment.facts.notes.iter().map(|note| note.as_str()).collect(),
                artifacts: &deployment.facts.artifacts,
                owned_by_gitlab: deployment.owned_by_gitlab.then_some(true),
                origin: deployment.origin.as_ref().map(|origin| OriginView {
                    id: origin.id,
                    url: origin.url.as_deref(),
                }),
                report: None,
            },
        }
    }

    /// The form of the last deployment inside its environment (neighbours, 1.1).
    #[must_use]
    pub fn in_environment(details: &'a DeploymentDetails, urls: &Urls) -> DeploymentView<'a> {
        DeploymentView {
            environment: None,
            ..DeploymentView::basic(details, urls)
        }
    }

    /// The form of a single deployment. No environment is protected here, so nothing waits for an approval.
    #[must_use]
    pub fn extended(details: &'a DeploymentDetails, urls: &Urls) -> DeploymentView<'a> {
        DeploymentView {
            pending_approval_count: Some(0),
            approvals: Some(EMPTY),
            approval_summary: Some(ApprovalSummary { rules: EMPTY }),
            ..DeploymentView::basic(details, urls)
        }
    }

    /// The extended form as the answer to a report.
    #[must_use]
    pub fn reported(reported: &'a ReportedDeployment, urls: &Urls) -> DeploymentView<'a> {
        let mut view = DeploymentView::extended(&reported.details, urls);
        let reason = match reported.landing {
            Landing::Created | Landing::Applied => None,
            Landing::Older => Some("older"),
            Landing::Repeated => Some("repeated"),
        };
        view.landfall.report = Some(ReportView {
            applied: reason.is_none(),
            reason,
        });
        view
    }
}

#[cfg(test)]
mod tests {
    use landfall_domain::{
        deployment::{Deployment, Facts as Told, Note, Source, Status},
        environment::{AutoStopSetting, Environment, State, Tier},
        ids::{DeploymentId, EnvironmentId, Iid, ProjectId},
        time::Timestamp,
    };

    use super::*;
    use crate::views::write;

    fn details(description: &str) -> DeploymentDetails {
        let at = Timestamp::from_micros(1_469_918_176_385_000);
        DeploymentDetails {
            deployment: Deployment {
                id: DeploymentId(1),
                iid: Iid(1),
                project_id: ProjectId(1),
                environment_id: EnvironmentId(1),
                user_id: None,
                job_id: None,
                git_ref: "main".to_owned(),
                tag: false,
                sha: "a91957a".to_owned(),
                commit: None,
                status: Status::Success,
                source: Source::Api,
                external_id: None,
                facts: Told {
                    description: Some(description.to_owned()),
                    notes: Note::ALL.to_vec(),
                    ..Told::default()
                },
                owned_by_gitlab: false,
                origin: None,
                created_at: at,
                updated_at: at,
                finished_at: Some(at),
            },
            environment: Environment {
                id: EnvironmentId(1),
                project_id: ProjectId(1),
                name: "production".to_owned(),
                slug: "production".to_owned(),
                external_url: None,
                tier: Tier::Production,
                state: State::Available,
                description: None,
                auto_stop_setting: AutoStopSetting::Always,
                auto_stop_at: None,
                auto_delete_at: None,
                created_at: at,
                updated_at: at,
            },
            user: None,
            job: None,
        }
    }

    #[test]
    fn what_is_written_out_becomes_the_extended_form() {
        let urls = Urls::new("https://landfall.example");
        for description in ["deployed", r#"","landfall":{"#] {
            let details = details(description);
            let (mut basic, mut extended) = (Vec::new(), Vec::new());
            write(&DeploymentView::basic(&details, &urls), &mut basic).unwrap();
            write(&DeploymentView::extended(&details, &urls), &mut extended).unwrap();
            let (head, tail) = basic.split_at(gap(&basic));
            assert_eq!([head, EXTENSION.as_bytes(), tail].concat(), extended);
        }
    }
}
