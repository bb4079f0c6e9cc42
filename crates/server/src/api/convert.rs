//! One value to one type (reference 3.2).
//!
//! Values come as text from queries, forms and paths, and as any JSON from a JSON body; one function per type reads
//! both. [`params`](super::params) uses them for whole tables, readers of nested objects use them directly.

use landfall_domain::time::{Timestamp, parse_lenient};
use serde_json::{Map, Value};

/// What came of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Converted<T> {
    /// A value of the type.
    Is(T),
    /// `null`, or an empty text where the type has no empty value: no value, so a default applies.
    Nothing,
    /// Not of the type: `is invalid`.
    Invalid,
}

impl<T> Converted<T> {
    /// Changes the value, if there is one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Converted<U> {
        match self {
            Self::Is(value) => Converted::Is(change(value)),
            Self::Nothing => Converted::Nothing,
            Self::Invalid => Converted::Invalid,
        }
    }

    fn valid(value: Option<T>) -> Self {
        value.map_or(Self::Invalid, Self::Is)
    }
}

/// Text stays as it is, also when it is empty. Numbers and booleans of JSON become their text.
#[must_use]
pub fn to_text(value: &Value) -> Converted<String> {
    match value {
        Value::Null => Converted::Nothing,
        Value::String(text) => Converted::Is(text.clone()),
        Value::Number(number) => Converted::Is(number.to_string()),
        Value::Bool(flag) => Converted::Is(flag.to_string()),
        Value::Array(_) | Value::Object(_) => Converted::Invalid,
    }
}

/// Decimal digits with an optional sign, single underscores between digits and white space around. Numbers of JSON lose
/// their fraction. What does not fit into 64 bits is invalid.
#[must_use]
pub fn to_integer(value: &Value) -> Converted<i64> {
    match value {
        Value::Null => Converted::Nothing,
        Value::String(text) if text.is_empty() => Converted::Nothing,
        Value::String(text) => Converted::valid(integer_from_text(text)),
        Value::Number(number) => Converted::valid(number.as_i64().or_else(|| truncated(number.as_f64()?))),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Converted::Invalid,
    }
}

fn integer_from_text(text: &str) -> Option<i64> {
    let text = text.trim_matches(|letter: char| letter.is_ascii_whitespace() || letter == '\x0b');
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let groups_are_digits = digits
        .split('_')
        .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    if groups_are_digits {
        text.replace('_', "").parse().ok()
    } else {
        None
    }
}

/// The number that a text begins with, for path parameters that are looked up without validation: `12abc` finds 12
/// (reference 3.2). `None` if it begins with none, or with one that no id can have.
#[must_use]
pub fn leading_integer(text: &str) -> Option<i64> {
    let signed = text.strip_prefix(['+', '-']).unwrap_or(text);
    let behind = signed.trim_start_matches(|letter: char| letter.is_ascii_digit());
    text.strip_suffix(behind)?.parse().ok()
}

fn truncated(number: f64) -> Option<i64> {
    /// 2^63, the first number that is too large; its negative is the last that is not too small.
    const END: f64 = 9_223_372_036_854_775_808.0;
    if (-END..END).contains(&number) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the range is checked, and dropping the fraction is the job"
        )]
        return Some(number as i64);
    }
    None
}

/// The words and numbers that mean yes and no. Of letter cases only those listed count: `truE` is invalid.
#[must_use]
pub fn to_boolean(value: &Value) -> Converted<bool> {
    match value {
        Value::Null => Converted::Nothing,
        Value::Bool(flag) => Converted::Is(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(1) => Converted::Is(true),
            Some(0) => Converted::Is(false),
            _ => Converted::Invalid,
        },
        Value::String(text) => match text.as_str() {
            "" => Converted::Nothing,
            "1" | "on" | "On" | "ON" | "t" | "true" | "True" | "TRUE" | "T" | "y" | "yes" | "Yes" | "YES" | "Y" => {
                Converted::Is(true)
            }
            "0" | "off" | "Off" | "OFF" | "f" | "false" | "False" | "FALSE" | "F" | "n" | "no" | "No" | "NO" | "N" => {
                Converted::Is(false)
            }
            _ => Converted::Invalid,
        },
        Value::Array(_) | Value::Object(_) => Converted::Invalid,
    }
}

/// Text in any of the forms of reference 11.1. Numbers are no times, not even of JSON.
#[must_use]
pub fn to_time(value: &Value) -> Converted<Timestamp> {
    match value {
        Value::Null => Converted::Nothing,
        Value::String(text) => match parse_lenient(text) {
            Ok(Some(time)) => Converted::Is(time),
            Ok(None) => Converted::Nothing,
            Err(_) => Converted::Invalid,
        },
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Converted::Invalid,
    }
}

/// An object, from JSON or from bracketed names. An empty text, which is how a form says `null`, is nothing.
#[must_use]
pub fn to_object(value: &Value) -> Converted<Map<String, Value>> {
    match value {
        Value::Null => Converted::Nothing,
        Value::String(text) if text.is_empty() => Converted::Nothing,
        Value::Object(members) => Converted::Is(members.clone()),
        Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Array(_) => Converted::Invalid,
    }
}

/// An array of what [`to_text`] reads. A single text is not a list of one.
#[must_use]
pub fn to_text_list(value: &Value) -> Converted<Vec<String>> {
    let text = |entry: &Value| match to_text(entry) {
        Converted::Is(text) => Some(text),
        Converted::Nothing | Converted::Invalid => None,
    };
    match value {
        Value::Null => Converted::Nothing,
        Value::String(text) if text.is_empty() => Converted::Nothing,
        Value::Array(entries) => Converted::valid(entries.iter().map(text).collect()),
        Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Converted::Invalid,
    }
}

/// An array of what [`to_integer`] reads, or a text of such numbers with commas between them.
#[must_use]
pub fn to_integer_list(value: &Value) -> Converted<Vec<i64>> {
    let number = |entry: &Value| match to_integer(entry) {
        Converted::Is(number) => Some(number),
        Converted::Nothing | Converted::Invalid => None,
    };
    match value {
        Value::Null => Converted::Nothing,
        Value::String(text) if text.is_empty() => Converted::Nothing,
        Value::String(text) => Converted::valid(text.split(',').map(integer_from_text).collect()),
        Value::Number(_) => to_integer(value).map(|number| vec![number]),
        Value::Array(entries) => Converted::valid(entries.iter().map(number).collect()),
        Value::Bool(_) | Value::Object(_) => Converted::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use Converted::{Invalid, Is, Nothing};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn integers() {
        let cases = [
            (json!("5"), Is(5)),
            (json!("+5"), Is(5)),
            (json!("-5"), Is(-5)),
            (json!("1_0"), Is(10)),
            (json!("1_0_0"), Is(100)),
            (json!("007"), Is(7)),
            (json!(" 5 "), Is(5)),
            (json!("\t5\n"), Is(5)),
            (json!("9223372036854775807"), Is(i64::MAX)),
            (json!("-9223372036854775808"), Is(i64::MIN)),
            (json!("9223372036854775808"), Invalid),
            (json!("abc"), Invalid),
            (json!("12abc"), Invalid),
            (json!("0x10"), Invalid),
            (json!("1e3"), Invalid),
            (json!("1.5"), Invalid),
            (json!("1__0"), Invalid),
            (json!("_1"), Invalid),
            (json!("1_"), Invalid),
            (json!("- 5"), Invalid),
            (json!("+-5"), Invalid),
            (json!("-"), Invalid),
            (json!(" "), Invalid),
            (json!("٣"), Invalid),
            (json!(""), Nothing),
            (json!(null), Nothing),
            (json!(7), Is(7)),
            (json!(1.9), Is(1)),
            (json!(-1.9), Is(-1)),
            (json!(1e3), Is(1000)),
            (json!(1e300), Invalid),
            (json!(u64::MAX), Invalid),
            (json!(9_223_372_036_854_775_808.0), Invalid),
            (json!(true), Invalid),
            (json!([1]), Invalid),
            (json!({"a": 1}), Invalid),
        ];
        for (value, expected) in cases {
            assert_eq!(to_integer(&value), expected, "{value}");
        }
    }

    #[test]
    fn integer_lists() {
        let cases = [
            (json!([1, "2"]), Is(vec![1, 2])),
            (json!([]), Is(vec![])),
            (json!("1,2, 3"), Is(vec![1, 2, 3])),
            (json!(7), Is(vec![7])),
            (json!(""), Nothing),
            (json!(null), Nothing),
            (json!("1,x"), Invalid),
            (json!("1,"), Invalid),
            (json!([null]), Invalid),
            (json!({ "a": 1 }), Invalid),
            (json!(true), Invalid),
        ];
        for (value, expected) in cases {
            assert_eq!(to_integer_list(&value), expected, "{value}");
        }
    }

    #[test]
    fn leading_integers() {
        for (text, expected) in [
            ("12", Some(12)),
            ("12abc", Some(12)),
            ("-3", Some(-3)),
            ("1.5", Some(1)),
            ("abc", None),
            ("abc12", None),
            ("-", None),
            ("", None),
            ("1a1", Some(1)),
            ("99999999999999999999", None),
        ] {
            assert_eq!(leading_integer(text), expected, "{text}");
        }
    }

    #[test]
    fn booleans() {
        let yes = "1 on On ON t true True TRUE T y yes Yes YES Y";
        let no = "0 off Off OFF f false False FALSE F n no No NO N";
        for word in yes.split(' ') {
            assert_eq!(to_boolean(&json!(word)), Is(true), "{word}");
        }
        for word in no.split(' ') {
            assert_eq!(to_boolean(&json!(word)), Is(false), "{word}");
        }
        for word in ["2", "truE", "null", "oN", " true", "ja"] {
            assert_eq!(to_boolean(&json!(word)), Invalid, "{word}");
        }
        for (value, expected) in [
            (json!(true), Is(true)),
            (json!(false), Is(false)),
            (json!(1), Is(true)),
            (json!(0), Is(false)),
            (json!(2), Invalid),
            (json!(1.0), Invalid),
            (json!(0.0), Invalid),
            (json!(""), Nothing),
            (json!(null), Nothing),
            (json!([true]), Invalid),
            (json!({}), Invalid),
        ] {
            assert_eq!(to_boolean(&value), expected, "{value}");
        }
    }

    #[test]
    fn texts() {
        for (value, expected) in [
            (json!("abc"), Is("abc".to_owned())),
            (json!(""), Is(String::new())),
            (json!(" "), Is(" ".to_owned())),
            (json!(1234), Is("1234".to_owned())),
            (json!(1.5), Is("1.5".to_owned())),
            (json!(true), Is("true".to_owned())),
            (json!(false), Is("false".to_owned())),
            (json!(null), Nothing),
            (json!([]), Invalid),
            (json!({}), Invalid),
        ] {
            assert_eq!(to_text(&value), expected, "{value}");
        }
    }

    #[test]
    fn times() {
        let eight = Timestamp(1_552_636_800_000_000);
        for (value, expected) in [
            (json!("2019-03-15T08:00:00Z"), Is(eight)),
            (json!("2019-03-15 08:00"), Is(eight)),
            (json!("2019-03-15T08:00:00 02:00"), Is(eight)),
            (json!("yesterday"), Invalid),
            (json!("1552636800"), Invalid),
            (json!(1_552_636_800), Invalid),
            (json!(true), Invalid),
            (json!(["2019-03-15"]), Invalid),
            (json!(""), Nothing),
            (json!(null), Nothing),
        ] {
            assert_eq!(to_time(&value), expected, "{value}");
        }
    }

    #[test]
    fn objects_and_lists() {
        assert_eq!(to_object(&json!({"a": 1})).map(Value::Object), Is(json!({"a": 1})));
        assert_eq!(to_object(&json!("")), Nothing);
        assert_eq!(to_object(&json!(null)), Nothing);
        for value in [json!("x"), json!([{}]), json!(1), json!(true)] {
            assert_eq!(to_object(&value), Invalid, "{value}");
        }
        assert_eq!(
            to_text_list(&json!(["api", 5])),
            Is(vec!["api".to_owned(), "5".to_owned()])
        );
        assert_eq!(to_text_list(&json!([])), Is(vec![]));
        assert_eq!(to_text_list(&json!("")), Nothing);
        assert_eq!(to_text_list(&json!(null)), Nothing);
        for value in [
            json!("api"),
            json!([["api"]]),
            json!([null]),
            json!({"a": "b"}),
            json!(1),
        ] {
            assert_eq!(to_text_list(&value), Invalid, "{value}");
        }
    }

    /// The rule for integers once more, letter by letter, with arithmetic that cannot overflow here.
    fn oracle(text: &str) -> Converted<i64> {
        if text.is_empty() {
            return Nothing;
        }
        let mut letters = text
            .trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r'])
            .chars()
            .peekable();
        let sign = match letters.peek() {
            Some('-') => -1,
            _ => 1,
        };
        if matches!(letters.peek(), Some('+' | '-')) {
            letters.next();
        }
        let (mut number, mut after_digit) = (0_i128, false);
        for letter in letters {
            match (letter, after_digit) {
                ('_', true) => after_digit = false,
                ('0'..='9', _) => {
                    number = number * 10 + i128::from(letter as u32 - '0' as u32);
                    after_digit = true;
                }
                _ => return Invalid,
            }
        }
        if after_digit {
            i64::try_from(sign * number).map_or(Invalid, Is)
        } else {
            Invalid
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..4)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn integers_agree_with_the_oracle(text in "[ \t]{0,2}[+-]?[0-9_]{0,22}[ \t]{0,2}|[0-9a-z_ .+-]{0,6}") {
            prop_assert_eq!(to_integer(&json!(text.clone())), oracle(&text));
        }

        #[test]
        fn every_integer_is_read_back(number in any::<i64>()) {
            prop_assert_eq!(to_integer(&json!(number.to_string())), Is(number));
            prop_assert_eq!(to_integer(&json!(number)), Is(number));
        }

        #[test]
        fn floats_lose_their_fraction(whole in -1_000_000_i64..1_000_000, fraction in 0_u8..100) {
            let sign = if whole < 0 { -1.0 } else { 1.0 };
            #[expect(clippy::cast_precision_loss, reason = "small enough to be exact")]
            let number = whole as f64 + sign * f64::from(fraction) / 100.0;
            prop_assert_eq!(to_integer(&json!(number)), Is(whole));
        }

        #[test]
        fn no_value_breaks_a_conversion(value in any_json()) {
            let _ = (to_text(&value), to_integer(&value), to_boolean(&value), to_time(&value));
            let _ = (to_object(&value), to_text_list(&value));
        }
    }
}
