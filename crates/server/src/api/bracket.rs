//! Nested parameters in flat names: `deployable[pipeline][id]=36`, `scopes[]=api`.
//!
//! Queries, forms and multipart bodies have no structure of their own; clients of GitLab spell it in brackets, the way
//! Rack reads them. [`insert`] builds the nested values out of such names, [`flatten`] writes them back for links.

use serde_json::{Map, Value};

use super::path::Malformed;

/// Brackets behind one name; a longer name is refused. The JSON guard sets the same limit for bodies.
const MAX_DEPTH: usize = 32;

/// One pair of brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step<'a> {
    /// `[key]`: a member of an object.
    Key(&'a str),
    /// `[]`: one more entry of an array.
    Append,
}

/// Puts a value where its name says. The last of several equal names wins; `name[]` collects them instead.
///
/// Entries of `a[][x]=1&a[][y]=2&a[][x]=3` belong to one object until a key comes a second time. A name whose brackets
/// do not pair up is an ordinary name. A name without any text in front is dropped.
///
/// Fails when the name contradicts an earlier one (`a=1&a[b]=2`) or nests more than 32 levels.
pub fn insert(into: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), Malformed> {
    let (head, steps) = split(name)?;
    if head.is_empty() {
        return Ok(());
    }
    place(into.entry(head).or_insert(Value::Null), &steps, value)
}

/// The pairs that [`insert`] would build this value from, appended to `pairs`. `null` and an empty array are written as
/// an empty text, an empty object is not written at all.
pub fn flatten(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => pairs.push((name.to_owned(), String::new())),
        Value::Bool(flag) => pairs.push((name.to_owned(), flag.to_string())),
        Value::Number(number) => pairs.push((name.to_owned(), number.to_string())),
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        Value::Array(entries) if entries.is_empty() => pairs.push((format!("{name}[]"), String::new())),
        Value::Array(entries) => {
            let name = format!("{name}[]");
            for entry in entries {
                flatten(&name, entry, pairs);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                flatten(&format!("{name}[{key}]"), member, pairs);
            }
        }
    }
}

/// A name as its head and its brackets. A bracket that opens the name, or that is not closed, is an ordinary letter.
fn split(name: &str) -> Result<(&str, Vec<Step<'_>>), Malformed> {
    let Some(open) = name
        .char_indices()
        .skip(1)
        .find(|&(_, letter)| letter == '[')
        .map(|(at, _)| at)
    else {
        return Ok((name, Vec::new()));
    };
    let (head, mut rest) = name.split_at(open);
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let Some((inside, behind)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            return Ok((name, Vec::new()));
        };
        if steps.len() == MAX_DEPTH {
            return Err(Malformed);
        }
        steps.push(if inside.is_empty() {
            Step::Append
        } else {
            Step::Key(inside)
        });
        rest = behind;
    }
    Ok((head, steps))
}

/// Follows the steps from a slot, making what is missing (`null`) on the way, and stores the value at their end.
fn place(slot: &mut Value, steps: &[Step<'_>], value: Value) -> Result<(), Malformed> {
    let Some((step, rest)) = steps.split_first() else {
        *slot = value;
        return Ok(());
    };
    match *step {
        Step::Key(key) => {
            if slot.is_null() {
                *slot = Value::Object(Map::new());
            }
            let members = slot.as_object_mut().ok_or(Malformed)?;
            place(members.entry(key).or_insert(Value::Null), rest, value)
        }
        Step::Append => {
            if slot.is_null() {
                *slot = Value::Array(Vec::new());
            }
            let entries = slot.as_array_mut().ok_or(Malformed)?;
            if let Some(last) = entries.last_mut()
                && belongs_to(last, rest)
            {
                return place(last, rest, value);
            }
            let mut entry = Value::Null;
            place(&mut entry, rest, value)?;
            entries.push(entry);
            Ok(())
        }
    }
}

/// Whether the steps lead to a place in this array entry that is still free, so that it is not yet complete.
fn belongs_to(entry: &Value, steps: &[Step<'_>]) -> bool {
    let Some((Step::Key(key), rest)) = steps.split_first() else {
        return false;
    };
    match entry.as_object() {
        None => false,
        Some(members) => members.get(*key).is_none_or(|member| belongs_to(member, rest)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn build(pairs: &[(&str, &str)]) -> Result<Value, Malformed> {
        let mut map = Map::new();
        for (name, value) in pairs {
            insert(&mut map, name, Value::from(*value))?;
        }
        Ok(Value::Object(map))
    }

    #[test]
    fn names_build_structure() {
        let cases: &[(&[(&str, &str)], Value)] = &[
            (&[("a", "1"), ("a", "2")], json!({"a": "2"})),
            (&[("a[]", "1"), ("a[]", "2")], json!({"a": ["1", "2"]})),
            (
                &[("a[k]", "1"), ("a[l]", "2"), ("a[k]", "3")],
                json!({"a": {"k": "3", "l": "2"}}),
            ),
            (&[("d[pipeline][id]", "36")], json!({"d": {"pipeline": {"id": "36"}}})),
            (
                &[("a[][x]", "1"), ("a[][y]", "2"), ("a[][x]", "3")],
                json!({"a": [{"x": "1", "y": "2"}, {"x": "3"}]}),
            ),
            (
                &[("a[][x][p]", "1"), ("a[][x][q]", "2"), ("a[][x][p]", "3")],
                json!({"a": [{"x": {"p": "1", "q": "2"}}, {"x": {"p": "3"}}]}),
            ),
            (&[("a[][]", "1"), ("a[][]", "2")], json!({"a": [["1"], ["2"]]})),
            (&[("a[k][]", "1"), ("a[k][]", "2")], json!({"a": {"k": ["1", "2"]}})),
            (&[("[a]", "1")], json!({"[a]": "1"})),
            (&[("[", "1"), ("]", "2")], json!({"[": "1", "]": "2"})),
            (&[("a[b", "1")], json!({"a[b": "1"})),
            (&[("a[b]c", "1")], json!({"a[b]c": "1"})),
            (&[("é[b]", "1")], json!({"é": {"b": "1"}})),
            (&[("", "1")], json!({})),
            (&[("a[b]", "1"), ("a", "2")], json!({"a": "2"})),
        ];
        for (pairs, expected) in cases {
            assert_eq!(build(pairs).as_ref(), Ok(expected), "{pairs:?}");
        }
    }

    #[test]
    fn a_null_gives_way_to_structure() {
        let mut map = Map::new();
        insert(&mut map, "a", Value::Null).unwrap();
        insert(&mut map, "a[b]", Value::from("1")).unwrap();
        assert_eq!(Value::Object(map), json!({"a": {"b": "1"}}));
    }

    #[test]
    fn contradictions_are_malformed() {
        for pairs in [
            [("a", "1"), ("a[b]", "2")],
            [("a", "1"), ("a[]", "2")],
            [("a[]", "1"), ("a[b]", "2")],
            [("a[b]", "1"), ("a[]", "2")],
        ] {
            assert_eq!(build(&pairs), Err(Malformed), "{pairs:?}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let name = |depth: usize| format!("a{}", "[k]".repeat(depth));
        assert!(build(&[(&name(MAX_DEPTH), "1")]).is_ok());
        assert_eq!(build(&[(&name(MAX_DEPTH + 1), "1")]), Err(Malformed));
        assert_eq!(build(&[(&name(100_000), "1")]), Err(Malformed));
    }

    #[test]
    fn values_are_written_back_as_names() {
        let value =
            json!({"n": null, "t": true, "i": 3, "s": "x", "l": ["a", "b"], "e": [], "o": {}, "d": {"p": {"q": "r"}}});
        let mut pairs = Vec::new();
        flatten("v", &value, &mut pairs);
        let lines: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let expected = [
            "v[n]=",
            "v[t]=true",
            "v[i]=3",
            "v[s]=x",
            "v[l][]=a",
            "v[l][]=b",
            "v[e][]=",
            "v[d][p][q]=r",
        ];
        assert_eq!(lines, expected);
    }

    /// Texts, arrays of texts and objects, as a form can express them.
    fn expressible() -> impl Strategy<Value = Value> {
        let text = "[a-z]{0,3}".prop_map(Value::from);
        let list = prop::collection::vec(text.clone(), 1..4).prop_map(Value::from);
        prop_oneof![text, list].prop_recursive(3, 12, 3, |inner| {
            prop::collection::hash_map("[a-z]{1,3}", inner, 1..4).prop_map(|members| members.into_iter().collect())
        })
    }

    proptest! {
        #[test]
        fn what_was_flattened_is_built_again(value in expressible()) {
            let mut pairs = Vec::new();
            flatten("v", &value, &mut pairs);
            let mut map = Map::new();
            for (name, text) in pairs {
                insert(&mut map, &name, Value::from(text)).unwrap();
            }
            prop_assert_eq!(map.remove("v"), Some(value));
        }

        #[test]
        fn no_name_breaks_it(names in prop::collection::vec("[ab\\[\\]é]{0,12}", 0..6)) {
            let mut map = Map::new();
            for name in names {
                let _ = insert(&mut map, &name, Value::from("x"));
            }
        }
    }
}
