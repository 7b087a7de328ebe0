//! How many tokens a prompt has, about, from the lengths of its strings.

use crate::json::Kind;

/// Tokens that an image or file inside a prompt counts for, whatever its size: about what a picture costs.
const BLOB_TOKENS: u64 = 768;

/// Bytes of a string without spaces past which it is taken for an image or file.
const MAX_WORD: u64 = 1024;

/// Tokens that frame a message.
const MESSAGE_TOKENS: u64 = 3;

const BYTES_PER_TOKEN: u64 = 4;

/// What was seen of a prompt so far.
#[derive(Debug, Default)]
pub(super) struct PromptEstimate {
    text: u64,
    blobs: u64,
    messages: u64,
    numbers: u64,
    member: Member,
    /// The string under way.
    length: u64,
    word: Word,
}

/// The root's member that the scan is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Member {
    Messages,
    Input,
    Tools,
    #[default]
    Other,
}

/// What the string under way may still be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Word {
    #[default]
    Empty,
    Base64,
    /// As much of `data:` has come.
    Scheme(usize),
    DataUrl,
    Text,
}

impl PromptEstimate {
    pub(super) fn tokens(&self) -> u64 {
        let text = self.text.div_ceil(BYTES_PER_TOKEN);
        let framing = self.messages.saturating_mul(MESSAGE_TOKENS).saturating_add(self.numbers);
        text.saturating_add(self.blobs.saturating_mul(BLOB_TOKENS)).saturating_add(framing)
    }

    pub(super) fn key(&mut self, depth: u32, key: &[u8]) {
        if depth == 1 {
            self.member = match key {
                b"messages" | b"contents" => Member::Messages,
                b"input" | b"prompt" => Member::Input,
                b"tools" | b"functions" => Member::Tools,
                _ => Member::Other,
            };
        } else if self.member == Member::Tools {
            // The names of a tool's parameters are told to the model.
            self.text += key.len() as u64;
        }
    }

    pub(super) fn begin(&mut self, kind: Kind, depth: u32) {
        match (kind, self.member) {
            (Kind::String, _) => (self.length, self.word) = (0, Word::Empty),
            (Kind::Object, Member::Messages | Member::Input) if depth == 2 => self.messages += 1,
            (Kind::Number, Member::Input) if depth >= 2 => self.numbers += 1,
            _ => {}
        }
    }

    pub(super) fn end(&mut self, kind: Kind) {
        if kind == Kind::String {
            if self.length > MAX_WORD && matches!(self.word, Word::Base64 | Word::DataUrl) {
                self.blobs += 1;
            } else {
                self.text += self.length;
            }
        }
    }

    pub(super) fn text(&mut self, run: &[u8]) {
        self.length += run.len() as u64;
        if self.word != Word::Text {
            self.word = self.word.after(run);
        }
    }

    pub(super) fn escaped(&mut self, c: char) {
        self.length += c.len_utf8() as u64;
        // Base64 comes in lines too, and some writers escape each slash.
        if !matches!(c, '/' | '\n' | '\r') {
            self.word = Word::Text;
        }
    }
}

impl Word {
    fn after(self, run: &[u8]) -> Word {
        const SCHEME: &[u8] = b"data:";
        let mut word = self;
        let mut rest = run;
        if word == Word::Empty && rest.first() == SCHEME.first() {
            word = Word::Scheme(0);
        }
        while let (Word::Scheme(come), Some((first, more))) = (word, rest.split_first()) {
            match SCHEME.get(come) {
                Some(expected) if first == expected => (word, rest) = (Word::Scheme(come + 1), more),
                Some(_) => word = Word::Base64,
                None => word = Word::DataUrl,
            }
        }
        match word {
            Word::DataUrl if all(rest, |b| b.wrapping_sub(0x21) < 0x5e) => Word::DataUrl,
            Word::Empty | Word::Base64 if all(rest, is_base64) => Word::Base64,
            Word::Scheme(come) => Word::Scheme(come),
            _ => Word::Text,
        }
    }
}

/// Both alphabets of base64.
fn is_base64(b: u8) -> bool {
    ((b | 0x20).wrapping_sub(b'a') < 26)
        | (b.wrapping_sub(b'0') < 10)
        | (b == b'+')
        | (b == b'/')
        | (b == b'=')
        | (b == b'-')
        | (b == b'_')
}

/// Looks at 64 bytes without a branch, so that the compiler can look at many of them at once.
fn all(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    bytes.chunks(64).all(|chunk| chunk.iter().fold(true, |so_far, &b| so_far & is(b)))
}
