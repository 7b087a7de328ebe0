//! The routes: each entry of `forward` with its prefix normalised and its base URL checked.

use super::{
    CredentialPlace, RouteConfig, RouteKind, credentials,
    keys::{Key, Kind},
    mask, near,
    node::{Node, Value},
    origin::Origin,
    problem::{RouteFault, What},
    reader::{Reader, wrong},
    scalar, url,
};
use std::collections::BTreeMap;

/// The keys of one route's upstream.
pub(super) const UPSTREAM_KEYS: &str = "openai_key";

const NAMES: [&str; 9] = [
    "base_url",
    "route",
    "type",
    "upstream_auth",
    "require_forward_key",
    "log",
    "cache",
    "cache_ttl",
    UPSTREAM_KEYS,
];

/// The routes in the order of the file.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<RouteConfig> {
    reader.parts("forward", |reader, key, node| {
        let Value::List(items) = &node.value else {
            reader.error(&node.origin, key.path, wrong(&key.kind, node));
            return Vec::new();
        };
        let mut seen = BTreeMap::new();
        let mut routes = Vec::new();
        for (i, item) in items.iter().enumerate().filter(|(_, item)| !item.is_empty()) {
            let Some((route, place)) = entry(reader, key, i, item) else { continue };
            match seen.get(&route.prefix) {
                Some((key, first)) => {
                    let (key, first): (&String, &Origin) = (key, first);
                    let prefix = shown(&route.prefix).to_owned();
                    let what = What::DuplicateRoute { prefix, key: key.clone(), first: first.clone() };
                    reader.error(&place, format!("forward[{i}].route"), what);
                }
                None => {
                    seen.insert(route.prefix.clone(), (format!("forward[{i}]"), place));
                    routes.push(route);
                }
            }
        }
        routes
    })
}

/// A prefix as people write it: the root route is `/`.
pub(super) fn shown(prefix: &str) -> &str {
    if prefix.is_empty() { "/" } else { prefix }
}

/// One entry, and the place of its prefix.
fn entry(reader: &mut Reader<'_>, key: &Key, i: usize, node: &Node) -> Option<(RouteConfig, Origin)> {
    let path = format!("{}[{i}]", key.path);
    let Value::Map(entries) = &node.value else {
        let what = What::Wrong {
            expected: "a mapping with base_url, route and type".into(),
            found: mask::found(node),
            nearest: None,
        };
        reader.error(&node.origin, path, what);
        return None;
    };
    for entry in entries.iter().filter(|entry| !NAMES.contains(&entry.name.as_str())) {
        let nearest = near::nearest(&entry.name, NAMES).map(str::to_owned);
        let name = mask::name(&entry.name);
        reader.error(&entry.origin, format!("{path}.{name}"), What::UnknownKey { nearest });
    }
    let part = |name: &str| entries.iter().find(|entry| entry.name == name).map(|entry| &entry.value);
    let base_url = base_url(reader, &path, node, part("base_url"));
    let prefix = prefix(reader, &path, part("route"));
    let kind = kind(reader, &path, node, part("type"));
    let upstream_auth = word(reader, &path, part("upstream_auth"), "upstream_auth", AUTH, credential_place);
    let mut truth = |name| word(reader, &path, part(name), name, "true or false", scalar::boolean);
    let (require_forward_key, log, cache) = (truth("require_forward_key"), truth("log"), truth("cache"));
    let cache_ttl = word(
        reader,
        &path,
        part("cache_ttl"),
        "cache_ttl",
        "a time like `1h`, or off",
        scalar::duration_or_off,
    );
    let upstream_keys = match given(part(UPSTREAM_KEYS)) {
        Some(node) => credentials::route_keys(reader, &format!("{path}.{UPSTREAM_KEYS}"), node),
        None => Vec::new(),
    };
    let place = part("route").map_or(&node.origin, |route| &route.origin).clone();
    let upstream_auth = upstream_auth.unwrap_or_default();
    let (prefix, base_url, kind) = (prefix?, base_url?, kind?);
    let route = RouteConfig {
        prefix,
        base_url,
        kind,
        upstream_auth,
        require_forward_key,
        log,
        cache,
        cache_ttl,
        upstream_keys,
    };
    Some((route, place))
}

const AUTH: &str =
    "`same`, `bearer`, `x-api-key`, `api-key`, `x-goog-api-key`, `header:NAME` or `query:NAME`";

/// A part of one word, if it is given.
fn word<T>(
    reader: &mut Reader<'_>,
    path: &str,
    node: Option<&Node>,
    name: &str,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let node = given(node)?;
    let value = node.text().and_then(read);
    if value.is_none() {
        let what = What::Wrong { expected: expected.to_owned(), found: mask::found(node), nearest: None };
        reader.error(&node.origin, format!("{path}.{name}"), what);
    }
    value
}

/// Where an upstream looks for its key.
fn credential_place(text: &str) -> Option<CredentialPlace> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "same" => Some(CredentialPlace::Same),
        "bearer" | "authorization" => Some(CredentialPlace::Bearer),
        "x-api-key" | "api-key" | "x-goog-api-key" => lower.parse().ok().map(CredentialPlace::Header),
        _ => match lower.split_once(':')? {
            ("header", name) => name.trim().parse().ok().map(CredentialPlace::Header),
            ("query", _) => {
                let name = text.split_once(':')?.1.trim();
                let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
                (!name.is_empty() && name.bytes().all(plain)).then(|| CredentialPlace::Query(name.to_owned()))
            }
            _ => None,
        },
    }
}

/// A part that says something.
fn given(part: Option<&Node>) -> Option<&Node> {
    part.filter(|node| !node.is_empty())
}

fn base_url(reader: &mut Reader<'_>, path: &str, entry: &Node, node: Option<&Node>) -> Option<http::Uri> {
    const EXPECTED: &str = "a URL like `https://api.openai.com`";
    let path = format!("{path}.base_url");
    let Some(node) = given(node) else {
        let place = node.map_or(&entry.origin, |node| &node.origin);
        reader.error(place, path, What::Missing { expected: EXPECTED });
        return None;
    };
    let what = match node.text() {
        Some(text) => match url::base_url(text) {
            Ok(url) => return Some(url),
            Err(fault) => What::BaseUrl(fault),
        },
        None => What::Wrong { expected: EXPECTED.into(), found: mask::found(node), nearest: None },
    };
    reader.error(&node.origin, path, what);
    None
}

fn prefix(reader: &mut Reader<'_>, path: &str, node: Option<&Node>) -> Option<String> {
    let Some(node) = given(node) else { return Some(String::new()) };
    let what = match node.text() {
        Some(text) => match normalised(text) {
            Ok(prefix) => return Some(prefix),
            Err(fault) => What::Route(fault),
        },
        None => wrong(&Kind::RequestPath, node),
    };
    reader.error(&node.origin, format!("{path}.route"), what);
    None
}

fn kind(reader: &mut Reader<'_>, path: &str, entry: &Node, node: Option<&Node>) -> Option<RouteKind> {
    const EXPECTED: &str = "`openai` or `general`";
    let path = format!("{path}.type");
    let Some(node) = given(node) else {
        let place = node.map_or(&entry.origin, |node| &node.origin);
        reader.error(place, path, What::Missing { expected: EXPECTED });
        return None;
    };
    match node.text().map(str::to_ascii_lowercase).as_deref() {
        Some("openai") => Some(RouteKind::OpenAi),
        Some("general") => Some(RouteKind::General),
        _ => {
            reader.error(&node.origin, path, wrong(&Kind::Choice(&["openai", "general"]), node));
            None
        }
    }
}

/// A path with one `/` before each segment and none at its end; the root is empty.
pub(super) fn normalised(text: &str) -> Result<String, RouteFault> {
    if text.contains("://") {
        return Err(RouteFault::Address);
    }
    if let Some(c) = text.chars().find(|c| !c.is_ascii_graphic() || "?#\\".contains(*c)) {
        return Err(RouteFault::Character(c));
    }
    let mut prefix = String::new();
    for segment in text.split('/').filter(|segment| !segment.is_empty()) {
        if matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..") {
            return Err(RouteFault::Dots);
        }
        prefix.push('/');
        prefix.push_str(segment);
    }
    Ok(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_normalised() {
        let cases = [
            ("/", Ok("")),
            ("", Ok("")),
            ("//", Ok("")),
            ("b/c/", Ok("/b/c")),
            ("//x//y//", Ok("/x/y")),
            ("/a%20b", Ok("/a%20b")),
            ("/a/../b", Err(RouteFault::Dots)),
            ("/a/%2E%2e", Err(RouteFault::Dots)),
            ("/.", Err(RouteFault::Dots)),
            ("/a b", Err(RouteFault::Character(' '))),
            ("/a?b", Err(RouteFault::Character('?'))),
            ("/a#b", Err(RouteFault::Character('#'))),
            ("/ä", Err(RouteFault::Character('ä'))),
            ("https://x/", Err(RouteFault::Address)),
        ];
        for (text, prefix) in cases {
            assert_eq!(normalised(text), prefix.map(str::to_owned), "{text:?}");
        }
    }
}
