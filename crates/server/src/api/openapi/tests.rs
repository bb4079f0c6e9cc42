//! The OpenAPI document as a whole.

use super::*;

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(keys) => {
            for (key, value) in keys {
                match value {
                    Value::String(target) if key == "$ref" => found.push(target.clone()),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| references(entry, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document(&Urls::new("http://landfall.example"));
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 30);
    for target in found {
        assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target}");
    }
}

#[test]
fn every_endpoint_is_described_under_an_id_of_its_own() {
    let document = document(&Urls::new("http://landfall.example"));
    let mut ids = Vec::new();
    for endpoint in v4::endpoints() {
        let operation = &document["paths"][endpoint.path][endpoint.method.as_str().to_lowercase()];
        ids.push(operation["operationId"].as_str().unwrap().to_owned());
        assert!(!endpoint.success.is_empty(), "{}", endpoint.id);
        for status in endpoint.success {
            assert!(
                operation["responses"][status.to_string()].is_object(),
                "{}",
                endpoint.id
            );
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

/// The document without its prose, an operation or a schema in a few lines each: whole, it would be a megabyte that nobody
/// reads.
fn outline(document: &Value) -> String {
    let mut lines = Vec::new();
    for (path, methods) in members(&document["paths"]) {
        for (method, operation) in members(methods) {
            lines.push(format!(
                "{} {path} {}",
                method.to_uppercase(),
                operation["operationId"].as_str().unwrap()
            ));
            if let Some(security) = operation.get("security") {
                lines.push(format!("    security {security}"));
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let (place, name) = (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap());
                let need = if parameter["required"] == true {
                    "required"
                } else {
                    "optional"
                };
                lines.push(format!("    {place} {name}: {need} {}", parameter["schema"]));
            }
            if let Some(body) = operation.get("requestBody") {
                lines.extend(body_lines(body));
            }
            for (status, response) in members(&operation["responses"]) {
                if status.starts_with('2') {
                    lines.push(format!("    {status}: {}", without_prose(response)));
                }
            }
            let refused = members(&operation["responses"]).filter(|(status, _)| !status.starts_with('2'));
            let refused: Vec<&str> = refused.map(|(status, _)| status.as_str()).collect();
            lines.push(format!("    refused: {}", refused.join(" ")));
        }
    }
    for (kind, things) in members(&document["components"]) {
        for (name, thing) in members(things) {
            lines.push(format!("{kind} {name}: {}", without_prose(thing)));
        }
    }
    for (key, value) in members(document).filter(|(key, _)| *key != "paths" && *key != "components") {
        lines.push(format!("{key}: {value}"));
    }
    lines.join("\n")
}

/// The forms of a body all have one schema; what it says of a parameter stands among the operation's own where it can come
/// in the query, too.
fn body_lines(body: &Value) -> Vec<String> {
    let forms: Vec<_> = members(&body["content"]).collect();
    let schema = &forms[0].1["schema"];
    assert!(forms.iter().all(|(_, form)| form["schema"] == *schema), "one schema");
    let names: Vec<_> = forms.iter().map(|(name, _)| name.as_str()).collect();
    let mut lines = vec![format!("    body {} required {}", names.join(", "), schema["required"])];
    for (name, property) in members(&schema["properties"]) {
        lines.push(format!("    body {name}: {}", without_prose(property)));
    }
    lines
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// A value without its texts for people; a property that is called `description` is none.
fn without_prose(value: &Value) -> Value {
    match value {
        Value::Object(keys) => keys
            .iter()
            .filter(|(key, value)| !(*key == "description" && value.is_string()))
            .map(|(key, value)| (key.clone(), without_prose(value)))
            .collect(),
        Value::Array(entries) => entries.iter().map(without_prose).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_document_is_this_one() {
    insta::assert_snapshot!("openapi", outline(&document(&Urls::new("http://landfall.example"))));
}
