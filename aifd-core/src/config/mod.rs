//! The configuration as the rest of the gateway sees it: resolved once, never parsed again.
//!
//! [`load`] reads all sources (`sources`), takes each key of the one `table` out of them (`reader`), and puts the
//! [`Config`] together (`resolve`). Whatever is wrong is a [`Problem`]; all are reported at once.

mod check;
mod credentials;
mod dotenv;
mod env;
mod interpolate;
mod json;
mod keys;
mod layout;
mod limits;
mod mask;
mod near;
mod network;
mod node;
mod origin;
mod policy;
mod problem;
mod reader;
mod resolve;
mod routes;
mod sample;
pub(crate) mod scalar;
mod schema;
mod setting;
mod sources;
mod table;
#[cfg(test)]
mod tests;
mod url;
mod words;
mod yaml;

pub use env::Environment;
pub use keys::{Key, Kind, Secrecy, Status, keys};
pub use origin::Origin;
pub use policy::{
    AccessConfig, ApiPaths, CacheBackend, CacheConfig, CacheMode, CacheScope, ConsoleConfig, CredentialPlace,
    CustomModel, ForwardKeyConfig, Level, LevelLimit, LimitBackend, LimitsConfig, Price, RouteLimit,
    Strategy, UpstreamKeyConfig,
};
pub use problem::{Found, Problem, Problems, RouteFault, Severity, UrlFault, What, YamlFault};
pub use resolve::{Loaded, load};
pub use sample::sample;
pub use scalar::size;
pub use schema::schema;
pub use setting::Setting;
pub use sources::Sources;

use crate::secret::Secret;
use aifd_log::LogSettings;
use http::{StatusCode, Uri};
use std::{fmt, net::IpAddr, num::NonZeroUsize, path::PathBuf, time::Duration};

/// Everything that decides how the gateway behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where callers connect.
    pub listen: Listen,
    /// Certificate and key of the listener; `None` serves plain HTTP.
    pub tls: Option<ListenerTls>,
    /// Worker threads, one event loop each.
    pub workers: NonZeroUsize,
    /// How long running requests may go on after a stop was asked for.
    pub shutdown_grace: Duration,
    /// Bounds on what one caller may make the listener hold.
    pub caller: CallerBounds,
    /// Route prefixes and their upstreams, in the order of the file; prefixes are distinct.
    pub routes: Vec<RouteConfig>,
    /// How upstreams are reached.
    pub upstream: UpstreamConfig,
    /// How frames of a streamed answer are sent.
    pub iter_chunk: IterChunk,
    /// Cross-origin answers; `None` leaves them to the upstream.
    pub cors: Option<Cors>,
    /// Adds `/benchmark/v1/chat/completions`.
    pub benchmark_mode: bool,
    /// What is written to standard error.
    pub diagnostics: Diagnostics,
    /// Folder of the store and of the control socket.
    pub data_dir: DataDir,
    /// Who may call, with which keys.
    pub access: AccessConfig,
    /// How much a caller may ask for.
    pub limits: LimitsConfig,
    /// What is cached.
    pub cache: CacheConfig,
    /// What is logged of chats.
    pub logs: LogSettings,
    /// The web console.
    pub console: ConsoleConfig,
    /// Another back end that answers for some models.
    pub custom_model: Option<CustomModel>,
    /// Paths below a route that mean something to the gateway.
    pub api_paths: ApiPaths,
    /// Whether an answer is streamed when the request does not say.
    pub default_stream_response: bool,
    /// Time zone of the times in chat logs, as it was named.
    pub timezone: Option<String>,
}

/// Folder of the store and of the control socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir {
    /// Its path.
    pub path: PathBuf,
    /// Whether it was named; one that is not may be missing where nothing can be written.
    pub named: bool,
}

/// The listening address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A TCP address; port 0 lets the system choose.
    Tcp {
        /// Address to bind.
        host: IpAddr,
        /// Port to bind.
        port: u16,
    },
    /// A Unix socket at this path.
    Unix(PathBuf),
}

/// PEM files of the listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerTls {
    /// Certificate chain.
    pub certfile: PathBuf,
    /// Private key.
    pub keyfile: PathBuf,
}

/// Bounds on what one caller may make the listener hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerBounds {
    /// Bytes of a request head (request line and headers); past it: 431. Default 64 KiB.
    pub max_header_size: usize,
    /// Bytes of a request body; past it: 413. `None` (default): unbounded, since bodies are not held.
    pub max_body_size: Option<u64>,
    /// How long nothing of a request body may come while it is waited for; past it: 408. Default 60 s.
    pub body_timeout: Option<Duration>,
    /// How long a request head may take to arrive once it has begun. Default 30 s.
    pub header_timeout: Duration,
    /// How long an idle connection is kept. Default 75 s.
    pub keepalive_timeout: Duration,
}

/// One entry of `forward`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteConfig {
    /// Path prefix without a trailing slash; the root route is the empty text.
    pub prefix: String,
    /// Scheme, host, port and path that the rest of the request path is joined to; without query or credentials.
    pub base_url: Uri,
    /// What the upstream speaks.
    pub kind: RouteKind,
    /// Where the upstream looks for its key.
    pub upstream_auth: CredentialPlace,
    /// Whether a credential that is no forward key is refused here; `None`: as everywhere.
    pub require_forward_key: Option<bool>,
    /// Whether it is logged; `None`: as `log.openai` or `log.general` says for its kind.
    pub log: Option<bool>,
    /// Whether its answers are cached; `None`: as `cache.openai` or `cache.general` says for its kind.
    pub cache: Option<bool>,
    /// How long an answer is served, `Some(None)`: without end; `None`: as `cache.ttl` says.
    pub cache_ttl: Option<Option<Duration>>,
    /// Keys of this upstream alone; empty: those of `api_key.openai_key`.
    pub upstream_keys: Vec<UpstreamKeyConfig>,
}

/// What an upstream speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// An OpenAI-style API.
    OpenAi,
    /// Anything over HTTP.
    General,
}

/// How upstreams are reached.
#[derive(Clone, Debug)]
pub struct UpstreamConfig {
    /// Bound on name resolution, TCP connect, proxy and TLS handshake together (`timeout`). Default 10 s.
    pub connect_timeout: Duration,
    /// Bound on the wait for the head of an answer; `None` (default) waits.
    pub first_byte_timeout: Option<Duration>,
    /// Bound on the silence within an answer; `None` (default) waits.
    pub idle_timeout: Option<Duration>,
    /// How long an idle upstream connection is kept for reuse. Default 90 s.
    pub pool_idle_timeout: Duration,
    /// When a request is sent again.
    pub retry: RetryConfig,
    /// Proxy for all upstreams that `no_proxy` does not exempt.
    pub proxy: Option<ProxyConfig>,
    /// PEM file with certificates trusted beside the system's (`SSL_CERT_FILE`).
    pub ca_file: Option<PathBuf>,
}

/// A proxy between the gateway and its upstreams.
#[derive(Clone, Debug)]
pub struct ProxyConfig {
    /// Kind of proxy.
    pub scheme: ProxyScheme,
    /// `host:port`.
    pub authority: String,
    /// User name and password of the proxy's URL, percent-decoded.
    pub credentials: Option<(String, Secret)>,
    /// Hosts reached directly, in the syntax of `NO_PROXY` (comma separated hosts, domains, addresses, CIDR, `*`).
    pub no_proxy: String,
}

/// As a URL, without its credentials.
impl fmt::Display for ProxyConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            ProxyScheme::Http => "http",
            ProxyScheme::Https => "https",
            ProxyScheme::Socks5 => "socks5",
            ProxyScheme::Socks5h => "socks5h",
        };
        let credentials = if self.credentials.is_some() { "…@" } else { "" };
        write!(f, "{scheme}://{credentials}{}", self.authority)
    }
}

/// Kinds of proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyScheme {
    /// Plain HTTP to the proxy: absolute-form for http upstreams, CONNECT for https ones.
    Http,
    /// The same over TLS to the proxy.
    Https,
    /// SOCKS5, names resolved here (`socks5://`).
    Socks5,
    /// SOCKS5, names resolved by the proxy (`socks5h://`).
    Socks5h,
}

/// When and how often a request is sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryConfig {
    /// How often a request is sent again at most. Default 3.
    pub attempts: u32,
    /// Wait before the first repetition; doubles for each further one. Default 200 ms.
    pub base_delay: Duration,
    /// Bound on one wait, also on a `Retry-After` of the upstream; a longer one is not waited for. Default 10 s.
    pub max_delay: Duration,
    /// Statuses (429, 5xx) upon which a request is sent again; empty by default.
    pub on_status: Vec<StatusCode>,
}

/// How frames of a streamed answer are sent (`rate_limit.iter_chunk`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IterChunk {
    /// What has arrived together leaves together.
    #[default]
    Efficiency,
    /// Each frame leaves apart.
    OneByOne,
}

/// Cross-origin resource sharing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Origins allowed.
    pub allow_origins: Origins,
    /// Whether credentialed requests are allowed.
    pub allow_credentials: bool,
    /// How long a browser may keep a preflight answer. Default 600 s.
    pub max_age: Duration,
}

/// Origins that a browser page may call from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Every origin.
    Any,
    /// These, compared exactly (`https://app.example`).
    List(Vec<String>),
}

/// What is written to standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    /// Filter: a level (`info`) or directives (`aifd_core=debug,warn`).
    pub level: String,
    /// Form of a line.
    pub format: LogFormat,
}

/// Form of a diagnostic line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
