//! One row of the events: columns by width.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::entry::{Entry, EntryKind, Outcome};
use crate::frame::{Direction, Stamp};
use crate::schema::scan;
use crate::session::State as Lifecycle;
use crate::store::Store;
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::broker;
use crate::tui::state::tab::Tab;

use super::gutter;
use super::paint::{put, put_cut, put_right};

/// Which columns there is room for.
#[derive(Clone, Copy)]
struct Columns {
    /// 0, 8 (seconds) or 12 (milliseconds).
    time: u16,
    badge: u16,
    size: bool,
    latency: bool,
}

impl Columns {
    fn of(width: u16) -> Self {
        Self {
            time: match width {
                68.. => 12,
                40.. => 8,
                _ => 0,
            },
            badge: if width >= 50 { 10 } else { 8 },
            size: width >= 46,
            latency: width >= 34,
        }
    }

    /// Gives the columns that can be missed to what the event tells.
    fn make_room(&mut self, width: u16, keeps_latency: bool) {
        self.latency &= keeps_latency;
        self.size &= width >= 80;
    }
}

/// `12:00:01.123` in `zone`; without milliseconds in 8 columns.
pub(super) fn time(at: Stamp, zone: &TimeZone, columns: u16) -> String {
    let Ok(timestamp) = Timestamp::from_microsecond(at.wall_us) else {
        return "-".to_owned();
    };
    let time = timestamp.to_zoned(zone.clone()).time();
    let clock = format!(
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    );
    if columns < 12 {
        clock
    } else {
        format!("{clock}.{:03}", time.millisecond())
    }
}

/// Draws `entry` into the row `area`.
pub(super) fn draw(state: &State, tab: &Tab, entry: &Entry<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let gist = gist(tab, entry);
    let mut columns = Columns::of(area.width);
    if gist.is_some() || broker::picture(tab).is_some() {
        let is_answer = entry.latency.is_some() || entry.asks;
        columns.make_room(area.width, is_answer);
    }
    let y = area.y;
    gutter::draw(state, tab, entry.seq, area, buffer);
    if tab.events.marks.contains(&entry.seq) {
        put(buffer, area, area.x + 1, y, "◆", theme.warn);
    }
    let mut x = area.x + 2;
    if columns.time > 0 {
        let text = time(entry.at, &state.zone, columns.time);
        x = put(buffer, area, x, y, &text, theme.dim) + 1;
    }
    let (arrow, style) = arrow(state, entry);
    x = put(buffer, area, x, y, arrow, style) + 1;
    let badge = Rect::new(x, y, columns.badge.min(area.right().saturating_sub(x)), 1);
    put(
        buffer,
        badge,
        x,
        y,
        entry.badge.name(),
        theme.badge(entry.badge),
    );
    x += columns.badge + 1;
    let right = tail(state, tab, entry, columns, area, buffer);
    let label = Rect::new(x, y, right.saturating_sub(x + 1), 1);
    let style = label_style(state, entry);
    let x = put(buffer, label, x, y, &tab.masked(&entry.title()), style);
    if let Some(gist) = gist {
        put_cut(buffer, label, x + 2, y, &tab.masked(&gist), theme.dim);
    }
    if let Some(name) = telling(entry.kind) {
        let told = scan::member(entry.payload, name).and_then(scan::string);
        put(
            buffer,
            label,
            x + 2,
            y,
            &tab.masked(&told.unwrap_or_default()),
            theme.dim,
        );
    }
}

/// What a message tells in one line, where its system has such.
fn gist(tab: &Tab, entry: &Entry<'_>) -> Option<String> {
    tab.decoder.as_ref()?.gist(&entry.frame()?)
}

/// The fact of a state change or a lost ask that is worth showing in its row.
fn telling(kind: EntryKind) -> Option<&'static str> {
    match kind {
        EntryKind::Frame(_) => None,
        EntryKind::Lifecycle => Some("detail"),
        EntryKind::Lost => Some("why"),
    }
}

fn arrow(state: &State, entry: &Entry<'_>) -> (&'static str, Style) {
    let theme = &state.theme;
    match (entry.kind, entry.direction) {
        (EntryKind::Lifecycle, _) => ("•", theme.title),
        (EntryKind::Lost, _) => ("∅", theme.bad),
        (EntryKind::Frame(_), Direction::In) => ("↓", theme.incoming),
        (EntryKind::Frame(_), Direction::Out) => ("↑", theme.outgoing),
    }
}

fn label_style(state: &State, entry: &Entry<'_>) -> Style {
    let theme = &state.theme;
    match entry.kind {
        _ if entry.error.is_some() => theme.bad,
        EntryKind::Lost => theme.bad,
        EntryKind::Lifecycle => {
            let named = |state: &&Lifecycle| state.name() == entry.label;
            let reached = Lifecycle::ALL.iter().find(named);
            reached.map_or(theme.title, |reached| theme.state(*reached))
        }
        EntryKind::Frame(kind) if kind.is_control() => theme.dim,
        EntryKind::Frame(_) => match entry.outcome {
            Some(Outcome::Error) => theme.bad,
            Some(Outcome::Late | Outcome::Duplicate | Outcome::Orphan) => theme.warn,
            Some(Outcome::Ok) | None => theme.text,
        },
    }
}

/// Size, latency and signs, from the right; returns the column the label must end before.
fn tail(
    state: &State,
    tab: &Tab,
    entry: &Entry<'_>,
    columns: Columns,
    area: Rect,
    buffer: &mut Buffer,
) -> u16 {
    let theme = &state.theme;
    let y = area.y;
    let mut right = area.right();
    if entry.error.is_some() {
        put_right(buffer, area, right, y, "✗", theme.bad);
    } else if entry.note.is_some() {
        put_right(buffer, area, right, y, "⚠", theme.warn);
    }
    right = right.saturating_sub(2);
    if entry.kind == EntryKind::Lifecycle {
        return right;
    }
    if columns.latency {
        if let Some((text, style)) = latency(state, &state.store, tab, entry) {
            let x = put_right(buffer, area, right, y, &text, style);
            right = right.min(x + 9);
        }
        right = right.saturating_sub(10);
    }
    if columns.size {
        if let EntryKind::Frame(_) = entry.kind {
            let text = figures::size(entry.size() as u64);
            put_right(buffer, area, right, y, &text, theme.dim);
        }
        right = right.saturating_sub(8);
    }
    right
}

/// How long the answer took, what became of it, or that it is awaited.
fn latency(state: &State, store: &Store, tab: &Tab, entry: &Entry<'_>) -> Option<(String, Style)> {
    let theme = &state.theme;
    if entry.asks {
        let Some(pair) = entry.pair else {
            return Some(("waiting…".to_owned(), theme.warn));
        };
        let other = store.entry(tab.id, pair)?;
        return (other.kind == EntryKind::Lost).then(|| ("lost".to_owned(), theme.bad));
    }
    match (entry.outcome, entry.latency) {
        (Some(Outcome::Duplicate | Outcome::Orphan), _) | (Some(Outcome::Late), None) => {
            let word = entry.outcome.map_or("", Outcome::name);
            Some((word.to_owned(), theme.warn))
        }
        (Some(Outcome::Late), Some(took)) => {
            Some((format!("late {}", figures::latency(took)), theme.warn))
        }
        (Some(Outcome::Error), Some(took)) => Some((figures::latency(took), theme.bad)),
        (_, Some(took)) => Some((figures::latency(took), theme.text)),
        (_, None) => None,
    }
}
