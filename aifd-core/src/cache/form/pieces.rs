//! A text in pieces, as a model would have said it.

use super::Object;
use serde_json::{Value, json};

/// Bytes of a piece, about; some tokens.
const PIECE: usize = 16;

/// Pieces of one text at most, about: a long one comes in larger ones, so that the frames of a stream do not make
/// many times its bytes.
const MOST: usize = 1024;

/// Cuts a text between words; where there is none for long, between characters.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let size = PIECE.max(text.len() / MOST);
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut ends =
            rest.char_indices().skip_while(|(at, _)| *at < size).take_while(|(at, _)| *at < 2 * size);
        let first = ends.clone().next();
        let end = ends.find(|(_, c)| c.is_whitespace()).or(first);
        let (piece, behind) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = behind;
        Some(piece)
    })
}

/// A piece of a text, and the log probabilities that come with it.
pub(super) type Weighed = (String, Option<Value>);

/// The pieces of a text whose log probabilities are to come with it: token by token where the tokens make up the text
/// (those that hold parts of characters do not), else all with the first piece. `list` is the field of the
/// probabilities that belongs to this text.
pub(super) fn weighed(text: &str, list: &str, logprobs: Option<Value>) -> Vec<Weighed> {
    let split = match &logprobs {
        Some(Value::Object(logprobs)) => by_token(text, list, logprobs),
        _ => None,
    };
    split.unwrap_or_else(|| {
        let mut logprobs = logprobs;
        pieces(text).map(|piece| (piece.to_owned(), logprobs.take())).collect()
    })
}

fn by_token(text: &str, list: &str, logprobs: &Object) -> Option<Vec<Weighed>> {
    let entries = logprobs.get(list)?.as_array()?;
    let tokens: Vec<&str> = entries.iter().map(token).collect::<Option<_>>()?;
    if tokens.is_empty() || tokens.concat() != text {
        return None;
    }
    // The older API has lists of equal length; the newer one a list of objects, and another for the refusal.
    let is_older = entries.iter().all(Value::is_string);
    let equal =
        logprobs.values().all(|v| v.is_null() || v.as_array().is_some_and(|v| v.len() == tokens.len()));
    if is_older && !equal {
        return None;
    }
    let of = |at: usize| -> Object {
        let field = |(name, value): (&String, &Value)| {
            let value = match value {
                Value::Array(values) if is_older || name == list => json!([values.get(at)]),
                value if at == 0 => value.clone(),
                _ => Value::Null,
            };
            (name.clone(), value)
        };
        logprobs.iter().map(field).collect()
    };
    let weigh = |(at, token): (usize, &&str)| ((*token).to_owned(), Some(Value::Object(of(at))));
    Some(tokens.iter().enumerate().map(weigh).collect())
}

/// The text of a token in either API.
fn token(entry: &Value) -> Option<&str> {
    entry.as_str().or_else(|| entry.get("token")?.as_str())
}
