//! Bodies without their content encodings.

use crate::decode::Decoder;
use std::borrow::Cow;

/// A body without its encodings, as far as it goes.
pub(super) struct Plain<'a> {
    pub(super) body: Cow<'a, [u8]>,
    /// Bytes that it has beyond the bound.
    pub(super) left_out: u64,
    /// It was encoded as it says, to its last byte.
    pub(super) sound: bool,
}

/// Undoes the encodings of a body, of which `max` bytes are kept; `None`: they are not known.
pub(super) fn plain<'a>(body: &'a [u8], content_encoding: &str, max: usize) -> Option<Plain<'a>> {
    if content_encoding.is_empty() || content_encoding.eq_ignore_ascii_case("identity") {
        return Some(Plain { body: Cow::Borrowed(body), left_out: 0, sound: true });
    }
    let mut decoder = Decoder::for_encoding(content_encoding)?;
    let (mut out, mut left_out) = (Vec::new(), 0);
    let decoded = decoder.push(body, &mut |bytes| {
        let kept = bytes.len().min(max - out.len());
        out.extend_from_slice(&bytes[..kept]);
        left_out += (bytes.len() - kept) as u64;
    });
    Some(Plain { body: Cow::Owned(out), left_out, sound: decoded.is_ok() })
}
