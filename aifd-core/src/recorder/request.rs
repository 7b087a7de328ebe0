//! A request's body as it is logged: JSON, the fields of a form, a text, or the size and digest of something else.

use super::{
    assemble::opaque,
    plain::{Plain, plain},
};
use crate::call::multipart::{self, Part};
use aifd_log::{literal, record::Request};
use std::borrow::Cow;

/// Bytes of a form's field at most that are logged as text.
const MAX_FIELD: usize = 64 * 1024;

/// Reads a body, of which `max` bytes are kept once it is decoded; and how many it has beyond.
pub(super) fn request<'a>(
    content_type: &str,
    content_encoding: &str,
    body: &'a [u8],
    max: usize,
) -> (Request<'a>, u64) {
    match plain(body, content_encoding, max).filter(|plain| plain.sound) {
        Some(Plain { body: Cow::Borrowed(body), .. }) => (read(content_type, body), 0),
        Some(Plain { body: Cow::Owned(body), left_out, .. }) => {
            (read(content_type, &body).into_owned(), left_out)
        }
        None => (Request::Bytes(opaque::digest(body)), 0),
    }
}

/// An object of the fields that are whole in the beginning of one.
pub(super) fn whole_fields(cut: &[u8]) -> Vec<u8> {
    // It may have been cut within a letter.
    let end = std::str::from_utf8(cut).map_or_else(|error| error.valid_up_to(), str::len);
    let (cut, mut out) = (&cut[..end], vec![b'{']);
    let _ = literal::fields(cut, literal::Dialect::Json, &mut |name, value| {
        // Nothing stands behind a number that may have further digits.
        if value.as_ptr_range().end == cut.as_ptr_range().end {
            return;
        }
        if out.len() > 1 {
            out.push(b',');
        }
        literal::push_json_text(&name, &mut out);
        out.push(b':');
        out.extend_from_slice(value);
    });
    out.push(b'}');
    out
}

fn read<'a>(content_type: &str, body: &'a [u8]) -> Request<'a> {
    if body.is_empty() {
        return Request::Empty;
    }
    if content_type.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/")) {
        return form(content_type, body).unwrap_or_else(|| Request::Bytes(opaque::digest(body)));
    }
    let trimmed = body.trim_ascii();
    // Whether it is whole is seen when it is read.
    if let Some(b'{' | b'[') = trimmed.first() {
        return Request::Json(Cow::Borrowed(trimmed));
    }
    match std::str::from_utf8(body) {
        Ok(_) if !body.contains(&0) => Request::Text(opaque::text(body)),
        _ => Request::Bytes(opaque::digest(body)),
    }
}

/// The fields of a form; of files, what they are called, their size and their digest.
fn form(content_type: &str, body: &[u8]) -> Option<Request<'static>> {
    let mut out = vec![b'{'];
    let read = multipart::each_part(content_type, body, &mut |_, part, value| {
        if out.len() > 1 {
            out.push(b',');
        }
        literal::push_json_text(part.name.unwrap_or_default(), &mut out);
        out.push(b':');
        push_part(part, value, &mut out);
        Ok(())
    });
    out.push(b'}');
    // A form that was cut, or is read in two ways, is told as far as it goes.
    (read.is_ok() || out.len() > 2).then_some(Request::Form(Cow::Owned(out)))
}

fn push_part(part: &Part<'_>, value: &[u8], out: &mut Vec<u8>) {
    let text =
        std::str::from_utf8(value).ok().filter(|_| part.filename.is_none() && value.len() <= MAX_FIELD);
    if let Some(text) = text {
        return literal::push_json_text(text, out);
    }
    out.extend_from_slice(b"{\"filename\":");
    literal::push_json_text(part.filename.unwrap_or_default(), out);
    if let Some(content_type) = part.content_type {
        out.extend_from_slice(b",\"content_type\":");
        literal::push_json_text(content_type, out);
    }
    out.push(b',');
    out.extend_from_slice(opaque::digest(value).get(1..).unwrap_or_default());
}
