//! Hex digits of escapes.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Four digits.
pub(super) fn hex4(code: u16) -> [u8; 4] {
    [12, 8, 4, 0].map(|shift| DIGITS[usize::from(code >> shift) & 15])
}

/// Two digits.
pub(super) fn hex2(code: u8) -> [u8; 2] {
    [4, 0].map(|shift| DIGITS[usize::from(code >> shift) & 15])
}
