//! Goes through a value step by step, for those who know what they look for: what follows is written or passed over as
//! it is met, and read once.

use super::{
    Dialect, Fault, FaultKind, Layout,
    scan::{self, Leap, Skip},
    to_json, to_python,
    walk::{Cursor, check_utf8},
};
use std::borrow::Cow;

/// A place in a value's text.
#[derive(Clone, Copy, Debug)]
pub struct Steps<'t> {
    cursor: Cursor<'t>,
}

impl<'t> Steps<'t> {
    /// Begins before a value.
    ///
    /// # Errors
    /// The text is no UTF-8.
    pub fn new(text: &'t [u8], dialect: Dialect) -> Result<Self, Fault> {
        check_utf8(text)?;
        Ok(Steps { cursor: Cursor { text, at: 0, dialect } })
    }

    /// The same for a text that was found to be a literal before.
    pub fn again(text: &'t [u8], dialect: Dialect) -> Self {
        Steps { cursor: Cursor { text, at: 0, dialect } }
    }

    /// Goes into a container, if it begins with this byte.
    pub fn enter(&mut self, open: u8) -> bool {
        self.cursor.skip_space();
        self.cursor.take(open)
    }

    /// Goes to the next item of a container, or out of it if there is none, which is `false`. Between two items there is
    /// a comma.
    ///
    /// # Errors
    /// There is something else.
    #[inline]
    pub fn next(&mut self, is_first: bool, close: u8) -> Result<bool, Fault> {
        // As `repr` and this program write it.
        if !is_first && self.cursor.take_written(b',') {
            return Ok(true);
        }
        self.cursor.skip_space();
        if self.cursor.take(close) {
            return Ok(false);
        }
        if !is_first {
            self.cursor.expect(b',')?;
            self.cursor.skip_space();
        }
        Ok(true)
    }

    /// Takes a key that is a text, and its colon. It is UTF-8.
    ///
    /// # Errors
    /// There is none.
    #[inline]
    pub fn key(&mut self) -> Result<Cow<'t, [u8]>, Fault> {
        let key = scan::name(&mut self.cursor)?;
        self.cursor.colon()?;
        Ok(key)
    }

    /// Passes over a value, and gives back its text.
    ///
    /// # Errors
    /// There is none.
    pub fn skip(&mut self) -> Result<&'t [u8], Fault> {
        self.cursor.skip_space();
        let from = self.cursor.at;
        self.cursor.value(&mut Skip)?;
        Ok(&self.cursor.text[from..self.cursor.at])
    }

    /// The same for a value of a text that was found to be a literal before: texts are not looked into.
    ///
    /// # Errors
    /// As [`Steps::skip`], of what was looked at.
    pub fn leap(&mut self) -> Result<&'t [u8], Fault> {
        self.cursor.skip_space();
        let from = self.cursor.at;
        self.cursor.value(&mut Leap)?;
        Ok(&self.cursor.text[from..self.cursor.at])
    }

    /// Appends a value as JSON. See [`super::to_json`].
    ///
    /// # Errors
    /// There is none.
    pub fn json(&mut self, layout: Layout, out: &mut Vec<u8>) -> Result<(), Fault> {
        let dialect = self.cursor.dialect;
        self.cursor.value(&mut to_json::Sink::new(out, dialect, layout))
    }

    /// Appends a value as Python prints it. See [`super::to_python`].
    ///
    /// # Errors
    /// There is none.
    pub fn python(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        let dialect = self.cursor.dialect;
        self.cursor.value(&mut to_python::Sink::new(out, dialect))
    }

    /// Bytes before this place.
    pub fn at(&self) -> usize {
        self.cursor.at
    }

    /// Nothing may follow.
    ///
    /// # Errors
    /// Something does.
    pub fn end(mut self) -> Result<(), Fault> {
        self.cursor.end()
    }

    /// The notation.
    pub fn dialect(&self) -> Dialect {
        self.cursor.dialect
    }

    /// The fault of something that cannot stand here.
    pub fn unexpected(&self) -> Fault {
        Fault { at: self.cursor.at, what: FaultKind::Unexpected }
    }
}
