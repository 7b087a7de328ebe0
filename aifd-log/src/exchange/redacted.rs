//! An exchange without what must not be told.

use super::{Exchange, Fields};
use crate::redact::Redactor;
use serde_json::Value;
use std::borrow::Cow;

/// Facts that are measured or counted here or by the service: nobody said them.
const COUNTS: [&str; 6] = ["status", "usage", "latency_ms", "ttft_ms", "left_out", "unread_events"];

impl Exchange {
    /// Cuts out of all that was said what the redactor finds. Who asked, when, and by which route stays.
    pub fn redact(&mut self, redactor: &Redactor) {
        fields(&mut self.request, redactor);
        let counts = COUNTS.map(|name| (name, self.facts.get(name).cloned()));
        fields(&mut self.facts, redactor);
        for (name, count) in counts {
            if let (Some(told), Some(count)) = (self.facts.get_mut(name), count) {
                *told = count;
            }
        }
        self.answer.iter_mut().for_each(|answer| fields(answer, redactor));
        for said in [&mut self.choices, &mut self.output, &mut self.error].into_iter().flatten() {
            value(said, redactor);
        }
    }
}

fn value(value_of: &mut Value, redactor: &Redactor) {
    match value_of {
        Value::String(text) => {
            if let Cow::Owned(redacted) = redactor.redact(text) {
                *text = redacted;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| value(item, redactor)),
        Value::Object(of) => fields(of, redactor),
        Value::Number(number) => {
            if let Some(marker) = redactor.redact_number(&number.to_string()) {
                *value_of = marker.into();
            }
        }
        Value::Null | Value::Bool(_) => (),
    }
}

/// Names can tell as much as texts.
fn fields(of: &mut Fields, redactor: &Redactor) {
    if of.keys().any(|name| matches!(redactor.redact(name), Cow::Owned(_))) {
        let named = std::mem::take(of).into_iter();
        *of = named.map(|(name, value)| (redactor.redact(&name).into_owned(), value)).collect();
    }
    of.values_mut().for_each(|of| value(of, redactor));
}
