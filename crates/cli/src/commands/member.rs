//! `landfall member`.

use jiff::civil::Date;
use landfall_domain::access::AccessLevel;
use landfall_server::{
    Urls,
    ops::{
        Refusal,
        set_member::{SetMember, remove_member, set_member},
    },
    views::{Wire, user::UserBasic},
};
use landfall_store::members::{self, Member};
use serde::Serialize;

use crate::{
    args::MemberCommand,
    config::Config,
    data::{Data, now},
    failure::Failure,
    output::{self, Format},
};

pub(crate) fn run(command: &MemberCommand, config: &Config) -> Result<(), Failure> {
    let data = Data::open(config)?;
    match command {
        MemberCommand::Set {
            project,
            name,
            level,
            expires_at,
        } => set(&data, config, (project, name), *level, *expires_at),
        MemberCommand::List { project } => list(&data, config, project),
        MemberCommand::Remove { project, name } => remove(&data, project, name),
    }
}

fn set(
    data: &Data,
    config: &Config,
    (project, name): (&str, &str),
    level: AccessLevel,
    expires_at: Option<Date>,
) -> Result<(), Failure> {
    let wanted = SetMember {
        project_id: data.project(project)?.id,
        user: data.user(name)?,
        level,
        expires_at,
        now: now(),
    };
    let member = data.write(move |tx| set_member(tx, &wanted))?;
    match config.format {
        Format::Text => Ok(()),
        Format::Json => output::json(&MemberView::new(&member, &config.urls())),
    }
}

fn list(data: &Data, config: &Config, project: &str) -> Result<(), Failure> {
    let project = data.project(project)?.id;
    let found = data.read(move |conn| members::list(conn, project))?;
    match config.format {
        Format::Text => {
            let row = |member: Member| {
                [
                    member.user.id.to_string(),
                    member.user.username,
                    member.user.name,
                    format!("{} ({})", member.access_level.as_str(), member.access_level.number()),
                    output::cell(member.expires_at),
                ]
            };
            output::table(
                ["ID", "USERNAME", "NAME", "LEVEL", "EXPIRES"],
                found.into_iter().map(row),
            )
        }
        Format::Json => {
            let urls = config.urls();
            output::json(
                &found
                    .iter()
                    .map(|member| MemberView::new(member, &urls))
                    .collect::<Vec<_>>(),
            )
        }
    }
}

fn remove(data: &Data, project: &str, name: &str) -> Result<(), Failure> {
    let (found, user, now) = (data.project(project)?, data.user(name)?, now());
    let was_member = data.write(move |tx| match remove_member(tx, found.id, &user, now) {
        Ok(()) => Ok(true),
        Err(Refusal::NotFound) => Ok(false),
        Err(refusal) => Err(refusal),
    })?;
    if was_member {
        Ok(())
    } else {
        Err(Failure::failed(format!(
            "{name} is no member of {project}; `landfall member list {project}` shows them all"
        )))
    }
}

/// A member as GitLab shows it.
#[derive(Serialize)]
struct MemberView<'a> {
    #[serde(flatten)]
    user: UserBasic<'a>,
    access_level: i64,
    created_at: Wire,
    expires_at: Option<String>,
}

impl<'a> MemberView<'a> {
    fn new(member: &'a Member, urls: &Urls) -> MemberView<'a> {
        MemberView {
            user: UserBasic::new(&member.user, urls),
            access_level: member.access_level.number(),
            created_at: Wire(member.created_at),
            expires_at: member.expires_at.map(|day| day.to_string()),
        }
    }
}
