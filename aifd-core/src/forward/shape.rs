//! What the gateway changes in a request's body and in its answer: usage that it asks for, models that it hides.

use super::keys::{Reply, decoded, whole};
use crate::{
    access::Grant,
    answer::is_event_stream,
    cache::Ticket,
    call,
    config::ApiPaths,
    error::ForwardError,
    exchange::Exchange,
    forward::Answer,
    inspect::Inspected,
    models_list,
    sse::filter::UsageFilter,
    upstream::{CallHead, body::CallBody, connect::Origin},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, header};

/// What is changed in one exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// A stream's usage is asked for, and taken out of what the caller sees.
    asks_usage: bool,
    /// The answer is looked into for its usage.
    counts: bool,
    /// The list of models is cut down to those that the key may use.
    filters_models: bool,
}

impl Shape {
    /// What the rules want of this request; `path` is in its [plain](crate::plain_path::plain) form.
    pub(crate) fn of(
        grant: &Grant,
        exchange: &Exchange,
        inspected: &Inspected,
        method: &Method,
        path: &str,
        api: &ApiPaths,
        ticket: Option<&Ticket>,
    ) -> Self {
        let settles = exchange.account.as_ref().is_some_and(|account| account.reservation.is_some());
        let silent_stream = inspected
            .fields
            .as_ref()
            .is_some_and(|fields| fields.stream && fields.include_usage != Some(true));
        Shape {
            counts: exchange.account.as_ref().is_some_and(|account| account.counts_usage()),
            asks_usage: (settles || ticket.is_some_and(Ticket::lacks_usage))
                && silent_stream
                && has_stream_options(path, api),
            filters_models: grant.is_restricted() && method == Method::GET && path.ends_with("/models"),
        }
    }

    /// The request's body as it goes on.
    pub(crate) fn request(self, head: &mut CallHead, inspected: Inspected) -> CallBody {
        if self.filters_models {
            // A part of a list cannot be cut down.
            for name in [header::RANGE, header::IF_RANGE] {
                head.headers.remove(name);
            }
        }
        if self.asks_usage || self.filters_models {
            // What has to be changed here must not be compressed.
            head.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        } else if self.counts {
            keep_cheap_encodings(&mut head.headers);
        }
        let body = match (self.asks_usage, inspected.body) {
            (true, CallBody::Whole(Some(data))) => CallBody::whole(call::ask_usage::with_usage_asked(&data)),
            (_, body) => body,
        };
        if let CallBody::Whole(Some(data)) = &body {
            head.headers.insert(header::CONTENT_LENGTH, data.len().into());
        }
        body
    }

    /// The answer as it goes on.
    ///
    /// # Errors
    /// It had to be read whole, and broke off.
    pub(crate) async fn answer(
        self,
        reply: Reply,
        grant: &Grant,
        exchange: &mut Exchange,
        origin: &Origin,
    ) -> Result<Answer, ForwardError> {
        let answer = match reply {
            Reply::Passing(answer, lease) if self.filters_models && answer.status().is_success() => {
                Box::pin(whole(answer, lease, origin)).await?
            }
            Reply::Passing(mut answer, lease) => {
                let filter = (self.asks_usage && is_plain_stream(&answer)).then(|| {
                    answer.headers_mut().remove(header::CONTENT_LENGTH);
                    Box::new(UsageFilter::default())
                });
                return Ok(Answer::Upstream(answer, lease, filter));
            }
            Reply::Whole(answer) => answer,
        };
        let answer = if self.filters_models { allowed_models(answer, grant) } else { answer };
        exchange.answer_begins(answer.headers());
        exchange.answer_comes(answer.body());
        Ok(Answer::Own(answer))
    }
}

/// Takes out of what the caller accepts the encodings whose decoders need megabytes for each answer.
fn keep_cheap_encodings(headers: &mut HeaderMap) {
    let costly = |item: &&str| {
        let name = item.split(';').next().unwrap_or_default().trim();
        ["br", "zstd", "*"].iter().any(|costly| name.eq_ignore_ascii_case(costly))
    };
    let accepted: Vec<&str> = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    if !accepted.iter().any(costly) {
        return;
    }
    let kept: Vec<&str> = accepted.into_iter().filter(|item| !costly(item)).map(str::trim).collect();
    let kept = if kept.is_empty() { "identity".to_owned() } else { kept.join(", ") };
    if let Ok(kept) = HeaderValue::from_str(&kept) {
        headers.insert(header::ACCEPT_ENCODING, kept);
    }
}

/// The endpoints that know `stream_options` (OpenAI's API reference, "Create chat completion").
fn has_stream_options(path: &str, api: &ApiPaths) -> bool {
    let configured = path.ends_with(&api.chat_completion) || path.ends_with(&api.completion);
    configured || path.ends_with("/chat/completions") || path.ends_with("/completions")
}

fn is_plain_stream(answer: &Response<impl Sized>) -> bool {
    is_event_stream(answer.headers()) && !answer.headers().contains_key(header::CONTENT_ENCODING)
}

/// A list of models without those that the key may not use; what is no such list stays as it is.
fn allowed_models(answer: Response<Bytes>, grant: &Grant) -> Response<Bytes> {
    let Some(text) = decoded(&answer) else { return answer };
    let Some(filtered) = models_list::filter(&text, |model| grant.may_use(model)) else { return answer };
    let (mut head, _) = answer.into_parts();
    for name in [header::CONTENT_ENCODING, header::ETAG, header::ACCEPT_RANGES] {
        head.headers.remove(name);
    }
    head.headers.insert(header::CONTENT_LENGTH, filtered.len().into());
    Response::from_parts(head, filtered.into())
}
