//! From the handshake to a connection that is ready for use: which dialect, the registration in
//! its form, the subscriptions again.
//!
//! ```text
//!  opened ─┬─ probe ───────────────┐
//!          └─ register ─► answered ┴─► live ─► subscriptions, clients
//!               │ silence: 2 s ─► steps of the probe for generation 1
//!               │ silence: its whole time ─► live without a registration
//!               └ a message of the other generation ─► register again in its form
//! ```

use std::time::Duration;

use super::conversation::Conversation;
use super::detection::Learned;
use super::dialect::{Dialect, Generation, Speak};
use super::envelope::{Envelope, REGISTER, REGISTER_1};
use super::outgoing::Introduction;
use super::probe::{self, Next, Step};
use super::{clients, order::Order};
use crate::frame::{Opening, Stamp};
use crate::protocol::{Milestone, Outbox, url};

const REGISTRATION_DEADLINE: &str = "registration";
const PROBE_DEADLINE: &str = "probe";

/// How long a registration of generation 2 is met with silence before generation 1 is tried.
const SILENCE: Duration = Duration::from_secs(2);

/// When a broker has noticed for sure that an older connection of ours was cut: a ping interval
/// and a half, and some.
const NOTICED: Duration = Duration::from_secs(50);

/// What the first steps of a connection have come to.
#[derive(Debug, Default)]
pub(super) struct Presenting {
    /// Ready for use.
    pub(super) live: bool,
    /// When generation 1 is tried, if nothing has come by then.
    try_first_at: Option<Stamp>,
    /// When to look whether the broker still lists us.
    look_at: Option<Stamp>,
}

impl Presenting {
    /// When [`Conversation::presented`] is to be called.
    pub(super) fn next_due(&self) -> Option<Stamp> {
        let due = [self.try_first_at, self.look_at].into_iter().flatten();
        due.min_by_key(|due| due.mono)
    }
}

impl Conversation {
    /// The first steps on a new connection.
    pub(super) fn present_on(&mut self, opening: &Opening, now: Stamp, out: &mut Outbox) {
        self.presenting = Presenting::default();
        let asked = url::query(&opening.url, "client_id").unwrap_or_default();
        self.registration.opened(&asked);
        if let Learned::Other(_) = self.detection.opening(opening) {
            self.write_as_known();
        }
        if self.traces.short_id && self.dialect().generation() == Generation::Two {
            out.note("the client_id has fewer than 8 bytes: a broker of generation 2 goes dead on this connection right after the 101; choose a longer one");
        }
        if opening.reconnect
            && !asked.is_empty()
            && let Some(since) = opening.since_cut
        {
            out.note(format!(
                "connected again as {asked} {} s after a connection of that id was cut: while the broker has not noticed that, it knows both, and when the old one ends it forgets the id though this one lives (publishes and answers still come, calls do not); its list of clients is looked at again in {} s",
                since.as_secs(),
                NOTICED.as_secs()
            ));
            self.presenting.look_at = Some(now.after(NOTICED));
        }
        if self.settings.generation == Speak::Probe && !self.detection.is_sure() {
            self.probe_step(Step::List, now, out);
        } else {
            self.present(now, out);
        }
    }

    /// Registers in the form of the dialect, or goes on without.
    fn present(&mut self, now: Stamp, out: &mut Outbox) {
        let why = match self.dialect() {
            _ if !self.settings.register => "none is sent, as the settings say",
            Dialect::G1_0 => "generation 1.0 has none",
            Dialect::G1_1 => "generation 1.1 has none",
            Dialect::G2_0 => "generation 2.0 has none",
            _ => {
                let (topic, what) = match self.dialect().generation() {
                    Generation::One => (REGISTER_1, "acknowledgement of"),
                    Generation::Two => (REGISTER, "answer to"),
                };
                if !self.presenting.live {
                    out.milestones.push(Milestone::Registering(format!(
                        "waiting for the {what} {topic}"
                    )));
                }
                return self.register(now, out);
            }
        };
        self.registration.forget();
        out.drop_deadline(REGISTRATION_DEADLINE);
        self.registration.without(why.to_owned());
        self.live(format!("usable without a registration: {why}"), now, out);
    }

    /// Sends the registration, the first or another one.
    pub(super) fn register(&mut self, now: Stamp, out: &mut Outbox) {
        let due = now.after(self.settings.request_timeout);
        let generation = self.dialect().generation();
        self.registration.sent(generation, now, due);
        out.deadline(REGISTRATION_DEADLINE, due);
        if generation == Generation::One {
            return self.register_first(now, out);
        }
        let id = self.pen.id(now);
        let own = Introduction {
            client_id: &self.registration.identity.asked,
            name: &self.settings.client_name,
            kind: &self.settings.client_type,
            url: &self.settings.client_url,
        };
        out.send_text(own.message(&id));
        let unsure = self.settings.generation == Speak::Auto && !self.detection.is_sure();
        let silent = now.after(SILENCE.min(self.settings.request_timeout / 2));
        self.presenting.try_first_at = (unsure && !self.traces.heard).then_some(silent);
    }

    fn register_first(&mut self, now: Stamp, out: &mut Outbox) {
        if self.settings.page_session_id.is_empty() {
            self.settings.page_session_id = self.pen.page(now);
        }
        let page = &self.settings.page_session_id;
        self.registration.identity.page.clone_from(page);
        out.send_text(self.pen.register_1(now, page));
    }

    /// A person wants to be known under these names. In generation 1 the page session id is all
    /// there is, and the name is taken for it.
    pub(super) fn rename(
        &mut self,
        (name, kind, url): (String, String, String),
        now: Stamp,
        out: &mut Outbox,
    ) {
        if self.dialect().generation() == Generation::One {
            if !name.is_empty() {
                self.settings.page_session_id = name;
            }
        } else {
            self.settings.client_name = name;
            self.settings.client_type = kind;
            self.settings.client_url = url;
        }
        self.register(now, out);
    }

    /// The answer of generation 2 came.
    pub(super) fn registered(&mut self, envelope: &Envelope<'_>, at: Stamp, out: &mut Outbox) {
        self.settled(out);
        let answered = self.registration.answered(envelope, at, out);
        let learned = self
            .detection
            .registered(answered.unknown, answered.keeps_id);
        self.learn(learned, at, out);
        self.live(answered.how, at, out);
    }

    /// The acknowledgement of generation 1 came; what is wrong with it.
    pub(super) fn acknowledged(
        &mut self,
        envelope: &Envelope<'_>,
        body: Option<&[u8]>,
        at: Stamp,
        out: &mut Outbox,
    ) -> Option<String> {
        match self.registration.acknowledged(envelope, body, at, out) {
            Ok(how) => {
                self.settled(out);
                self.live(how, at, out);
                None
            }
            Err(what) => Some(what),
        }
    }

    /// Nothing about the registration is awaited any more.
    fn settled(&mut self, out: &mut Outbox) {
        out.drop_deadline(REGISTRATION_DEADLINE);
        self.end_probe(out);
        self.presenting.try_first_at = None;
    }

    /// Ready for use.
    fn live(&mut self, how: String, now: Stamp, out: &mut Outbox) {
        out.milestones.push(Milestone::Live(how));
        if std::mem::replace(&mut self.presenting.live, true) {
            return;
        }
        self.use_it(now, out);
    }

    /// The time for the answer to the registration is over.
    fn unanswered(&mut self, now: Stamp, out: &mut Outbox) {
        let topic = match self.dialect().generation() {
            Generation::One => REGISTER_1,
            Generation::Two => REGISTER,
        };
        out.drop_deadline(REGISTRATION_DEADLINE);
        if self.traces.is_dead(self.dialect().generation()) {
            let why = format!(
                "{topic} was not answered: the client_id has fewer than 8 bytes, so this connection is dead; dial with a longer one"
            );
            self.registration.without(why.clone());
            out.note(why.clone());
            out.milestones.push(Milestone::Registering(why));
            return;
        }
        self.registration
            .without(format!("{topic} was not answered"));
        let hint = match self.foreign.by_url() {
            Some(other) if !self.traces.heard => format!("; {other}"),
            _ => String::new(),
        };
        out.note(match self.dialect() {
            dialect if dialect.generation() == Generation::One => format!(
                "no acknowledgement of {REGISTER_1}: 1.1 has no registration, 1.2 before its first fix never acknowledges, and there everything but being found by page id works without; or the broker speaks generation 2 (--generation probe finds out)"
            ),
            _ if self.detection.is_sure() => format!(
                "no answer to {REGISTER}, though the broker speaks generation 2: the answer may have been dropped; registering again is harmless"
            ),
            _ => format!(
                "no answer to {REGISTER}, nor to what generation 1 answers: a server of generation 1 stays silent to most things, so does something else that reads and says nothing{hint}"
            ),
        });
        let how = format!("usable as far as one can tell, though {topic} was not answered");
        if !self.presenting.live {
            self.live(how, now, out);
        }
    }

    /// Time has passed.
    pub(super) fn presented(&mut self, now: Stamp, out: &mut Outbox) {
        let is_due = |due: &mut Stamp| due.mono <= now.mono;
        if self.presenting.try_first_at.take_if(is_due).is_some()
            && !self.traces.heard
            && self.registration.is_awaited()
        {
            self.probe_step(Step::Register, now, out);
        }
        if self.presenting.look_at.take_if(is_due).is_some() && self.dialect().lists_clients() {
            let (id, ttl) = (self.pen.id(now), self.settings.request_timeout);
            let message = self.pen.request(now, &id, clients::LIST, Some(b"{}"), ttl);
            out.send_text(message);
        }
        match self.probe.elapsed(now) {
            Some(Next::Do(step)) => self.probe_step(step, now, out),
            Some(Next::GiveUp) => self.probed_in_vain(now, out),
            None => {}
        }
        if self.registration.is_overdue(now) && !self.probe.is_running() {
            self.unanswered(now, out);
        }
    }

    /// What a person wants of the dialect.
    pub(super) fn redirect(&mut self, order: &Order, now: Stamp, out: &mut Outbox) {
        match order {
            Order::Probe => {
                self.detection.doubt();
                self.probe.asked = true;
                self.probe_step(Step::List, now, out);
            }
            Order::Speak(dialect) => {
                let before = self.dialect().generation();
                self.end_probe(out);
                self.detection.tell(*dialect, "told by hand");
                self.write_as_known();
                if before != dialect.generation() {
                    self.start_over(now, out);
                }
            }
            _ => {}
        }
    }

    /// Draws the consequences of what was found out about the dialect.
    pub(super) fn learn(&mut self, learned: Learned, now: Stamp, out: &mut Outbox) {
        match learned {
            Learned::Nothing => {}
            Learned::More => {
                self.write_as_known();
                let unregistered = matches!(self.dialect(), Dialect::G1_0 | Dialect::G1_1);
                if unregistered && self.registration.is_awaited() && !self.presenting.live {
                    self.end_probe(out);
                    self.present(now, out);
                }
            }
            Learned::Other(why) => {
                self.write_as_known();
                let generation = self.dialect().generation().name();
                out.note(format!(
                    "the server speaks generation {generation}, and from here on so do we: {why}"
                ));
                self.end_probe(out);
                let awaited = self
                    .registration
                    .is_awaited_in(self.dialect().generation());
                if self.presenting.live || !awaited {
                    self.start_over(now, out);
                }
            }
            Learned::Contradicted(why) => out.note(format!(
                "generation {} was told and is spoken on, but the server speaks the other one: {why}; let it be found out with generation = \"auto\"",
                self.dialect().generation().name()
            )),
        }
    }

    /// Registers and subscribes anew, in the form of the other generation.
    fn start_over(&mut self, now: Stamp, out: &mut Outbox) {
        self.registration.forget();
        self.presenting.live = false;
        self.presenting.try_first_at = None;
        out.drop_deadline(REGISTRATION_DEADLINE);
        self.present(now, out);
    }

    /// Writes in the dialect known, in generation 2 if none is.
    fn write_as_known(&mut self) {
        let known = self.detection.known();
        self.pen
            .write_in(known.map_or(Dialect::G2, |(dialect, _)| dialect));
    }

    fn probe_step(&mut self, step: Step, now: Stamp, out: &mut Outbox) {
        let generation = self.dialect().generation();
        let id = match (step, generation) {
            (Step::List, Generation::One) => {
                self.pen.write_in(Dialect::G2);
                self.pen.id(now)
            }
            (Step::Register | Step::Expire, Generation::Two) => {
                self.pen.write_in(Dialect::G1);
                self.pen.id(now)
            }
            _ => self.pen.id(now),
        };
        match step {
            Step::List => {
                let ttl = self.settings.request_timeout;
                let message = self.pen.request(now, &id, clients::LIST, Some(b"{}"), ttl);
                out.send_text(message);
            }
            Step::Register => {
                let due = now.after(self.settings.request_timeout);
                self.registration.sent(Generation::One, now, due);
                self.register_first(now, out);
            }
            Step::Expire => {
                let message = self.pen.request(now, &id, probe::UNUSED, None, probe::TTL);
                out.send_text(message);
            }
        }
        self.probe.sent(step, id, now);
        if let Some(due) = self.probe.next_due() {
            out.deadline(PROBE_DEADLINE, due);
        }
        if self.presenting.live {
            out.note(step.sentence());
        } else {
            let what = step.sentence().to_owned();
            out.milestones.push(Milestone::Registering(what));
        }
    }

    fn end_probe(&mut self, out: &mut Outbox) {
        if self.probe.is_running() {
            self.probe.end();
            out.drop_deadline(PROBE_DEADLINE);
        }
    }

    /// What the probe waited for came.
    pub(super) fn probed(&mut self, envelope: &Envelope<'_>, now: Stamp, out: &mut Outbox) {
        self.end_probe(out);
        let learned = if probe::is_expired(envelope) {
            let why = "a request that nobody handles failed with `context deadline exceeded` when its ttl was over, as in 1.1";
            self.detection.found(Dialect::G1_1, why)
        } else if envelope.topic == clients::LIST {
            self.detection
                .lists(envelope.failure().is_none_or(|(code, _)| code != 404))
        } else {
            Learned::Nothing
        };
        self.learn(learned, now, out);
        self.write_as_known();
        if let Some((dialect, why)) = self.detection.known() {
            out.note(format!(
                "probed: generation {}, because {why}",
                dialect.name()
            ));
        }
        if !self.presenting.live && !self.registration.is_awaited() {
            self.present(now, out);
        }
    }

    fn probed_in_vain(&mut self, now: Stamp, out: &mut Outbox) {
        out.drop_deadline(PROBE_DEADLINE);
        self.write_as_known();
        let asked = std::mem::take(&mut self.probe.asked);
        if self.presenting.live {
            self.registration.forget();
            self.registration.identity.page.clear();
        }
        if asked || self.presenting.live {
            out.note(format!(
                "probed in vain: nothing of either generation answered; generation {} is spoken on",
                self.dialect().generation().name()
            ));
        }
        if !self.presenting.live {
            self.registration.is_overdue(now);
            self.unanswered(now, out);
        }
    }
}
