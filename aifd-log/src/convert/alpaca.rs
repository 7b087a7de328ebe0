//! The alpaca format as LLaMA-Factory documents it.

use super::{
    dialogue::{Answered, Asked, Dialogue, Turn},
    fit::{Loss, Losses, Unfit},
};
use crate::{
    Kind,
    exchange::{Exchange, Fields},
};
use serde_json::{Value, json};

/// The row of an exchange: the last question as `instruction`, its answer as `output`, what was said before as
/// `history`; `input` is empty.
///
/// # Errors
/// When it is no dialogue of texts alone.
pub fn row(exchange: &Exchange) -> Result<(Fields, Losses), Unfit> {
    let Dialogue { system, turns, functions, mut losses } = Dialogue::of(exchange)?;
    losses.add_if(!functions.is_empty(), Loss::Tools);
    let mut said = turns.into_iter().map(texts).collect::<Result<Vec<_>, Unfit>>()?;
    let (instruction, output) = said.pop().ok_or(Unfit::NoMessages)?;
    let row = [
        ("instruction", instruction.into()),
        ("input", "".into()),
        ("output", output.into()),
        ("system", system.into()),
        ("history", said.into_iter().map(|(asked, answered)| json!([asked, answered])).collect()),
    ];
    Ok((row.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), losses))
}

fn texts(turn: Turn) -> Result<(String, String), Unfit> {
    match turn {
        Turn { asked: Asked::Text(asked), answered: Answered::Text(answered) } => Ok((asked, answered)),
        _ => Err(Unfit::Calls),
    }
}

/// An exchange from its row; `input` follows the instruction in a line of its own, as trainers put it.
pub fn exchange(row: &Fields) -> Exchange {
    let text = |name: &str| row.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut messages = Vec::new();
    if let Some(system) = text("system") {
        messages.push(json!({"role": "system", "content": system}));
    }
    for turn in row.get("history").and_then(Value::as_array).into_iter().flatten() {
        for (at, role) in ["user", "assistant"].into_iter().enumerate() {
            turn.get(at).into_iter().for_each(|said| messages.push(json!({"role": role, "content": said})));
        }
    }
    let asked = [text("instruction"), text("input")].into_iter().flatten().collect::<Vec<_>>().join("\n");
    messages.push(json!({"role": "user", "content": asked}));
    let mut exchange = Exchange::new("", Kind::Chat);
    exchange.request.insert("messages".to_owned(), messages.into());
    if let Some(output) = row.get("output") {
        let answer = [("role", "assistant".into()), ("content", output.clone())];
        exchange.answer = Some(answer.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    }
    exchange
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_out_and_come_back() {
        let mut exchange = Exchange::new("", Kind::Chat);
        let messages = json!([{"role": "system", "content": "S"}, {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]);
        exchange.request.insert("messages".to_owned(), messages);
        exchange.answer = json!({"role": "assistant", "content": ""}).as_object().cloned();
        let (row, losses) = row(&exchange).unwrap();
        assert_eq!(
            Value::Object(row.clone()).to_string(),
            r#"{"instruction":"c","input":"","output":"","system":"S","history":[["a","b"]]}"#
        );
        assert_eq!(losses, Losses::default());
        assert_eq!(super::exchange(&row), exchange);
    }

    #[test]
    fn tools_have_no_place() {
        let mut exchange = Exchange::new("", Kind::Chat);
        exchange.request.insert("messages".to_owned(), json!([{"role": "user", "content": "a"}]));
        exchange.request.insert("tools".to_owned(), json!([{"type": "function", "function": {"name": "f"}}]));
        exchange.answer = json!({"role": "assistant", "content": "b"}).as_object().cloned();
        let (_, losses) = row(&exchange).unwrap();
        assert_eq!(losses.iter().collect::<Vec<_>>(), [Loss::Tools]);
        let call = json!([{"id": "c", "function": {"name": "f"}}]);
        exchange.answer.as_mut().unwrap().insert("tool_calls".to_owned(), call);
        assert_eq!(row(&exchange), Err(Unfit::Calls));
    }
}
