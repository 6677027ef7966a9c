//! A payload broken into rows of text.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use crate::frame::Seq;
use crate::sanitise;

/// Most bytes broken into rows; the hex reading shows the rest.
pub const MAX: usize = 1 << 20;

/// A payload broken into rows of one width.
#[derive(Clone, Debug)]
pub struct Wrapped {
    /// Whose payload.
    pub seq: Seq,
    /// Width of a row, columns.
    pub width: u16,
    /// Bytes of each row; a line break belongs to no row.
    pub rows: Vec<Range<u32>>,
    /// Bytes beyond [`MAX`] that were left out.
    pub left_out: usize,
}

impl Wrapped {
    /// Breaks `payload` at line breaks and after `width` columns.
    #[must_use]
    pub fn new(seq: Seq, payload: &[u8], width: u16) -> Self {
        let taken = &payload[..payload.len().min(MAX)];
        let mut rows = Vec::new();
        let mut start = 0;
        for line in taken.split(|byte| *byte == b'\n') {
            wrap(line, start, usize::from(width.max(4)), &mut rows);
            start += line.len() + 1;
        }
        Self {
            seq,
            width,
            rows,
            left_out: payload.len() - taken.len(),
        }
    }
}

/// Appends the rows of one line that starts at byte `start` of the payload.
fn wrap(line: &[u8], start: usize, width: usize, rows: &mut Vec<Range<u32>>) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut from = 0;
    let mut at = 0;
    let mut columns = 0;
    let mut step = |bytes: usize, wide: usize, rows: &mut Vec<Range<u32>>| {
        if columns + wide > width {
            rows.push((start + from) as u32..(start + at) as u32);
            from = at;
            columns = 0;
        }
        columns += wide;
        at += bytes;
    };
    for chunk in line.utf8_chunks() {
        for c in chunk.valid().chars() {
            step(c.len_utf8(), columns_of(c), rows);
        }
        for _ in chunk.invalid() {
            // Shown as \xNN.
            step(1, 4, rows);
        }
    }
    rows.push((start + from) as u32..(start + line.len()) as u32);
}

/// Columns `text` takes when it is shown on one line.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// Columns one character takes; what is shown escaped takes those of the escape.
#[must_use]
pub fn columns_of(c: char) -> usize {
    if sanitise::is_unsafe(c) {
        let mut text = [0; 4];
        sanitise::line(c.encode_utf8(&mut text)).len()
    } else {
        c.width().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(payload: &[u8], width: u16) -> Vec<String> {
        Wrapped::new(0, payload, width)
            .rows
            .iter()
            .map(|row| sanitise::bytes_line(&payload[row.start as usize..row.end as usize]))
            .collect()
    }

    #[test]
    fn breaks_at_line_breaks_and_at_the_width() {
        assert_eq!(rows(b"abcdef\r\ng\n", 4), ["abcd", "ef", "g", ""]);
        assert_eq!(rows(b"", 4), [""]);
        assert_eq!(rows("日本語x".as_bytes(), 5), ["日本", "語x"]);
    }

    #[test]
    fn escapes_are_counted_as_they_are_shown() {
        assert_eq!(rows(b"ab\x1bcd", 6), ["ab\\x1b", "cd"]);
        assert_eq!(rows(b"a\xff\xfe", 6), ["a\\xff", "\\xfe"]);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let payload = vec![b'x'; MAX + 5];
        let wrapped = Wrapped::new(0, &payload, 1_024);
        assert_eq!((wrapped.rows.len(), wrapped.left_out), (1_024, 5));
    }
}
