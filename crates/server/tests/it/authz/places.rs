//! Projects of every kind, with deployments in them.

use std::collections::HashMap;

use landfall_domain::{
    access::AccessLevel,
    ids::ProjectId,
    project::{FeatureAccess, Project, Visibility},
    token::{Scope, Secret},
    user::UserState,
};
use landfall_store::{members, namespaces, projects, tokens, users};
use serde_json::{Value, json};

use super::{
    Target,
    callers::{CALLERS, Kind},
};
use crate::support::{Caller as Sender, NOW, TestReceiver, TestServer, membership};

/// A kind of project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// With everything open to those who see it.
    Open(Visibility),
    /// Public and archived.
    Archived,
    /// Public, with one feature for members only.
    Private(Feature),
    /// Public, with one feature switched off.
    Disabled(Feature),
}

/// A feature that deployments need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Feature {
    Repository,
    Builds,
    Environments,
}

pub(super) const PLACES: &[Place] = &[
    Place::Open(Visibility::Private),
    Place::Open(Visibility::Internal),
    Place::Open(Visibility::Public),
    Place::Archived,
    Place::Private(Feature::Repository),
    Place::Private(Feature::Builds),
    Place::Private(Feature::Environments),
    Place::Disabled(Feature::Repository),
    Place::Disabled(Feature::Builds),
    Place::Disabled(Feature::Environments),
];

impl Place {
    pub(super) fn name(self) -> String {
        match self {
            Place::Open(visibility) => visibility.as_str().to_owned(),
            Place::Archived => "archived".to_owned(),
            Place::Private(feature) => format!("{feature:?} for members only").to_lowercase(),
            Place::Disabled(feature) => format!("{feature:?} disabled").to_lowercase(),
        }
    }

    pub(super) fn visibility(self) -> Visibility {
        match self {
            Place::Open(visibility) => visibility,
            Place::Archived | Place::Private(_) | Place::Disabled(_) => Visibility::Public,
        }
    }

    /// Brings a project that is open and full of deployments into this state.
    fn apply(self, project: &mut Project) {
        let (feature, access) = match self {
            Place::Open(_) => return,
            Place::Archived => {
                project.archived = true;
                return;
            }
            Place::Private(feature) => (feature, FeatureAccess::Private),
            Place::Disabled(feature) => (feature, FeatureAccess::Disabled),
        };
        match feature {
            Feature::Repository => project.repository_access = access,
            Feature::Builds => project.builds_access = access,
            Feature::Environments => project.environments_access = access,
        }
    }
}

/// Deployments, and environments, that are there to be deleted in each project: one for everybody who may, and one that
/// stays.
const TO_DELETE: usize = 8;

/// The projects and what is in them.
pub(super) struct World {
    pub(super) server: TestServer,
    projects: HashMap<Place, ProjectId>,
    running: HashMap<Place, (i64, &'static str)>,
    failed: HashMap<Place, Vec<i64>>,
    hooks: HashMap<Place, Vec<i64>>,
    /// An attempt to send the hook that stays.
    events: HashMap<Place, i64>,
    receiver: TestReceiver,
    stopped: HashMap<Place, Vec<i64>>,
    environments: HashMap<Place, i64>,
    made: u64,
}

impl World {
    pub(super) async fn new(server: TestServer) -> World {
        make_users(&server).await;
        let mut world = World {
            server,
            projects: HashMap::new(),
            running: HashMap::new(),
            failed: HashMap::new(),
            hooks: HashMap::new(),
            events: HashMap::new(),
            receiver: TestReceiver::new(),
            stopped: HashMap::new(),
            environments: HashMap::new(),
            made: 0,
        };
        for owner in ["", "", "/groups/crew"] {
            let target = format!("{owner}/hooks");
            world.make_hook(&target).await;
        }
        for place in PLACES {
            world.make_project(*place).await;
        }
        world
    }

    async fn make_project(&mut self, place: Place) {
        let path = format!("group/{}", place.name().replace(' ', "-"));
        let project = self
            .server
            .project_with(&path, |new| new.visibility = place.visibility())
            .await;
        self.projects.insert(place, project.id);
        make_members(&self.server, project.id).await;
        let admin = self.server.bearer_of("admin-token");
        let target = format!("/projects/{}/deployments", project.id);
        for number in 0..=TO_DELETE {
            let form = self.new_deployment();
            let form = if number == 0 {
                form.replace("failed", "running")
            } else {
                form
            };
            let made = admin
                .post(&target)
                .body(Some("application/x-www-form-urlencoded"), form)
                .await
                .json(201);
            let id = made["id"].as_i64().unwrap();
            if number == 0 {
                self.running.insert(place, (id, "failed"));
                self.environments
                    .insert(place, made["environment"]["id"].as_i64().unwrap());
            } else {
                self.failed.entry(place).or_default().push(id);
            }
        }
        self.make_hooks(place, project.id).await;
        for number in 0..TO_DELETE {
            let name = format!("review/{number}");
            self.stopped
                .entry(place)
                .or_default()
                .push(stopped(&admin, project.id, &name).await);
        }
        self.server
            .write(move |tx| {
                let mut project = projects::by_id(tx, project.id)?.unwrap();
                place.apply(&mut project);
                Ok(projects::update(tx, &project)?)
            })
            .await;
    }

    /// A hook with a header and a variable for each caller that may remove them.
    async fn make_hook(&self, target: &str) -> i64 {
        let pairs: Vec<Value> = ["maintainer", "owner", "admin"]
            .iter()
            .map(|name| json!({ "key": name, "value": "x" }))
            .collect();
        let body = json!({
            "url": self.receiver.url("/"), "deployment_events": false, "custom_headers": pairs, "url_variables": pairs,
        });
        let made = self
            .server
            .bearer_of("admin-token")
            .post(target)
            .json(&body)
            .await
            .json(201);
        made["id"].as_i64().unwrap()
    }

    async fn make_hooks(&mut self, place: Place, project: ProjectId) {
        let target = format!("/projects/{project}/hooks");
        for _ in 0..TO_DELETE {
            let made = self.make_hook(&target).await;
            self.hooks.entry(place).or_default().push(made);
        }
        let admin = self.server.bearer_of("admin-token");
        let hook = format!("{target}/{}", self.hooks[&place][0]);
        admin.post(&format!("{hook}/test/deployment_events")).await.json(201);
        let log = admin.get(&format!("{hook}/events")).await.json(200);
        self.events.insert(place, log[0]["id"].as_i64().unwrap());
    }

    /// An attempt to send the hook that stays.
    pub(super) fn event(&self, place: Place) -> i64 {
        self.events[&place]
    }

    pub(super) fn project(&self, place: Place) -> ProjectId {
        self.projects[&place]
    }

    /// A record of the kind that is wanted.
    pub(super) fn record(&self, place: Place, of: Target) -> i64 {
        match of {
            Target::Failed => *self.failed[&place].last().expect("more deployments to delete"),
            Target::Hook => self.hooks[&place][0],
            Target::SpareHook => *self.hooks[&place].last().expect("more hooks to delete"),
            Target::Stopped => *self.stopped[&place].last().expect("more environments to delete"),
            Target::Environment => self.environments[&place],
            _ => self.running[&place].0,
        }
    }

    /// The form of an environment that no other is called like.
    pub(super) fn new_environment(&mut self) -> String {
        self.made += 1;
        format!("name=new-{}", self.made)
    }

    /// The form of a deployment that no other is like.
    pub(super) fn new_deployment(&mut self) -> String {
        self.made += 1;
        format!("environment=qa&sha={:040x}&ref=main&tag=false&status=failed", self.made)
    }

    /// The form of an update that is possible.
    pub(super) fn next_status(&self, place: Place) -> String {
        format!("status={}", self.running[&place].1)
    }

    /// Notes that a request has changed its deployment.
    pub(super) async fn done(&mut self, place: Place, endpoint: &str) {
        match endpoint {
            "updateDeployment" => {
                let (_, next) = self.running.get_mut(&place).unwrap();
                *next = if *next == "failed" { "success" } else { "failed" };
            }
            "archiveProject" | "unarchiveProject" => {
                let id = self.project(place);
                self.server
                    .write(move |tx| {
                        let mut project = projects::by_id(tx, id)?.unwrap();
                        project.archived = place == Place::Archived;
                        Ok(projects::update(tx, &project)?)
                    })
                    .await;
            }
            "deleteDeployment" => drop(self.failed.get_mut(&place).unwrap().pop()),
            "deleteProjectHook" => drop(self.hooks.get_mut(&place).unwrap().pop()),
            "deleteEnvironment" => drop(self.stopped.get_mut(&place).unwrap().pop()),
            _ => {}
        }
    }
}

/// Makes an environment, stops it and answers its id.
async fn stopped(admin: &Sender, project: ProjectId, name: &str) -> i64 {
    let target = format!("/projects/{project}/environments");
    let made = admin.post(&target).form(&[("name", name)]).await.json(201);
    let id = made["id"].as_i64().unwrap();
    admin.post(&format!("{target}/{id}/stop")).await.json(200);
    id
}

async fn make_users(server: &TestServer) {
    for caller in CALLERS {
        let external = matches!(caller.kind, Kind::External | Kind::ExternalMember(_));
        let is_user = caller
            .secret
            .is_some_and(|secret| secret == format!("{}-token", caller.name));
        if is_user {
            let admin = caller.kind == Kind::Admin;
            server
                .user_with(caller.name, |new| {
                    new.admin = admin;
                    new.external = external;
                })
                .await;
        }
    }
    server
        .token("owner", "expired", &[Scope::Api], Some("2026-01-02"))
        .await;
    server.token("owner", "revoked", &[Scope::Api], None).await;
    server.token("owner", "read_api", &[Scope::ReadApi], None).await;
    server.token("owner", "read_user", &[Scope::ReadUser], None).await;
    server.project("elsewhere/app").await;
    make_group(server).await;
    server
        .member(ProjectId(1), "member-of-another", AccessLevel::Owner)
        .await;
    server
        .write(|tx| {
            let digest = Secret::new("revoked".to_owned()).digest();
            let (token, _) = tokens::by_digest(tx, &digest)?.unwrap();
            tokens::revoke(tx, token.id)?;
            for (name, state) in [("blocked", UserState::Blocked), ("deactivated", UserState::Deactivated)] {
                let mut user = users::by_username(tx, name)?.unwrap();
                user.state = state;
                users::update(tx, &user)?;
            }
            Ok(())
        })
        .await;
}

/// A private group, in which everybody has the level that it has in the projects.
async fn make_group(server: &TestServer) {
    let crew = server.write(|tx| Ok(namespaces::ensure_path(tx, "crew", NOW)?)).await;
    for caller in CALLERS {
        if let Kind::Member(level) | Kind::ExternalMember(level) = caller.kind {
            server.member(crew.id, caller.name, level).await;
        }
    }
    server.member(crew.id, "blocked", AccessLevel::Owner).await;
}

async fn make_members(server: &TestServer, project: ProjectId) {
    for caller in CALLERS {
        if let Kind::Member(level) | Kind::ExternalMember(level) = caller.kind {
            server.member(project, caller.name, level).await;
        }
    }
    server.member(project, "minimal", AccessLevel::Minimal).await;
    // Those who are shut out could do everything if they were not.
    server.member(project, "blocked", AccessLevel::Owner).await;
    server.member(project, "deactivated", AccessLevel::Owner).await;
    server
        .write(move |tx| {
            let user = users::by_username(tx, "former-member")?.unwrap();
            let today = Some("2026-01-02".parse().unwrap());
            Ok(members::set(
                tx,
                &membership(project, user.id, AccessLevel::Owner, today),
            )?)
        })
        .await;
}
