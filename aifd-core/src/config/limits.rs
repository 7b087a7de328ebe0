//! Limits of requests and tokens, as text and as lists of level and limit, by route.

use super::{
    LevelLimit, LimitBackend, LimitsConfig, RouteLimit, Strategy,
    credentials::level,
    keys::{Key, Kind},
    mask, near,
    node::{Entry, Node, Value},
    problem::{Problem, RouteFault, What},
    reader::{Reader, wrong},
};
use crate::limit::quota::{QuotaError, Quotas};

/// Schemes of the servers that the `limits` package of Python can count in.
const SERVERS: &[&str] = &["redis", "rediss", "valkey", "valkeys", "memcached", "mongodb", "etcd"];

/// How much a caller may ask for.
pub(super) fn read(reader: &mut Reader<'_>) -> LimitsConfig {
    LimitsConfig {
        requests: reader.parts("rate_limit.req_rate_limit", route_limits),
        tokens: reader.parts("rate_limit.token_rate_limit", route_limits),
        global: reader.checked("rate_limit.global_rate_limit", |node| match node.text() {
            Some(text) => text.parse().map_err(limit_fault),
            None => Err(wrong(&Kind::Quota, node)),
        }),
        token_quotas: reader.parts("rate_limit.token_quota", route_limits),
        max_concurrent: reader.count("rate_limit.max_concurrent"),
        queue_timeout: reader.bound("rate_limit.queue_timeout").unwrap_or_default(),
        strategy: match reader.choice("rate_limit.strategy") {
            "moving-window" => Strategy::MovingWindow,
            "fixed-window-elastic-expiry" => Strategy::FixedWindowElasticExpiry,
            "sliding-window-counter" => Strategy::SlidingWindowCounter,
            _ => Strategy::FixedWindow,
        },
        backend: reader.checked("rate_limit.req_rate_limit_backend", backend),
    }
}

fn backend(node: &Node) -> Result<LimitBackend, What> {
    let text = node.text().unwrap_or_default();
    let scheme = text
        .strip_prefix("async+")
        .unwrap_or(text)
        .split([':', '+'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match scheme.as_str() {
        "memory" => Ok(LimitBackend::Memory),
        scheme if SERVERS.contains(&scheme) => Err(What::BackendToCome { backend: mask::url(text) }),
        _ => Err(wrong(&Kind::LimitBackend, node)),
    }
}

/// A mapping from route to limits, or a list of `{route, value}`.
fn route_limits(reader: &mut Reader<'_>, key: &Key, node: &Node) -> Vec<RouteLimit> {
    let mut routes = Vec::new();
    match &node.value {
        Value::Map(entries) => {
            for Entry { name, origin, value } in entries {
                let path = format!("{}.{}", key.path, mask::name(name));
                route_limit(reader, &path, &Node::plain(name, origin.clone()), Some(value), &mut routes);
            }
        }
        Value::List(items) => {
            for (i, item) in items.iter().enumerate().filter(|(_, item)| !item.is_empty()) {
                let path = format!("{}[{i}]", key.path);
                let Some([route, value]) = parts(reader, &path, item, ["route", "value"]) else { continue };
                let Some(route) = route else {
                    let what = What::Missing { expected: "a path like `/v1/chat/completions`" };
                    reader.error(&item.origin, format!("{path}.route"), what);
                    continue;
                };
                route_limit(reader, &path, route, value, &mut routes);
            }
        }
        _ => reader.error(&node.origin, key.path, wrong(&key.kind, node)),
    }
    routes
}

fn route_limit(
    reader: &mut Reader<'_>,
    path: &str,
    route: &Node,
    value: Option<&Node>,
    routes: &mut Vec<RouteLimit>,
) {
    let limits = value.map(|value| level_limits(reader, path, value)).unwrap_or_default();
    let route = match route.text() {
        Some(text) if text.contains("://") => {
            return reader.error(&route.origin, path, What::Route(RouteFault::Address));
        }
        Some(text) => text.to_owned(),
        None => return reader.error(&route.origin, path, wrong(&Kind::RequestPath, route)),
    };
    if !limits.is_empty() {
        let slash = if route.starts_with('/') { "" } else { "/" };
        routes.push(RouteLimit { route: format!("{slash}{route}"), limits });
    }
}

/// One text for every level, or a list of `{level, limit}`.
fn level_limits(reader: &mut Reader<'_>, path: &str, node: &Node) -> Vec<LevelLimit> {
    let mut limits = Vec::new();
    match &node.value {
        Value::Null => {}
        Value::Scalar(_) => {
            let quotas = quotas(reader, path, node);
            limits.extend(quotas.map(|quotas| LevelLimit { level: None, quotas }));
        }
        Value::List(items) => {
            for (i, item) in items.iter().enumerate().filter(|(_, item)| !item.is_empty()) {
                limits.extend(level_limit(reader, &format!("{path}.value[{i}]"), item));
            }
        }
        Value::Map(_) => limits.extend(level_limit(reader, path, node)),
    }
    limits
}

fn level_limit(reader: &mut Reader<'_>, path: &str, node: &Node) -> Option<LevelLimit> {
    let [at, limit] = parts(reader, path, node, ["level", "limit"])?;
    let level = match at.map(|node| (node, node.text().and_then(level))) {
        None => None,
        Some((_, Some(level))) => Some(level),
        Some((node, None)) => {
            let expected = "a level: a whole number".to_owned();
            let what = What::Wrong { expected, found: mask::found(node), nearest: None };
            reader.error(&node.origin, format!("{path}.level"), what);
            return None;
        }
    };
    let Some(limit) = limit else {
        if !gives(node, "limit") {
            let what = What::Missing { expected: "a limit like `100/minute`" };
            reader.error(&node.origin, format!("{path}.limit"), what);
            return None;
        }
        return Some(LevelLimit { level, quotas: Quotas::default() });
    };
    quotas(reader, &format!("{path}.limit"), limit).map(|quotas| LevelLimit { level, quotas })
}

fn quotas(reader: &mut Reader<'_>, path: &str, node: &Node) -> Option<Quotas> {
    let what = match node.text().map(str::parse::<Quotas>) {
        Some(Ok(quotas)) => return Some(quotas),
        Some(Err(error)) => limit_fault(error),
        None => wrong(&Kind::Quota, node),
    };
    reader.error(&node.origin, path, what);
    None
}

fn limit_fault(error: QuotaError) -> What {
    What::Limit(QuotaError { part: mask::shown(&error.part), ..error })
}

fn gives(node: &Node, name: &str) -> bool {
    matches!(&node.value, Value::Map(entries) if entries.iter().any(|entry| entry.name == name))
}

/// The two parts that a mapping may have; others are problems, empty ones are none.
fn parts<'n>(
    reader: &mut Reader<'_>,
    path: &str,
    node: &'n Node,
    names: [&'static str; 2],
) -> Option<[Option<&'n Node>; 2]> {
    let Value::Map(entries) = &node.value else {
        let expected = format!("a mapping with {} and {}", names[0], names[1]);
        let what = What::Wrong { expected, found: mask::found(node), nearest: None };
        reader.error(&node.origin, path, what);
        return None;
    };
    for entry in entries.iter().filter(|entry| !names.contains(&entry.name.as_str())) {
        let nearest = near::nearest(&entry.name, names).map(str::to_owned);
        let name = mask::name(&entry.name);
        reader.problems.push(Problem::error(
            &entry.origin,
            format!("{path}.{name}"),
            What::UnknownKey { nearest },
        ));
    }
    let part = |name| entries.iter().find(|e| e.name == name).map(|e| &e.value).filter(|v| !v.is_empty());
    Some(names.map(part))
}
