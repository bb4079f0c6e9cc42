//! Commands that print a document about the program itself.

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use crate::{args::Cli, config::Config, failure::Failure, output};

/// `openapi`: what the server answers at `/api/v4/openapi.json`.
pub(crate) fn openapi(config: &Config) -> Result<(), Failure> {
    output::json(&landfall_server::api::openapi::document(&config.urls()))
}

/// `completions`.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "landfall", &mut script);
    print(&script)
}

/// `man`: the page of the program, or of one of its commands.
pub(crate) fn man(command: &[String]) -> Result<(), Failure> {
    let mut program = Cli::command();
    program.build();
    let mut page = &program;
    for name in command {
        page = page.find_subcommand(name).ok_or_else(|| {
            Failure::usage(format!(
                "there is no command '{}'; `landfall --help` shows them all",
                command.join(" ")
            ))
        })?;
    }
    let mut text = Vec::new();
    Man::new(page.clone())
        .render(&mut text)
        .map_err(|error| Failure::failed(format!("cannot write the page: {error}")))?;
    print(&text)
}

fn print(text: &[u8]) -> Result<(), Failure> {
    output::line(String::from_utf8_lossy(text).trim_end())
}
