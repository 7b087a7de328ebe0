//! WebSocket upgrades: the handshake goes to the upstream, and then bytes go both ways until one side ends.

use super::worker::{Phase, Worker};
use crate::{
    access::credential::{hide, hide_subprotocol},
    answer::AnswerBody,
    error::ForwardError,
    exchange::{End, Exchange},
    forward::{
        Answer,
        keys::{Keys, Reply, Verdict, names_account, verdict},
    },
    route::Route,
    tasks,
    upstream::{
        CallHead,
        body::CallBody,
        headers::{lists, prepare_answer},
    },
};
use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use http_body::Body;
use hyper::{
    body::Incoming,
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::TokioIo;
use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf};

/// How long the other direction may go on after one has ended.
const LINGER: Duration = Duration::from_secs(10);

/// Whether a request asks for a WebSocket (RFC 6455 section 4.1). Other upgrades concern one connection alone.
pub(crate) fn is_asked<B: Body>(request: &Request<B>) -> bool {
    let headers = request.headers();
    request.version() == Version::HTTP_11
        && request.body().is_end_stream()
        && headers.get(header::UPGRADE).is_some_and(|protocol| lists(protocol, "websocket"))
        && headers.get_all(header::CONNECTION).iter().any(|options| lists(options, "upgrade"))
}

/// A WebSocket that a caller asked for.
pub(crate) struct Tunnel<'a> {
    pub(crate) worker: &'a Arc<Worker>,
    pub(crate) route: &'a Route,
    pub(crate) head: CallHead,
    /// The caller's connection, once the answer has gone out.
    pub(crate) upgrade: OnUpgrade,
    pub(crate) keys: Keys<'a>,
}

impl Tunnel<'_> {
    /// Asks the upstream; its answer goes to the caller, and a 101 joins the two connections.
    ///
    /// # Errors
    /// No answer could be had, or no upstream key is left.
    pub(crate) async fn open(mut self, exchange: &mut Exchange) -> Result<Answer, ForwardError> {
        let answer = match self.accepted(exchange).await? {
            Reply::Passing(answer, _) => answer,
            Reply::Whole(answer) => return Ok(Answer::Own(answer)),
        };
        let granted = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
        let named = answer.headers().get(header::UPGRADE);
        if granted && !named.is_some_and(|protocol| lists(protocol, "websocket")) {
            let upstream = self.worker.upstream.origin(self.route.index).name.clone();
            return Err(ForwardError::AnswerInvalid { upstream });
        }
        Ok(if granted { Answer::Tunnel(self.join(answer)) } else { Answer::Upstream(answer, None, None) })
    }

    /// Asks with one upstream key after the other until the provider takes one.
    async fn accepted(&mut self, exchange: &mut Exchange) -> Result<Reply, ForwardError> {
        let origin = self.worker.upstream.origin(self.route.index);
        loop {
            let key = self.keys.put_in(&mut self.head, origin)?;
            let mut answer = self.ask(exchange).await?;
            exchange.answered(answer.status());
            let Some(key) = key else { return Ok(Reply::Passing(answer, None)) };
            hide(answer.headers_mut(), &key.secret);
            match verdict(answer, None, names_account(&self.head.headers), origin).await? {
                Verdict::Served(reply) => return Ok(reply),
                Verdict::Refused(why) => self.keys.set_aside(key, why),
            }
        }
    }

    async fn ask(&self, exchange: &mut Exchange) -> Result<Response<Incoming>, ForwardError> {
        let upstream = &self.worker.upstream;
        let stream = upstream.connect_apart(self.route.index).await?;
        let origin = upstream.origin(self.route.index);
        let reset = |_| ForwardError::Reset { upstream: origin.name.clone() };
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(reset)?;
        tasks::spawn(connection.with_upgrades());
        let mut request = upstream.request(origin, &self.head, CallBody::Empty, false)?;
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        request.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        exchange.asked();
        let sent = sender.send_request(request);
        let answered = upstream.first_byte(sent, origin, exchange).await?;
        answered.map_err(|error| {
            let upstream = origin.name.clone();
            if error.is_parse() {
                ForwardError::AnswerInvalid { upstream }
            } else {
                ForwardError::Reset { upstream }
            }
        })
    }

    fn join(self, mut answer: Response<Incoming>) -> Joined {
        let theirs = hyper::upgrade::on(&mut answer);
        let mut answer = answer.map(drop);
        prepare_answer(answer.headers_mut());
        hide_subprotocol(answer.headers_mut());
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        answer.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        Joined { answer, ours: self.upgrade, theirs, worker: self.worker.clone() }
    }
}

/// A granted WebSocket.
pub(crate) struct Joined {
    answer: Response<()>,
    ours: OnUpgrade,
    theirs: OnUpgrade,
    worker: Arc<Worker>,
}

impl Joined {
    /// Carries bytes both ways from now on; the answer tells the caller.
    pub(crate) fn carry(mut self, exchange: Exchange) -> Response<AnswerBody> {
        exchange.stamp(self.answer.headers_mut());
        let (open, mut phase) = (self.worker.open.hold(), self.worker.phase.clone());
        tasks::spawn(async move {
            let _open = open;
            let cut = phase.wait_for(|phase| *phase == Phase::Cut);
            tokio::select! {
                () = carry(self.ours, self.theirs, exchange) => {}
                _ = cut => {}
            }
        });
        self.answer.map(|()| AnswerBody::bare(bytes::Bytes::new()))
    }
}

/// Carries bytes both ways until both directions have ended, or one has and the other stays open for too long.
async fn carry(ours: OnUpgrade, theirs: OnUpgrade, mut exchange: Exchange) {
    let (Ok(ours), Ok(theirs)) = tokio::join!(ours, theirs) else { return };
    let (from_caller, to_caller) = tokio::io::split(TokioIo::new(ours));
    let (from_upstream, to_upstream) = tokio::io::split(TokioIo::new(theirs));
    let mut up = std::pin::pin!(copy(from_caller, to_upstream));
    let mut down = std::pin::pin!(copy(from_upstream, to_caller));
    let (sent, received) = tokio::select! {
        sent = &mut up => (Some(sent), tokio::time::timeout(LINGER, down).await.ok()),
        received = &mut down => (tokio::time::timeout(LINGER, up).await.ok(), Some(received)),
    };
    exchange.bytes_in.store(sent.as_ref().map_or(0, |done| done.0), Relaxed);
    exchange.bytes_out = received.as_ref().map_or(0, |done| done.0);
    let well = |done: Option<(u64, bool)>| done.is_some_and(|(_, well)| well);
    exchange.end(if well(sent) && well(received) { End::Complete } else { End::Cancelled });
}

/// Copies one direction and passes its end on; the bytes copied, and whether it ended well.
async fn copy(mut from: ReadHalf<TokioIo<Upgraded>>, mut to: WriteHalf<TokioIo<Upgraded>>) -> (u64, bool) {
    use tokio::io::AsyncReadExt;
    let mut buffer = vec![0; 8 * 1024];
    let mut total = 0;
    loop {
        match from.read(&mut buffer).await {
            Ok(0) => return (total, to.shutdown().await.is_ok()),
            Ok(read) => {
                if to.write_all(&buffer[..read]).await.is_err() || to.flush().await.is_err() {
                    return (total, false);
                }
                total += read as u64;
            }
            Err(_) => {
                // The other side learns of it by the end of its stream.
                let _ = to.shutdown().await;
                return (total, false);
            }
        }
    }
}
