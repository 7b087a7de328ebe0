//! JSON in one spelling: the same for all texts that say the same. Keys are sorted, white space and needless escapes
//! are gone, floats have their shortest form.

use aifd_log::literal::{Dialect, Layout, Steps};
use std::borrow::Cow;

/// Containers within each other at most; what is nested deeper has no canonical form.
const MAX_DEPTH: usize = 128;

/// A field of the outermost object: its key without quotes, and its value.
pub(super) type OnField<'f> = &'f mut dyn FnMut(&[u8], &[u8]) -> Keep;

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    Yes,
    No,
}

/// Why a body has no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotCanonical;

/// Appends an object in its canonical form, without the fields that are not kept.
///
/// # Errors
/// It is no JSON object by RFC 8259, nested too deep, or gives a key twice: readers differ in what they take then.
pub(super) fn push_object(body: &[u8], on_field: OnField<'_>, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    let mut steps = Steps::new(body, Dialect::Json).map_err(|_| NotCanonical)?;
    if !steps.enter(b'{') {
        return Err(NotCanonical);
    }
    object(&mut steps, MAX_DEPTH, Some(on_field), out)?;
    steps.end().map_err(|_| NotCanonical)
}

fn value(steps: &mut Steps<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    let depth = depth.checked_sub(1).ok_or(NotCanonical)?;
    if steps.enter(b'{') {
        return object(steps, depth, None, out);
    }
    if !steps.enter(b'[') {
        return steps.json(Layout::Compact, out).map_err(|_| NotCanonical);
    }
    out.push(b'[');
    let mut is_first = true;
    while steps.next(is_first, b']').map_err(|_| NotCanonical)? {
        if !is_first {
            out.push(b',');
        }
        value(steps, depth, out)?;
        is_first = false;
    }
    out.push(b']');
    Ok(())
}

/// The place of a field in what was written.
struct Field<'t> {
    key: Cow<'t, [u8]>,
    from: usize,
}

/// The rest of an object whose brace was taken.
fn object(
    steps: &mut Steps<'_>,
    depth: usize,
    mut on_field: Option<OnField<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), NotCanonical> {
    let begin = out.len();
    let mut fields: Vec<Field<'_>> = Vec::new();
    let mut is_first = true;
    out.push(b'{');
    while steps.next(is_first, b'}').map_err(|_| NotCanonical)? {
        is_first = false;
        let key = steps.key().map_err(|_| NotCanonical)?;
        let from = out.len();
        out.push(b',');
        aifd_log::literal::push_json_bytes(&key, out);
        out.push(b':');
        let at = out.len();
        value(steps, depth, out)?;
        match on_field.as_mut().map(|on_field| on_field(&key, &out[at..])) {
            Some(Keep::No) => out.truncate(from),
            _ => fields.push(Field { key, from }),
        }
    }
    if !fields.is_sorted_by(|a, b| a.key < b.key) {
        sort(begin, &mut fields, out)?;
    }
    if let Some(first) = fields.first().map(|_| begin + 1) {
        // The comma before the first field.
        out.remove(first);
    }
    out.push(b'}');
    Ok(())
}

/// Brings the fields that were written behind `begin` in order.
fn sort(begin: usize, fields: &mut [Field<'_>], out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    let ends: Vec<usize> = fields.iter().skip(1).map(|field| field.from).chain([out.len()]).collect();
    let mut order: Vec<usize> = (0..fields.len()).collect();
    order.sort_by(|a, b| fields[*a].key.cmp(&fields[*b].key));
    if order.windows(2).any(|pair| fields[pair[0]].key == fields[pair[1]].key) {
        return Err(NotCanonical);
    }
    let mut sorted = Vec::with_capacity(out.len() - begin);
    for at in order {
        sorted.extend_from_slice(&out[fields[at].from..ends[at]]);
    }
    out.truncate(begin + 1);
    out.extend_from_slice(&sorted);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(body: &str) -> Option<String> {
        let mut out = Vec::new();
        push_object(body.as_bytes(), &mut |_, _| Keep::Yes, &mut out).ok()?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn what_says_the_same_looks_the_same() {
        for (body, form) in [
            (r#"{"b":1,"a":[1, 2.50,{"d":null,"c":"x"}]}"#, r#"{"a":[1,2.5,{"c":"x","d":null}],"b":1}"#),
            (" {\n\"a\" : \"\\u0041\\n\\/\" }\n", r#"{"a":"A\n/"}"#),
            (r#"{"\u0061":true}"#, r#"{"a":true}"#),
            ("{}", "{}"),
            (r#"{"a":{}, "B":[]}"#, r#"{"B":[],"a":{}}"#),
            (r#"{"n":18446744073709551617}"#, r#"{"n":18446744073709551617}"#),
        ] {
            assert_eq!(canonical(body).as_deref(), Some(form), "{body}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_has_no_form() {
        for body in
            [r#"{"a":1,"a":1}"#, r#"{"x":{"a":1,"\u0061":2}}"#, "[1]", "{", r#"{"a":1}x"#, "{'a':1}", ""]
        {
            assert_eq!(canonical(body), None, "{body}");
        }
        assert_eq!(canonical(&format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200))), None);
    }

    #[test]
    fn fields_that_are_not_kept_are_told_and_gone() {
        let (mut out, mut told) = (Vec::new(), Vec::new());
        let mut on_field = |key: &[u8], value: &[u8]| {
            told.push(format!("{}={}", String::from_utf8_lossy(key), String::from_utf8_lossy(value)));
            if key == b"b" { Keep::Yes } else { Keep::No }
        };
        push_object(br#"{"stream": true, "b": {"z":1,"y":2}, "user":"x"}"#, &mut on_field, &mut out).unwrap();
        assert_eq!(out, br#"{"b":{"y":2,"z":1}}"#);
        assert_eq!(told, ["stream=true", r#"b={"y":2,"z":1}"#, r#"user="x""#]);
    }
}
