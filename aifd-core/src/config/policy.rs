//! The resolved settings of access, limits, cache and console.

use crate::{limit::quota::Quotas, secret::Secret};
use http::{HeaderName, Uri};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, net::IpAddr, path::PathBuf, time::Duration};

/// openai-forward's word for what a key may do; level 0 may do everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Level(pub u32);

/// Who may call, with which keys.
#[derive(Clone, Debug, Default)]
pub struct AccessConfig {
    /// Keys of the upstream, in the order of the file.
    pub upstream_keys: Vec<UpstreamKeyConfig>,
    /// Keys that callers hold; distinct.
    pub forward_keys: Vec<ForwardKeyConfig>,
    /// Models that a level may use.
    pub level_models: BTreeMap<Level, Vec<String>>,
    /// Only these may call; empty: everybody.
    pub ip_allow: Vec<IpNet>,
    /// These may not call.
    pub ip_deny: Vec<IpNet>,
    /// Whether a credential that is no forward key is refused; a route may say otherwise.
    pub require_forward_key: bool,
    /// How long an upstream key that the provider refused is set aside. Default 60 s.
    pub key_cooldown: Duration,
    /// Bytes of a body that are read at most where a rule has to look into it. Default 64 MiB.
    pub max_inspected_body: usize,
    /// Peers whose `x-forwarded-for` and PROXY protocol are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether connections of trusted proxies begin with a PROXY protocol header.
    pub proxy_protocol: bool,
}

/// Where an upstream looks for a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum CredentialPlace {
    /// Where the caller put its own.
    #[default]
    Same,
    /// `Authorization: Bearer …`
    Bearer,
    /// This header (`x-api-key`, `api-key`, `x-goog-api-key`), the credential alone.
    Header(HeaderName),
    /// This query parameter (`key`).
    Query(String),
}

/// As it stands in a file.
impl fmt::Display for CredentialPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CredentialPlace::Same => f.write_str("same"),
            CredentialPlace::Bearer => f.write_str("bearer"),
            CredentialPlace::Header(name) => write!(f, "header:{name}"),
            CredentialPlace::Query(name) => write!(f, "query:{name}"),
        }
    }
}

/// A key of the upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamKeyConfig {
    /// The key.
    pub key: Secret,
    /// Levels it serves.
    pub levels: Vec<Level>,
}

/// A key that callers hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardKeyConfig {
    /// The key.
    pub key: Secret,
    /// Its level.
    pub level: Level,
}

/// How much a caller may ask for.
#[derive(Clone, Debug, Default)]
pub struct LimitsConfig {
    /// Requests, by route, in the order of the file.
    pub requests: Vec<RouteLimit>,
    /// Pieces of streamed answers, by route.
    pub tokens: Vec<RouteLimit>,
    /// Requests on each path without a limit of its own.
    pub global: Quotas,
    /// Tokens of prompts and answers, by route (a path prefix) and level.
    pub token_quotas: Vec<RouteLimit>,
    /// Requests under way at once, of all callers; `None`: unbounded.
    pub max_concurrent: Option<usize>,
    /// How long a request may wait for others to end where `max_concurrent` or its key's bound is reached; zero: not.
    pub queue_timeout: Duration,
    /// How requests are counted.
    pub strategy: Strategy,
    /// Where counters are kept.
    pub backend: LimitBackend,
}

/// The limits of one route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteLimit {
    /// The path they hold for.
    pub route: String,
    /// A limit for each level.
    pub limits: Vec<LevelLimit>,
}

/// The limit of a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelLimit {
    /// The level; `None`: every level.
    pub level: Option<Level>,
    /// The limit.
    pub quotas: Quotas,
}

/// How requests are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// In windows that begin with the first request.
    #[default]
    FixedWindow,
    /// In the period before each request.
    MovingWindow,
    /// In windows that each request extends.
    FixedWindowElasticExpiry,
    /// In two neighbouring windows, weighted.
    SlidingWindowCounter,
}

/// Where counters of limits are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LimitBackend {
    /// In this process.
    #[default]
    Memory,
}

/// What is cached, and where.
#[derive(Clone, Debug)]
pub struct CacheConfig {
    /// Answers of openai routes.
    pub openai: bool,
    /// Answers of general routes.
    pub general: bool,
    /// Paths whose answers are cached; all that can be if empty.
    pub routes: Vec<String>,
    /// Whether a request of an openai route that does not say uses the cache.
    pub default_request_caching: bool,
    /// Where entries are kept.
    pub backend: CacheBackend,
    /// Folder of a cache on disk, where one was named.
    pub root: Option<PathBuf>,
    /// How it is used.
    pub mode: CacheMode,
    /// Recorded streams are replayed in the time that they took.
    pub real_timing: bool,
    /// Who shares answers.
    pub scope: CacheScope,
    /// How long an answer is served; `None`: without end.
    pub ttl: Option<Duration>,
    /// How long a refusal of the upstream is served; `None`: none is stored.
    pub negative_ttl: Option<Duration>,
    /// Different answers that are kept of one request.
    pub variants: u8,
    /// Bytes of an answer at most.
    pub max_entry: usize,
    /// Bytes on disk at most.
    pub max_size: u64,
    /// Bytes in memory at most.
    pub memory_size: usize,
    /// Further fields of a request that do not change its answer.
    pub ignore: Vec<String>,
    /// Answers that a content filter ended are stored.
    pub content_filter: bool,
    /// An answer out of the cache costs its tokens.
    pub count_tokens: bool,
    /// What tokens cost, the first that fits a model.
    pub prices: Vec<Price>,
}

impl super::Config {
    /// Where the cache lies on disk, if it shall: in the data folder, or beside openai-forward's `CACHE_DB-lmdb` in a folder
    /// that was named.
    pub fn cache_folder(&self) -> Option<PathBuf> {
        match (self.cache.backend, &self.cache.root) {
            (CacheBackend::Memory, _) => None,
            (_, Some(root)) => Some(root.join("CACHE_DB-aifd")),
            (_, None) => Some(self.data_dir.path.join("cache")),
        }
    }
}

/// Where cached answers are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheBackend {
    /// In memory.
    Memory,
    /// On disk; openai-forward's LMDB, in whose place sled serves.
    Lmdb,
    /// On disk; openai-forward's LevelDB, in whose place sled serves.
    LevelDb,
    /// On disk.
    #[default]
    Sled,
}

/// What a model's tokens cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// Pattern of the model; `*` stands for any text.
    pub model: String,
    /// A million tokens of prompts.
    pub prompt: f64,
    /// A million tokens of answers.
    pub completion: f64,
}

/// How the cache is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheMode {
    /// It is read and written.
    #[default]
    Normal,
    /// The same, and the times of a stream's pieces are kept; every request takes part.
    Record,
    /// It alone answers.
    Replay,
    /// It is written and not read.
    Refresh,
    /// Neither.
    Off,
}

/// Who shares answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheScope {
    /// Callers of one level, and of one upstream account.
    #[default]
    Level,
    /// Those who show the same key.
    Key,
    /// All.
    Global,
}

/// The web console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleConfig {
    /// Whether it is served.
    pub enabled: bool,
    /// Address to bind.
    pub host: IpAddr,
    /// Port to bind.
    pub port: u16,
}

/// Another back end that answers for some models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomModel {
    /// Its kind (`ollama`).
    pub backend: String,
    /// Model asked for → model used.
    pub model_map: BTreeMap<String, String>,
    /// Where it is reached.
    pub api_base: Option<Uri>,
}

/// Paths below a route that mean something to the gateway; lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiPaths {
    /// Chat completions.
    pub chat_completion: String,
    /// Completions.
    pub completion: String,
    /// Embeddings.
    pub embedding: String,
    /// A path of general routes whose model is checked.
    pub custom_general: Option<String>,
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Strategy::FixedWindow => "fixed-window",
            Strategy::MovingWindow => "moving-window",
            Strategy::FixedWindowElasticExpiry => "fixed-window-elastic-expiry",
            Strategy::SlidingWindowCounter => "sliding-window-counter",
        })
    }
}

impl fmt::Display for CacheBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CacheBackend::Memory => "MEMORY",
            CacheBackend::Lmdb => "LMDB",
            CacheBackend::LevelDb => "LevelDB",
            CacheBackend::Sled => "sled",
        })
    }
}

impl fmt::Display for LimitBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LimitBackend::Memory => f.write_str("memory"),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
