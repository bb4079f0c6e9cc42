//! `landfall user`.

use landfall_domain::user::{Profile, User};
use landfall_server::{
    Urls,
    ops::{
        create_user::{CreateUser, create_user},
        update_user::{UpdateUser, update_user},
    },
    views::user::UserPrivate,
};
use landfall_store::users::{self, UserFilter};

use super::all_pages;
use crate::{
    args::people::{UserCommand, UserUpdateArgs},
    config::Config,
    data::{Data, now},
    failure::Failure,
    output::{self, Format},
};

pub(crate) fn run(command: &UserCommand, config: &Config) -> Result<(), Failure> {
    let data = Data::open(config)?;
    match command {
        UserCommand::Create {
            name,
            full_name,
            email,
            admin,
            external,
        } => {
            let wanted = CreateUser {
                username: name.clone(),
                name: full_name.clone(),
                email: email.clone(),
                admin: *admin,
                external: *external,
                public_email: String::new(),
                profile: Profile::default(),
                by: None,
                now: now(),
            };
            let user = data.write(move |tx| create_user(tx, &wanted))?;
            match config.format {
                Format::Text => output::line(&user.id.to_string()),
                Format::Json => output::json(&view(&user, &config.urls())),
            }
        }
        UserCommand::List => list(&data, config),
        UserCommand::Update(args) => update(args, &data, config),
    }
}

fn list(data: &Data, config: &Config) -> Result<(), Failure> {
    let mut found = data.read(|conn| all_pages(|page| users::list(conn, &UserFilter::default(), page)))?;
    found.sort_by_key(|user| user.id);
    match config.format {
        Format::Text => {
            let row = |user: User| {
                [
                    user.id.to_string(),
                    user.username,
                    user.name,
                    user.email,
                    user.state.to_string(),
                    output::yes(user.admin),
                    output::yes(user.external),
                ]
            };
            let header = ["ID", "USERNAME", "NAME", "EMAIL", "STATE", "ADMIN", "EXTERNAL"];
            output::table(header, found.into_iter().map(row))
        }
        Format::Json => {
            let urls = config.urls();
            output::json(&found.iter().map(|user| view(user, &urls)).collect::<Vec<_>>())
        }
    }
}

fn update(args: &UserUpdateArgs, data: &Data, config: &Config) -> Result<(), Failure> {
    let wanted = UpdateUser {
        id: data.user(&args.user)?.id,
        username: None,
        name: args.full_name.clone(),
        email: args.email.clone(),
        public_email: args.public_email.clone(),
        avatar_url: args.avatar_url.clone(),
        admin: args.admin,
        external: args.external,
        state: args.state,
        profile: Vec::new(),
        by: None,
        now: now(),
    };
    let user = data.write(move |tx| update_user(tx, &wanted))?;
    match config.format {
        Format::Text => Ok(()),
        Format::Json => output::json(&view(&user, &config.urls())),
    }
}

fn view<'a>(user: &'a User, urls: &Urls) -> UserPrivate<'a> {
    UserPrivate::new(user, true, urls)
}
