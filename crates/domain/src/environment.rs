//! Environments: names, slugs and tiers (reference section 9), what may be set of them and how they start and stop
//! (neighbours, section 1).

mod external_url;
mod lifecycle;
mod query;
mod settings;

use thiserror::Error;

use crate::{
    hash,
    ids::{EnvironmentId, ProjectId},
    time::Timestamp,
};

pub use external_url::{UrlError, check_external_url};
pub use lifecycle::NotStopped;
pub use query::{EnvironmentFilter, Search, TooShort};
pub use settings::{Change, Invalid, LONGEST_DESCRIPTION, Settings};

/// Whether an environment runs (reference, neighbours 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// In use.
    Available,
    /// Being taken down.
    Stopping,
    /// Taken down; the next success brings it back.
    Stopped,
}

texts!(State { Available = "available", Stopping = "stopping", Stopped = "stopped" });

/// What an environment is for. The numbers are GitLab's stored ones (reference 9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i64)]
pub enum Tier {
    /// The real thing.
    Production = 0,
    /// The rehearsal.
    Staging = 1,
    /// For tests.
    Testing = 2,
    /// For work in progress, review apps among it.
    Development = 3,
    /// Anything else.
    Other = 4,
}

texts!(Tier {
    Production = "production",
    Staging = "staging",
    Testing = "testing",
    Development = "development",
    Other = "other",
});

impl Tier {
    /// GitLab's stored number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The tier of a stored number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|tier| tier.number() == number)
    }

    /// The tier that a name suggests, where none is set: the first row of the table that has a part of the name, in
    /// any letter case (reference 9.3). The order makes `production-test` a testing one and `preprod` staging.
    #[must_use]
    pub fn guess(name: &str) -> Self {
        const ROWS: [(Tier, &[&str]); 4] = [
            (Tier::Development, &["dev", "review", "trunk"]),
            (
                Tier::Testing,
                &["test", "tst", "int", "accept", "acpt", "qa", "qc", "control", "quality"],
            ),
            (Tier::Staging, &["stag", "stg", "model", "modl", "pre", "demo", "non"]),
            (Tier::Production, &["prod", "prd", "live"]),
        ];
        let name = name.to_ascii_lowercase();
        let row = ROWS
            .iter()
            .find(|(_, parts)| parts.iter().any(|part| name.contains(part)));
        row.map_or(Self::Other, |(tier, _)| *tier)
    }
}

/// Whether a stop job's absence keeps an environment from being stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AutoStopSetting {
    /// Stopped with or without a stop job.
    Always,
    /// Stopped only where a stop job exists.
    WithAction,
}

texts!(AutoStopSetting { Always = "always", WithAction = "with_action" });

impl AutoStopSetting {
    /// The setting of an environment that is made for itself, where none is told (neighbours, 1.3). One that a
    /// deployment makes is always [`AutoStopSetting::Always`].
    #[must_use]
    pub const fn default_for(tier: Tier) -> Self {
        match tier {
            Tier::Production | Tier::Staging => Self::WithAction,
            Tier::Testing | Tier::Development | Tier::Other => Self::Always,
        }
    }
}

/// An environment as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Global id.
    pub id: EnvironmentId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Name, unique in the project.
    pub name: String,
    /// Name made fit for host names, unique in the project, never changed.
    pub slug: String,
    /// Where it can be seen running.
    pub external_url: Option<String>,
    /// What it is for.
    pub tier: Tier,
    /// Whether it runs.
    pub state: State,
    /// What its owners note about it.
    pub description: Option<String>,
    /// How it may be stopped.
    pub auto_stop_setting: AutoStopSetting,
    /// When it is to be stopped.
    pub auto_stop_at: Option<Timestamp>,
    /// When it is to be deleted, if it is still stopped then.
    pub auto_delete_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A name that an environment may have (reference 9.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnvironmentName(String);

/// What is wrong with an environment's name. The texts are GitLab's and are made to follow the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// Empty, or nothing but white space.
    #[error("can't be blank")]
    Blank,
    /// Over [`EnvironmentName::LONGEST`] characters.
    #[error("is too long (maximum is 255 characters)")]
    TooLong,
    /// A character that is not allowed, or a `/` at an end.
    #[error(
        "can contain only letters, digits, '-', '_', '/', '$', '{{', '}}', '.', and spaces, \
         but it cannot start or end with '/'"
    )]
    Characters,
}

impl EnvironmentName {
    /// The most characters of a name.
    pub const LONGEST: usize = 255;

    /// Checks a name. All that is wrong with it is told at once. Blanks at its ends are allowed and kept.
    pub fn parse(name: &str) -> Result<Self, Vec<NameError>> {
        if name.trim().is_empty() {
            return Err(vec![NameError::Blank]);
        }
        let mut errors = Vec::new();
        if name.chars().count() > Self::LONGEST {
            errors.push(NameError::TooLong);
        }
        if !name.chars().all(Self::allows) || name.starts_with('/') || name.ends_with('/') {
            errors.push(NameError::Characters);
        }
        if errors.is_empty() {
            Ok(Self(name.to_owned()))
        } else {
            Err(errors)
        }
    }

    /// The name that an environment of another system has here: GitHub's may hold any character. What is not allowed
    /// becomes `-`, a `/` at an end goes, and what is too long is cut.
    pub fn near(name: &str) -> Result<Self, Vec<NameError>> {
        let fit = |c: char| if Self::allows(c) { c } else { '-' };
        let fitting: String = name.trim_matches('/').chars().map(fit).take(Self::LONGEST).collect();
        Self::parse(fitting.trim_matches('/'))
    }

    fn allows(c: char) -> bool {
        c.is_ascii_alphanumeric() || "_-.${} /".contains(c)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder that the environment is listed in (GitLab's `environment_type`): what stands before the first `/`.
    #[must_use]
    pub fn folder(&self) -> Option<&str> {
        self.0.split_once('/').map(|(folder, _)| folder)
    }
}

/// What a name says behind its folder; `None` without a folder.
#[must_use]
pub fn name_in_folder(name: &str) -> Option<&str> {
    name.split_once('/').map(|(_, rest)| rest)
}

/// The most characters of a slug.
const LONGEST_SLUG: usize = 24;

/// How much of a name is kept in front of a suffix.
const KEPT_OF_LONG_SLUG: usize = 17;

/// The slug of a new environment's name: at most 24 characters that can be part of a host name (reference 9.2).
///
/// A name that had to be altered gets a suffix made from the original, so that names which only differ in what was
/// altered keep different slugs. The one exception is a `-` at the end: `foo` and `foo-` have the same slug.
#[must_use]
pub fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let starts_with_letter = lower.starts_with(|c: char| c.is_ascii_lowercase());
    let mut slug = String::from(if starts_with_letter { "" } else { "env-" });
    for c in lower.chars() {
        let c = if c.is_ascii_lowercase() || c.is_ascii_digit() {
            c
        } else {
            '-'
        };
        if c != '-' || !slug.ends_with('-') {
            slug.push(c);
        }
    }
    if slug.len() > LONGEST_SLUG || slug != name {
        slug.truncate(KEPT_OF_LONG_SLUG);
        if !slug.ends_with('-') {
            slug.push('-');
        }
        slug.push_str(&slug_suffix(name));
    } else if slug.ends_with('-') {
        slug.pop();
    }
    slug
}

/// The last six base-36 digits of the name's SHA-256, read as one big number.
fn slug_suffix(name: &str) -> String {
    const SIX_DIGITS: u64 = 36_u64.pow(6);
    let mut rest = hash::sha256(name)
        .iter()
        .fold(0, |rest, byte| (rest * 256 + u64::from(*byte)) % SIX_DIGITS);
    let mut suffix = [b'0'; 6];
    for place in suffix.iter_mut().rev() {
        let digit = u8::try_from(rest % 36).unwrap_or(0);
        *place = if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
        rest /= 36;
    }
    suffix.into_iter().map(char::from).collect()
}
