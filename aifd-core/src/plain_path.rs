//! Paths of requests: one spelling for all of those in which a server may take one, and what lies below which.

use std::borrow::Cow;

/// A path as a server may read it that is generous: escapes resolved, parameters behind `;` and slashes too many gone,
/// in lower case. What counts or guards by path looks at this one, so that no other spelling goes around it.
pub(crate) fn plain(path: &str) -> Cow<'_, str> {
    let is_plain = |b: u8| !b.is_ascii_uppercase() && b != b'%' && b != b';';
    if path.bytes().all(is_plain) && !path.ends_with('/') {
        return Cow::Borrowed(path);
    }
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy().to_ascii_lowercase();
    let mut out = String::with_capacity(decoded.len());
    for segment in decoded.split('/').filter_map(|segment| segment.split(';').next()) {
        if !segment.is_empty() {
            out.push('/');
            out.push_str(segment);
        }
    }
    if out.is_empty() { Cow::Borrowed("/") } else { Cow::Owned(out) }
}

/// Whether a path is `prefix`, or lies below it: on a segment boundary. The prefix has no slash at its end; the empty
/// one is that of every path.
pub(crate) fn lies_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_on_a_segment_boundary() {
        for (path, prefix, below) in [
            ("/a/b", "/a", true),
            ("/a", "/a", true),
            ("/ab", "/a", false),
            ("/b/a", "/a", false),
            ("/a", "/a/b", false),
            ("/a", "", true),
        ] {
            assert_eq!(lies_below(path, prefix), below, "{path} {prefix}");
        }
    }

    #[test]
    fn spellings_of_a_path_that_a_server_may_read_alike_are_one() {
        for path in [
            "/v1/chat",
            "/v1/ch%61t",
            "/V1/Chat/",
            "/v1%2Fchat",
            "/v1;x=1/chat;y",
            "/v1/chat%2f",
            "/v1/%2fchat",
        ] {
            assert_eq!(plain(path), "/v1/chat", "{path}");
        }
        assert!(matches!(plain("/v1/chat"), Cow::Borrowed(_)));
        assert_eq!([plain("/"), plain("/%2f"), plain("/;")], ["/"; 3]);
    }
}
