//! The field `model` of a multipart form, read so strictly that no other parser can find another one.
//!
//! Parsers of forms differ in what they forgive: bare line feeds, text after a boundary, two names of one part, escapes.
//! Whatever could make one of them see another model is a fault here, since the upstream's parser is not known.

use super::target;
use memchr::memmem;

/// Bytes of the model's name at most.
const MAX_MODEL: usize = 16 * 1024;

/// Bytes of a boundary at most, by RFC 2046.
const MAX_BOUNDARY: usize = 70;

/// Why the model of a form cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MultipartFault {
    /// The content type is not `multipart/form-data`.
    #[error("no multipart/form-data")]
    NotForm,
    /// The content type has no boundary, two, or one that RFC 2046 does not allow.
    #[error("no usable boundary")]
    Boundary,
    /// The boundary occurs where it delimits nothing, or not by CRLF.
    #[error("the boundary at byte {offset} delimits nothing")]
    Framing {
        /// Bytes before it.
        offset: usize,
    },
    /// The last boundary is missing.
    #[error("the form does not end")]
    Unfinished,
    /// A part's headers could be read in two ways, or name no field.
    #[error("the headers of the part at byte {offset} are malformed")]
    Headers {
        /// Bytes before the part.
        offset: usize,
    },
    /// `model` is a file, encoded, not UTF-8 or longer than 16 KiB.
    #[error("model is no text")]
    ModelNotText,
    /// `model` is given twice, and not alike.
    #[error("model is given twice")]
    ModelTwice,
}

/// The text of the field `model` of a whole form, if it has one.
///
/// # Errors
/// The form is malformed, or could be read in two ways.
pub(crate) fn multipart_model(content_type: &str, body: &[u8]) -> Result<Option<String>, MultipartFault> {
    let mut model: Option<String> = None;
    each_part(content_type, body, &mut |offset, part, value| take_model(offset, part, value, &mut model))?;
    Ok(model)
}

/// Calls back with each part of a whole form: its offset, what its headers say, its value.
///
/// # Errors
/// The form is malformed, could be read in two ways, or the callback says so; parts before that were told.
pub(crate) fn each_part<'a>(
    content_type: &str,
    body: &'a [u8],
    on_part: &mut impl FnMut(usize, &Part<'a>, &'a [u8]) -> Result<(), MultipartFault>,
) -> Result<(), MultipartFault> {
    let delimiter = delimiter(content_type)?;
    let mut part_from = None;
    let mut ended = false;
    for offset in memmem::find_iter(body, &delimiter) {
        let framing = MultipartFault::Framing { offset };
        let after = &body[offset + delimiter.len()..];
        if ended || (offset > 0 && !body[..offset].ends_with(b"\r\n")) {
            return Err(framing);
        }
        if let Some(from) = part_from {
            // The line end before a boundary belongs to it; a part may be no shorter than its own.
            let whole = body.get(from..offset - 2).ok_or(framing)?;
            let (part, value) = split_part(whole).ok_or(MultipartFault::Headers { offset: from })?;
            on_part(from, &part, value)?;
        }
        let last = after.starts_with(b"--");
        let rest = if last { &after[2..] } else { after };
        let ends_line = rest.starts_with(b"\r\n") || (last && rest.is_empty());
        if !ends_line {
            return Err(framing);
        }
        ended = last;
        part_from = Some(offset + delimiter.len() + 2);
    }
    if ended { Ok(()) } else { Err(MultipartFault::Unfinished) }
}

/// `--` and the boundary of a content type.
fn delimiter(content_type: &str) -> Result<Vec<u8>, MultipartFault> {
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(MultipartFault::NotForm);
    }
    let mut boundary = None;
    for (name, value) in parameters_of(parameters).ok_or(MultipartFault::Boundary)? {
        let name = name.to_ascii_lowercase();
        if name.starts_with("boundary") && (name != "boundary" || boundary.replace(value).is_some()) {
            return Err(MultipartFault::Boundary);
        }
    }
    let boundary = boundary.ok_or(MultipartFault::Boundary)?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b);
    let good = (1..=MAX_BOUNDARY).contains(&boundary.len())
        && boundary.bytes().all(allowed)
        && !boundary.ends_with(' ');
    if good { Ok(format!("--{boundary}").into_bytes()) } else { Err(MultipartFault::Boundary) }
}

/// `; name=value` and `; name="value"`, without escapes; `None` where parsers differ.
fn parameters_of(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut parameters = Vec::new();
    let mut rest = text.trim_matches([' ', '\t']);
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim_matches([' ', '\t']);
        if name.is_empty() || !name.bytes().all(is_token) {
            return None;
        }
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => {
                let (bare, after) = after.split_at(after.find(';').unwrap_or(after.len()));
                let bare = bare.trim_matches([' ', '\t']);
                (!bare.contains(['"', ' '])).then_some((bare, after))?
            }
        };
        // A backslash before the closing quote may escape it.
        if value.ends_with('\\') || value.bytes().any(|b| b < 0x20 || b == 0x7f) {
            return None;
        }
        parameters.push((name, value));
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() {
            rest = rest.strip_prefix(';')?.trim_start_matches([' ', '\t']);
        }
    }
    Some(parameters)
}

fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

/// What the headers of a part say.
#[derive(Debug, Default)]
pub(crate) struct Part<'a> {
    pub(crate) name: Option<&'a str>,
    /// As it stands in the header.
    pub(crate) filename: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    /// Its value is not its bytes as UTF-8.
    encoded: bool,
}

/// The headers of a part, and its value behind an empty line.
fn split_part(whole: &[u8]) -> Option<(Part<'_>, &[u8])> {
    let end = memmem::find(whole, b"\r\n\r\n")?;
    let headers = std::str::from_utf8(&whole[..end]).ok()?;
    Some((read_headers(headers)?, &whole[end + 4..]))
}

fn take_model(
    offset: usize,
    part: &Part<'_>,
    value: &[u8],
    model: &mut Option<String>,
) -> Result<(), MultipartFault> {
    let fault = MultipartFault::Headers { offset };
    let name = part.name.ok_or(fault)?;
    if name != "model" {
        // What some parser may still take for it.
        let plain = target::form_decoded(name).to_ascii_lowercase();
        return if plain.trim() == "model" { Err(fault) } else { Ok(()) };
    }
    if part.filename.is_some() || part.encoded || value.len() > MAX_MODEL {
        return Err(MultipartFault::ModelNotText);
    }
    let value = std::str::from_utf8(value).map_err(|_| MultipartFault::ModelNotText)?;
    match model {
        Some(model) if model != value => Err(MultipartFault::ModelTwice),
        _ => {
            *model = Some(value.to_owned());
            Ok(())
        }
    }
}

fn read_headers(headers: &str) -> Option<Part<'_>> {
    let mut part = Part::default();
    for line in headers.split("\r\n") {
        let (name, value) = line.split_once(':')?;
        if name.is_empty() || !name.bytes().all(is_token) || value.contains(['\r', '\n', '\0']) {
            return None;
        }
        let value = value.trim_matches([' ', '\t']);
        match &*name.to_ascii_lowercase() {
            "content-disposition" if part.name.is_some() => return None,
            "content-disposition" => disposition(value, &mut part)?,
            "content-transfer-encoding" => {
                let plain = ["7bit", "8bit", "binary"];
                part.encoded |= !plain.iter().any(|plain| value.eq_ignore_ascii_case(plain));
            }
            "content-type" => {
                part.encoded |= other_charset(value);
                part.content_type = Some(value);
            }
            _ => {}
        }
    }
    Some(part)
}

fn disposition<'a>(value: &'a str, part: &mut Part<'a>) -> Option<()> {
    let (kind, parameters) = value.split_once(';')?;
    if !kind.trim_matches([' ', '\t']).eq_ignore_ascii_case("form-data") {
        return None;
    }
    for (name, value) in parameters_of(parameters)? {
        let name = name.to_ascii_lowercase();
        match &*name {
            // A name with an escape is read in two ways.
            "name" if part.name.is_none() && !value.contains('\\') => part.name = Some(value),
            // `name*`, `name*0`: RFC 7578 has none, some parsers do.
            _ if name.starts_with("name") => return None,
            _ if name.starts_with("filename") => part.filename = Some(value),
            _ => {}
        }
    }
    part.name.map(|_| ())
}

fn other_charset(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let Some((_, charset)) = lower.split_once("charset") else { return false };
    let charset = charset.trim_start_matches([' ', '=', '"']);
    !charset.starts_with("utf-8") && !charset.starts_with("us-ascii")
}

#[cfg(test)]
mod tests;
