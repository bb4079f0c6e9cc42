//! `landfall token`.

use jiff::civil::Date;
use landfall_domain::{
    ids::TokenId,
    token::{AccessToken, Secret, TokenStatus},
};
use landfall_server::{
    ops::{
        Refusal,
        create_token::{CreateToken, create_token},
        revoke_token::revoke_token,
    },
    views::token::{NewTokenView, TokenView},
};
use landfall_store::tokens;

use crate::{
    args::people::TokenCommand,
    config::Config,
    data::{Data, now},
    failure::Failure,
    output::{self, Format},
};

pub(crate) fn run(command: &TokenCommand, config: &Config) -> Result<(), Failure> {
    let data = Data::open(config)?;
    match command {
        TokenCommand::Create {
            user,
            name,
            scopes,
            expires_at,
        } => {
            let secret = Secret::generate().map_err(|error| Failure::failed(error.to_string()))?;
            let wanted = CreateToken {
                user_id: data.user(user)?.id,
                name: name.clone(),
                description: None,
                digest: secret.digest(),
                scopes: scopes.clone(),
                expires_at: *expires_at,
                source: None,
                now: now(),
            };
            let token = data.write(move |tx| create_token(tx, &wanted))?;
            show_new(&token, &secret, config.format)
        }
        TokenCommand::List { user } => list(user, &data, config.format),
        TokenCommand::Revoke { id } => revoke(TokenId(*id), &data, config.format),
    }
}

fn show_new(token: &AccessToken, secret: &Secret, format: Format) -> Result<(), Failure> {
    match format {
        Format::Text => output::line(secret.expose()),
        Format::Json => output::json(&NewTokenView::new(token, secret, now().date())),
    }
}

fn list(user: &str, data: &Data, format: Format) -> Result<(), Failure> {
    let owner = data.user(user)?.id;
    let found = data.read(move |conn| tokens::of_user(conn, owner))?;
    let today = now().date();
    match format {
        Format::Text => {
            let header = ["ID", "NAME", "SCOPES", "STATE", "EXPIRES", "CREATED", "LAST USED"];
            output::table(header, found.iter().map(|token| row(token, today)))
        }
        Format::Json => output::json(
            &found
                .iter()
                .map(|token| TokenView::new(token, today))
                .collect::<Vec<_>>(),
        ),
    }
}

fn row(token: &AccessToken, today: Date) -> [String; 7] {
    let state = match token.status(today) {
        TokenStatus::Active => "active",
        TokenStatus::Expired => "expired",
        TokenStatus::Revoked => "revoked",
    };
    [
        token.id.to_string(),
        token.name.clone(),
        token.scopes.as_strs().join(","),
        state.to_owned(),
        output::cell(token.expires_at),
        token.created_at.to_string(),
        output::cell(token.last_used_at),
    ]
}

fn revoke(id: TokenId, data: &Data, format: Format) -> Result<(), Failure> {
    let now = now();
    let revoked = data.write(move |tx| match revoke_token(tx, id, now) {
        Ok(token) => Ok(Some(token)),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal),
    })?;
    let token = revoked.ok_or_else(|| {
        Failure::failed(format!(
            "there is no token {id}; `landfall token list --user NAME` shows a user's tokens"
        ))
    })?;
    match format {
        Format::Text => Ok(()),
        Format::Json => output::json(&TokenView::new(&token, now.date())),
    }
}
