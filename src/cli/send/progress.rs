//! One line on the terminal while a long run goes on; nothing where stderr is not a terminal.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use super::desk::Desk;
use super::pace::Pace;
use crate::duration;
use crate::entry::Outcome;
use crate::frame::Stamp;

/// Time between two drawings.
const EVERY: Duration = Duration::from_millis(200);
/// A run shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// Cells of the bar.
const CELLS: usize = 20;

/// The progress line of a run.
pub(super) struct Progress {
    /// Documents in all, if that is known.
    total: Option<u64>,
    /// False if nothing is to be shown.
    wanted: bool,
    /// When it is drawn next; set by the first call.
    next: Option<Stamp>,
    drawn: bool,
    /// Time and documents sent at the last drawing, for the rate.
    last: Option<(Stamp, u64)>,
}

impl Progress {
    /// A line for a run of `total` documents, if stderr is a terminal and the run is a long one.
    pub(super) fn new(total: Option<u64>) -> Self {
        Self {
            total,
            wanted: total != Some(1) && std::io::stderr().is_terminal(),
            next: None,
            drawn: false,
            last: None,
        }
    }

    /// When it wants to be drawn again.
    pub(super) fn next(&self, now: Stamp) -> Option<Stamp> {
        self.wanted
            .then(|| self.next.unwrap_or(now.after(PATIENCE)))
    }

    /// Draws the line, when it is due.
    pub(super) fn show(&mut self, desk: &Desk, pace: &Pace, now: Stamp) {
        if !self.wanted {
            return;
        }
        let due = *self.next.get_or_insert(now.after(PATIENCE));
        if due.mono > now.mono {
            return;
        }
        self.next = Some(now.after(EVERY));
        let sent = desk.counts.sent;
        let before = self.last.replace((now, sent));
        let rate = before.map(|(at, count)| {
            let seconds = now.since(at).as_secs_f64();
            (sent - count) as f64 / seconds.max(1e-3)
        });
        let line = line(desk, pace, (self.total, rate), now);
        self.drawn = true;
        // With stderr gone there is nobody to tell.
        let _ = write!(std::io::stderr().lock(), "\r\x1b[K{line}");
    }

    /// Takes the line away before something else is printed.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }

    /// Takes the line away for good.
    pub(super) fn end(&mut self) {
        self.clear();
        self.wanted = false;
    }
}

/// `███████▌            37 %  37,000 of 100,000 · 9,998/s of 10,000/s · ok 36,990 · open 10 · 6s left`.
fn line(desk: &Desk, pace: &Pace, (total, rate): (Option<u64>, Option<f64>), now: Stamp) -> String {
    let sent = desk.counts.sent;
    let passed = pace.passed(now);
    let by_count = total.map(|total| sent as f64 / total.max(1) as f64);
    let share = match (by_count, passed) {
        (Some(count), Some((time, _))) => Some(count.max(time)),
        (count, time) => count.or(time.map(|(time, _)| time)),
    };
    let mut parts = Vec::new();
    parts.push(match total {
        Some(total) => format!("{sent} of {total}"),
        None => format!("{sent} sent"),
    });
    if let Some(rate) = rate {
        parts.push(match pace.rate {
            Some(asked) => format!("{rate:.0}/s of {asked}/s"),
            None => format!("{rate:.0}/s"),
        });
    }
    for (outcome, count) in Outcome::ALL.iter().zip(desk.counts.replies) {
        if count > 0 {
            parts.push(format!("{} {count}", outcome.name()));
        }
    }
    for (name, count) in [
        ("lost", desk.counts.lost),
        ("open", desk.under_way() as u64),
    ] {
        if count > 0 {
            parts.push(format!("{name} {count}"));
        }
    }
    if let Some(outstanding) = desk.waits_for() {
        parts.push(format!("waiting: {outstanding} replies outstanding"));
    }
    if let Some((_, left)) = passed {
        let whole = Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0));
        parts.push(format!("{} left", duration::show(whole)));
    }
    let bar = share.map(bar).unwrap_or_default();
    format!("{bar}{}", parts.join(" · "))
}

fn bar(share: f64) -> String {
    let share = share.clamp(0.0, 1.0);
    let full = (share * CELLS as f64) as usize;
    format!(
        "{}{} {:3.0} %  ",
        "█".repeat(full),
        "░".repeat(CELLS - full),
        share * 100.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    #[test]
    fn a_line_says_what_has_gone_and_what_is_left() {
        let now = clock::now();
        let mut desk = Desk::new("s".to_owned(), true);
        desk.counts.sent = 25;
        desk.counts.replies[Outcome::Ok as usize] = 20;
        desk.counts.lost = 2;
        let mut pace = Pace::new(Some(10.0), Some(Duration::from_secs(10)));
        pace.due(now);
        let then = now.after(Duration::from_millis(2_500));
        assert_eq!(
            line(&desk, &pace, (None, Some(9.7)), then),
            "█████░░░░░░░░░░░░░░░  25 %  25 sent · 10/s of 10/s · ok 20 · lost 2 · 8s left"
        );
        let by_count = line(&desk, &Pace::new(None, None), (Some(50), None), then);
        assert!(by_count.contains(" 50 %  25 of 50 · ok 20"), "{by_count}");
    }

    #[test]
    fn a_bar_is_never_longer_than_its_cells() {
        for share in [-1.0, 0.0, 0.999, 1.0, 7.0, f64::NAN] {
            let cells = bar(share).chars().take_while(|c| "█░".contains(*c)).count();
            assert_eq!(cells, CELLS, "{share}");
        }
    }
}
