//! Images, sound and files that a message holds in base64, and the digests that stand for them.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use memchr::{memchr2, memmem};
use std::borrow::Cow;

/// Padding may be missing, as in some clients' data.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Characters of base64 at least that are taken for a file where only the field's name says so; fewer may be a word.
const MIN_BARE: usize = 64;

/// Fields that hold base64 alone: OpenAI's `input_audio.data`, `file.file_data`, `b64_json`, `result` of a generated
/// image, `audio.data`; Anthropic's `source.data`; Gemini's `inlineData.data`.
const FIELDS: [&[u8]; 5] = [b"data", b"file_data", b"b64_json", b"result", b"partial_image_b64"];

/// A JSON text with the digest of each piece of media in its place, and all else as it was.
///
/// A data URL keeps its type (`data:image/png;blake3=…;bytes=1234`), base64 alone becomes `blake3=…;bytes=1234`: the
/// BLAKE3 digest and the size of what it encodes. Texts with escapes are no media.
pub fn digested(json: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let (mut at, mut kept, mut field): (usize, usize, &[u8]) = (0, 0, b"");
    while let Some(open) = memchr::memchr(b'"', &json[at..]).map(|open| at + open + 1) {
        let Some((close, escaped)) = text_end(json, open) else { break };
        let text = &json[open..close];
        at = close + 1;
        if json[at..].trim_ascii_start().first() == Some(&b':') {
            field = text;
            continue;
        }
        if !escaped && let Some(digest) = digest(field, text) {
            out.extend_from_slice(&json[kept..open]);
            out.extend_from_slice(digest.as_bytes());
            kept = close;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    out.extend_from_slice(&json[kept..]);
    Cow::Owned(out)
}

/// The closing quote of a text, and whether it has escapes.
fn text_end(json: &[u8], from: usize) -> Option<(usize, bool)> {
    let (mut at, mut escaped) = (from, false);
    loop {
        at += memchr2(b'"', b'\\', json.get(at..)?)?;
        if json[at] == b'"' {
            return Some((at, escaped));
        }
        escaped = true;
        at += 2;
    }
}

fn digest(field: &[u8], text: &[u8]) -> Option<String> {
    if let Some(url) = text.strip_prefix(b"data:") {
        let comma = memmem::find(&url[..url.len().min(256)], b";base64,")?;
        let kind = std::str::from_utf8(&url[..comma]).ok()?;
        let bytes = BASE64.decode(&url[comma + 8..]).ok()?;
        return Some(format!("data:{kind};{}", named(&bytes)));
    }
    let bare = text.len() >= MIN_BARE && FIELDS.contains(&field);
    let bytes = bare.then(|| BASE64.decode(text).ok()).flatten()?;
    Some(named(&bytes))
}

fn named(bytes: &[u8]) -> String {
    format!("blake3={};bytes={}", blake3::hash(bytes).to_hex(), bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(json: &str) -> String {
        String::from_utf8(digested(json.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn media_become_digests_of_what_they_encode() {
        let bytes = b"\x89PNG some image whose bytes are long enough to count as a file, surely so";
        let (base64, digest) = (BASE64.encode(bytes), blake3::hash(bytes).to_hex());
        let marked = format!("blake3={digest};bytes={}", bytes.len());
        for (json, expected) in [
            (
                format!(
                    r#"[{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{base64}","detail":"low"}}}}]"#
                ),
                format!(
                    r#"[{{"type":"image_url","image_url":{{"url":"data:image/png;{marked}","detail":"low"}}}}]"#
                ),
            ),
            (
                format!(r#"{{"input_audio":{{"data" : "{base64}","format":"wav"}}}}"#),
                format!(r#"{{"input_audio":{{"data" : "{marked}","format":"wav"}}}}"#),
            ),
            (
                format!(r#"{{"file_data":"{}"}}"#, base64.trim_end_matches('=')),
                format!(r#"{{"file_data":"{marked}"}}"#),
            ),
        ] {
            assert_eq!(cut(&json), expected);
            assert_eq!(cut(&expected), expected, "what was cut stays");
        }
    }

    #[test]
    fn what_is_no_media_stays() {
        let word = "a".repeat(80);
        for json in [
            r#"{"content":"data:image/png;base64,%%%"}"#.to_owned(),
            format!(r#"{{"content":"{word}"}}"#),
            r#"{"data":"short"}"#.to_owned(),
            format!(r#"{{"data":"{word} no base64"}}"#),
            format!(r#"{{"data":"{word}\n"}}"#),
            r#"{"data":"unfinished"#.to_owned(),
            r#""#.to_owned(),
        ] {
            assert_eq!(cut(&json), json);
        }
    }
}
