//! Addresses of upstreams and proxies, taken apart by hand so that each fault is named.

use super::{
    ProxyConfig, ProxyScheme, mask,
    problem::UrlFault::{self, Character, Credentials, Fragment, Host, NoScheme, Port, Query, Scheme},
};
use crate::secret::Secret;
use http::Uri;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address in its parts.
struct Parts<'a> {
    scheme: String,
    credentials: Option<&'a str>,
    host: &'a str,
    port: Option<u16>,
    path: &'a str,
}

/// The base URL of a route: http or https, nothing but host, port and path; no `/` at its end.
pub(super) fn base_url(text: &str) -> Result<Uri, UrlFault> {
    let parts = split(text)?;
    if !matches!(parts.scheme.as_str(), "http" | "https") {
        return Err(Scheme(mask::shown(&parts.scheme)));
    }
    if parts.credentials.is_some() {
        return Err(Credentials);
    }
    let port = parts.port.map(|port| format!(":{port}")).unwrap_or_default();
    let path = parts.path.trim_end_matches('/');
    format!("{}://{}{port}{path}", parts.scheme, parts.host).parse().map_err(|_| Host)
}

/// A proxy's URL, with user name and password if it has them.
pub(super) fn proxy(text: &str, no_proxy: String) -> Result<ProxyConfig, UrlFault> {
    let parts = split(text)?;
    let (scheme, port) = match parts.scheme.as_str() {
        "http" => (ProxyScheme::Http, 80),
        "https" => (ProxyScheme::Https, 443),
        "socks5" => (ProxyScheme::Socks5, 1080),
        "socks5h" => (ProxyScheme::Socks5h, 1080),
        other => return Err(Scheme(mask::shown(other))),
    };
    let credentials = parts.credentials.map(|text| {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        (percent_decoded(user), Secret::new(percent_decoded(password)))
    });
    let authority = format!("{}:{}", parts.host, parts.port.unwrap_or(port));
    Ok(ProxyConfig { scheme, authority, credentials, no_proxy })
}

/// A scheme, a host and no more: an origin as browsers send it.
pub(super) fn origin(text: &str) -> Result<String, UrlFault> {
    let parts = split(text)?;
    match (parts.credentials, parts.path) {
        (Some(_), _) => Err(Credentials),
        (None, "" | "/") => Ok(text.trim_end_matches('/').to_ascii_lowercase()),
        (None, _) => Err(Character('/')),
    }
}

fn split(text: &str) -> Result<Parts<'_>, UrlFault> {
    if let Some(c) = text.chars().find(|c| !c.is_ascii_graphic() || "\\\"<>^`{|}".contains(*c)) {
        return Err(Character(c));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(NoScheme { suggestion: suggestion(text) });
    };
    if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
        return Err(NoScheme { suggestion: None });
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (credentials, host) = match authority.rsplit_once('@') {
        Some((credentials, host)) => (Some(credentials), host),
        None => (None, authority),
    };
    let (host, port) = host_and_port(host)?;
    match path.find(['?', '#']) {
        Some(at) if path[at..].starts_with('?') => return Err(Query),
        Some(_) => return Err(Fragment),
        None => {}
    }
    Ok(Parts { scheme: scheme.to_ascii_lowercase(), credentials, host, port, path })
}

/// The address most likely meant by one without a scheme.
fn suggestion(text: &str) -> Option<String> {
    let bare = ["https:", "http:"].into_iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
    let bare = bare.trim_start_matches('/');
    let host = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, _) = host_and_port(host).ok()?;
    let local = name == "localhost" || name.starts_with('[') || name.parse::<Ipv4Addr>().is_ok();
    let known = local || name.contains('.');
    let scheme = if local { "http" } else { "https" };
    known.then(|| mask::url(&format!("{scheme}://{bare}")))
}

/// A host, and a port if there is one.
pub(super) fn host_and_port(text: &str) -> Result<(&str, Option<u16>), UrlFault> {
    let (host, port) = match text.rfind(']') {
        Some(end) => (&text[..=end], text[end + 1..].strip_prefix(':').ok_or(&text[end + 1..])),
        None if text.starts_with('[') => return Err(Host),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Ok(port)),
            None => (text, Err("")),
        },
    };
    let port = match port {
        Ok(port) if port.bytes().all(|b| b.is_ascii_digit()) => {
            Some(port.parse().ok().filter(|p| *p > 0).ok_or(Port)?)
        }
        Ok(_) => return Err(Port),
        Err("") => None,
        Err(_) => return Err(Host),
    };
    if is_host(host) { Ok((host, port)) } else { Err(Host) }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let numeric = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    name.len() <= 253 && name.split('.').all(label) && (!numeric || name.parse::<Ipv4Addr>().is_ok())
}

/// An address to bind; `localhost` is one too.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    match text {
        "localhost" => Some(Ipv4Addr::LOCALHOST.into()),
        _ => text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text).parse().ok(),
    }
}

/// `%XX` decoded; what is not UTF-8 then is left as it was.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok());
        match (first, after) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                bytes.push(hex(high).unwrap_or_default() * 16 + hex(low).unwrap_or_default());
                rest = after;
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
