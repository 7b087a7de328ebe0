//! What differs from run to run and is no part of a promise, hidden from snapshots.

use crate::Response;

/// Settings for every snapshot: addresses, ids, dates and durations are replaced.
pub fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    for (pattern, replacement) in [
        (r"(127\.0\.0\.1|localhost|\[::1\]):\d+", "$1:[PORT]"),
        (r"(?i)(x-request-id: )\S+", "$1[ID]"),
        (r"(?i)\bdate: [^\r\n]+", "date: [DATE]"),
        (r#"("request_id": ?")[^"]+"#, "$1[ID]"),
        (r#"("(?:total|upstream)_ms": ?)[0-9.]+"#, "$1[MS]"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", "[TIME]"),
        (r"\(process \d+\)", "(process [PID])"),
        (r"aifd [0-9]+\.[0-9]+\.[0-9]+\S*", "aifd [VERSION]"),
        (r"aifd \(v[0-9]+\.[0-9]+\.[0-9]+\S*\)", "aifd ([VERSION])"),
    ] {
        settings.add_filter(pattern, replacement);
    }
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

/// Compares an answer by which the gateway refuses a request with the snapshot `name`; how long to wait, how much is
/// left and the end of a key are hidden too.
#[track_caller]
pub fn assert_refusal(name: &str, answer: &Response) {
    let mut settings = settings();
    for (pattern, replacement) in [
        (r"content-length: \d+", "content-length: [LENGTH]"),
        (r"fk-…\w*", "fk-…[END]"),
        (r"in \d+ s\b", "in [SECONDS] s"),
        (r"retry-after(-ms)?: \d+", "retry-after$1: [TIME]"),
        (r"(x-ratelimit-reset-\w+): \S+", "$1: [TIME]"),
        (r"(x-ratelimit-remaining-tokens): \d+", "$1: [TOKENS]"),
    ] {
        settings.add_filter(pattern, replacement);
    }
    settings.set_snapshot_path("../it/snapshots");
    settings.bind(|| insta::assert_snapshot!(name, answer));
}
