//! Finds digits in texts that mostly have none.

/// Bytes that are looked at together.
const BLOCK: usize = 32;

/// How many digits the text begins with.
pub(super) fn run(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Where the first byte at or behind `from` is that `wanted` wants.
pub(super) fn next(text: &[u8], from: usize, wanted: impl Fn(&u8) -> bool) -> Option<usize> {
    let mut at = from;
    // Without a branch for each byte, so that the compiler takes the whole block at once.
    while let Some(block) = text.get(at..at + BLOCK)
        && !block.iter().fold(false, |found, byte| found | wanted(byte))
    {
        at += BLOCK;
    }
    text[at..].iter().position(wanted).map(|offset| at + offset)
}

/// Whether the text has at least so many digits.
pub(super) fn at_least(text: &[u8], count: usize) -> bool {
    let mut left = count;
    text.chunks(BLOCK).any(|block| {
        let found: u8 = block.iter().map(|byte| u8::from(byte.is_ascii_digit())).sum();
        left = left.saturating_sub(usize::from(found));
        left == 0
    })
}
