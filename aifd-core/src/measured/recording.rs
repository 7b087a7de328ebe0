//! What it takes to make the lines of an exchange.

use crate::{
    capture::{About, Answered, Body},
    config::{self, Environment, Sources},
    exchange::End,
    recorder::{Asked, Entry, Lines, Recorder, Uid},
};
use aifd_log::Kind;
use http::StatusCode;
use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// A recorder without its thread and files.
pub struct Recording {
    recorder: Recorder,
    config: config::Config,
}

/// An exchange that is logged again and again.
pub struct Exchange(Vec<Entry>);

impl Recording {
    /// One that logs openai routes as `aifd run` does with this format (`python`, `jsonl`). `None`: no such format.
    pub fn new(format: &str) -> Option<Self> {
        let flags = vec![("log.openai", "", "true".to_owned()), ("log.format", "", format.to_owned())];
        let sources = Sources { flags, environment: Environment::default(), ..Sources::default() };
        let config = config::load(&sources).ok()?.config;
        Some(Recording { recorder: Recorder::new(&config)?, config })
    }

    /// A chat completion with these bodies.
    pub fn exchange(&self, asked: &str, content_type: &'static str, answer: &str) -> Exchange {
        let about = Arc::new(About {
            uid: Uid([b'a'; 32]),
            kind: Kind::Chat,
            route: 0,
            at: SystemTime::UNIX_EPOCH.into(),
            client: Some([192, 0, 2, 1].into()),
            request_id: None,
            key: None,
            target: None,
            content_type: Cow::Borrowed("application/json"),
            content_encoding: Cow::Borrowed(""),
            credentials: ["sk-0123456789abcdef".into()].into(),
        });
        let body = |text: &str| Body { data: text.as_bytes().to_vec(), left_out: 0 };
        let answered = Answered {
            body: body(answer),
            content_type: Cow::Borrowed(content_type),
            content_encoding: Cow::Borrowed(""),
            status: Some(StatusCode::OK),
            end: End::Complete,
            fault: None,
            cache: None,
            latency: Duration::from_micros(12_345),
            first_byte: Some(Duration::from_micros(6_789)),
        };
        let asked = Entry { about: about.clone(), asked: Some(Asked { body: body(asked) }), answered: None };
        Exchange(vec![asked, Entry { about, asked: None, answered: Some(answered) }])
    }

    /// Makes the lines of an exchange `times` over; gives back their bytes.
    pub fn log(&self, exchange: &Exchange, times: usize) -> usize {
        let Some(mut lines) = Lines::of(&self.recorder, &self.config) else { return 0 };
        let (mut out, mut bytes) = (Vec::new(), 0);
        for _ in 0..times {
            exchange.0.iter().for_each(|entry| lines.push(entry, &mut out, None));
            bytes += out.len();
            out.clear();
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_logged() {
        let recording = Recording::new("python").unwrap();
        let exchange = recording.exchange(
            r#"{"model":"m","messages":[]}"#,
            "application/json",
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"}}]}"#,
        );
        let once = recording.log(&exchange, 1);
        assert!(once > 500 && recording.log(&exchange, 3) == 3 * once);
    }
}
