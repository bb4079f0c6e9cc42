//! The examples of reference 3.1, word for word, and the corners between them.

use landfall_domain::time::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const STATUSES: &[&str] = &["running", "success", "failed", "canceled"];

const CREATE: &[Param] = &[
    Param::text("id").in_path(),
    Param::text("environment").required().not_blank(),
    Param::text("sha").required().not_blank(),
    Param::text("ref").required().not_blank(),
    Param::boolean("tag").required(),
    Param::text("status").required().words(STATUSES),
];

const UPDATE: &[Param] = &[
    Param::text("id").in_path(),
    Param::text("status").required().words(STATUSES),
];

const LIST: &[Param] = &[
    Param::text("id").in_path(),
    Param::integer("page").default("1"),
    Param::integer("per_page").default("20").forbidden(&[0]),
    Param::text("order_by").words(&["id", "iid", "ref"]).default("id"),
    Param::text("sort").words(&["asc", "desc"]).default("asc"),
    Param::time("updated_after"),
    Param::text("environment"),
    Param::text("status").words(STATUSES),
];

const GET: &[Param] = &[Param::text("id").in_path(), Param::integer("deployment_id").in_path()];

fn check(table: &[Param], rules: &[Rule], given: &Value) -> Result<Values, String> {
    validate(table, rules, given.as_object().unwrap()).map_err(|error| match error {
        ApiError::Params(text) => text,
        other => panic!("{other}"),
    })
}

fn message(table: &[Param], given: &Value) -> String {
    check(table, &[], given).err().unwrap_or_default()
}

#[test]
fn examples_of_the_reference() {
    let fine = json!({"environment": "e", "sha": "s", "ref": "r", "tag": "false", "status": "success"});
    let with = |name: &str, value: Value| {
        let mut given = fine.clone();
        given[name] = value;
        given
    };
    let empty = "environment is empty, sha is empty, ref is empty, status does not have a valid value";
    let cases = [
        (CREATE, fine.clone(), ""),
        (
            CREATE,
            json!({}),
            "environment is missing, environment is empty, sha is missing, sha is empty, ref is missing, ref is empty, \
             tag is missing, status is missing, status does not have a valid value",
        ),
        (
            CREATE,
            json!({"environment": "", "sha": "", "ref": "", "tag": "", "status": ""}),
            empty,
        ),
        (
            CREATE,
            json!({"environment": null, "sha": null, "ref": null, "tag": null, "status": null}),
            empty,
        ),
        (
            CREATE,
            json!({"environment": "e", "ref": "r", "tag": "true"}),
            "sha is missing, sha is empty, status is missing, status does not have a valid value",
        ),
        (CREATE, with("environment", json!("  ")), "environment is empty"),
        (CREATE, with("environment", json!("\u{a0}\n")), "environment is empty"),
        (
            CREATE,
            json!({"environment": ["e"], "sha": {"a": 1}, "ref": "r", "tag": [true], "status": {"a": "b"}}),
            "environment is invalid, sha is invalid, tag is invalid, status is invalid",
        ),
        (
            CREATE,
            with("status", json!("created")),
            "status does not have a valid value",
        ),
        (
            CREATE,
            with("status", json!("Success")),
            "status does not have a valid value",
        ),
        (
            CREATE,
            with("status", json!("blocked")),
            "status does not have a valid value",
        ),
        (CREATE, with("tag", json!("2")), "tag is invalid"),
        (CREATE, with("tag", json!("truE")), "tag is invalid"),
        (CREATE, with("tag", json!("null")), "tag is invalid"),
        (CREATE, with("tag", json!(1.0)), "tag is invalid"),
        (
            UPDATE,
            json!({}),
            "status is missing, status does not have a valid value",
        ),
        (UPDATE, json!({"status": ""}), "status does not have a valid value"),
        (
            LIST,
            json!({"order_by": "x", "sort": "y", "status": "z"}),
            "order_by does not have a valid value, sort does not have a valid value, status does not have a valid value",
        ),
        (
            GET,
            json!({"id": "1", "deployment_id": "abc"}),
            "deployment_id is invalid",
        ),
    ];
    for (table, given, expected) in cases {
        assert_eq!(message(table, &given), expected, "{given}");
    }
}

#[test]
fn lists_take_what_they_can() {
    let cases = [
        (json!({}), ""),
        (
            json!({"page": "", "per_page": "", "updated_after": "", "environment": ""}),
            "",
        ),
        (
            json!({"order_by": null, "sort": null, "status": null, "page": null}),
            "",
        ),
        (json!({"order_by": ""}), "order_by does not have a valid value"),
        (json!({"status": ""}), "status does not have a valid value"),
        (json!({"sort": "ASC"}), "sort does not have a valid value"),
        (
            json!({"page": "x", "per_page": "1.5"}),
            "page is invalid, per_page is invalid",
        ),
        (json!({"per_page": "0"}), "per_page has a value not allowed"),
        (json!({"per_page": 0.4}), "per_page has a value not allowed"),
        (json!({"page": "99999999999999999999"}), "page is invalid"),
        (json!({"updated_after": "yesterday"}), "updated_after is invalid"),
        (json!({"updated_after": 1_552_636_800}), "updated_after is invalid"),
        (
            json!({"order_by": ["id"], "page": {"a": "1"}}),
            "page is invalid, order_by is invalid",
        ),
        (json!({"unknown": ["x"], "status": "running"}), ""),
    ];
    for (given, expected) in cases {
        assert_eq!(message(LIST, &given), expected, "{given}");
    }
}

#[test]
fn values_are_typed_and_defaults_apply() {
    let given =
        json!({"id": 5, "page": " 1_0 ", "per_page": "", "sort": null, "updated_after": "2019-03-15", "status": null});
    let values = check(LIST, &[], &given).unwrap();
    assert_eq!(values.text("id"), Some("5"));
    assert_eq!(values.integer("page"), Some(10));
    assert_eq!(values.integer("per_page"), Some(20));
    assert_eq!(values.text("order_by"), Some("id"));
    assert_eq!(values.text("sort"), Some("asc"));
    assert_eq!(
        values.time("updated_after").map(Timestamp::as_micros),
        Some(1_552_608_000_000_000)
    );
    assert_eq!(values.text("environment"), None);
    assert_eq!(values.text("status"), None);
    assert!(values.given("per_page") && values.given("status") && !values.given("order_by"));
    let present: Vec<&str> = values.iter().map(|(name, _)| name).collect();
    assert_eq!(
        present,
        ["id", "page", "per_page", "order_by", "sort", "updated_after", "status"]
    );
}

#[test]
fn objects_and_lists_reach_the_handler() {
    const TABLE: &[Param] = &[
        Param::json("deployable").not_blank(),
        Param::text_list("scopes")
            .required()
            .not_blank()
            .words(&["api", "read_api"]),
        Param::boolean("force").default("false"),
    ];
    let values = check(TABLE, &[], &json!({"deployable": {"id": 7}, "scopes": ["api"]})).unwrap();
    assert_eq!(values.json("deployable").and_then(|job| job.get("id")), Some(&json!(7)));
    assert_eq!(values.text_list("scopes"), Some(["api".to_owned()].as_slice()));
    assert_eq!(values.boolean("force"), Some(false));
    let cases = [
        (json!({"scopes": ["api", "x"]}), "scopes does not have a valid value"),
        (json!({"scopes": []}), "scopes is empty"),
        (json!({"scopes": "api"}), "scopes is invalid"),
        (json!({"scopes": ["api"], "deployable": {}}), "deployable is empty"),
        (json!({"scopes": ["api"], "deployable": "x"}), "deployable is invalid"),
    ];
    for (given, expected) in cases {
        assert_eq!(message(TABLE, &given), expected, "{given}");
    }
}

#[test]
fn an_optional_parameter_may_be_left_out_but_not_sent_blank() {
    const TABLE: &[Param] = &[
        Param::text("name").not_blank(),
        Param::integer("limit").between(1, 1000).default("100"),
    ];
    for (given, expected) in [
        (json!({}), ""),
        (json!({"name": " "}), "name is empty"),
        (json!({"name": null}), "name is empty"),
        (json!({"name": false}), ""),
        (json!({"limit": "1000"}), ""),
        (json!({"limit": "1001"}), "limit does not have a valid value"),
        (json!({"limit": "0"}), "limit does not have a valid value"),
    ] {
        assert_eq!(message(TABLE, &given), expected, "{given}");
    }
}

#[test]
fn some_parameters_must_not_be_sent() {
    const TABLE: &[Param] = &[
        Param::text("name").required(),
        Param::text("slug").refused("is automatically generated and cannot be changed"),
    ];
    assert_eq!(message(TABLE, &json!({"name": "x"})), "");
    let text = "slug is automatically generated and cannot be changed";
    assert_eq!(message(TABLE, &json!({"name": "", "slug": null})), text);
    assert_eq!(
        message(TABLE, &json!({"slug": ["x"]})),
        format!("name is missing, {text}")
    );
}

#[test]
fn rules_about_several_parameters_come_last() {
    const TABLE: &[Param] = &[Param::text("sort").words(&["asc"])];
    let exclusive = Rule::mutually_exclusive(&["user_id", "username", "email"]);
    let together = Rule::at_most_one(&["name", "search"], "cannot be used together");
    let some = Rule::at_least_one(&["name", "path"]);
    let missing = "name, path are missing, at least one parameter must be provided";
    let cases = [
        (exclusive, json!({}), ""),
        (exclusive, json!({"username": "x"}), ""),
        (
            exclusive,
            json!({"username": "x", "user_id": 1}),
            "user_id, username are mutually exclusive",
        ),
        (
            exclusive,
            json!({"username": "", "email": null}),
            "username, email are mutually exclusive",
        ),
        (
            together,
            json!({"search": "x", "name": "y"}),
            "name, search cannot be used together",
        ),
        (some, json!({"path": "x"}), ""),
        (some, json!({"name": null}), ""),
        (some, json!({}), missing),
        (
            some,
            json!({"sort": "x"}),
            "sort does not have a valid value, name, path are missing, at least one parameter must be provided",
        ),
    ];
    for (rule, given, expected) in cases {
        assert_eq!(
            check(TABLE, &[rule], &given).err().unwrap_or_default(),
            expected,
            "{given}"
        );
    }
    assert_eq!(
        check(TABLE, &[some, some], &json!({})).err().unwrap_or_default(),
        missing,
        "each message once"
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        prop::sample::select(vec!["", " ", "success", "asc", "2019-03-15", "0"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop::collection::vec(inner, 0..3).prop_map(Value::from)
    })
}

proptest! {
    /// Whatever is sent: no panic, messages in the order of the table, and none of them twice.
    #[test]
    fn messages_keep_the_order_of_the_table(sent in prop::collection::vec(prop::option::of(any_value()), 6)) {
        let named = CREATE.iter().zip(sent).filter_map(|(param, value)| Some((param.name.to_owned(), value?)));
        let given: Map<String, Value> = named.collect();
        if let Err(ApiError::Params(text)) = validate(CREATE, &[], &given) {
            let messages: Vec<&str> = text.split(", ").collect();
            let place = |message: &&str| CREATE.iter().position(|param| message.split(' ').next() == Some(param.name));
            let places: Vec<Option<usize>> = messages.iter().map(place).collect();
            prop_assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}", text);
            prop_assert!(messages.iter().all(|message| messages.iter().filter(|other| *other == message).count() == 1));
        }
    }
}

#[test]
fn a_header_stands_in_for_a_parameter_that_was_not_sent() {
    let table = [Param::text("key").or_header("X-Key"), Param::text("other")];
    let filled = |headers: &[(&'static str, &[u8])], given: Value| {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), http::HeaderValue::from_bytes(value).unwrap()))
            .collect();
        let mut given = given.as_object().unwrap().clone();
        fill_from_headers(&table, &headers, &mut given)
            .map(|()| Value::Object(given))
            .map_err(|error| error.to_string())
    };
    let key: (&str, &[u8]) = ("x-key", "r\u{fc}n".as_bytes());
    assert_eq!(filled(&[], json!({})), Ok(json!({})));
    assert_eq!(filled(&[key], json!({})), Ok(json!({ "key": "r\u{fc}n" })));
    assert_eq!(filled(&[key], json!({ "key": null })), Ok(json!({ "key": null })));
    assert_eq!(filled(&[("other", b"x")], json!({})), Ok(json!({})));
    let refusal = Err("400 X-Key is invalid".to_owned());
    assert_eq!(filled(&[("x-key", b"\xff")], json!({})), refusal);
}
