//! Sends a request with an upstream key in the place of the caller's, and with another where the provider refuses it.

use crate::{
    access::{
        Grant,
        credential::{self, Place},
        pool::{Cycle, Refusal, UpstreamKey},
    },
    clock,
    config::Level,
    decode::Decoder,
    error::ForwardError,
    exchange::Exchange,
    gateway::Gateway,
    key::Masked,
    route::Route,
    upstream::{CallHead, Upstream, body::CallBody, connect::Origin, headers::prepare_answer, pool::Lease},
};
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, Version, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use std::{sync::Arc, time::Duration};

/// Bytes of an answer that the gateway reads whole at most; one past it is an invalid answer.
const MAX_WHOLE: usize = 16 * 1024 * 1024;

/// What OpenAI says of an organization or a project that is not the key's.
const WRONG_ACCOUNT: [&str; 4] =
    ["invalid_organization", "mismatched_organization", "invalid_project", "mismatched_project"];

/// Bytes that are decoded before their size is looked at: they may grow a thousandfold.
const DECODE_STEP: usize = 4 * 1024;

/// How long the end of a refusal is waited for.
const MAX_DRAIN: Duration = Duration::from_millis(500);

/// The upstream keys of a request.
pub(crate) struct Keys<'a> {
    gateway: &'a Gateway,
    route: &'a Route,
    level: Level,
    /// Where the caller's forward key was, if it has one.
    place: Option<Place>,
    /// The request holds no other credential.
    alone: bool,
    /// `None`: the request goes with what the caller sent, or with nothing.
    cycle: Option<(Arc<Cycle>, usize)>,
    /// Those that the provider refused: none is tried twice, however short the cool-down.
    tried: Vec<Arc<UpstreamKey>>,
}

/// An answer of an upstream.
pub(crate) enum Reply {
    /// Its body is still to come, on this connection.
    Passing(Response<Incoming>, Option<Lease>),
    /// The gateway has read it; hop-by-hop headers are gone.
    Whole(Response<Bytes>),
}

/// What a provider says of a key.
pub(crate) enum Verdict {
    Served(Reply),
    Refused(Refusal),
}

impl<'a> Keys<'a> {
    /// Takes the next turn of the level's keys.
    ///
    /// # Errors
    /// The route has keys, but none for the level.
    pub(crate) fn of(gateway: &'a Gateway, route: &'a Route, grant: &Grant) -> Result<Self, ForwardError> {
        let cycle = gateway.access.cycle(route.index, grant)?;
        Ok(Keys {
            gateway,
            route,
            level: grant.level,
            alone: grant.alone,
            place: grant.key.as_ref().map(|(_, place)| place.clone()),
            cycle: cycle.map(|cycle| {
                let turn = cycle.turn();
                (cycle, turn)
            }),
            tried: Vec::new(),
        })
    }

    /// Takes the caller's forward keys out of a request: no upstream sees one.
    pub(crate) fn take_out(&self, head: &mut CallHead) {
        if let Some(place) = &self.place {
            let only = self.alone.then_some(place);
            self.gateway.access.take_out(only, &mut head.headers, &mut head.path);
        }
    }

    /// Puts the next key that serves into a request.
    ///
    /// # Errors
    /// All are set aside.
    pub(crate) fn put_in(
        &self,
        head: &mut CallHead,
        origin: &Origin,
    ) -> Result<Option<Arc<UpstreamKey>>, ForwardError> {
        let (Some((cycle, turn)), Some(place)) = (&self.cycle, &self.place) else { return Ok(None) };
        let now = clock::now();
        let Some(key) = cycle.serving(*turn, now, &self.tried) else {
            let (level, upstream) = (self.level, origin.name.clone());
            return Err(ForwardError::UpstreamKeysExhausted { level, upstream, back_in: cycle.back_in(now) });
        };
        self.gateway.access.put_in(self.route.index, place, key, &mut head.headers, &mut head.path);
        Ok(Some(key.clone()))
    }

    /// Sets a key aside that the provider refused.
    pub(crate) fn set_aside(&mut self, key: Arc<UpstreamKey>, why: Refusal) {
        let cooldown = self.gateway.access.key_cooldown;
        key.set_aside(why, cooldown);
        tracing::warn!(
            target: "aifd::access",
            key = %Masked::of(key.secret.expose()),
            route = &*self.route.name,
            why = why.name(),
            cooldown_s = cooldown.as_secs_f64(),
            "an upstream key was refused by the provider and is set aside"
        );
        self.tried.push(key);
    }

    /// Sends a request, with one key after the other until the provider takes one.
    ///
    /// # Errors
    /// No answer could be had, or no key is left.
    pub(crate) async fn send(
        &mut self,
        upstream: &Upstream,
        head: &mut CallHead,
        mut body: CallBody,
        exchange: &mut Exchange,
    ) -> Result<Reply, ForwardError> {
        let origin = upstream.origin(self.route.index);
        loop {
            let key = self.put_in(head, origin)?;
            let replay = key.is_some().then(|| body.replay());
            let (mut answer, lease) = upstream.send(self.route.index, head, body, exchange).await?;
            let (Some(key), Some(replay)) = (key, replay) else {
                return Ok(Reply::Passing(answer, Some(lease)));
            };
            credential::hide(answer.headers_mut(), &key.secret);
            match verdict(answer, Some(lease), names_account(&head.headers), origin).await? {
                Verdict::Served(reply) => return Ok(reply),
                Verdict::Refused(why) => self.set_aside(key, why),
            }
            let refused = || ForwardError::UpstreamKeyRefused { upstream: origin.name.clone() };
            body = replay.again().ok_or_else(refused)?;
        }
    }
}

/// Whether a request says in whose name the key shall count.
pub(crate) fn names_account(headers: &HeaderMap) -> bool {
    ["openai-organization", "openai-project"].iter().any(|name| headers.contains_key(*name))
}

/// Whether the provider took the key. A 401 says that it is wrong, a 429 with `insufficient_quota` that its account
/// is empty (OpenAI, "Error codes"); what else the provider says is the caller's matter. So is a 401 for an organization
/// or project that the caller named (`names_account`): else one caller could set all keys aside.
///
/// # Errors
/// The answer broke off.
pub(crate) async fn verdict(
    answer: Response<Incoming>,
    lease: Option<Lease>,
    names_account: bool,
    origin: &Origin,
) -> Result<Verdict, ForwardError> {
    match answer.status() {
        StatusCode::UNAUTHORIZED => {
            // Read to its end, so that the connection can serve again; not waited for where that does not come.
            match tokio::time::timeout(MAX_DRAIN, Box::pin(whole(answer, lease, origin))).await {
                Ok(Ok(answer)) if names_account && says(&answer, &WRONG_ACCOUNT) => {
                    Ok(Verdict::Served(Reply::Whole(answer)))
                }
                _ => Ok(Verdict::Refused(Refusal::Unauthorized)),
            }
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let answer = Box::pin(whole(answer, lease, origin)).await?;
            match says(&answer, &["insufficient_quota"]) {
                true => Ok(Verdict::Refused(Refusal::InsufficientQuota)),
                false => Ok(Verdict::Served(Reply::Whole(answer))),
            }
        }
        _ => Ok(Verdict::Served(Reply::Passing(answer, lease))),
    }
}

/// Whether an answer tells an error with one of these codes.
fn says(answer: &Response<Bytes>, codes: &[&str]) -> bool {
    let Some(body) = decoded(answer) else { return false };
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&body) else { return false };
    let says = |field: &str| body["error"][field].as_str().is_some_and(|code| codes.contains(&code));
    says("code") || says("type")
}

/// The body of an answer without its encoding; `None` where that is unknown or broken, or hides more than is read whole.
pub(crate) fn decoded(answer: &Response<Bytes>) -> Option<Bytes> {
    let Some(encoding) = answer.headers().get(header::CONTENT_ENCODING) else {
        return Some(answer.body().clone());
    };
    let mut decoder = Decoder::for_encoding(encoding.to_str().ok()?)?;
    let mut text = Vec::new();
    for piece in answer.body().chunks(DECODE_STEP) {
        let mut keep = |piece: &[u8]| {
            if text.len() <= MAX_WHOLE {
                text.extend_from_slice(piece);
            }
        };
        decoder.push(piece, &mut keep).ok()?;
        if text.len() > MAX_WHOLE {
            return None;
        }
    }
    Some(text.into())
}

/// Reads an answer whole.
///
/// # Errors
/// It broke off, or is larger than the gateway reads.
pub(crate) async fn whole(
    answer: Response<Incoming>,
    lease: Option<Lease>,
    origin: &Origin,
) -> Result<Response<Bytes>, ForwardError> {
    let (mut head, body) = answer.into_parts();
    let collected = Limited::new(body, MAX_WHOLE).collect().await;
    let upstream = || origin.name.clone();
    let body = collected.map_err(|error| match error.is::<http_body_util::LengthLimitError>() {
        true => ForwardError::AnswerInvalid { upstream: upstream() },
        false => ForwardError::Reset { upstream: upstream() },
    })?;
    if let Some(lease) = lease {
        lease.keep();
    }
    prepare_answer(&mut head.headers);
    // The version is that of the caller's connection, not of the upstream's.
    head.version = Version::HTTP_11;
    Ok(Response::from_parts(head, body.to_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gzip(zeros: usize) -> Response<Bytes> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; zeros]).unwrap();
        let body = Bytes::from(encoder.finish().unwrap());
        Response::builder().header(header::CONTENT_ENCODING, "gzip").body(body).unwrap()
    }

    #[test]
    fn an_answer_that_grows_beyond_what_is_read_whole_is_given_up() {
        assert_eq!(decoded(&gzip(MAX_WHOLE)).map(|body| body.len()), Some(MAX_WHOLE));
        assert_eq!(decoded(&gzip(MAX_WHOLE + 1)), None);
    }
}
