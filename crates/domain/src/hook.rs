//! Hooks that come in: who sends them, how a sender proves who it is, and what becomes of a delivery.

use std::collections::BTreeMap;

use crate::{
    ids::{DeliveryId, HookSourceId, NamespaceId, ProjectId, UserId},
    time::Timestamp,
    token::{Digest, Secret},
};

/// Who sends to a hook; each has its own endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A GitLab: Deployment, Job and Pipeline Hooks.
    Gitlab,
    /// GitHub: `deployment`, `deployment_status`, `workflow_job`, `workflow_run`.
    Github,
    /// Argo CD, with the notification template of `docs/hooks/argocd.md`.
    Argocd,
    /// Flux: its providers `generic` and `generic-hmac`.
    Flux,
    /// Anything that sends `CDEvents` as `CloudEvents` over HTTP.
    Cdevents,
}

texts!(Sender {
    Gitlab = "gitlab",
    Github = "github",
    Argocd = "argocd",
    Flux = "flux",
    Cdevents = "cdevents",
});

impl Sender {
    /// Whether it can sign what it sends. A signature can only be checked with the secret itself, so the secret of such
    /// a sender is kept as it is; of the others its digest is enough.
    #[must_use]
    pub const fn signs(self) -> bool {
        matches!(self, Self::Github | Self::Flux)
    }
}

/// What a source's deliveries may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This project, whatever the sender calls it.
    Project(ProjectId),
    /// The project below this group that the sender names.
    Group(NamespaceId),
}

/// What a delivery of a source is checked against.
#[derive(Clone, Debug)]
pub enum Proof {
    /// The digest of a secret that is sent along.
    Digest(Digest),
    /// The secret that deliveries are signed with.
    Secret(Secret),
}

impl Proof {
    /// What is to be kept of a sender's secret.
    #[must_use]
    pub fn of(sender: Sender, secret: &Secret) -> Self {
        if sender.signs() {
            Self::Secret(secret.clone())
        } else {
            Self::Digest(secret.digest())
        }
    }
}

/// Compared by digest, in constant time.
impl PartialEq for Proof {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Digest(a), Self::Digest(b)) => a.same(b),
            (Self::Secret(a), Self::Secret(b)) => a.digest().same(&b.digest()),
            _ => false,
        }
    }
}

/// A place that hooks may come from.
#[derive(Clone, Debug, PartialEq)]
pub struct HookSource {
    /// Global id.
    pub id: HookSourceId,
    /// Which kind of sender it is.
    pub sender: Sender,
    /// What its deliveries may be about.
    pub scope: Scope,
    /// What its owners call it; empty if they do not.
    pub name: String,
    /// As whom its deployments count where the sender names nobody.
    pub user_id: Option<UserId>,
    /// Projects that have another path here than at the sender: the sender's path, in small letters, to ours.
    pub projects: BTreeMap<String, String>,
    /// What its deliveries are checked against.
    pub proof: Proof,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is wrong with the secret of a hook. The texts are made to follow the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// So short that it could be found by trying.
    #[error("is too short (minimum is 16 characters)")]
    TooShort,
    /// Longer than any header should be.
    #[error("is too long (maximum is 255 characters)")]
    TooLong,
    /// A character that cannot stand in a header, or not at its end.
    #[error("can contain only printable ASCII characters, without blanks at its ends")]
    Characters,
}

/// Checks a secret that somebody has chosen. All senders can send it in a header.
pub fn validate_secret(secret: &str) -> Result<(), SecretError> {
    let length = secret.chars().count();
    if length < 16 {
        return Err(SecretError::TooShort);
    }
    if length > 255 {
        return Err(SecretError::TooLong);
    }
    let is_printable = secret.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_printable && secret.trim() == secret {
        Ok(())
    } else {
        Err(SecretError::Characters)
    }
}

/// What has become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// It is stored, and its turn comes.
    Waiting,
    /// What it says has been taken in.
    Done,
    /// It says nothing about deployments.
    Ignored,
    /// It could not be read or applied; it can be replayed.
    Failed,
}

texts!(DeliveryState {
    Waiting = "waiting",
    Done = "done",
    Ignored = "ignored",
    Failed = "failed",
});

/// A delivery, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Global id.
    pub id: DeliveryId,
    /// Where it came from.
    pub source_id: HookSourceId,
    /// Which kind of sender that is.
    pub sender: Sender,
    /// The project that it is about, once that is known.
    pub project_id: Option<ProjectId>,
    /// The sender's own id of it, unique for the source.
    pub external_id: Option<String>,
    /// What the sender calls this kind of event.
    pub event: Option<String>,
    /// What has become of it.
    pub state: DeliveryState,
    /// Why it was ignored, what failed, or what was left out.
    pub note: Option<String>,
    /// How often its processing was begun.
    pub attempts: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// When it came to its state, if that is not [`DeliveryState::Waiting`].
    pub processed_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_secrets_that_must_sign_are_kept() {
        let secret = Secret::new("0123456789abcdef".to_owned());
        for sender in Sender::ALL {
            let kept = matches!(Proof::of(*sender, &secret), Proof::Secret(_));
            assert_eq!(kept, ["github", "flux"].contains(&sender.as_str()), "{sender}");
            assert!(!format!("{:?}", Proof::of(*sender, &secret)).contains("0123"));
        }
    }

    #[test]
    fn secrets_fit_into_a_header_and_cannot_be_guessed() {
        assert_eq!(validate_secret("It's a Secret to Everybody"), Ok(()));
        assert_eq!(validate_secret("fifteen letters"), Err(SecretError::TooShort));
        assert_eq!(validate_secret(&"x".repeat(256)), Err(SecretError::TooLong));
        for wrong in [" 0123456789abcdef", "0123456789abcdef\n0", "geheimnisträgerinnen"] {
            assert_eq!(validate_secret(wrong), Err(SecretError::Characters), "{wrong:?}");
        }
    }
}
