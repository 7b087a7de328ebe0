//! What holds for any answer: a whole one comes out of its own stream again, and both tell the same of themselves.

use super::{tests::json, *};
use proptest::{option, prelude::*};
use serde_json::json;

fn words() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-zé中😀\"\\\\\n {}]{1,80}", any::<String>()]
}

fn text_or_null() -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Null), words().prop_map(Value::from)]
}

/// A value of a field that no API knows.
fn unknown() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        words().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Adds fields, those that are some.
fn with(mut object: Value, fields: Vec<(&str, Option<Value>)>) -> Value {
    for (name, value) in fields {
        if let Some(value) = value {
            object[name] = value;
        }
    }
    object
}

fn call() -> impl Strategy<Value = Value> {
    (words(), words(), any::<bool>(), option::of(unknown())).prop_map(|(name, input, is_custom, more)| {
        let call = if is_custom {
            json!({"id": "", "type": "custom", "custom": {"name": name, "input": input}})
        } else {
            json!({"id": "", "type": "function", "function": {"name": name, "arguments": input}})
        };
        with(call, vec![("extra_content", more)])
    })
}

fn calls() -> impl Strategy<Value = Value> {
    prop::collection::vec(call(), 0..4).prop_map(|mut calls| {
        for (at, call) in calls.iter_mut().enumerate() {
            call["id"] = format!("call_{at}").into();
        }
        calls.into()
    })
}

/// Log probabilities; of the tokens of a text or of others.
fn logprobs(text: &Value, own: bool) -> Value {
    let tokens: Vec<Value> = text
        .as_str()
        .filter(|_| own)
        .unwrap_or("other")
        .chars()
        .map(|c| json!({"token": c.to_string(), "logprob": -0.5, "bytes": null, "top_logprobs": []}))
        .collect();
    json!({"content": tokens, "refusal": null})
}

fn message() -> impl Strategy<Value = Value> {
    let texts = (text_or_null(), option::of(text_or_null()), option::of(text_or_null()));
    let audio = json!({"id": "a", "data": "AAAA", "transcript": "hi", "expires_at": 1});
    let calls = (option::of(calls()), option::of(words()), option::of(Just(audio)));
    (texts, calls, option::of(unknown())).prop_map(|(texts, (calls, function, audio), more)| {
        let function = function.map(|text| json!({"name": "f", "arguments": text}));
        let fields = vec![
            ("refusal", texts.1),
            ("reasoning_content", texts.2),
            ("tool_calls", calls),
            ("function_call", function),
            ("audio", audio),
            ("annotations", more),
        ];
        with(json!({"role": "assistant", "content": texts.0}), fields)
    })
}

fn reason() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["stop", "length", "tool_calls", "content_filter"])
}

fn head(object: &str, choices: Vec<Value>, more: Vec<Option<Value>>) -> Value {
    let mut choices = choices;
    for (at, choice) in choices.iter_mut().enumerate() {
        choice["index"] = json!(at);
    }
    let head = json!({"id": "x", "object": object, "created": 1, "model": "m", "choices": choices});
    let names = ["system_fingerprint", "service_tier", "prompt_filter_results", "usage"];
    with(head, names.into_iter().zip(more).collect())
}

fn more() -> impl Strategy<Value = Vec<Option<Value>>> {
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7});
    (option::of(text_or_null()), option::of(text_or_null()), option::of(unknown()), option::of(Just(usage)))
        .prop_map(|(a, b, c, d)| vec![a, b, c, d])
}

fn chat() -> impl Strategy<Value = Value> {
    let choice = (message(), reason(), option::of(any::<Option<bool>>()), option::of(unknown())).prop_map(
        |(message, reason, weighed, more)| {
            let weighed =
                weighed.map(|own| own.map_or(Value::Null, |own| logprobs(&message["content"], own)));
            let choice = json!({"index": 0, "message": message, "finish_reason": reason});
            with(choice, vec![("logprobs", weighed), ("content_filter_results", more)])
        },
    );
    (prop::collection::vec(choice, 1..4), more())
        .prop_map(|(choices, more)| head("chat.completion", choices, more))
}

fn completion() -> impl Strategy<Value = Value> {
    let choice = (words(), reason(), option::of(any::<bool>())).prop_map(|(text, reason, own)| {
        let own = own.map(|own| {
            let tokens: Vec<String> =
                if own { text.chars().map(String::from).collect() } else { vec!["x".into()] };
            let offsets: Vec<usize> = (0..tokens.len()).collect();
            json!({"tokens": tokens, "token_logprobs": offsets, "text_offset": offsets, "top_logprobs": null})
        });
        with(json!({"text": text, "index": 0, "finish_reason": reason}), vec![("logprobs", own)])
    });
    (prop::collection::vec(choice, 1..4), more())
        .prop_map(|(choices, more)| head("text_completion", choices, more))
}

fn responses() -> impl Strategy<Value = Value> {
    let part = prop_oneof![
        (words(), any::<bool>()).prop_map(|(text, own)| {
            let weighed = logprobs(&text.clone().into(), own)["content"].take();
            json!({"type": "output_text", "text": text, "annotations": [{"type": "a"}], "logprobs": weighed})
        }),
        words().prop_map(|text| json!({"type": "refusal", "refusal": text})),
        unknown(),
    ];
    let item = prop_oneof![
        prop::collection::vec(part, 0..3)
            .prop_map(|parts| json!({"type": "message", "id": "m", "status": "completed", "content": parts})),
        words().prop_map(|text| json!({"type": "function_call", "id": "f", "name": "f", "arguments": text})),
        words().prop_map(
            |text| json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": text}]})
        ),
        unknown().prop_map(|more| json!({"type": "web_search_call", "id": "w", "action": more})),
    ];
    (prop::collection::vec(item, 0..4), any::<bool>(), option::of(unknown())).prop_map(
        |(output, cut, more)| {
            let usage = json!({"input_tokens": 3, "output_tokens": 4});
            let answer =
                json!({"object": "response", "model": "m", "output": output, "usage": usage, "more": more});
            let details = if cut { json!({"reason": "max_output_tokens"}) } else { Value::Null };
            let status = if cut { "incomplete" } else { "completed" };
            with(answer, vec![("status", Some(status.into())), ("incomplete_details", Some(details))])
        },
    )
}

fn messages() -> impl Strategy<Value = Value> {
    let fields = prop::collection::btree_map("[a-z]{1,6}", unknown(), 0..3);
    let block = prop_oneof![
        (words(), option::of(prop::collection::vec(words(), 0..3)))
            .prop_map(|(text, cited)| json!({"type": "text", "text": text, "citations": cited})),
        (words(), option::of(words())).prop_map(|(text, signature)| {
            with(
                json!({"type": "thinking", "thinking": text}),
                vec![("signature", signature.map(Value::from))],
            )
        }),
        (fields, any::<bool>()).prop_map(|(input, of_server)| {
            let kind = if of_server { "server_tool_use" } else { "tool_use" };
            json!({"type": kind, "id": "t", "name": "f", "input": input})
        }),
        unknown().prop_map(|more| json!({"type": "redacted_thinking", "data": more})),
    ];
    let tokens = option::of(any::<u32>());
    (prop::collection::vec(block, 0..4), tokens, option::of(words()), option::of(unknown())).prop_map(
        |(content, tokens, stop, more)| {
            let usage = tokens.map(|tokens| json!({"input_tokens": 3, "output_tokens": tokens}));
            let answer = json!({"type": "message", "role": "assistant", "model": "m", "content": content});
            let fields = vec![
                ("stop_reason", Some("end_turn".into())),
                ("stop_sequence", Some(stop.into())),
                ("usage", usage),
                ("container", more),
            ];
            with(answer, fields)
        },
    )
}

fn comes_again(api: Api, answer: &Value) -> Result<(), TestCaseError> {
    let text = answer.to_string().into_bytes();
    let told = completeness(Some(api), "application/json; charset=utf-8", &text);
    prop_assert!(matches!(told, Complete::Yes(_)), "{:?}", told);
    let streamed = stream(api, &text, true).ok_or_else(|| TestCaseError::fail("no stream"))?;
    prop_assert_eq!(&completeness(Some(api), "text/event-stream", &streamed), &told);
    prop_assert_eq!(whole(api, &streamed).map(|whole| json(&whole)), Some(answer.clone()));
    // However it was framed.
    let crlf = String::from_utf8(streamed).unwrap().replace('\n', "\r\n");
    prop_assert_eq!(whole(api, crlf.as_bytes()).map(|whole| json(&whole)), Some(answer.clone()));
    // One that was not asked for its usage is the same but for that.
    let mut without = answer.clone();
    if matches!(api, Api::Chat | Api::Completion) {
        without.as_object_mut().unwrap().shift_remove("usage");
    }
    let streamed = stream(api, &text, false).and_then(|streamed| whole(api, &streamed));
    prop_assert_eq!(streamed.map(|whole| json(&whole)), Some(without));
    Ok(())
}

proptest! {
    #[test]
    fn chats_come_again(answer in chat()) {
        comes_again(Api::Chat, &answer)?;
    }

    #[test]
    fn completions_come_again(answer in completion()) {
        comes_again(Api::Completion, &answer)?;
    }

    #[test]
    fn responses_come_again(answer in responses()) {
        comes_again(Api::Responses, &answer)?;
    }

    #[test]
    fn messages_come_again(answer in messages()) {
        comes_again(Api::Messages, &answer)?;
    }

    #[test]
    fn pieces_make_up_their_text(text in words(), times in 0_usize..3000) {
        let text = text.repeat(times);
        let cut: Vec<&str> = pieces::pieces(&text).collect();
        prop_assert_eq!(&cut.concat(), &text);
        prop_assert!(cut.iter().all(|piece| !piece.is_empty()));
        prop_assert!(cut.len() <= 1100);
    }

    /// Of an answer cut anywhere, and of one with any byte changed, nothing is made up.
    #[test]
    fn a_stream_that_is_cut_is_not_all_there(
        (api, answer) in prop_oneof![
            chat().prop_map(|answer| (Api::Chat, answer)),
            responses().prop_map(|answer| (Api::Responses, answer)),
            messages().prop_map(|answer| (Api::Messages, answer)),
        ],
        at: prop::sample::Index,
        byte: u8,
    ) {
        let mut streamed = stream(api, answer.to_string().as_bytes(), true).unwrap();
        // Without the last blank line the last event is still told.
        let end = streamed.trim_ascii_end().len();
        let cut = at.index(end);
        prop_assert!(matches!(completeness(Some(api), "text/event-stream", &streamed[..cut]), Complete::No(_)));
        prop_assert_eq!(whole(api, &streamed[..cut]), None);
        streamed[cut] = byte;
        whole(api, &streamed);
        completeness(Some(api), "text/event-stream", &streamed);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, events in prop::collection::vec(unknown(), 0..4)) {
        let names = ["choices", "delta", "index", "type", "message", "response", "content_block", "output", "content"];
        let mut streamed = bytes;
        for (at, event) in events.iter().enumerate() {
            let fields: Object = names.iter().skip(at).map(|name| ((*name).to_owned(), event.clone())).collect();
            frame::data(&mut streamed, &fields.into());
        }
        for api in [Api::Chat, Api::Completion, Api::Responses, Api::Messages] {
            for content_type in ["text/event-stream", "application/json", ""] {
                completeness(Some(api), content_type, &streamed);
                completeness(None, content_type, &streamed);
            }
            whole(api, &streamed);
            stream(api, &streamed, true);
            for event in &events {
                stream(api, event.to_string().as_bytes(), true);
            }
        }
    }
}
