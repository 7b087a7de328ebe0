//! Whether an answer is all there.

use super::{Api, Complete, Lack, Object, Told, gather, judge, object};
use crate::sse::events;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

/// `api`: `None` for anything else (embeddings, images, other JSON, binary).
pub(crate) fn completeness(api: Option<Api>, content_type: &str, body: &[u8]) -> Complete {
    let told = match (api, Form::of(content_type)) {
        (Some(api), Form::Stream) => {
            gather(api, body).and_then(|gathered| judge::judge(api, &gathered.answer))
        }
        (Some(api), _) => object(body).and_then(|answer| judge::judge(api, &answer)),
        (None, Form::Stream) => any_stream(body),
        (None, Form::Json) => any_json(body),
        (None, Form::Opaque) => Ok(Told::default()),
    };
    match told {
        Ok(told) => Complete::Yes(told),
        Err(lack) => Complete::No(lack),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Stream,
    Json,
    Opaque,
}

impl Form {
    fn of(content_type: &str) -> Self {
        let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match &*media {
            "text/event-stream" => Form::Stream,
            "application/json" | "text/json" => Form::Json,
            media if media.ends_with("+json") => Form::Json,
            _ => Form::Opaque,
        }
    }
}

/// What any JSON object may tell; the rest of it is passed over.
#[derive(Deserialize)]
struct Known {
    error: Option<IgnoredAny>,
    model: Option<Value>,
    usage: Option<Value>,
}

fn any_json(body: &[u8]) -> Result<Told, Lack> {
    let lack = |fault: serde_json::Error| {
        if fault.is_eof() { Lack::BrokenOff } else { Lack::NotUnderstood }
    };
    serde_json::from_slice::<IgnoredAny>(body).map_err(lack)?;
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Ok(Told::default());
    }
    let known: Known = serde_json::from_slice(body).map_err(lack)?;
    if known.error.is_some() {
        return Err(Lack::Error);
    }
    let fields = [("model", known.model), ("usage", known.usage)];
    let fields: Object =
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    Ok(judge::told(&fields))
}

/// A stream of no known API: whole if it ends behind an event, and none of them tells an error.
fn any_stream(body: &[u8]) -> Result<Told, Lack> {
    let mut error = false;
    let ended = events(body, &mut |name, data| {
        error |= name == b"error" || any_json(data) == Err(Lack::Error);
    });
    match (error, ended) {
        (true, _) => Err(Lack::Error),
        (false, true) => Ok(Told::default()),
        (false, false) => Err(Lack::BrokenOff),
    }
}
