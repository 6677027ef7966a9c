//! `--shadow`: a second connection without filters, compared with the first event by event.
//!
//! ```text
//!  first session ──live──► 1 s ──► second session, dialed once ──live──► compared
//!        └─ its end, or the second's: compared again after the next live, or not at all
//! ```
//!
//! One connection more is all the load it makes: servers of this system have been seen to crash
//! when connections come and go quickly, so a second session that ends stays ended.

use std::fmt::Write as _;
use std::future::pending;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::CLOSING;
use crate::body::write_json_string;
use crate::cli::exit;
use crate::entry::{Badge, EntryKind, line};
use crate::frame::{Direction, Stamp};
use crate::protocol::savetowebsocket::shadow::{Misfit, Mismatch, Shadow, Side};
use crate::protocol::savetowebsocket::{Filters, Verdict, gist};
use crate::schema::{json, scan};
use crate::session::{self, Deliveries, Delivery, Handle, Plan, SessionId, State};
use crate::transport::clock;

/// Between the first connection's registration and the second's dial.
const SPACING: Duration = Duration::from_secs(1);

/// The second session and the comparison.
pub(super) struct Twin {
    shadow: Shadow,
    /// Until it is dialed.
    plan: Option<Plan>,
    dial_at: Option<Stamp>,
    link: Option<(Handle, Deliveries)>,
    live: [bool; 2],
    names: [String; 2],
    /// What does not fit and is not yet printed.
    pub(super) found: Vec<Mismatch>,
}

/// A mismatch as it is printed.
pub(super) struct Told {
    pub(super) json: String,
    pub(super) text: String,
    pub(super) wall_us: i64,
}

impl Twin {
    /// For the session of `plan`; nothing is dialed before that one is registered.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut second = plan.clone();
        second.name = format!("{}-unfiltered", plan.name);
        second.settings.savetowebsocket.filters = Filters::default();
        second.reconnect.enabled = false;
        second.traffic = None;
        Self {
            shadow: Shadow::new(&plan.settings.savetowebsocket.filters),
            names: [plan.name.clone(), second.name.clone()],
            plan: Some(second),
            dial_at: None,
            link: None,
            live: [false; 2],
            found: Vec::new(),
        }
    }

    /// Waits for the next thing to do: the time to dial, a delivery of the second session, or the
    /// time to give up on an event. Cancelling it loses nothing.
    pub(super) async fn next(&mut self) -> Option<Delivery> {
        let now = clock::now();
        let until = |at: Option<Stamp>| async move {
            match at {
                Some(at) => tokio::time::sleep(at.since(now)).await,
                None => pending().await,
            }
        };
        let (dial, due) = (until(self.dial_at), until(self.shadow.due()));
        let delivery = async {
            match &mut self.link {
                Some((_, deliveries)) => deliveries.recv().await,
                None => pending().await,
            }
        };
        tokio::select! {
            delivery = delivery => {
                if delivery.is_none() {
                    self.link = None;
                }
                delivery
            }
            () = dial => {
                self.dial();
                None
            }
            () = due => {
                self.shadow.elapsed(clock::now(), &mut self.found);
                None
            }
        }
    }

    fn dial(&mut self) {
        self.dial_at = None;
        let Some(plan) = self.plan.take() else { return };
        let (feed, deliveries) = session::queue();
        let handle = session::start(plan, SessionId(2), feed, CancellationToken::new());
        self.link = Some((handle, deliveries));
    }

    /// Takes what the first session delivered.
    pub(super) fn first(&mut self, delivery: &Delivery) {
        self.take(Side::Filtered, delivery);
        if self.live[0] && self.plan.is_some() && self.dial_at.is_none() {
            self.dial_at = Some(clock::now().after(SPACING));
        }
    }

    /// Takes what the second session delivered.
    pub(super) fn second(&mut self, delivery: Delivery) {
        self.take(Side::Unfiltered, &delivery);
        for note in &delivery.notes {
            exit::warn(&format!("{}: {note}", self.names[1]));
        }
        if let (Some(buffer), Some((handle, _))) = (delivery.chunk.into_buffer(), &self.link) {
            // A full queue of free buffers needs no more of them.
            let _ = handle.buffers.try_send(buffer);
        }
    }

    fn take(&mut self, side: Side, delivery: &Delivery) {
        for entry in delivery.chunk.iter() {
            match entry.kind {
                EntryKind::Lifecycle => self.state(side, entry.payload, entry.at),
                EntryKind::Frame(_)
                    if entry.badge == Badge::Event && entry.direction == Direction::In =>
                {
                    let (seq, at, event) = (entry.seq, entry.at, entry.payload);
                    self.shadow.event(side, seq, at, event, &mut self.found);
                }
                _ => {}
            }
        }
    }

    fn state(&mut self, side: Side, facts: &[u8], at: Stamp) {
        let state = scan::member(facts, "state").and_then(scan::string);
        let live = state.as_deref() == Some(State::Live.name());
        let was = std::mem::replace(&mut self.live[side as usize], live);
        match (was, live) {
            (false, true) => self.shadow.live(side, at),
            (true, false) => self.shadow.ended(side),
            _ => {}
        }
        let gone = [State::Closed, State::Refused].map(State::name);
        if side == Side::Unfiltered && state.is_some_and(|state| gone.contains(&&*state)) {
            let why = scan::member(facts, "detail").and_then(scan::string);
            exit::warn(&format!(
                "{} has ended and is not dialed again, nothing is compared any more: {}",
                self.names[1],
                why.unwrap_or_default()
            ));
        }
    }

    /// A mismatch as a line.
    pub(super) fn tell(&self, mismatch: &Mismatch) -> Told {
        let Mismatch {
            misfit, side, seq, ..
        } = *mismatch;
        let wall_us = mismatch.at.wall_us;
        let mut told = String::new();
        line::write_head(
            &mut told,
            wall_us,
            &self.names[side as usize],
            seq,
            "mismatch",
        );
        let _ = write!(
            told,
            ",\"misfit\":\"{}\",\"side\":\"{}\",\"why\":",
            misfit.name(),
            side.name()
        );
        write_json_string(misfit.meaning(), &mut told);
        let mut text = format!("≠ {:<12} {}", misfit.name(), misfit.meaning());
        if let Some(event) = &mismatch.event {
            let verdict = self.verdict(misfit, event);
            for (key, found) in [
                ("filter", verdict.filter),
                ("field", verdict.field.as_deref()),
                ("found", verdict.found.as_deref()),
                ("detail", Some(&*verdict.why)),
            ] {
                if let Some(found) = found {
                    let _ = write!(told, ",\"{key}\":");
                    write_json_string(found, &mut told);
                }
            }
            if let Ok(body) = json::tree(event, 0) {
                let _ = write!(told, ",\"body\":{}", body.to_json());
            }
            let gist = gist(event).unwrap_or_default();
            let _ = write!(text, " · {gist} · {}", verdict.why);
        }
        told.push('}');
        Told {
            json: told,
            text,
            wall_us,
        }
    }

    /// The verdict that was not kept.
    fn verdict(&self, misfit: Misfit, event: &[u8]) -> Verdict {
        let explanation = self.shadow.reasoner().explain(event);
        match misfit {
            Misfit::Undocumented => explanation.documented,
            Misfit::Missing | Misfit::Unexplained | Misfit::Unseen => explanation.coded,
        }
    }

    /// The figures as a member of the summary.
    pub(super) fn write_json(&self, out: &mut String) {
        let tally = self.shadow.tally();
        let _ = write!(
            out,
            ",\"shadow\":{{\"filtered\":{},\"unfiltered\":{},\"paired\":{}",
            tally.filtered, tally.unfiltered, tally.paired
        );
        for misfit in Misfit::ALL {
            let _ = write!(out, ",\"{}\":{}", misfit.name(), tally.of(misfit));
        }
        let undecided = tally.undecided + self.shadow.waits() as u64;
        let _ = write!(out, ",\"undecided\":{undecided}}}");
    }

    /// The figures in words.
    pub(super) fn sentence(&self) -> String {
        let tally = self.shadow.tally();
        let misfits = Misfit::ALL.map(|misfit| format!("{} {}", misfit.name(), tally.of(misfit)));
        format!(
            "of {} filtered and {} unfiltered events {} are pairs · {} · undecided {}",
            tally.filtered,
            tally.unfiltered,
            tally.paired,
            misfits.join(" · "),
            tally.undecided + self.shadow.waits() as u64
        )
    }

    /// Ends the second session in order.
    pub(super) async fn close(&mut self) {
        if let Some((handle, mut deliveries)) = self.link.take() {
            handle.cancel.cancel();
            let drained = async { while deliveries.recv().await.is_some() {} };
            // A server that does not answer the close frame must not hold up the exit.
            let _ = tokio::time::timeout(CLOSING, drained).await;
        }
    }
}
