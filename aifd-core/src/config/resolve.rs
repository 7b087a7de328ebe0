//! Loads the configuration: reads all sources, resolves every key, and reports all problems at once.

use super::{
    ApiPaths, CacheBackend, CacheConfig, CacheMode, CacheScope, CallerBounds, Config, ConsoleConfig,
    CustomModel, DataDir, Diagnostics, IterChunk, LogFormat, Price, check, credentials,
    keys::Key,
    limits, near, network,
    node::{Node, Value},
    origin::Origin,
    problem::{Found, Problem, Problems, Severity, What, in_order},
    reader::{Reader, wrong},
    routes, scalar,
    setting::{self, Setting},
    sources::{self, Sources},
    url,
};
use aifd_log::{
    LineFormat, LogSettings, Media, RotationSize,
    redact::{Builtin, Redactions, Redactor},
    rotation::{Keep, Packing},
};
use std::{collections::BTreeMap, num::NonZeroUsize, path::PathBuf, thread};

/// A configuration without errors.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the gateway runs by.
    pub config: Config,
    /// What is worth telling.
    pub warnings: Vec<Problem>,
    /// Settings that were made and do nothing (yet).
    pub not_in_effect: Vec<Setting>,
    /// The file that was read, as it was named.
    pub file: Option<PathBuf>,
    settings: Vec<Setting>,
}

impl Loaded {
    /// Every key, its value with credentials masked, and where it came from.
    pub fn settings(&self) -> Vec<Setting> {
        self.settings.clone()
    }
}

/// Reads and resolves the configuration.
///
/// # Errors
/// Every problem that keeps the gateway from starting, and the warnings among them, at once.
pub fn load(sources: &Sources) -> Result<Loaded, Problems> {
    let gathered = sources::gather(sources);
    let mut reader = Reader::new(&gathered.given, &sources.directory, gathered.problems);
    let config = config(&mut reader);
    check::across(&mut reader, &config);
    let problems = in_order(reader.problems);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(Problems(problems));
    }
    let settings = setting::all(&gathered.given, &config);
    let not_in_effect = setting::not_in_effect(&settings);
    Ok(Loaded { config, warnings: problems, not_in_effect, file: gathered.file, settings })
}

pub(super) fn config(reader: &mut Reader<'_>) -> Config {
    Config {
        routes: routes::read(reader),
        listen: network::listen(reader),
        tls: network::tls(reader),
        workers: workers(reader),
        shutdown_grace: reader.duration("shutdown_grace"),
        caller: CallerBounds {
            max_header_size: reader.size("max_header_size"),
            max_body_size: reader.size_bound("max_body_size"),
            body_timeout: reader.bound("body_timeout"),
            header_timeout: reader.duration("header_timeout"),
            keepalive_timeout: reader.duration("keepalive_timeout"),
        },
        upstream: network::upstream(reader),
        iter_chunk: match reader.choice("rate_limit.iter_chunk") {
            "one-by-one" => IterChunk::OneByOne,
            _ => IterChunk::Efficiency,
        },
        cors: network::cors(reader),
        benchmark_mode: reader.boolean("benchmark_mode"),
        diagnostics: Diagnostics {
            level: reader.word("log_level", network::filter),
            format: match reader.choice("log_format") {
                "json" => LogFormat::Json,
                _ => LogFormat::Text,
            },
        },
        data_dir: DataDir {
            path: reader.path("data_dir").unwrap_or_default(),
            named: reader.origin("data_dir") != Origin::Default,
        },
        access: credentials::access(reader),
        limits: limits::read(reader),
        cache: cache(reader),
        logs: logs(reader),
        console: console(reader),
        custom_model: reader.parts("custom_model_config", custom_model),
        api_paths: api_paths(reader),
        default_stream_response: reader.boolean("default_stream_response"),
        timezone: reader.text("tz"),
    }
}

fn workers(reader: &mut Reader<'_>) -> NonZeroUsize {
    let workers = reader.integer("workers").and_then(|n| usize::try_from(n).ok()).and_then(NonZeroUsize::new);
    workers.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

fn cache(reader: &mut Reader<'_>) -> CacheConfig {
    CacheConfig {
        openai: reader.boolean("cache.openai"),
        general: reader.boolean("cache.general"),
        routes: reader.texts("cache.routes"),
        default_request_caching: reader.boolean("cache.default_request_caching_value"),
        backend: match reader.choice("cache.backend") {
            "LMDB" => CacheBackend::Lmdb,
            "LevelDB" => CacheBackend::LevelDb,
            "memory" => CacheBackend::Memory,
            _ => CacheBackend::Sled,
        },
        root: reader.path("cache.root_path_or_url"),
        mode: match reader.choice("cache.mode") {
            "record" => CacheMode::Record,
            "replay" => CacheMode::Replay,
            "refresh" => CacheMode::Refresh,
            "off" => CacheMode::Off,
            _ => CacheMode::Normal,
        },
        real_timing: reader.choice("cache.timing") == "real",
        scope: match reader.choice("cache.scope") {
            "key" => CacheScope::Key,
            "global" => CacheScope::Global,
            _ => CacheScope::Level,
        },
        ttl: reader.bound("cache.ttl"),
        negative_ttl: reader.bound("cache.negative_ttl"),
        variants: reader.integer("cache.variants").and_then(|n| u8::try_from(n).ok()).unwrap_or(1),
        max_entry: reader.size("cache.max_entry_size"),
        max_size: reader.size("cache.max_size") as u64,
        memory_size: reader.size("cache.memory_size"),
        ignore: reader.texts("cache.ignore"),
        content_filter: reader.boolean("cache.content_filter"),
        count_tokens: reader.boolean("cache.count_tokens"),
        prices: reader.parts("cache.prices", prices),
    }
}

fn prices(reader: &mut Reader<'_>, key: &Key, node: &Node) -> Vec<Price> {
    let Value::Map(entries) = &node.value else {
        reader.error(&node.origin, key.path, wrong(&key.kind, node));
        return Vec::new();
    };
    let mut prices = Vec::new();
    for entry in entries {
        let two: Vec<f64> =
            reader.items(key, &entry.value).iter().filter_map(|(text, _)| scalar::price(text)).collect();
        match two[..] {
            [prompt, completion] => prices.push(Price { model: entry.name.clone(), prompt, completion }),
            _ => {
                let path = format!("{}.{}", key.path, entry.name);
                reader.error(&entry.value.origin, path, wrong(&key.kind, &entry.value));
            }
        }
    }
    prices
}

fn logs(reader: &mut Reader<'_>) -> LogSettings {
    LogSettings {
        openai: reader.boolean("log.openai"),
        general: reader.boolean("log.general"),
        print_chat: reader.boolean("print_chat"),
        dir: reader.path("log.dir").unwrap_or_default(),
        format: match reader.choice("log.format") {
            "jsonl" | "json" => LineFormat::Json,
            _ => LineFormat::Python,
        },
        media: match reader.choice("log.media") {
            "digest" => Media::Digest,
            _ => Media::Keep,
        },
        max_body: reader.size("log.max_body"),
        rotate_size: rotation_size(reader),
        rotate_daily: reader.boolean("log.rotate_daily"),
        keep: reader.word("log.keep", keep),
        packing: match reader.choice("log.compress") {
            "gzip" => Packing::Gzip,
            "zstd" => Packing::Zstd,
            _ => Packing::Plain,
        },
        redact: reader.parts("log.redact", redactions),
    }
}

fn rotation_size(reader: &mut Reader<'_>) -> RotationSize {
    reader.word("log.rotate_size", |text| match scalar::is_off(text) {
        true => Some(RotationSize::Unbounded),
        false => scalar::size(text).map(|size| match size {
            0 => RotationSize::Unbounded,
            bytes => RotationSize::Bytes(bytes),
        }),
    })
}

/// A plain word names a built-in pattern, anything else is a regular expression.
fn redactions(reader: &mut Reader<'_>, key: &Key, node: &Node) -> Redactions {
    let mut redactions = Redactions::default();
    for (text, origin) in reader.items(key, node) {
        let word = text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
        if let Ok(named) = Builtin::named(&text) {
            redactions.builtin.extend(named);
        } else if word {
            let nearest = near::nearest(&text, Builtin::NAMES);
            let expected = format!("{} or a regular expression", Builtin::NAMES.join(", "));
            let what =
                What::Wrong { expected, found: Found::Text(text), nearest: nearest.map(str::to_owned) };
            reader.error(&origin, key.path, what);
        } else {
            let alone = Redactions { own: vec![text.clone()], ..Redactions::default() };
            match Redactor::new(&alone, [""; 0]) {
                Ok(_) => redactions.own.push(text),
                Err(error) => reader.error(&origin, key.path, What::Redaction(reason(&error))),
            }
        }
    }
    redactions
}

/// What is wrong with an expression, and why: the last line of what the parser says.
fn reason(error: &dyn std::error::Error) -> String {
    let why = error.source().map(ToString::to_string).unwrap_or_default();
    match why.lines().last() {
        Some(why) => format!("{error}: {}", why.trim_start_matches("error: ")),
        None => error.to_string(),
    }
}

/// A bare number counts files, one with a unit bytes; 0 of either is no bound, as it is everywhere.
fn keep(text: &str) -> Option<Keep> {
    if scalar::is_off(text) {
        return Some(Keep::All);
    }
    match scalar::integer(text) {
        Some(0) => Some(Keep::All),
        Some(files) => usize::try_from(files).ok().map(Keep::Files),
        None => scalar::size(text).map(|bytes| if bytes == 0 { Keep::All } else { Keep::Bytes(bytes) }),
    }
}

fn console(reader: &mut Reader<'_>) -> ConsoleConfig {
    // openai-forward's ports are read for their form only.
    reader.port("webui_restart_port");
    reader.port("webui_log_port");
    reader.text("openai_forward_host");
    reader.boolean("log_cache_db_info");
    ConsoleConfig {
        enabled: reader.boolean("webui.enabled"),
        host: network::address(reader, "webui.host"),
        port: reader.port("webui.port"),
    }
}

fn api_paths(reader: &mut Reader<'_>) -> ApiPaths {
    let mut path = |key| -> Option<String> {
        reader.word(key, |text| {
            let path = routes::normalised(text).ok()?;
            Some(Some(routes::shown(&path).to_lowercase()))
        })
    };
    ApiPaths {
        chat_completion: path("chat_completion_route").unwrap_or_default(),
        completion: path("completion_route").unwrap_or_default(),
        embedding: path("embedding_route").unwrap_or_default(),
        custom_general: path("custom_general_route"),
    }
}

fn custom_model(reader: &mut Reader<'_>, key: &Key, node: &Node) -> Option<CustomModel> {
    let Value::Map(entries) = &node.value else {
        reader.error(&node.origin, key.path, wrong(&key.kind, node));
        return None;
    };
    let (mut backend, mut api_base, mut model_map) = (None, None, BTreeMap::new());
    for entry in entries.iter().filter(|entry| !entry.value.is_empty()) {
        let path = format!("{}.{}", key.path, super::mask::name(&entry.name));
        match (entry.name.as_str(), entry.value.text(), &entry.value.value) {
            ("backend", Some(text), _) => backend = Some(text.to_owned()),
            ("api_base", Some(text), _) => match url::base_url(text) {
                Ok(url) => api_base = Some(url),
                Err(fault) => reader.error(&entry.value.origin, path, What::BaseUrl(fault)),
            },
            ("model_map", _, Value::Map(models)) => {
                let models = models.iter().filter_map(|m| Some((m.name.clone(), m.value.text()?.to_owned())));
                model_map.extend(models);
            }
            ("backend" | "api_base" | "model_map", _, _) => {
                reader.error(&entry.value.origin, path, wrong(&key.kind, &entry.value));
            }
            (name, _, _) => {
                let nearest = super::near::nearest(name, ["backend", "api_base", "model_map"]);
                let what = What::UnknownKey { nearest: nearest.map(str::to_owned) };
                reader.error(&entry.origin, path, what);
            }
        }
    }
    if backend.is_none() && !entries.is_empty() {
        let what = What::Missing { expected: "a back end like `ollama`" };
        reader.error(&node.origin, format!("{}.backend", key.path), what);
    }
    Some(CustomModel { backend: backend?, model_map, api_base })
}
