//! The configuration file: TOML, whose keys are the names of the flags.

use std::{collections::BTreeMap, fmt::Display, fs, path::Path, str::FromStr};

use clap::ValueEnum;
use toml::Value;

use crate::failure::Failure;

/// The keys that there are.
const KEYS: [&str; 18] = [
    "allow-networks",
    "data-dir",
    "database-url",
    "deletion-adjourned-period",
    "external-url",
    "format",
    "git-credentials-file",
    "inbox-retention",
    "listen",
    "log-format",
    "log-level",
    "mirror-interval",
    "mirror-size",
    "rate-limit-authenticated",
    "rate-limit-unauthenticated",
    "shutdown-delay",
    "shutdown-timeout",
    "threads",
];

/// What a configuration file says, each value as a flag would say it.
#[derive(Default)]
pub(crate) struct File {
    name: String,
    values: BTreeMap<String, String>,
}

impl File {
    /// Reads a file, and refuses a key that there is not.
    pub(crate) fn read(path: &Path) -> Result<File, Failure> {
        let name = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::failed(format!("cannot read the configuration file {name}: {error}")))?;
        File::parse(name, &text)
    }

    fn parse(name: String, text: &str) -> Result<File, Failure> {
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| Failure::usage(format!("{name} is not TOML: {}", error.message())))?;
        let mut values = BTreeMap::new();
        for (key, value) in table {
            if !KEYS.contains(&key.as_str()) {
                return Err(Failure::usage(unknown_key(&name, &key)));
            }
            let value = as_flag(&value).ok_or_else(|| {
                Failure::usage(format!("{name}: the value of `{key}` must be text, a number or a list"))
            })?;
            values.insert(key, value);
        }
        Ok(File { name, values })
    }

    /// The value of a key.
    pub(crate) fn value<T: FromStr<Err: Display>>(&self, key: &str) -> Result<Option<T>, Failure> {
        self.values.get(key).map(|text| self.parsed(key, text)).transpose()
    }

    /// The values of a key that is a list.
    pub(crate) fn list<T: FromStr<Err: Display>>(&self, key: &str) -> Result<Vec<T>, Failure> {
        let text = self.values.get(key).map_or("", String::as_str);
        let parts = text.split(',').filter(|part| !part.is_empty());
        parts.map(|part| self.parsed(key, part)).collect()
    }

    /// The value of a key that is one of some words.
    pub(crate) fn word<T: ValueEnum>(&self, key: &str) -> Result<Option<T>, Failure> {
        let read = |text: &String| T::from_str(text, false).map_err(|error| self.wrong(key, &error));
        self.values.get(key).map(read).transpose()
    }

    fn parsed<T: FromStr<Err: Display>>(&self, key: &str, text: &str) -> Result<T, Failure> {
        text.parse().map_err(|error: T::Err| self.wrong(key, &error))
    }

    /// Values are not repeated: one of them may hold a password.
    fn wrong(&self, key: &str, error: &dyn Display) -> Failure {
        Failure::usage(format!("{}: the value of `{key}` is wrong: {error}", self.name))
    }
}

/// A value as the flag would have it.
fn as_flag(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Array(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(|part| part.as_str()).collect();
            parts.map(|parts| parts.join(","))
        }
        Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}

fn unknown_key(name: &str, key: &str) -> String {
    // `data_dir` is the likeliest mistake of all.
    let written = key.replace('_', "-").to_lowercase();
    let nearest = KEYS
        .iter()
        .map(|known| (distance(&written, known), known))
        .min()
        .filter(|(distance, known)| *distance * 3 <= known.len());
    match nearest {
        Some((_, known)) => format!("{name} has the unknown key `{key}`; did you mean `{known}`?"),
        None => format!("{name} has the unknown key `{key}`; the keys are {}", KEYS.join(", ")),
    }
}

/// How many letters must be put in, taken out or changed to get from one text to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, have) in from.chars().enumerate() {
        let mut next = vec![index + 1];
        for ((want, above), above_left) in to.chars().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or_default();
            let change = above_left + usize::from(have != want);
            next.push(change.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    fn refused(text: &str) -> String {
        match File::parse("landfall.toml".to_owned(), text) {
            Err(Failure::Usage(text)) => text,
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("{text} was taken"),
        }
    }

    #[test]
    fn every_setting_of_serve_is_a_key_and_an_environment_variable() {
        let mut command = Cli::command();
        command.build();
        let serve = command.find_subcommand("serve").unwrap();
        let mut flags = Vec::new();
        for arg in serve.get_arguments() {
            let Some(flag) = arg.get_long().filter(|flag| *flag != "help") else {
                continue;
            };
            let variable = format!("LANDFALL_{}", flag.replace('-', "_").to_uppercase());
            assert_eq!(arg.get_env().and_then(|name| name.to_str()), Some(variable.as_str()));
            if flag != "config" {
                flags.push(flag);
            }
        }
        flags.sort_unstable();
        assert_eq!(flags, KEYS);
    }

    #[test]
    fn unknown_keys_are_named_with_what_was_probably_meant() {
        assert_eq!(
            refused("lisen = '127.0.0.1:1'"),
            "landfall.toml has the unknown key `lisen`; did you mean `listen`?"
        );
        assert_eq!(
            refused("data_dir = '/x'"),
            "landfall.toml has the unknown key `data_dir`; did you mean `data-dir`?"
        );
        assert!(refused("colour = 'blue'").starts_with("landfall.toml has the unknown key `colour`; the keys are "));
        assert!(refused("[server]\nlisten = 'x'").contains("unknown key `server`"));
    }

    #[test]
    fn wrong_values_are_told_by_their_keys() {
        let file = File::parse("f".to_owned(), "threads = 0\nlisten = 'here'\ndatabase-url = 'x'").unwrap();
        let told = |failure: Option<Failure>| match failure {
            Some(Failure::Usage(text)) => text,
            other => panic!("{other:?}"),
        };
        let threads = told(file.value::<std::num::NonZeroUsize>("threads").err());
        assert!(threads.starts_with("f: the value of `threads` is wrong: "), "{threads}");
        let listen = told(file.value::<super::super::values::Listen>("listen").err());
        assert!(listen.contains("ADDRESS:PORT"), "{listen}");
        assert!(refused("threads = true").contains("the value of `threads` must be"));
        assert!(refused("threads = ").contains("is not TOML"));
    }

    #[test]
    fn distances() {
        for (from, to, expected) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("kitten", "sitting", 3),
            ("x", "x", 0),
        ] {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }
}
