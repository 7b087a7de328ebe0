//! What a whole answer says of how it ended.

use super::{Api, Lack, Object, Told, some, text};
use crate::usage;
use serde_json::Value;

/// Whether an answer of this API is finished.
pub(super) fn judge(api: Api, answer: &Object) -> Result<Told, Lack> {
    if some(answer, "error").is_some() {
        return Err(Lack::Error);
    }
    let content_filter = match api {
        Api::Chat | Api::Completion => of_choices(answer)?,
        Api::Responses => of_response(answer)?,
        Api::Messages => of_message(answer)?,
    };
    Ok(Told { content_filter, ..told(answer) })
}

/// What answers of all APIs tell under the same names.
pub(super) fn told(answer: &Object) -> Told {
    let usage = some(answer, "usage").and_then(|told| usage::of_object(told.to_string().as_bytes()));
    Told {
        model: text(answer, "model").filter(|model| !model.is_empty()).map(str::to_owned),
        content_filter: false,
        usage: usage.map(|usage| (usage.prompt, usage.completion)),
    }
}

fn of_choices(answer: &Object) -> Result<bool, Lack> {
    let choices = answer.get("choices").and_then(Value::as_array).filter(|choices| !choices.is_empty());
    let mut content_filter = false;
    for choice in choices.ok_or(Lack::NotUnderstood)? {
        let choice = choice.as_object().ok_or(Lack::NotUnderstood)?;
        let reason = some(choice, "finish_reason");
        if some(choice, "error").is_some() || reason.is_some_and(|reason| reason == "error") {
            return Err(Lack::Error);
        }
        content_filter |= reason.ok_or(Lack::Unfinished)? == "content_filter";
    }
    Ok(content_filter)
}

fn of_response(answer: &Object) -> Result<bool, Lack> {
    if !answer.get("output").is_some_and(Value::is_array) {
        return Err(Lack::NotUnderstood);
    }
    let details = answer.get("incomplete_details").and_then(Value::as_object);
    let reason = details.and_then(|details| text(details, "reason"));
    match (text(answer, "status"), reason) {
        (Some("completed"), _) | (Some("incomplete"), Some("max_output_tokens")) => Ok(false),
        (Some("incomplete"), Some("content_filter")) => Ok(true),
        (Some("failed"), _) => Err(Lack::Error),
        (Some("incomplete" | "in_progress" | "queued" | "cancelled"), _) => Err(Lack::Unfinished),
        _ => Err(Lack::NotUnderstood),
    }
}

fn of_message(answer: &Object) -> Result<bool, Lack> {
    match text(answer, "type") {
        Some("message") => {}
        Some("error") => return Err(Lack::Error),
        _ => return Err(Lack::NotUnderstood),
    }
    if !answer.get("content").is_some_and(Value::is_array) {
        return Err(Lack::NotUnderstood);
    }
    Ok(some(answer, "stop_reason").ok_or(Lack::Unfinished)? == "refusal")
}
