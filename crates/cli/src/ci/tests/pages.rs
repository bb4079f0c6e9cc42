//! What the pages say is what the code does.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use super::{
    super::{SYSTEMS, overrides::Overrides},
    Context, Head, Place, SHA, block, head, page, repository, variables_of,
};

/// Pages beyond those of [`SYSTEMS`].
const OTHER_PAGES: [&str; 2] = ["git", "tekton"];

fn names() -> impl Iterator<Item = &'static str> {
    SYSTEMS.iter().map(|system| system.name).chain(OTHER_PAGES)
}

fn place(name: &str) -> Place {
    let place = Place::documented(name);
    if name != "git" {
        return place;
    }
    place.checked_out(Head {
        branch: Some("main".to_owned()),
        ..head(SHA)
    })
}

/// What the commands make of a place: variables of ours over what is detected.
fn known(place: &Place) -> Context {
    let overrides = place.ask(Overrides::from_variables);
    overrides.apply(place.detect()).unwrap()
}

fn record(context: &Context) -> Value {
    json!({
        "project": context.project,
        "sha": context.sha,
        "ref": context.git_ref,
        "tag": context.tag,
        "external_id": context.external_id("production"),
        "deployable": context.to_deployable(),
    })
}

#[test]
fn the_record_on_each_page_is_what_its_variables_give() {
    for name in names() {
        let record = record(&known(&place(name)));
        let shown: Value = serde_json::from_str(block(&page(name), "json")).unwrap();
        assert_eq!(
            serde_json::to_string_pretty(&shown).unwrap(),
            serde_json::to_string_pretty(&record).unwrap(),
            "docs/ci/{name}.md"
        );
    }
}

#[test]
fn the_context_of_each_page() {
    for system in SYSTEMS {
        insta::assert_debug_snapshot!(system.name, place(system.name).context());
    }
}

#[test]
fn there_is_a_page_for_each_system_and_the_index_names_it() {
    let index = page("README");
    let expected: BTreeSet<String> = names().chain(["README"]).map(|name| format!("{name}.md")).collect();
    let found: BTreeSet<String> = fs::read_dir(repository().join("docs/ci"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, expected);
    for name in names() {
        assert!(index.contains(&format!("({name}.md)")), "{name} is not in the index");
    }
}

#[test]
fn each_snippet_reports_a_deployment_to_production() {
    for name in names() {
        let page = page(name);
        let (_, snippet) = page.split_once("## Snippet").unwrap();
        let (snippet, _) = snippet.split_once("## What is recorded").unwrap();
        let command = [
            "landfall run --environment production -- ",
            "landfall, run, --environment, production, --, ",
        ];
        assert!(command.iter().any(|command| snippet.contains(command)), "{name}");
        for variable in ["LANDFALL_URL", "LANDFALL_TOKEN"] {
            assert!(page.contains(variable), "{name} says nothing of {variable}");
        }
    }
}

/// The source of a module without its documentation, and its documentation.
fn source(file: &str) -> (String, String) {
    let path = repository().join("crates/cli/src/ci").join(format!("{file}.rs"));
    let text = fs::read_to_string(path).unwrap();
    let (docs, code): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("//!"));
    (code.join("\n"), docs.join("\n"))
}

/// String literals that are names of variables.
fn variables_in(code: &str) -> BTreeSet<String> {
    let literals = code.split('"').skip(1).step_by(2);
    let is_name = |text: &&str| {
        let mut characters = text.chars();
        text.len() > 1
            && characters.next().is_some_and(|first| first.is_ascii_uppercase())
            && characters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    literals.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn each_variable_that_is_read_is_on_the_page_and_in_the_documentation_of_its_module() {
    for system in SYSTEMS {
        let (code, docs) = source(system.name);
        let page = page(system.name);
        let words = |text: &str| -> BTreeSet<String> {
            text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .map(str::to_owned)
                .collect()
        };
        let read = variables_in(&code);
        assert!(!read.is_empty(), "{} reads nothing", system.name);
        for variable in read {
            assert!(
                words(&page).contains(&variable),
                "{variable} is not in docs/ci/{}.md",
                system.name
            );
            assert!(
                words(&docs).contains(&variable),
                "{variable} is not in the rustdoc of {}",
                system.name
            );
        }
    }
}

#[test]
fn each_variable_in_the_fixture_of_a_page_is_read() {
    for system in SYSTEMS {
        let (code, _) = source(system.name);
        let read = variables_in(&code);
        let given = variables_of(&page(system.name)).into_keys();
        let ignored: Vec<String> = given
            .filter(|name| !read.contains(name) && !name.starts_with("LANDFALL_"))
            .collect();
        assert_eq!(ignored, Vec::<String>::new(), "docs/ci/{}.md", system.name);
    }
}

#[test]
fn the_overrides_are_in_the_index() {
    let (code, docs) = source("overrides");
    let _ = docs;
    let index = page("README");
    for variable in variables_in(&code) {
        assert!(index.contains(&format!("`{variable}`")), "{variable}");
    }
}
