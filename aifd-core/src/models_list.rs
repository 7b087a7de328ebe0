//! Lists of models as APIs give them, cut down to what the caller may use.

use serde_json::{Map, Value};

/// The keys under which lists stand, and those by which their entries are known.
const LISTS: [(&str, &[&str]); 2] = [("data", &["id"]), ("models", &["name", "id", "model"])];

/// The answer of `GET /v1/models` with the allowed entries alone: those of `data`, known by `id`, of `models`, known by
/// `name` (as what follows `models/`), `id` or `model`, or of a bare array, known by `id`. Entries without a name go. Order
/// and all other fields stay; Anthropic's `first_id` and `last_id` follow. `None` if the body is no such list.
///
/// It holds the whole body, parsed: bound the body before.
pub(crate) fn filter(body: &[u8], allowed: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(body).ok()?;
    match &mut answer {
        Value::Array(entries) => keep(entries, &["id"], &allowed),
        Value::Object(object) => filter_object(object, &allowed)?,
        _ => return None,
    }
    serde_json::to_vec(&answer).ok()
}

fn filter_object(object: &mut Map<String, Value>, allowed: &impl Fn(&str) -> bool) -> Option<()> {
    let mut found = None;
    for (key, names) in LISTS {
        if let Some(Value::Array(entries)) = object.get_mut(key) {
            keep(entries, names, allowed);
            found = Some(());
        }
    }
    let entries = object.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let id = |entry: Option<&Value>| entry.and_then(|entry| entry.get("id")).cloned().unwrap_or_default();
    let ends = [("first_id", id(entries.first())), ("last_id", id(entries.last()))];
    for (key, id) in ends {
        if let Some(value) = object.get_mut(key) {
            *value = id;
        }
    }
    found
}

fn keep(entries: &mut Vec<Value>, names: &[&str], allowed: &impl Fn(&str) -> bool) {
    entries.retain(|entry| {
        let name = names.iter().find_map(|name| entry.get(name)?.as_str());
        name.is_some_and(|name| allowed(name.strip_prefix("models/").unwrap_or(name)))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filtered(body: &str) -> Option<String> {
        let allowed = |model: &str| model.starts_with("a") || model == "org/b";
        filter(body.as_bytes(), allowed).map(|body| String::from_utf8(body).unwrap())
    }

    #[test]
    fn allowed_entries_stay_as_they_are() {
        for (body, expected) in [
            (
                r#"{"object":"list","data":[{"z":1,"id":"a1","x":{"y":[]}},{"id":"b"},{"id":"a2"}],"more":null}"#,
                r#"{"object":"list","data":[{"z":1,"id":"a1","x":{"y":[]}},{"id":"a2"}],"more":null}"#,
            ),
            (
                r#"{"models":[{"name":"models/a"},{"name":"models/b"},{"id":"a"},{"model":"ab"}],"nextPageToken":"t"}"#,
                r#"{"models":[{"name":"models/a"},{"id":"a"},{"model":"ab"}],"nextPageToken":"t"}"#,
            ),
            (
                r#"{"data":[{"id":"b"},{"id":"a"},{"id":"c"}],"first_id":"b","last_id":"c","has_more":false}"#,
                r#"{"data":[{"id":"a"}],"first_id":"a","last_id":"a","has_more":false}"#,
            ),
            (
                r#"{"data":[{"id":"b"}],"first_id":"b","last_id":"b"}"#,
                r#"{"data":[],"first_id":null,"last_id":null}"#,
            ),
            (r#"{"models":[{"model":"b"}],"data":[{"id":"a"}]}"#, r#"{"models":[],"data":[{"id":"a"}]}"#),
            (r#"[{"id":"org/b"},{"id":"b"}]"#, r#"[{"id":"org/b"}]"#),
            (r#"{"data":[1,"a",{"name":"a"},{"id":7},null]}"#, r#"{"data":[]}"#),
        ] {
            assert_eq!(filtered(body).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn what_is_no_list_is_left_alone() {
        for body in ["", "{", "1", "{}", r#"{"data":{"id":"a"}}"#, r#"{"error":{}}"#] {
            assert_eq!(filtered(body), None, "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body: Vec<u8>) {
            let _ = filter(&body, |_| true);
        }

        #[test]
        fn what_stays_is_what_is_allowed(ids in prop::collection::vec("[ab][0-9]", 0..8)) {
            let entries: Vec<Value> = ids.iter().map(|id| serde_json::json!({"id": id})).collect();
            let body = serde_json::json!({"data": entries}).to_string();
            let out: Value = serde_json::from_str(&filtered(&body).unwrap()).unwrap();
            let left: Vec<&str> = out["data"].as_array().unwrap().iter().filter_map(|e| e["id"].as_str()).collect();
            let expected: Vec<&str> = ids.iter().map(|id| &**id).filter(|id| id.starts_with('a')).collect();
            prop_assert_eq!(left, expected);
        }
    }
}
