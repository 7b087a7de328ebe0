//! Which of the APIs that the gateway knows a path of an openai route belongs to.

use crate::config::ApiPaths;
use aifd_log::Kind;

/// The API of a path in its [plain](crate::plain_path::plain) form, if its conversations are understood.
pub(crate) fn kind(api: &ApiPaths, path: &str) -> Option<Kind> {
    let ends = |suffix: &str| path.ends_with(suffix);
    if ends(&api.chat_completion) || ends("/chat/completions") {
        Some(Kind::Chat)
    } else if ends(&api.completion) || ends("/completions") {
        Some(Kind::Completion)
    } else if ends(&api.embedding) || ends("/embeddings") {
        Some(Kind::Embedding)
    } else if ends("/audio/transcriptions") || ends("/audio/translations") {
        Some(Kind::Whisper)
    } else if ends("/responses") {
        Some(Kind::Responses)
    } else if ends("/messages") && !path.contains("/threads/") {
        Some(Kind::Messages)
    } else {
        None
    }
}

/// Endpoints beside those whose answers depend on nothing but the request.
pub(crate) fn is_pure(path: &str) -> bool {
    const PURE: [&str; 6] = [
        "/audio/speech",
        "/images/generations",
        "/images/edits",
        "/images/variations",
        "/moderations",
        "/rerank",
    ];
    PURE.iter().any(|pure| path.ends_with(pure))
}
