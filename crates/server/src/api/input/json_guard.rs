//! The JSON guard (steps 1 and 1b of reference section 2): reads a body and stops at the first limit that it breaks.
//!
//! The limits are checked while reading, not afterwards on the finished tree, so a hostile body costs no more memory
//! than an honest one.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::MediaType;
use crate::api::error::ApiError;

/// Levels of nesting; the top level is the first.
const MAX_DEPTH: usize = 32;
/// Entries of one array, and keys of one object.
const MAX_WIDTH: usize = 50_000;
/// Array entries and object members of the whole body.
const MAX_ELEMENTS: usize = 100_000;

#[derive(Clone, Copy)]
enum Limit {
    Depth,
    Array,
    Object,
    Elements,
}

impl From<Limit> for ApiError {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Depth => Self::json_too_deep(),
            Limit::Array => Self::json_array_too_large(),
            Limit::Object => Self::json_object_too_large(),
            Limit::Elements => Self::json_too_many_elements(),
        }
    }
}

/// The JSON value of a body whose media type is `application/json`; `None` for any other media type and for an empty
/// body. This comes before everything else, whatever the method and whoever is calling.
///
/// Fails with `Invalid JSON format`, or with the sentence of the limit that is broken: depth 32, 50,000 entries of one
/// array or keys of one object, 100,000 elements in all.
pub fn json_guard(content_type: Option<&str>, body: &[u8]) -> Result<Option<Value>, ApiError> {
    if body.is_empty() || MediaType::of(content_type) != MediaType::Json {
        return Ok(None);
    }
    let budget = Budget::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = Guard {
        depth: 0,
        budget: &budget,
    }
    .deserialize(&mut reader)
    .and_then(|value| {
        reader.end()?;
        Ok(value)
    });
    match (read, budget.broken.get()) {
        (Ok(value), _) => Ok(Some(value)),
        (Err(_), Some(limit)) => Err(limit.into()),
        (Err(_), None) => Err(ApiError::invalid_json()),
    }
}

/// What one body has used up so far, and the limit that ended it.
#[derive(Default)]
struct Budget {
    elements: Cell<usize>,
    broken: Cell<Option<Limit>>,
}

impl Budget {
    fn exceed<T, E: serde::de::Error>(&self, limit: Limit) -> Result<T, E> {
        self.broken.set(Some(limit));
        Err(E::custom("limit exceeded"))
    }

    /// Counts one element, `width` being the number of those that stand beside it, itself included.
    fn count<E: serde::de::Error>(&self, width: usize, width_limit: Limit) -> Result<(), E> {
        self.elements.set(self.elements.get() + 1);
        if width > MAX_WIDTH {
            self.exceed(width_limit)
        } else if self.elements.get() > MAX_ELEMENTS {
            self.exceed(Limit::Elements)
        } else {
            Ok(())
        }
    }
}

/// Reads one value at a certain depth.
#[derive(Clone, Copy)]
struct Guard<'b> {
    depth: usize,
    budget: &'b Budget,
}

impl Guard<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return self.budget.exceed(Limit::Depth);
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Guard<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Guard<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a JSON number"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(entry) = entries.next_element_seed(inner)? {
            self.budget.count(array.len() + 1, Limit::Array)?;
            array.push(entry);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        let mut width = 0;
        while let Some((key, member)) = members.next_entry_seed(std::marker::PhantomData::<String>, inner)? {
            width += 1;
            self.budget.count(width, Limit::Object)?;
            object.insert(key, member);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn guard(body: &str) -> Result<Option<Value>, String> {
        json_guard(Some("application/json"), body.as_bytes()).map_err(|error| error.to_string())
    }

    fn refused(text: &str) -> Result<Option<Value>, String> {
        Err(format!("400 Bad Request: {text}"))
    }

    #[test]
    fn well_formed_json_of_any_kind_passes() {
        for text in [
            "{}",
            "[]",
            "null",
            "3",
            "\"x\"",
            " {\"a\": [1, -2.5, true, null, {\"b\": \"c\"}]} ",
            "1e400",
        ] {
            let expected = serde_json::from_str(text).ok();
            assert_eq!(guard(text).ok(), expected.map(Some), "{text}");
        }
        assert_eq!(guard(r#"{"a":1,"b":2,"a":3}"#), Ok(Some(json!({"a": 3, "b": 2}))));
    }

    #[test]
    fn everything_else_does_not() {
        for text in [
            "{",
            "{\"a\":1}}",
            "{} x",
            "a=b",
            " ",
            "{'a':1}",
            "[1,]",
            "NaN",
            "\"\\ud800\"",
            "{\"a\"}",
            "{1:2}",
        ] {
            assert_eq!(guard(text), refused("Invalid JSON format"), "{text}");
        }
        assert!(json_guard(Some("application/json"), b"\"\xff\"").is_err());
    }

    #[test]
    fn only_json_bodies_are_looked_at() {
        let cases = [
            ("application/json", true),
            ("APPLICATION/Json", true),
            ("application/json; charset=utf-8", true),
            ("application/json ;x", true),
            ("application/json-patch+json", false),
            ("application/vnd.api+json", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
        ];
        for (content_type, is_json) in cases {
            assert_eq!(json_guard(Some(content_type), b"{").is_err(), is_json, "{content_type}");
            assert!(
                json_guard(Some(content_type), b"").is_ok_and(|value| value.is_none()),
                "{content_type}"
            );
        }
        assert!(json_guard(None, b"{").is_ok_and(|value| value.is_none()));
    }

    #[test]
    fn limits_have_their_own_sentences() {
        let arrays = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(guard(&arrays(32)).is_ok());
        assert_eq!(guard(&arrays(33)), refused("Parameters nested too deeply"));
        // Deeper than serde_json's own limit, and never closed: the first problem met is the one that counts.
        assert_eq!(guard(&"[".repeat(100_000)), refused("Parameters nested too deeply"));
        let objects = |depth: usize| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
        assert!(guard(&objects(32)).is_ok());
        assert_eq!(guard(&objects(33)), refused("Parameters nested too deeply"));

        let array = |width: usize| format!("[{}]", vec!["1"; width].join(","));
        assert!(guard(&array(50_000)).is_ok());
        assert_eq!(guard(&array(50_001)), refused("Array parameter too large"));

        let object = |width: usize| {
            let members: Vec<String> = (0..width).map(|n| format!("\"k{n}\":1")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(guard(&object(50_000)).is_ok());
        assert_eq!(guard(&object(50_001)), refused("Hash parameter too large"));

        // Two arrays and their entries, then one entry more.
        assert!(guard(&format!("[{},{}]", array(49_999), array(49_999))).is_ok());
        assert_eq!(
            guard(&format!("[{},{},1]", array(49_999), array(49_999))),
            refused("Too many total parameters")
        );
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json_below_the_limits(text in "[\\[\\]{}\",:0-9a-z .-]{1,24}") {
            prop_assert_eq!(guard(&text).ok(), serde_json::from_str::<Value>(&text).ok().map(Some));
        }

        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = json_guard(Some("application/json"), &bytes);
        }
    }
}
