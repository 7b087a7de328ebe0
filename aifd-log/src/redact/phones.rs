//! Finds phone numbers: international ones, and national ones in forms that are not dates, ids or plain numbers.

use super::digits;
use std::ops::Range;

/// Digits that a phone number has at least.
pub(super) const MIN_DIGITS: usize = 8;

/// Digits that it has at most, with a prefix of `00`.
const MAX_DIGITS: usize = 17;

/// Groups of digits that it has at most.
const MAX_GROUPS: usize = 8;

/// Digits, and what is around them.
#[derive(Clone, Copy)]
struct Group<'t> {
    digits: &'t str,
    /// What comes before, parentheses left out: a space, `-`, `.`, `/`, or 0 for nothing.
    separator: u8,
    /// Where the number ends if this group is its last.
    end: usize,
}

/// Bytes within which the least digits of a number are, however they are grouped.
const WINDOW: usize = 4 * MIN_DIGITS;

/// A number taken apart.
struct Number<'t> {
    /// It begins with `+`.
    plus: bool,
    /// Its first group is in parentheses.
    area: bool,
    groups: &'t [Group<'t>],
}

/// The first phone number at or behind `from`.
pub(super) fn find(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at = digits::next(bytes, at, |byte| matches!(byte, b'+' | b'(' | b'0'..=b'9'))?;
        let window = &bytes[at..bytes.len().min(at + WINDOW)];
        if digits::at_least(window, MIN_DIGITS)
            && may_begin(bytes, at)
            && let Some(end) = number_end(text, at)
        {
            return Some(at..end);
        }
        at += digits::run(&bytes[at..]).max(1);
    }
}

/// Where the longest phone number ends that begins at `at`.
fn number_end(text: &str, at: usize) -> Option<usize> {
    let plus = text.as_bytes()[at] == b'+';
    let start = at + usize::from(plus);
    let area = text.as_bytes().get(start) == Some(&b'(');
    let groups = groups(text, start);
    (1..=groups.len()).rev().find_map(|count| {
        let number = Number { plus, area, groups: &groups[..count] };
        let end = groups[count - 1].end;
        (may_end(text.as_bytes(), end) && number.is_phone()).then_some(end)
    })
}

/// The groups of digits from `start` on, as long as single separators are between them.
fn groups(text: &str, start: usize) -> Vec<Group<'_>> {
    let bytes = text.as_bytes();
    let mut groups = Vec::new();
    let mut end = start;
    while groups.len() < MAX_GROUPS {
        let separator = match bytes.get(end) {
            Some(&byte @ (b' ' | b'-' | b'.' | b'/')) if !groups.is_empty() => byte,
            _ => 0,
        };
        end += usize::from(separator != 0);
        let open = bytes.get(end) == Some(&b'(');
        end += usize::from(open);
        let length = digits::run(&bytes[end..]);
        if length == 0 || length > MAX_DIGITS {
            break;
        }
        let digits = &text[end..end + length];
        end += length;
        // Parentheses are around one group.
        if open && bytes.get(end) != Some(&b')') {
            break;
        }
        end += usize::from(open);
        groups.push(Group { digits, separator, end });
    }
    groups
}

impl Number<'_> {
    fn is_phone(&self) -> bool {
        let digits: Vec<&str> = self.groups.iter().map(|group| group.digits).collect();
        let total: usize = digits.iter().map(|group| group.len()).sum();
        if self.plus {
            return (8..=15).contains(&total) && !digits[0].starts_with('0');
        }
        if self.area {
            return is_with_area(&digits, total);
        }
        match digits[..] {
            [one] => is_mobile(one),
            ["00", ..] => false,
            // `001 002 003` counts.
            [first, second, ..] if first.starts_with("00") => {
                let counts = first.starts_with("000") || second.starts_with('0') && second != "0";
                (10..=MAX_DIGITS).contains(&total) && !counts
            }
            ["1", ref rest @ ..] => self.is_north_american(rest),
            _ => {
                self.is_north_american(&digits)
                    || self.is_chinese(&digits)
                    || self.has_trunk_prefix(&digits, total)
            }
        }
    }

    /// The separator between the last groups, if it is the same everywhere.
    fn separator(&self, last: usize) -> Option<u8> {
        let groups = &self.groups[self.groups.len().saturating_sub(last)..];
        let one = groups.first()?.separator;
        groups.iter().all(|group| group.separator == one).then_some(one)
    }

    /// `555-123-4567`, `555.123.4567`. `256 512 1024` is a list.
    fn is_north_american(&self, digits: &[&str]) -> bool {
        let fits = lengths(digits) == [3, 3, 4] && digits[0] >= "2";
        fits && matches!(self.separator(2), Some(b'-' | b'.'))
    }

    /// `138 0013 8000`.
    fn is_chinese(&self, digits: &[&str]) -> bool {
        let fits = lengths(digits) == [3, 4, 4] && is_chinese_mobile(digits[0]);
        fits && matches!(self.separator(2), Some(b' ' | b'-'))
    }

    /// Numbers that are called with a 0 before: `06 12 34 56 78`, `020 7946 0018`, `030/901820`, `03-1234-5678`.
    fn has_trunk_prefix(&self, digits: &[&str], total: usize) -> bool {
        let [first, second, others @ ..] = digits else { return false };
        let trunk = matches!(first.as_bytes(), [b'0', b'1'..=b'9', ..]);
        let french = lengths(digits) == [2; 5];
        let (enough, long) = if others.is_empty() { (9, 6) } else { (10, 3) };
        let other = first.len() <= 5
            && others.len() <= 1
            && (enough..=12).contains(&total)
            && second.len() >= long
            && !second.starts_with('0')
            && others.iter().all(|group| group.len() >= 3);
        trunk && (french || other) && self.separator(digits.len() - 1).is_some_and(|it| it != 0)
    }
}

fn lengths(digits: &[&str]) -> Vec<usize> {
    digits.iter().map(|group| group.len()).collect()
}

/// `(555) 123-4567`, `(030) 901820`, `(11) 91234-5678`; `(1998) 123-145` is a quotation.
fn is_with_area(digits: &[&str], total: usize) -> bool {
    let area = digits[0];
    let fits = matches!(area.len(), 2..=3) || matches!(area.len(), 4..=5) && area.starts_with('0');
    fits && (9..=12).contains(&total) && digits[1..].iter().all(|group| group.len() >= 2)
}

/// Mobile numbers are also written in one. Rounded numbers are amounts.
fn is_mobile(digits: &str) -> bool {
    let begins = |with: &[&str]| with.iter().any(|it| digits.starts_with(it));
    let european = match digits.len() {
        10 => begins(&["06", "07"]),
        11 => begins(&["07", "015", "016", "017"]),
        _ => false,
    };
    let asian = digits.len() == 11 && (begins(&["010", "080", "090"]) || is_chinese_mobile(digits));
    (european || asian) && !digits.ends_with("000000")
}

fn is_chinese_mobile(digits: &str) -> bool {
    matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..])
}

/// Not within a word, a date, a version or a longer number.
fn may_begin(bytes: &[u8], at: usize) -> bool {
    match bytes[..at] {
        [.., before] if before.is_ascii_alphanumeric() || matches!(before, b'+' | b'_') => false,
        [.., before, b'-'] => !before.is_ascii_alphanumeric(),
        [.., before, b'.' | b'/' | b',' | b':'] => !before.is_ascii_digit(),
        _ => true,
    }
}

fn may_end(bytes: &[u8], end: usize) -> bool {
    match bytes[end..] {
        [after, ..] if after.is_ascii_alphanumeric() || after == b'_' => false,
        [b'-' | b'.' | b'/' | b',' | b':', after, ..] => !after.is_ascii_digit(),
        _ => true,
    }
}
