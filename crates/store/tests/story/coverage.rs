//! Nothing of the store is left out of the story.

use std::{fs, path::Path};

use landfall_store::testing::{Engine, TestDatabase, postgres_statements, prepare, statements};

/// Public functions that tests of their own call, elsewhere in `tests/`.
const ELSEWHERE: &[(&str, &str)] = &[("backup", "backup"), ("backup", "restore")];

/// The text of every Rust file in a directory.
fn sources(directory: &str) -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let mut found: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (module, fs::read_to_string(path).unwrap())
        })
        .collect();
    found.sort();
    found
}

/// `module::function` for each function that other crates can call; methods go by their name alone.
fn public_functions() -> Vec<(String, String)> {
    let hidden = [
        "batch", "engine", "migrate", "postgres", "query", "read", "sqlite", "testing",
    ];
    let mut found = Vec::new();
    for (module, text) in sources("src") {
        if hidden.contains(&module.as_str()) {
            continue;
        }
        for line in text.lines() {
            let line = line.trim_start();
            let after = ["pub fn ", "pub async fn "]
                .iter()
                .find_map(|start| line.strip_prefix(start));
            if let Some(name) = after.and_then(|rest| rest.split(['(', '<']).next()) {
                found.push((module.clone(), name.to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_story_calls_every_public_function() {
    let functions = public_functions();
    assert!(functions.len() > 45, "the search finds the functions: {functions:?}");
    let story = sources("tests/story");
    let all: String = story.iter().map(|(_, text)| text.as_str()).collect();
    let called = |name: &str| {
        let mut places = all.match_indices(name).filter_map(|(at, _)| all.get(at + name.len()..));
        places.any(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
    };
    let missing: Vec<_> = functions
        .iter()
        .filter(|(module, name)| !ELSEWHERE.contains(&(module, name)))
        .filter(|(module, name)| match module.as_str() {
            "lib" | "error" => !called(&format!("::{name}")) && !called(&format!(".{name}")),
            _ => !called(&format!("{module}::{name}")),
        })
        .collect();
    assert_eq!(missing, Vec::<&(String, String)>::new());
}

#[tokio::test]
async fn every_statement_prepares_on_both_engines() {
    for engine in Engine::ALL {
        let database = TestDatabase::new(engine);
        let store = database.open();
        let failures: Vec<String> = store
            .write(move |tx| {
                let mut failures = Vec::new();
                let mut all = statements();
                if engine == Engine::Postgres {
                    all.extend(postgres_statements());
                }
                for (name, sql) in all {
                    if let Err(error) = prepare(tx, sql) {
                        failures.push(format!("{name}: {error}"));
                    }
                }
                Ok::<_, landfall_store::Error>(failures)
            })
            .await
            .unwrap();
        assert_eq!(failures, Vec::<String>::new(), "{engine:?}");
    }
}
