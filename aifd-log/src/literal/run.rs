//! Finds the next byte of a text that cannot be copied as it is, eight bytes at a time.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The high bit of every byte of `word` that is `byte`; bits above the lowest one may be wrong.
fn equal(word: u64, byte: u8) -> u64 {
    let zero = word ^ (LOW * u64::from(byte));
    zero.wrapping_sub(LOW) & !zero & HIGH
}

/// The same for bytes below `bound`, which is at most 128.
fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(LOW * u64::from(bound)) & !word & HIGH
}

/// Bytes before the first that is one of these or a control character below 32.
#[inline]
pub(super) fn until<const STOPS: usize>(text: &[u8], stops: [u8; STOPS]) -> usize {
    let bits = |word| stops.iter().fold(below(word, 32), |bits, stop| bits | equal(word, *stop));
    let stop = |byte: u8| byte < 32 || stops.contains(&byte);
    scan(text, bits, stop)
}

/// Bytes before the first that is one of three, a control character or no ASCII.
pub(super) fn ascii_until(text: &[u8], stops: [u8; 3]) -> usize {
    let bits = |word| {
        let stops = equal(word, stops[0]) | equal(word, stops[1]) | equal(word, stops[2]);
        stops | below(word, 32) | equal(word, 127) | (word & HIGH)
    };
    let stop = |byte: u8| !(32..127).contains(&byte) || stops.contains(&byte);
    scan(text, bits, stop)
}

/// Bytes before the first that is this one. Most texts are short, and end before a call of something quicker would pay.
#[inline]
pub(super) fn find(byte: u8, text: &[u8]) -> Option<usize> {
    const NEAR: usize = 4;
    let (words, _) = text.as_chunks::<8>();
    for (number, word) in words.iter().take(NEAR).enumerate() {
        let found = equal(u64::from_le_bytes(*word), byte);
        if found != 0 {
            return Some(number * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let near = words.len().min(NEAR) * 8;
    memchr::memchr(byte, &text[near..]).map(|at| near + at)
}

#[inline]
fn scan(text: &[u8], bits: impl Fn(u64) -> u64, stop: impl Fn(u8) -> bool) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let found = bits(u64::from_le_bytes(*word));
        if found != 0 {
            return number * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let tail = rest.iter().position(|byte| stop(*byte)).unwrap_or(rest.len());
    text.len() - rest.len() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_stops_is_found_wherever_it_is() {
        for length in 0..80 {
            for at in 0..length {
                for byte in [b'"', b'\\', b'\'', 0, 31, b'\n'] {
                    let mut text = vec![b'~'; length];
                    text[at] = byte;
                    assert_eq!(until(&text, [b'"', b'\\', b'\'']), at);
                    assert_eq!(ascii_until(&text, [b'"', b'\\', b'\'']), at);
                    assert_eq!(find(byte, &text), Some(at));
                    assert_eq!(find(1, &text), None);
                    text[at] = 0xc3;
                    assert_eq!(until(&text, [b'"', b'\\', b'\'']), length);
                    assert_eq!(ascii_until(&text, [b'"', b'\\', b'\'']), at);
                }
            }
        }
    }
}
