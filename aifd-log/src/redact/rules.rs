//! The built-in patterns: what a text must have for one to be looked for, and how it is found.

use super::{Builtin, Label, RedactError, cards, digits, mask, needles::Needles, number, phones};
use memchr::memmem;
use regex::Regex;
use std::ops::Range;

/// Keys by their prefixes. What comes before must be no letter or digit, so that `risk-…` is none.
const API_KEY: &str = r"(?x) (?: (?-u:\b) | _ ) (
    [sf]k-[A-Za-z0-9_-]{16,}
  | [spr]k_(?:live|test)_[A-Za-z0-9]{10,}
  | AIza[A-Za-z0-9_-]{30,}
  | gh[opsur]_[A-Za-z0-9]{20,}
  | github_pat_[A-Za-z0-9_]{20,}
  | glpat-[A-Za-z0-9_.-]{16,}
  | xox[abeoprs]-[A-Za-z0-9-]{10,}
  | xapp-[A-Za-z0-9-]{10,}
  | (?:AKIA|ASIA)[A-Z0-9]{16}
  | (?:hf|gsk|r8|npm)_[A-Za-z0-9]{20,}
  | (?:pplx|xai)-[A-Za-z0-9]{20,}
  | (?:nvapi|pypi)-[A-Za-z0-9_-]{20,}
  | SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}
  | ya29\.[A-Za-z0-9_-]{20,}
)";

/// Every key begins with one of them.
const API_KEY_NEEDLES: &str = "sk- fk- sk_live_ pk_live_ rk_live_ sk_test_ pk_test_ rk_test_ AIza gho_ ghp_ ghs_ \
    ghu_ ghr_ github_pat_ glpat- xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xapp- AKIA ASIA hf_ gsk_ r8_ npm_ pplx- \
    xai- nvapi- pypi- SG. ya29.";

/// The token behind `Bearer`, and three parts of base64 that begin as JSON does.
const BEARER: &str = r"(?x) (?: (?-u:\b) | _ ) (?:
    (?:[Bb]earer|BEARER) [\ \t]+ ([A-Za-z0-9._~+/-]{8,}=*)
  | (eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*)
)";
const BEARER_NEEDLES: &str = "Bearer bearer BEARER eyJ";

/// Letters of the scripts that are written with spaces: in others an address stands among the words.
const EMAIL: &str = r"(?x)
    ([\p{Latin}\p{Greek}\p{Cyrillic}0-9_] [\p{Latin}\p{Greek}\p{Cyrillic}0-9._%+'-]*
    @ (?: [\p{Latin}\p{Greek}\p{Cyrillic}0-9-]{1,63} \. )+
    (?: xn--[a-z0-9-]{2,59} | [\p{Latin}\p{Greek}\p{Cyrillic}]{2,24} ))
";

/// A built-in pattern, ready.
pub(super) struct Rule {
    pub(super) label: Label,
    screen: Screen,
    find: Find,
}

/// What is cheap to look for, and is in every match.
enum Screen {
    /// One of them is where a word may begin.
    Needles(Needles),
    Byte(u8),
    Digits(usize),
}

enum Find {
    /// The first group that takes part is the match, if it is accepted.
    Expression { regex: Box<Regex>, accept: fn(&str) -> bool },
    /// The first match at or behind an offset.
    Scan(fn(&str, usize) -> Option<Range<usize>>),
}

impl Rule {
    pub(super) fn new(builtin: Builtin) -> Result<Self, RedactError> {
        let needles = |needles: &str| {
            let needles: Vec<&str> = needles.split(' ').collect();
            Needles::new(&needles).map(Screen::Needles)
        };
        let expression = |text: &str, accept| {
            let regex = Box::new(super::compile(text)?);
            Ok(Find::Expression { regex, accept })
        };
        let (label, screen, find) = match builtin {
            Builtin::ApiKeys => (Label::Key, needles(API_KEY_NEEDLES)?, expression(API_KEY, is_random)?),
            Builtin::BearerTokens => (Label::Token, needles(BEARER_NEEDLES)?, expression(BEARER, is_random)?),
            Builtin::Emails => (Label::Email, Screen::Byte(b'@'), expression(EMAIL, is_no_image)?),
            Builtin::Cards => (Label::Card, Screen::Digits(cards::MIN_DIGITS), Find::Scan(cards::find)),
            Builtin::Phones => (Label::Phone, Screen::Digits(phones::MIN_DIGITS), Find::Scan(phones::find)),
        };
        Ok(Rule { label, screen, find })
    }

    /// Whether the text may have a match.
    pub(super) fn may_match(&self, text: &[u8]) -> bool {
        match &self.screen {
            Screen::Needles(needles) => needles.begin_a_word_in(text),
            Screen::Byte(byte) => memchr::memchr(*byte, text).is_some(),
            Screen::Digits(count) => digits::at_least(text, *count),
        }
    }

    /// Whether a string of a JSON text may have a match, if none of its ASCII characters are escaped as `\u00XX`.
    pub(super) fn may_match_json(&self, json: &[u8]) -> bool {
        if !self.may_match(json) {
            return false;
        }
        match (&self.find, std::str::from_utf8(json)) {
            // Nearly every text has digits. Numbers are the same in JSON as decoded, but for `\/` between them.
            (Find::Scan(scan), Ok(json)) => {
                let slashes = memmem::find(json.as_bytes(), b"\\/").is_some();
                slashes
                    || scan(&mask::without_escapes(json), 0).is_some()
                    // In a list without spaces, they look like parts of longer ones.
                    || number::stand_close(json.as_bytes())
            }
            _ => true,
        }
    }

    /// Tells every match behind an offset.
    pub(super) fn find(&self, text: &str, from: usize, on: &mut dyn FnMut(Range<usize>)) {
        let mut from = from;
        match &self.find {
            Find::Expression { regex, accept } => {
                while let Some(found) = regex.captures_at(text, from) {
                    let Some(group) = found.iter().skip(1).flatten().next() else { return };
                    if accept(group.as_str()) {
                        on(group.range());
                    }
                    from = group.end();
                }
            }
            Find::Scan(scan) => {
                while let Some(found) = scan(text, from) {
                    from = found.end;
                    on(found);
                }
            }
        }
    }
}

/// Words joined by hyphens look like keys; what a machine made up has digits, capitals, or is one long word.
fn is_random(key: &str) -> bool {
    key.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        || key.split('-').any(|word| word.len() >= 16)
}

/// `icon@2x.png` is a picture for sharp screens.
fn is_no_image(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or_default().as_bytes();
    !matches!(domain, [b'1'..=b'4', b'x', b'.', ..])
}
