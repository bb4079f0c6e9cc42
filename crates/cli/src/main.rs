//! The `landfall` program: the server, and the commands that look after its data.
//!
//! Nothing here decides what the ledger allows: rules are in `landfall-domain` and in the operations of
//! `landfall-server`, so that the command line and the API cannot disagree. This crate reads the configuration
//! ([`config`]), opens the data ([`data`]), calls an operation, and prints its result ([`output`]).

mod args;
mod ci;
mod commands;
mod config;
mod data;
mod failure;
mod import;
mod logging;
mod output;
mod report;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    args::{Cli, Command},
    config::Config,
    failure::Failure,
    logging::Timing,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let format = cli.common.format.unwrap_or_default();
    // These need no data, and must work where its configuration is broken.
    match &cli.command {
        Command::Completions(args) => commands::documents::completions(args.shell)?,
        Command::Man(args) => commands::documents::man(&args.command)?,
        Command::Run(args) => return commands::run::run(args),
        Command::Record(args) => return commands::record::record(args, format),
        Command::Spool(command) => return commands::spool::run(command, format),
        _ => with_data(cli)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn with_data(cli: &Cli) -> Result<(), Failure> {
    let serve = match &cli.command {
        Command::Serve(args) => Some(args),
        _ => None,
    };
    let config = Config::load(&cli.common, serve)?;
    let timing = match serve {
        Some(_) => Timing::Together,
        None => Timing::AtOnce,
    };
    let _log = logging::start(&config.log, timing)?;
    match &cli.command {
        Command::Serve(_) => commands::serve::serve(&config),
        Command::User(command) => commands::user::run(command, &config),
        Command::Token(command) => commands::token::run(command, &config),
        Command::Project(command) => commands::project::run(command, &config),
        Command::Member(command) => commands::member::run(command, &config),
        Command::HookSource(command) => commands::hook_source::run(command, &config),
        Command::Inbox(command) => commands::inbox::run(command, &config),
        Command::Import(command) => commands::import::run(command, &config),
        Command::Backup(args) => commands::backup::backup(&args.file, &config),
        Command::Restore(args) => commands::backup::restore(&args.file, &config),
        Command::Doctor => commands::doctor::run(&config),
        Command::Migrate => commands::migrate::run(&config),
        Command::Openapi => commands::documents::openapi(&config),
        Command::Completions(_) | Command::Man(_) | Command::Run(_) | Command::Record(_) | Command::Spool(_) => Ok(()),
    }
}
