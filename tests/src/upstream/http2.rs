//! Plays one HTTP/2 connection; what only HTTP/1.1 has (raw bytes, taking over, interim answers) is not played.

use super::{Received, Shared};
use crate::{
    Answer, Head, Socket,
    answer::{End, Kind},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response,
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

pub(super) async fn serve(socket: Socket, connection: usize, shared: Arc<Shared>) {
    let nth = Arc::new(AtomicUsize::new(0));
    let service = service_fn(move |request| {
        exchange(request, connection, nth.fetch_add(1, Ordering::Relaxed), shared.clone())
    });
    let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    drop(server.serve_connection(TokioIo::new(socket), service).await);
}

type Answered = Response<UnsyncBoxBody<Bytes, io::Error>>;

async fn exchange(
    request: Request<Incoming>,
    connection: usize,
    nth: usize,
    shared: Arc<Shared>,
) -> Result<Answered, io::Error> {
    let (parts, body) = request.into_parts();
    let received = Received { connection, nth, head: head(&parts), ..Received::default() };
    let mut answer = (shared.handler)(&received);
    let index = shared.note(|state| {
        state.requests.push(received);
        state.requests.len() - 1
    });
    let mut watch = Watch { shared: shared.clone(), complete: false };
    if answer.reads_body {
        read(body, index, &shared).await?;
    }
    if let Some(gate) = &answer.hold {
        gate.wait().await;
    }
    match (&answer.kind, answer.end) {
        (Kind::Nothing, End::Stall) => std::future::pending().await,
        (Kind::Message, _) => {}
        (Kind::Echo, _) => {
            let body = shared.state.lock().requests[index].body.clone();
            answer = answer.body(body);
        }
        _ => {
            watch.finish();
            return Err(io::ErrorKind::ConnectionReset.into());
        }
    }
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    let body = StreamBody::new(frames(answer, watch));
    Ok(response.body(body.boxed_unsync()).expect("an answer"))
}

fn head(parts: &http::request::Parts) -> Head {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let mut raw = format!("{} {target} HTTP/2\r\n", parts.method);
    if let Some(authority) = parts.uri.authority() {
        raw += &format!(
            ":authority: {authority}\r\n:scheme: {}\r\n",
            parts.uri.scheme_str().unwrap_or_default()
        );
    }
    for (name, value) in &parts.headers {
        raw += &format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
    }
    let mut head = Head::parse((raw + "\r\n").as_bytes());
    for field in [":authority", ":scheme"] {
        // Such a name begins with the colon that ends others.
        let value = raw_field(&head.raw, field);
        head.headers.retain(|(name, _)| !name.is_empty());
        head.headers.extend(value.map(|value| (field.to_owned(), value)));
    }
    head
}

fn raw_field(raw: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(raw);
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
}

async fn read(mut body: Incoming, index: usize, shared: &Shared) -> io::Result<()> {
    while let Some(frame) = body.frame().await {
        match frame.map_err(io::Error::other)?.into_data() {
            Ok(data) => shared.note(|state| {
                state.requests[index].chunks.push(data.len());
                state.requests[index].body.extend_from_slice(&data);
            }),
            Err(frame) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                let field = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                };
                shared.note(|state| state.requests[index].trailers = trailers.iter().map(field).collect());
            }
        }
    }
    shared.note(|state| state.requests[index].complete = true);
    Ok(())
}

/// Notes when an answer was dropped before its end.
struct Watch {
    shared: Arc<Shared>,
    complete: bool,
}

impl Watch {
    fn finish(&mut self) {
        self.complete = true;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.complete {
            self.shared.note(|state| state.left += 1);
        }
    }
}

fn frames(answer: Answer, watch: Watch) -> impl Stream<Item = io::Result<Frame<Bytes>>> + Send {
    enum Step {
        Part(Bytes),
        Trailers(http::HeaderMap),
        Break,
        Stall,
    }
    let mut steps = answer.sent_parts().map(Step::Part).collect::<Vec<_>>();
    match (answer.until, answer.end) {
        (Some(_), End::Stall) => steps.push(Step::Stall),
        (Some(_), _) => steps.push(Step::Break),
        (None, _) if !answer.trailers.is_empty() => {
            let field = |(name, value): &(String, String)| {
                (name.parse::<http::HeaderName>().expect("a name"), value.parse().expect("a value"))
            };
            steps.push(Step::Trailers(answer.trailers.iter().map(field).collect()));
        }
        (None, _) => {}
    }
    let gate = answer.gate;
    stream::unfold((steps.into_iter(), watch), move |(mut steps, mut watch)| {
        let gate = gate.clone();
        async move {
            let Some(step) = steps.next() else {
                watch.finish();
                return None;
            };
            let frame = match step {
                Step::Part(part) => {
                    if let Some(gate) = gate {
                        gate.wait().await;
                    }
                    watch.shared.note(|state| state.sent += part.len() as u64);
                    Ok(Frame::data(part))
                }
                Step::Trailers(trailers) => Ok(Frame::trailers(trailers)),
                Step::Break => {
                    if let Some(gate) = gate {
                        gate.wait().await;
                    }
                    watch.finish();
                    Err(io::ErrorKind::ConnectionReset.into())
                }
                Step::Stall => std::future::pending().await,
            };
            Some((frame, (steps, watch)))
        }
    })
    .fuse()
}
