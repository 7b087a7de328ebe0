//! Looks into a request where a rule has to: reads its body, within a bound, and finds the models that it names.

use crate::{
    call::{self, CallFault, CallFields},
    config::CallerBounds,
    error::{BodyFault, ForwardError},
    exchange::Exchange,
    server::connection::Caller,
    upstream::body::{CallBody, CallBodyError, LateFields, Silence},
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use http_body::Body;
use hyper::body::Incoming;
use memchr::memmem;
use std::{
    future::poll_fn,
    sync::{Arc, atomic::Ordering::Relaxed},
};

/// A body of a counted request up to this size is held to find its model; of a larger one, the fields are read as
/// it passes.
const MAX_HELD: u64 = 256 * 1024;

/// Encodings of text in which ASCII is ASCII.
const PLAIN_CHARSETS: [&str; 7] =
    ["utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252"];

/// What has to be known of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    /// Which models it names: not all are allowed.
    pub(crate) models: bool,
    /// How many tokens it may take: a quota counts them.
    pub(crate) tokens: bool,
    /// Its model, if that is easily told: its use is counted.
    pub(crate) counted: bool,
    /// What its answer is kept under, if it comes whole and is not too large.
    pub(crate) cached: bool,
    /// The same, however it comes.
    pub(crate) recorded: bool,
    /// Bytes of a body that are held at most.
    pub(crate) max: usize,
    /// Bounds of any body.
    pub(crate) bounds: &'a CallerBounds,
}

/// A request as far as it was looked into.
pub(crate) struct Inspected {
    pub(crate) body: CallBody,
    /// What its JSON says, if it was read and is JSON.
    pub(crate) fields: Option<CallFields>,
    /// Every model that it names: in its path, its query and its body.
    pub(crate) models: Vec<String>,
    /// What its JSON says when it has passed, where it is not held.
    pub(crate) late: Option<Arc<LateFields>>,
    /// Whether it has to name one: it has a body from which the upstream chooses a model.
    pub(crate) needs_model: bool,
}

/// Reads what the rules need.
///
/// # Errors
/// The body is too large, ended early or, where a rule has to know its models, cannot be understood.
pub(crate) async fn inspect(
    rules: Rules<'_>,
    caller: &Caller,
    parts: &Parts,
    path: &str,
    body: Incoming,
    exchange: &Exchange,
) -> Result<Inspected, ForwardError> {
    let mut models = match named_by_target(path, parts.uri.query(), rules) {
        // Whoever may use all may name several, in whatever sense.
        Err(_) if !rules.models => Vec::new(),
        named => named?,
    };
    let exact = body.size_hint().exact();
    let whole = rules.models
        || rules.tokens
        || rules.recorded
        || rules.cached && exact.is_some_and(|size| size <= rules.max as u64)
        || rules.counted && exact.is_some_and(|size| size <= MAX_HELD.min(rules.max as u64));
    if body.is_end_stream() || !whole {
        let is_json = |value: &HeaderValue| value.as_bytes().starts_with(b"application/json");
        let json = parts.headers.get(header::CONTENT_TYPE).is_some_and(is_json);
        let late = (rules.counted && json && !body.is_end_stream()).then(Arc::default);
        let body = caller.body(body, exchange, rules.bounds, late.clone())?;
        return Ok(Inspected { body, fields: None, models, needs_model: false, late });
    }
    let data = collect(rules, body).await?;
    exchange.bytes_in.fetch_add(data.len() as u64, Relaxed);
    if let Some(capture) = &exchange.capture {
        capture.asked(&data);
    }
    let found =
        if data.is_empty() { Ok(Found::default()) } else { look(&parts.headers, path, &data, rules.tokens) };
    let found = match found {
        Err(fault) if rules.models => return Err(ForwardError::BodyUnreadable(fault)),
        Err(fault) => Found { fields: unread(fault, &parts.headers, &data), ..Found::default() },
        Ok(found) => found,
    };
    // Gemini's bodies name a model as its path does.
    models.extend(found.models.into_iter().map(|model| match model.strip_prefix("models/") {
        Some(name) => name.to_owned(),
        None => model,
    }));
    Ok(Inspected {
        body: CallBody::whole(data),
        fields: found.fields,
        models,
        needs_model: found.needs_model,
        late: None,
    })
}

/// The models that path and query name, if anybody asks.
fn named_by_target(path: &str, query: Option<&str>, rules: Rules<'_>) -> Result<Vec<String>, ForwardError> {
    if !rules.models && !rules.counted && !rules.cached {
        return Ok(Vec::new());
    }
    let in_path = call::target::path_model(path).map(|model| model.into_owned());
    let in_query = query.map(call::target::query_model).transpose();
    let in_query = in_query.map_err(|_| ForwardError::BodyUnreadable(BodyFault::SeveralModels))?.flatten();
    Ok(in_path.into_iter().chain(in_query).collect())
}

/// All of a body.
async fn collect(rules: Rules<'_>, mut body: Incoming) -> Result<Bytes, ForwardError> {
    let limit = rules.bounds.max_body_size.unwrap_or(u64::MAX);
    let mut silence = Silence::bounded(rules.bounds.body_timeout);
    let mut first: Option<Bytes> = None;
    let mut all = BytesMut::new();
    loop {
        let length = (all.len() + first.as_ref().map_or(0, Bytes::len)) as u64;
        let least = length + body.size_hint().lower();
        if least > limit {
            return Err(ForwardError::BodyTooLarge { limit });
        }
        if least > rules.max as u64 {
            return Err(ForwardError::InspectedTooLarge { limit: rules.max });
        }
        let data = match poll_fn(|cx| silence.poll_frame(&mut body, cx)).await {
            None => break,
            Some(Err(CallBodyError::Silent(after))) => return Err(ForwardError::BodyTimeout { after }),
            Some(Err(_)) => return Err(ForwardError::BodyBroken),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        match first.take() {
            None if all.is_empty() => first = Some(data),
            None => all.extend_from_slice(&data),
            Some(before) => {
                all.extend_from_slice(&before);
                all.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| all.freeze()))
}

/// What a body says.
#[derive(Default)]
struct Found {
    fields: Option<CallFields>,
    models: Vec<String>,
    needs_model: bool,
}

/// What a body counts for that the gateway cannot read and an upstream may: as much as its bytes can say, so that no
/// spelling of it is free.
fn unread(fault: BodyFault, headers: &HeaderMap, data: &Bytes) -> Option<CallFields> {
    let length = data.len() as u64;
    let prompt_estimate = match fault {
        BodyFault::Multipart => return None,
        // Text is about four times as long as it is compressed.
        BodyFault::Encoded => length,
        _ => {
            let named = |value: &HeaderValue| memmem::find(value.as_bytes(), b"json").is_some();
            let is_json = headers.get_all(header::CONTENT_TYPE).iter().any(named);
            // Behind a byte order mark, and in UTF-16 or UTF-32 too.
            let first = data.iter().find(|byte| byte.is_ascii() && !matches!(byte, 0 | b' ' | b'\t'..=b'\r'));
            if !is_json && first != Some(&b'{') {
                return None;
            }
            length.div_ceil(4)
        }
    };
    Some(CallFields { prompt_estimate, ..CallFields::default() })
}

fn look(headers: &HeaderMap, path: &str, data: &Bytes, estimates: bool) -> Result<Found, BodyFault> {
    let plain = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(header::CONTENT_ENCODING).iter().any(|value| !plain(value)) {
        return Err(BodyFault::Encoded);
    }
    let content_type = content_type(headers)?;
    let multipart = content_type.get(..10).is_some_and(|t| t.eq_ignore_ascii_case("multipart/"));
    if multipart {
        let model = call::multipart::multipart_model(content_type, data).map_err(|_| BodyFault::Multipart)?;
        let models = model.into_iter().collect();
        return Ok(Found { fields: None, models, needs_model: has_default_model(path) });
    }
    let essence = content_type.split(';').next().unwrap_or_default().trim_end();
    let form = essence.eq_ignore_ascii_case("application/x-www-form-urlencoded");
    let mut models: Vec<String> = if form { form_model(data)?.into_iter().collect() } else { Vec::new() };
    // Whatever its content-type says: servers read JSON all the same.
    let fields = match CallFields::read(data, estimates) {
        // No form has a brace, and no JSON object goes without, however generous its reader is.
        Err(_) if form && !data.contains(&b'{') => None,
        read => Some(read.map_err(fault)?),
    };
    if let Some(fields) = &fields {
        models.extend(fields.more_models.iter().chain(&fields.model).cloned());
    }
    Ok(Found { fields, models, needs_model: true })
}

/// The content type, if all servers read the same one, and what it says of the text leaves ASCII as it is.
fn content_type(headers: &HeaderMap) -> Result<&str, BodyFault> {
    let mut all = headers.get_all(header::CONTENT_TYPE).iter();
    let first = all.next().map_or(Ok(""), HeaderValue::to_str).map_err(|_| BodyFault::ContentType)?;
    let plain = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"').to_ascii_lowercase();
        !name.to_ascii_lowercase().contains("charset") || PLAIN_CHARSETS.contains(&&*value)
    };
    if all.next().is_some() || !first.split(';').skip(1).all(plain) {
        return Err(BodyFault::ContentType);
    }
    Ok(first.trim())
}

/// The model of a form like a query.
fn form_model(data: &[u8]) -> Result<Option<String>, BodyFault> {
    let text = std::str::from_utf8(data).map_err(|_| BodyFault::ContentType)?;
    call::target::query_model(text).map_err(|_| BodyFault::SeveralModels)
}

/// Endpoints that take a form and choose a model where none is named; files and uploads have none.
fn has_default_model(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["/audio/", "/images/", "/videos"].iter().any(|endpoint| path.contains(endpoint))
}

fn fault(fault: CallFault) -> BodyFault {
    match fault {
        CallFault::NotJson { offset } => BodyFault::Json { offset },
        CallFault::NotAnObject => BodyFault::NotAnObject,
        CallFault::ModelNotText => BodyFault::ModelNotText,
        CallFault::ModelTwice => BodyFault::SeveralModels,
        CallFault::TooDeep => BodyFault::TooDeep,
    }
}
