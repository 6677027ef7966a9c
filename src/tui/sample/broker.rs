//! A `WebSocketMQ` session: topics in every state of a subscription, clients that come and go,
//! calls in both directions.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::entry::{Badge, Chunk, Draft, Outcome};
use crate::frame::{Direction, Seq};
use crate::protocol::System;
use crate::protocol::websocketmq::{
    Call, CallState, Client, Clients, Dialect, Identity, Picture, Proxied, Registration,
    Subscription, Topic,
};
use crate::session::{SessionId, Snapshot};

use super::Stage;

/// The id of the sample session.
pub(crate) const OWN: &str = "wspect-5f2c9a1e";
/// The id of a page it calls.
pub(crate) const PAGE: &str = "mwpmbtdy3tixjqz3";
/// The call that waits for an answer by hand, entry and number.
pub(crate) const HELD: (Seq, u64) = (10, 3);

const REGISTER: &str = r#"{"id":"5b0f","type":"request","topic":"system:register","payload":{"clientId":"wspect-5f2c9a1e","clientName":"wspect","clientType":"cli","clientUrl":""}}"#;
const REGISTERED: &str = r#"{"id":"5b0f","type":"response","topic":"system:register","payload":{"serverAssignedId":"wspect-5f2c9a1e","clientName":"wspect","serverTime":"2026-01-01T12:00:00Z"}}"#;
const LISTED: &str = r#"{"id":"1010","type":"response","topic":"system:list_clients","payload":{"clients":[{"id":"mwpmbtdy3tixjqz3","name":"browser-mwpmbtdy","clientType":"browser","clientUrl":"http://localhost:8090/"},{"id":"wspect-5f2c9a1e","name":"wspect","clientType":"cli","clientUrl":""}]}}"#;
const PROXY: &str = r#"{"id":"30301","type":"request","topic":"system:proxy","payload":{"targetId":"mwpmbtdy3tixjqz3","topic":"browser.info","payload":{}}}"#;
const PROXIED: &str = r#"{"id":"30301","type":"response","topic":"system:proxy","payload":{"success":false,"error":"boom"}}"#;
const CHAT: &str = r#"{"type":"publish","topic":"chat.room1","payload":{"text":"hi"}}"#;
const LATE: &str = r#"{"id":"aadd","type":"error","topic":"nope","error":{"code":404,"message":"No handler for topic: nope"}}"#;
const SUBSCRIBE: &str =
    r#"{"id":"0c9d","type":"subscribe_request","topic":"server:announcements"}"#;
const ANNOUNCED: &str = r#"{"type":"publish","topic":"server:announcements","payload":{"message":"Server Periodic Announcement!","timestamp":"2026-01-01T12:00:05Z"}}"#;
const CALL: &str = r#"{"id":"d0d1","type":"request","topic":"client:get_status","payload":{"queryDetailLevel":"full"}}"#;

const ECHO: &str = "the echo of our own publish: the broker delivers to the sender too";
const SOFT: &str = "a success whose payload tells of a failure (boom)";

/// Milliseconds, direction, badge, label, payload, outcome and microseconds, remark.
type Message = (
    u64,
    Direction,
    Badge,
    &'static str,
    &'static str,
    Option<(Outcome, u64)>,
    Option<&'static str>,
);

/// A conversation in both directions.
const MESSAGES: [Message; 11] = [
    (
        100,
        Direction::Out,
        Badge::Register,
        "system:register",
        REGISTER,
        None,
        None,
    ),
    (
        102,
        Direction::In,
        Badge::Registered,
        "system:register",
        REGISTERED,
        Some((Outcome::Ok, 2_000)),
        None,
    ),
    (
        110,
        Direction::In,
        Badge::Response,
        "system:list_clients",
        LISTED,
        None,
        None,
    ),
    (
        3_000,
        Direction::Out,
        Badge::Request,
        "system:proxy",
        PROXY,
        None,
        None,
    ),
    (
        3_012,
        Direction::In,
        Badge::Response,
        "system:proxy",
        PROXIED,
        Some((Outcome::Error, 12_000)),
        Some(SOFT),
    ),
    (
        4_000,
        Direction::Out,
        Badge::Subscribe,
        "server:announcements",
        SUBSCRIBE,
        None,
        None,
    ),
    (
        5_000,
        Direction::In,
        Badge::Publish,
        "server:announcements",
        ANNOUNCED,
        None,
        None,
    ),
    (
        6_000,
        Direction::Out,
        Badge::Publish,
        "chat.room1",
        CHAT,
        None,
        None,
    ),
    (
        6_001,
        Direction::In,
        Badge::Publish,
        "chat.room1",
        CHAT,
        None,
        Some(ECHO),
    ),
    (
        8_000,
        Direction::In,
        Badge::Error,
        "404 nope",
        LATE,
        Some((Outcome::Late, 10_004_000)),
        None,
    ),
    (
        9_000,
        Direction::In,
        Badge::Request,
        "client:get_status",
        CALL,
        None,
        None,
    ),
];

impl Stage {
    /// Session 1 speaks `WebSocketMQ`; one call of its broker waits for an answer by hand.
    pub(crate) fn broker(width: u16, height: u16) -> Self {
        let mut stage = Self::live(width, height);
        stage.state.store.remove(SessionId(1));
        let chunk = stage.messages();
        let snapshot = stage.brokered(stage.picture());
        let terms = super::terms();
        let decoder = (System::WebSocketMq.row().decoder)(&terms.settings, terms.schema);
        stage.deliver(1, chunk, Some(snapshot), Some(decoder));
        stage.due(12);
        stage.effects.clear();
        stage
    }

    /// The session with that picture of its broker.
    pub(crate) fn brokered(&self, picture: Picture) -> Snapshot {
        Snapshot {
            name: "mq".to_owned(),
            url: format!("ws://127.0.0.1:8081/wsmq?client_id={OWN}"),
            system: Some(System::WebSocketMq),
            detail: "registered as wspect".to_owned(),
            countdowns: Vec::new(),
            broker: Some(Arc::new(picture)),
            ..self.snapshot()
        }
    }

    /// A newer picture comes.
    pub(crate) fn pictured(&mut self, change: impl FnOnce(&mut Picture)) {
        let mut picture = self.picture();
        change(&mut picture);
        let snapshot = self.brokered(picture);
        let next = self.next();
        self.deliver(1, Chunk::new(next, Vec::new()), Some(snapshot), None);
        self.due(12);
    }

    /// Session 2 is the page that session 1 calls through the broker: both halves are here.
    pub(crate) fn joined(&mut self) {
        let mut picture = self.picture();
        PAGE.clone_into(&mut picture.identity.id);
        let call = Call {
            id: "4040".to_owned(),
            topic: "browser.info".to_owned(),
            at: self.noon.after(Duration::from_millis(3_001)),
            state: CallState::Answered(Duration::from_millis(9)),
            ..picture.calls[0].clone()
        };
        picture.calls = Arc::new([call]);
        let page = Snapshot {
            name: "page".to_owned(),
            ..self.brokered(picture)
        };
        self.deliver(2, Chunk::new(0, Vec::new()), Some(page), None);
    }

    /// A conversation well under way.
    pub(crate) fn picture(&self) -> Picture {
        let ms = Duration::from_millis;
        Picture {
            dialect: Some((
                Dialect::G2_3,
                "the registration was answered with the client_id of the URL".to_owned(),
            )),
            identity: Identity {
                registration: Registration::Done,
                asked: OWN.to_owned(),
                id: OWN.to_owned(),
                name: "wspect".to_owned(),
                server_time: "2026-01-01T12:00:00Z".to_owned(),
                skew_ms: Some(-120),
                skew_within_ms: 1_000,
                latency: Some(ms(2)),
                ..Identity::default()
            },
            topics: self.topics(),
            clients: Some(Arc::new(self.clients())),
            calls: self.calls(),
            holding: true,
            proxied: self.proxied(),
            ..Picture::default()
        }
    }

    fn topics(&self) -> Arc<[Topic]> {
        let at = |millis| Some(self.noon.after(Duration::from_millis(millis)));
        let topic = |name: &str, subscription| Topic {
            name: name.to_owned(),
            subscription,
            ..Topic::default()
        };
        let last = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        Arc::new([
            Topic {
                latency: Some(Duration::from_micros(900)),
                received: 1_204,
                rate: 0.2,
                size: 131,
                last: last(
                    r#"{"message":"Server Periodic Announcement!","timestamp":"2026-01-01T12:00:05Z"}"#,
                ),
                at: at(5_000),
                seq: Some(6),
                ..topic("server:announcements", Subscription::Held)
            },
            Topic {
                latency: Some(Duration::from_micros(1_400)),
                received: 84,
                echoes: 12,
                sent: 12,
                rate: 3.4,
                size: 60,
                last: last(r#"{"text":"hi","esc":"\u001b[31m"}"#),
                at: at(11_600),
                seq: Some(8),
                ..topic("chat.room1", Subscription::Held)
            },
            topic("prices.eur", Subscription::Asked),
            topic("orders.#", Subscription::Unacknowledged),
            topic("", Subscription::Refused),
            Topic {
                received: 9,
                size: 71,
                last: last(r#"{"timestamp":1747841746}"#),
                at: at(1_200),
                ..topic("system:hot_reload", Subscription::None)
            },
            Topic {
                sent: 3,
                ..topic("test:broadcast", Subscription::None)
            },
        ])
    }

    fn clients(&self) -> Clients {
        let at = |seconds| Some(self.noon.after(Duration::from_secs(seconds)));
        let client = |id: &str, name: &str, kind: &str, url: &str| Client {
            id: id.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            url: url.to_owned(),
            since: at(0),
            from_start: true,
            ..Client::default()
        };
        Clients {
            at: at(10),
            every: Some(Duration::from_secs(5)),
            rows: vec![
                client(
                    PAGE,
                    "browser-mwpmbtdy",
                    "browser",
                    "http://localhost:8090/",
                ),
                Client {
                    own: true,
                    ..client(OWN, "wspect", "cli", "")
                },
                Client {
                    from_start: false,
                    since: at(8),
                    ..client("a1b2c3d4e5f60718293a4b5c6d7e8f90", "Control CLI", "cli", "")
                },
                Client {
                    gone: at(9),
                    ..client(
                        "mwpmbte0hnnicadr",
                        "browser-mwpmbte0",
                        "browser",
                        "http://localhost:8090/old",
                    )
                },
            ],
            ..Clients::default()
        }
    }

    fn calls(&self) -> Arc<[Call]> {
        let at = |millis| self.noon.after(Duration::from_millis(millis));
        let call = |number, topic: &str, came: u64, state| Call {
            number,
            id: format!("d0d{number}"),
            topic: topic.to_owned(),
            payload: Some(Bytes::from_static(br#"{"queryDetailLevel":"full"}"#)),
            digest: number,
            seq: HELD.0,
            at: at(came),
            due: at(came + 10_000),
            state,
            by: String::new(),
            proxied: None,
        };
        Arc::new([
            Call {
                by: "client:*".to_owned(),
                ..call(
                    1,
                    "client:get_status",
                    900,
                    CallState::Answered(Duration::from_micros(310)),
                )
            },
            Call {
                by: "by hand".to_owned(),
                payload: None,
                ..call(2, "browser.alert", 1_500, CallState::Silent)
            },
            call(HELD.1, "client:get_status", 9_000, CallState::Held),
            Call {
                by: "slow.*".to_owned(),
                ..call(4, "slow.answer", 11_000, CallState::Planned(at(13_500)))
            },
            call(5, "client:late", 100, CallState::Expired),
        ])
    }

    fn proxied(&self) -> Arc<[Proxied]> {
        let at = |millis| self.noon.after(Duration::from_millis(millis));
        let proxied = |number, topic: &str, came: u64| Proxied {
            number,
            id: format!("3030{number}"),
            seq: 3,
            target: PAGE.to_owned(),
            topic: topic.to_owned(),
            digest: number,
            at: at(came),
            answered: None,
            answer: None,
            inner: None,
            hops: None,
            failure: None,
        };
        Arc::new([
            Proxied {
                answered: Some(at(3_012)),
                answer: Some(4),
                ..proxied(1, "browser.info", 3_000)
            },
            Proxied {
                answered: Some(at(4_003)),
                failure: Some(
                    "500 proxy target client: client with ID 'ghost-id' not found".to_owned(),
                ),
                target: "ghost-id".to_owned(),
                ..proxied(2, "browser.info", 4_000)
            },
            proxied(3, "browser.screenshot", 11_000),
        ])
    }

    /// Every kind of message of a conversation, in both directions.
    fn messages(&self) -> Chunk {
        let mut chunk = Chunk::new(0, Vec::new());
        for (ms, direction, badge, label, payload, outcome, note) in MESSAGES {
            let is_ask = matches!(badge, Badge::Register | Badge::Request | Badge::Subscribe);
            chunk.push(&Draft {
                asks: is_ask,
                outcome: outcome.map(|(outcome, _)| outcome),
                latency: outcome.map(|(_, micros)| Duration::from_micros(micros)),
                pair: outcome.and_then(|_| chunk.next().checked_sub(1)),
                note: note.map(str::to_owned),
                ..self.draft(ms, direction, badge, label, payload)
            });
        }
        chunk
    }
}
