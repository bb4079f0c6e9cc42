//! A body of the owner's own making: `{{a.b}}` stands for a value of the body (neighbours, 11.2).

use serde_json::Value;

/// Fills a template in. Texts are put in as JSON without the quotes around them, everything else as JSON; what is not there
/// is `null`. `None` if what comes of it is no JSON.
pub(super) fn fill_in(template: &str, body: &Value) -> Option<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((path, behind)) = after.split_once("}}") else {
            filled.push_str("{{");
            rest = after;
            continue;
        };
        filled.push_str(&shown(body, path)?);
        rest = behind;
    }
    filled.push_str(rest);
    serde_json::from_str::<serde::de::IgnoredAny>(&filled).ok()?;
    Some(filled)
}

fn shown(body: &Value, path: &str) -> Option<String> {
    let found = path.split('.').try_fold(body, |value, key| value.get(key));
    let json = serde_json::to_string(found.unwrap_or(&Value::Null)).ok()?;
    match found {
        Some(Value::String(_)) => json.get(1..json.len() - 1).map(str::to_owned),
        _ => Some(json),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_take_the_place_of_their_names() {
        let body = json!({ "a": "x\"y", "b": { "c": 5, "d": null }, "e": [1] });
        let filled = |template| fill_in(template, &body);
        assert_eq!(
            filled(r#"{"t":"{{a}}!","n":{{b.c}}}"#),
            Some(r#"{"t":"x\"y!","n":5}"#.to_owned())
        );
        assert_eq!(
            filled("[{{b}},{{b.d}},{{gone.too}},{{e}}]"),
            Some(r#"[{"c":5,"d":null},null,null,[1]]"#.to_owned())
        );
        assert_eq!(filled(r#"{"open":"{{"}"#), Some(r#"{"open":"{{"}"#.to_owned()));
        for wrong in ["", "{{a}}", r#"{"a":"#, "{{"] {
            assert_eq!(filled(wrong), None, "{wrong}");
        }
    }
}
