//! What a session keeps over all its connections: the log, the ledger, the figures, the state.
//! Synchronous; the task around it brings frames, time and room in the queue.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::watch;

use super::asks::{self, GivenUp};
use super::delivery::{Attempts, Rejection};
use super::health::Health;
use super::ledger::{Asking, Ledger, Lost, Reply};
use super::lifecycle::{Ending, State};
use super::liveness::Checked;
use super::log::Log;
use super::plan::{Order, Plan, SessionId};
use super::snapshot::{Countdown, HealthCheck, Snapshot};
use super::twins::{Dialing, Twins};
use crate::entry::{Badge, Correlation, Draft, EntryKind, Outcome, Summary};
use crate::frame::{Direction, Frame, Opening, Stamp, Wire};
use crate::protocol::raccoon::metrics::{Doings, Picture};
use crate::protocol::savetowebsocket;
use crate::protocol::{
    self, Command, CommandError, Decoder, Evidence, Fact, Protocol, System, websocketmq,
};
use crate::schema::Schema;
use crate::transport::Dial;

/// Diagnoses and rejections kept until the next delivery.
const PENDING_MAX: usize = 100;

/// What asks that cannot be read are counted as.
const UNREADABLE: &str = "(unreadable)";

/// What a summary's latency is counted as where it names no types.
fn counted<'a>(summary: &'a Summary<'_>) -> &'a str {
    match summary.badge {
        // It is of no type, whatever its first bytes are.
        Badge::Malformed => UNREADABLE,
        _ => &summary.label,
    }
}

/// Everything about a session that outlives a connection.
pub(super) struct Books {
    pub(super) id: SessionId,
    pub(super) plan: Plan,
    pub(super) log: Log,
    pub(super) ledger: Ledger,
    /// The newest asks the ledger gave up.
    given_up: GivenUp,
    /// What the protocol of the newest connection says of it.
    pub(super) standing: Arc<[Fact]>,
    /// How the conversation with the broker stands, over all connections.
    pub(super) broker: Option<Arc<websocketmq::Picture>>,
    /// What the protocol of the last connection left for the next.
    pub(super) heir: Option<Box<dyn Protocol>>,
    /// The filters in force, over all connections.
    pub(super) filters: savetowebsocket::History,
    pub(super) twins: Twins,
    pub(super) health: Health,
    pub(super) state: State,
    /// Tells others of `state`.
    states: watch::Sender<State>,
    pub(super) since: Stamp,
    pub(super) detail: String,
    pub(super) system: Option<System>,
    pub(super) system_why: String,
    /// Dials since the last stable connection.
    pub(super) attempt: u32,
    pub(super) connections: u32,
    /// Sets of the plan's own traffic sent so far.
    pub(super) traffic_sent: u64,
    pub(super) retry_at: Option<Stamp>,
    /// When the newest dial began.
    pub(super) dialed_at: Option<Stamp>,
    /// When the newest usable connection ended, if that was without a close frame.
    pub(super) cut_at: Option<Stamp>,
    pub(super) opening: Option<Opening>,
    pub(super) ending: Option<Ending>,
    pub(super) countdowns: Vec<Countdown>,
    pub(super) health_check: Option<HealthCheck>,
    pub(super) notes: Vec<String>,
    pub(super) rejections: Vec<Rejection>,
    /// What was and will be sent again, until the next delivery.
    pub(super) retries: Attempts,
    pub(super) decoder: Option<Arc<dyn Decoder>>,
    /// What was done, for the scraper; none without one.
    pub(super) doings: Option<watch::Sender<Doings>>,
    /// What the scraper told last.
    metrics: Option<Arc<Picture>>,
    /// A snapshot is owed: the state has changed.
    pub(super) changed: bool,
    /// What the protocol tells for the panels may have changed without any frame.
    pub(super) stirred: bool,
}

/// A frame as it came from, or went to, the socket.
pub(super) struct Crossing<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) wire: &'a Wire,
    /// A violation the connection survives.
    pub(super) problem: Option<&'static str>,
    /// Round trip, for a pong to our own ping.
    pub(super) round_trip: Option<Duration>,
}

impl Crossing<'_> {
    /// What RFC 6455 would not have.
    fn fault(&self) -> Option<String> {
        if let Some(problem) = self.problem {
            return Some(problem.to_owned());
        }
        self.frame
            .is_broken_text()
            .then(|| "text frame that is not UTF-8".to_owned())
    }
}

impl Books {
    pub(super) fn new(
        id: SessionId,
        plan: Plan,
        log: Log,
        states: watch::Sender<State>,
        now: Stamp,
    ) -> Self {
        let system = plan.system;
        Self {
            id,
            log,
            ledger: Ledger::default(),
            given_up: GivenUp::default(),
            standing: Arc::default(),
            broker: None,
            heir: None,
            filters: savetowebsocket::History::default(),
            twins: Twins::new(&plan),
            health: Health::default(),
            state: State::Idle,
            states,
            since: now,
            detail: String::new(),
            system,
            system_why: system
                .map(|_| "told by profile or flag".to_owned())
                .unwrap_or_default(),
            attempt: 0,
            connections: 0,
            traffic_sent: 0,
            retry_at: None,
            dialed_at: None,
            cut_at: None,
            opening: None,
            ending: None,
            countdowns: Vec::new(),
            health_check: None,
            notes: Vec::new(),
            rejections: Vec::new(),
            retries: Attempts::default(),
            decoder: None,
            doings: None,
            metrics: None,
            changed: true,
            stirred: false,
            plan,
        }
    }

    /// Goes to `state`, if the machine allows it, and logs it with its facts.
    pub(super) fn enter(
        &mut self,
        state: State,
        detail: impl Into<String>,
        facts: Map<String, Value>,
        now: Stamp,
    ) {
        if !self.state.may_become(state) {
            tracing::warn!(session = self.id.0, from = ?self.state, to = ?state, "not a step");
            return;
        }
        self.state = state;
        self.states.send_replace(state);
        self.since = now;
        self.detail = detail.into();
        self.changed = true;
        let mut all = Map::new();
        if !self.detail.is_empty() {
            all.insert("detail".to_owned(), self.detail.clone().into());
        }
        all.extend(facts);
        self.log.lifecycle(now, state, all);
        tracing::info!(
            session = self.id.0,
            state = state.name(),
            detail = self.detail,
            "state"
        );
    }

    /// Where and how often to ask for a sign of life, if the system has one.
    pub(super) fn ping(&self) -> Option<(Dial, Duration)> {
        if self.system != Some(System::Raccoon) {
            return None;
        }
        let every = self.plan.settings.raccoon.health_every;
        Some((self.twins.ping(&self.plan)?, every))
    }

    /// Takes a result of the health check.
    pub(super) fn checked(&mut self, checked: Checked) {
        if let Some(note) = checked.note {
            self.note(note);
        }
        self.health_check = Some(checked.check);
        self.changed = true;
    }

    /// How long a dial at `now` is to be held back for the server's sake, and the sentence why.
    pub(super) fn too_soon(&self, now: Stamp) -> (Duration, String) {
        let gap = self.system.map_or(Duration::ZERO, |it| it.row().dial_gap);
        let held = self.dialed_at.map_or(Duration::ZERO, |dialed| {
            gap.saturating_sub(now.since(dialed))
        });
        let why = if held.is_zero() {
            String::new()
        } else {
            format!(
                "held back for {:.1} s: clients that come and go quickly can crash this server, so dials to it are at least {} apart",
                held.as_secs_f64(),
                crate::duration::show(gap)
            )
        };
        (held, why)
    }

    /// Connects the session.
    pub(super) fn dial(&mut self) -> Dialing {
        self.twins.dial(&self.plan.dial)
    }

    /// Settles which system this is.
    pub(super) fn pin(&mut self, system: System, why: &str) {
        self.system = Some(system);
        why.clone_into(&mut self.system_why);
        self.decoder = Some(self.plan.decoder(system));
        self.changed = true;
    }

    /// Tells the scraper, if there is one, what was done.
    pub(super) fn did(&self, change: impl FnOnce(&mut Doings)) {
        if let Some(doings) = &self.doings {
            doings.send_modify(change);
        }
    }

    /// The server's metrics were read, or could not be. That is told when it changes, not each time.
    pub(super) fn scraped(&mut self, picture: Arc<Picture>) {
        let failed = |picture: &Arc<Picture>| picture.error.is_some();
        let before = self.metrics.as_ref().is_some_and(failed);
        match &picture.error {
            Some(why) if !before => self.note(format!("the server's metrics: {why}")),
            None if before => self.note("the server's metrics are read again"),
            _ => {}
        }
        self.metrics = Some(picture);
        self.changed = true;
    }

    /// Reads payloads by `schema` from now on.
    pub(super) fn adopt(&mut self, schema: Arc<Schema>) {
        self.plan.schema = schema;
        if let Some(system) = self.system {
            self.decoder = Some(self.plan.decoder(system));
        }
    }

    /// What an answer that is no upgrade means in the system told or recognised.
    pub(super) fn explain_refused_upgrade(&self, opening: &Opening) -> Option<String> {
        let evidence = Evidence {
            opening,
            first: None,
        };
        let recognised = || Some(protocol::recognise(&evidence)?.0);
        let row = self.system.or_else(recognised)?.row();
        (row.refused_upgrade)(&self.plan.settings, opening)
    }

    /// Appends a frame with the summary its protocol gave it; correlates and counts.
    pub(super) fn record(&mut self, crossing: &Crossing<'_>, summary: Summary<'_>) {
        let Frame {
            seq,
            at,
            direction,
            kind,
            payload,
        } = crossing.frame;
        let mut outcome = None;
        let mut latency = crossing.round_trip;
        let mut pair = None;
        let mut given_up = None;
        match &summary.correlation {
            Correlation::None => {}
            Correlation::Asks { key, within } => {
                let within = within.unwrap_or(self.plan.reply_timeout);
                let (label, group) = (&*summary.label, summary.group);
                let latencies = &mut self.health.of_asks(direction).latencies;
                let asking = Asking {
                    key,
                    label,
                    group,
                    series: latencies.series(group, counted(&summary), summary.kinds),
                    seq,
                    at,
                    within,
                };
                given_up = self.ledger.ask(direction, &asking);
            }
            Correlation::Answers { key, verdict } => {
                let reply = self.ledger.answer(direction, key, *verdict, at);
                self.replied(direction, &reply);
                (outcome, latency, pair) = (Some(reply.outcome), reply.latency, reply.asked);
            }
        }
        self.health.of_replies(direction).count(summary.counted);
        let error = summary.error.or_else(|| crossing.fault());
        let asks = matches!(summary.correlation, Correlation::Asks { .. });
        let placed = self.log.push(&Draft {
            at,
            kind: EntryKind::Frame(kind),
            direction,
            payload,
            wire: crossing.wire,
            badge: summary.badge,
            label: &summary.label,
            outcome,
            latency,
            pair,
            asks,
            note: summary.note,
            error,
        });
        debug_assert_eq!(placed, seq, "a frame is observed under its own sequence");
        if let Some(lost) = given_up {
            self.lose(&lost, None, at);
        }
        self.did(|doings| doings.observed(&crossing.frame));
        self.health.crossed(direction, payload.len());
    }

    fn replied(&mut self, direction: Direction, reply: &Reply) {
        let measured = reply.series.zip(reply.latency);
        let tally = self.health.of_replies(direction);
        tally.replied(reply.outcome, measured);
        if let (Outcome::Late, Some(seq)) = (reply.outcome, reply.asked) {
            self.given_up.came_late(seq);
        }
    }

    /// Logs and counts an ask that was given up.
    pub(super) fn lose(&mut self, lost: &Lost, note: Option<String>, now: Stamp) {
        self.health.of_asks(lost.direction).lost += 1;
        self.log.lost(now, lost, note);
        if lost.direction == Direction::Out {
            self.given_up.push(lost, now);
        }
    }

    /// Adds a diagnosis for the notices.
    pub(super) fn note(&mut self, sentence: impl Into<String>) {
        if self.notes.len() < PENDING_MAX {
            self.notes.push(sentence.into());
        }
    }

    /// Tells that a command was not carried out.
    pub(super) fn reject(&mut self, command: &'static str, error: CommandError) {
        let crowded = self.rejections.len() >= PENDING_MAX;
        if let Some(last) = self.rejections.last_mut()
            && (crowded || (last.command == command && last.error == error))
        {
            last.count += 1;
            return;
        }
        self.rejections.push(Rejection {
            command,
            error,
            count: 1,
        });
    }

    /// Tells that there is no connection to send `command` over.
    pub(super) fn reject_offline(&mut self, command: &Command) {
        let (state, command) = (self.state.name(), command.name());
        self.reject(command, CommandError::NotConnected { state, command });
    }

    /// What an order comes to without a connection, but for those that change the course.
    pub(super) fn obey_offline(&mut self, order: Order) {
        match order {
            Order::Send(command) => self.reject_offline(&command),
            Order::SendAll(commands) => {
                for command in &commands {
                    self.reject_offline(command);
                }
            }
            Order::Adopt(schema) => self.adopt(schema),
            Order::Scraped(picture) => self.scraped(picture),
            Order::Reconnect | Order::Disconnect => {}
        }
    }

    /// True if there is anything to hand over.
    pub(super) fn has_news(&self) -> bool {
        !self.log.is_empty()
            || self.changed
            || !self.notes.is_empty()
            || !self.rejections.is_empty()
            || self.decoder.is_some()
    }

    /// The picture of this moment.
    pub(super) fn snapshot(&mut self, now: Stamp) -> Arc<Snapshot> {
        self.changed = false;
        let (server_ping_at, server_ping_every) = self.health.server_ping();
        Arc::new(Snapshot {
            at: now,
            name: self.plan.name.clone(),
            url: self.plan.dial.shown_url.clone(),
            system: self.system,
            system_why: self.system_why.clone(),
            state: self.state,
            since: self.since,
            detail: self.detail.clone(),
            attempt: self.attempt,
            connections: self.connections,
            retry_at: self.retry_at,
            opening: self.opening.clone(),
            ending: self.ending.clone(),
            insecure: self.plan.dial.tls.insecure,
            rtt: self.health.rtt(),
            rates: self.health.rates(now),
            totals: self.health.totals,
            latency: self.health.asks.latencies.all(),
            by_label: self.health.asks.latencies.by_kind(),
            by_group: self.health.asks.latencies.by_group(),
            answers: self.health.answered(self.ledger.open(Direction::In)),
            open: asks::open(&self.ledger),
            lost_asks: self.given_up.shared(),
            standing: Arc::clone(&self.standing),
            broker: self.broker.clone(),
            filters: self.filters.shared(),
            open_asks: self.ledger.open(Direction::Out),
            oldest_ask: self.ledger.oldest().map(|asked| now.since(asked)),
            outcomes: self.health.asks.outcomes,
            counts: self.health.asks.counts(),
            metrics: self.metrics.clone(),
            lost: self.health.asks.lost,
            refusals: self.health.refusals,
            countdowns: self.countdowns.clone(),
            server_ping_every,
            server_ping_at,
            health_check: self.health_check.clone(),
            behind: 0,
        })
    }
}
