//! The cache's part in one exchange: an answer that is there, or a place for the one that comes.

use super::Answer;
use crate::{
    access::{Grant, credential::Credential},
    cache::{Ask, Forwarded, Framing, Head, Known, Owner, Served, Ticket},
    call,
    error::ForwardError,
    exchange::Exchange,
    gateway::Gateway,
    inspect::Inspected,
    route::{Route, Target},
    upstream::{CallHead, body::CallBody},
};
use http::{Request, Response, Version, header, request::Parts};
use http_body::Body;
use hyper::body::Incoming;

/// A request that may have something of the cache, before its body is known.
pub(super) struct Wish {
    ask: Ask,
    owner: Owner,
    /// The forward key, as it was shown.
    own: Option<String>,
}

/// The cache's part in one exchange.
pub(super) struct Cached {
    /// `None`: there is no cache for this route.
    mark: Option<Forwarded>,
    ticket: Option<Ticket>,
    /// It is not to go upstream, whatever the cache has.
    only: Option<ForwardError>,
}

/// What a request may have of the cache, if there is one for it.
///
/// # Errors
/// A header of the cache's own says nothing that is understood, or the request is not to go upstream and nothing of its
/// kind is kept.
pub(super) fn ask<B>(
    gateway: &Gateway,
    route: &Route,
    grant: &Grant,
    path: &str,
    request: &Request<B>,
    credentials: &[Credential<'_>],
) -> Result<Option<Wish>, ForwardError> {
    let Some(cache) = &gateway.cache else { return Ok(None) };
    let headers = request.headers();
    let asked = Head {
        route: route.index,
        method: request.method(),
        path,
        headers,
        restricted: grant.is_restricted(),
    };
    let Some(ask) = cache.ask(&asked)? else { return Ok(None) };
    let own = grant.key.as_ref().and_then(|(_, place)| {
        credentials.iter().find(|(shown, _)| shown == place).map(|(_, credential)| credential.to_string())
    });
    let query = request.uri().query().unwrap_or_default();
    let shown = cache.shown(route.index, headers, query, own.as_deref());
    let owner = match &grant.key {
        Some((key, _)) => {
            Owner { level: Some(u64::from(grant.level.0)), key: Some(key.id().0.to_string()), shown }
        }
        None => Owner { level: None, key: None, shown },
    };
    Ok(Some(Wish { ask, owner, own }))
}

impl Wish {
    /// What it may have.
    pub(super) fn ask(&self) -> &Ask {
        &self.ask
    }
}

impl Cached {
    /// Finds out what a request is to the cache; takes its word to the cache out of its body.
    pub(super) fn begin(
        gateway: &Gateway,
        asking: Option<Wish>,
        target: &Target<'_>,
        parts: &Parts,
        inspected: &mut Inspected,
    ) -> Self {
        let (Some(cache), Some(asking)) = (&gateway.cache, asking) else {
            return Cached { mark: None, ticket: None, only: None };
        };
        let known = Known {
            method: &parts.method,
            path: &target.path,
            query: target.query,
            headers: &parts.headers,
            owner: &asking.owner,
            own: asking.own.as_deref(),
            model: inspected.models.last().map(String::as_str),
        };
        let only = cache.only(&asking.ask);
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
        Cached { mark: Some(mark), ticket, only }
    }

    /// The answer, if it is there.
    ///
    /// # Errors
    /// It is not there, and the request is not to go upstream.
    pub(super) async fn serve(&self, exchange: &mut Exchange) -> Result<Option<Served>, ForwardError> {
        exchange.cache = self.mark.map(|mark| if mark == Forwarded::Bypass { "bypass" } else { "miss" });
        match &self.ticket {
            Some(ticket) => ticket.serve().await,
            None => self.only.clone().map_or(Ok(None), Err),
        }
    }

    pub(super) fn ticket(&self) -> Option<&Ticket> {
        self.ticket.as_ref()
    }

    /// What the upstream is not to see.
    pub(super) fn prepare(&self, head: &mut CallHead) {
        Ticket::prepare(&mut head.headers, self.ticket.is_some());
    }

    /// An answer begins: it is marked, and taken if it is one to be kept.
    pub(super) fn admit(&mut self, mut answer: Answer, exchange: &mut Exchange) -> Answer {
        let Some(mark) = self.mark else { return answer };
        let headers = match &mut answer {
            Answer::Upstream(answer, ..) => {
                let size = answer.body().size_hint().exact();
                let ticket = self.ticket.take();
                let put = ticket.and_then(|ticket| {
                    ticket.admit(answer.status(), answer.headers(), framing(answer, size))
                });
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

/// How the end of an answer is told.
fn framing(answer: &Response<Incoming>, size: Option<u64>) -> Framing {
    match size {
        Some(size) => Framing::Sized(size),
        None if answer.version() == Version::HTTP_2 => Framing::Told,
        None if answer.headers().contains_key(header::TRANSFER_ENCODING) => Framing::Told,
        None => Framing::ByClosing,
    }
}
