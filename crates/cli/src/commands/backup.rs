//! `landfall backup` and `landfall restore`.

use std::path::Path;

use landfall_store::backup;
use serde_json::{Map, Value, json};

use crate::{
    config::Config,
    data,
    failure::Failure,
    output::{self, Format},
};

pub(crate) fn backup(to: &Path, config: &Config) -> Result<(), Failure> {
    let made = backup::backup(&config.database, to).map_err(|error| Failure::store(&error, &config.database))?;
    match config.format {
        Format::Text => output::line(&format!(
            "Wrote {} rows in {} bytes to {}.",
            rows(&made.tables),
            made.bytes,
            to.display()
        )),
        Format::Json => output::json(&json!({
            "file": to.display().to_string(),
            "bytes": made.bytes,
            "tables": by_table(&made.tables),
        })),
    }
}

pub(crate) fn restore(from: &Path, config: &Config) -> Result<(), Failure> {
    data::prepare(config)?;
    let restored = backup::restore(from, &config.database).map_err(|error| Failure::store(&error, &config.database))?;
    match config.format {
        Format::Text => output::line(&format!(
            "Restored {} rows from {} to {}.",
            rows(&restored.tables),
            from.display(),
            config.database
        )),
        Format::Json => output::json(&json!({
            "file": from.display().to_string(),
            "tables": by_table(&restored.tables),
        })),
    }
}

fn rows(tables: &[(String, u64)]) -> u64 {
    tables.iter().map(|(_, rows)| rows).sum()
}

fn by_table(tables: &[(String, u64)]) -> Map<String, Value> {
    tables.iter().map(|(name, rows)| (name.clone(), json!(rows))).collect()
}
