//! Who gets which event.
//!
//! A client has no filters until it registers; events from before are lost for it, or queued if
//! the server is to behave as documented. A client whose channel is full when one more event is
//! due leaves the hub at that moment: what is in the channel still reaches it, then its
//! connection ends.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::behaviour::{Behaviour, Gate};
use super::register::{self, Register};
use super::settings::Settings;
use crate::protocol::savetowebsocket::filter::{Facts, NoEvent};

/// Most room a channel or queue may have, whatever the settings say.
const ROOM_MAX: usize = 1 << 16;

/// How long a coming or going counts as recent.
const CHURN_SPAN: Duration = Duration::from_secs(1);

/// How long what was fed last may take to leave when the pipeline ends.
const LAST: Duration = Duration::from_millis(200);

/// Names a connection; never used twice.
pub(super) type ClientId = u64;

/// What goes through a client's channel, one slot each.
#[derive(Debug)]
pub(super) enum Parcel {
    One(Bytes),
    /// What was queued before the registration.
    Queued(VecDeque<Bytes>),
}

#[derive(Debug)]
enum State {
    /// Not registered: what is queued until then.
    Waiting(VecDeque<Bytes>),
    Registered(Box<Gate>),
}

#[derive(Debug)]
struct Client {
    channel: mpsc::Sender<Parcel>,
    state: State,
    /// Whether its full queue has been logged.
    told: bool,
    /// Cancelled when the server itself ends the connection.
    cut: CancellationToken,
}

/// All clients of one server.
#[derive(Debug)]
pub(super) struct Hub {
    clients: Mutex<Clients>,
    behaviour: Behaviour,
    /// Slots of a channel.
    room: usize,
    queue_size: usize,
    /// Comings and goings within a second of traffic that crash it.
    churn_max: Option<usize>,
    /// How often it has crashed.
    crashes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Clients {
    known: HashMap<ClientId, Client>,
    next: ClientId,
    /// Recent comings and goings, if they matter.
    churn: VecDeque<Instant>,
    fed_at: Option<Instant>,
    /// The pipeline has ended.
    over: bool,
}

/// What a connection needs to take part.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) id: ClientId,
    /// What is to be written; ends when the hub has given the client up.
    pub(super) channel: mpsc::Receiver<Parcel>,
    /// Cancelled when the connection is to be cut.
    pub(super) cut: CancellationToken,
}

/// What became of a client's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registration {
    /// The first `register`: answered.
    First,
    /// A further one: filters replaced in silence.
    Update,
    /// No `register`, or one with a fault: ignored in silence.
    Ignored,
}

impl Hub {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            clients: Mutex::default(),
            behaviour: settings.behaviour,
            // At least room for `welcome` and the reply to a register.
            room: settings.queue.clamp(2, ROOM_MAX),
            queue_size: settings.max_queue_size.min(ROOM_MAX),
            churn_max: settings.faults.crash_on_churn,
            crashes: watch::Sender::new(0),
        }
    }

    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a client, whose first message is `welcome`.
    pub(super) fn join(&self, welcome: &'static [u8]) -> Membership {
        let (sender, channel) = mpsc::channel(self.room);
        // A fresh channel has room.
        let _ = sender.try_send(Parcel::One(Bytes::from_static(welcome)));
        let cut = CancellationToken::new();
        let mut clients = self.clients();
        let id = clients.next;
        clients.next += 1;
        let client = Client {
            channel: sender,
            state: State::Waiting(VecDeque::new()),
            told: false,
            cut: cut.clone(),
        };
        clients.known.insert(id, client);
        tracing::info!("New client connected, awaiting registration...");
        self.churned(&mut clients);
        Membership { id, channel, cut }
    }

    /// Removes a client.
    pub(super) fn leave(&self, id: ClientId) {
        let mut clients = self.clients();
        if clients.known.remove(&id).is_some() {
            let total = clients.known.len();
            tracing::info!("Client unregistered, total clients: {total}");
            self.churned(&mut clients);
        }
    }

    /// Acts on a client's message.
    pub(super) fn received(&self, id: ClientId, message: &[u8]) -> Registration {
        let register = match Register::read(message) {
            Ok(Some(register)) => register,
            Ok(None) => return Registration::Ignored,
            Err(error) => {
                tracing::info!("Error parsing message: {error}");
                return Registration::Ignored;
            }
        };
        let shown = register.shown();
        let mut clients = self.clients();
        let Some(client) = clients.known.get_mut(&id) else {
            // Given up as too slow: the filters no longer matter.
            tracing::info!("Client filters updated: {shown}");
            return Registration::Update;
        };
        let reply = Parcel::One(register.reply().into());
        let gate = Box::new(Gate::new(register.into_filters(), self.behaviour));
        let queued = match &mut client.state {
            State::Waiting(queued) => std::mem::take(queued),
            State::Registered(_) => {
                tracing::info!("Client filters updated: {shown}");
                client.state = State::Registered(gate);
                return Registration::Update;
            }
        };
        tracing::info!("Client registered with filters: {shown}");
        // Sent before anything else can be, so no event comes before it; the channel holds
        // nothing but the welcome yet, if that.
        let _ = client.channel.try_send(reply);
        let wanted: VecDeque<Bytes> = queued.into_iter().filter(|e| lets(&gate, e)).collect();
        if !wanted.is_empty() && client.channel.try_send(Parcel::Queued(wanted)).is_err() {
            tracing::info!("Failed to send queued message - channel full");
        }
        client.state = State::Registered(gate);
        Registration::First
    }

    /// Gives an event to everybody whose filters let it through, bytes as they are. Our own
    /// events are `known` to be events.
    pub(super) fn feed(&self, event: &Bytes, known: bool) -> Result<(), NoEvent> {
        let mut facts = if known {
            None
        } else {
            Some(Facts::read(event)?)
        };
        let mut clients = self.clients();
        if self.churn_max.is_some() {
            clients.fed_at = Some(Instant::now());
        }
        clients.known.retain(|_, client| {
            let gate = match &mut client.state {
                State::Registered(gate) => gate,
                State::Waiting(queued) => {
                    let room = if self.behaviour.queues {
                        self.queue_size
                    } else {
                        0
                    };
                    if queued.len() < room {
                        queued.push_back(event.clone());
                    } else {
                        queue_full(&mut client.told);
                    }
                    return true;
                }
            };
            if !gate.is_open() {
                if facts.is_none() {
                    facts = Facts::read(event).ok();
                }
                let facts = facts.as_ref();
                if !facts.is_some_and(|facts| gate.passes(facts, event)) {
                    return true;
                }
            }
            client.channel.try_send(Parcel::One(event.clone())).is_ok()
        });
        Ok(())
    }

    /// Free slots of the registered client that has fewest.
    pub(super) fn least_room(&self) -> usize {
        let clients = self.clients();
        let registered = clients.known.values().filter(|c| c.is_registered());
        let room = registered.map(|client| client.channel.capacity());
        room.min().unwrap_or(self.room)
    }

    /// Slots of a channel.
    pub(super) const fn room(&self) -> usize {
        self.room
    }

    /// Number of clients, and how many of them have registered.
    pub(super) fn count(&self) -> (usize, usize) {
        let clients = self.clients();
        let registered = clients.known.values().filter(|c| c.is_registered());
        (clients.known.len(), registered.count())
    }

    /// Cuts everybody, without close frames.
    pub(super) fn cut_all(&self) {
        for (_, client) in self.clients().known.drain() {
            client.cut.cancel();
        }
    }

    /// Ends the pipeline: nothing more is fed, and everybody is cut, once what was fed last has
    /// left the channels or could have.
    pub(super) async fn end(&self) {
        tracing::info!("the pipeline has ended");
        self.clients().over = true;
        let until = Instant::now() + LAST;
        while self.least_room() < self.room && Instant::now() < until {
            sleep(Duration::from_millis(1)).await;
        }
        self.cut_all();
    }

    /// Whether the pipeline has ended.
    pub(super) fn is_over(&self) -> bool {
        self.clients().over
    }

    /// Ends the process, so to speak: nobody is known any more.
    pub(super) fn crash(&self) {
        tracing::error!("panic: send on closed channel");
        self.crash_with(&mut self.clients());
    }

    fn crash_with(&self, clients: &mut Clients) {
        for (_, client) in clients.known.drain() {
            // Before its channel goes: this is no client that was too slow.
            client.cut.cancel();
        }
        clients.churn.clear();
        clients.fed_at = None;
        self.crashes.send_modify(|count| *count += 1);
    }

    /// Told of every further crash.
    pub(super) fn crashes(&self) -> watch::Receiver<u64> {
        self.crashes.subscribe()
    }

    /// Notes a coming or going, which with many others while events flow is what the real
    /// server dies of.
    fn churned(&self, clients: &mut Clients) {
        let Some(most) = self.churn_max else {
            return;
        };
        let now = Instant::now();
        let recent = |at: Instant| now.duration_since(at) < CHURN_SPAN;
        clients.churn.push_back(now);
        while clients.churn.len() > most || clients.churn.front().is_some_and(|at| !recent(*at)) {
            clients.churn.pop_front();
        }
        if clients.churn.len() == most && clients.fed_at.is_some_and(recent) {
            tracing::error!("fatal error: concurrent map iteration and map write");
            self.crash_with(clients);
        }
    }
}

impl Client {
    fn is_registered(&self) -> bool {
        matches!(self.state, State::Registered(_))
    }
}

/// Whether a queued event passes now.
fn lets(gate: &Gate, event: &[u8]) -> bool {
    gate.is_open() || Facts::read(event).is_ok_and(|facts| gate.passes(&facts, event))
}

/// Logs that an event is lost for a client that has not registered: the first one plainly.
fn queue_full(told: &mut bool) {
    if std::mem::replace(told, true) {
        tracing::debug!("{}", register::QUEUE_FULL);
    } else {
        tracing::info!("{}", register::QUEUE_FULL);
    }
}

#[cfg(test)]
mod tests;
