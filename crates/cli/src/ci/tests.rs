//! The pages in `docs/ci/` are the fixtures: each has the variables that its vendor documents and the record they give.

mod arbitrary;
mod checkout;
mod overriding;
mod pages;
mod runs;
mod variants;

use std::{collections::BTreeMap, fs, path::PathBuf};

use super::{
    context::Context,
    detect,
    environment::Environment,
    git::{Git, Head},
};

const SHA: &str = "83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d";
const OTHER_SHA: &str = "1ecfd275763eff1d6b4844ea3168962458c9f27a";

/// A place to run in.
#[derive(Clone, Debug, Default)]
struct Place {
    variables: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    head: Option<Head>,
}

impl Git for Place {
    fn head(&self) -> Option<Head> {
        self.head.clone()
    }
}

impl Place {
    /// The variables on the page of a system.
    fn documented(system: &str) -> Place {
        Place {
            variables: variables_of(&page(system)),
            ..Place::default()
        }
    }

    /// The same place with these variables.
    fn with(&self, variables: &[(&str, &str)]) -> Place {
        let mut place = self.clone();
        for (name, value) in variables {
            place.variables.insert((*name).to_owned(), (*value).to_owned());
        }
        place
    }

    fn without(&self, name: &str) -> Place {
        let mut place = self.clone();
        place.variables.remove(name);
        place
    }

    fn checked_out(&self, head: Head) -> Place {
        Place {
            head: Some(head),
            ..self.clone()
        }
    }

    fn ask<T>(&self, question: impl FnOnce(&Environment<'_>) -> T) -> T {
        question(&Environment {
            variable: &|name| self.variables.get(name).cloned(),
            file: &|path| self.files.get(path).cloned(),
            git: self,
        })
    }

    fn detect(&self) -> Option<Context> {
        self.ask(detect)
    }

    fn context(&self) -> Context {
        self.detect().unwrap()
    }
}

fn head(sha: &str) -> Head {
    Head {
        sha: sha.to_owned(),
        branch: None,
        tag: None,
        remote: None,
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page(name: &str) -> String {
    fs::read_to_string(repository().join("docs/ci").join(format!("{name}.md"))).unwrap()
}

/// The first code block of this language behind "What is recorded".
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let (_, record) = page.split_once("## What is recorded").unwrap();
    let (_, block) = record.split_once(&format!("```{language}\n")).unwrap();
    block.split_once("```").unwrap().0
}

fn variables_of(page: &str) -> BTreeMap<String, String> {
    let lines = block(page, "sh").lines();
    lines
        .map(|line| line.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
