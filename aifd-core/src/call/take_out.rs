//! Takes one field out of a JSON body of which every other byte stays.

use aifd_log::literal::{Dialect, Steps};
use bytes::{Bytes, BytesMut};

/// The same body without the fields of this name in its outermost object, and without the comma of each; the body
/// itself if it has none, or is no JSON object.
pub(crate) fn without_field(body: &Bytes, name: &str) -> Bytes {
    let Some(cuts) = cuts(body, name).filter(|cuts| !cuts.is_empty()) else { return body.clone() };
    let mut out = BytesMut::with_capacity(body.len());
    let mut from = 0;
    for (start, end) in cuts {
        out.extend_from_slice(&body[from..start]);
        from = end;
    }
    out.extend_from_slice(&body[from..]);
    out.freeze()
}

/// What is to be cut: from behind the brace or the comma before to behind the comma after, or from the comma before
/// where the field is the last.
fn cuts(body: &[u8], name: &str) -> Option<Vec<(usize, usize)>> {
    let mut steps = Steps::new(body, Dialect::Json).ok()?;
    if !steps.enter(b'{') {
        return None;
    }
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    // Where what is kept ended, and whether the field before is to go: it goes up to where the next begins.
    let (mut kept_to, mut going): (usize, Option<usize>) = (steps.at(), None);
    let mut is_first = true;
    let mut has_kept = false;
    while steps.next(is_first, b'}').ok()? {
        is_first = false;
        let begin = steps.at();
        if let Some(from) = going.take() {
            cuts.push((from, begin));
        }
        let key = steps.key().ok()?;
        let goes = *key == *name.as_bytes();
        steps.skip().ok()?;
        if goes {
            going = Some(begin);
        } else {
            kept_to = steps.at();
            has_kept = true;
        }
    }
    if going.is_some() {
        // The last one: its comma stands before it, and so do those of the fields that go with it.
        let brace = steps.at() - 1;
        let from = if has_kept { kept_to } else { going? };
        cuts.retain(|(start, _)| *start < from);
        cuts.push((from, brace));
    }
    steps.end().ok()?;
    Some(cuts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_byte_stays() {
        for (body, without) in [
            (r#"{"a":1, "caching": true ,"b" : 2}"#, r#"{"a":1, "b" : 2}"#),
            (r#"{"caching":true,"a":1}"#, r#"{"a":1}"#),
            (r#"{ "a" : [1, {"caching": 1}] , "caching":false }"#, r#"{ "a" : [1, {"caching": 1}]}"#),
            (r#"{"caching":null}"#, "{}"),
            (r#"{"caching":1,"a":2,"caching":3}"#, r#"{"a":2}"#),
            (r#"{"a":2,"caching":1,"caching":3}"#, r#"{"a":2}"#),
            (r#"{"caching":1,"caching":3}"#, "{}"),
            (r#"{"c\u0061ching":1,"b":2}"#, r#"{"b":2}"#),
            (r#"{"a":1}"#, r#"{"a":1}"#),
            ("[1]", "[1]"),
            ("{\"caching\":", "{\"caching\":"),
        ] {
            assert_eq!(without_field(&Bytes::from_static(body.as_bytes()), "caching"), without, "{body}");
        }
    }
}
