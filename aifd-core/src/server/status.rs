//! How the running server does, for `aifd status`.

use super::Address;
use crate::{
    clock,
    config::Config,
    control::{RouteStatus, Status, UpstreamKeyStatus},
    gateway::Gateway,
    key::Masked,
};
use std::sync::Arc;

/// Tells how a server does that starts now.
pub(super) fn source(
    gateway: &Arc<Gateway>,
    config: &Config,
    address: &Address,
) -> Box<dyn Fn() -> Status + Send + Sync> {
    let gateway = gateway.clone();
    let routes: Vec<(String, String)> = config
        .routes
        .iter()
        .map(|route| {
            let prefix = if route.prefix.is_empty() { "/" } else { &route.prefix };
            (prefix.to_owned(), route.base_url.to_string().trim_end_matches('/').to_owned())
        })
        .collect();
    let address = address.to_string();
    let (started, since) = (clock::utc(), clock::now());
    Box::new(move || Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        address: address.clone(),
        started,
        uptime_s: clock::now().duration_since(since).as_secs(),
        routes: routes
            .iter()
            .enumerate()
            .map(|(index, (route, base_url))| RouteStatus {
                route: route.clone(),
                base_url: base_url.clone(),
                requests: gateway.tally.of_route(index),
            })
            .collect(),
        requests: gateway.tally.requests(gateway.in_flight.count()),
        refused: gateway.tally.refusals(),
        upstream_keys: upstream_keys(&gateway, &routes),
        logs: gateway.recorder.as_ref().map(|recorder| recorder.status()),
        store: None,
    })
}

fn upstream_keys(gateway: &Gateway, routes: &[(String, String)]) -> Vec<UpstreamKeyStatus> {
    let (now, utc) = (clock::now(), clock::utc());
    let mut all = Vec::new();
    for (route, keys) in gateway.access.upstream_keys() {
        for key in &keys.keys {
            let aside = key.aside(now);
            all.push(UpstreamKeyStatus {
                key: Masked::of(key.secret.expose()),
                route: route.and_then(|index| routes.get(index)).map(|(prefix, _)| prefix.clone()),
                levels: key.levels.clone(),
                set_aside_until: aside
                    .and_then(|left| utc.checked_add_signed(chrono::TimeDelta::from_std(left).ok()?)),
                reason: aside.and_then(|_| key.why()).map(|why| why.name().to_owned()),
            });
        }
    }
    all
}
