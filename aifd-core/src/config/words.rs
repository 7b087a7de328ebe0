//! The words of a problem: what it says and what its reader can do.

use super::{
    keys::Key,
    node::{MAX_DEPTH, MAX_NODES},
    origin::Origin,
    problem::{Found, Problem, RouteFault, UrlFault, What, YamlFault},
    sources,
};
use std::{fmt, io};

impl Problem {
    /// What its reader can do about it.
    pub fn hint(&self) -> Option<String> {
        match &self.what {
            What::UnknownKey { nearest: Some(name) } => Some(format!("did you mean `{name}`?")),
            What::UnknownKey { nearest: None } => Some("`aifd config init` shows every key".into()),
            What::UnknownVariable { nearest: Some(name) } => Some(format!("did you mean {name}?")),
            What::UnknownVariable { nearest: None } => Some("`aifd config env` shows every variable".into()),
            What::Wrong { nearest: Some(name), .. } => Some(format!("did you mean `{name}`?")),
            What::Limit(_) => {
                Some("write it like `100/minute`, `100/2minutes`, `60/minute;600/hour` or `inf`".into())
            }
            What::BaseUrl(UrlFault::Scheme(_)) => Some("http and https are".into()),
            What::Proxy(UrlFault::Scheme(_)) => Some("http, https, socks5 and socks5h are".into()),
            What::BaseUrl(fault) | What::Proxy(fault) => fault.hint(),
            What::Route(RouteFault::Address) => Some("the address goes into `base_url`".into()),
            What::NoVariable(name) => Some(format!("set {name}, or give a default: `${{{name}:-default}}`")),
            What::Placeholder => Some("write `$${` for a literal `${`".into()),
            What::Json { .. } => Some(self.json_hint()),
            What::Yaml(YamlFault::Syntax(reason)) if reason.contains("tab") => {
                Some("indent with spaces".into())
            }
            What::Yaml(YamlFault::Syntax(_)) => {
                Some("text that holds `: `, `#`, `{` or `*` needs quotes".into())
            }
            What::DuplicateRoute { .. } => Some("give each route a prefix of its own".into()),
            What::DuplicateName { .. } | What::TwoSpellings { .. } | What::Conflict { .. } => {
                Some("keep one of them".into())
            }
            What::NotUtf8 { .. } => Some("save it as UTF-8".into()),
            What::TooBig => Some(format!(
                "{MAX_DEPTH} levels, {MAX_NODES} values and {} MiB are the most",
                sources::MAX_FILE >> 20
            )),
            What::Unreadable { kind: io::ErrorKind::IsADirectory, .. } => Some("name the file in it".into()),
            What::Unreadable { kind: io::ErrorKind::PermissionDenied, .. } => {
                Some("check who may read it".into())
            }
            What::Unreadable { kind: io::ErrorKind::NotFound, .. } => Some("check the path".into()),
            What::BackendToCome { .. } => Some("write `memory`: this process counts".into()),
            What::NoFolder { .. } => Some("name a folder; it is made where there is none".into()),
            What::NoTrustedProxy => {
                Some("list the proxies in front under `trusted_proxies`, or listen on a Unix socket".into())
            }
            What::LevelWithoutKey { level, keys } => {
                Some(format!("give level {level} a key of the upstream under `{keys}`"))
            }
            What::LevelWithoutModels { level } => {
                Some(format!("list the models of level {level} under `api_key.level`; level 0 may use all"))
            }
            What::UnknownZone { nearest: Some(name) } => Some(format!("did you mean `{name}`?")),
            What::UnknownZone { nearest: None } => Some("names are like `Europe/Berlin` or `UTC`".into()),
            What::Alone { missing } => Some(format!("set `{missing}` too")),
            _ => None,
        }
    }
}

impl Problem {
    /// What to write, or how to quote it where a line of `.env` ended too early.
    fn json_hint(&self) -> String {
        match (&self.origin, &self.what) {
            (Origin::DotEnv { .. }, What::Json { reason, .. }) if reason.starts_with("EOF") => {
                "in .env, put JSON of several lines in single quotes".into()
            }
            _ => match Key::find(&self.key) {
                Some(key) => format!("write {}", key.kind.expected()),
                None => "write JSON".into(),
            },
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::UnknownKey { .. } => f.write_str("unknown key"),
            What::UnknownVariable { .. } => f.write_str("unknown variable"),
            What::Wrong { expected, found, .. } => write!(f, "expected {expected}, found {found}"),
            What::Missing { expected } => write!(f, "missing; expected {expected}"),
            What::Limit(error) => write!(f, "not a limit: {error}"),
            What::BaseUrl(fault) => write!(f, "not a base URL: {fault}"),
            What::Proxy(fault) => write!(f, "not a proxy: {fault}"),
            What::Route(fault) => write!(f, "not a route prefix: {fault}"),
            What::DuplicateRoute { prefix, key, first } => {
                write!(f, "the prefix `{prefix}` has a route already: `{key}` ({first})")
            }
            What::DuplicateName { first } => write!(f, "given twice, first at {first}"),
            What::TwoSpellings { other, first } => {
                write!(f, "also given as `{other}` with another value ({first})")
            }
            What::Conflict { other, first } => write!(f, "excludes `{other}` ({first})"),
            What::Alone { missing } => write!(f, "of no use without `{missing}`"),
            What::Yaml(fault) => write!(f, "invalid YAML: {fault}"),
            What::Json { line: 1, column, reason } => {
                write!(f, "invalid JSON at character {column}: {reason}")
            }
            What::Json { line, column, reason } => {
                write!(f, "invalid JSON at line {line}, character {column} of the value: {reason}")
            }
            What::TooBig => f.write_str("nested deeper or larger than a configuration may be"),
            What::NotUtf8 { byte } => write!(f, "not UTF-8: invalid byte at offset {byte}"),
            What::Unreadable { file, kind } => {
                write!(f, "cannot read {}: {}", file.display(), reason(*kind))
            }
            What::NoVariable(name) => write!(f, "the variable {name} is not set"),
            What::Circular(name) => write!(f, "the variable {name} is made of itself"),
            What::Placeholder => f.write_str("a `${` without a name and `}`"),
            What::DotEnvLine => f.write_str("not an assignment `NAME=value`; ignored"),
            What::EmptyKey => f.write_str("an empty key is ignored"),
            What::BackendToCome { backend } => {
                write!(f, "`{backend}` is not available yet: only `memory` is")
            }
            What::NoTrustedProxy => f.write_str("nobody is trusted to speak the PROXY protocol"),
            What::LevelWithoutKey { level, .. } => {
                write!(f, "no key of the upstream serves level {level}, though others are served")
            }
            What::LevelWithoutModels { level } => write!(f, "keys of level {level} may use no model"),
            What::Redaction(why) => f.write_str(why),
            What::UnknownZone { .. } => {
                f.write_str("no time zone of this name is known; the system's is used")
            }
            What::NoFolder { path } => write!(f, "{} is no folder", path.display()),
            What::SharedLogFolder { folder, other } => {
                write!(f, "its chats are logged in the folder `{folder}`, as those of the route `{other}`")
            }
        }
    }
}

fn reason(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::NotFound => "no such file".into(),
        io::ErrorKind::IsADirectory => "it is a directory".into(),
        io::ErrorKind::InvalidData => "not UTF-8".into(),
        other => other.to_string(),
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Text(text) => write!(f, "`{text}`"),
            Found::Hidden => f.write_str("another value"),
            Found::List => f.write_str("a list"),
            Found::Map => f.write_str("a mapping"),
            Found::Nothing => f.write_str("nothing"),
        }
    }
}

impl UrlFault {
    fn hint(&self) -> Option<String> {
        match self {
            UrlFault::NoScheme { suggestion: Some(url) } => Some(format!("write `{url}`")),
            UrlFault::NoScheme { suggestion: None } => Some("write it like `https://api.openai.com`".into()),
            UrlFault::Credentials => Some("put keys into `api_key.openai_key`".into()),
            UrlFault::Query => Some("the query of each request is passed on; leave it out here".into()),
            _ => None,
        }
    }
}

impl fmt::Display for UrlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlFault::NoScheme { .. } => f.write_str("no scheme"),
            UrlFault::Scheme(scheme) => write!(f, "the scheme `{scheme}` is not spoken"),
            UrlFault::Credentials => f.write_str("it carries credentials"),
            UrlFault::Query => f.write_str("it carries a query"),
            UrlFault::Fragment => f.write_str("it carries a fragment"),
            UrlFault::Host => f.write_str("its host is missing or invalid"),
            UrlFault::Port => f.write_str("its port is not a number from 1 to 65535"),
            UrlFault::Character(c) => write!(f, "it holds {c:?}"),
        }
    }
}

impl fmt::Display for YamlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            YamlFault::Syntax(reason) => reason,
            YamlFault::SecondDocument => "a second document; a configuration is one document",
            YamlFault::AliasOfItself => "an alias of itself",
            YamlFault::Key => "a list or mapping as a key",
            YamlFault::Merge => "`<<` takes a mapping",
        })
    }
}

impl fmt::Display for RouteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RouteFault::Dots => f.write_str("a segment is `.` or `..`"),
            RouteFault::Character(c) => write!(f, "it holds {c:?}"),
            RouteFault::Address => f.write_str("it is an address, not a path"),
        }
    }
}
