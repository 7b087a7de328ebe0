//! Looks into a request where a rule has to: reads its body, within a bound, and finds the models that it names.

use crate::{
    call::{self, CallFault, CallFields},
    error::{BodyFault, ForwardError},
    exchange::Exchange,
    server::connection::Caller,
    upstream::body::{CallBody, LateFields},
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::sync::{Arc, atomic::Ordering::Relaxed};

/// A body of a counted request up to this size is held to find its model; of a larger one, the fields are read as
/// it passes.
const MAX_HELD: u64 = 256 * 1024;

/// What has to be known of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Which models it names: not all are allowed.
    pub(crate) models: bool,
    /// How many tokens it may take: a quota counts them.
    pub(crate) tokens: bool,
    /// Its model, if that is easily told: its use is counted.
    pub(crate) counted: bool,
    /// Bytes of a body that are held at most.
    pub(crate) max: usize,
    /// Bytes that any body may have.
    pub(crate) max_body_size: Option<u64>,
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
    rules: Rules,
    caller: &Caller,
    parts: &Parts,
    path: &str,
    body: Incoming,
    exchange: &Exchange,
) -> Result<Inspected, ForwardError> {
    let mut models = match named_by_target(path, parts.uri.query(), rules) {
        Err(error) if rules.models => return Err(error),
        named => named.unwrap_or_default(),
    };
    let exact = body.size_hint().exact();
    let whole = rules.models
        || rules.tokens
        || rules.counted && exact.is_some_and(|size| size <= MAX_HELD.min(rules.max as u64));
    if body.is_end_stream() || !whole {
        let is_json = |value: &HeaderValue| value.as_bytes().starts_with(b"application/json");
        let json = parts.headers.get(header::CONTENT_TYPE).is_some_and(is_json);
        let late = (rules.counted && json && !body.is_end_stream()).then(Arc::default);
        let body = caller.body(body, exchange, rules.max_body_size, late.clone())?;
        return Ok(Inspected { body, fields: None, models, needs_model: false, late });
    }
    let data = collect(rules, body).await?;
    exchange.bytes_in.fetch_add(data.len() as u64, Relaxed);
    let found =
        if data.is_empty() { Ok(Found::default()) } else { look(&parts.headers, path, &data, rules.tokens) };
    let found = match found {
        Err(fault) if rules.models => return Err(ForwardError::BodyUnreadable(fault)),
        found => found.unwrap_or_default(),
    };
    // Gemini's bodies name a model as its path does.
    models.extend(found.model.map(|model| match model.strip_prefix("models/") {
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
fn named_by_target(path: &str, query: Option<&str>, rules: Rules) -> Result<Vec<String>, ForwardError> {
    if !rules.models && !rules.counted {
        return Ok(Vec::new());
    }
    let in_path = call::target::path_model(path).map(|model| model.into_owned());
    let in_query = query.map(call::target::query_model).transpose();
    let in_query = in_query.map_err(|_| ForwardError::BodyUnreadable(BodyFault::SeveralModels))?.flatten();
    Ok(in_path.into_iter().chain(in_query).collect())
}

/// All of a body.
async fn collect(rules: Rules, mut body: Incoming) -> Result<Bytes, ForwardError> {
    let limit = rules.max_body_size.unwrap_or(u64::MAX);
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
        let data = match body.frame().await {
            None => break,
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
    model: Option<String>,
    needs_model: bool,
}

fn look(headers: &HeaderMap, path: &str, data: &Bytes, estimates: bool) -> Result<Found, BodyFault> {
    let plain = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(header::CONTENT_ENCODING).iter().any(|value| !plain(value)) {
        return Err(BodyFault::Encoded);
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let multipart = content_type.trim_start().get(..10).is_some_and(|t| t.eq_ignore_ascii_case("multipart/"));
    if multipart {
        let model = call::multipart::multipart_model(content_type, data).map_err(|_| BodyFault::Multipart)?;
        return Ok(Found { fields: None, model, needs_model: has_default_model(path) });
    }
    // Whatever its content-type says: servers read JSON all the same.
    let fields = CallFields::read(data, estimates).map_err(fault)?;
    Ok(Found { model: fields.model.clone(), needs_model: true, fields: Some(fields) })
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
