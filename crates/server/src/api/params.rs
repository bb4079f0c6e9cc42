//! Parameters as a table: what an endpoint takes, said once.
//!
//! GitLab answers with *all* that is wrong with a request, in one sentence, in the order in which the endpoint declares
//! its parameters (reference 3.1). So parameters are declared as data, and [`validate`] is the only reader: it gives the
//! handler typed [`Values`], or the sentence. The same table makes the API description and the query of page links.
//!
//! # Adding a table
//!
//! One line per parameter, path parameters first, in the order in which the messages shall come:
//!
//! ```
//! use landfall_server::api::pagination::{PAGE, PER_PAGE};
//! use landfall_server::api::params::{Param, Rule, validate};
//!
//! const PARAMS: &[Param] = &[
//!     Param::text("id").in_path().doc("The project's id or escaped path"),
//!     Param::text("environment").required().not_blank().doc("Name of the environment, made if missing"),
//!     Param::boolean("tag").required().doc("Whether `ref` is a tag"),
//!     Param::text("sort").words(&["asc", "desc"]).default("asc").doc("Direction"),
//!     Param::time("updated_after").doc("Only records changed at or after this time"),
//!     PAGE,
//!     PER_PAGE,
//! ];
//! const RULES: &[Rule] = &[Rule::mutually_exclusive(&["author_id", "author_username"])];
//!
//! // `given` is the merged map of `input::merge`, with the path parameters put over it.
//! let given = serde_json::json!({ "id": "a/b", "environment": "production", "tag": "yes" });
//! let values = validate(PARAMS, RULES, given.as_object().unwrap()).unwrap();
//! assert_eq!(values.text("environment"), Some("production"));
//! assert_eq!(values.boolean("tag"), Some(true));
//! assert_eq!(values.text("sort"), Some("asc"));
//! assert_eq!(values.time("updated_after"), None);
//!
//! let error = validate(PARAMS, RULES, &serde_json::Map::new()).unwrap_err();
//! assert_eq!(error.to_string(), "400 environment is missing, environment is empty, tag is missing");
//! ```
//!
//! What to choose:
//!
//! * *May it be left out?* If not: [`Param::required`]. If something else then counts: [`Param::default`].
//! * *May it be sent empty?* If not: [`Param::not_blank`]. An empty text otherwise means: no value for every kind but
//!   [`Kind::Text`], where it is a text like any other, so a handler that means "no filter" has to say so.
//! * *Is it one of a few words?* [`Param::words`]. *A number from a range?* [`Param::between`].
//! * *May a header say it instead?* [`Param::or_header`].
//! * *Does it exclude another one?* A [`Rule`].
//!
//! Not every path parameter belongs into the table. GitLab declares no `deployment_id` on PUT, so there `abc` is not
//! invalid but not found (reference 3.2); such a handler reads the path itself.

mod values;

use http::HeaderMap;
use serde_json::{Map, Value};

use super::convert::{Converted, to_boolean, to_integer, to_integer_list, to_object, to_text, to_text_list, to_time};
use super::error::ApiError;

pub use self::values::{Typed, Values};

/// Type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number of 64 bits.
    Integer,
    /// Yes or no.
    Boolean,
    /// A point in time.
    DateTime,
    /// Any object, read further by the handler.
    Json,
    /// An array of texts.
    TextList,
    /// An array of whole numbers, or one text of them with commas between.
    IntegerList,
}

/// Which values of its kind a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// All of them.
    Anything,
    /// One of these texts, in this letter case; of a list, every entry.
    Words(&'static [&'static str]),
    /// A number from the first to the last, both included.
    Between(i64, i64),
}

/// Looks into an object: the messages about its members, under their full names (`deployable[id] is invalid`).
pub type CheckMembers = fn(name: &str, members: &Map<String, Value>) -> Vec<String>;

/// One parameter of an endpoint: see the [module](self) for how to write one.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Name, as sent.
    pub name: &'static str,
    /// Type that the value is converted to.
    pub kind: Kind,
    /// Whether it is part of the path instead of the query or body. For the API description; validation is the same.
    pub in_path: bool,
    /// The header that may be sent instead; the parameter itself wins.
    pub header: Option<&'static str>,
    /// Whether leaving it out is an error.
    pub required: bool,
    /// Whether `null`, an empty text and white space are errors.
    pub not_blank: bool,
    /// The values that it takes.
    pub allowed: Allowed,
    /// Numbers that are refused with words of their own, whatever else is allowed.
    pub forbidden: &'static [i64],
    /// The message for sending the parameter at all, if that is an error.
    pub refusal: Option<&'static str>,
    /// What looks into an object.
    pub members: Option<CheckMembers>,
    /// What counts if there is no value, in the form in which a client would send it.
    pub default: Option<&'static str>,
    /// What it is for, in one sentence for the API description.
    pub doc: &'static str,
}

impl Param {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            in_path: false,
            header: None,
            required: false,
            not_blank: false,
            allowed: Allowed::Anything,
            forbidden: &[],
            refusal: None,
            members: None,
            default: None,
            doc: "",
        }
    }

    /// A parameter of kind [`Kind::Text`].
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    /// A parameter of kind [`Kind::Integer`].
    #[must_use]
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, Kind::Integer)
    }

    /// A parameter of kind [`Kind::Boolean`].
    #[must_use]
    pub const fn boolean(name: &'static str) -> Self {
        Self::new(name, Kind::Boolean)
    }

    /// A parameter of kind [`Kind::DateTime`].
    #[must_use]
    pub const fn time(name: &'static str) -> Self {
        Self::new(name, Kind::DateTime)
    }

    /// A parameter of kind [`Kind::Json`].
    #[must_use]
    pub const fn json(name: &'static str) -> Self {
        Self::new(name, Kind::Json)
    }

    /// A parameter of kind [`Kind::TextList`].
    #[must_use]
    pub const fn text_list(name: &'static str) -> Self {
        Self::new(name, Kind::TextList)
    }

    /// A parameter of kind [`Kind::IntegerList`].
    #[must_use]
    pub const fn integer_list(name: &'static str) -> Self {
        Self::new(name, Kind::IntegerList)
    }

    /// It is part of the path, and therefore required.
    #[must_use]
    pub const fn in_path(self) -> Self {
        Self { in_path: true, ..self }
    }

    /// This header may be sent instead.
    #[must_use]
    pub const fn or_header(self, name: &'static str) -> Self {
        Self {
            header: Some(name),
            ..self
        }
    }

    /// Leaving it out is an error: `is missing`.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// `null`, an empty text and white space are errors: `is empty`.
    #[must_use]
    pub const fn not_blank(self) -> Self {
        Self {
            not_blank: true,
            ..self
        }
    }

    /// Only these texts: else `does not have a valid value`.
    #[must_use]
    pub const fn words(self, words: &'static [&'static str]) -> Self {
        Self {
            allowed: Allowed::Words(words),
            ..self
        }
    }

    /// Only numbers of this range, both ends included: else `does not have a valid value`.
    #[must_use]
    pub const fn between(self, first: i64, last: i64) -> Self {
        Self {
            allowed: Allowed::Between(first, last),
            ..self
        }
    }

    /// Not these numbers: `has a value not allowed`.
    #[must_use]
    pub const fn forbidden(self, numbers: &'static [i64]) -> Self {
        Self {
            forbidden: numbers,
            ..self
        }
    }

    /// Sending it is an error, with this message behind the name.
    #[must_use]
    pub const fn refused(self, message: &'static str) -> Self {
        Self {
            refusal: Some(message),
            ..self
        }
    }

    /// An object whose members are checked too.
    #[must_use]
    pub const fn members(self, check: CheckMembers) -> Self {
        Self {
            members: Some(check),
            ..self
        }
    }

    /// What counts if there is no value.
    #[must_use]
    pub const fn default(self, text: &'static str) -> Self {
        Self {
            default: Some(text),
            ..self
        }
    }

    /// One sentence for the API description.
    #[must_use]
    pub const fn doc(self, sentence: &'static str) -> Self {
        Self { doc: sentence, ..self }
    }

    fn convert(&self, value: &Value) -> Converted<Typed> {
        match self.kind {
            Kind::Text => to_text(value).map(Typed::Text),
            Kind::Integer => to_integer(value).map(Typed::Integer),
            Kind::Boolean => to_boolean(value).map(Typed::Boolean),
            Kind::DateTime => to_time(value).map(Typed::Time),
            Kind::Json => to_object(value).map(Typed::Json),
            Kind::TextList => to_text_list(value).map(Typed::TextList),
            Kind::IntegerList => to_integer_list(value).map(Typed::IntegerList),
        }
    }

    /// The value that counts, after adding to `messages` whatever is wrong with the one given.
    ///
    /// A value of the wrong type is only ever called invalid; missing, empty and not in the list may come together.
    fn check(&self, given: Option<&Value>, messages: &mut Messages) -> Option<Typed> {
        if let (Some(refusal), Some(_)) = (self.refusal, given) {
            messages.add(self.name, refusal);
            return None;
        }
        if self.required && given.is_none() {
            messages.add(self.name, "is missing");
        }
        let value = match given.map_or(Converted::Nothing, |value| self.convert(value)) {
            Converted::Is(value) => Some(value),
            Converted::Nothing => None,
            Converted::Invalid => {
                messages.add(self.name, "is invalid");
                return None;
            }
        };
        let is_expected = self.required || given.is_some();
        if self.not_blank && is_expected && value.as_ref().is_none_or(Typed::is_blank) {
            messages.add(self.name, "is empty");
        }
        if let (Some(check), Some(Typed::Json(members))) = (self.members, &value) {
            messages.0.extend(check(self.name, members));
        }
        let value = value.or_else(|| self.default_value());
        if !self.allows(value.as_ref()) {
            messages.add(self.name, "does not have a valid value");
        }
        if let Some(Typed::Integer(number)) = value
            && self.forbidden.contains(&number)
        {
            messages.add(self.name, "has a value not allowed");
        }
        value
    }

    fn default_value(&self) -> Option<Typed> {
        let converted = self.default.map(|text| self.convert(&Value::from(text)));
        debug_assert!(
            converted != Some(Converted::Invalid),
            "the default of `{}` is not of its kind",
            self.name
        );
        match converted {
            Some(Converted::Is(value)) => Some(value),
            _ => None,
        }
    }

    fn allows(&self, value: Option<&Typed>) -> bool {
        match (self.allowed, value) {
            (Allowed::Anything, _) => true,
            (_, None) => !self.required,
            (Allowed::Words(words), Some(Typed::Text(text))) => words.contains(&text.as_str()),
            (Allowed::Words(words), Some(Typed::TextList(texts))) => {
                texts.iter().all(|text| words.contains(&text.as_str()))
            }
            (Allowed::Between(first, last), Some(Typed::Integer(number))) => (first..=last).contains(number),
            (Allowed::Words(_) | Allowed::Between(..), Some(_)) => false,
        }
    }
}

/// A rule about several parameters. A parameter counts as sent when its name is there, whatever its value.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// At most one of the names may be sent. The message names those that were.
    AtMostOne {
        /// The names that exclude each other.
        names: &'static [&'static str],
        /// What is said behind the names.
        message: &'static str,
    },
    /// At least one of the names must be sent. The message names all of them.
    AtLeastOne {
        /// The names to choose from.
        names: &'static [&'static str],
    },
}

impl Rule {
    /// At most one of the names, in GitLab's usual words.
    #[must_use]
    pub const fn mutually_exclusive(names: &'static [&'static str]) -> Self {
        Self::AtMostOne {
            names,
            message: "are mutually exclusive",
        }
    }

    /// At most one of the names, in other words.
    #[must_use]
    pub const fn at_most_one(names: &'static [&'static str], message: &'static str) -> Self {
        Self::AtMostOne { names, message }
    }

    /// At least one of the names.
    #[must_use]
    pub const fn at_least_one(names: &'static [&'static str]) -> Self {
        Self::AtLeastOne { names }
    }

    fn check(&self, given: &Map<String, Value>, messages: &mut Messages) {
        match self {
            Self::AtMostOne { names, message } => {
                let sent: Vec<&str> = names.iter().copied().filter(|name| given.contains_key(*name)).collect();
                if sent.len() > 1 {
                    messages.add(&sent.join(", "), message);
                }
            }
            Self::AtLeastOne { names } => {
                if !names.iter().any(|name| given.contains_key(*name)) {
                    messages.add(
                        &names.join(", "),
                        "are missing, at least one parameter must be provided",
                    );
                }
            }
        }
    }
}

/// The messages so far, each of them once.
#[derive(Default)]
struct Messages(Vec<String>);

impl Messages {
    fn add(&mut self, name: &str, message: &str) {
        let message = format!("{name} {message}");
        if !self.0.contains(&message) {
            self.0.push(message);
        }
    }
}

/// Puts the values of headers in the place of parameters that may be sent so and were not.
///
/// Fails with [`ApiError::Params`] where a header is no text.
pub fn fill_from_headers(table: &[Param], headers: &HeaderMap, given: &mut Map<String, Value>) -> Result<(), ApiError> {
    for param in table {
        if let Some(name) = param.header
            && !given.contains_key(param.name)
            && let Some(value) = headers.get(name)
        {
            let text = std::str::from_utf8(value.as_bytes());
            let text = text.map_err(|_| ApiError::Params(format!("{name} is invalid")))?;
            given.insert(param.name.to_owned(), text.into());
        }
    }
    Ok(())
}

/// Checks the parameters of a request, path parameters included, against an endpoint's table and rules.
///
/// Fails with [`ApiError::Params`]: every message of every parameter in the order of the table, then those of the rules,
/// joined with `, ` (reference 3.1).
pub fn validate(table: &[Param], rules: &[Rule], given: &Map<String, Value>) -> Result<Values, ApiError> {
    let mut messages = Messages::default();
    let mut values = Values::with_capacity(table.len());
    for param in table {
        let sent = given.get(param.name);
        let value = param.check(sent, &mut messages);
        values.push(param.name, sent.is_some(), value);
    }
    for rule in rules {
        rule.check(given, &mut messages);
    }
    if messages.0.is_empty() {
        Ok(values)
    } else {
        Err(ApiError::Params(messages.0.join(", ")))
    }
}

#[cfg(test)]
mod tests;
