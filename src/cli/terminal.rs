//! The terminal that bars are drawn on.

use std::io;

use console::Term;
use indicatif::{ProgressDrawTarget, TermLike};

/// Bars are drawn at most so many times a second.
const REDRAWS: u8 = 20;

/// Where bars are drawn: on stderr, where a write that fails is no error. A terminal may go away in the middle of a render:
/// its window is closed, or its connection ends. indicatif would panic.
pub fn draw_target() -> ProgressDrawTarget {
    ProgressDrawTarget::term_like_with_hz(Box::new(Terminal(Term::buffered_stderr())), REDRAWS)
}

#[derive(Debug)]
struct Terminal(Term);

/// A write that nobody can see is done.
fn done(_: io::Result<()>) -> io::Result<()> {
    Ok(())
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        self.0.size().1
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        done(self.0.move_cursor_up(lines))
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        done(self.0.move_cursor_down(lines))
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        done(self.0.move_cursor_right(columns))
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        done(self.0.move_cursor_left(columns))
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        done(self.0.write_line(text))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        done(self.0.write_str(text))
    }

    fn clear_line(&self) -> io::Result<()> {
        done(self.0.clear_line())
    }

    fn flush(&self) -> io::Result<()> {
        done(self.0.flush())
    }
}
