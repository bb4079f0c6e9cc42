//! Reports of deployments, made in a job and sent to a Landfall or GitLab server.
//!
//! [`plan`] decides what is to be told to whom, [`sender`] tells it, [`spool`] keeps what could not be told, and
//! [`child`] runs the command that is told about.
//!
//! Every report is complete and has a key, so a server that knows keys makes one deployment of all reports of a run, in
//! whatever number they arrive. Other servers make a deployment of each: there the end of a run is told by changing the
//! deployment that its beginning made.

pub(crate) mod child;
pub(crate) mod plan;
pub(crate) mod sender;
pub(crate) mod spool;

use std::io::{self, Write};

use landfall_gitlab::{NewDeployment, Status, UpdateDeployment};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The count of the first report of a deployment.
pub(crate) const BEGINNING: i64 = 1;
/// The count of the last one.
pub(crate) const END: i64 = 2;

/// What is said of a deployment at one moment: the body that is posted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) environment: String,
    pub(crate) sha: String,
    #[serde(rename = "ref")]
    pub(crate) git_ref: String,
    pub(crate) tag: bool,
    pub(crate) status: Status,
    /// Identity of the deployment; the same in all its reports.
    pub(crate) external_id: String,
    /// [`BEGINNING`] or [`END`]: their order, whatever the order of their arrival.
    pub(crate) sequence: i64,
    /// RFC 3339, in UTC.
    pub(crate) occurred_at: String,
    /// The job; `null` without one.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) deployable: Value,
}

impl Report {
    fn to_new(&self) -> NewDeployment {
        let mut other = Map::new();
        other.insert("external_id".to_owned(), Value::from(self.external_id.as_str()));
        other.insert("sequence".to_owned(), Value::from(self.sequence));
        other.insert("occurred_at".to_owned(), Value::from(self.occurred_at.as_str()));
        other.extend(self.job());
        NewDeployment {
            environment: self.environment.clone(),
            sha: self.sha.clone(),
            git_ref: self.git_ref.clone(),
            tag: self.tag,
            status: self.status.clone(),
            other,
        }
    }

    fn to_update(&self) -> UpdateDeployment {
        UpdateDeployment {
            status: self.status.clone(),
            other: self.job().into_iter().collect(),
        }
    }

    fn job(&self) -> Option<(String, Value)> {
        (!self.deployable.is_null()).then(|| ("deployable".to_owned(), self.deployable.clone()))
    }
}

/// A report and where it goes. No token is part of it: whoever sends it later uses its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Address of the server.
    pub(crate) url: String,
    /// Path or id of the project.
    pub(crate) project: String,
    /// The deployment to be changed, where the server does not know it by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deployment_id: Option<i64>,
    pub(crate) report: Report,
}

/// A line on standard error, where people look for what a job did.
pub(crate) fn tell(text: &str) {
    // Where standard error is closed, nobody wants to know.
    let _ = writeln!(io::stderr(), "landfall: {text}");
}
