//! Deliveries to lines.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::twin::Twin;
use crate::body::{Body, write_json_string};
use crate::cli::course::{Course, End};
use crate::entry::{Badge, Entry, Line, line};
use crate::frame::{Direction, Frame, Stamp};
use crate::protocol::raccoon::metrics::Picture;
use crate::protocol::savetowebsocket::filter::checks::{Check, Situation, checks};
use crate::protocol::savetowebsocket::{Filters, Reasoner};
use crate::protocol::{Decoder, System};
use crate::sanitise;
use crate::session::{Delivery, EndedBy, Snapshot};
use crate::store::{Filter, Statistics};
use crate::transport::clock;

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object per line.
    #[default]
    Json,
    /// One row per line, for reading along.
    Text,
}

/// What to print.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) filter: Option<Filter>,
    pub(super) until: Option<Filter>,
    pub(super) limit: Option<u64>,
    pub(super) format: Format,
    pub(super) raw: bool,
    pub(super) body: bool,
    /// Hides events these filters would not let through as documented.
    pub(super) documented: Option<Reasoner>,
}

/// Why printing is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// `--limit` frames were printed.
    Limit,
    /// `--until` matched.
    Until,
    /// The session's course is over.
    Ended(End),
}

/// Turns one session's deliveries into lines, and keeps the figures of the run.
pub(super) struct Printer {
    wanted: Wanted,
    session: String,
    system: Option<System>,
    decoder: Option<Arc<dyn Decoder>>,
    zone: TimeZone,
    course: Course,
    frames: u64,
    /// Events that came.
    events: u64,
    /// Events hidden because the documented filters would not let them through.
    hidden: u64,
    next: u64,
    statistics: Statistics,
    failures: u64,
    failure: Option<String>,
    connections: u32,
    /// The newest.
    snapshot: Option<Arc<Snapshot>>,
    /// Attempts at the server's metrics that were printed.
    scrapes: u64,
    scratch: String,
    /// Lines to be written; the caller empties it.
    pub(super) out: String,
}

impl Printer {
    /// A printer for the session named `session`.
    pub(super) fn new(wanted: Wanted, session: String) -> Self {
        Self {
            wanted,
            session,
            system: None,
            decoder: None,
            zone: TimeZone::system(),
            course: Course::default(),
            frames: 0,
            events: 0,
            hidden: 0,
            next: 0,
            statistics: Statistics::default(),
            failures: 0,
            failure: None,
            connections: 0,
            snapshot: None,
            scrapes: 0,
            scratch: String::new(),
            out: String::new(),
        }
    }

    /// Prints a delivery's entries up to the one that ends the run, if one does.
    pub(super) fn take(&mut self, delivery: &Delivery) -> Option<Done> {
        if let Some(decoder) = &delivery.decoder {
            self.decoder = Some(Arc::clone(decoder));
        }
        if let Some(snapshot) = &delivery.snapshot {
            self.system = snapshot.system;
            self.connections = snapshot.connections;
            self.snapshot = Some(Arc::clone(snapshot));
        }
        let metrics = delivery
            .snapshot
            .as_ref()
            .and_then(|snapshot| snapshot.metrics.as_ref());
        if let Some(picture) = metrics.filter(|picture| picture.attempts > self.scrapes) {
            self.scrapes = picture.attempts;
            self.next = delivery.chunk.next();
            if self.metrics(picture) {
                return Some(Done::Until);
            }
        }
        self.statistics.count(&delivery.chunk);
        self.next = delivery.chunk.next();
        for entry in delivery.chunk.iter() {
            let end = self.course.follow(&entry);
            self.events += u64::from(is_event(&entry));
            let done = self.print(&entry);
            if let Some(end) = end {
                return Some(Done::Ended(end));
            }
            if done.is_some() {
                return done;
            }
        }
        if self.tells_notes() {
            for note in &delivery.notes {
                if self.note(note) {
                    return Some(Done::Until);
                }
            }
        }
        None
    }

    /// True if the session's diagnoses are lines: to a broker's conversation belongs what happens
    /// between the frames, such as who came and who left.
    pub(super) fn tells_notes(&self) -> bool {
        self.system == Some(System::WebSocketMq)
    }

    /// Prints a diagnosis that belongs to no frame; true if that ends the run.
    fn note(&mut self, sentence: &str) -> bool {
        let now = clock::now();
        let mut json = String::new();
        line::write_head(&mut json, now.wall_us, &self.session, self.next, "note");
        json.push_str(",\"note\":");
        write_json_string(sentence, &mut json);
        json.push('}');
        self.aside(&json, now.wall_us, || format!("· note         {sentence}"))
    }

    /// Prints a reading of the server's metrics; true if that ends the run.
    fn metrics(&mut self, picture: &Picture) -> bool {
        let mut json = String::new();
        line::write_head(
            &mut json,
            picture.at.wall_us,
            &self.session,
            self.next,
            "metrics",
        );
        picture.write_json(&mut json);
        json.push('}');
        self.aside(&json, picture.at.wall_us, || {
            format!("· metrics      {}", picture.sentence())
        })
    }

    /// Prints what the comparison with the second connection has found.
    pub(super) fn mismatches(&mut self, twin: &mut Twin) -> Option<Done> {
        for mismatch in std::mem::take(&mut twin.found) {
            let told = twin.tell(&mismatch);
            if self.aside(&told.json, told.wall_us, || told.text.clone()) {
                return Some(Done::Until);
            }
        }
        None
    }

    /// Prints a line that is no entry; true if that ends the run.
    fn aside(&mut self, json: &str, wall_us: i64, text: impl FnOnce() -> String) -> bool {
        let ends = self.ask(Which::Until, json);
        let passes = self.wanted.filter.is_none() || self.ask(Which::Filter, json);
        if passes || ends {
            match self.wanted.format {
                Format::Json => self.out.push_str(json),
                Format::Text => {
                    line::write_clock(wall_us, &self.zone, &mut self.out);
                    let _ = write!(self.out, " {}", sanitise::line(&text()));
                }
            }
            self.out.push('\n');
        }
        ends
    }

    /// True for an event the documented filters would not let through.
    fn hides(&self, entry: &Entry<'_>) -> bool {
        let reasoner = self.wanted.documented.as_ref();
        reasoner
            .filter(|_| is_event(entry) && self.system == Some(System::SaveToWebSocket))
            .is_some_and(|reasoner| !reasoner.judge(entry.payload).documented.passes())
    }

    fn print(&mut self, entry: &Entry<'_>) -> Option<Done> {
        if self.hides(entry) {
            self.hidden += 1;
            return None;
        }
        let system = self.system.map(System::name);
        let quick = |filter: Option<&Filter>, without| match filter {
            None => Some(without),
            Some(filter) => filter.quick(entry, &self.session, system),
        };
        let mut passes = quick(self.wanted.filter.as_ref(), true);
        let mut ends = quick(self.wanted.until.as_ref(), false);
        let mut decoded = None;
        if passes.is_none() || ends.is_none() {
            let filters = [&self.wanted.filter, &self.wanted.until];
            let needed = filters.iter().copied().flatten().any(Filter::needs_body);
            decoded = entry
                .frame()
                .filter(|_| needed)
                .and_then(|frame| self.decode(&frame));
            self.scratch.clear();
            let mut scratch = std::mem::take(&mut self.scratch);
            self.line(entry, decoded.as_ref(), false)
                .write_json(&mut scratch);
            passes = passes.or_else(|| Some(self.ask(Which::Filter, &scratch)));
            ends = ends.or_else(|| Some(self.ask(Which::Until, &scratch)));
            self.scratch = scratch;
        }
        let ends = ends == Some(true);
        if passes != Some(true) && !ends {
            return None;
        }
        self.write(entry, decoded);
        self.frames += u64::from(entry.frame().is_some());
        if ends {
            return Some(Done::Until);
        }
        let limit = self.wanted.limit;
        limit
            .is_some_and(|limit| self.frames >= limit)
            .then_some(Done::Limit)
    }

    fn write(&mut self, entry: &Entry<'_>, decoded: Option<Body>) {
        let mut out = std::mem::take(&mut self.out);
        match self.wanted.format {
            Format::Text => {
                let frame = entry.frame();
                let gist = frame.and_then(|frame| self.decoder.as_ref()?.gist(&frame));
                self.line(entry, None, false)
                    .write_text(&self.zone, gist.as_deref(), &mut out);
            }
            Format::Json => {
                let frame = entry.frame().filter(|_| self.wanted.body);
                let body = frame.and_then(|frame| decoded.or_else(|| self.decode(&frame)));
                self.line(entry, body.as_ref(), self.wanted.raw)
                    .write_json(&mut out);
            }
        }
        out.push('\n');
        self.out = out;
    }

    fn decode(&self, frame: &Frame<'_>) -> Option<Body> {
        Some(self.decoder.as_ref()?.body(frame))
    }

    fn line<'a>(&'a self, entry: &'a Entry<'a>, body: Option<&'a Body>, raw: bool) -> Line<'a> {
        Line {
            entry,
            session: &self.session,
            system: self.system.map(System::name),
            body,
            raw,
        }
    }

    /// Runs a filter over a line; one that fails does not match.
    fn ask(&mut self, which: Which, json: &str) -> bool {
        let filter = match which {
            Which::Filter => &self.wanted.filter,
            Which::Until => &self.wanted.until,
        };
        let Some(filter) = filter else { return false };
        filter.matches_line(json).unwrap_or_else(|error| {
            self.failures += 1;
            self.failure
                .get_or_insert_with(|| format!("`{}`: {error}", filter.text()));
            false
        })
    }

    /// Entries a filter failed on, and the first failure.
    pub(super) fn failures(&self) -> Option<(u64, &str)> {
        Some((self.failures, self.failure.as_deref()?))
    }

    /// Number of entries seen.
    pub(super) fn seen(&self) -> u64 {
        self.next
    }

    /// What to look at if a stream of events was open and none came; nothing otherwise.
    pub(super) fn silence(&self) -> Vec<Check> {
        let is_stream = self.system == Some(System::SaveToWebSocket);
        let (Some(snapshot), true, 0) = (&self.snapshot, is_stream, self.events) else {
            return Vec::new();
        };
        if snapshot.connections == 0 {
            return Vec::new();
        }
        let period = snapshot.filters.last();
        let none = Filters::default();
        let ending = snapshot.ending.as_ref();
        checks(&Situation {
            filters: period.map_or(&none, |period| &period.filters),
            registered_us: period.and_then(|period| period.confirmed.map(|_| period.at.wall_us)),
            events: self.events,
            ended: ending
                .filter(|ending| ending.by != EndedBy::Us)
                .map(|ending| ending.code),
            event: None,
        })
    }

    /// Adds the line that ends a run.
    pub(super) fn summarise(&mut self, why: &str, now: Stamp, took: Duration, twin: Option<&Twin>) {
        let out = &mut self.out;
        match self.wanted.format {
            Format::Text => {
                let sentence = self.statistics.sentence();
                let _ = write!(out, "Σ {sentence}");
                if self.wanted.documented.is_some() {
                    let _ = write!(
                        out,
                        " · hidden here as the documented filters would have: {}",
                        self.hidden
                    );
                }
                if let Some(twin) = twin {
                    let _ = write!(out, " · {}", twin.sentence());
                }
                let broker = self.snapshot.as_ref().and_then(|now| now.broker.as_ref());
                if let Some(sentence) = broker.and_then(|broker| broker.sentence()) {
                    let _ = write!(out, " · {}", sanitise::line(&sentence));
                }
                let _ = writeln!(out, " · ended by {why}");
            }
            Format::Json => {
                line::write_head(out, now.wall_us, &self.session, self.next, "summary");
                let _ = write!(
                    out,
                    ",\"why\":\"{why}\",\"elapsed_ms\":{},\"connections\":{},\"printed\":{}",
                    took.as_millis(),
                    self.connections,
                    self.frames,
                );
                if self.wanted.documented.is_some() {
                    let _ = write!(out, ",\"hidden\":{}", self.hidden);
                }
                if let Some(twin) = twin {
                    twin.write_json(out);
                }
                self.statistics.write_json(out);
                if let Some(snapshot) = &self.snapshot {
                    snapshot.write_json(out);
                }
                if let Some(failure) = &self.failure {
                    let _ = write!(out, ",\"filter_failures\":{}", self.failures);
                    out.push_str(",\"filter_failure\":");
                    write_json_string(failure, out);
                }
                out.push_str("}\n");
            }
        }
    }
}

fn is_event(entry: &Entry<'_>) -> bool {
    entry.badge == Badge::Event && entry.direction == Direction::In
}

#[derive(Clone, Copy)]
enum Which {
    Filter,
    Until,
}
