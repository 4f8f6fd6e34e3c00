//! What fields are made of.

use std::fmt;

use crate::layout::Column;

/// A value of a fixed number of bytes.
pub trait Field: Sized {
    /// How many.
    const SIZE: usize;

    /// Appends it.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads it from the front of `bytes`; `None` if they are too few.
    fn get(bytes: &[u8]) -> Option<Self>;

    /// Its rows of the byte tables: one, or those of its parts.
    fn columns(column: Column, out: &mut Vec<Column>) {
        out.push(column);
    }

    /// Shows its values by name: one, or those of its parts.
    fn show(&self, name: &'static str, out: &mut dyn FnMut(&'static str, String));
}

macro_rules! number {
    ($($number:ty),*) => { $(
        impl Field for $number {
            const SIZE: usize = size_of::<$number>();

            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            #[inline]
            fn get(bytes: &[u8]) -> Option<Self> {
                bytes.first_chunk().map(|bytes| <$number>::from_le_bytes(*bytes))
            }

            fn show(&self, name: &'static str, out: &mut dyn FnMut(&'static str, String)) {
                out(name, self.to_string());
            }
        }
    )* };
}

number!(u8, u16, u32, u64, i32, i128);

impl<const N: usize> Field for [u8; N] {
    const SIZE: usize = N;

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn get(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().copied()
    }

    fn show(&self, name: &'static str, out: &mut dyn FnMut(&'static str, String)) {
        out(name, self.iter().map(|byte| format!("{byte:02x}")).collect());
    }
}

/// A signature, or a shorter code filled up with zeros.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature(pub [u8; 64]);

impl Default for Signature {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Field for Signature {
    const SIZE: usize = 64;

    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn get(bytes: &[u8]) -> Option<Self> {
        Field::get(bytes).map(Self)
    }

    fn show(&self, name: &'static str, out: &mut dyn FnMut(&'static str, String)) {
        self.0.show(name, out);
    }
}

/// Text of at most `N` bytes, filled up with zeros; all zeros is no text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text<const N: usize>(pub [u8; N]);

/// A symbol of an asset or an instrument.
pub type Name = Text<20>;

impl<const N: usize> Text<N> {
    /// No text.
    pub const NONE: Self = Self([0; N]);

    /// Takes a text; `None` if it is too long or holds a zero.
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        (!text.contains('\0')).then_some(Self(bytes))
    }

    /// The text up to the zeros that fill it up; `None` if it is not ASCII, or if something follows a zero.
    pub fn as_str(&self) -> Option<&str> {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(N);
        let (text, rest) = self.0.split_at_checked(end)?;
        let plain = text.is_ascii() && rest.iter().all(|byte| *byte == 0);
        std::str::from_utf8(text).ok().filter(|_| plain)
    }

    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(text) => text.fmt(f),
            None => self.0.fmt(f),
        }
    }
}

impl<const N: usize> Field for Text<N> {
    const SIZE: usize = N;

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn get(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().copied().map(Self)
    }

    fn show(&self, name: &'static str, out: &mut dyn FnMut(&'static str, String)) {
        out(name, self.as_str().map_or_else(|| format!("{:?}", self.0), str::to_owned));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_where_its_zeros_begin() {
        assert_eq!(Text::<4>::new("ab").unwrap().0, *b"ab\0\0");
        assert_eq!(Text::<4>::new("abcd").unwrap().as_str(), Some("abcd"));
        assert!(Text::<4>::new("abcde").is_none() && Text::<4>::new("a\0b").is_none());
        assert_eq!(Text(*b"a\0b\0").as_str(), None);
        assert_eq!(Text([0xc3, 0xa4, 0, 0]).as_str(), None, "ASCII only");
        assert_eq!(Text([0; 4]).as_str(), Some(""));
    }
}
