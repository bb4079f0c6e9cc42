//! `landfall project`.

use landfall_domain::{
    ids::UserId,
    member::Levels,
    mirror::Mirror,
    page::Sort,
    project::{Project, ProjectPath, RepositoryPlace, Visibility},
    user::User,
};
use landfall_server::{
    Urls,
    ops::{
        create_project::{CreateProject, Features, Place, create_project},
        update_project::{UpdateProject, move_project, update_project},
    },
    views::{
        Wire,
        project::{ProjectFull, Standing},
    },
};
use landfall_store::{
    Conn, Error, mirrors,
    project_list::{self, ProjectFilter, ProjectOrder, Viewer},
    users,
};
use serde::Serialize;

use super::{
    all_pages,
    repository::{self, Found},
};
use crate::{
    args::{ProjectCommand, ProjectUpdateArgs},
    config::Config,
    data::{Data, now},
    failure::Failure,
    output::{self, Format},
};

pub(crate) fn run(command: &ProjectCommand, config: &Config) -> Result<(), Failure> {
    match command {
        ProjectCommand::Create {
            path,
            repository,
            visibility,
            default_branch,
            description,
            forge_url,
        } => {
            let wanted = CreateProject {
                description: description.clone(),
                forge_url: forge_url.clone(),
                ..wanted(path, repository.as_deref(), *visibility, default_branch.clone())?
            };
            let data = Data::open(config)?;
            let project = data.write(move |tx| create_project(tx, &wanted))?;
            match config.format {
                Format::Text => output::line(&project.id.to_string()),
                Format::Json => show(project, &data, &config.urls()),
            }
        }
        ProjectCommand::List => list(config),
        ProjectCommand::Update(args) => update(args, config),
        ProjectCommand::Move { project, to } => {
            let data = Data::open(config)?;
            let (id, to, now) = (data.project(project)?.id, to.clone(), now());
            let project = data.write(move |tx| move_project(tx, id, &to, now))?;
            changed(project, &data, config)
        }
    }
}

fn wanted(
    path: &ProjectPath,
    repository: Option<&str>,
    visibility: Visibility,
    default_branch: Option<String>,
) -> Result<CreateProject, Failure> {
    let found = repository.map(repository::find).transpose()?;
    let branch_of_repository = found.as_ref().and_then(Found::default_branch);
    Ok(CreateProject {
        namespace: Place::Below(path.namespace().to_owned()),
        path: path.path().to_owned(),
        name: None,
        description: None,
        visibility,
        default_branch: default_branch.or(branch_of_repository),
        repository: found.as_ref().map(Found::place).transpose()?,
        with_credentials: true,
        forge_url: None,
        features: Features::default(),
        creator_id: None,
        now: now(),
    })
}

fn update(args: &ProjectUpdateArgs, config: &Config) -> Result<(), Failure> {
    let repository = match args.repository.as_deref() {
        None | Some("") => args.repository.clone(),
        Some(given) => Some(repository::find(given)?.place()?.as_str().to_owned()),
    };
    let data = Data::open(config)?;
    let wanted = UpdateProject {
        id: data.project(&args.project)?.id,
        name: None,
        path: None,
        visibility: args.visibility,
        description: args.description.clone(),
        default_branch: args.default_branch.clone(),
        repository,
        with_credentials: true,
        forge_url: args.forge_url.clone(),
        archived: args.archived,
        repository_access: args.repository_access,
        builds_access: args.builds_access,
        environments_access: args.environments_access,
        by: None,
        now: now(),
    };
    let project = data.write(move |tx| update_project(tx, &wanted))?;
    changed(project, &data, config)
}

fn list(config: &Config) -> Result<(), Failure> {
    let data = Data::open(config)?;
    let found = data.read(all)?;
    match config.format {
        Format::Text => {
            let row = |(_, project): (_, Project)| {
                [
                    project.id.to_string(),
                    project.full_path(),
                    project.visibility.to_string(),
                    output::yes(project.archived),
                    output::cell(project.default_branch),
                    output::cell(project.repository.as_ref().map(RepositoryPlace::as_str)),
                ]
            };
            let header = ["ID", "PATH", "VISIBILITY", "ARCHIVED", "DEFAULT BRANCH", "REPOSITORY"];
            output::table(header, found.into_iter().map(row))
        }
        Format::Json => {
            let urls = config.urls();
            let views = found
                .iter()
                .map(|(around, project)| ProjectView::new(project, around, &urls));
            output::json(&views.collect::<Vec<_>>())
        }
    }
}

/// The user in whose namespace a project stands, and what its repository is a copy of.
pub(super) struct Around {
    owner: Option<User>,
    mirror: Option<Mirror>,
}

impl Around {
    fn of(conn: &mut Conn<'_>, project: &Project) -> Result<Around, Error> {
        let owner = project.namespace.owner_id;
        Ok(Around {
            owner: owner.map(|id| users::by_id(conn, id)).transpose()?.flatten(),
            mirror: mirrors::of_project(conn, project.id)?,
        })
    }
}

/// Every project, by id.
pub(super) fn all(conn: &mut Conn<'_>) -> Result<Vec<(Around, Project)>, Error> {
    // An administrator sees every project; which one it is plays no part without a filter by membership.
    let viewer = Viewer::Admin(UserId(0));
    let (filter, order) = (ProjectFilter::default(), (ProjectOrder::Id, Sort::Asc));
    let today = now().date();
    let projects = all_pages(|page| project_list::list(conn, viewer, &filter, order, page, today))?;
    let mut found = Vec::with_capacity(projects.len());
    for project in projects {
        found.push((Around::of(conn, &project)?, project));
    }
    Ok(found)
}

/// GitLab's keys, and what GitLab has no key for.
#[derive(Serialize)]
struct ProjectView<'a> {
    #[serde(flatten)]
    record: ProjectFull<'a>,
    landfall: OwnKeys<'a>,
}

#[derive(Serialize)]
struct OwnKeys<'a> {
    repository: Option<&'a str>,
    forge_url: Option<&'a str>,
    /// When the copy of a repository elsewhere was brought up to date.
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched_at: Option<Wire>,
}

impl<'a> ProjectView<'a> {
    fn new(project: &'a Project, around: &'a Around, urls: &Urls) -> ProjectView<'a> {
        let mirror = around.mirror.as_ref();
        let standing = Standing {
            levels: Levels::default(),
            may_read_code: true,
            may_administer: true,
            mirror,
            owner: around.owner.as_ref(),
        };
        ProjectView {
            record: ProjectFull::new(project, standing, urls),
            landfall: OwnKeys {
                repository: project.repository.as_ref().map(RepositoryPlace::as_str),
                forge_url: project.forge_url.as_deref(),
                fetched_at: mirror.and_then(|mirror| mirror.fetched_at).map(Wire),
            },
        }
    }
}

fn changed(project: Project, data: &Data, config: &Config) -> Result<(), Failure> {
    match config.format {
        Format::Text => Ok(()),
        Format::Json => show(project, data, &config.urls()),
    }
}

fn show(project: Project, data: &Data, urls: &Urls) -> Result<(), Failure> {
    let (around, project) = data.read(move |conn| Ok((Around::of(conn, &project)?, project)))?;
    output::json(&ProjectView::new(&project, &around, urls))
}
