//! `landfall project`.

use landfall_domain::{
    ids::UserId,
    member::Levels,
    page::Sort,
    project::{Project, ProjectPath, Visibility},
    user::User,
};
use landfall_server::{
    Urls,
    ops::{
        create_project::{CreateProject, Features, Place, create_project},
        update_project::{UpdateProject, move_project, update_project},
    },
    views::project::{ProjectFull, Standing},
};
use landfall_store::{
    Conn, Error,
    project_list::{self, ProjectFilter, ProjectOrder, Viewer},
    users,
};
use serde::Serialize;

use super::{all_pages, repository};
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
    let branch_of_repository = found.as_ref().and_then(|found| found.default_branch.clone());
    Ok(CreateProject {
        namespace: Place::Below(path.namespace().to_owned()),
        path: path.path().to_owned(),
        name: None,
        description: None,
        visibility,
        default_branch: default_branch.or(branch_of_repository),
        repository: found.as_ref().map(repository::stored).transpose()?,
        forge_url: None,
        features: Features::default(),
        creator_id: None,
        now: now(),
    })
}

fn update(args: &ProjectUpdateArgs, config: &Config) -> Result<(), Failure> {
    let repository = match args.repository.as_deref() {
        None | Some("") => args.repository.clone(),
        Some(directory) => Some(repository::stored(&repository::find(directory)?)?),
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
                    output::cell(project.repository),
                ]
            };
            let header = ["ID", "PATH", "VISIBILITY", "ARCHIVED", "DEFAULT BRANCH", "REPOSITORY"];
            output::table(header, found.into_iter().map(row))
        }
        Format::Json => {
            let urls = config.urls();
            let views = found
                .iter()
                .map(|(owner, project)| ProjectView::new(project, owner.as_ref(), &urls));
            output::json(&views.collect::<Vec<_>>())
        }
    }
}

/// Every project, by id, with the user in whose namespace it stands.
pub(super) fn all(conn: &mut Conn<'_>) -> Result<Vec<(Option<User>, Project)>, Error> {
    // An administrator sees every project; which one it is plays no part without a filter by membership.
    let viewer = Viewer::Admin(UserId(0));
    let (filter, order) = (ProjectFilter::default(), (ProjectOrder::Id, Sort::Asc));
    let today = now().date();
    let projects = all_pages(|page| project_list::list(conn, viewer, &filter, order, page, today))?;
    let mut found = Vec::with_capacity(projects.len());
    for project in projects {
        found.push((owner(conn, &project)?, project));
    }
    Ok(found)
}

fn owner(conn: &mut Conn<'_>, project: &Project) -> Result<Option<User>, Error> {
    match project.namespace.owner_id {
        Some(id) => users::by_id(conn, id),
        None => Ok(None),
    }
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
}

impl<'a> ProjectView<'a> {
    fn new(project: &'a Project, owner: Option<&'a User>, urls: &Urls) -> ProjectView<'a> {
        let standing = Standing {
            levels: Levels::default(),
            may_read_code: true,
            owner,
        };
        ProjectView {
            record: ProjectFull::new(project, standing, urls),
            landfall: OwnKeys {
                repository: project.repository.as_deref(),
                forge_url: project.forge_url.as_deref(),
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
    let (owner, project) = data.read(move |conn| Ok((owner(conn, &project)?, project)))?;
    output::json(&ProjectView::new(&project, owner.as_ref(), urls))
}
