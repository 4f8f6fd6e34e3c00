//! A row with named columns, and how it is written.

use std::io::{self, Write};

use papertape_engine::Stamp;

use super::ExportFormat;
use crate::words::utc_iso;

/// What a column holds.
#[derive(Clone, Debug)]
enum Cell {
    Number(u64),
    Bool(bool),
    Text(String),
}

/// A row, with a place for each column.
pub(super) struct Row {
    columns: &'static [&'static str],
    cells: Vec<Option<Cell>>,
}

impl Row {
    pub(super) fn new(columns: &'static [&'static str]) -> Self {
        Self { columns, cells: vec![None; columns.len()] }
    }

    pub(super) fn number(&mut self, column: &str, number: u64) {
        self.set(column, Cell::Number(number));
    }

    pub(super) fn bool(&mut self, column: &str, value: bool) {
        self.set(column, Cell::Bool(value));
    }

    pub(super) fn text(&mut self, column: &str, text: impl Into<String>) {
        self.set(column, Cell::Text(text.into()));
    }

    /// Number and time of the record.
    pub(super) fn stamp(&mut self, stamp: Stamp) {
        self.number("seq", stamp.seq);
        self.text("time", utc_iso(stamp.time_ns));
        self.text("time_ns", stamp.time_ns.to_string());
    }

    fn set(&mut self, column: &str, cell: Cell) {
        let place = self.columns.iter().position(|name| *name == column);
        debug_assert!(place.is_some(), "there is no column {column}");
        if let Some(place) = place {
            self.cells[place] = Some(cell);
        }
    }
}

/// Where rows are written.
pub(super) enum Table<'a, W: Write> {
    Lines(&'a mut W),
    Csv(Box<csv::Writer<&'a mut W>>),
}

impl<'a, W: Write> Table<'a, W> {
    pub(super) fn begin(format: ExportFormat, columns: &[&str], out: &'a mut W) -> io::Result<Self> {
        if format == ExportFormat::Jsonl {
            return Ok(Table::Lines(out));
        }
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(columns).map_err(csv_error)?;
        Ok(Table::Csv(Box::new(writer)))
    }

    pub(super) fn write(&mut self, row: &Row) -> io::Result<()> {
        match self {
            Table::Lines(out) => write_json(row, *out),
            Table::Csv(writer) => {
                let cells = row.cells.iter().map(|cell| match cell {
                    None => String::new(),
                    Some(Cell::Number(number)) => number.to_string(),
                    Some(Cell::Bool(value)) => value.to_string(),
                    Some(Cell::Text(text)) => text.clone(),
                });
                writer.write_record(cells).map_err(csv_error)
            }
        }
    }

    pub(super) fn end(self) -> io::Result<()> {
        match self {
            Table::Lines(out) => out.flush(),
            Table::Csv(mut writer) => writer.flush(),
        }
    }
}

/// An object of the columns that have a value, in their order.
fn write_json(row: &Row, out: &mut impl Write) -> io::Result<()> {
    let mut first = true;
    for (name, cell) in row.columns.iter().zip(&row.cells) {
        let value = match cell {
            None => continue,
            Some(Cell::Number(number)) => number.to_string(),
            Some(Cell::Bool(value)) => value.to_string(),
            Some(Cell::Text(text)) => serde_json::to_string(text)?,
        };
        write!(out, "{}\"{name}\":{value}", if first { '{' } else { ',' })?;
        first = false;
    }
    writeln!(out, "}}")
}

fn csv_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
