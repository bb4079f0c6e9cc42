//! The `landfall` program: the server, and the commands that look after its data.
//!
//! Nothing here decides what the ledger allows: rules are in `landfall-domain` and in the operations of
//! `landfall-server`, so that the command line and the API cannot disagree. This crate reads the configuration
//! ([`config`]), opens the data ([`data`]), calls an operation, and prints its result ([`output`]).

mod args;
mod commands;
mod config;
mod data;
mod failure;
mod logging;
mod output;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    args::{Cli, Command},
    config::Config,
    failure::Failure,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    match &cli.command {
        // These two need no configuration, and must work where it is broken.
        Command::Completions(args) => return commands::documents::completions(args.shell),
        Command::Man(args) => return commands::documents::man(&args.command),
        _ => {}
    }
    let serve = match &cli.command {
        Command::Serve(args) => Some(args),
        _ => None,
    };
    let config = Config::load(&cli.common, serve)?;
    logging::start(&config.log)?;
    match &cli.command {
        Command::Serve(_) => commands::serve::serve(&config),
        Command::User(command) => commands::user::run(command, &config),
        Command::Token(command) => commands::token::run(command, &config),
        Command::Project(command) => commands::project::run(command, &config),
        Command::Member(command) => commands::member::run(command, &config),
        Command::Backup(args) => commands::backup::backup(&args.file, &config),
        Command::Restore(args) => commands::backup::restore(&args.file, &config),
        Command::Doctor => commands::doctor::run(&config),
        Command::Migrate => commands::migrate::run(&config),
        Command::Openapi => commands::documents::openapi(&config),
        Command::Completions(_) | Command::Man(_) => Ok(()),
    }
}
