//! Transcriptions and translations: JSON, a bare text, subtitles, or a stream of `transcript.text.…` events.

use super::{events, fields, inner, opaque, quoted, some};
use aifd_log::record::{Answer, Choice, Raw};

fn of_text(text: Option<Raw<'_>>) -> Vec<Choice<'_>> {
    text.map(|content| Choice { content: Some(content), ..Choice::default() }).into_iter().collect()
}

pub(super) fn of_body<'a>(content_type: &str, body: &'a [u8]) -> Option<Answer<'a>> {
    let mut answer = Answer::default();
    let mut text = None;
    let object = fields(body.trim_ascii(), |name, value| match name {
        "text" => text = some(value),
        "usage" => answer.usage = some(value),
        "error" => answer.error = some(value),
        _ => {}
    });
    if !object && content_type.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/")) {
        text = Some(opaque::text(body));
    }
    answer.choices = of_text(text);
    Some(answer)
}

pub(super) fn of_stream(body: &[u8]) -> Answer<'static> {
    let (mut answer, mut pieces, mut whole) = (Answer::default(), Vec::new(), None);
    let unread_events = events(body, &mut |_, data| {
        let (mut delta, mut text) = (None, None);
        let read = fields(data, |name, value| match name {
            "delta" => delta = inner(value),
            "text" => text = inner(value),
            "usage" if value != b"null" => answer.usage = Some(value.to_vec().into()),
            "error" if value != b"null" => answer.error = Some(value.to_vec().into()),
            _ => {}
        });
        if let Some(delta) = delta {
            pieces.extend_from_slice(delta);
        }
        if let Some(text) = text {
            whole = Some(text.to_vec());
        }
        read
    });
    let text = whole.or((!pieces.is_empty()).then_some(pieces));
    Answer { choices: of_text(text.map(|text| quoted(&text))), unread_events, ..answer }
}
