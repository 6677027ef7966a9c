//! What a conversation with a broker looks like at one moment: for the panels.
//!
//! Everything in it is bounded by its maker. Texts come from the wire: sanitise them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::dialect::Dialect;
use crate::frame::{Seq, Stamp};

/// One moment of a conversation, over all connections of the session. Made by the session's task,
/// shared as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// The dialect, once it is known, and what speaks for it.
    pub dialect: Option<(Dialect, String)>,
    /// Who we are to the broker.
    pub identity: Identity,
    /// Topics, those subscribed first, then by traffic.
    pub topics: Arc<[Topic]>,
    /// Topics not listed, because there were too many.
    pub topics_forgotten: u64,
    /// The other clients, once they were asked for.
    pub clients: Option<Arc<Clients>>,
    /// Calls of the broker, oldest first.
    pub calls: Arc<[Call]>,
    /// Calls not listed any more, because there were too many.
    pub calls_forgotten: u64,
    /// True if calls that match no responder are kept for an answer by hand.
    pub holding: bool,
    /// Calls of ours to other clients, oldest first.
    pub proxied: Arc<[Proxied]>,
    /// How full the broker's queue for us may be.
    pub pressure: Pressure,
}

/// How full the broker's queue for this connection may be. It holds 16 messages (32 in the sample
/// servers); what does not fit is dropped in silence, and the third drop closes the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pressure {
    /// Messages owed to us by what we sent: replies, acknowledgements, echoes of own publishes.
    pub outstanding: u32,
    /// The most there ever were at once on this connection.
    pub most: u32,
    /// Messages that must have been dropped, as far as one can tell.
    pub dropped: u32,
    /// What fills the queue or has filled it, and what to do; nothing while there is no reason to
    /// worry.
    pub hint: Option<String>,
}

/// How the registration stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// None was sent.
    #[default]
    None,
    /// Sent, not answered yet.
    Awaited,
    /// Answered.
    Done,
    /// Not answered in time, or refused, and why the connection is usable all the same.
    Without(String),
}

/// Who we are to the broker. Empty texts are unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// How the registration stands.
    pub registration: Registration,
    /// Id asked for in the URL.
    pub asked: String,
    /// Id the broker knows us by (generation 1: `brokerClientID`).
    pub id: String,
    /// Effective name.
    pub name: String,
    /// Generation 1: the page session id.
    pub page: String,
    /// The broker's clock, as it wrote it.
    pub server_time: String,
    /// How far the broker's clock is ahead of ours, milliseconds.
    pub skew_ms: Option<i64>,
    /// How far off that may be: generation 2 tells whole seconds.
    pub skew_within_ms: i64,
    /// From the registration to its answer.
    pub latency: Option<Duration>,
}

/// State of a subscription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subscription {
    /// None: messages were seen or sent all the same.
    #[default]
    None,
    /// Asked for, not acknowledged yet.
    Asked,
    /// Acknowledged.
    Held,
    /// Asked for and never acknowledged.
    Unacknowledged,
    /// The broker refused it.
    Refused,
    /// The end was asked for, not acknowledged yet.
    Ending,
    /// Given up, acknowledged.
    Ended,
    /// In force as far as one can know: this dialect acknowledges nothing.
    Assumed,
    /// Noted here alone: this dialect has no subscriptions on the wire.
    Local,
    /// To be asked for again: the connection was lost.
    Owed,
}

/// A topic.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// State of our subscription.
    pub subscription: Subscription,
    /// From the newest change of the subscription to its acknowledgement.
    pub latency: Option<Duration>,
    /// Messages received.
    pub received: u64,
    /// Messages received that brought our own back.
    pub echoes: u64,
    /// From the newest own publish that came back to its echo.
    pub echo: Option<Duration>,
    /// Messages sent.
    pub sent: u64,
    /// Messages received per second, over the last seconds.
    pub rate: f64,
    /// Size of the newest message received, whole frame, bytes.
    pub size: usize,
    /// The newest payload received, its first bytes.
    pub last: Bytes,
    /// True if `last` is cut.
    pub cut: bool,
    /// When the newest message was received.
    pub at: Option<Stamp>,
    /// Its entry.
    pub seq: Option<Seq>,
    /// What a person should know about the topic as it stands: that nothing may ever come on it,
    /// that nobody may get what is sent to it.
    pub hint: Option<String>,
}

/// The clients of the broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    /// When the newest answer came.
    pub at: Option<Stamp>,
    /// How often they are asked for.
    pub every: Option<Duration>,
    /// Clients there now and those that left lately, in order of arrival.
    pub rows: Vec<Client>,
    /// True if the newest answer does not name us although it should.
    pub missing_self: bool,
    /// Clients not listed, because there were too many.
    pub forgotten: u64,
    /// Why asking failed, the newest time.
    pub error: Option<String>,
    /// Clients that came, over the session.
    pub arrived: u64,
    /// Clients that left, over the session.
    pub left: u64,
    /// Size of the newest answer, whole frame, bytes.
    pub size: usize,
}

/// A client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Its URL.
    pub url: String,
    /// True if it is this connection.
    pub own: bool,
    /// When it was first seen.
    pub since: Option<Stamp>,
    /// True if it was there when first asked: since when it was there is not known.
    pub from_start: bool,
    /// When it was found to have left.
    pub gone: Option<Stamp>,
}

/// Where a call of the broker stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallState {
    /// Waits for an answer by hand.
    Held,
    /// A responder answers at that moment.
    Planned(Stamp),
    /// Answered; how long that took from its arrival.
    Answered(Duration),
    /// Left without an answer on purpose.
    Silent,
    /// The broker's time is over.
    Expired,
    /// The connection ended.
    Cut,
}

/// A call of the broker.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Names the call within the session; what an answer by hand refers to.
    pub number: u64,
    /// Id or correlation id; empty if it has none.
    pub id: String,
    /// Topic, or procedure.
    pub topic: String,
    /// Its payload; `None` if it has none. Cut to some kilobytes.
    pub payload: Option<Bytes>,
    /// The payload's digest, as [`Proxied::digest`].
    pub digest: u64,
    /// Its entry.
    pub seq: Seq,
    /// When it came.
    pub at: Stamp,
    /// When the broker gives up, as far as one can know.
    pub due: Stamp,
    /// Where it stands.
    pub state: CallState,
    /// What answered or will answer: a responder's topic, `by hand`, `refused: nobody handles it`.
    pub by: String,
    /// Number of the [`Proxied`] call of our own this is the other half of.
    pub proxied: Option<u64>,
}

/// A call of ours to another client, through `system:proxy`.
#[derive(Clone, Debug, PartialEq)]
pub struct Proxied {
    /// Names the call within the session.
    pub number: u64,
    /// Id of the outer request.
    pub id: String,
    /// Its entry.
    pub seq: Seq,
    /// Id of the client called.
    pub target: String,
    /// The inner topic.
    pub topic: String,
    /// The inner payload's digest: equal for JSON that is equal once white space is gone.
    pub digest: u64,
    /// When it went out.
    pub at: Stamp,
    /// When its answer came.
    pub answered: Option<Stamp>,
    /// Entry of the answer.
    pub answer: Option<Seq>,
    /// Id of the inner request, where an error text of the broker or our own link tells it.
    pub inner: Option<String>,
    /// How long each leg took, where the inner half was seen on this connection.
    pub hops: Option<Hops>,
    /// What failed.
    pub failure: Option<String>,
}

/// The legs of a call through the broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hops {
    /// From the caller through the broker to the target.
    pub there: Duration,
    /// What the target took to answer.
    pub work: Duration,
    /// From the target through the broker back to the caller.
    pub back: Duration,
}

impl fmt::Display for Hops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [there, work, back] =
            [self.there, self.work, self.back].map(|leg| leg.as_secs_f64() * 1e3);
        write!(
            f,
            "there {there:.1} ms, work {work:.1} ms, back {back:.1} ms"
        )
    }
}
