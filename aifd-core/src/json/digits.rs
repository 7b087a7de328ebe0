//! The digits of a JSON number, one after another.

/// Where a number has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digits {
    Minus,
    Zero,
    Whole,
    Dot,
    Fraction,
    Exponent,
    Sign,
    Power,
}

impl Digits {
    /// Where it gets to by this byte; `None` if that is no part of it.
    pub(super) fn after(self, byte: u8) -> Option<Digits> {
        use Digits::{Dot, Exponent, Fraction, Minus, Power, Sign, Whole, Zero};
        Some(match (self, byte) {
            (Whole, b'0'..=b'9') => Whole,
            (Fraction | Dot, b'0'..=b'9') => Fraction,
            (Minus, b'0') => Zero,
            (Minus, b'1'..=b'9') => Whole,
            (Zero | Whole, b'.') => Dot,
            (Zero | Whole | Fraction, b'e' | b'E') => Exponent,
            (Exponent, b'+' | b'-') => Sign,
            (Exponent | Sign | Power, b'0'..=b'9') => Power,
            _ => return None,
        })
    }

    /// Whether it is whole.
    pub(super) fn may_end(self) -> bool {
        matches!(self, Digits::Zero | Digits::Whole | Digits::Fraction | Digits::Power)
    }
}
