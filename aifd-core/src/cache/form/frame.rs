//! Writing events.

use serde_json::Value;

/// What ends a stream of chunks.
pub(super) const DONE: &[u8] = b"data: [DONE]\n\n";

/// An event without a name.
pub(super) fn data(out: &mut Vec<u8>, value: &Value) {
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(value.to_string().as_bytes());
    out.extend_from_slice(b"\n\n");
}

/// An event whose name its data tells, too, as `type`.
pub(super) fn named(out: &mut Vec<u8>, value: &Value) {
    if let Some(name) = value.get("type").and_then(Value::as_str) {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    data(out, value);
}
