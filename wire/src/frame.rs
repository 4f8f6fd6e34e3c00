//! Where a frame begins and ends.

/// Bytes before a body: length, type, version.
pub const HEADER: usize = 4;

/// The longest frame, header included, in both directions. A longer one ends the session before a byte of it is kept.
pub const FRAME_MAX: usize = 1_024;

/// One whole frame, not looked into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    /// Its type.
    pub kind: u8,
    /// The version of its layout.
    pub version: u8,
    /// All of its bytes, header included: offsets of the tables count from here.
    pub bytes: &'a [u8],
}

/// A length that no frame has. What follows cannot be found any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameError {
    /// Less than a header.
    TooShort(u16),
    /// More than [`FRAME_MAX`].
    TooLong(u16),
}

/// The first frame of these bytes and its length; `None` while it is not whole. The length is judged as soon as it is there.
pub fn read_frame(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>, FrameError> {
    let Some(&[low, high]) = bytes.first_chunk::<2>() else { return Ok(None) };
    let length = u16::from_le_bytes([low, high]);
    match usize::from(length) {
        ..HEADER => Err(FrameError::TooShort(length)),
        whole @ HEADER..=FRAME_MAX => Ok(bytes.get(..whole).and_then(|bytes| {
            let &[_, _, kind, version] = bytes.first_chunk()?;
            Some((Frame { kind, version, bytes }, whole))
        })),
        _ => Err(FrameError::TooLong(length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_judged_before_the_rest_is_there() {
        assert_eq!(read_frame(&[]), Ok(None));
        assert_eq!(read_frame(&[4]), Ok(None));
        assert_eq!(read_frame(&[3, 0]), Err(FrameError::TooShort(3)));
        assert_eq!(read_frame(&[1, 4]), Err(FrameError::TooLong(1_025)));
        assert_eq!(read_frame(&[255, 255, 0]), Err(FrameError::TooLong(u16::MAX)));
        assert_eq!(read_frame(&[0, 4, 1, 1]), Ok(None), "1,024 bytes may come");
        let bytes = [4, 0, 2, 1, 9];
        assert_eq!(read_frame(&bytes), Ok(Some((Frame { kind: 2, version: 1, bytes: &bytes[..4] }, 4))));
    }
}
