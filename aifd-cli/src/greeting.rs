//! What `run` prints once it listens: openai-forward's boxes, and the address.

use crate::ui::{Panel, Ui};
use aifd_core::{
    config::{Config, LevelLimit, Loaded, RouteConfig, RouteKind, RouteLimit},
    server::Address,
};
use std::fmt;

/// Prints boxes and address. A standard output that nobody reads is no reason not to serve.
pub(crate) fn say(loaded: &Loaded, address: &Address, ui: &Ui) {
    let mut text = String::new();
    if !ui.quiet() {
        boxes(loaded).iter().for_each(|panel| text.push_str(&panel.render(ui.paint())));
    }
    drop(ui.data(format_args!("{text}Listening on {address}\n")));
}

/// One box a route, openai routes first as in openai-forward, and one for the limits.
fn boxes(loaded: &Loaded) -> Vec<Panel> {
    let config = &loaded.config;
    let of_kind = |kind| config.routes.iter().filter(move |route| route.kind == kind);
    let openai = of_kind(RouteKind::OpenAi).map(|route| openai(route, config));
    let general = of_kind(RouteKind::General).map(|route| general(route, config));
    let proxy = masked(loaded, "proxy").map(|proxy| ("proxy".to_owned(), proxy));
    let routes = openai.chain(general).map(|panel| panel.rows(proxy.clone()));
    routes.chain([limits(config)]).collect()
}

fn openai(route: &RouteConfig, config: &Config) -> Panel {
    let cache = &config.cache;
    heading(route)
        .row("api keys", truth(!config.access.upstream_keys.is_empty()))
        .row("forward keys", truth(!config.access.forward_keys.is_empty()))
        .rows(row_if(config.benchmark_mode, "benchmark mode", truth(true)))
        .rows(row_if(config.logs.openai, "log openai", truth(true)))
        .rows(row_if(config.logs.print_chat, "print chat", truth(true)))
        .rows(cache_rows(cache.openai, config))
        .rows(row_if(cache.openai && cache.default_request_caching, "default request caching", truth(true)))
}

fn general(route: &RouteConfig, config: &Config) -> Panel {
    heading(route)
        .rows(row_if(config.logs.general, "log general", truth(true)))
        .rows(cache_rows(config.cache.general, config))
}

fn heading(route: &RouteConfig) -> Panel {
    let prefix = if route.prefix.is_empty() { "/" } else { &route.prefix };
    // A URI without a path shows as one with the path `/`, which nobody wrote.
    let base_url = route.base_url.to_string();
    Panel::new(concat!("🤗 aifd (v", env!("CARGO_PKG_VERSION"), ") is ready to serve!"))
        .row("base url", base_url.trim_end_matches('/'))
        .row("route prefix", prefix)
}

fn cache_rows(on: bool, config: &Config) -> impl Iterator<Item = (String, String)> {
    let cache = &config.cache;
    let backend = if on { cache.backend.to_string() } else { "off".to_owned() };
    let root = config.cache_folder().filter(|_| on).map(|folder| folder.display().to_string());
    let routes = cache.routes.join(", ");
    row_if(true, "cache backend", backend)
        .chain(row_if(root.is_some(), "cache root", root.unwrap_or_default()))
        .chain(row_if(on && !routes.is_empty(), "cache routes", routes))
}

fn limits(config: &Config) -> Panel {
    let limits = &config.limits;
    let rows = |routes: &[RouteLimit], unit| -> Vec<_> {
        routes
            .iter()
            .map(|route| (route.route.clone(), format!("{} ({unit})", levels(&route.limits))))
            .collect()
    };
    Panel::new("⏱️ Rate Limit configuration")
        .row("backend", limits.backend.to_string())
        .row("strategy", limits.strategy.to_string())
        .row("global rate limit", format!("{} (req)", limits.global))
        .rows(rows(&limits.requests, "req"))
        .rows(rows(&limits.tokens, "token"))
}

fn levels(limits: &[LevelLimit]) -> String {
    let one = |limit: &LevelLimit| match limit.level {
        Some(level) => format!("level {level}: {}", limit.quotas),
        None => limit.quotas.to_string(),
    };
    limits.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A setting as people may see it, if it was made.
fn masked(loaded: &Loaded, path: &str) -> Option<String> {
    let settings = loaded.settings();
    let setting = settings.iter().find(|setting| setting.key.path == path)?;
    Some(setting.to_string()).filter(|value| !value.is_empty())
}

fn row_if(on: bool, label: &str, value: impl fmt::Display) -> std::option::IntoIter<(String, String)> {
    on.then(|| (label.to_owned(), value.to_string())).into_iter()
}

/// As openai-forward writes it.
fn truth(on: bool) -> &'static str {
    if on { "True" } else { "False" }
}
