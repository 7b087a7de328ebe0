//! A conversation whose two sides speak in turn, as the formats of LLaMA-Factory hold it.

use super::fit::{Loss, Losses, Unfit};
use crate::exchange::{Conversation, Exchange, Fields, text};
use serde_json::Value;

/// What is between two messages of one side that became one.
const BETWEEN: &str = "\n\n";

/// Instructions, and turns that begin with a question and end with an answer.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Dialogue {
    pub(super) system: String,
    pub(super) turns: Vec<Turn>,
    /// Functions that might be called.
    pub(super) functions: Vec<Value>,
    pub(super) losses: Losses,
}

/// A question and its answer.
#[derive(Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) asked: Asked,
    pub(super) answered: Answered,
}

/// What the model was told.
#[derive(Debug, PartialEq)]
pub(super) enum Asked {
    /// By a person.
    Text(String),
    /// By the tools that it called, in their order.
    Results(Vec<String>),
}

/// What the model said.
#[derive(Debug, PartialEq)]
pub(super) enum Answered {
    /// To a person.
    Text(String),
    /// To tools.
    Calls(Vec<Call>),
}

/// A call of a function.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub(super) name: String,
    /// An object, or text where it is none.
    pub(super) arguments: Value,
}

impl Dialogue {
    /// The dialogue of an exchange.
    ///
    /// # Errors
    /// When what was said is no dialogue.
    pub(super) fn of(exchange: &Exchange) -> Result<Self, Unfit> {
        let Conversation { messages, tools, answer } =
            exchange.conversation().ok_or(Unfit::NoConversation)?;
        let answer = answer.ok_or(Unfit::NoAnswer)?;
        if messages.is_empty() {
            return Err(Unfit::NoMessages);
        }
        let mut telling = Telling::default();
        telling.dialogue.losses.add_if(exchange.choices.is_some(), Loss::Choices);
        telling.functions(tools);
        for message in &messages {
            telling.hear(message.as_object().ok_or(Unfit::Content)?)?;
        }
        telling.hear(&answer)?;
        if telling.open.is_some() { Err(Unfit::Order) } else { Ok(telling.dialogue) }
    }
}

/// A dialogue as far as it was told.
#[derive(Default)]
struct Telling {
    dialogue: Dialogue,
    /// A question that waits for its answer.
    open: Option<Asked>,
}

impl Telling {
    fn functions(&mut self, tools: Option<Value>) {
        let Some(Value::Array(tools)) = tools else { return };
        let given = tools.len();
        let functions =
            tools.into_iter().filter_map(|tool| tool.get("function").filter(|f| f.is_object()).cloned());
        self.dialogue.functions = functions.collect();
        self.dialogue.losses.add_if(self.dialogue.functions.len() < given, Loss::Tools);
    }

    fn hear(&mut self, message: &Fields) -> Result<(), Unfit> {
        self.note_losses(message);
        match message.get("role").and_then(Value::as_str).ok_or(Unfit::Role)? {
            "system" | "developer" => self.instruct(message),
            "user" => self.ask(message),
            "assistant" => self.answer(message),
            "tool" | "function" => self.result(message),
            _ => Err(Unfit::Role),
        }
    }

    fn note_losses(&mut self, message: &Fields) {
        let losses = &mut self.dialogue.losses;
        for (name, _) in message.iter().filter(|(_, value)| !value.is_null()) {
            match name.as_str() {
                "role" | "content" | "tool_calls" | "tool_call_id" => (),
                "reasoning_content" => losses.add(Loss::Reasoning),
                _ => losses.add(Loss::Fields),
            }
        }
        if let Some(Value::Array(parts)) = message.get("content") {
            losses.add_if(parts.iter().any(|part| part.get("text").is_none()), Loss::Media);
        }
    }

    fn instruct(&mut self, message: &Fields) -> Result<(), Unfit> {
        let text = words(message)?;
        let later =
            self.open.is_some() || !self.dialogue.turns.is_empty() || !self.dialogue.system.is_empty();
        self.dialogue.losses.add_if(later, Loss::Joined);
        join(&mut self.dialogue.system, &text);
        Ok(())
    }

    fn ask(&mut self, message: &Fields) -> Result<(), Unfit> {
        let text = words(message)?;
        match &mut self.open {
            None => self.open = Some(Asked::Text(text)),
            Some(Asked::Text(before)) => {
                join(before, &text);
                self.dialogue.losses.add(Loss::Joined);
            }
            Some(Asked::Results(_)) => return Err(Unfit::Order),
        }
        Ok(())
    }

    fn result(&mut self, message: &Fields) -> Result<(), Unfit> {
        let result = match message.get("content") {
            Some(content) => text(content).map_or_else(|| content.to_string(), std::borrow::Cow::into_owned),
            None => String::new(),
        };
        let called = || matches!(self.dialogue.turns.last(), Some(Turn { answered: Answered::Calls(_), .. }));
        match &mut self.open {
            Some(Asked::Results(results)) => results.push(result),
            None if called() => self.open = Some(Asked::Results(vec![result])),
            _ => return Err(Unfit::Order),
        }
        Ok(())
    }

    fn answer(&mut self, message: &Fields) -> Result<(), Unfit> {
        let calls = calls(message)?;
        let said = words(message);
        let answered = if calls.is_empty() {
            Answered::Text(said?)
        } else {
            self.dialogue.losses.add_if(said.is_ok_and(|said| !said.is_empty()), Loss::TextBesideCalls);
            Answered::Calls(calls)
        };
        match (self.open.take(), answered) {
            (Some(asked), answered) => self.dialogue.turns.push(Turn { asked, answered }),
            (None, Answered::Text(more)) => match self.dialogue.turns.last_mut() {
                Some(Turn { answered: Answered::Text(before), .. }) => {
                    join(before, &more);
                    self.dialogue.losses.add(Loss::Joined);
                }
                _ => return Err(Unfit::Order),
            },
            (None, Answered::Calls(_)) => return Err(Unfit::Order),
        }
        Ok(())
    }
}

fn join(before: &mut String, more: &str) {
    if !before.is_empty() {
        before.push_str(BETWEEN);
    }
    before.push_str(more);
}

/// The text of a message; a refusal is one.
fn words(message: &Fields) -> Result<String, Unfit> {
    let said = message.get("content").and_then(text);
    let refused = || message.get("refusal").and_then(text);
    said.or_else(refused).map(std::borrow::Cow::into_owned).ok_or(Unfit::Content)
}

fn calls(message: &Fields) -> Result<Vec<Call>, Unfit> {
    match message.get("tool_calls") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(calls)) => calls.iter().map(|made| call(made).ok_or(Unfit::Calls)).collect(),
        Some(_) => Err(Unfit::Calls),
    }
}

fn call(call: &Value) -> Option<Call> {
    let function = call.get("function")?;
    let name = function.get("name")?.as_str()?.to_owned();
    let arguments = match function.get("arguments") {
        Some(Value::String(text)) => object(text).unwrap_or_else(|| text.as_str().into()),
        Some(other) => other.clone(),
        None => Value::String(String::new()),
    };
    Some(Call { name, arguments })
}

fn object(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}
