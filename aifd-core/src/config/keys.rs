//! What a key is: its names, the form of its value, and whether it is in effect.

use super::{routes::UPSTREAM_KEYS, table::KEYS};

/// One setting: every name it goes by and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its place in the file (`rate_limit.strategy`).
    pub path: &'static str,
    /// Other places in the file that mean the same.
    pub also: &'static [&'static str],
    /// Its variables; the first that is set counts.
    pub env: &'static [&'static str],
    /// The form of its value.
    pub kind: Kind,
    /// What holds when nobody sets it, as text; empty for none.
    pub default: &'static str,
    /// What it does, in a sentence.
    pub meaning: &'static str,
    /// Whether it is in effect.
    pub status: Status,
    /// Its variable is commonly set for a whole machine, so that finding it says nothing about this gateway.
    pub machine_wide: bool,
}

/// Whether a key is in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is.
    InEffect,
    /// It is read and checked; its feature is not built yet.
    NotYet,
    /// It is read for the sake of older files and needs no successor, for this reason.
    NoEffect(&'static str),
}

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds.
    Integer {
        /// Least.
        min: u64,
        /// Most.
        max: u64,
    },
    /// A whole number; zero or `off` means no bound.
    CountOrOff,
    /// Seconds, or text like `200ms`, `30s`, `2m`, `1h`; not zero.
    Duration,
    /// The same; zero is allowed.
    DurationOrZero,
    /// The same; zero or `off` means no bound.
    DurationOrOff,
    /// Bytes, or text like `64KiB`, `1MB`, within bounds.
    Size {
        /// Least.
        min: u64,
        /// Most.
        max: u64,
    },
    /// The same; zero or `off` means no bound.
    SizeOrOff,
    /// How much is kept: a number of files, a size, or `off` for all.
    Keep,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Any text.
    Text,
    /// A path in the file system.
    Path,
    /// A path of requests (`/v1/chat/completions`).
    RequestPath,
    /// An IP address to bind.
    Address,
    /// `unix:/path` or `host:port`.
    Listen,
    /// A proxy's URL; its credentials are masked.
    Proxy,
    /// A filter of diagnostics (`info`, `aifd_core=debug,warn`).
    Filter,
    /// HTTP statuses.
    Statuses,
    /// Texts, as a list or separated by commas.
    Texts,
    /// Origins of browser pages, `*` for any.
    Origins,
    /// IP addresses and networks, as a list or separated by commas.
    IpList,
    /// The routes.
    Routes,
    /// Upstream key → levels.
    UpstreamKeys,
    /// Level → forward keys, or forward key → level.
    ForwardKeys,
    /// Level → models.
    LevelModels,
    /// Model pattern → prices of a million tokens of prompts and of answers.
    Prices,
    /// A limit.
    Quota,
    /// Route → limit of each level.
    RouteLimits,
    /// Where counters of limits are kept; its credentials are masked.
    LimitBackend,
    /// Another back end for some models.
    CustomModel,
}

/// What of a value must not be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// Nothing.
    Open,
    /// The credentials within URLs.
    Urls,
    /// Names and values that are not levels.
    Keys,
    /// The credentials within URLs, and keys below `openai_key`.
    Routes,
}

impl Secrecy {
    /// That of what stands below a name.
    pub(super) fn below(self, name: &str) -> Self {
        match self {
            Secrecy::Routes if name == UPSTREAM_KEYS => Secrecy::Keys,
            same => same,
        }
    }
}

/// Every key, in the order in which people read them.
pub fn keys() -> &'static [Key] {
    KEYS
}

impl Key {
    /// The key of this path, under its own or another spelling.
    pub fn find(path: &str) -> Option<&'static Key> {
        KEYS.iter().find(|key| key.path == path || key.also.contains(&path))
    }

    /// What of its value must not be shown.
    pub fn secrecy(&self) -> Secrecy {
        match self.kind {
            Kind::UpstreamKeys | Kind::ForwardKeys => Secrecy::Keys,
            Kind::Proxy | Kind::LimitBackend | Kind::CustomModel => Secrecy::Urls,
            Kind::Routes => Secrecy::Routes,
            _ => Secrecy::Open,
        }
    }

    /// Whether its value holds credentials.
    pub fn is_secret(&self) -> bool {
        self.secrecy() != Secrecy::Open
    }

    /// Every spelling of its place in the file.
    pub(super) fn paths(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.path).chain(self.also.iter().copied())
    }
}

impl Kind {
    /// Whether its value is a mapping or a list of mappings: JSON in a variable.
    pub(super) fn has_parts(&self) -> bool {
        matches!(
            self,
            Kind::Routes
                | Kind::UpstreamKeys
                | Kind::ForwardKeys
                | Kind::LevelModels
                | Kind::Prices
                | Kind::RouteLimits
                | Kind::CustomModel
        )
    }

    /// The form in words: what a problem says was expected.
    pub fn expected(&self) -> String {
        let text = match self {
            Kind::Bool => "true or false",
            Kind::Integer { min, max } => return format!("a whole number from {min} to {max}"),
            Kind::CountOrOff => "a whole number, or `off`",
            Kind::Duration => "a time like `30s`, `200ms`, `2m` or a number of seconds, more than 0",
            Kind::DurationOrZero => "a time like `30s`, `200ms`, `2m` or a number of seconds",
            Kind::DurationOrOff => "a time like `30s`, `200ms`, `2m`, a number of seconds, or `off`",
            Kind::Size { min, max } => {
                return format!("a size like `64KiB` or a number of bytes, from {min} to {max}");
            }
            Kind::SizeOrOff => "a size like `64KiB`, `1MB`, a number of bytes, or `off`",
            Kind::Keep => "a number of files like `10`, a size like `2GB`, or `off` to keep all",
            Kind::Choice(words) => {
                return words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(" or ");
            }
            Kind::Text => "text",
            Kind::Path => "a path",
            Kind::RequestPath => "a path like `/v1/chat/completions`",
            Kind::Address => "an IP address like `0.0.0.0`, `127.0.0.1` or `::`",
            Kind::Listen => "`unix:/path/to/socket` or `address:port`",
            Kind::Proxy => "a URL like `http://host:port` (http, https, socks5, socks5h)",
            Kind::Filter => {
                "a level (off, error, warn, info, debug, trace) or directives like `aifd_core=debug,warn`"
            }
            Kind::Statuses => "a list of statuses (429, 500 to 599)",
            Kind::Texts => "a list of texts",
            Kind::Origins => "`*` or a list of origins like `https://app.example`",
            Kind::IpList => "a list of IP addresses or networks like `192.0.2.7`, `198.51.100.0/24`",
            Kind::Routes => "a list of `{base_url, route, type}`",
            Kind::UpstreamKeys => "a mapping from API key to levels, like `{\"sk-a\": [0, 1]}`",
            Kind::ForwardKeys => {
                "a mapping from level to forward keys, like `{0: [\"fk-a\"]}`, or from forward key to level"
            }
            Kind::Prices => {
                "a mapping from models to two prices of a million tokens, like `{gpt-4o*: [2.5, 10]}`"
            }
            Kind::LevelModels => "a mapping from level to models, like `{1: [\"gpt-4o\"]}`",
            Kind::Quota => "a limit like `100/minute`",
            Kind::RouteLimits => "a list of `{route, value}` or a mapping from route to limits",
            Kind::LimitBackend => "`memory`",
            Kind::CustomModel => "a mapping with `backend`, `model_map` and `api_base`",
        };
        text.to_owned()
    }
}
