//! Makes the lines of what exchanges leave behind.

use super::{
    Entry, Recorder,
    assemble::{self, opaque},
    cleaner::{Cleaner, Keys},
    printed,
    request::{request, whole_fields},
};
use crate::{
    capture::{About, Answered, Body},
    config::Config,
    exchange,
    zone::Zone,
};
use aifd_log::{
    Kind, LineFormat,
    line::{push_answer, push_exchange, push_request},
    record::{self, Answer, Facts, Request, Target},
};
use chrono::{DateTime, Utc};
use std::{borrow::Cow, collections::BTreeSet, fmt::Write, sync::atomic::Ordering::Relaxed};

/// Makes lines.
pub(crate) struct Lines<'r> {
    recorder: &'r Recorder,
    zone: Zone,
    cleaner: Cleaner,
    /// The last second, and how the clocks showed it.
    second: (i64, String),
    /// Routes of which it was told that events of their streams cannot be read.
    told_unread: BTreeSet<usize>,
}

impl<'r> Lines<'r> {
    /// As a configuration says; `None` if its `log.redact` cannot be used.
    pub(crate) fn of(recorder: &'r Recorder, config: &Config) -> Option<Self> {
        let zone = Zone::of(config.timezone.as_deref());
        Some(Lines::new(recorder, zone, Cleaner::of(config).ok()?))
    }

    pub(super) fn new(recorder: &'r Recorder, zone: Zone, cleaner: Cleaner) -> Self {
        Lines { recorder, zone, cleaner, second: (i64::MIN, String::new()), told_unread: BTreeSet::new() }
    }

    /// Appends the lines of an entry, and what is shown to people.
    pub(crate) fn push(&mut self, entry: &Entry, out: &mut Vec<u8>, mut shown: Option<&mut String>) {
        let about = &*entry.about;
        let ip = about.client.map(|ip| ip.to_string()).unwrap_or_default();
        let keys = Keys::of(&about.credentials);
        self.look_at_clock(about.at);
        let (asked, body_bytes) = match &entry.asked {
            Some(asked) => {
                let (request, bytes) = self.request(about, &asked.body, &keys);
                (Some(request), bytes)
            }
            None => (None, None),
        };
        let answer = entry.answered.as_ref().map(|answered| {
            let answer = self.answer(about, answered, &keys);
            (facts(answered, &answer), answer)
        });
        self.count_unread(about, answer.as_ref().map_or(0, |(_, answer)| answer.unread_events));
        let request_id = about.request_id.as_deref().map(|id| self.cleaner.clean_path(id, &keys));
        let told = record::About { body_bytes, request_id: request_id.as_deref(), ..self.about(about, &ip) };
        let path = about.target.as_ref().map(|(_, path)| self.cleaner.clean_path(path, &keys));
        let target = target(about, path.as_deref().unwrap_or_default());
        match (self.recorder.settings.format, asked, answer) {
            (LineFormat::Python, asked, answer) => {
                if let Some(asked) = asked {
                    push_request(&told, target, &asked, out);
                    show(&mut shown, |shown| printed::request(&told, &asked, shown));
                }
                if let Some((facts, answer)) = answer {
                    push_answer(&told, &facts, &answer, out);
                    show(&mut shown, |shown| printed::answer(&told, &facts, &answer, shown));
                }
            }
            (LineFormat::Json, asked, Some((facts, answer))) => {
                let asked = asked.unwrap_or(Request::Empty);
                push_exchange(&told, target, &asked, &facts, &answer, out);
                show(&mut shown, |shown| {
                    printed::request(&told, &asked, shown);
                    printed::answer(&told, &facts, &answer, shown);
                });
            }
            (LineFormat::Json, _, None) => {}
        }
    }

    /// Counts what is missing, and tells it of each route once.
    fn count_unread(&mut self, about: &About, events: u64) {
        if events == 0 {
            return;
        }
        self.recorder.counts.unread_events.fetch_add(events, Relaxed);
        if self.told_unread.insert(about.route) {
            let (route, uid) = (&*self.recorder.routes[about.route].name, about.uid.as_str());
            tracing::warn!(target: "aifd::log", route, uid, events, "events of a stream cannot be read, and are missing in its chat log; further ones are counted");
        }
    }

    fn look_at_clock(&mut self, at: DateTime<Utc>) {
        if self.second.0 != at.timestamp() {
            self.second.1.clear();
            // Writing to memory does not fail.
            let _ = write!(self.second.1, "{}", self.zone.local(at).format("%Y-%m-%d %H:%M:%S"));
            self.second.0 = at.timestamp();
        }
    }

    fn about<'a>(&'a self, about: &'a About, ip: &'a str) -> record::About<'a> {
        record::About {
            kind: about.kind,
            uid: about.uid.as_str(),
            datetime: &self.second.1,
            ip,
            route: &self.recorder.routes[about.route].name,
            key: about.key.as_deref(),
            caching: self.recorder.default_caching,
            body_bytes: None,
            request_id: None,
        }
    }

    /// What was asked, and the bytes of a body that is too long to be logged whole.
    fn request<'a>(&self, about: &About, body: &'a Body, keys: &Keys<'_>) -> (Request<'a>, Option<u64>) {
        let max = self.recorder.max_body();
        let (asked, left_out) = request(&about.content_type, &about.content_encoding, &body.data, max);
        let bytes = match (body.left_out, left_out) {
            (0, 0) => None,
            // It was cut as it came, and nobody knows its length without its encoding.
            (left_out, _) if left_out > 0 => Some(body.data.len() as u64 + left_out),
            (_, left_out) => Some(max as u64 + left_out),
        };
        let asked = match (asked, bytes) {
            (asked, None) => asked,
            // Half of a JSON text is none.
            (Request::Json(text), _) if about.kind == Kind::General => Request::Text(opaque::text(&text)),
            (Request::Json(text), _) => Request::Json(Cow::Owned(whole_fields(&text))),
            (asked, _) => asked,
        };
        let clean = |raw| self.cleaner.clean(raw, keys);
        let asked = match asked {
            Request::Json(raw) => Request::Json(clean(raw)),
            Request::Form(raw) => Request::Form(clean(raw)),
            Request::Text(raw) => Request::Text(clean(raw)),
            Request::Bytes(raw) => Request::Bytes(raw),
            Request::Empty => Request::Empty,
        };
        (asked, bytes)
    }

    fn answer<'a>(&self, about: &About, answered: &'a Answered, keys: &Keys<'_>) -> Answer<'a> {
        let mut answer = assemble::answer(
            about.kind,
            assemble::Answered {
                body: &answered.body.data,
                content_type: &answered.content_type,
                content_encoding: &answered.content_encoding,
                max_decoded: self.recorder.max_body(),
            },
        );
        answer.left_out += answered.body.left_out;
        if let (Some(code), None) = (answered.fault, &answer.error) {
            answer.error = Some(Cow::Owned(format!("{{\"code\":\"{code}\"}}").into_bytes()));
        }
        if about.kind == Kind::General && answer.body.as_deref() == Some(b"\"\"") {
            answer.body = None;
        }
        self.cleaner.clean_answer(answer, keys)
    }
}

fn show(shown: &mut Option<&mut String>, with: impl FnOnce(&mut String)) {
    if let Some(shown) = shown {
        with(shown);
    }
}

fn target<'a>(about: &'a About, path: &'a str) -> Target<'a> {
    Target { method: about.target.as_ref().map_or("", |(method, _)| method.as_str()), path }
}

/// Whether a stream, which is known to its end, does not say that it is whole.
fn breaks_off(answer: &Answer<'_>) -> bool {
    answer.is_unfinished && answer.left_out == 0
}

fn facts(answered: &Answered, answer: &Answer<'_>) -> Facts<'static> {
    let milliseconds = |time: std::time::Duration| time.as_micros() as f64 / 1000.0;
    let succeeded = answered.status.is_some_and(|status| status.is_success());
    Facts {
        status: answered.status.map(|status| status.as_u16()),
        end: match answered.end {
            // An error in the place of the rest of an answer that had begun well, or nothing.
            exchange::End::Complete if succeeded && (answer.error.is_some() || breaks_off(answer)) => {
                record::End::Failed
            }
            exchange::End::Complete => record::End::Complete,
            exchange::End::Failed => record::End::Failed,
            exchange::End::Cancelled => record::End::Cancelled,
        },
        latency_ms: milliseconds(answered.latency),
        ttft_ms: answered.first_byte.map(milliseconds),
        cache: answered.cache,
    }
}
