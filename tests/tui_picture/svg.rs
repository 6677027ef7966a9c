//! A terminal's buffer as an SVG picture: text in its colours, lines and blocks as shapes, so that
//! they meet whatever font is there.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

/// Size of a cell.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;
/// From the top of a cell to the baseline of its text.
const BASELINE: f64 = 13.0;
/// Around the text, and the bar with the title above it.
const MARGIN: f64 = 14.0;
const BAR: f64 = 34.0;

const GROUND: &str = "#16181d";
const TEXT: &str = "#d5d9e0";
const FRAME: &str = "#22252c";

/// Draws `buffer` as a window with that title.
pub(crate) fn draw(buffer: &Buffer, title: &str) -> String {
    let area = buffer.area;
    let width = f64::from(area.width) * WIDTH + 2.0 * MARGIN;
    let height = f64::from(area.height) * HEIGHT + BAR + MARGIN;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" font-family=\"ui-monospace, SFMono-Regular, \
         'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"{width:.0}\" height=\"{height:.0}\" rx=\"9\" fill=\"{GROUND}\"/>\n\
         <path d=\"M0 {BAR} V9 a9 9 0 0 1 9 -9 H{} a9 9 0 0 1 9 9 V{BAR} Z\" fill=\"{FRAME}\"/>",
        (width - 9.0).round(),
    );
    for (index, colour) in ["#ec6a5e", "#f4bf4f", "#61c554"].into_iter().enumerate() {
        let x = 20 + 20 * index;
        let _ = writeln!(
            out,
            "<circle cx=\"{x}\" cy=\"17\" r=\"6\" fill=\"{colour}\"/>"
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.0}\" y=\"22\" text-anchor=\"middle\" fill=\"#9aa0ab\" font-size=\"13\">{}</text>",
        width / 2.0,
        escaped(title)
    );
    let _ = writeln!(
        out,
        "<g transform=\"translate({MARGIN} {BAR})\" xml:space=\"preserve\">"
    );
    for y in 0..area.height {
        line(buffer, y, &mut out);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// What neighbouring cells must share to be drawn together.
#[derive(Clone, PartialEq)]
struct Look {
    text: String,
    ground: Option<String>,
    modifier: Modifier,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let mut text = colour(cell.fg);
        let mut ground = colour(cell.bg);
        if cell.modifier.contains(Modifier::REVERSED) {
            (text, ground) = (
                Some(ground.unwrap_or_else(|| GROUND.to_owned())),
                Some(text.unwrap_or_else(|| TEXT.to_owned())),
            );
        }
        Self {
            text: text.unwrap_or_else(|| TEXT.to_owned()),
            ground,
            modifier: cell.modifier - Modifier::REVERSED,
        }
    }

    fn attributes(&self) -> String {
        let mut out = format!(" fill=\"{}\"", self.text);
        if self.modifier.contains(Modifier::BOLD) {
            out.push_str(" font-weight=\"bold\"");
        }
        if self.modifier.contains(Modifier::DIM) {
            out.push_str(" opacity=\"0.6\"");
        }
        if self.modifier.contains(Modifier::UNDERLINED) {
            out.push_str(" text-decoration=\"underline\"");
        }
        out
    }
}

fn line(buffer: &Buffer, y: u16, out: &mut String) {
    let cells: Vec<(u16, &Cell)> = (0..buffer.area.width)
        .map(|x| (x, &buffer[(x, y)]))
        .collect();
    for run in cells.chunk_by(|(_, a), (_, b)| Look::of(a).ground == Look::of(b).ground) {
        if let Some(ground) = Look::of(run[0].1).ground {
            rect(run[0].0, y, run.len(), &ground, out);
        }
    }
    // Wide gaps end a run, so that a font of another width cannot drift.
    let mut start = 0;
    while start < cells.len() {
        let look = Look::of(cells[start].1);
        if cells[start].1.symbol().trim().is_empty() {
            start += 1;
            continue;
        }
        if shape(cells[start].0, y, cells[start].1.symbol(), &look, out) {
            start += 1;
            continue;
        }
        let mut end = start + 1;
        let blank = |at: usize| {
            cells
                .get(at)
                .is_none_or(|(_, cell)| cell.symbol().trim().is_empty())
        };
        while end < cells.len()
            && Look::of(cells[end].1) == look
            && !is_shape(cells[end].1.symbol())
            && !(blank(end) && blank(end + 1))
        {
            end += 1;
        }
        text(&cells[start..end], y, &look, out);
        start = end;
    }
}

fn rect(x: u16, y: u16, cells: usize, fill: &str, out: &mut String) {
    let _ = writeln!(
        out,
        "<rect x=\"{:.1}\" y=\"{:.0}\" width=\"{:.1}\" height=\"{HEIGHT}\" fill=\"{fill}\"/>",
        f64::from(x) * WIDTH,
        f64::from(y) * HEIGHT,
        cells as f64 * WIDTH,
    );
}

fn text(cells: &[(u16, &Cell)], y: u16, look: &Look, out: &mut String) {
    let text: String = cells.iter().map(|(_, cell)| cell.symbol()).collect();
    let text = text.trim_end();
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.0}\" textLength=\"{:.1}\"{}>{}</text>",
        f64::from(cells[0].0) * WIDTH,
        f64::from(y) * HEIGHT + BASELINE,
        text.width() as f64 * WIDTH,
        look.attributes(),
        escaped(text)
    );
}

/// Arms of a box drawing character: up, right, down, left.
fn arms(symbol: &str) -> Option<[bool; 4]> {
    let arms = match symbol {
        "─" => 0b0101,
        "│" => 0b1010,
        "┌" => 0b0110,
        "┐" => 0b0011,
        "└" => 0b1100,
        "┘" => 0b1001,
        "├" => 0b1110,
        "┤" => 0b1011,
        _ => return None,
    };
    Some([8, 4, 2, 1].map(|bit| arms & bit != 0))
}

/// Eighths of the cell a block fills from below.
fn eighths(symbol: &str) -> Option<u8> {
    let blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let at = blocks.iter().position(|block| *block == symbol)?;
    Some(at as u8 + 1)
}

fn is_shape(symbol: &str) -> bool {
    arms(symbol).is_some() || eighths(symbol).is_some()
}

/// Draws a line or a block; false if it is neither.
fn shape(x: u16, y: u16, symbol: &str, look: &Look, out: &mut String) -> bool {
    let (left, top) = (f64::from(x) * WIDTH, f64::from(y) * HEIGHT);
    if let Some(eighths) = eighths(symbol) {
        let height = (HEIGHT - 4.0) * f64::from(eighths) / 8.0;
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{}\"/>",
            left + 0.5,
            top + HEIGHT - 2.0 - height,
            WIDTH - 1.0,
            look.text
        );
        return true;
    }
    let Some(arms) = arms(symbol) else {
        return false;
    };
    let (middle, centre) = (left + WIDTH / 2.0, top + HEIGHT / 2.0);
    let ends = [
        (middle, top),
        (left + WIDTH, centre),
        (middle, top + HEIGHT),
        (left, centre),
    ];
    let mut path = String::new();
    for ((x, y), _) in ends.into_iter().zip(arms).filter(|(_, arm)| *arm) {
        let _ = write!(path, "M{middle:.1} {centre:.1}L{x:.1} {y:.1}");
    }
    let _ = writeln!(
        out,
        "<path d=\"{path}\" stroke=\"{}\" stroke-width=\"1.2\" stroke-linecap=\"square\"/>",
        look.text
    );
    true
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A colour as a terminal shows it; `None` for the terminal's own.
fn colour(colour: Color) -> Option<String> {
    let Color::Indexed(index) = colour else {
        return None;
    };
    let [red, green, blue] = match index {
        16..=231 => {
            let index = index - 16;
            [index / 36, index / 6 % 6, index % 6]
                .map(|step| if step == 0 { 0 } else { 55 + 40 * step })
        }
        232.. => [8 + 10 * (index - 232); 3],
        _ => return None,
    };
    Some(format!("#{red:02x}{green:02x}{blue:02x}"))
}
