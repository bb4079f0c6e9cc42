//! `landfall migrate`.

use landfall_store::Migrated;
use serde_json::json;

use crate::{
    config::Config,
    data,
    failure::Failure,
    output::{self, Format},
};

pub(crate) fn run(config: &Config) -> Result<(), Failure> {
    data::prepare(config)?;
    let migrated =
        landfall_store::migrate(&config.database).map_err(|error| Failure::store(&error, &config.database))?;
    match config.format {
        Format::Text => output::line(&told(&migrated)),
        Format::Json => output::json(&json!({ "version": migrated.version, "applied": migrated.applied })),
    }
}

fn told(migrated: &Migrated) -> String {
    let version = migrated.version;
    if migrated.applied.is_empty() {
        format!("The database is at version {version} already.")
    } else {
        format!(
            "The database is at version {version} now; applied: {}.",
            migrated.applied.join(", ")
        )
    }
}
