//! What the rows refer to: users, projects, environments.

use landfall_domain::{
    environment::{AutoStopSetting, Environment, State, Tier, slug},
    ids::{EnvironmentId, ProjectId, UserId},
    project::{FeatureAccess, Visibility},
    time::Timestamp,
    token::{Scope, Secret},
};
use landfall_store::{
    Error, Tx, environments, namespaces,
    projects::{self, NewProject},
    tokens::{self, NewToken},
    users::{self, NewUser},
};

use crate::row::START;

/// The project that holds a third of the deployments.
pub(crate) const BUSY: ProjectId = ProjectId(1);

const PROJECTS: i64 = 500;
const ENVIRONMENTS: [&str; 5] = ["production", "staging", "testing", "integration", "training"];
/// Review apps of the busy project, and of each other one.
const REVIEW_APPS: (i64, i64) = (2_000, 5);
const USERS: [&str; 12] = [
    "root", "ada", "grace", "edsger", "barbara", "donald", "margaret", "ken", "radia", "tony", "frances", "niklaus",
];

/// The ids of everything.
pub(crate) struct World {
    pub(crate) users: Vec<UserId>,
    pub(crate) projects: Vec<Place>,
}

/// A project.
pub(crate) struct Place {
    pub(crate) project: ProjectId,
    /// Those that stay.
    pub(crate) environments: Vec<EnvironmentId>,
    pub(crate) review_apps: Vec<EnvironmentId>,
}

impl World {
    pub(crate) fn make(tx: &mut Tx<'_>, token: &str) -> Result<World, Error> {
        let users = USERS
            .iter()
            .map(|name| make_user(tx, name))
            .collect::<Result<Vec<_>, _>>()?;
        let root = users.first().copied().unwrap_or(UserId(1));
        make_token(tx, root, token)?;
        let projects = (0..PROJECTS)
            .map(|number| make_project(tx, root, number))
            .collect::<Result<_, _>>()?;
        Ok(World { users, projects })
    }
}

fn make_user(tx: &mut Tx<'_>, username: &str) -> Result<UserId, Error> {
    let user = NewUser {
        username: username.to_owned(),
        name: format!("{} of the Platform Team", username.to_ascii_uppercase()),
        email: format!("{username}@example.com"),
        admin: username == "root",
        external: false,
        bot: false,
        avatar_url: None,
        created_at: Timestamp(START),
    };
    Ok(users::insert(tx, &user)?.id)
}

fn make_token(tx: &mut Tx<'_>, root: UserId, token: &str) -> Result<(), Error> {
    let token = NewToken {
        user_id: root,
        name: "bench".to_owned(),
        description: None,
        digest: Secret::new(token.to_owned()).digest(),
        scopes: Scope::ALL.iter().copied().collect(),
        expires_at: None,
        created_at: Timestamp(START),
        family_id: None,
        source: None,
    };
    tokens::insert(tx, &token).map(drop)
}

fn make_project(tx: &mut Tx<'_>, root: UserId, number: i64) -> Result<Place, Error> {
    let new = NewProject {
        namespace: namespaces::ensure_path(tx, &format!("group-{}", number % 20), Timestamp(START))?,
        creator_id: Some(root),
        name: format!("Project {number}"),
        path: format!("project-{number}"),
        description: None,
        visibility: Visibility::Private,
        default_branch: Some("main".to_owned()),
        repository: None,
        forge_url: None,
        repository_access: FeatureAccess::Enabled,
        builds_access: FeatureAccess::Enabled,
        environments_access: FeatureAccess::Enabled,
        created_at: Timestamp(START),
    };
    let project = projects::insert(tx, &new)?.id;
    let review_apps = if project == BUSY { REVIEW_APPS.0 } else { REVIEW_APPS.1 };
    let mut place = Place {
        project,
        environments: Vec::new(),
        review_apps: Vec::new(),
    };
    for name in ENVIRONMENTS {
        place
            .environments
            .extend(environments::insert(tx, &environment(project, name))?);
    }
    for number in 0..review_apps {
        let name = format!("review/change-{number}");
        place
            .review_apps
            .extend(environments::insert(tx, &environment(project, &name))?);
    }
    Ok(place)
}

fn environment(project: ProjectId, name: &str) -> Environment {
    Environment {
        id: EnvironmentId(0),
        project_id: project,
        name: name.to_owned(),
        slug: slug(name),
        external_url: Some(format!("https://{}.example.com", slug(name))),
        tier: Tier::guess(name),
        state: State::Available,
        description: None,
        auto_stop_setting: AutoStopSetting::Always,
        auto_stop_at: None,
        auto_delete_at: None,
        created_at: Timestamp(START),
        updated_at: Timestamp(START),
    }
}
