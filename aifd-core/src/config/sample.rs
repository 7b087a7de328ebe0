//! The commented file that `aifd config init` writes.

use super::{
    keys::{Key, Kind, Status},
    table::KEYS,
};
use std::fmt::Write;

const HEAD: &str = "\
# Configuration of aifd. To set a key, take away the `#` before it and before its section;
# what stands after a key is its default.
# `aifd config check` tells what is wrong, `aifd config show` what is in force.
# ${NAME} and ${NAME:-default} stand for variables of the environment; `$${` is a literal `${`.
# Keys of the upstream and of callers may be read from files: `file:/run/secrets/key`.

forward:
  - base_url: https://api.openai.com
    route: /
    type: openai
    # Also, each route by itself: `upstream_auth` (where the upstream looks for its key: `same` as the caller's, `bearer`,
    # `x-api-key`, `header:NAME`, `query:NAME`), `require_forward_key` (`true` or `false`) and `openai_key` (keys of this
    # upstream alone, in the form of `api_key.openai_key`).
";

/// A file that sets the defaults, with every other key in comments.
pub fn sample() -> String {
    let mut text = HEAD.to_owned();
    let mut section = "";
    let wanted = |key: &&Key| !matches!(key.status, Status::NoEffect(_)) && key.path != "forward";
    for key in KEYS.iter().filter(wanted) {
        let (within, name) = key.path.split_once('.').unwrap_or(("", key.path));
        if within != section && !within.is_empty() {
            let _ = write!(text, "\n#{within}:");
        }
        section = within;
        let indent = if within.is_empty() { "" } else { "  " };
        let later = if key.status == Status::NotYet { " (not yet in effect)" } else { "" };
        let _ = write!(text, "\n# {}{later}\n", key.meaning);
        // A switch that is also a section cannot be set beside the section's keys.
        let mark = if key.path == "cors" { "# e.g. " } else { "#" };
        let space = if key.default.is_empty() { "" } else { " " };
        let _ = writeln!(text, "{mark}{indent}{name}:{space}{}", example(key));
    }
    text
}

/// The default as YAML, or an example where the default says nothing.
fn example(key: &Key) -> String {
    match (key.path, key.kind) {
        ("api_key.openai_key", _) => "{\"${OPENAI_API_KEY:-sk-example}\": [0]}".into(),
        ("api_key.forward_key", _) => "{0: [\"fk-example\"]}".into(),
        ("api_key.level", _) => "{1: [\"gpt-4o-mini\"]}".into(),
        ("rate_limit.req_rate_limit", _) => {
            "[{route: /v1/chat/completions, value: [{level: 0, limit: 100/2minutes}]}]".into()
        }
        ("rate_limit.token_rate_limit", _) => {
            "[{route: /v1/chat/completions, value: [{level: 0, limit: 60/second}]}]".into()
        }
        ("rate_limit.token_quota", _) => "[{route: /v1, value: [{level: 1, limit: 1000000/day}]}]".into(),
        ("ip_whitelist", _) => "[]  # [198.51.100.0/24, \"2001:db8::/32\"]".into(),
        ("ip_blacklist", _) => "[]  # [192.0.2.7]".into(),
        ("trusted_proxies", _) => "[]  # [127.0.0.1, 10.0.0.0/8]".into(),
        ("rate_limit.max_concurrent", _) => "off  # 100".into(),
        ("rate_limit.queue_timeout", _) => "off  # 10s".into(),
        ("listen", _) => "  # unix:/run/aifd.sock".into(),
        ("ssl_certfile", _) => "  # cert.pem".into(),
        ("ssl_keyfile", _) => "  # key.pem".into(),
        ("proxy", _) => "  # http://127.0.0.1:7890".into(),
        ("no_proxy", _) => "  # localhost,.internal,10.0.0.0/8".into(),
        ("ca_file", _) => "  # /etc/ssl/company.pem".into(),
        ("tz", _) => "  # Asia/Shanghai".into(),
        ("custom_general_route", _) => "  # /v1/models/gemini-pro".into(),
        (_, Kind::Origins) => "\"*\"".into(),
        _ => key.default.to_owned(),
    }
}
