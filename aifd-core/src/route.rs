//! Request targets and the routes that take them: the longest prefix wins, on a segment boundary.

use crate::{
    config::RouteConfig,
    error::{ForwardError, Malformed},
    plain_path::lies_below,
};
use http::Uri;
use std::{borrow::Cow, sync::Arc};

/// A checked request target: the path with runs of `/` made one, and the query, both otherwise as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    /// Begins with `/`.
    pub(crate) path: Cow<'a, str>,
    /// Without the `?`.
    pub(crate) query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Checks a request target.
    ///
    /// # Errors
    /// No path (`*`, `host:port`), or a path with a dot segment in any encoding.
    pub(crate) fn parse(uri: &'a Uri) -> Result<Self, ForwardError> {
        let raw = uri.path();
        if !raw.starts_with('/') {
            return Err(ForwardError::Malformed(Malformed::Target));
        }
        let path = collapse(raw);
        if has_dot_segment(&path) {
            return Err(ForwardError::PathInvalid);
        }
        Ok(Target { path, query: uri.query() })
    }
}

/// Makes each run of `/` one; borrows where there is none.
fn collapse(path: &str) -> Cow<'_, str> {
    if memchr::memmem::find(path.as_bytes(), b"//").is_none() {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether some segment is `.` or `..` after decoding, an encoded slash or backslash counting as a separator,
/// since a server behind may decode before it resolves the path. Decoding is repeated, so that `%252e` counts too.
fn has_dot_segment(path: &str) -> bool {
    let bytes = path.as_bytes();
    if memchr::memchr3(b'.', b'%', b'\\', bytes).is_none() {
        return false;
    }
    let mut decoded = bytes.to_vec();
    loop {
        if decoded.split(|b| matches!(b, b'/' | b'\\')).any(is_dots) {
            return true;
        }
        let next = decode_once(&decoded);
        if next == decoded {
            return false;
        }
        decoded = next;
    }
}

/// A segment of dots alone; parameters behind `;` do not hide it from servers that cut them off.
fn is_dots(segment: &[u8]) -> bool {
    let name = segment.split(|b| *b == b';').next().unwrap_or_default();
    matches!(name, b"." | b"..")
}

/// Decodes the escapes that can make a dot segment: `.`, `/`, `\`, `%` and `;`.
fn decode_once(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let plain = match (first, tail.first_chunk::<2>()) {
            (b'%', Some(hex)) => match &[hex[0], hex[1].to_ascii_lowercase()] {
                b"2e" => Some(b'.'),
                b"2f" => Some(b'/'),
                b"5c" => Some(b'\\'),
                b"25" => Some(b'%'),
                b"3b" => Some(b';'),
                _ => None,
            },
            _ => None,
        };
        out.push(plain.unwrap_or(first));
        rest = if plain.is_some() { &tail[2..] } else { tail };
    }
    out
}

/// Where the requests under one prefix go.
#[derive(Debug)]
pub(crate) struct Route {
    /// Position among the upstreams.
    pub(crate) index: usize,
    /// The prefix as shown: `/` for the root route.
    pub(crate) name: Arc<str>,
    prefix: String,
    base_path: String,
}

impl Route {
    /// Whether the upstream gets the target just as it came.
    pub(crate) fn changes_nothing(&self, target: &Target<'_>) -> bool {
        self.prefix.is_empty() && self.base_path.is_empty() && matches!(target.path, Cow::Borrowed(_))
    }

    /// The path and query that the upstream gets: its base path and what follows the prefix, joined on one `/`.
    /// A target without anything behind the prefix asks for the base path itself.
    pub(crate) fn upstream_target(&self, target: &Target<'_>) -> String {
        let rest = &target.path[self.prefix.len()..];
        let query = target.query;
        let mut out = String::with_capacity(
            self.base_path.len() + rest.len() + query.map_or(0, |query| query.len() + 1) + 1,
        );
        out.push_str(&self.base_path);
        out.push_str(rest);
        if out.is_empty() {
            out.push('/');
        }
        if let Some(query) = query {
            out.push('?');
            out.push_str(query);
        }
        out
    }
}

/// All routes, longest prefix first.
#[derive(Debug)]
pub(crate) struct RouteTable {
    routes: Vec<Arc<Route>>,
    names: Arc<str>,
}

impl RouteTable {
    /// Sorts the routes of a configuration; their positions there are their indexes.
    pub(crate) fn new(configured: &[RouteConfig]) -> Self {
        let mut routes: Vec<_> = configured.iter().enumerate().map(route).collect();
        let names = routes.iter().map(|route| &*route.name).collect::<Vec<_>>().join(", ").into();
        routes.sort_by_key(|route| std::cmp::Reverse(route.prefix.len()));
        RouteTable { routes, names }
    }

    /// The route of a path.
    ///
    /// # Errors
    /// None matches; the error names them all.
    pub(crate) fn find(&self, path: &str) -> Result<&Arc<Route>, ForwardError> {
        let matches = |route: &&Arc<Route>| lies_below(path, &route.prefix);
        self.routes
            .iter()
            .find(matches)
            .ok_or_else(|| ForwardError::RouteUnknown { routes: self.names.clone() })
    }
}

fn route((index, config): (usize, &RouteConfig)) -> Arc<Route> {
    let name = if config.prefix.is_empty() { "/" } else { &config.prefix };
    Arc::new(Route {
        index,
        name: name.into(),
        prefix: config.prefix.clone(),
        base_path: config.base_url.path().trim_end_matches('/').to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{CredentialPlace, RouteKind};

    fn table(routes: &[(&str, &str)]) -> RouteTable {
        let config = |&(prefix, base): &(&str, &str)| RouteConfig {
            prefix: prefix.into(),
            base_url: base.parse().unwrap(),
            kind: RouteKind::OpenAi,
            upstream_auth: CredentialPlace::Same,
            require_forward_key: None,
            log: None,
            cache: None,
            cache_ttl: None,
            upstream_keys: Vec::new(),
        };
        RouteTable::new(&routes.iter().map(config).collect::<Vec<_>>())
    }

    #[test]
    fn the_rest_and_the_query_pass_as_they_came() {
        let table = table(&[
            ("", "http://root"),
            ("/openai", "http://a/base/"),
            ("/openai/eu", "http://b"),
            ("/b/c", "http://c/x"),
        ]);
        for (asked, route, sent) in [
            ("/v1/chat/completions", "/", "/v1/chat/completions"),
            ("/", "/", "/"),
            ("//v1///models//", "/", "/v1/models/"),
            ("/openai", "/openai", "/base"),
            ("/openai/", "/openai", "/base/"),
            ("/openaix/v1", "/", "/openaix/v1"),
            ("/openai/eu/v1?x=1", "/openai/eu", "/v1?x=1"),
            ("/openai/europe", "/openai", "/base/europe"),
            ("/openai//eu/v1", "/openai/eu", "/v1"),
            ("/openai/eu?q", "/openai/eu", "/?q"),
            ("/b/c/a%2Fb%20+?a=%2F&a=&b&c=+//", "/b/c", "/x/a%2Fb%20+?a=%2F&a=&b&c=+//"),
            ("/openai:18201/steal", "/", "/openai:18201/steal"),
            ("/openai.evil.example/x", "/", "/openai.evil.example/x"),
            ("/openai/@evil.example/x", "/openai", "/base/@evil.example/x"),
            ("/models/a..b/.well-known/...", "/", "/models/a..b/.well-known/..."),
            ("/x?", "/", "/x?"),
        ] {
            let uri: Uri = asked.parse().unwrap();
            let target = Target::parse(&uri).unwrap();
            let found = table.find(&target.path).unwrap();
            assert_eq!((&*found.name, found.upstream_target(&target).as_str()), (route, sent), "{asked}");
        }
    }

    #[test]
    fn dot_segments_are_refused_in_every_encoding() {
        for path in [
            "/a/../b",
            "/..",
            "/.",
            "/a/.",
            "/./a",
            "/%2e%2e/a",
            "/%2E./a",
            "/a/.%2e",
            "/a%2f..%2fb",
            "/a%2F%2e%2e",
            "/a/..%5cb",
            "/a%5C..",
            "/%252e%252e/a",
            "/a/..;x=1/b",
            "/a/%2e",
            "/a//../b",
        ] {
            let uri: Uri = path.parse().unwrap();
            assert!(matches!(Target::parse(&uri), Err(ForwardError::PathInvalid)), "{path}");
        }
    }

    #[test]
    fn an_unknown_path_is_told_the_routes() {
        let error = table(&[("/a", "http://x"), ("/b", "http://y")]).find("/c").unwrap_err();
        assert_eq!(error.to_string(), "no route matches this path; the routes are: /a, /b");
    }
}
