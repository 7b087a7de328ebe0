//! Lines of an exchange as a tree: whole, or without what was said.

use super::{Line, Lines, Options, line};
use crate::{
    Kind,
    exchange::{self, Exchange, Fields, Mended, ParseError},
    literal,
};
use serde_json::Value;
use std::cell::Cell;

/// Fields that an outline keeps: few and short ones.
const TOLD: [&str; 22] = [
    "uid",
    "datetime",
    "ip",
    "forwarded-for",
    "route",
    "key",
    "caching",
    "kind",
    "model",
    "method",
    "path",
    "is_tool_calls",
    "is_function_call",
    "status",
    "end",
    "finish_reason",
    "usage",
    "latency_ms",
    "ttft_ms",
    "cache",
    "stream",
    "request_id",
];

impl Lines<'_> {
    /// All that the lines tell. `told` is the kind that the name of their file tells; without it, the fields do.
    ///
    /// # Errors
    /// When a line is no dict or object.
    pub fn exchange(&self, told: Option<Kind>) -> Result<Exchange, ParseError> {
        built(*self, told, &|line| line.fields())
    }

    /// The same, and whether the lines have half a surrogate pair.
    pub(crate) fn mended(&self, told: Option<Kind>) -> Result<Mended<Exchange>, ParseError> {
        let halves = Cell::new(false);
        let value = built(*self, told, &|line| {
            let fields: Mended<Fields> = exchange::parse_mended(line.text, line.dialect)?;
            halves.set(halves.get() || fields.halves);
            Ok(fields.value)
        })?;
        Ok(Mended { value, halves: halves.get() })
    }

    /// Whether the lines are still ones that a look through a log would find.
    pub(crate) fn are_readable(&self, options: Options) -> bool {
        let readable = |line: Line<'_>| line::look(line.text, options).is_ok();
        match *self {
            Lines::One(line) => readable(line),
            Lines::Two { request, answer } => readable(request) && readable(answer),
        }
    }

    /// The same without what was said: of all but short facts there is only null, so that it costs little more than
    /// finding the ends of the lines.
    ///
    /// # Errors
    /// As [`Lines::exchange`].
    pub fn outline(&self, told: Option<Kind>) -> Result<Exchange, ParseError> {
        built(*self, told, &outlined)
    }
}

impl Line<'_> {
    /// The fields of the line.
    ///
    /// # Errors
    /// When it is no dict or object, or too deep a nesting.
    pub(crate) fn fields(&self) -> Result<Fields, ParseError> {
        exchange::parse(self.text, self.dialect)
    }

    /// All that a request without an answer tells.
    ///
    /// # Errors
    /// When it is no dict or object.
    pub fn unanswered(&self) -> Result<Exchange, ParseError> {
        Ok(Exchange::of_lines(exchange::parse(self.text, self.dialect)?, None, None))
    }
}

fn built(
    lines: Lines<'_>,
    told: Option<Kind>,
    parse: &dyn Fn(Line<'_>) -> Result<Fields, ParseError>,
) -> Result<Exchange, ParseError> {
    Ok(match lines {
        Lines::One(line) => Exchange::of_json(parse(line)?),
        Lines::Two { request, answer } => Exchange::of_lines(parse(request)?, Some(parse(answer)?), told),
    })
}

fn outlined(line: Line<'_>) -> Result<Fields, ParseError> {
    let (mut kept, mut fault) = (Fields::new(), None);
    literal::fields(line.text, line.dialect, &mut |name, text| {
        let field = Line { text, dialect: line.dialect };
        match value(&name, field) {
            Ok(value) => drop(kept.insert(name.into_owned(), value)),
            Err(error) => fault = Some(error),
        }
    })?;
    fault.map_or(Ok(kept), Err)
}

fn value(name: &str, field: Line<'_>) -> Result<Value, ParseError> {
    let is_object = field.text.starts_with(b"{");
    match name {
        "request" if is_object => outlined(field).map(Value::Object),
        // That there is one is a fact.
        "answer" if is_object => Ok(Value::Object(Fields::new())),
        _ if TOLD.contains(&name) => exchange::value(field.text, field.dialect),
        _ => Ok(Value::Null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{exchange::End, literal::Dialect};

    fn lines<'t>(request: &'t str, answer: &'t str) -> Lines<'t> {
        let line = |text: &'t str| Line { text: text.as_bytes(), dialect: Dialect::Python };
        Lines::Two { request: line(request), answer: line(answer) }
    }

    #[test]
    fn an_outline_has_the_facts_and_not_the_texts() {
        let request = "{'messages': [{'role': 'user', 'content': 'long'}], 'model': 'm', 'uid': 'u', 'datetime': \
                       '2026-11-23 18:42:43', 'key': 'key_1', 'route': '/'}";
        let answer = "{'assistant': 'long', 'is_tool_calls': False, 'uid': 'u', 'usage': {'prompt_tokens': 2, \
                      'completion_tokens': 3}, 'latency_ms': 1.5}";
        let (outline, whole) =
            (lines(request, answer).outline(None).unwrap(), lines(request, answer).exchange(None).unwrap());
        assert_eq!(outline.head, whole.head);
        assert_eq!(outline.facts, whole.facts);
        assert_eq!((outline.kind, outline.model(), outline.tokens()), (Kind::Chat, Some("m"), Some(5)));
        assert_eq!((outline.status(), outline.end()), (Some(200), End::Complete));
        assert_eq!(outline.request["messages"], Value::Null);
        assert_eq!(whole.request["messages"][0]["content"], "long");
    }

    #[test]
    fn of_one_object_too() {
        let told = |text: &str, look: fn(Exchange) -> String| {
            let line = Line { text: text.as_bytes(), dialect: Dialect::Json };
            look(Lines::One(line).outline(None).unwrap())
        };
        let facts = |it: Exchange| {
            format!("{} {:?} {:?} {:?} {}", it.kind, it.model(), it.status(), it.end(), it.answer.is_some())
        };
        for (line, expected) in [
            (
                r#"{"uid":"u","kind":"responses","request":{"model":"m","input":["x"]},"answer":{"content":"y"}}"#,
                "responses Some(\"m\") Some(200) Complete true",
            ),
            (
                r#"{"uid":"u","request":"x","status":502,"end":"failed","answer":null}"#,
                "chat None Some(502) Failed false",
            ),
            (
                r#"{"uid":"u","kind":"general","method":"GET","path":"/x","request":null,"answer":{}}"#,
                "general None Some(200) Complete true",
            ),
        ] {
            assert_eq!(told(line, facts), expected, "{line}");
        }
    }
}
