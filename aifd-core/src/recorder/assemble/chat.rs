//! Chat completions, completions and embeddings: OpenAI's "Chat Completions", "Completions" and "Embeddings" objects.

use super::{
    DONE,
    choice::{self, Pieces},
    events, fields, inner, items, number, some,
    template::{Field, Hole, Template},
};
use aifd_log::record::{Answer, Choice};
use std::borrow::Cow;

/// An answer that came as one document; `None` if it is none.
pub(super) fn of_json(body: &[u8]) -> Option<Answer<'_>> {
    let mut answer = Answer::default();
    let body = body.trim_ascii();
    let read = fields(body, |name, value| match name {
        "model" => answer.model = some(value),
        "usage" => answer.usage = some(value),
        "error" => answer.error = some(value),
        "object" => answer.object = some(value),
        "choices" => {
            items(value, |item| answer.choices.push(whole_choice(item)));
        }
        _ => {}
    });
    // An object alone is an answer only where nothing else is (embeddings).
    if answer.object.as_deref() != Some(b"\"list\"") {
        answer.object = None;
    }
    answer.choices.sort_by_key(|choice| order(&choice.index));
    read.then_some(answer)
}

fn whole_choice(item: &[u8]) -> Choice<'_> {
    let (mut choice, mut index, mut finish_reason) = (Choice::default(), None, None);
    fields(item, |name, value| match name {
        "index" => index = some(value),
        "message" => choice = choice::of_message(value),
        "text" => choice.content = some(value),
        "finish_reason" => finish_reason = some(value),
        _ => {}
    });
    Choice { index: index.unwrap_or(Cow::Borrowed(FIRST)), finish_reason, ..choice }
}

/// The index of a choice that tells none.
const FIRST: &[u8] = b"0";

/// Choices stand by their index; those whose index is none, such as -1, stand behind, each by itself.
fn order(index: &[u8]) -> u64 {
    number(index).unwrap_or(u64::MAX)
}

/// The chunks of a stream.
pub(super) fn of_stream(body: &[u8]) -> Answer<'static> {
    let mut stream = Stream::default();
    let unread_events = events(body, &mut |name, data| stream.event(name, data));
    Answer { unread_events, ..stream.into_answer() }
}

#[derive(Debug, Default)]
struct Stream {
    model: Option<Vec<u8>>,
    usage: Option<Vec<u8>>,
    error: Option<Vec<u8>>,
    choices: Vec<Pieces>,
    template: Option<Template>,
    is_done: bool,
}

impl Stream {
    /// Whether it could be read.
    fn event(&mut self, name: &[u8], data: &[u8]) -> bool {
        if let Some(template) = &self.template
            && let Some(text) = template.text(data)
            && let Some(choice) = self.choices.get_mut(template.choice)
        {
            match template.field {
                Field::Content => choice.content.extend_from_slice(text),
                Field::Reasoning => choice.reasoning.extend_from_slice(text),
            }
            return true;
        }
        self.template = None;
        self.is_done |= data.trim_ascii() == DONE;
        if name == b"error" && !data.trim_ascii_start().starts_with(b"{") {
            self.error = Some(super::opaque::text(data).into_owned());
            return true;
        }
        let mut shape = Shape::default();
        let read = fields(data, |name, value| self.field(name, value, data, &mut shape));
        if name == b"error" && self.error.is_none() {
            self.error = Some(data.to_vec());
        }
        self.template = if read { shape.template(data) } else { None };
        read
    }

    fn field(&mut self, name: &str, value: &[u8], event: &[u8], shape: &mut Shape) {
        let slot = match name {
            "choices" => {
                items(value, |item| {
                    shape.choices += 1;
                    self.choice(item, event, shape);
                });
                return;
            }
            "model" => &mut self.model,
            "usage" => &mut self.usage,
            "error" => &mut self.error,
            _ => return shape.mark(value, event),
        };
        if value != b"null" {
            shape.says_more |= name != "model";
            *slot = Some(value.to_vec());
        }
    }

    fn choice(&mut self, item: &[u8], event: &[u8], shape: &mut Shape) {
        let mut index = FIRST;
        fields(item, |name, value| {
            if name == "index" && value != b"null" {
                index = value;
            }
        });
        let place = self.choices.iter().position(|choice| choice.index == index).unwrap_or_else(|| {
            self.choices.push(Pieces::at(index));
            self.choices.len() - 1
        });
        shape.choice = place;
        let choice = &mut self.choices[place];
        fields(item, |name, value| match name {
            "delta" | "message" => {
                shape.delta(value, event);
                choice.delta(value);
            }
            "text" => {
                if let Some(text) = inner(value) {
                    shape.text(Field::Content, text, event);
                    choice.content.extend_from_slice(text);
                }
            }
            "finish_reason" if value != b"null" => {
                shape.says_more = true;
                choice.finish_reason = Some(value.to_vec());
            }
            _ => {}
        });
    }

    /// Whether it said that it ends. Some services tell an empty reason as long as there is none.
    fn has_ended(&self) -> bool {
        let ended = |choice: &Pieces| choice.finish_reason.as_deref().is_some_and(|reason| reason != b"\"\"");
        self.is_done || self.choices.iter().any(ended)
    }

    fn into_answer(mut self) -> Answer<'static> {
        let is_unfinished = !self.has_ended();
        self.choices.sort_by_key(|choice| order(&choice.index));
        Answer {
            model: self.model.map(Cow::Owned),
            usage: self.usage.map(Cow::Owned),
            error: self.error.map(Cow::Owned),
            choices: self.choices.into_iter().map(Pieces::into_choice).collect(),
            is_unfinished,
            ..Answer::default()
        }
    }
}

/// What the shape of an event is found from.
#[derive(Debug, Default)]
struct Shape {
    holes: Vec<Hole>,
    choices: usize,
    choice: usize,
    texts: usize,
    field: Field,
    /// It says something beside its text.
    says_more: bool,
}

impl Shape {
    fn mark(&mut self, value: &[u8], event: &[u8]) {
        let scalar = value.first().is_some_and(|first| !matches!(first, b'{' | b'['));
        if scalar && !value.contains(&b'\\') {
            let from = offset(value, event);
            self.holes.push(Hole::Mark { from, to: from + value.len() });
        }
    }

    fn delta(&mut self, delta: &[u8], event: &[u8]) {
        fields(delta, |name, value| match (name, inner(value)) {
            ("content", Some(text)) => self.text(Field::Content, text, event),
            ("reasoning_content" | "reasoning", Some(text)) => self.text(Field::Reasoning, text, event),
            _ => self.says_more |= value != b"null",
        });
    }

    fn text(&mut self, field: Field, text: &[u8], event: &[u8]) {
        let from = offset(text, event);
        self.texts += 1;
        self.field = field;
        self.holes.push(Hole::Text { from, to: from + text.len() });
    }

    fn template(self, event: &[u8]) -> Option<Template> {
        let plain = self.choices == 1 && self.texts == 1 && !self.says_more;
        plain.then(|| Template::of(event, &self.holes, self.choice, self.field))
    }
}

/// Where a part of an event begins in it.
fn offset(part: &[u8], event: &[u8]) -> usize {
    (part.as_ptr() as usize).saturating_sub(event.as_ptr() as usize)
}
