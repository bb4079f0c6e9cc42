//! What may be set of an environment (neighbours, 1.3 and 1.4).

use thiserror::Error;

use super::{AutoStopSetting, Environment, NameError, State, Tier, UrlError, check_external_url};
use crate::time::Timestamp;

/// The most characters of a description.
pub const LONGEST_DESCRIPTION: usize = 10_000;

/// What a request says about a value that can also be taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Nothing.
    #[default]
    Leave,
    /// There shall be none.
    Clear,
    /// This is it.
    Set(T),
}

impl<T> Change<T> {
    /// The change of a value that was told, or that was told to be none.
    pub fn told(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

/// What is told about an environment, beside its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where it can be seen running; an empty text is none.
    pub external_url: Change<String>,
    /// What it is for; cleared, it is guessed from the name.
    pub tier: Change<Tier>,
    /// What its owners note about it.
    pub description: Change<String>,
    /// How it may be stopped.
    pub auto_stop_setting: Option<AutoStopSetting>,
    /// When it is to be stopped.
    pub auto_stop_at: Change<Timestamp>,
    /// Where a cluster agent finds it; there are no agents here.
    pub kubernetes_namespace: Option<String>,
    /// Which resource of Flux it is; without a namespace there is none.
    pub flux_resource_path: Option<String>,
}

/// What is wrong with an environment. The texts are made to follow the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// The name cannot be one.
    #[error(transparent)]
    Name(NameError),
    /// Another environment of the project has the name.
    #[error("has already been taken")]
    NameTaken,
    /// Another environment of the project has the slug that comes of the name.
    #[error("has already been taken")]
    SlugTaken,
    /// The address cannot be one.
    #[error(transparent)]
    ExternalUrl(UrlError),
    /// There is no agent.
    #[error("cannot be set without a cluster agent")]
    NamespaceWithoutAgent,
    /// There is no namespace.
    #[error("cannot be set without a kubernetes namespace")]
    FluxPathWithoutNamespace,
    /// Over [`LONGEST_DESCRIPTION`] characters.
    #[error("is too long (maximum is {LONGEST_DESCRIPTION} characters)")]
    DescriptionTooLong,
    /// It does not run.
    #[error("can only be set while the environment is available")]
    AutoStopWhileStopped,
}

impl Invalid {
    /// The field that is wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Name(_) | Self::NameTaken => "name",
            Self::SlugTaken => "slug",
            Self::ExternalUrl(_) => "external_url",
            Self::NamespaceWithoutAgent => "kubernetes_namespace",
            Self::FluxPathWithoutNamespace => "flux_resource_path",
            Self::DescriptionTooLong => "description",
            Self::AutoStopWhileStopped => "auto_stop_at",
        }
    }
}

impl Settings {
    /// Puts them into an environment; answers all that is wrong with them, and then the environment is not to be kept.
    pub fn apply(&self, environment: &mut Environment) -> Vec<Invalid> {
        let mut invalid = Vec::new();
        match &self.external_url {
            Change::Leave => {}
            Change::Set(url) if !url.is_empty() => {
                invalid.extend(check_external_url(url).err().map(Invalid::ExternalUrl));
                environment.external_url = Some(url.clone());
            }
            Change::Clear | Change::Set(_) => environment.external_url = None,
        }
        match self.tier {
            Change::Leave => {}
            Change::Clear => environment.tier = Tier::guess(&environment.name),
            Change::Set(tier) => environment.tier = tier,
        }
        let is_told = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        if is_told(&self.kubernetes_namespace) {
            invalid.push(Invalid::NamespaceWithoutAgent);
        } else if is_told(&self.flux_resource_path) {
            invalid.push(Invalid::FluxPathWithoutNamespace);
        }
        match &self.description {
            Change::Leave => {}
            Change::Clear => environment.description = None,
            Change::Set(text) => {
                let too_long = text.chars().count() > LONGEST_DESCRIPTION;
                invalid.extend(too_long.then_some(Invalid::DescriptionTooLong));
                environment.description = Some(text.clone());
            }
        }
        if let Some(setting) = self.auto_stop_setting {
            environment.auto_stop_setting = setting;
        }
        match self.auto_stop_at {
            Change::Leave => {}
            Change::Clear => environment.auto_stop_at = None,
            Change::Set(at) => {
                let runs = environment.state == State::Available;
                invalid.extend((!runs).then_some(Invalid::AutoStopWhileStopped));
                environment.auto_stop_at = Some(at);
            }
        }
        invalid
    }
}
