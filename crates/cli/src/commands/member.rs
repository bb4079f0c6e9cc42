//! `landfall member`.

use jiff::civil::Date;
use landfall_domain::{access::AccessLevel, user::User};
use landfall_server::{
    ops::{
        Refusal,
        set_member::{By, Expiry, SetMember, remove_member, set_member},
    },
    views::member::MemberView,
};
use landfall_store::{
    member_list::{self, Member, MemberFilter, Scope},
    users,
};

use super::all_pages;
use crate::{
    args::people::MemberCommand,
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
        place: data.member_place(project)?,
        user: data.user(name)?,
        level: Some(level),
        expiry: expires_at.map_or(Expiry::Never, Expiry::On),
        by: By::Operator,
        now: now(),
    };
    let member = data.write(move |tx| set_member(tx, &wanted))?;
    match config.format {
        Format::Text => Ok(()),
        Format::Json => {
            let creator = creators(data, std::slice::from_ref(&member))?;
            output::json(&MemberView::new(&member, creator.first(), &config.urls()))
        }
    }
}

fn list(data: &Data, config: &Config, project: &str) -> Result<(), Failure> {
    let (scope, today) = (Scope::Direct(data.member_place(project)?.source), now().date());
    let filter = MemberFilter::default();
    let found = data.read(move |conn| all_pages(|page| member_list::list(conn, scope, &filter, page, today)))?;
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
            let (urls, creators) = (config.urls(), creators(data, &found)?);
            let creator = |member: &Member| creators.iter().find(|user| Some(user.id) == member.created_by_id);
            let views = found
                .iter()
                .map(|member| MemberView::new(member, creator(member), &urls));
            output::json(&views.collect::<Vec<_>>())
        }
    }
}

/// Those who made the members ones.
fn creators(data: &Data, members: &[Member]) -> Result<Vec<User>, Failure> {
    let ids: Vec<_> = members.iter().filter_map(|member| member.created_by_id).collect();
    data.read(move |conn| users::by_ids(conn, &ids))
}

fn remove(data: &Data, project: &str, name: &str) -> Result<(), Failure> {
    let (place, user, now) = (data.member_place(project)?, data.user(name)?, now());
    let was_member = data.write(move |tx| match remove_member(tx, place, &user, By::Operator, now) {
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
