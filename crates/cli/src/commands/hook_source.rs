//! `landfall hook-source`.

use landfall_domain::{
    hook::{HookSource, Scope},
    ids::HookSourceId,
    token::Secret,
};
use landfall_server::{
    ops::{
        Refusal,
        hook_source::{CreateHookSource, create_hook_source, delete_hook_source, rotate_hook_source},
    },
    views::hook::HookSourceView,
};
use landfall_store::{Conn, Error, Tx, hook_sources, namespaces, projects, users};

use crate::{
    args::hooks::{HookSourceCommand, HookSourceCreateArgs},
    config::Config,
    data::{Data, now},
    failure::Failure,
    output::{self, Format},
};

pub(crate) fn run(command: &HookSourceCommand, config: &Config) -> Result<(), Failure> {
    let data = Data::open(config)?;
    match command {
        HookSourceCommand::Create(args) => create(args, &data, config),
        HookSourceCommand::List => list(&data, config),
        HookSourceCommand::Rotate { id, secret } => {
            let secret = given_or_random(secret.as_deref())?;
            let (id, new, now) = (HookSourceId(*id), secret.clone(), now());
            let rotate = move |tx: &mut Tx<'_>| found(rotate_hook_source(tx, id, &new, None, now));
            let source = data.write(rotate)?.ok_or_else(|| missing(id))?;
            show_new(&source, &secret, config)
        }
        HookSourceCommand::Delete { id } => {
            let (id, now) = (HookSourceId(*id), now());
            let delete = move |tx: &mut Tx<'_>| found(delete_hook_source(tx, id, None, now));
            let source = data.write(delete)?.ok_or_else(|| missing(id))?;
            match config.format {
                Format::Text => Ok(()),
                Format::Json => output::json(&HookSourceView::new(&source, None, &config.urls())),
            }
        }
    }
}

/// What is not there is told by this command, which knows what to do then.
fn found(result: Result<HookSource, Refusal>) -> Result<Option<HookSource>, Refusal> {
    match result {
        Ok(source) => Ok(Some(source)),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

fn missing(id: HookSourceId) -> Failure {
    Failure::failed(format!(
        "there is no hook source {id}; `landfall hook-source list` shows them all"
    ))
}

fn create(args: &HookSourceCreateArgs, data: &Data, config: &Config) -> Result<(), Failure> {
    let secret = given_or_random(args.secret.as_deref())?;
    let wanted = CreateHookSource {
        sender: args.sender,
        scope: scope(args, data)?,
        name: args.name.clone(),
        user_id: args
            .user
            .as_deref()
            .map(|name| data.user(name))
            .transpose()?
            .map(|user| user.id),
        projects: args.projects.iter().cloned().collect(),
        secret: secret.clone(),
        actor_id: None,
        now: now(),
    };
    let source = data.write(move |tx| create_hook_source(tx, &wanted))?;
    show_new(&source, &secret, config)
}

fn scope(args: &HookSourceCreateArgs, data: &Data) -> Result<Scope, Failure> {
    if let Some(project) = &args.project {
        return Ok(Scope::Project(data.project(project)?.id));
    }
    let path = args.group.clone().unwrap_or_default();
    let named = path.clone();
    let found = data.read(move |conn| namespaces::by_path(conn, &named))?;
    found.map(|group| Scope::Group(group.id)).ok_or_else(|| {
        Failure::failed(format!(
            "there is no group '{path}'; a group is made with the first project in it: `landfall project create \
             {path}/PROJECT`"
        ))
    })
}

fn given_or_random(given: Option<&str>) -> Result<Secret, Failure> {
    match given {
        Some(text) => Ok(Secret::new(text.to_owned())),
        None => Secret::generate().map_err(|error| Failure::failed(error.to_string())),
    }
}

fn show_new(source: &HookSource, secret: &Secret, config: &Config) -> Result<(), Failure> {
    match config.format {
        Format::Text => output::line(secret.expose()),
        Format::Json => output::json(&HookSourceView::new(source, Some(secret.expose()), &config.urls())),
    }
}

fn list(data: &Data, config: &Config) -> Result<(), Failure> {
    let found = data.read(|conn| {
        let mut rows = Vec::new();
        for source in hook_sources::all(conn)? {
            rows.push((place(conn, &source)?, user(conn, &source)?, source));
        }
        Ok(rows)
    })?;
    match config.format {
        Format::Text => {
            let row = |(place, user, source): (String, Option<String>, HookSource)| {
                [
                    source.id.to_string(),
                    source.sender.to_string(),
                    place,
                    source.name,
                    output::cell(user),
                    source.created_at.to_string(),
                ]
            };
            let header = ["ID", "SENDER", "FOR", "NAME", "USER", "CREATED"];
            output::table(header, found.into_iter().map(row))
        }
        Format::Json => {
            let urls = config.urls();
            let views = found
                .iter()
                .map(|(_, _, source)| HookSourceView::new(source, None, &urls));
            output::json(&views.collect::<Vec<_>>())
        }
    }
}

/// The path of the project or group.
fn place(conn: &mut Conn<'_>, source: &HookSource) -> Result<String, Error> {
    Ok(match source.scope {
        Scope::Project(id) => projects::by_id(conn, id)?.map(|project| project.full_path()),
        Scope::Group(id) => namespaces::by_id(conn, id)?.map(|group| format!("{}/…", group.full_path)),
    }
    .unwrap_or_default())
}

fn user(conn: &mut Conn<'_>, source: &HookSource) -> Result<Option<String>, Error> {
    match source.user_id {
        Some(id) => Ok(users::by_id(conn, id)?.map(|user| user.username)),
        None => Ok(None),
    }
}
