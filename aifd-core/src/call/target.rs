//! The model that a request's path or query names.

use super::CallFault;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// What follows the last `:` of a path of Google's APIs. A model's own name may have colons too
/// (`ft:gpt-4o:org::id`), so only these are cut off.
const VERBS: [&str; 26] = [
    "asyncBatchEmbedContent",
    "batchEmbedContents",
    "batchEmbedText",
    "batchGenerateContent",
    "computeTokens",
    "countMessageTokens",
    "countTextTokens",
    "countTokens",
    "directPredict",
    "directRawPredict",
    "embedContent",
    "embedText",
    "explain",
    "fetchPredictOperation",
    "generateAnswer",
    "generateContent",
    "generateMessage",
    "generateText",
    "predict",
    "predictLongRunning",
    "rawPredict",
    "serverStreamingPredict",
    "streamDirectPredict",
    "streamGenerateContent",
    "streamRawPredict",
    "streamingPredict",
];

/// The model that a path names: what follows a segment `models` (OpenAI's `/v1/models/{id}`, where the rest of the path
/// is the id; Gemini's and Vertex' `/v1beta/models/{model}:{verb}`, without the verb), or one segment after `deployments`
/// (Azure's `/openai/deployments/{id}/…`), `engines` (as OpenAI's older paths) or `model` (Bedrock's). Some servers take
/// such a segment in any case. Percent escapes are resolved, once; what is not UTF-8 becomes U+FFFD.
pub(crate) fn path_model(path: &str) -> Option<Cow<'_, str>> {
    let mut rest = path;
    while let Some(end) = memchr::memchr(b'/', rest.as_bytes()) {
        let (segment, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        // Only these lengths come into question, and whatever may be decoded.
        if !matches!(segment.len(), 5..=7 | 11) && memchr::memchr(b'%', segment.as_bytes()).is_none() {
            continue;
        }
        let segment = decoded(segment);
        let is_one_of = |names: &[&str]| names.iter().any(|name| segment.eq_ignore_ascii_case(name));
        if is_one_of(&["models", "tunedModels"]) {
            return named(decoded(after.trim_matches('/')), without_verb);
        }
        if is_one_of(&["deployments", "engines", "model"]) {
            let segment = after.split('/').next().unwrap_or_default();
            return named(decoded(segment), |model| model);
        }
    }
    None
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

fn named(text: Cow<'_, str>, part: fn(&str) -> &str) -> Option<Cow<'_, str>> {
    let model = match text {
        Cow::Borrowed(text) => Cow::Borrowed(part(text)),
        Cow::Owned(text) => Cow::Owned(part(&text).to_owned()),
    };
    (!model.is_empty()).then_some(model)
}

fn without_verb(text: &str) -> &str {
    match text.rsplit_once(':') {
        Some((model, verb)) if VERBS.contains(&verb) => model,
        _ => text,
    }
}

/// The model that a query names: `model`, or Azure's `deployment`. Escapes and `+` are resolved.
///
/// # Errors
/// It is named twice and not alike; also where that depends on whether `;` separates parameters, as for some servers.
pub(crate) fn query_model(query: &str) -> Result<Option<String>, CallFault> {
    let mut found: Option<String> = None;
    let readings = query.split('&').flat_map(|part| {
        let parts = part.split(';').filter(move |inner| inner.len() < part.len());
        std::iter::once(part).chain(parts)
    });
    for (key, value) in readings.map(|part| part.split_once('=').unwrap_or((part, ""))) {
        let key = form_decoded(key);
        if !key.eq_ignore_ascii_case("model") && !key.eq_ignore_ascii_case("deployment") {
            continue;
        }
        let value = form_decoded(value);
        match &found {
            Some(model) if *model != value => return Err(CallFault::ModelTwice),
            _ => found = Some(value),
        }
    }
    Ok(found)
}

pub(super) fn form_decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn models_in_paths() {
        for (path, model) in [
            ("/v1beta/models/gemini-2.5-pro:generateContent", Some("gemini-2.5-pro")),
            ("/v1beta/models/gemini-2.5-pro:streamGenerateContent", Some("gemini-2.5-pro")),
            ("/v1beta/models/gemini-2.5-pro%3AcountTokens", Some("gemini-2.5-pro")),
            ("/v1beta/m%6fdels/gemini:embedContent", Some("gemini")),
            ("/v1beta/tunedModels/mine:generateContent", Some("mine")),
            ("/v1/projects/p/locations/l/publishers/anthropic/models/claude@1:rawPredict", Some("claude@1")),
            ("/v1/models/gpt-4o", Some("gpt-4o")),
            ("/v1/models/gpt-4o/", Some("gpt-4o")),
            ("/v1/models/ft:gpt-4o:org::id", Some("ft:gpt-4o:org::id")),
            ("/v1/models/meta%2Fllama", Some("meta/llama")),
            ("/v1/models/meta/llama", Some("meta/llama")),
            ("/openai/deployments/my%20one/chat/completions", Some("my one")),
            ("/openai/Deployments/gpt-4o/chat/completions", Some("gpt-4o")),
            ("/v1/engines/davinci/completions", Some("davinci")),
            ("/model/anthropic.claude/invoke", Some("anthropic.claude")),
            ("/v1/models", None),
            ("/v1/models/", None),
            ("/v1/chat/completions", None),
            ("models/x", Some("x")),
            ("", None),
        ] {
            assert_eq!(path_model(path).as_deref(), model, "{path}");
        }
        assert!(matches!(path_model("/v1/models/gpt-4o"), Some(Cow::Borrowed(_))));
        assert!(VERBS.is_sorted());
    }

    #[test]
    fn models_in_queries() {
        for (query, model) in [
            ("model=gpt-realtime", Ok(Some("gpt-realtime"))),
            ("a=1&deployment=my+one%2f", Ok(Some("my one/"))),
            ("m%6fdel=a&model=a&x", Ok(Some("a"))),
            ("Model=a", Ok(Some("a"))),
            ("x=1;model=a", Ok(Some("a"))),
            ("model", Ok(Some(""))),
            ("models=a&x=model", Ok(None)),
            ("", Ok(None)),
            ("model=a&model=b", Err(CallFault::ModelTwice)),
            ("model=a&deployment=b", Err(CallFault::ModelTwice)),
            ("model=a;model=b", Err(CallFault::ModelTwice)),
            ("model=a&x=1;model=b", Err(CallFault::ModelTwice)),
        ] {
            assert_eq!(query_model(query), model.map(|model| model.map(str::to_owned)), "{query}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text: String) {
            let _ = (path_model(&text), query_model(&text));
        }

        #[test]
        fn a_model_is_found_however_it_is_escaped(model in "[a-z0-9][a-z0-9:./-]{0,12}[a-z0-9]", every: bool) {
            let escaped: String = model
                .bytes()
                .map(|b| if every || b == b'/' { format!("%{b:02X}") } else { char::from(b).to_string() })
                .collect();
            prop_assume!(!VERBS.iter().any(|verb| model.ends_with(verb)));
            let path = format!("/v1/models/{escaped}");
            let found = path_model(&path).map(Cow::into_owned);
            prop_assert_eq!(found.as_ref(), Some(&model));
            prop_assert_eq!(query_model(&format!("model={escaped}")), Ok(Some(model)));
        }
    }
}
