//! Where the gateway listens and how it reaches upstreams: addresses, proxy, retries, cross-origin answers.

use super::{
    Cors, Listen, ListenerTls, Origins, ProxyConfig, RetryConfig, UpstreamConfig,
    keys::{Key, Kind},
    node::Node,
    problem::What,
    reader::{Reader, wrong},
    scalar, url,
};
use http::StatusCode;
use ipnet::IpNet;
use std::{
    fs::File,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

/// The listening address: `listen`, or `host` and `port`, whichever stands in the stronger source.
pub(super) fn listen(reader: &mut Reader<'_>) -> Listen {
    let host = address(reader, "host");
    let port = reader.port("port");
    let listen: Option<Listen> = reader.word("listen", |text| listen_text(text).map(Some));
    let Some(listen) = listen else { return Listen::Tcp { host, port } };
    let rank = reader.origin("listen").rank();
    for path in ["host", "port"] {
        let other = reader.origin(path);
        if other.rank() > rank {
            return Listen::Tcp { host, port };
        }
        if other.rank() == rank {
            let what = What::Conflict { other: path, first: other };
            reader.error(&reader.origin("listen"), "listen", what);
        }
    }
    match listen {
        Listen::Unix(path) => Listen::Unix(reader.at_directory(&path.to_string_lossy())),
        tcp => tcp,
    }
}

fn listen_text(text: &str) -> Option<Listen> {
    if let Some(path) = text.strip_prefix("unix:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return (!path.is_empty()).then(|| Listen::Unix(path.into()));
    }
    let (host, port) = text.rsplit_once(':')?;
    let port = scalar::integer(port).and_then(|port| u16::try_from(port).ok())?;
    Some(Listen::Tcp { host: url::address(host)?, port })
}

/// An address to bind.
pub(super) fn address(reader: &mut Reader<'_>, path: &'static str) -> IpAddr {
    reader.word(path, |text| url::address(text).map(Some)).unwrap_or(Ipv4Addr::UNSPECIFIED.into())
}

/// Certificate and key: both or none, and readable.
pub(super) fn tls(reader: &mut Reader<'_>) -> Option<ListenerTls> {
    let certfile = reader.path("ssl_certfile");
    let keyfile = reader.path("ssl_keyfile");
    match (certfile, keyfile) {
        (Some(certfile), Some(keyfile)) => {
            readable(reader, "ssl_certfile", &certfile);
            readable(reader, "ssl_keyfile", &keyfile);
            Some(ListenerTls { certfile, keyfile })
        }
        (None, None) => None,
        (certfile, _) => {
            let (given, missing) = match certfile {
                Some(_) => ("ssl_certfile", "ssl_keyfile"),
                None => ("ssl_keyfile", "ssl_certfile"),
            };
            reader.error(&reader.origin(given), given, What::Alone { missing });
            None
        }
    }
}

fn readable(reader: &mut Reader<'_>, key: &'static str, path: &Path) {
    let kind = match File::open(path).and_then(|file| file.metadata()) {
        Ok(metadata) if metadata.is_dir() => std::io::ErrorKind::IsADirectory,
        Ok(_) => return,
        Err(error) => error.kind(),
    };
    reader.error(&reader.origin(key), key, What::Unreadable { file: path.to_owned(), kind });
}

/// How upstreams are reached.
pub(super) fn upstream(reader: &mut Reader<'_>) -> UpstreamConfig {
    let ca_file = reader.path("ca_file");
    if let Some(path) = &ca_file {
        readable(reader, "ca_file", path);
    }
    UpstreamConfig {
        connect_timeout: reader.duration("timeout"),
        first_byte_timeout: reader.bound("first_byte_timeout"),
        idle_timeout: reader.bound("idle_timeout"),
        pool_idle_timeout: reader.duration("pool_idle_timeout"),
        retry: RetryConfig {
            attempts: reader
                .integer("retry.attempts")
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or_default(),
            base_delay: reader.duration("retry.base_delay"),
            max_delay: reader.duration("retry.max_delay"),
            on_status: reader.parts("retry.on_status", statuses),
        },
        proxy: proxy(reader),
        ca_file,
    }
}

fn proxy(reader: &mut Reader<'_>) -> Option<ProxyConfig> {
    let no_proxy = reader.texts("no_proxy").join(",");
    reader.checked("proxy", |node| match node.text() {
        Some(text) => url::proxy(text, no_proxy.clone()).map(Some).map_err(What::Proxy),
        None => Err(wrong(&Kind::Proxy, node)),
    })
}

fn statuses(reader: &mut Reader<'_>, key: &Key, node: &Node) -> Vec<StatusCode> {
    let mut statuses = Vec::new();
    for (text, origin) in reader.items(key, node) {
        let status = scalar::integer(&text).and_then(|n| u16::try_from(n).ok());
        let status = status.filter(|n| *n == 429 || (500..=599).contains(n));
        match status.and_then(|n| StatusCode::from_u16(n).ok()) {
            Some(status) => statuses.push(status),
            None => reader.error(&origin, key.path, wrong(&key.kind, &Node::plain(&text, origin.clone()))),
        }
    }
    statuses
}

/// Addresses and networks.
pub(super) fn ip_list(reader: &mut Reader<'_>, path: &'static str) -> Vec<IpNet> {
    reader.parts(path, |reader, key, node| {
        let mut networks = Vec::new();
        for (text, origin) in reader.items(key, node) {
            let network = text.parse::<IpNet>().map(|network| network.trunc());
            match network.or_else(|_| text.parse::<IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network),
                Err(_) => {
                    let what = wrong(&key.kind, &Node::plain(&text, origin.clone()));
                    reader.error(&origin, key.path, what);
                }
            }
        }
        networks
    })
}

/// Cross-origin answers; `cors: false` leaves them to the upstream.
pub(super) fn cors(reader: &mut Reader<'_>) -> Option<Cors> {
    let origins = reader.parts("cors.allow_origins", |reader, key, node| Some(origins(reader, key, node)));
    let cors = Cors {
        allow_origins: origins.unwrap_or(Origins::Any),
        allow_credentials: reader.boolean("cors.allow_credentials"),
        max_age: reader.duration("cors.max_age"),
    };
    reader.boolean("cors").then_some(cors)
}

fn origins(reader: &mut Reader<'_>, key: &Key, node: &Node) -> Origins {
    let mut listed = Vec::new();
    for (text, place) in reader.items(key, node) {
        if text == "*" {
            return Origins::Any;
        }
        match url::origin(&text) {
            // Pages of files and sandboxes send `null`.
            _ if text == "null" => listed.push(text),
            Ok(origin) => listed.push(origin),
            Err(_) => {
                let what = wrong(&key.kind, &Node::plain(&text, place.clone()));
                reader.error(&place, key.path, what);
            }
        }
    }
    Origins::List(listed)
}

/// A filter of diagnostics: levels, and targets with levels.
pub(super) fn filter(text: &str) -> Option<String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let level = |text: &str| LEVELS.iter().any(|level| text.trim().eq_ignore_ascii_case(level));
    let target = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_:-.".contains(c))
    };
    let directive = |text: &str| match text.split_once('=') {
        Some((name, at)) => target(name.trim()) && level(at),
        None => level(text),
    };
    text.split(',').all(directive).then(|| text.to_ascii_lowercase())
}
