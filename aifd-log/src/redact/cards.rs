//! Finds numbers of payment cards: 13 to 19 digits, in groups or not, with the right check digit.

use super::digits;
use std::ops::Range;

/// Digits that a card has at least.
pub(super) const MIN_DIGITS: usize = 13;

/// Digits that it has at most.
const MAX_DIGITS: usize = 19;

/// Digits of a group, but for the last one: lists of small numbers are no cards.
const MIN_GROUP: usize = 4;

/// The first card at or behind `from`.
pub(super) fn find(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at = digits::next(bytes, at, u8::is_ascii_digit)?;
        let group = digits::run(&bytes[at..]);
        if may_begin(bytes, at)
            && let Some(end) = card_end(bytes, at)
        {
            return Some(at..end);
        }
        at += group;
    }
}

/// Where the longest card ends that begins at `at`.
fn card_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut card = [0; MAX_DIGITS];
    let mut length = 0;
    let mut end = at;
    let mut found = None;
    loop {
        let group = digits::run(&bytes[end..]);
        let Some(room) = card.get_mut(length..length + group) else { return found };
        room.copy_from_slice(&bytes[end..end + group]);
        (length, end) = (length + group, end + group);
        if may_end(bytes, end) && is_card(&card[..length]) {
            found = Some(end);
        }
        match bytes.get(end..) {
            Some([b' ' | b'-', b'0'..=b'9', ..]) if group >= MIN_GROUP => end += 1,
            _ => return found,
        }
    }
}

/// Not within a word, a decimal or a longer number.
fn may_begin(bytes: &[u8], at: usize) -> bool {
    match bytes[..at] {
        [.., before] if before.is_ascii_alphanumeric() => false,
        [.., digit, b'.' | b','] => !digit.is_ascii_digit(),
        _ => true,
    }
}

fn may_end(bytes: &[u8], end: usize) -> bool {
    match bytes[end..] {
        [after, ..] if after.is_ascii_alphanumeric() => false,
        [b'.' | b',', digit, ..] => !digit.is_ascii_digit(),
        _ => true,
    }
}

/// Whether a card can have this number. Times since 1970, and times written as one number, are mostly told by their
/// first digits: one in ten has a right check digit by chance.
fn is_card(card: &[u8]) -> bool {
    let of_an_issuer = match (card.len(), card) {
        (13, [first, ..]) => *first == b'4',
        (14, [first, ..]) => *first == b'3',
        (15, [first, ..]) => *first != b'0',
        (16..=19, [first, ..]) => *first > b'1',
        _ => false,
    };
    of_an_issuer && luhn(card)
}

/// The check of ISO/IEC 7812: from the right, every second digit doubled, the digits' sum divides by ten.
fn luhn(card: &[u8]) -> bool {
    let value = |(index, digit): (usize, &u8)| {
        let digit = u32::from(digit - b'0');
        if index % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
    };
    card.iter().rev().enumerate().map(value).sum::<u32>() % 10 == 0
}
