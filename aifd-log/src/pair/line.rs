//! What a line is: the uid that joins it to another, and which side of an exchange it tells.

use super::{Kinds, Options, Unreadable};
use crate::{
    Kind,
    literal::{self, Dialect, Fault, Steps},
};

/// What joins lines: a uid of 32 hex digits itself, else a hash of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Uid([u64; 2]);

/// Which side of an exchange a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Answer,
    /// Both, as lines in JSON do.
    Whole,
}

/// What is known of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) uid: Uid,
    pub(super) side: Side,
    pub(super) dialect: Dialect,
    /// Of a kind that is not wanted.
    pub(super) other: bool,
}

/// Looks at a line without its end.
pub(super) fn look(line: &[u8], options: Options) -> Result<Known, Unreadable> {
    // openai-forward knows nothing else than Python's literals.
    if !options.compat
        && begins_like_json(line)
        && let Ok(fields) = Fields::of(line, Dialect::Json)
    {
        return fields.known(Dialect::Json, options);
    }
    Fields::of(line, Dialect::Python)?.known(Dialect::Python, options)
}

fn begins_like_json(line: &[u8]) -> bool {
    let inside = line.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    inside.is_some_and(|inside| inside.starts_with(b"\""))
}

/// The fields of a line that tell what it is.
#[derive(Default)]
struct Fields {
    uid: Option<Uid>,
    messages: bool,
    truthy_messages: bool,
    system: bool,
    request: bool,
    asked: bool,
    kind: Option<Kind>,
}

impl Fields {
    /// Goes through a line, and checks all of it.
    fn of(line: &[u8], dialect: Dialect) -> Result<Self, Fault> {
        let mut fields = Fields::default();
        let mut steps = Steps::new(line, dialect)?;
        if !steps.enter(b'{') {
            return Err(steps.unexpected());
        }
        let mut is_first = true;
        while steps.next(is_first, b'}')? {
            let name = steps.key()?;
            let value = steps.skip()?;
            fields.note(&name, value, dialect);
            is_first = false;
        }
        steps.end()?;
        Ok(fields)
    }

    fn note(&mut self, name: &[u8], value: &[u8], dialect: Dialect) {
        match name {
            b"uid" => self.uid = Some(Uid::of(value, dialect)),
            b"messages" => {
                self.messages = true;
                self.truthy_messages = literal::is_truthy(value);
            }
            b"system" => self.system = true,
            b"request" => self.request = true,
            b"kind" => self.kind = literal::text(value, dialect).and_then(|kind| kind.parse().ok()),
            // Only requests have them: those of the other kinds.
            b"prompt" | b"input" | b"payload" | b"method" | b"file" => self.asked = true,
            _ => {}
        }
    }

    fn known(self, dialect: Dialect, options: Options) -> Result<Known, Unreadable> {
        let uid = self.uid.ok_or(Unreadable::NoUid)?;
        if options.compat {
            let side = if self.truthy_messages { Side::Request } else { Side::Answer };
            return Ok(Known { uid, side, dialect, other: false });
        }
        let whole = dialect == Dialect::Json && self.request && !self.messages;
        let side = match () {
            () if whole => Side::Whole,
            () if self.messages || self.asked => Side::Request,
            () => Side::Answer,
        };
        let chat = match side {
            Side::Whole => self.kind.is_none_or(|kind| kind == Kind::Chat),
            // Requests of Anthropic's API have `system` there; those of chats have it among the extra fields.
            Side::Request => self.messages && !self.system,
            Side::Answer => true,
        };
        Ok(Known { uid, side, dialect, other: !chat && options.kinds == Kinds::Chat })
    }
}

impl Uid {
    fn of(value: &[u8], dialect: Dialect) -> Self {
        let told = literal::text(value, dialect);
        if let Some(uid) = told.as_deref().and_then(hex) {
            return uid;
        }
        let mut hasher = blake3::Hasher::new();
        match told {
            Some(text) => hasher.update(text.as_bytes()),
            // A number is not the text of its digits.
            None => hasher.update(b"\0").update(value),
        };
        let hash = *hasher.finalize().as_bytes();
        let (halves, _) = hash.as_chunks::<8>();
        Uid([u64::from_le_bytes(halves[0]), u64::from_le_bytes(halves[1])])
    }
}

/// Just what is written: capitals are another uid.
fn hex(text: &str) -> Option<Uid> {
    let digits: &[u8; 32] = text.as_bytes().try_into().ok()?;
    let mut halves = [0_u64; 2];
    for (at, digit) in digits.iter().enumerate() {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        halves[at / 16] = halves[at / 16] << 4 | u64::from(value);
    }
    Some(Uid(halves))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(line: &str, options: Options) -> String {
        match look(line.as_bytes(), options) {
            Ok(known) => format!("{:?}{}", known.side, if known.other { " other" } else { "" }),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_line_is_told_by_its_fields_in_any_order() {
        let compat = Options { compat: true, ..Options::default() };
        let all = Options { kinds: Kinds::All, ..Options::default() };
        for (line, plain, in_compat, in_all) in [
            ("{'uid': 'a', 'messages': [1]}", "Request", "Request", "Request"),
            ("{'messages': [], 'uid': 'a'}", "Request", "Answer", "Request"),
            ("{'assistant': 'x', 'uid': 'a'}", "Answer", "Answer", "Answer"),
            ("{'messages': [1], 'system': None, 'uid': 'a'}", "Request other", "Request", "Request"),
            ("{'prompt': 'x', 'uid': 'a'}", "Request other", "Answer", "Request"),
            (r#"{"uid": "a", "request": {}}"#, "Whole", "Answer", "Whole"),
            (r#"{"uid":"a","kind":"embedding","request":{}}"#, "Whole other", "Answer", "Whole"),
            (r#"{"uid": "a", 'messages': "x"}"#, "Request", "Request", "Request"),
            ("{'messages': [1]}", "no uid", "no uid", "no uid"),
            (
                "[1]",
                "something unexpected at byte 0",
                "something unexpected at byte 0",
                "something unexpected at byte 0",
            ),
        ] {
            let told = [Options::default(), compat, all].map(|options| side(line, options));
            assert_eq!(told, [plain, in_compat, in_all], "{line}");
        }
    }

    #[test]
    fn uids_are_the_same_only_if_they_say_the_same() {
        let uid = |value: &str, dialect| Uid::of(value.as_bytes(), dialect);
        let python = |value| uid(value, Dialect::Python);
        let hex = "'0123456789abcdef0123456789abcdef'";
        assert_eq!(python(hex), uid(&hex.replace('\'', "\""), Dialect::Json));
        assert_eq!(python("'a1'"), python(r"'\x61\x31'"));
        for other in ["7", "'7'", "'a1'", "None", "'0123456789ABCDEF0123456789abcdef'"] {
            assert_ne!(python(hex), python(other));
        }
        assert_ne!(python("7"), python("'7'"));
    }
}
