//! An exchange as the one JSON object that `log.format: jsonl` writes, and back.

use super::{Exchange, Fields, HEAD, ordered, taken};
use crate::Kind;
use serde_json::Value;

impl Exchange {
    /// An exchange from its object. Fields may stand in any order, and any may be missing.
    pub fn of_json(mut line: Fields) -> Self {
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let uid = line.shift_remove("uid").map(text).unwrap_or_default();
        let kind =
            line.shift_remove("kind").and_then(|kind| kind.as_str()?.parse().ok()).unwrap_or(Kind::Chat);
        let mut exchange = Exchange::new(uid, kind);
        exchange.head = taken(&mut line, &HEAD);
        let request = line.shift_remove("request");
        exchange.request = match (kind, request) {
            (Kind::General, request) => {
                let mut asked = taken(&mut line, &["method", "path"]);
                request.map(|payload| asked.insert("payload".to_owned(), payload));
                asked
            }
            (_, Some(Value::Object(fields))) => fields,
            (_, None | Some(Value::Null)) => Fields::new(),
            (_, Some(body)) => [("body".to_owned(), body)].into_iter().collect(),
        };
        exchange.answer = object(line.shift_remove("answer"));
        exchange.choices = line.shift_remove("choices");
        exchange.output = line.shift_remove("output");
        exchange.error = line.shift_remove("error");
        exchange.facts = line;
        exchange
    }

    /// Its object.
    pub fn json(&self) -> Fields {
        let mut line = Fields::new();
        let mut put = |name: &str, value: Value| drop(line.insert(name.to_owned(), value));
        put("uid", self.uid.as_str().into());
        for name in HEAD {
            if name == "caching" {
                put("kind", self.kind.name().into());
            }
            self.head.get(name).into_iter().for_each(|value| put(name, value.clone()));
        }
        let mut asked = self.request.clone();
        if self.kind == Kind::General {
            taken(&mut asked, &["method", "path"]).into_iter().for_each(|(name, value)| put(&name, value));
            asked.shift_remove("payload").into_iter().for_each(|payload| put("request", payload));
        } else {
            let body = if asked.len() == 1 { asked.shift_remove("body") } else { None };
            put("request", body.unwrap_or(Value::Object(asked)));
        }
        let (facts, others) = ordered(&self.facts);
        facts.into_iter().for_each(|(name, value)| put(&name, value));
        put("answer", self.answer.clone().map_or(Value::Null, Value::Object));
        for (name, value) in [("choices", &self.choices), ("output", &self.output), ("error", &self.error)] {
            value.iter().for_each(|value| put(name, value.clone()));
        }
        others.into_iter().for_each(|(name, value)| put(&name, value));
        line
    }
}

fn object(value: Option<Value>) -> Option<Fields> {
    match value {
        Some(Value::Object(fields)) => Some(fields),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_comes_back_as_it_was() {
        let line = json!({"uid": "u", "datetime": "d", "ip": "::1", "route": "/", "key": null, "kind": "messages",
            "caching": false, "request": {"system": "s", "messages": []}, "status": 200, "end": "complete",
            "model": "m", "finish_reason": "end_turn", "usage": null, "latency_ms": 1.25, "ttft_ms": null,
            "cache": null, "answer": {"role": "assistant", "content": "a"}, "choices": [], "output": [],
            "error": null, "left_out": 3});
        let embedding = json!({"uid": "u", "kind": "embedding", "request": {"input": "i"}, "status": 200, "model": "m",
            "usage": {"total_tokens": 1}, "answer": {"object": "list"}});
        let general = json!({"uid": "u", "kind": "general", "method": "POST", "path": "/x", "request": [1, "text"],
            "status": 200, "answer": {"result": "r"}});
        let failed = json!({"uid": "u", "kind": "chat", "request": "no object", "status": 400, "answer": null,
            "error": {"message": "m"}, "body": "b"});
        for line in [line, embedding, general, failed] {
            let exchange = Exchange::of_json(line.as_object().unwrap().clone());
            assert_eq!(exchange.kind.name(), line["kind"]);
            assert_eq!(Value::Object(exchange.json()).to_string(), line.to_string());
        }
    }

    #[test]
    fn what_is_missing_or_odd_does_no_harm() {
        for line in
            [json!({}), json!({"uid": 1, "kind": "no such", "request": [], "answer": 3, "head": null})]
        {
            let exchange = Exchange::of_json(line.as_object().unwrap().clone());
            assert_eq!((exchange.kind, exchange.answer), (Kind::Chat, None), "{line}");
        }
    }
}
