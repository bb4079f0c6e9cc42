//! The validated parameters of one request, by name and type.

use landfall_domain::time::Timestamp;
use serde_json::{Map, Value};

/// A converted value.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    /// Of [`Kind::Text`](super::Kind::Text).
    Text(String),
    /// Of [`Kind::Integer`](super::Kind::Integer).
    Integer(i64),
    /// Of [`Kind::Boolean`](super::Kind::Boolean).
    Boolean(bool),
    /// Of [`Kind::DateTime`](super::Kind::DateTime).
    Time(Timestamp),
    /// Of [`Kind::Json`](super::Kind::Json).
    Json(Map<String, Value>),
    /// Of [`Kind::TextList`](super::Kind::TextList).
    TextList(Vec<String>),
    /// Of [`Kind::IntegerList`](super::Kind::IntegerList).
    IntegerList(Vec<i64>),
}

impl Typed {
    /// Whether it says nothing: white space only, or no entries.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Json(members) => members.is_empty(),
            Self::TextList(texts) => texts.is_empty(),
            Self::IntegerList(numbers) => numbers.is_empty(),
            Self::Integer(_) | Self::Boolean(_) | Self::Time(_) => false,
        }
    }
}

/// The parameters of a request that passed [`validate`](super::validate): one entry for each of the table.
///
/// Every getter returns `None` when there is no value: neither sent, nor by default. Asking for a name that the table
/// does not have, or for another type than it declares, is a mistake in the handler; debug builds stop there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    name: &'static str,
    given: bool,
    value: Option<Typed>,
}

impl Values {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
        }
    }

    pub(super) fn push(&mut self, name: &'static str, given: bool, value: Option<Typed>) {
        self.entries.push(Entry { name, given, value });
    }

    /// The value of a parameter of kind text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name, |value| {
            if let Typed::Text(text) = value {
                Some(text.as_str())
            } else {
                None
            }
        })
    }

    /// The value of a parameter of kind integer.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.get(name, |value| {
            if let Typed::Integer(number) = value {
                Some(*number)
            } else {
                None
            }
        })
    }

    /// The value of a parameter of kind boolean.
    #[must_use]
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.get(name, |value| {
            if let Typed::Boolean(flag) = value {
                Some(*flag)
            } else {
                None
            }
        })
    }

    /// The value of a parameter of kind datetime.
    #[must_use]
    pub fn time(&self, name: &str) -> Option<Timestamp> {
        self.get(name, |value| {
            if let Typed::Time(time) = value {
                Some(*time)
            } else {
                None
            }
        })
    }

    /// The value of a parameter of kind JSON.
    #[must_use]
    pub fn json(&self, name: &str) -> Option<&Map<String, Value>> {
        self.get(name, |value| {
            if let Typed::Json(members) = value {
                Some(members)
            } else {
                None
            }
        })
    }

    /// The value of a parameter of kind text list.
    #[must_use]
    pub fn text_list(&self, name: &str) -> Option<&[String]> {
        self.get(name, |value| {
            if let Typed::TextList(texts) = value {
                Some(texts.as_slice())
            } else {
                None
            }
        })
    }

    /// The value of a parameter of kind integer list.
    #[must_use]
    pub fn integer_list(&self, name: &str) -> Option<&[i64]> {
        self.get(name, |value| {
            if let Typed::IntegerList(numbers) = value {
                Some(numbers.as_slice())
            } else {
                None
            }
        })
    }

    /// Whether the request had the parameter at all, also as `null` or empty. This is what tells "leave it" from "clear
    /// it" in an update.
    #[must_use]
    pub fn given(&self, name: &str) -> bool {
        self.entry(name).is_some_and(|entry| entry.given)
    }

    /// The parameters of the table that were sent or have a default, in the table's order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Option<&Typed>)> {
        let present = self.entries.iter().filter(|entry| entry.given || entry.value.is_some());
        present.map(|entry| (entry.name, entry.value.as_ref()))
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let entry = self.entries.iter().find(|entry| entry.name == name);
        debug_assert!(entry.is_some(), "the table has no parameter `{name}`");
        entry
    }

    fn get<'v, T>(&'v self, name: &str, as_type: impl FnOnce(&'v Typed) -> Option<T>) -> Option<T> {
        let value = self.entry(name)?.value.as_ref()?;
        let typed = as_type(value);
        debug_assert!(typed.is_some(), "parameter `{name}` has another type: {value:?}");
        typed
    }
}
