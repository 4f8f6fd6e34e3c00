//! A list of what one command touched, each thing once.

/// Rows in the order in which they were first touched. Whether a row is new is hard to foresee, so it is not branched
/// on: every touch writes a row, and only a new one moves on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touched<R> {
    rows: Vec<R>,
    len: usize,
}

impl<R: Copy + Default> Touched<R> {
    /// Remembers a row, if it is new.
    #[inline]
    pub(crate) fn note(&mut self, row: R, is_new: bool) {
        if self.len == self.rows.len() {
            self.grow();
        }
        self.rows[self.len] = row;
        self.len += usize::from(is_new);
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.rows.resize((self.rows.len() * 2).max(64), R::default());
    }

    /// Gives the rows and forgets them.
    #[inline]
    pub(crate) fn drain(&mut self) -> &[R] {
        let len = std::mem::take(&mut self.len);
        &self.rows[..len]
    }
}
