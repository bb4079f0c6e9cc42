//! `landfall doctor`: what the store finds in the database, and what only the program can see around it.

use std::{
    fs, io,
    net::{IpAddr, SocketAddr},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use landfall_domain::{
    ids::ProjectId,
    mirror::Mirror,
    project::{Project, RepositoryPlace},
};
use landfall_git::Repository;
use landfall_store::{
    DatabaseUrl,
    doctor::{self, Finding, Level},
    mirrors,
};
use serde_json::json;
use url::{Host, Url};

use super::{project, root_token};
use crate::{
    config::Config,
    data::Data,
    failure::Failure,
    output::{self, Format},
};

/// Failing copies that are counted.
const MOST_MIRRORS: i64 = 1000;

pub(crate) fn run(config: &Config) -> Result<(), Failure> {
    let mut findings = database(config);
    findings.extend([
        data_directory(&config.data_dir),
        token_file(&root_token::path(&config.data_dir)),
    ]);
    findings.push(external_url(config));
    print(&findings, config.format)?;
    let failures = findings
        .iter()
        .filter(|finding| finding.level == Level::Failure)
        .count();
    if failures == 0 {
        Ok(())
    } else {
        Err(Failure::failed(format!(
            "{failures} of {} checks failed",
            findings.len()
        )))
    }
}

fn print(findings: &[Finding], format: Format) -> Result<(), Failure> {
    match format {
        Format::Text => {
            let row = |finding: &Finding| {
                [
                    word(finding.level).to_owned(),
                    finding.name.to_owned(),
                    finding.text.clone(),
                ]
            };
            output::table(["LEVEL", "CHECK", "FINDING"], findings.iter().map(row))
        }
        Format::Json => {
            let view =
                |finding: &Finding| json!({ "level": word(finding.level), "name": finding.name, "text": finding.text });
            output::json(&findings.iter().map(view).collect::<Vec<_>>())
        }
    }
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warning => "warning",
        Level::Failure => "failure",
    }
}

fn finding(name: &'static str, level: Level, text: impl Into<String>) -> Finding {
    Finding {
        name,
        level,
        text: text.into(),
    }
}

/// The database, and the repositories that it names. One that is not there is not made by looking for it.
fn database(config: &Config) -> Vec<Finding> {
    let failure = |text: String| vec![finding("database", Level::Failure, text)];
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        return failure(format!("There is no {}; `landfall serve` makes it.", path.display()));
    }
    let found = Data::open(config).and_then(|data| {
        let mut findings = data.read(doctor::check)?;
        let projects = data.read(project::all)?;
        findings.extend(repositories(projects.into_iter().map(|(_, project)| project)));
        findings.push(mirrors(
            &data.read(|conn| mirrors::failing(conn, ProjectId(0), MOST_MIRRORS))?,
        ));
        Ok(findings)
    });
    found.unwrap_or_else(|error| failure(error.to_string()))
}

fn repositories(projects: impl Iterator<Item = Project>) -> Vec<Finding> {
    const NAME: &str = "repositories";
    let mut readable = 0;
    let mut findings = Vec::new();
    for project in projects {
        let Some(RepositoryPlace::Directory(directory)) = &project.repository else {
            continue;
        };
        match Repository::discover(Path::new(directory)) {
            Ok(_) => readable += 1,
            Err(error) => findings.push(finding(
                NAME,
                Level::Failure,
                format!(
                    "{}: {error}; name another with: landfall project update {} --repository DIR",
                    project.full_path(),
                    project.id
                ),
            )),
        }
    }
    if findings.is_empty() {
        findings.push(finding(
            NAME,
            Level::Ok,
            format!("All {readable} repositories can be read."),
        ));
    }
    findings
}

/// Copies of repositories elsewhere that could not be brought up to date the last time.
fn mirrors(failing: &[Mirror]) -> Finding {
    const NAME: &str = "mirrors";
    let told = |mirror: &Mirror| {
        let error = mirror.error.as_deref().unwrap_or_default();
        format!("project {} ({}): {error}", mirror.project_id, mirror.url)
    };
    let Some((first, others)) = failing.split_first() else {
        return finding(
            NAME,
            Level::Ok,
            "All copies of repositories elsewhere could be brought up to date.",
        );
    };
    let others = match others.len() {
        0 => String::new(),
        number => format!(", and {number} more"),
    };
    finding(NAME, Level::Warning, format!("{}{others}.", told(first)))
}

/// Rights of a file or directory for others than its owner; `None` if it does not exist.
fn open_to_others(path: &Path) -> io::Result<Option<bool>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.permissions().mode() & 0o077 != 0)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn data_directory(path: &Path) -> Finding {
    let shown = path.display();
    let (level, text) = match open_to_others(path) {
        Ok(Some(false)) => (Level::Ok, format!("Only its owner may look into {shown}.")),
        Ok(Some(true)) => (
            Level::Warning,
            format!("Other users may look into {shown}: chmod 700 {shown}"),
        ),
        Ok(None) => (Level::Ok, format!("There is no {shown}, and nothing in it is needed.")),
        Err(error) => (Level::Failure, format!("{shown} cannot be read: {error}.")),
    };
    finding("data-directory", level, text)
}

fn token_file(path: &Path) -> Finding {
    let shown = path.display();
    let (level, text) = match open_to_others(path) {
        Ok(Some(false)) => (Level::Ok, format!("Only its owner may read {shown}.")),
        Ok(Some(true)) => (
            Level::Failure,
            format!("Other users may use the administrator's token in {shown}: chmod 600 {shown}"),
        ),
        Ok(None) => (Level::Ok, format!("There is no {shown}.")),
        Err(error) => (Level::Failure, format!("{shown} cannot be read: {error}.")),
    };
    finding("root-token", level, text)
}

/// Whether links that begin with the external address lead here from elsewhere.
fn external_url(config: &Config) -> Finding {
    let listens_to_others = match config.listen.0.parse::<SocketAddr>() {
        Ok(address) => !address.ip().is_loopback(),
        Err(_) => !config.listen.0.starts_with("localhost:"),
    };
    let urls = config.urls();
    let shown = urls.instance();
    let leads_nowhere = Url::parse(shown).is_ok_and(|url| is_of_this_machine(&url));
    if listens_to_others && leads_nowhere {
        let text = format!(
            "Links begin with {shown}, which leads nowhere from other machines: set --external-url to the address that \
             people use."
        );
        return finding("external-url", Level::Warning, text);
    }
    finding("external-url", Level::Ok, format!("Links begin with {shown}."))
}

fn is_of_this_machine(url: &Url) -> bool {
    let is_own = |ip: IpAddr| ip.is_loopback() || ip.is_unspecified();
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => is_own(ip.into()),
        Some(Host::Ipv6(ip)) => is_own(ip.into()),
        None => true,
    }
}
