//! Bodies that are logged as what they are: JSON, text, or the size and digest of something else.

use aifd_log::{
    literal::{self, Dialect},
    record::Raw,
};
use std::borrow::Cow;

/// A body as one JSON value.
pub(crate) fn value(body: &[u8]) -> Raw<'_> {
    let trimmed = body.trim_ascii();
    if is_json(trimmed) {
        return Cow::Borrowed(trimmed);
    }
    match std::str::from_utf8(body) {
        Ok(_) if !body.contains(&0) => text(body),
        _ => digest(body),
    }
}

/// Whether a text is a JSON value.
pub(crate) fn is_json(text: &[u8]) -> bool {
    let ignored = &mut |_: &[u8]| {};
    match text.first() {
        Some(b'{') => literal::fields(text, Dialect::Json, &mut |_, _| {}).is_ok(),
        Some(b'[') => literal::items(text, Dialect::Json, ignored).is_ok(),
        Some(b'"') => literal::text(text, Dialect::Json).is_some(),
        _ => false,
    }
}

/// A text as a JSON string; bytes that are no UTF-8 are replaced.
pub(crate) fn text(body: &[u8]) -> Raw<'static> {
    let mut out = Vec::with_capacity(body.len() + 2);
    literal::push_json_text(&String::from_utf8_lossy(body), &mut out);
    Cow::Owned(out)
}

/// The size and the BLAKE3 digest of a body.
pub(crate) fn digest(body: &[u8]) -> Raw<'static> {
    let digest = blake3::hash(body).to_hex();
    Cow::Owned(format!("{{\"bytes\":{},\"blake3\":\"{digest}\"}}", body.len()).into_bytes())
}
