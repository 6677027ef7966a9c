//! The bookkeeping of `send`: what was handed to the session, what went out, what came back.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use crate::cli::course::{Course, End};
use crate::entry::{Badge, Entry, EntryKind, Line, Outcome};
use crate::frame::{Direction, Seq, Stamp};
use crate::protocol::websocketmq::{Dialect, Pacing};
use crate::protocol::{Command, CommandError, Decoder, System};
use crate::session::{Delivery, Snapshot};
use crate::store::Statistics;

/// Most documents kept that were given up.
const UNACKED_MAX: usize = 100_000;

/// A document on its way.
#[derive(Clone, Debug)]
pub(super) struct Due {
    /// What the session is told to send.
    pub(super) command: Command,
    /// When it should have been sent.
    pub(super) at: Stamp,
    /// True if it counts as outstanding until something comes back.
    pub(super) returns: bool,
}

impl Due {
    /// A document due then, not handed over yet.
    pub(super) fn new(command: Command, at: Stamp) -> Self {
        Self {
            command,
            at,
            returns: false,
        }
    }
}

/// What a delivery told besides replies.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// The end of the session's course.
    pub(super) end: Option<End>,
    /// Documents the session did not carry out, for good.
    pub(super) rejected: Vec<CommandError>,
    /// Diagnoses of documents that went out.
    pub(super) remarks: Vec<String>,
}

/// Follows documents from the order to the reply. Pure: deliveries in, lines and counts out.
pub(super) struct Desk {
    session: String,
    /// Latency counts from when a document was due, not from when it went out.
    from_due: bool,
    /// Replies are counted, not printed.
    quiet: bool,
    system: Option<System>,
    /// The newest.
    snapshot: Option<std::sync::Arc<Snapshot>>,
    decoder: Option<std::sync::Arc<dyn Decoder>>,
    pub(super) course: Course,
    /// Handed to the session, not yet seen on the wire.
    handed: VecDeque<Due>,
    /// On the wire and unanswered.
    open: HashMap<Seq, Due, foldhash::fast::RandomState>,
    /// Given up, in the order they were; kept if asked for.
    unacked: Vec<Command>,
    keeps_unacked: bool,
    /// What of it brings a message back.
    pacing: Pacing,
    /// Payload bytes of what is under way.
    held: usize,
    /// Sequence of the first document on the wire.
    first: Option<Seq>,
    /// Failed, and waiting for the session to send them again.
    retrying: Vec<Due>,
    /// Not sent for want of a connection; to be handed over again.
    again: VecDeque<Due>,
    pub(super) counts: Counts,
    latencies: Statistics,
    span: Option<(Stamp, Stamp)>,
    /// Lines to be written; the caller empties it.
    pub(super) out: String,
}

/// What became of the documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Went out.
    pub(super) sent: u64,
    /// Were answered, by outcome in the order of `Outcome::ALL`.
    pub(super) replies: [u64; 5],
    /// Were given up.
    pub(super) lost: u64,
    /// Were not carried out by the session.
    pub(super) rejected: u64,
    /// Only told the conversation what to do.
    pub(super) orders: u64,
    /// Were sent again by the session.
    pub(super) retried: u64,
    /// Were registers behind the first, which the server does not answer.
    pub(super) updates: u64,
}

impl Counts {
    /// True if everything sent was answered well.
    pub(super) fn is_fine(&self) -> bool {
        self.lost == 0 && self.rejected == 0 && self.replies[Outcome::Error as usize] == 0
    }
}

impl Desk {
    /// A desk for the session named `session`.
    pub(super) fn new(session: String, from_due: bool) -> Self {
        Self {
            session,
            from_due,
            quiet: false,
            system: None,
            snapshot: None,
            decoder: None,
            course: Course::default(),
            handed: VecDeque::new(),
            open: HashMap::default(),
            unacked: Vec::new(),
            keeps_unacked: false,
            pacing: Pacing::none(),
            held: 0,
            first: None,
            retrying: Vec::new(),
            again: VecDeque::new(),
            counts: Counts::default(),
            latencies: Statistics::default(),
            span: None,
            out: String::new(),
        }
    }

    /// The same, printing no replies if `quiet`.
    #[must_use]
    pub(super) fn quiet(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    /// The same, sending before the session is registered if that is done `by_hand`.
    #[must_use]
    pub(super) fn registering(self, by_hand: bool) -> Self {
        Self {
            course: Course::registered(by_hand),
            ..self
        }
    }

    /// The same, keeping what is given up for [`Self::unacked`] if `keeps`.
    #[must_use]
    pub(super) fn keeping_unacked(self, keeps: bool) -> Self {
        Self {
            keeps_unacked: keeps,
            ..self
        }
    }

    /// The same, with no more outstanding than that allows where a broker is spoken to.
    #[must_use]
    pub(super) fn pacing(self, pacing: Pacing) -> Self {
        Self { pacing, ..self }
    }

    /// The dialect of a broker, once known.
    pub(super) fn dialect(&self) -> Option<Dialect> {
        let broker = self.snapshot.as_ref()?.broker.as_ref()?;
        broker.dialect.as_ref().map(|(dialect, _)| *dialect)
    }

    /// True if nothing has to wait for what comes back; else `Err` with the time when something
    /// that never came is given up, if there is one.
    pub(super) fn paced(&mut self, now: Stamp) -> Result<(), Option<Stamp>> {
        if self.system != Some(System::WebSocketMq) {
            return Ok(());
        }
        self.pacing.room(self.open.len(), now)
    }

    /// Replies and own publishes outstanding, while something waits for them.
    pub(super) fn waits_for(&self) -> Option<usize> {
        let open = self.open.len();
        let is_broker = self.system == Some(System::WebSocketMq);
        (is_broker && !self.pacing.has_room(open)).then(|| self.pacing.outstanding(open))
    }

    /// Payload bytes of the documents under way.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Everything that was not answered, the oldest first: given up, still open, not sent.
    pub(super) fn unacked(&self) -> Vec<&Command> {
        let mut open: Vec<_> = self.open.iter().collect();
        open.sort_by_key(|(seq, _)| **seq);
        let open = open.into_iter().map(|(_, due)| &due.command);
        let rest = self
            .handed
            .iter()
            .chain(&self.again)
            .chain(&self.retrying)
            .map(|due| &due.command);
        self.unacked.iter().chain(open).chain(rest).collect()
    }

    /// The system, once known.
    pub(super) fn system(&self) -> Option<System> {
        self.system
    }

    /// Lines that go with [`sentence`](Self::sentence).
    pub(super) fn details(&self) -> Vec<String> {
        let snapshot = self.snapshot.as_ref();
        let mut told = snapshot
            .map(|newest| newest.sentences())
            .unwrap_or_default();
        if self.pacing.has_waited() {
            told.push(format!(
                "held back to {} replies and own publishes outstanding, as the broker drops what \
                 is beyond 16 and hangs up at the third drop; --window N, 0 for any number",
                self.pacing.window()
            ));
        }
        told
    }

    /// Notes a document handed to the session.
    pub(super) fn hand(&mut self, mut due: Due) {
        if !self.pacing.goes_out(&due.command) {
            self.counts.orders += 1;
            return;
        }
        self.held += due.command.size();
        if self.system == Some(System::WebSocketMq) {
            due.returns = self.pacing.hand(&due.command);
        }
        self.handed.push_back(due);
    }

    /// A document that must be handed over once more.
    pub(super) fn again(&mut self) -> Option<Due> {
        self.again.pop_front()
    }

    /// Documents under way: handed over or unanswered.
    pub(super) fn under_way(&self) -> usize {
        self.handed.len() + self.open.len() + self.retrying.len()
    }

    /// True while the session has documents that were not seen on the wire.
    pub(super) fn is_waiting_to_go_out(&self) -> bool {
        !self.handed.is_empty()
    }

    /// True if nothing is under way or waits to be handed over again.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way() == 0 && self.again.is_empty()
    }

    /// Takes a delivery: writes a line per reply and per lost ask.
    pub(super) fn take(&mut self, delivery: &Delivery) -> Taken {
        if let Some(decoder) = &delivery.decoder {
            self.decoder = Some(std::sync::Arc::clone(decoder));
        }
        if let Some(snapshot) = &delivery.snapshot {
            self.system = snapshot.system;
            if let Some(picture) = snapshot.broker.as_ref().filter(|_| self.first.is_none()) {
                self.pacing.know(picture);
            }
            self.snapshot = Some(std::sync::Arc::clone(snapshot));
        }
        let mut taken = Taken::default();
        for entry in delivery.chunk.iter() {
            let end = self.course.follow(&entry);
            taken.end = taken.end.or(end);
            match (entry.kind, entry.direction) {
                _ if delivery.retries.failed.contains(&entry.seq) => self.fails_for_now(&entry),
                _ if delivery.retries.sent.contains(&entry.seq) => self.goes_again(&entry),
                (EntryKind::Lost, _) => self.lost(&entry),
                (EntryKind::Frame(_), Direction::Out) => {
                    let ours = self.went_out(&entry);
                    let remark = entry.note.filter(|_| ours && taken.remarks.len() < 10);
                    taken.remarks.extend(remark.map(str::to_owned));
                }
                (EntryKind::Frame(_), Direction::In) => {
                    if entry.badge == Badge::Publish {
                        self.pacing.came(entry.payload);
                    }
                    self.came_in(&entry);
                }
                (EntryKind::Lifecycle, _) => {}
            }
        }
        for rejection in &delivery.rejections {
            let count = (rejection.count as usize).min(self.handed.len());
            let refused = self.handed.drain(..count);
            let refused: Vec<Due> = refused.collect();
            for due in &refused {
                self.held -= due.command.size();
                self.pacing.went_out(due.returns, None);
            }
            if matches!(rejection.error, CommandError::NotConnected { .. }) {
                self.again.extend(refused);
            } else {
                self.counts.rejected += count as u64;
                taken.rejected.push(rejection.error.clone());
            }
        }
        taken
    }

    /// True if the frame is one of the documents.
    fn went_out(&mut self, entry: &Entry<'_>) -> bool {
        // What a protocol sends by itself matches none of ours.
        let ours = self
            .handed
            .iter()
            .position(|due| due.command.is_carried_by(entry));
        let Some(due) = ours.and_then(|at| self.handed.remove(at)) else {
            return false;
        };
        self.pacing
            .went_out(due.returns, Some((entry.payload, entry.at)));
        self.first.get_or_insert(entry.seq);
        self.counts.sent += 1;
        let (_, last) = self.span.get_or_insert((entry.at, entry.at));
        *last = entry.at;
        if entry.asks {
            self.open.insert(entry.seq, due);
        } else {
            let is_update = matches!(due.command, Command::Register(_));
            self.counts.updates += u64::from(is_update);
            self.held -= due.command.size();
        }
        true
    }

    /// A failure after which the session sends the batch again: told, but not counted.
    fn fails_for_now(&mut self, entry: &Entry<'_>) {
        if let Some(due) = entry.pair.and_then(|ask| self.open.remove(&ask)) {
            self.retrying.push(due);
            self.write(entry);
        }
    }

    /// A further attempt of a batch.
    fn goes_again(&mut self, entry: &Entry<'_>) {
        let mut waiting = self.retrying.iter();
        let place = waiting.position(|due| due.command.is_carried_by(entry));
        if let Some(due) = place.map(|at| self.retrying.swap_remove(at)) {
            self.counts.retried += 1;
            self.open.insert(entry.seq, due);
        }
    }

    fn came_in(&mut self, entry: &Entry<'_>) {
        let (Some(outcome), Some(first)) = (entry.outcome, self.first) else {
            return;
        };
        if entry.pair.is_some_and(|ask| ask < first) {
            return;
        }
        self.counts.replies[outcome as usize] += 1;
        let mut shown = entry.clone();
        if let Some(due) = entry.pair.and_then(|ask| self.open.remove(&ask)) {
            self.held -= due.command.size();
            if self.from_due {
                shown.latency = Some(entry.at.since(due.at));
            }
            if let Some(latency) = shown.latency {
                self.latencies.replied(latency);
            }
        }
        self.write(&shown);
    }

    fn lost(&mut self, entry: &Entry<'_>) {
        let ours = entry.pair.and_then(|ask| self.open.remove(&ask));
        if let Some(due) = ours {
            self.held -= due.command.size();
            self.counts.lost += 1;
            self.write(entry);
            if self.keeps_unacked && self.unacked.len() < UNACKED_MAX {
                self.unacked.push(due.command);
            }
        }
    }

    fn write(&mut self, entry: &Entry<'_>) {
        if self.quiet {
            return;
        }
        let decoder = self.decoder.as_ref();
        let body = entry
            .frame()
            .zip(decoder)
            .map(|(frame, decoder)| decoder.body(&frame));
        Line {
            entry,
            session: &self.session,
            system: self.system.map(System::name),
            body: body.as_ref(),
            raw: false,
        }
        .write_json(&mut self.out);
        self.out.push('\n');
    }

    /// One line for a person: sent, answered, lost, latency.
    pub(super) fn sentence(&self, asked: Option<f64>) -> String {
        let counts = self.counts;
        let mut out = format!("sent {}", counts.sent);
        let span = self
            .span
            .map_or(Duration::ZERO, |(first, last)| last.since(first));
        if counts.sent > 1 && !span.is_zero() {
            let rate = (counts.sent - 1) as f64 / span.as_secs_f64();
            let _ = write!(out, " at {rate:.1}/s");
            if let Some(asked) = asked {
                let _ = write!(out, " of {asked}/s asked");
            }
        }
        for (outcome, count) in Outcome::ALL.iter().zip(counts.replies) {
            if count > 0 {
                let _ = write!(out, " · {} {count}", outcome.name());
            }
        }
        if counts.updates > 0 {
            let _ = write!(
                out,
                " · not acknowledged {}, as the server answers only the first register",
                counts.updates
            );
        }
        for (name, count) in [
            ("lost", counts.lost),
            ("rejected", counts.rejected),
            ("orders", counts.orders),
            ("sent again", counts.retried),
            ("unanswered", self.open.len() as u64),
            ("not sent", (self.handed.len() + self.again.len()) as u64),
        ] {
            if count > 0 {
                let _ = write!(out, " · {name} {count}");
            }
        }
        let latency = self.latencies.latency();
        if !latency.is_empty() {
            let at = |quantile| latency.value_at_quantile(quantile) as f64 / 1e3;
            let _ = write!(
                out,
                " · latency p50 {:.1} p90 {:.1} p99 {:.1} max {:.1} ms",
                at(0.5),
                at(0.9),
                at(0.99),
                latency.max() as f64 / 1e3
            );
        }
        out
    }
}
