//! The cache's part in one exchange: an answer that is there, or a place for the one that comes.

use super::Answer;
use crate::{
    access::{
        Grant,
        credential::{Credential, Place},
    },
    cache::{Ask, Forwarded, Known, Served, Ticket},
    call,
    error::ForwardError,
    exchange::Exchange,
    gateway::Gateway,
    inspect::Inspected,
    route::{Route, Target},
    upstream::{CallHead, body::CallBody},
};
use http::{HeaderMap, Request, header, request::Parts};
use http_body::Body;

/// A request that may have something of the cache, before its body is known.
pub(super) struct Asking {
    ask: Ask,
    level: u64,
    account: Option<String>,
    key: String,
}

/// The cache's part in one exchange.
pub(super) struct Cached {
    /// `None`: there is no cache for this route.
    mark: Option<Forwarded>,
    ticket: Option<Ticket>,
}

/// What a request may have of the cache, if there is one for it.
///
/// # Errors
/// A header of the cache's own says nothing that is understood.
pub(super) fn ask<B>(
    gateway: &Gateway,
    route: &Route,
    grant: &Grant,
    path: &str,
    request: &Request<B>,
    credentials: &[Credential<'_>],
) -> Result<Option<Asking>, ForwardError> {
    let Some(cache) = &gateway.cache else { return Ok(None) };
    let headers = request.headers();
    let Some(ask) = cache.ask(route.index, request.method(), path, headers)? else { return Ok(None) };
    let own = grant.key.as_ref().map(|(key, place)| (key.id().0.to_string(), place));
    let account = account(headers, credentials, own.as_ref().map(|(_, place)| *place));
    let key = match &own {
        Some((id, _)) => id.clone(),
        None => account.clone().unwrap_or_default(),
    };
    Ok(Some(Asking { ask, level: u64::from(grant.level.0), account, key }))
}

/// What the upstream will know the caller by: all that it showed beside its forward key.
fn account(headers: &HeaderMap, credentials: &[Credential<'_>], own: Option<&Place>) -> Option<String> {
    let mut shown: Vec<&str> = credentials
        .iter()
        .filter(|(place, _)| Some(place) != own)
        .map(|(_, credential)| &**credential)
        .collect();
    let is_own = |value: &str| {
        let bearers = [Some(&Place::Bearer), Some(&Place::BareAuthorization)];
        let mut all = credentials.iter();
        bearers.contains(&own) && all.any(|(place, text)| Some(place) == own && value.contains(&**text))
    };
    for name in [header::AUTHORIZATION, header::COOKIE] {
        let texts = headers.get_all(&name).iter().map(|value| value.to_str().unwrap_or("?"));
        shown.extend(texts.filter(|text| name != header::AUTHORIZATION || !is_own(text)));
    }
    (!shown.is_empty()).then(|| shown.join("\0"))
}

impl Cached {
    /// Finds out what a request is to the cache; takes its word to the cache out of its body.
    pub(super) fn begin(
        gateway: &Gateway,
        asking: Option<Asking>,
        target: &Target<'_>,
        parts: &Parts,
        inspected: &mut Inspected,
    ) -> Self {
        let (Some(cache), Some(asking)) = (&gateway.cache, asking) else {
            return Cached { mark: None, ticket: None };
        };
        let known = Known {
            method: &parts.method,
            path: &target.path,
            query: target.query,
            headers: &parts.headers,
            level: asking.level,
            account: asking.account.as_deref(),
            key: &asking.key,
            model: inspected.models.last().map(String::as_str),
        };
        let ticket = match &inspected.body {
            CallBody::Empty => Some(Ticket::new(cache, asking.ask, &known, b"")),
            CallBody::Whole(Some(body)) => Some(Ticket::new(cache, asking.ask, &known, body)),
            // What is larger than is looked into, or told no length.
            _ => None,
        };
        if let (Some(true), CallBody::Whole(Some(body))) =
            (ticket.as_ref().map(Ticket::says_caching), &inspected.body)
        {
            inspected.body = CallBody::whole(call::take_out::without_field(body, "caching"));
        }
        let ticket = ticket.filter(Ticket::takes_part);
        let mark = match &ticket {
            None => Forwarded::Bypass,
            Some(ticket) if ticket.reads() => Forwarded::Miss { stored: false },
            Some(_) => Forwarded::Request { stored: false },
        };
        Cached { mark: Some(mark), ticket }
    }

    /// The answer, if it is there.
    ///
    /// # Errors
    /// It is not there, and the request is not to go upstream.
    pub(super) async fn serve(&self, exchange: &mut Exchange) -> Result<Option<Served>, ForwardError> {
        exchange.cache = self.mark.map(|mark| if mark == Forwarded::Bypass { "bypass" } else { "miss" });
        match &self.ticket {
            Some(ticket) => ticket.serve().await,
            None => Ok(None),
        }
    }

    pub(super) fn ticket(&self) -> Option<&Ticket> {
        self.ticket.as_ref()
    }

    /// What the upstream is not to see.
    pub(super) fn prepare(&self, head: &mut CallHead) {
        if let Some(mark) = self.mark {
            Ticket::prepare(&mut head.headers, mark != Forwarded::Bypass);
        }
    }

    /// An answer begins: it is marked, and taken if it is one to be kept.
    pub(super) fn admit(&mut self, mut answer: Answer, exchange: &mut Exchange) -> Answer {
        let Some(mark) = self.mark else { return answer };
        let headers = match &mut answer {
            Answer::Upstream(answer, ..) => {
                let size = answer.body().size_hint().exact();
                let ticket = self.ticket.take();
                let put = ticket.and_then(|ticket| ticket.admit(answer.status(), answer.headers(), size));
                exchange.put = put.map(Box::new);
                answer.headers_mut()
            }
            Answer::Own(answer) => answer.headers_mut(),
            _ => return answer,
        };
        mark.stored(exchange.put.is_some()).mark(headers);
        answer
    }
}
