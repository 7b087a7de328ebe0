//! The one table of all keys: `config show`, `env`, `schema`, `init` and the reader itself go by it.

use super::keys::{Key, Kind, Status};
use Kind::{
    Address, Bool, Choice, CountOrOff, CustomModel, Duration, DurationOrOff, DurationOrZero, Filter,
    ForwardKeys, Integer, IpList, LevelModels, LimitBackend, Listen, Origins, Path, Prices, Proxy, Quota,
    RequestPath, RouteLimits, Routes, SizeOrOff, Statuses, Text, Texts, UpstreamKeys,
};

const PORT: Kind = Integer { min: 0, max: 65_535 };
/// The HTTP parser does not work with less than 8 KiB.
const HEAD_SIZE: Kind = Kind::Size { min: 8 << 10, max: 16 << 20 };
/// Bodies that a rule looks into are held whole.
const INSPECTED: Kind = Kind::Size { min: 1 << 10, max: 1 << 30 };
/// Answers are held whole while they come.
const ENTRY: Kind = Kind::Size { min: 1 << 10, max: 256 << 20 };
const CACHE: Kind = Kind::Size { min: 64 << 10, max: 1 << 50 };
const ELSEWHERE: &str = "aifd's console runs in the gateway's own process";
const ON: &[&str] = &[];

/// A key that is in effect, with its path, variables, form, default and meaning.
const fn key(
    path: &'static str,
    env: &'static [&'static str],
    kind: Kind,
    default: &'static str,
    meaning: &'static str,
) -> Key {
    let status = Status::InEffect;
    Key { path, also: ON, env, kind, default, meaning, status, machine_wide: false }
}

impl Key {
    const fn also(self, also: &'static [&'static str]) -> Key {
        Key { also, ..self }
    }

    const fn later(self) -> Key {
        Key { status: Status::NotYet, ..self }
    }

    const fn never(self, reason: &'static str) -> Key {
        Key { status: Status::NoEffect(reason), ..self }
    }

    const fn machine_wide(self) -> Key {
        Key { machine_wide: true, ..self }
    }
}

/// Every key, section by section.
#[rustfmt::skip]
pub(super) static KEYS: &[Key] = &[
    key("forward", &["FORWARD_CONFIG"], Routes, "[{\"base_url\": \"https://api.openai.com\", \"route\": \"/\", \"type\": \"openai\"}]",
        "Routes: requests below `route` go to `base_url`; `type` is `openai` or `general`."),

    key("host", &["AIFD_HOST"], Address, "0.0.0.0", "Address to listen on."),
    key("port", &["AIFD_PORT"], PORT, "8000", "Port to listen on; 0 lets the system choose."),
    key("listen", &["AIFD_LISTEN"], Listen, "", "Where to listen, in place of host and port: `unix:/path` or `address:port`."),
    key("ssl_certfile", &["ssl_certfile", "SSL_CERTFILE"], Path, "", "PEM file with the listener's certificate chain; with ssl_keyfile it serves https."),
    key("ssl_keyfile", &["ssl_keyfile", "SSL_KEYFILE"], Path, "", "PEM file with the listener's private key."),
    key("workers", &["AIFD_WORKERS"], Integer { min: 1, max: 1_024 }, "", "Worker threads; one per core if not set."),
    key("shutdown_grace", &["AIFD_SHUTDOWN_GRACE"], DurationOrZero, "30s", "How long running requests may go on after a stop was asked for."),
    key("max_header_size", &["AIFD_MAX_HEADER_SIZE"], HEAD_SIZE, "64KiB", "Size of a request head at most; past it: 431."),
    key("max_body_size", &["AIFD_MAX_BODY_SIZE"], SizeOrOff, "off", "Size of a request body at most; past it: 413."),
    key("header_timeout", &["AIFD_HEADER_TIMEOUT"], Duration, "30s", "How long a request head may take to arrive."),
    key("body_timeout", &["AIFD_BODY_TIMEOUT"], DurationOrOff, "60s", "How long nothing of a request body may come while it is waited for; past it: 408."),
    key("keepalive_timeout", &["AIFD_KEEPALIVE_TIMEOUT"], Duration, "75s", "How long an idle connection of a caller is kept."),

    key("timeout", &["TIMEOUT"], Duration, "10", "How long connecting to an upstream may take."),
    key("first_byte_timeout", &["AIFD_FIRST_BYTE_TIMEOUT"], DurationOrOff, "off", "How long the first byte of an answer may take."),
    key("idle_timeout", &["AIFD_IDLE_TIMEOUT"], DurationOrOff, "off", "How long an answer may be silent."),
    key("pool_idle_timeout", &["AIFD_POOL_IDLE_TIMEOUT"], DurationOrZero, "90s", "How long an idle connection to an upstream is kept for reuse."),
    key("proxy", &["PROXY"], Proxy, "", "Proxy for all upstreams: http, https, socks5 or socks5h."),
    key("no_proxy", &["NO_PROXY", "no_proxy"], Texts, "", "Hosts reached without the proxy: names, domains, addresses, networks, `*`.").machine_wide(),
    key("ca_file", &["AIFD_CA_FILE", "SSL_CERT_FILE"], Path, "", "PEM file with certificates trusted beside the system's.").machine_wide(),
    key("retry.attempts", &["AIFD_RETRY_ATTEMPTS"], Integer { min: 0, max: 100 }, "3", "How often a request is sent again at most."),
    key("retry.base_delay", &["AIFD_RETRY_BASE_DELAY"], DurationOrZero, "200ms", "Wait before the first repetition; doubles each time."),
    key("retry.max_delay", &["AIFD_RETRY_MAX_DELAY"], DurationOrZero, "10s", "Longest wait, also for a `retry-after` of the upstream."),
    key("retry.on_status", &["AIFD_RETRY_ON_STATUS"], Statuses, "[]", "Statuses upon which a request is sent again (429, 5xx)."),

    key("cors", &["AIFD_CORS"], Bool, "true", "Answers cross-origin requests of browsers; false leaves them to the upstream."),
    key("cors.allow_origins", &["AIFD_CORS_ALLOW_ORIGINS"], Origins, "*", "Origins allowed."),
    key("cors.allow_credentials", &["AIFD_CORS_ALLOW_CREDENTIALS"], Bool, "false", "Whether browsers may send credentials."),
    key("cors.max_age", &["AIFD_CORS_MAX_AGE"], DurationOrZero, "600", "How long a browser may keep a preflight answer."),
    key("log_level", &["AIFD_LOG_LEVEL"], Filter, "info", "What is written to standard error: a level or directives."),
    key("log_format", &["AIFD_LOG_FORMAT"], Choice(&["text", "json"]), "text", "Form of a line on standard error."),
    key("benchmark_mode", &["BENCHMARK_MODE"], Bool, "false", "Adds /benchmark/v1/chat/completions, which answers by itself."),

    key("api_key.openai_key", &["OPENAI_API_KEY_CONFIG"], UpstreamKeys, "{}", "API keys of the upstream, and the levels each serves."),
    key("api_key.forward_key", &["FORWARD_KEY_CONFIG"], ForwardKeys, "{}", "Keys that callers hold, by level."),
    key("api_key.level", &["LEVEL_MODELS"], LevelModels, "{}", "Models that each level may use; level 0 may use all."),
    key("ip_whitelist", &["IP_WHITELIST"], IpList, "[]", "Only these addresses and networks may call."),
    key("ip_blacklist", &["IP_BLACKLIST"], IpList, "[]", "These addresses and networks may not call."),

    key("access.require_forward_key", &["AIFD_REQUIRE_FORWARD_KEY"], Bool, "false", "Refuses a credential that is no forward key, instead of passing it on; `require_forward_key` of a route wins."),
    key("access.key_cooldown", &["AIFD_KEY_COOLDOWN"], Duration, "60s", "How long an upstream key that the provider refused is set aside."),
    key("access.max_inspected_body", &["AIFD_MAX_INSPECTED_BODY"], INSPECTED, "64MiB", "Size of a body at most where a rule has to look into it; past it: 413."),
    key("trusted_proxies", &["AIFD_TRUSTED_PROXIES"], IpList, "[]", "Proxies in front: their `x-forwarded-for` tells the caller's address."),
    key("proxy_protocol", &["AIFD_PROXY_PROTOCOL"], Bool, "false", "Connections of trusted_proxies begin with a PROXY protocol header (v1 or v2)."),
    key("data_dir", &["AIFD_DATA_DIR"], Path, "./.aifd", "Folder of the store (keys, usage) and of the control socket."),

    key("rate_limit.global_rate_limit", &["GLOBAL_RATE_LIMIT"], Quota, "inf", "Limit of each key on each path that has no limit of its own.").also(&["global_rate_limit"]),
    key("rate_limit.req_rate_limit", &["REQ_RATE_LIMIT"], RouteLimits, "[]", "Limits of requests, by route and level.").also(&["req_rate_limit"]),
    key("rate_limit.token_rate_limit", &["TOKEN_RATE_LIMIT"], RouteLimits, "[]", "Pace of streamed answers, by route and level.").also(&["token_rate_limit"]),
    key("rate_limit.token_quota", &["AIFD_TOKEN_QUOTA"], RouteLimits, "[]", "Quotas of tokens, prompts and answers together, by route (a path prefix) and level."),
    key("rate_limit.max_concurrent", &["AIFD_MAX_CONCURRENT"], CountOrOff, "off", "Requests under way at once at most, of all callers."),
    key("rate_limit.queue_timeout", &["AIFD_QUEUE_TIMEOUT"], DurationOrOff, "off", "How long a request may wait where too many are under way; off: refused at once."),
    key("rate_limit.strategy", &["RATE_LIMIT_STRATEGY"], Choice(&["fixed-window", "moving-window", "fixed-window-elastic-expiry", "sliding-window-counter"]), "fixed-window", "How requests are counted.").also(&["rate_limit_strategy"]),
    key("rate_limit.req_rate_limit_backend", &["REQ_RATE_LIMIT_BACKEND"], LimitBackend, "memory", "Where the counters of limits are kept.").also(&["req_rate_limit_backend", "rate_limit.backend"]),
    key("rate_limit.iter_chunk", &["ITER_CHUNK_TYPE"], Choice(&["efficiency", "one-by-one"]), "efficiency", "Whether frames of a stream that arrive together leave together.").also(&["iter_chunk"]),

    key("cache.openai", &["CACHE_OPENAI"], Bool, "false", "Caches answers of openai routes; `cache` of a route wins."),
    key("cache.general", &["CACHE_GENERAL"], Bool, "false", "Caches answers of general routes; `cache` of a route wins."),
    key("cache.routes", &["CACHE_ROUTES"], Texts, "[]", "Paths whose answers are cached; all that can be if empty."),
    key("cache.default_request_caching_value", &["DEFAULT_REQUEST_CACHING_VALUE"], Bool, "false", "Whether a request of an openai route that does not say `caching` uses the cache."),
    key("cache.backend", &["CACHE_BACKEND"], Choice(&["sled", "memory", "LMDB", "LevelDB"]), "sled", "Where cached answers are kept: on disk, or in memory alone."),
    key("cache.root_path_or_url", &["CACHE_ROOT_PATH_OR_URL"], Path, "", "Folder of a cache on disk; `cache` in data_dir if not set."),
    key("cache.mode", &["AIFD_CACHE_MODE"], Choice(&["normal", "record", "replay", "refresh", "off"]), "normal", "How the cache is used: record keeps timing too, replay answers from it alone, refresh stores without reading."),
    key("cache.timing", &["AIFD_CACHE_TIMING"], Choice(&["fast", "real"]), "fast", "Whether streams that were recorded are replayed at once, or in the time that they took."),
    key("cache.scope", &["AIFD_CACHE_SCOPE"], Choice(&["level", "key", "global"]), "level", "Who shares answers: callers of one level and upstream account, of one key, or all."),
    key("cache.ttl", &["AIFD_CACHE_TTL"], DurationOrOff, "off", "How long an answer is served; `cache_ttl` of a route wins."),
    key("cache.negative_ttl", &["AIFD_CACHE_NEGATIVE_TTL"], DurationOrOff, "off", "How long a refusal of the upstream (400, 404, 405, 410, 413, 415, 422) is served; off: none is stored."),
    key("cache.variants", &["AIFD_CACHE_VARIANTS"], Integer { min: 1, max: 100 }, "1", "Different answers that are kept of one request; one of them is served at random."),
    key("cache.max_entry_size", &["AIFD_CACHE_MAX_ENTRY_SIZE"], ENTRY, "4MiB", "Size of an answer at most that is cached."),
    key("cache.max_size", &["AIFD_CACHE_MAX_SIZE"], CACHE, "1GiB", "Size of the cache on disk at most; what was not used for longest goes first."),
    key("cache.memory_size", &["AIFD_CACHE_MEMORY_SIZE"], CACHE, "64MiB", "Bytes of answers that are kept in memory at most."),
    key("cache.ignore", &["AIFD_CACHE_IGNORE"], Texts, "[]", "Further fields of a request that do not change its answer."),
    key("cache.content_filter", &["AIFD_CACHE_CONTENT_FILTER"], Bool, "true", "Whether answers that a content filter ended are stored."),
    key("cache.prices", &["AIFD_CACHE_PRICES"], Prices, "{}", "Prices of a million tokens of prompts and of answers, by model (`*` stands for any text): what hits saved is told in money."),
    key("cache.count_tokens", &["AIFD_CACHE_COUNT_TOKENS"], Bool, "false", "Whether an answer out of the cache costs its tokens; it costs a request in any case."),

    key("log.openai", &["LOG_OPENAI"], Bool, "false", "Logs chats, completions and embeddings of openai routes; `log` of a route wins."),
    key("log.general", &["LOG_GENERAL"], Bool, "false", "Logs requests of general routes; `log` of a route wins."),
    key("log.dir", &["AIFD_LOG_DIR"], Path, "./Log", "Folder of the chat logs."),
    key("log.format", &["AIFD_CHAT_LOG_FORMAT"], Choice(&["python", "jsonl", "json"]), "python", "Lines of the chat logs: Python literals as openai-forward writes them, or one JSON object for each exchange."),
    key("log.media", &["AIFD_LOG_MEDIA"], Choice(&["keep", "digest"]), "keep", "Images, sound and files in base64: logged as they are, or as their digest and size."),
    key("log.max_body", &["AIFD_LOG_MAX_BODY"], INSPECTED, "64MiB", "Size of a body that is logged at most. Of a longer request only the fields that end before it are logged, of a longer answer what stands before it; its line tells how long it was."),
    key("log.rotate_size", &["AIFD_LOG_ROTATE_SIZE"], SizeOrOff, "", "Size after which a log is set aside; off or 0: never. As openai-forward if not set: 50MB, embeddings 100MB, whisper 30MB."),
    key("log.rotate_daily", &["AIFD_LOG_ROTATE_DAILY"], Bool, "false", "Sets a log aside with the first line of each day."),
    key("log.keep", &["AIFD_LOG_KEEP"], Kind::Keep, "off", "How many rotated files of a log are kept, or how many bytes of them; the oldest go first. off or 0: all are kept."),
    key("log.compress", &["AIFD_LOG_COMPRESS"], Choice(&["off", "gzip", "zstd"]), "off", "How rotated logs are compressed."),
    key("log.redact", &["AIFD_LOG_REDACT"], Texts, "[]", "What is cut out of logs before they are written: api_keys, bearer_tokens, emails, cards, phones, all, and regular expressions."),
    key("print_chat", &["PRINT_CHAT"], Bool, "false", "Prints chats on standard output for people to read."),
    key("tz", &["TZ"], Text, "", "Time zone of the times in chat logs, like `Asia/Shanghai`; the system's if not set.").also(&["timezone"]).machine_wide(),

    key("default_stream_response", &["DEFAULT_STREAM_RESPONSE"], Bool, "true", "Whether an answer is streamed when the request does not say.").later(),
    key("chat_completion_route", &["CHAT_COMPLETION_ROUTE"], RequestPath, "/v1/chat/completions", "Path of chat completions below a route."),
    key("completion_route", &["COMPLETION_ROUTE"], RequestPath, "/v1/completions", "Path of completions below a route."),
    key("embedding_route", &["EMBEDDING_ROUTE"], RequestPath, "/v1/embeddings", "Path of embeddings below a route."),
    key("custom_general_route", &["CUSTOM_GENERAL_ROUTE"], RequestPath, "", "A path of general routes whose model is checked."),
    key("custom_model_config", &["CUSTOM_MODEL_CONFIG"], CustomModel, "{}", "Another back end (ollama) that answers for some models.").later(),

    key("webui.enabled", &["AIFD_WEBUI"], Bool, "false", "Serves the web console.").later(),
    key("webui.host", &["AIFD_UI_HOST"], Address, "127.0.0.1", "Address of the web console.").later(),
    key("webui.port", &["AIFD_UI_PORT"], PORT, "8001", "Port of the web console.").later(),
    key("webui_restart_port", &["WEBUI_RESTART_PORT"], PORT, "15555", "openai-forward's port for restarts.").never(ELSEWHERE),
    key("webui_log_port", &["WEBUI_LOG_PORT"], PORT, "15556", "openai-forward's port for logs.").never(ELSEWHERE),
    key("openai_forward_host", &["OPENAI_FORWARD_HOST"], Text, "localhost", "Where openai-forward's console finds its gateway.").never(ELSEWHERE),
    key("log_cache_db_info", &["LOG_CACHE_DB_INFO"], Bool, "false", "Log lines of openai-forward's cache library.").never("`log_level` decides what is logged"),
];
