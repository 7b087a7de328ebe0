//! The recorder: takes what exchanges leave behind and writes it to the chat logs, on a thread of its own.

pub(crate) mod assemble;
mod cleaner;
mod files;
mod lines;
mod plain;
mod printed;
mod queue;
mod request;
mod thread;
mod uid;

pub(crate) use lines::Lines;
pub use thread::RecorderError;
pub(crate) use thread::RecorderThread;
pub(crate) use uid::Uid;

use crate::{
    capture::{About, Answered, Body},
    config::{ApiPaths, Config, RouteConfig, RouteKind},
    control::{FailingLog, LogStatus},
    endpoint,
};
use aifd_log::{FolderName, Kind, LineFormat, LogSettings, folder_name};
use http::Method;
use parking_lot::Mutex;
use queue::Queue;
use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

/// Bytes of a stream before there was one: some ten events fit.
const FIRST_STREAM: usize = 8 * 1024;

/// Shows chats to people.
pub type Printer = Box<dyn FnMut(&str) + Send>;

/// What an exchange leaves behind: what was asked, what was answered, or both.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) about: Arc<About>,
    pub(crate) asked: Option<Asked>,
    pub(crate) answered: Option<Answered>,
}

/// What was asked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) body: Body,
}

impl Entry {
    /// Bytes that it holds, about.
    fn size(&self) -> u64 {
        const FIXED: usize = 512;
        let asked = self.asked.as_ref().map_or(0, |asked| asked.body.data.capacity());
        let answered = self.answered.as_ref().map_or(0, |answered| answered.body.data.capacity());
        (FIXED + asked + answered) as u64
    }
}

/// A route, as its log needs it.
#[derive(Debug)]
struct RouteLog {
    folder: FolderName,
    name: Arc<str>,
    /// `None`: it is neither logged nor printed.
    kind: Option<RouteKind>,
    /// Whether its log is written; else its chats are only printed.
    written: bool,
    /// Bytes of its streams, about: the next one will be like them.
    usual_stream: AtomicUsize,
}

impl RouteLog {
    fn is_written_for_openai(&self) -> bool {
        self.written && self.kind == Some(RouteKind::OpenAi)
    }
}

/// Counts since the start.
#[derive(Debug, Default)]
struct Counts {
    /// Lines written.
    lines: AtomicU64,
    /// Lines lost, since they could not be written for too long.
    lost: AtomicU64,
    /// Events of streams that could not be read, and are missing in their lines.
    unread_events: AtomicU64,
}

/// Where exchanges leave what is to be logged.
#[derive(Debug)]
pub(crate) struct Recorder {
    settings: LogSettings,
    routes: Vec<RouteLog>,
    api_paths: ApiPaths,
    default_caching: bool,
    queue: Queue,
    counts: Counts,
    /// Files that cannot be written now.
    failing: Mutex<Vec<FailingLog>>,
}

impl Recorder {
    /// `None` where nothing is logged or printed.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let settings = &config.logs;
        let route_log = |route: &RouteConfig| {
            let on = match route.kind {
                RouteKind::OpenAi => settings.openai,
                RouteKind::General => settings.general,
            };
            let written = route.log.unwrap_or(on);
            let printed = settings.print_chat && route.kind == RouteKind::OpenAi;
            RouteLog {
                folder: folder_name(&route.prefix),
                name: if route.prefix.is_empty() { "/" } else { &*route.prefix }.into(),
                kind: (written || printed).then_some(route.kind),
                written,
                usual_stream: AtomicUsize::new(FIRST_STREAM),
            }
        };
        let routes: Vec<_> = config.routes.iter().map(route_log).collect();
        routes.iter().any(|route| route.kind.is_some()).then(|| Recorder {
            settings: settings.clone(),
            routes,
            api_paths: config.api_paths.clone(),
            default_caching: config.cache.default_request_caching,
            queue: Queue::default(),
            counts: Counts::default(),
            failing: Mutex::default(),
        })
    }

    /// As what a request is logged, if it is; `path` is in its [plain](crate::plain_path::plain) form.
    pub(crate) fn kind(&self, route: usize, method: &Method, path: &str) -> Option<Kind> {
        match self.routes.get(route)?.kind? {
            RouteKind::General => Some(Kind::General),
            RouteKind::OpenAi if method != Method::POST => None,
            RouteKind::OpenAi => endpoint::kind(&self.api_paths, path),
        }
    }

    /// Whether the log of a route is written, and not only printed.
    fn writes(&self, route: usize) -> bool {
        self.routes[route].written
    }

    /// Waits until there is room for what a new request will bring.
    pub(crate) async fn room(&self) {
        self.queue.room().await;
    }

    /// Takes what an exchange leaves behind. Does no I/O and does not wait.
    pub(crate) fn record(&self, entry: Entry) {
        self.queue.push(entry);
    }

    /// Whether a request has a line of its own, before its answer is there.
    pub(crate) fn tells_requests_apart(&self) -> bool {
        self.settings.format == LineFormat::Python
    }

    /// Bytes that a stream of a route has, about.
    pub(crate) fn usual_stream(&self, route: usize) -> usize {
        self.routes[route].usual_stream.load(Relaxed)
    }

    /// A stream of a route had so many bytes.
    pub(crate) fn saw_stream(&self, route: usize, bytes: usize) {
        let usual = &self.routes[route].usual_stream;
        let before = usual.load(Relaxed);
        // Most are like the one before, and nothing is to be written where many threads look.
        if bytes > before || bytes < before / 2 {
            usual.store(bytes + bytes / 8, Relaxed);
        }
    }

    /// Bytes of a body that are remembered at most.
    pub(crate) fn max_body(&self) -> usize {
        self.settings.max_body
    }

    /// The files are opened anew: somebody has moved them.
    pub(crate) fn reopen(&self) {
        self.queue.reopen();
    }

    /// How it does.
    pub(crate) fn status(&self) -> LogStatus {
        LogStatus {
            dir: self.settings.dir.to_string_lossy().into_owned(),
            lines: self.counts.lines.load(Relaxed),
            lost: self.counts.lost.load(Relaxed),
            unread_events: self.counts.unread_events.load(Relaxed),
            waiting_bytes: self.queue.waiting(),
            failing: self.failing.lock().clone(),
        }
    }
}

#[cfg(test)]
mod tests;
