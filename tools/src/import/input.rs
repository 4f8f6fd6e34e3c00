//! Rows of a file that nobody here wrote: bounded, and every complaint names file, line and field.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::str::FromStr;

use csv::ByteRecord;
use flate2::bufread::MultiGzDecoder;
use papertape_engine::{Price, Qty, Side, Symbol, decimal};

use super::ImportError;

/// Most bytes that one file may have once it is decompressed: 4 GiB.
pub(crate) const DECOMPRESSED_MAX: u64 = 4 << 30;
/// Most bytes that one row may have.
pub(crate) const ROW_MAX: u64 = 1024;
/// Largest quantity of one row. All rows that fit [`DECOMPRESSED_MAX`] together stay within 64 bits.
pub(crate) const QTY_MAX: u64 = 10_000_000_000;
/// Highest price in ticks.
pub(crate) const PRICE_MAX: u64 = 1_000_000_000_000;
/// Nanoseconds of a day.
const DAY_NS: u64 = 86_400_000_000_000;

const COPY_AGAIN: &str = "copy or download the file again";
const SEE_FORMAT: &str = "see `papertape import --help` for the format";

/// Opens a file that may be compressed with gzip (seen by its first bytes, not by its name).
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read>, ImportError> {
    let mut file = BufReader::new(open_plain(path)?);
    let head = file.fill_buf().map_err(|error| unreadable(&name(path), None, &error))?;
    if head.starts_with(&[0x1f, 0x8b]) { Ok(Box::new(MultiGzDecoder::new(file))) } else { Ok(Box::new(file)) }
}

/// Opens a file as it is.
pub(crate) fn open_plain(path: &Path) -> Result<File, ImportError> {
    let refused = |problem| refused_file(path, problem, "give the path of a file that exists and can be read");
    let file = File::open(path).map_err(|error| refused(format!("cannot be opened ({error})")))?;
    let is_dir = file.metadata().map_err(|error| refused(error.to_string()))?.is_dir();
    if is_dir { Err(refused("is a folder, not a file".to_owned())) } else { Ok(file) }
}

/// The name by which a file appears in messages: as it was given.
pub(crate) fn name(path: &Path) -> String {
    path.display().to_string()
}

/// Complains about a whole file.
pub(crate) fn refused_file(path: &Path, problem: String, advice: &'static str) -> ImportError {
    ImportError::Input { file: name(path), line: None, field: None, problem, advice }
}

fn unreadable(file: &str, line: Option<u64>, error: &io::Error) -> ImportError {
    let (problem, advice) = match error.kind() {
        io::ErrorKind::UnexpectedEof => ("ends in the middle of its compressed data".to_owned(), COPY_AGAIN),
        io::ErrorKind::FileTooLarge => (error.to_string(), "split the file: import fewer stocks or days at once"),
        _ => (format!("cannot be read ({error})"), COPY_AGAIN),
    };
    ImportError::Input { file: file.to_owned(), line, field: None, problem, advice }
}

/// Stops a reader at [`DECOMPRESSED_MAX`] bytes, and at [`ROW_MAX`] bytes without an end of line, so that neither a
/// bomb nor a file of another kind can fill the memory.
struct Bounded<R> {
    inner: R,
    total: u64,
    in_row: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.total += len as u64;
        if self.total > DECOMPRESSED_MAX {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "has more than 4 GiB once decompressed"));
        }
        for byte in &buffer[..len] {
            self.in_row = if *byte == b'\n' { 0 } else { self.in_row + 1 };
            if self.in_row > ROW_MAX {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a row has more than 1024 bytes"));
            }
        }
        Ok(len)
    }
}

/// Reads rows one by one. Quotes mean nothing: no field of these formats needs them.
pub(crate) struct Rows<R: Read> {
    file: String,
    columns: &'static [&'static str],
    reader: csv::Reader<Bounded<R>>,
    record: ByteRecord,
    line: u64,
}

impl<R: Read> Rows<R> {
    /// Rows of `columns` from a file without a header. `file` names it in messages.
    pub(crate) fn new(file: String, columns: &'static [&'static str], inner: R) -> Self {
        let bounded = Bounded { inner, total: 0, in_row: 0 };
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).quoting(false).from_reader(bounded);
        Rows { file, columns, reader, record: ByteRecord::new(), line: 0 }
    }

    /// As [`Rows::new`], for a file whose first row must name the columns.
    pub(crate) fn with_header(file: String, columns: &'static [&'static str], inner: R) -> Result<Self, ImportError> {
        let mut rows = Rows::new(file, columns, inner);
        let matches = rows.advance()? && rows.record.iter().eq(columns.iter().map(|column| column.as_bytes()));
        if !matches {
            return Err(ImportError::Input {
                file: rows.file,
                line: Some(1),
                field: None,
                problem: format!("the header is not `{}`", columns.join(",")),
                advice: "check that the files are given in their places, orders to --orders and trades to --trades",
            });
        }
        Ok(rows)
    }

    /// The next row, if there is one.
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>, ImportError> {
        if !self.advance()? {
            return Ok(None);
        }
        let row = Row { file: &self.file, columns: self.columns, record: &self.record, line: self.line };
        if self.record.len() == self.columns.len() {
            return Ok(Some(row));
        }
        Err(row.refused(None, format!("{} fields where {} belong", self.record.len(), self.columns.len())))
    }

    /// The name for messages.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// The line of the last row.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    fn advance(&mut self) -> Result<bool, ImportError> {
        let more = match self.reader.read_byte_record(&mut self.record) {
            Ok(more) => more,
            Err(error) => {
                let line = Some(self.line + 1);
                return Err(match error.into_kind() {
                    csv::ErrorKind::Io(error) => unreadable(&self.file, line, &error),
                    other => unreadable(&self.file, line, &io::Error::other(format!("{other:?}"))),
                });
            }
        };
        if more {
            self.line = self.record.position().map_or(self.line + 1, csv::Position::line);
        }
        Ok(more)
    }
}

/// One row.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    file: &'a str,
    columns: &'static [&'static str],
    record: &'a ByteRecord,
    /// Its line, from 1.
    pub(crate) line: u64,
}

impl<'a> Row<'a> {
    /// The text of a column.
    pub(crate) fn text(&self, column: usize) -> Result<&'a str, ImportError> {
        let bytes = self.record.get(column).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|_| self.refused(Some(column), "not UTF-8 text".to_owned()))
    }

    /// The text of a column for a message, empty if it is no text.
    fn shown(&self, column: usize) -> &'a str {
        self.text(column).unwrap_or_default()
    }

    /// A whole number.
    pub(crate) fn number<T: FromStr>(&self, column: usize) -> Result<T, ImportError> {
        let text = self.text(column)?;
        text.parse().map_err(|_| self.bad(column, text, "not a whole number in range"))
    }

    /// A quantity of 1 to [`QTY_MAX`].
    pub(crate) fn qty(&self, column: usize) -> Result<Qty, ImportError> {
        let text = self.text(column)?;
        let qty = text.parse().ok().filter(|qty| (1..=QTY_MAX).contains(qty));
        qty.map(Qty).ok_or_else(|| self.bad(column, text, "not a quantity of 1 to 10^10"))
    }

    /// A decimal price as a count of `10^-decimals`, 1 to [`PRICE_MAX`].
    pub(crate) fn price(&self, column: usize, decimals: u8) -> Result<Price, ImportError> {
        let ticks = u64::try_from(self.decimal(column, decimals)?).ok();
        let price = ticks.filter(|price| (1..=PRICE_MAX).contains(price));
        price.map(Price).ok_or_else(|| self.bad(column, self.shown(column), "not a price of 1 to 10^12 ticks"))
    }

    /// Seconds of the day, as nanoseconds. Published times went through binary fractions and have digits beyond the
    /// ninth decimal, which mean nothing: they are cut.
    pub(crate) fn seconds_of_day(&self, column: usize) -> Result<u64, ImportError> {
        let picoseconds = self.decimal(column, 12)?;
        let nanoseconds = u64::try_from(picoseconds / 1_000).ok().filter(|time_ns| *time_ns < DAY_NS);
        nanoseconds.ok_or_else(|| self.bad(column, self.shown(column), "not a time within a day"))
    }

    fn decimal(&self, column: usize, decimals: u8) -> Result<i128, ImportError> {
        let text = self.text(column)?;
        decimal::parse(text, decimals).map_err(|error| self.bad(column, text, &error.to_string()))
    }

    /// One of two texts for the two sides.
    pub(crate) fn side(&self, column: usize, buy: &str, sell: &str) -> Result<Side, ImportError> {
        match self.text(column)? {
            text if text == buy => Ok(Side::Buy),
            text if text == sell => Ok(Side::Sell),
            text => Err(self.bad(column, text, &format!("neither {buy} nor {sell}"))),
        }
    }

    /// A symbol.
    pub(crate) fn symbol(&self, column: usize) -> Result<Symbol, ImportError> {
        let text = self.text(column)?;
        Symbol::new(text).ok_or_else(|| self.bad(column, text, "not a symbol of 1 to 20 letters and digits"))
    }

    /// Complains about a column's text.
    pub(crate) fn bad(&self, column: usize, text: &str, problem: &str) -> ImportError {
        let shown: String = text.chars().take(40).collect();
        self.refused(Some(column), format!("{shown:?} is {problem}"))
    }

    /// Complains about the row.
    pub(crate) fn refused(&self, column: Option<usize>, problem: String) -> ImportError {
        let field = column.and_then(|column| self.columns.get(column).copied());
        ImportError::Input { file: self.file.to_owned(), line: Some(self.line), field, problem, advice: SEE_FORMAT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[&str] = &["qty", "price"];

    fn first_error(text: &str) -> String {
        let mut rows = Rows::new("f".to_owned(), COLUMNS, text.as_bytes());
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    if let Err(error) = row.qty(0).and_then(|_| row.price(1, 2)) {
                        return error.to_string();
                    }
                }
                Ok(None) => return String::new(),
                Err(error) => return error.to_string(),
            }
        }
    }

    #[test]
    fn complaints_name_file_line_and_field() {
        assert_eq!(first_error("1,1.00\n2,3.5\n"), "");
        assert!(first_error("1,1.00\nx,1\n").starts_with("f, line 2, field qty: \"x\" is"));
        assert!(first_error("1,1.001\n").starts_with("f, line 1, field price: \"1.001\" is more than 2 decimals"));
        assert!(first_error("1,1\n1\n").starts_with("f, line 2: 1 fields where 2 belong"));
    }

    #[test]
    fn numbers_that_are_too_large_are_refused() {
        assert!(first_error("10000000001,1\n").contains("field qty"));
        assert!(first_error("99999999999999999999999999,1\n").contains("field qty"));
        assert!(first_error("1,10000000000.01\n").contains("field price"));
        assert!(first_error("0,1\n").contains("field qty"));
        assert!(first_error("1,-1\n").contains("field price"));
    }

    #[test]
    fn a_row_without_an_end_is_refused_before_it_fills_the_memory() {
        assert!(first_error(&"1".repeat(5_000)).contains("more than 1024 bytes"));
        assert!(first_error(&format!("\"{}\n", "1,1\n".repeat(1_000))).contains("field qty"));
    }
}
