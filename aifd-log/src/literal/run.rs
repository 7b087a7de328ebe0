//! Finds the next byte of a text that cannot be copied as it is, sixteen bytes at a time.

use wide::u8x16;

const BLOCK: usize = 16;

/// Marks the bytes that are this one.
fn equal(block: u8x16, byte: u8) -> u8x16 {
    block.simd_eq(u8x16::splat(byte))
}

/// Marks control characters below 32.
fn control(block: u8x16) -> u8x16 {
    block.simd_le(u8x16::splat(31))
}

/// Bytes before the first that is one of these or a control character below 32. See [`Runs`] for more than one.
#[inline]
pub(super) fn until<const STOPS: usize>(text: &[u8], stops: [u8; STOPS]) -> usize {
    scan(text, |block| stops.iter().fold(control(block), |marks, stop| marks | equal(block, *stop)))
}

/// Bytes before the first that is one of three, a control character or no ASCII.
pub(super) fn ascii_until(text: &[u8], stops: [u8; 3]) -> usize {
    scan(text, |block| {
        let stops = stops.iter().fold(control(block), |marks, stop| marks | equal(block, *stop));
        // Above are 127, which is a control character too, and what is no ASCII.
        stops | u8x16::splat(127).simd_le(block)
    })
}

/// Bytes before the first that is this one. Most texts are short, and end before a call of something quicker would pay.
#[inline]
pub(super) fn find(byte: u8, text: &[u8]) -> Option<usize> {
    const NEAR: usize = 4;
    let (blocks, _) = text.as_chunks::<BLOCK>();
    for (number, block) in blocks.iter().take(NEAR).enumerate() {
        let found = equal(u8x16::new(*block), byte).to_bitmask();
        if found != 0 {
            return Some(number * BLOCK + found.trailing_zeros() as usize);
        }
    }
    let near = blocks.len().min(NEAR) * BLOCK;
    memchr::memchr(byte, &text[near..]).map(|at| near + at)
}

/// Where the runs of a text end that is gone through from its front: what was found out of a stretch is kept, as most
/// runs are shorter than one.
pub(super) struct Runs<'t, const STOPS: usize> {
    text: &'t [u8],
    stops: [u8; STOPS],
    /// Where the stretch begins that the marks are of.
    begin: usize,
    width: usize,
    marks: u64,
}

impl<'t, const STOPS: usize> Runs<'t, STOPS> {
    pub(super) fn new(text: &'t [u8], stops: [u8; STOPS]) -> Self {
        Runs { text, stops, begin: 0, width: 0, marks: 0 }
    }

    /// The first place from `at` on where one of the stops is or a control character below 32, else the end of the text.
    /// Places only grow.
    #[inline]
    pub(super) fn next(&mut self, mut at: usize) -> usize {
        loop {
            let into = at - self.begin;
            if into < self.width {
                let marks = self.marks >> into;
                if marks != 0 {
                    return at + marks.trailing_zeros() as usize;
                }
                at = self.begin + self.width;
            }
            if at >= self.text.len() {
                return self.text.len();
            }
            self.look(at);
        }
    }

    /// Most texts are short: the first look is.
    #[inline]
    fn look(&mut self, at: usize) {
        let rest = &self.text[at..];
        let stops = self.stops;
        let marks = |block: &[u8; BLOCK]| {
            let block = u8x16::new(*block);
            let marks = stops.iter().fold(control(block), |marks, stop| marks | equal(block, *stop));
            u64::from(marks.to_bitmask())
        };
        (self.width, self.marks) = match (self.width, rest) {
            (1.., rest) if rest.len() >= 4 * BLOCK => {
                let (blocks, _) = rest.as_chunks::<BLOCK>();
                let all = blocks.iter().take(4).enumerate();
                (4 * BLOCK, all.fold(0, |all, (number, block)| all | marks(block) << (number * BLOCK)))
            }
            (_, rest) => match rest.first_chunk() {
                Some(block) => (BLOCK, marks(block)),
                None => {
                    let mut block = [b' '; BLOCK];
                    block[..rest.len()].copy_from_slice(rest);
                    (rest.len(), marks(&block))
                }
            },
        };
        self.begin = at;
    }
}

#[inline]
fn scan(text: &[u8], marks: impl Fn(u8x16) -> u8x16) -> usize {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    for (number, block) in blocks.iter().enumerate() {
        let found = marks(u8x16::new(*block)).to_bitmask();
        if found != 0 {
            return number * BLOCK + found.trailing_zeros() as usize;
        }
    }
    text.len() - rest.len() + short(rest, marks)
}

/// The same for less than a block. What is behind it does not count.
#[inline]
fn short(text: &[u8], marks: impl Fn(u8x16) -> u8x16) -> usize {
    let mut block = [0; BLOCK];
    block[..text.len()].copy_from_slice(text);
    let found = marks(u8x16::new(block)).to_bitmask();
    (found.trailing_zeros() as usize).min(text.len())
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
                    assert_eq!(Runs::new(&text, [b'"', b'\\', b'\'']).next(0), at);
                    text[at] = 0xc3;
                    assert_eq!(until(&text, [b'"', b'\\', b'\'']), length);
                    assert_eq!(ascii_until(&text, [b'"', b'\\', b'\'']), at);
                }
            }
        }
    }

    #[test]
    fn runs_end_at_every_stop() {
        for length in 0..200 {
            for step in [1, 2, 3, 7, 15, 16, 17, 63, 64, 65, 100] {
                let stops = |at: usize| at % step == step / 2;
                let text: Vec<u8> = (0..length).map(|at| if stops(at) { b'\\' } else { 0xc3 }).collect();
                let mut runs = Runs::new(&text, [b'\'', b'\\']);
                let mut found = Vec::new();
                let mut at = runs.next(0);
                while at < length {
                    found.push(at);
                    at = runs.next(at + 1);
                }
                assert_eq!(at, length);
                assert_eq!(found, (0..length).filter(|at| stops(*at)).collect::<Vec<_>>(), "{length} {step}");
            }
        }
    }
}
