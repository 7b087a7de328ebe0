//! Takes bytes as they come and passes them on as text, a character cut in two being put together first.

/// The bytes of a character whose end has not come yet.
#[derive(Debug, Default)]
pub(super) struct Utf8 {
    begun: [u8; 4],
    length: usize,
}

/// Bytes that are not UTF-8 came; all text before them was passed on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotUtf8;

impl Utf8 {
    /// Passes a piece on, in up to two parts.
    ///
    /// # Errors
    /// What `take` says, or that the text ends where it stopped being UTF-8; all before that was passed on.
    pub(super) fn push<E: From<NotUtf8>>(
        &mut self,
        mut piece: &[u8],
        mut take: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        while self.length > 0 {
            let Some((&byte, rest)) = piece.split_first() else { return Ok(()) };
            piece = rest;
            self.complete(byte, &mut take)?;
        }
        match std::str::from_utf8(piece) {
            Ok("") => Ok(()),
            Ok(text) => take(text),
            Err(fault) => {
                let (good, bad) = piece.split_at(fault.valid_up_to());
                if let (Ok(text), false) = (std::str::from_utf8(good), good.is_empty()) {
                    take(text)?;
                }
                if fault.error_len().is_some() {
                    return Err(NotUtf8.into());
                }
                self.length = bad.len();
                self.begun[..bad.len()].copy_from_slice(bad);
                Ok(())
            }
        }
    }

    /// Adds a byte to the character that was begun; passes it on once whole.
    fn complete<E: From<NotUtf8>>(
        &mut self,
        byte: u8,
        take: &mut impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        self.begun[self.length] = byte;
        self.length += 1;
        match std::str::from_utf8(&self.begun[..self.length]) {
            Ok(text) => {
                self.length = 0;
                take(text)
            }
            Err(fault) if fault.error_len().is_none() => Ok(()),
            Err(_) => Err(NotUtf8.into()),
        }
    }

    /// Whether the text may end here.
    pub(super) fn whole(&self) -> bool {
        self.length == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl From<NotUtf8> for () {
        fn from(_: NotUtf8) {}
    }

    fn through(pieces: &[&[u8]]) -> (String, bool) {
        let (mut utf8, mut out) = (Utf8::default(), String::new());
        let mut good = true;
        for piece in pieces {
            let pushed: Result<(), ()> = utf8.push(piece, |text| {
                out.push_str(text);
                Ok(())
            });
            good = pushed.is_ok();
            if !good {
                break;
            }
        }
        (out, good && utf8.whole())
    }

    proptest! {
        #[test]
        fn text_passes_whole_however_it_is_cut(text: String, size in 1..7_usize) {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            prop_assert_eq!(through(&pieces), (text.clone(), true));
        }

        #[test]
        fn what_is_not_text_ends_at_the_same_place(bytes: Vec<u8>, size in 1..7_usize) {
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(through(&pieces), through(&[&bytes]));
        }
    }
}
