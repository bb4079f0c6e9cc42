//! Argo CD's notifications, in the form that the template of `docs/hooks/argocd.md` gives them: whole objects, from which
//! the fields are picked here. One sync is one deployment.

use landfall_domain::{
    deployment::{Note, Status},
    environment::Tier,
    git_name,
    time::Timestamp,
};

use super::{
    Broken, Delivery, Meaning,
    deployable::{self, Keys, Times},
    observation::{About, EnvironmentHint, Key, Observation, ProjectHint, UserHint, shown_email},
    place::Place,
    revision::{Revision, commit_of_image, repository_path},
};

pub(super) fn parse(delivery: &Delivery<'_>) -> Result<Meaning, Broken> {
    let body = delivery.json()?;
    let root = Place::root(&body)?;
    let name = root.need_text("name")?;
    let Some(operation) = root.object("operationState")? else {
        return Ok(Meaning::Ignored {
            why: "the application has never been synced",
        });
    };
    let sync = match operation.object("operation")? {
        Some(told) => told.object("sync")?,
        None => None,
    };
    if let Some(sync) = &sync
        && let Some(why) = deploys_nothing(sync)?
    {
        return Ok(Meaning::Ignored { why });
    }
    let annotations = root.object("annotations")?;
    let spec = root.object("spec")?;
    let source = Source::read(spec.as_ref(), &operation, sync.as_ref())?;
    let application = application(&root, &name)?;
    let phase = Phase::read(&operation)?;
    let commit = commit(&root, annotations.as_ref(), &source)?;
    let user = initiator(&operation)?;
    let instance = root.text("argocd")?.unwrap_or_default();
    let deployable = job(&name, &instance, &application, &phase, &commit, user.as_ref());
    Ok(Meaning::Observations(vec![Observation {
        occurred_at: Some(phase.since()),
        sequence: Some(phase.sequence()),
        project: project(annotations.as_ref(), &source, &commit)?,
        environment: environment(annotations.as_ref(), spec.as_ref())?,
        service: annotation(annotations.as_ref(), "service")?,
        artifacts: root.texts("images")?,
        status: phase.status,
        user,
        description: operation.text("message")?,
        notes: notes(&root, &phase, &commit)?,
        deployable: deployable.told(),
        sha: commit.sha,
        git_ref: commit.git_ref,
        tag: commit.tag,
        ..Observation::of(About::Deployment {
            key: Key::ArgocdSync {
                instance: without_scheme(&instance).to_owned(),
                application,
                started_at: phase.started_at,
            },
            also: Vec::new(),
            run: None,
        })
    }]))
}

/// Why a sync is no deployment, if it is none. What heals itself gets the revision that it has already.
fn deploys_nothing(sync: &Place<'_>) -> Result<Option<&'static str>, Broken> {
    if sync.boolean("dryRun")? == Some(true) {
        return Ok(Some("a dry run deploys nothing"));
    }
    let is_healing = sync.integer("autoHealAttemptsCount")?.is_some_and(|count| count > 0);
    Ok(is_healing.then_some("the application heals itself"))
}

fn application(root: &Place<'_>, name: &str) -> Result<String, Broken> {
    Ok(match root.text("namespace")? {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    })
}

fn without_scheme(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.trim_end_matches('/')
}

/// An annotation `landfall.<name>`.
fn annotation(annotations: Option<&Place<'_>>, name: &str) -> Result<Option<String>, Broken> {
    match annotations {
        Some(annotations) => annotations.text(&format!("landfall.{name}")),
        None => Ok(None),
    }
}

/// How far the sync has come.
struct Phase {
    status: Option<Status>,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl Phase {
    fn read(operation: &Place<'_>) -> Result<Self, Broken> {
        let status = match operation.text("phase")?.as_deref() {
            Some("Running" | "Terminating") => Some(Status::Running),
            Some("Succeeded") => Some(Status::Success),
            Some("Failed" | "Error") => Some(Status::Failed),
            _ => None,
        };
        let started_at = operation.time("startedAt")?;
        Ok(Self {
            status,
            started_at: started_at.ok_or_else(|| operation.missing("startedAt"))?,
            finished_at: operation.time("finishedAt")?,
        })
    }

    fn is_finished(&self) -> bool {
        self.status.is_some_and(Status::is_finished)
    }

    fn since(&self) -> Timestamp {
        self.finished_at
            .filter(|_| self.is_finished())
            .unwrap_or(self.started_at)
    }

    fn sequence(&self) -> i64 {
        i64::from(self.is_finished())
    }
}

/// The source that the application's revision is counted in: its only one, else its first that is a git repository.
#[derive(Default)]
struct Source {
    repository: Option<String>,
    target: Option<String>,
    revision: Option<String>,
    is_chart: bool,
}

impl Source {
    fn read(spec: Option<&Place<'_>>, operation: &Place<'_>, sync: Option<&Place<'_>>) -> Result<Self, Broken> {
        let mut sources = Vec::new();
        if let Some(spec) = spec {
            sources = spec.objects("sources")?;
            if sources.is_empty() {
                sources.extend(spec.object("source")?);
            }
        }
        let mut index = 0;
        for (at, source) in sources.iter().enumerate() {
            if source.text("chart")?.is_none() {
                index = at;
                break;
            }
        }
        let revision = match operation.object("syncResult")? {
            Some(result) => revision(&result, index)?,
            None => None,
        };
        let revision = match (revision, sync) {
            (None, Some(sync)) => revision_asked(sync, index)?,
            (revision, _) => revision,
        };
        let Some(source) = sources.get(index) else {
            return Ok(Self {
                revision,
                ..Self::default()
            });
        };
        Ok(Self {
            repository: source.text("repoURL")?,
            target: source.text("targetRevision")?,
            is_chart: source.text("chart")?.is_some(),
            revision,
        })
    }
}

/// The revision that was synced: of one source `revision`, of several an entry of `revisions`.
fn revision(place: &Place<'_>, index: usize) -> Result<Option<String>, Broken> {
    let revisions = place.texts("revisions")?;
    match revisions.get(index).filter(|revision| !revision.is_empty()) {
        Some(revision) => Ok(Some(revision.clone())),
        None => place.text("revision"),
    }
}

/// The revision that was asked for, while there is no result. It may be a name, which says nothing certain.
fn revision_asked(sync: &Place<'_>, index: usize) -> Result<Option<String>, Broken> {
    Ok(revision(sync, index)?.filter(|revision| git_name::is_object_id(revision)))
}

/// The commit that is deployed, and where it was found.
#[derive(Default)]
struct Commit {
    sha: Option<String>,
    git_ref: Option<String>,
    tag: Option<bool>,
    is_of_manifests: bool,
}

/// The application's commit: as annotated, else as the only commit that the tags of its images name. If nothing names
/// one there is still the commit of the manifests.
fn commit(root: &Place<'_>, annotations: Option<&Place<'_>>, source: &Source) -> Result<Commit, Broken> {
    let named = Revision::named(&annotation(annotations, "ref")?.unwrap_or_default());
    let images = root.texts("images")?;
    let mut shas: Vec<&str> = images.iter().filter_map(|image| commit_of_image(image)).collect();
    shas.sort_unstable();
    shas.dedup();
    let sha = match (annotation(annotations, "sha")?, shas.as_slice()) {
        (Some(sha), _) => Some(sha),
        (None, [sha]) => Some((*sha).to_owned()),
        (None, _) => None,
    };
    if sha.is_some() {
        return Ok(Commit {
            sha,
            git_ref: named.git_ref,
            tag: named.tag,
            is_of_manifests: false,
        });
    }
    let revision = source.revision.clone();
    if source.is_chart {
        return Ok(Commit {
            git_ref: revision.or_else(|| source.target.clone()),
            ..Commit::default()
        });
    }
    let target = Revision::named(source.target.as_deref().unwrap_or_default());
    Ok(Commit {
        git_ref: target.git_ref.filter(|name| !git_name::is_object_id(name)),
        tag: target.tag,
        is_of_manifests: revision.is_some(),
        sha: revision,
    })
}

/// The project: as annotated, else the repository of the manifests, if it is that repository's commit that is told.
fn project(annotations: Option<&Place<'_>>, source: &Source, commit: &Commit) -> Result<Option<ProjectHint>, Broken> {
    let annotated = annotation(annotations, "project")?;
    if annotated.is_some() {
        return Ok(Some(ProjectHint {
            path: annotated,
            is_ours: true,
            ..ProjectHint::default()
        }));
    }
    let is_elsewhere = source.is_chart || (commit.sha.is_some() && !commit.is_of_manifests);
    let repository = source.repository.as_deref().filter(|_| !is_elsewhere);
    Ok(repository.and_then(repository_path).map(|path| ProjectHint {
        path: Some(path),
        ..ProjectHint::default()
    }))
}

/// The environment: as annotated, else the namespace, else the cluster that the application goes to.
fn environment(annotations: Option<&Place<'_>>, spec: Option<&Place<'_>>) -> Result<Option<EnvironmentHint>, Broken> {
    let mut name = annotation(annotations, "environment")?;
    if name.is_none()
        && let Some(spec) = spec
        && let Some(destination) = spec.object("destination")?
    {
        name = match destination.text("namespace")? {
            Some(namespace) => Some(namespace),
            None => destination.text("name")?,
        };
    }
    let Some(name) = name else { return Ok(None) };
    Ok(Some(EnvironmentHint {
        name,
        tier: annotation(annotations, "tier")?.as_deref().and_then(Tier::parse),
        external_url: annotation(annotations, "url")?,
    }))
}

/// Who asked for the sync; nobody did if Argo CD began it by itself.
fn initiator(operation: &Place<'_>) -> Result<Option<UserHint>, Broken> {
    let Some(told) = operation.object("operation")? else {
        return Ok(None);
    };
    let Some(by) = told.object("initiatedBy")? else {
        return Ok(None);
    };
    if by.boolean("automated")? == Some(true) {
        return Ok(None);
    }
    let name = by.text("username")?;
    // Behind single sign-on the name of a user is an address.
    let email = shown_email(name.clone());
    let hint = UserHint {
        username: name.filter(|_| email.is_none()),
        email,
        ..UserHint::default()
    };
    Ok(hint.known())
}

fn notes(root: &Place<'_>, phase: &Phase, commit: &Commit) -> Result<Vec<Note>, Broken> {
    let health = match root.object("health")? {
        Some(health) => health.text("status")?,
        None => None,
    };
    let mut notes = Vec::new();
    if phase.is_finished() && health.as_deref() == Some("Degraded") {
        notes.push(Note::Degraded);
    }
    if commit.is_of_manifests {
        notes.push(Note::ManifestRevision);
    }
    Ok(notes)
}

fn job(name: &str, instance: &str, application: &str, phase: &Phase, commit: &Commit, user: Option<&UserHint>) -> Keys {
    let times = Times {
        created: Some(phase.started_at),
        started: Some(phase.started_at),
        finished: phase.finished_at.filter(|_| phase.is_finished()),
    };
    let page = (!instance.is_empty()).then(|| format!("{}/applications/{application}", instance.trim_end_matches('/')));
    Keys::new()
        .set("status", phase.status.map(Status::as_str))
        .set("name", Some(name))
        .set("ref", commit.git_ref.clone())
        .set("tag", commit.tag)
        .times(&times)
        .set("duration", times.duration())
        .object("user", deployable::user(user))
        .object("commit", deployable::commit(commit.sha.as_deref(), None))
        .set(
            "failure_reason",
            (phase.status == Some(Status::Failed)).then_some("unknown_failure"),
        )
        .set("web_url", page)
}
