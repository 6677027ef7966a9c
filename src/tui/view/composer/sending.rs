//! What became of what was sent: the reply, or progress.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::entry::Outcome;
use crate::tui::composer::kind::Kind;
use crate::tui::composer::sending::{Reply, Sending};
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::tab::Tab;
use crate::tui::view::paint::put;

use super::rule;

/// Draws it: one row for a single message, a bar and two rows of figures for many.
pub(super) fn draw(state: &State, tab: &Tab, sending: &Sending, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    if !sending.is_many() {
        return single(state, tab, sending, area, buffer);
    }
    bar(state, sending, area, buffer);
    let rows = (area.y + 1..area.bottom()).zip([counts(state, sending), pace(state, tab, sending)]);
    for (y, pieces) in rows {
        let mut x = area.x + 1;
        for (text, style) in pieces {
            x = put(buffer, area, x, y, &text, style);
        }
    }
}

type Pieces = Vec<(String, Style)>;

fn single(state: &State, tab: &Tab, sending: &Sending, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let counts = sending.counts();
    let (text, style) = match sending.reply() {
        Some(reply) => told(state, tab, reply),
        None if counts.rejected > 0 => ("✗ not sent".to_owned(), theme.bad),
        None if counts.lost > 0 => ("✗ no reply: the session has ended".to_owned(), theme.bad),
        None if sending.open() > 0 => {
            let waited = figures::latency(state.now.since(sending.started()));
            (
                format!("… sent, waiting for the reply for {waited}"),
                theme.text,
            )
        }
        None if counts.sent > 0 && tab.composer.kind() == Kind::Register => {
            let text = "✓ sent; the server does not acknowledge updates";
            (text.to_owned(), theme.good)
        }
        None if counts.sent > 0 && tab.composer.kind() == Kind::Reply => {
            ("✓ the call was dealt with".to_owned(), theme.good)
        }
        None if counts.sent > 0 => ("✓ sent; no reply will name it".to_owned(), theme.good),
        None => ("… handed to the session".to_owned(), theme.dim),
    };
    rule(state, area, &[(&text, style)], buffer);
}

/// A reply in a line: `✓ OK · 1.1 ms`.
fn told(state: &State, tab: &Tab, reply: &Reply) -> (String, Style) {
    let theme = &state.theme;
    let (mark, style) = match reply.outcome {
        Some(Outcome::Error) => ("✗", theme.bad),
        Some(Outcome::Late) => ("⚠ late:", theme.warn),
        Some(_) => ("✓", theme.good),
        None => ("✗ no reply in time:", theme.bad),
    };
    let took = reply
        .latency
        .map(|took| format!(" · {}", figures::latency(took)));
    let note = reply.note.as_ref().map(|note| format!(" · {note}"));
    let text = format!(
        "{mark} {}{}{}",
        reply.label,
        took.unwrap_or_default(),
        note.unwrap_or_default()
    );
    (tab.masked(&text).into_owned(), style)
}

fn bar(state: &State, sending: &Sending, area: Rect, buffer: &mut Buffer) {
    let theme = &state.theme;
    let progress = sending.progress(state.now);
    let percent = format!("{:>3.0}%", (progress * 100.0).floor());
    let (mark, style) = match (sending.is_running(), sending.stopped()) {
        (true, _) => ("▶", theme.key),
        (false, None) => ("✓", theme.good),
        (false, Some(_)) => ("■", theme.warn),
    };
    let title = format!("{mark} {percent} ");
    rule(state, area, &[], buffer);
    let x = put(buffer, area, area.x + 1, area.y, &title, style);
    let room = area.right().saturating_sub(x + 1);
    let full = (f64::from(room) * progress) as u16;
    let bar = "█".repeat(usize::from(full)) + &"░".repeat(usize::from(room - full.min(room)));
    put(buffer, area, x, area.y, &bar, style);
}

fn counts(state: &State, sending: &Sending) -> Pieces {
    let theme = &state.theme;
    let counts = sending.counts();
    let of = match sending.total() {
        Some(total) => format!(" of {}", figures::count(total)),
        None => String::new(),
    };
    let mut pieces = vec![(
        format!("sent {}{of}", figures::count(counts.sent)),
        theme.text,
    )];
    let open = (sending.open() + sending.waiting()) as u64;
    for (name, count, style) in [
        ("acked", counts.acked, theme.good),
        ("failed", counts.failed, theme.bad),
        ("lost", counts.lost, theme.bad),
        ("rejected", counts.rejected, theme.bad),
        ("under way", open, theme.dim),
    ] {
        if count > 0 {
            pieces.push((format!(" · {name} {}", figures::count(count)), style));
        }
    }
    pieces
}

fn pace(state: &State, tab: &Tab, sending: &Sending) -> Pieces {
    let theme = &state.theme;
    let mut pieces = Pieces::new();
    let mut add = |text: String, style: Style| {
        let gap = if pieces.is_empty() { "" } else { " · " };
        pieces.push((format!("{gap}{text}"), style));
    };
    if let Some(why) = sending.stopped() {
        add(tab.masked(why).into_owned(), theme.warn);
    }
    let reached = sending.rate().map(figures::rate);
    let asked = sending.plan().rate;
    let asked = asked.map(|rate| figures::rate(rate * sending.recipes().len() as f64));
    match (asked, reached) {
        (Some(asked), Some(reached)) => add(format!("{reached} of {asked} asked"), theme.text),
        (Some(asked), None) => add(format!("{asked} asked"), theme.text),
        (None, Some(reached)) => add(reached, theme.text),
        (None, None) => {}
    }
    if let Some(outstanding) = sending.waits_for() {
        add(
            format!("waiting: {outstanding} replies outstanding"),
            theme.warn,
        );
    }
    if sending.is_running() {
        if let Some(left) = sending.left(state.now) {
            add(format!("{} left", figures::left(left)), theme.text);
        }
        add("alt-x stops".to_owned(), theme.key);
    }
    if let Some((mean, max)) = sending.latency() {
        let (mean, max) = (figures::latency(mean), figures::latency(max));
        add(format!("replies {mean} mean, {max} max"), theme.dim);
    }
    pieces
}
