//! Reading a payload by keys, where each value knows its path, so that what is wrong can be named.

use landfall_domain::time::Timestamp;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::api::convert::{self, Converted};

/// Why a delivery cannot be read. The text is one sentence that names the place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// The body is not JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// A header that says what the body is.
    #[error("the header {0} is missing")]
    MissingHeader(&'static str),
    /// A key without which nothing can be made of the payload.
    #[error("{path} is missing")]
    Missing {
        /// Where: `deployment.id`.
        path: String,
    },
    /// A value of another type or form.
    #[error("{path} must be {expected}")]
    Wrong {
        /// Where: `builds[2].environment`.
        path: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// A job in GitLab's shape with wrong keys.
    #[error("{0}")]
    Job(String),
    /// Something that cannot be kept.
    #[error("{0}")]
    Unfit(String),
}

/// An object of a payload.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    members: &'a Map<String, Value>,
    path: String,
}

impl<'a> Place<'a> {
    /// The payload itself.
    pub(crate) fn root(body: &'a Value) -> Result<Self, Broken> {
        let members = body.as_object().ok_or_else(|| Broken::Wrong {
            path: "the body".to_owned(),
            expected: "an object",
        })?;
        Ok(Self {
            members,
            path: String::new(),
        })
    }

    pub(crate) fn members(&self) -> &'a Map<String, Value> {
        self.members
    }

    pub(crate) fn raw(&self, key: &str) -> Option<&'a Value> {
        self.members.get(key).filter(|value| !value.is_null())
    }

    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    pub(crate) fn missing(&self, key: &str) -> Broken {
        Broken::Missing {
            path: self.path_of(key),
        }
    }

    pub(crate) fn wrong(&self, key: &str, expected: &'static str) -> Broken {
        Broken::Wrong {
            path: self.path_of(key),
            expected,
        }
    }

    /// An object; empty text, which some senders write for null, is none.
    pub(crate) fn object(&self, key: &str) -> Result<Option<Place<'a>>, Broken> {
        match self.raw(key) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Place {
                members,
                path: self.path_of(key),
            })),
            Some(_) => Err(self.wrong(key, "an object")),
        }
    }

    pub(crate) fn need_object(&self, key: &str) -> Result<Place<'a>, Broken> {
        self.object(key)?.ok_or_else(|| self.missing(key))
    }

    /// The objects of a list; nulls in it are passed over.
    pub(crate) fn objects(&self, key: &str) -> Result<Vec<Place<'a>>, Broken> {
        let mut objects = Vec::new();
        for (index, entry) in self.list(key)?.iter().enumerate() {
            let path = format!("{}[{index}]", self.path_of(key));
            match entry {
                Value::Null => {}
                Value::Object(members) => objects.push(Place { members, path }),
                _ => {
                    return Err(Broken::Wrong {
                        path,
                        expected: "an object",
                    });
                }
            }
        }
        Ok(objects)
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<String>, Broken> {
        let entry = |(index, entry): (usize, &Value)| match convert::to_text(entry) {
            Converted::Is(text) => Ok(text),
            Converted::Nothing => Ok(String::new()),
            Converted::Invalid => Err(Broken::Wrong {
                path: format!("{}[{index}]", self.path_of(key)),
                expected: "text",
            }),
        };
        self.list(key)?.iter().enumerate().map(entry).collect()
    }

    fn list(&self, key: &str) -> Result<&'a [Value], Broken> {
        match self.raw(key) {
            None => Ok(&[]),
            Some(Value::Array(entries)) => Ok(entries),
            Some(_) => Err(self.wrong(key, "a list")),
        }
    }

    /// Text; blank text is none.
    pub(crate) fn text(&self, key: &str) -> Result<Option<String>, Broken> {
        let text = self.read(key, "text", convert::to_text)?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    pub(crate) fn need_text(&self, key: &str) -> Result<String, Broken> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    pub(crate) fn integer(&self, key: &str) -> Result<Option<i64>, Broken> {
        self.read(key, "a whole number", convert::to_integer)
    }

    pub(crate) fn need_integer(&self, key: &str) -> Result<i64, Broken> {
        self.integer(key)?.ok_or_else(|| self.missing(key))
    }

    pub(crate) fn boolean(&self, key: &str) -> Result<Option<bool>, Broken> {
        self.read(key, "true or false", convert::to_boolean)
    }

    pub(crate) fn time(&self, key: &str) -> Result<Option<Timestamp>, Broken> {
        self.read(key, "a time", convert::to_time)
    }

    /// A number, not only a whole one.
    pub(crate) fn number(&self, key: &str) -> Result<Option<f64>, Broken> {
        self.read(key, "a number", |value| match value {
            Value::Null => Converted::Nothing,
            Value::Number(number) => number.as_f64().map_or(Converted::Invalid, Converted::Is),
            Value::String(text) if text.trim().is_empty() => Converted::Nothing,
            Value::String(text) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Converted::Is(number),
                _ => Converted::Invalid,
            },
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => Converted::Invalid,
        })
    }

    fn read<T>(
        &self,
        key: &str,
        expected: &'static str,
        convert: impl FnOnce(&Value) -> Converted<T>,
    ) -> Result<Option<T>, Broken> {
        match self.members.get(key).map(convert) {
            None | Some(Converted::Nothing) => Ok(None),
            Some(Converted::Is(value)) => Ok(Some(value)),
            Some(Converted::Invalid) => Err(self.wrong(key, expected)),
        }
    }
}
