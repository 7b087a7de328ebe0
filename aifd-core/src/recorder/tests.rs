//! What is logged as what, and what the queue promises.

use super::*;
use crate::config::{self, Environment, Sources};
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

fn recorder(flags: &[(&'static str, &str)]) -> Option<Recorder> {
    let flags = flags.iter().map(|(key, value)| (*key, "", (*value).to_owned())).collect();
    let sources = Sources { flags, environment: Environment::default(), ..Sources::default() };
    Recorder::new(&config::load(&sources).unwrap().config)
}

const ROUTES: &str = r#"[{"base_url":"http://a","route":"/","type":"openai"},{"base_url":"http://b","route":"/b/c","type":"general"},
    {"base_url":"http://c","route":"/quiet","type":"openai","log":false},{"base_url":"http://d","route":"/loud","type":"general","log":true}]"#;

#[test]
fn a_request_is_logged_as_what_its_path_says() {
    let recorder = recorder(&[("log.openai", "true"), ("forward", ROUTES)]).unwrap();
    for (route, method, path, kind) in [
        (0, Method::POST, "/v1/chat/completions", Some(Kind::Chat)),
        (0, Method::POST, "/openai/deployments/x/chat/completions", Some(Kind::Chat)),
        (0, Method::POST, "/v1/completions", Some(Kind::Completion)),
        (0, Method::POST, "/v1/embeddings", Some(Kind::Embedding)),
        (0, Method::POST, "/v1/audio/translations", Some(Kind::Whisper)),
        (0, Method::POST, "/v1/responses", Some(Kind::Responses)),
        (0, Method::POST, "/v1/messages", Some(Kind::Messages)),
        (0, Method::POST, "/v1/threads/t/messages", None),
        (0, Method::POST, "/v1/images/generations", None),
        (0, Method::GET, "/v1/chat/completions", None),
        (1, Method::POST, "/b/c/x", None),
        (2, Method::POST, "/quiet/v1/chat/completions", None),
        (3, Method::GET, "/loud/anything", Some(Kind::General)),
        (9, Method::POST, "/v1/chat/completions", None),
    ] {
        assert_eq!(recorder.kind(route, &method, path), kind, "{method} {path}");
    }
}

#[test]
fn there_is_none_where_nothing_is_logged_and_chats_that_are_only_printed_are_not_written() {
    assert!(recorder(&[]).is_none());
    let printing = recorder(&[("print_chat", "true")]).unwrap();
    assert_eq!(printing.kind(0, &Method::POST, "/v1/chat/completions"), Some(Kind::Chat));
    assert!(!printing.writes(0));
}

fn entry(bytes: usize) -> Entry {
    let about = About {
        uid: Uid([b'0'; 32]),
        kind: Kind::Chat,
        route: 0,
        at: crate::clock::utc(),
        client: None,
        request_id: None,
        key: None,
        target: None,
        content_type: "".into(),
        content_encoding: "".into(),
        credentials: Box::default(),
    };
    let body = Body { data: Vec::with_capacity(bytes), left_out: 0 };
    Entry { about: Arc::new(about), asked: Some(Asked { body }), answered: None }
}

#[test]
fn a_full_queue_makes_new_requests_wait_and_loses_nothing() {
    let recorder = recorder(&[("log.openai", "true")]).unwrap();
    let mut context = Context::from_waker(Waker::noop());
    assert_eq!(pin!(recorder.room()).poll(&mut context), Poll::Ready(()));
    (0..65).for_each(|_| recorder.record(entry(1 << 20)));
    let mut waiting = pin!(recorder.room());
    assert_eq!(waiting.as_mut().poll(&mut context), Poll::Pending);
    recorder.queue.stop();
    let batch = recorder.queue.take(None);
    assert_eq!((batch.entries.len(), batch.last), (65, true));
    assert_eq!(waiting.as_mut().poll(&mut context), Poll::Pending, "until they are written");
    recorder.queue.done(batch.bytes);
    assert_eq!(waiting.as_mut().poll(&mut context), Poll::Ready(()));
    assert_eq!(recorder.queue.waiting(), 0);
}
