//! Checks that take more than one key.

use super::{
    Config, Level, Listen, RouteKind, UpstreamKeyConfig, near,
    origin::Origin,
    problem::{Problem, What},
    reader::Reader,
    routes,
};
use crate::zone;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
};

/// Reports what does not fit together.
pub(super) fn across(reader: &mut Reader<'_>, config: &Config) {
    if config.logs.openai {
        shared_log_folders(reader, config);
    }
    log_folder(reader, config);
    time_zone(reader, config);
    if config.access.proxy_protocol {
        trusted_proxies(reader, config);
    }
    levels(reader, config);
}

/// Something else in the place of the folder: no log can be written for as long as it lies there, though requests go on.
fn log_folder(reader: &mut Reader<'_>, config: &Config) {
    let logs = &config.logs;
    let logged = config.routes.iter().any(|route| {
        route.log.unwrap_or(match route.kind {
            RouteKind::OpenAi => logs.openai,
            RouteKind::General => logs.general,
        })
    });
    let is_no_folder = || match fs::metadata(&logs.dir) {
        Ok(about) => !about.is_dir(),
        Err(error) => error.kind() == io::ErrorKind::NotADirectory,
    };
    if logged && is_no_folder() {
        let what = What::NoFolder { path: logs.dir.clone() };
        let origin = reader.origin("log.dir");
        reader.problems.push(Problem::warning(&origin, "log.dir", what));
    }
}

/// Only one that was named for this gateway: the machine's `TZ` may be in any form that its C library takes.
fn time_zone(reader: &mut Reader<'_>, config: &Config) {
    let Some(name) = config.timezone.as_deref().filter(|name| zone::find(name).is_none()) else { return };
    let origin = reader.origin("tz");
    if !matches!(origin, Origin::Environment(_)) {
        let what = What::UnknownZone { nearest: near::nearest(name, zone::names()) };
        reader.problems.push(Problem::warning(&origin, "tz", what));
    }
}

/// The PROXY protocol of everybody would let everybody choose an address; who reaches a Unix socket is trusted.
fn trusted_proxies(reader: &mut Reader<'_>, config: &Config) {
    let nobody = config.access.trusted_proxies.is_empty() && !matches!(config.listen, Listen::Unix(_));
    let told = reader.problems.iter().any(|problem| problem.key == "trusted_proxies");
    if nobody && !told {
        reader.error(&reader.origin("proxy_protocol"), "proxy_protocol", What::NoTrustedProxy);
    }
}

/// Forward keys that would be refused, or would have no key of the upstream, whatever they ask for.
fn levels(reader: &mut Reader<'_>, config: &Config) {
    let access = &config.access;
    let used: BTreeSet<Level> = access.forward_keys.iter().map(|key| key.level).collect();
    let place = reader.origin("api_key.forward_key");
    if config.routes.iter().any(|route| route.upstream_keys.is_empty()) {
        let keys = ("api_key.openai_key", access.upstream_keys.as_slice());
        served(reader, (&place, "api_key.forward_key"), &used, keys);
    }
    for route in &config.routes {
        let (place, key) = (reader.origin("forward"), format!("forward {}", routes::shown(&route.prefix)));
        served(reader, (&place, &key), &used, (routes::UPSTREAM_KEYS, &route.upstream_keys));
    }
    let no_models = |level: &&Level| **level != Level(0) && !access.level_models.contains_key(level);
    for level in used.iter().filter(no_models) {
        let what = What::LevelWithoutModels { level: *level };
        reader.problems.push(Problem::warning(&place, "api_key.forward_key", what));
    }
}

/// Warns, at a place and key, of levels that none of these keys serves; where there are none, callers bring their own.
fn served(
    reader: &mut Reader<'_>,
    (place, key): (&Origin, &str),
    used: &BTreeSet<Level>,
    (name, keys): (&'static str, &[UpstreamKeyConfig]),
) {
    let served: BTreeSet<Level> = keys.iter().flat_map(|key| key.levels.iter().copied()).collect();
    for level in used.difference(&served).filter(|_| !served.is_empty()) {
        let what = What::LevelWithoutKey { level: *level, keys: name };
        reader.problems.push(Problem::warning(place, key, what));
    }
}

/// Two openai routes of one log folder, such as `/` and `/openai`, would have their chats mixed.
fn shared_log_folders(reader: &mut Reader<'_>, config: &Config) {
    let mut folders = BTreeMap::new();
    let openai = config.routes.iter().filter(|route| route.kind == RouteKind::OpenAi);
    for route in openai {
        let folder = aifd_log::folder_name(&route.prefix);
        let prefix = routes::shown(&route.prefix);
        if let Some(other) = folders.insert(folder.clone(), prefix) {
            let what = What::SharedLogFolder { folder: folder.to_string(), other: other.to_owned() };
            let origin = reader.origin("forward");
            reader.problems.push(Problem::warning(&origin, format!("forward {prefix}"), what));
        }
    }
}
