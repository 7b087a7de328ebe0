//! Whether the library that openai-forward prints its warnings with fails at a text: it takes `[b]` for markup, and
//! `[/b]` without one before for an error.

/// Whether a text closes what it has not opened.
pub(super) fn fails(text: &[u8]) -> bool {
    let mut open: Vec<&[u8]> = Vec::new();
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'[', rest) {
        let escapes = rest[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        let tag = tag(&rest[at + 1..]);
        rest = &rest[at + 1..];
        let Some(tag) = tag else { continue };
        rest = &rest[tag.len() + 1..];
        if escapes % 2 == 1 {
            continue;
        }
        let name = tag.split(|byte| *byte == b'=').next().unwrap_or_default();
        match name.strip_prefix(b"/").map(<[u8]>::trim_ascii) {
            None => open.push(name.trim_ascii()),
            Some(b"") if open.pop().is_some() => {}
            Some(closed) => match open.iter().rposition(|name| name.eq_ignore_ascii_case(closed)) {
                Some(found) => drop(open.remove(found)),
                None => return true,
            },
        }
    }
    false
}

/// What stands between brackets, if it may be markup.
fn tag(text: &[u8]) -> Option<&[u8]> {
    let begins = matches!(text.first()?, b'a'..=b'z' | b'#' | b'/' | b'@');
    let end = memchr::memchr2(b'[', b']', text.get(1..)?)? + 1;
    (begins && text[end] == b']').then(|| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::fails;

    #[test]
    fn only_what_closes_nothing_fails() {
        for (text, expected) in [
            ("x [/b] y", true),
            ("x [b]bold[/b] y", false),
            ("[b]x[/i]", true),
            ("[b]x[/]", false),
            ("[/]", true),
            (r"\[/b]", false),
            (r"\\[/b]", true),
            ("['/b'] [1] [", false),
            ("[a [/b]", true),
            ("[link=x]y[/link]", false),
        ] {
            assert_eq!(fails(text.as_bytes()), expected, "{text}");
        }
    }
}
