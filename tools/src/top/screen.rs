//! The terminal: another page of it, keys, colours, and all as it was at the end.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::style::{Attribute, Color, Print, ResetColor, SetAttribute, SetForegroundColor};
use crossterm::terminal::{
    self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{execute, queue};

use super::frame::{Line, Style};

/// What whoever looks wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// Go on.
    Nothing,
    /// Hold the picture, or go on with it.
    Hold,
    /// Enough.
    End,
}

/// A terminal that is ours until this is dropped.
pub(super) struct Screen<'a, W: Write> {
    out: &'a mut W,
    /// So that the first picture comes at once.
    drawn: Option<Instant>,
}

impl<'a, W: Write> Screen<'a, W> {
    /// Takes the terminal.
    pub(super) fn enter(out: &'a mut W) -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        let screen = Self { out, drawn: None };
        execute!(screen.out, EnterAlternateScreen, Hide)?;
        Ok(screen)
    }

    /// Columns of the terminal.
    pub(super) fn columns(&self) -> usize {
        terminal::size().map_or(80, |(columns, _)| usize::from(columns))
    }

    /// Waits until it is time for the next picture, or somebody presses a key that means something.
    pub(super) fn wish(&mut self, every: Duration) -> io::Result<Wish> {
        let due = self.drawn.map_or_else(Instant::now, |drawn| drawn + every);
        while event::poll(due.saturating_duration_since(Instant::now()))? {
            let Event::Key(key) = event::read()? else { continue };
            if key.kind == KeyEventKind::Release {
                continue;
            }
            match key.code {
                KeyCode::Char('q') | KeyCode::Esc => return Ok(Wish::End),
                KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return Ok(Wish::End),
                KeyCode::Char('p' | ' ') => return Ok(Wish::Hold),
                _ => {}
            }
        }
        self.drawn = Some(Instant::now());
        Ok(Wish::Nothing)
    }

    /// Draws over what was there, as many lines as the terminal has.
    pub(super) fn draw(&mut self, lines: &[Line]) -> io::Result<()> {
        let rows = terminal::size().map_or(24, |(_, rows)| usize::from(rows));
        queue!(self.out, BeginSynchronizedUpdate)?;
        for (row, line) in lines.iter().take(rows).enumerate() {
            queue!(self.out, MoveTo(0, u16::try_from(row).unwrap_or(u16::MAX)))?;
            match line.style {
                Style::Plain => {}
                Style::Heading => queue!(self.out, SetAttribute(Attribute::Bold))?,
                Style::Bad => queue!(self.out, SetForegroundColor(Color::Red), SetAttribute(Attribute::Bold))?,
            }
            let reset = SetAttribute(Attribute::Reset);
            queue!(self.out, Print(&line.text), reset, ResetColor, Clear(ClearType::UntilNewLine))?;
        }
        queue!(self.out, Clear(ClearType::FromCursorDown), EndSynchronizedUpdate)?;
        self.out.flush()
    }
}

impl<W: Write> Drop for Screen<'_, W> {
    fn drop(&mut self) {
        // The terminal may be gone; there is nobody to tell then.
        let _ = execute!(self.out, LeaveAlternateScreen, Show);
        let _ = terminal::disable_raw_mode();
    }
}
