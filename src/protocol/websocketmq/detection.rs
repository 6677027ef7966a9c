//! Which dialect the other side speaks, and what says so.
//!
//! ```text
//!  told ──────────────────────────────────────► holds, whatever comes; a generation told
//!                                               is still told apart into its dialects
//!  handshake, pings: a hint ─┐
//!  messages: sure ───────────┼─► generation ─► dialect, as far as the wire tells it apart
//!  probe: sure ──────────────┘
//! ```

use super::dialect::{Dialect, Generation, Speak};
use super::envelope::{Envelope, Kind, REGISTERED_1};
use crate::frame::Opening;
use crate::protocol::url;

/// How much a piece of evidence counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// Nothing is known.
    #[default]
    Nothing,
    /// The handshake or a ping: may be a proxy's.
    Hint,
    /// A message of the server.
    Message,
    /// A person.
    Told,
}

/// What became of a piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learned {
    /// Nothing new.
    Nothing,
    /// More of the dialect, within the generation known or assumed.
    More,
    /// The other generation is spoken than was assumed, for this reason.
    Other(&'static str),
    /// The server speaks another generation than a person said, found out the first time.
    Contradicted(&'static str),
}

/// What is known of the dialect.
#[derive(Debug, Default)]
pub(super) struct Detection {
    known: Option<(Dialect, &'static str)>,
    weight: Weight,
    contradicted: bool,
    /// Generation 2: whether the id assigned is the one asked for, once registered with one.
    keeps_id: Option<bool>,
    /// Generation 2: whether there is a registration.
    registers: Option<bool>,
    /// Generation 2: whether `system:list_clients` is known.
    lists: Option<bool>,
}

impl Detection {
    pub(super) fn new(speak: Speak) -> Self {
        let mut new = Self::default();
        if let Speak::Told(dialect) = speak {
            new.tell(dialect, "told by profile or flag");
        }
        new
    }

    /// A person says so.
    pub(super) fn tell(&mut self, dialect: Dialect, by: &'static str) {
        *self = Self {
            known: Some((dialect, by)),
            weight: Weight::Told,
            ..Self::default()
        };
    }

    /// Forgets what a person said, because it is to be found out.
    pub(super) fn doubt(&mut self) {
        *self = Self::default();
    }

    /// The dialect and what says so.
    pub(super) fn known(&self) -> Option<(Dialect, &'static str)> {
        self.known
    }

    /// True if a person said so.
    pub(super) fn is_told(&self) -> bool {
        self.weight == Weight::Told
    }

    /// True if it was told, or seen in a message: not guessed from the handshake.
    pub(super) fn is_sure(&self) -> bool {
        self.weight >= Weight::Message
    }

    /// What a handshake says: permessage-deflate granted is generation 1, which grants it by
    /// default, and generation 2 never does; a `client_id` is read by generation 2.1 and later.
    pub(super) fn opening(&mut self, opening: &Opening) -> Learned {
        let granted = opening.header("Sec-WebSocket-Extensions");
        if granted.is_some_and(|extensions| extensions.contains("permessage-deflate")) {
            let why = "the server granted permessage-deflate, which generation 2 never does";
            return self.learn(Dialect::G1, Weight::Hint, why);
        }
        if url::query(&opening.url, "client_id").is_some() {
            let why = "the URL has a client_id, which generation 2.1 and later read";
            return self.learn(Dialect::G2, Weight::Hint, why);
        }
        Learned::Nothing
    }

    /// A ping of the server: generation 1 never sends one, generation 2 counts them.
    pub(super) fn pinged(&mut self, payload: &[u8]) -> Learned {
        if payload.is_empty() || !payload.iter().all(u8::is_ascii_digit) {
            return Learned::Nothing;
        }
        let why = "the server sends pings that count, which generation 1 never does";
        self.learn(Dialect::G2, Weight::Hint, why)
    }

    /// A message came. Costs next to nothing once all is known that messages can tell.
    pub(super) fn heard(&mut self, envelope: &Envelope<'_>) -> Learned {
        let Some(generation) = envelope.generation else {
            return Learned::Nothing;
        };
        if let Some((known, _)) = self.known
            && self.is_sure()
            && known.generation() == generation
            && (generation == Generation::Two || !known.is_vague())
        {
            return Learned::Nothing;
        }
        match generation {
            Generation::Two => self.learn(
                Dialect::G2,
                Weight::Message,
                "the broker's messages have type and topic at the top",
            ),
            Generation::One => {
                let (dialect, why) = by_message(envelope);
                self.learn(dialect, Weight::Message, why)
            }
        }
    }

    /// The answer to `system:register` came: refused because nobody handles it, or with an id that
    /// is the one asked for (`None` if none was asked for).
    pub(super) fn registered(&mut self, refused: bool, keeps_id: Option<bool>) -> Learned {
        self.registers = Some(!refused);
        self.keeps_id = keeps_id;
        self.refine()
    }

    /// `system:list_clients` was answered, or nobody handles it.
    pub(super) fn lists(&mut self, known: bool) -> Learned {
        if self.lists.replace(known) == Some(known) {
            return Learned::Nothing;
        }
        self.refine()
    }

    /// The dialect of generation 2, from what its own topics answered.
    fn refine(&mut self) -> Learned {
        let (dialect, why) = match (self.registers, self.keeps_id, self.lists) {
            (Some(false), ..) => (
                Dialect::G2_0,
                "nobody handles system:register, as in generation 2.0",
            ),
            (_, Some(true), _) => (
                Dialect::G2_3,
                "the broker took the client_id of the URL as the id, as 2.3 does",
            ),
            (Some(true), _, Some(false)) => (
                Dialect::G2_1,
                "there is a registration, and nobody handles system:list_clients",
            ),
            (_, Some(false), Some(true)) => (
                Dialect::G2_2,
                "the id is the broker's own choice, and it lists its clients",
            ),
            (_, Some(false), _) => (
                Dialect::G2,
                "the id is the broker's own choice, as in 2.1 and 2.2",
            ),
            (_, None, Some(true)) => (
                Dialect::G2,
                "the broker lists its clients, as 2.2 and 2.3 do; without a client_id in the URL they look the same",
            ),
            (None, None, Some(false)) => (
                Dialect::G2,
                "nobody handles system:list_clients, as in 2.0 and 2.1",
            ),
            (Some(true), None, None) => (Dialect::G2, "the registration was answered"),
            (None, None, None) => return Learned::Nothing,
        };
        self.learn(dialect, Weight::Message, why)
    }

    /// The probe found it out, or a reply only one dialect gives.
    pub(super) fn found(&mut self, dialect: Dialect, why: &'static str) -> Learned {
        self.learn(dialect, Weight::Message, why)
    }

    fn learn(&mut self, dialect: Dialect, weight: Weight, why: &'static str) -> Learned {
        let before = self.known.map(|(known, _)| known);
        let other = before.unwrap_or(Dialect::G2).generation() != dialect.generation();
        if self.is_told() && other {
            let news = weight == Weight::Message && !self.contradicted;
            self.contradicted |= news;
            return if news {
                Learned::Contradicted(why)
            } else {
                Learned::Nothing
            };
        }
        let closed = self.is_told() && before.is_some_and(|known| !known.is_vague());
        if closed || (weight < self.weight && !self.is_told()) {
            return Learned::Nothing;
        }
        self.weight = self.weight.max(weight);
        // What is known in detail stays known when it is seen again in general.
        let detailed = before.is_some_and(|known| !known.is_vague()) && dialect.is_vague();
        if !other && (detailed || self.known == Some((dialect, why))) {
            return Learned::Nothing;
        }
        self.known = Some((dialect, why));
        if other {
            Learned::Other(why)
        } else {
            Learned::More
        }
    }
}

/// What a message of generation 1 says of its dialect.
fn by_message(envelope: &Envelope<'_>) -> (Dialect, &'static str) {
    let id = envelope.head.as_ref().map_or("", |head| &*head.message_id);
    if envelope.topic == REGISTERED_1 {
        return (
            Dialect::G1_3,
            "the server acknowledged the registration, as 1.2 and 1.3 do, which look the same on the wire",
        );
    }
    if id.starts_with("resp-") && envelope.kind == Kind::Response {
        return (
            Dialect::G1_0,
            "the server named its acknowledgement after our message, as the draft 1.0 does",
        );
    }
    if is_clock_text(id) {
        return (
            Dialect::G1_1,
            "the server's message ids are clock text, as 1.0 and 1.1 write them",
        );
    }
    if is_nanos_and_random(id) {
        return (
            Dialect::G1_3,
            "the server's message ids are nanoseconds and a random number, as 1.2 and 1.3 write them, which look the same on the wire",
        );
    }
    (Dialect::G1, "the server's messages have header and body")
}

/// `HHMMSS.ffffff`.
pub(super) fn is_clock_text(id: &str) -> bool {
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    id.split_once('.')
        .is_some_and(|(time, rest)| time.len() == 6 && all_digits(time) && all_digits(rest))
}

/// `<unix ns>-<random int63>`.
pub(super) fn is_nanos_and_random(id: &str) -> bool {
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    id.split_once('-')
        .is_some_and(|(nanos, random)| nanos.len() == 19 && all_digits(nanos) && all_digits(random))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Direction;

    fn opened(url: &str, extensions: Option<&str>) -> Detection {
        let mut detection = Detection::default();
        let headers = extensions.map(|value| ("Sec-Websocket-Extensions".into(), value.into()));
        detection.opening(&Opening {
            url: url.to_owned(),
            headers: headers.into_iter().collect(),
            ..Opening::default()
        });
        detection
    }

    fn hear(detection: &mut Detection, text: &str) -> Learned {
        detection.heard(&Envelope::read(text.as_bytes(), Direction::In))
    }

    fn name(detection: &Detection) -> &'static str {
        detection.known().map_or("", |(known, _)| known.name())
    }

    const TICK_1_1: &str = r#"{"header":{"messageID":"211304.582113","type":"event","topic":"server.tick","timestamp":1},"body":1}"#;
    const EVENT_1_3: &str = r#"{"header":{"messageID":"1746840002000000000-55","type":"event","topic":"t","timestamp":1},"body":1}"#;
    const PUBLISH: &str = r#"{"type":"publish","topic":"t","payload":1}"#;

    #[test]
    fn handshakes_hint() {
        for (url, extensions, known) in [
            ("ws://h/wsmq?client_id=abcdefgh", None, "2"),
            ("ws://h/ws", Some("permessage-deflate; x"), "1"),
            ("ws://h/ws", None, ""),
        ] {
            let detection = opened(url, extensions);
            assert_eq!(name(&detection), known, "{url}");
            assert!(!detection.is_sure());
        }
    }

    #[test]
    fn messages_outweigh_hints() {
        let mut detection = opened("ws://h/ws?client_id=abcdefgh", None);
        assert!(matches!(hear(&mut detection, TICK_1_1), Learned::Other(_)));
        assert_eq!(name(&detection), "1.1");
        assert_eq!(detection.pinged(b"7"), Learned::Nothing);
        assert_eq!(name(&detection), "1.1");
    }

    #[test]
    fn dialects_of_generation_1_by_message() {
        for (text, known) in [
            (TICK_1_1, "1.1"),
            (EVENT_1_3, "1.3"),
            (
                r#"{"header":{"messageID":"resp-m1","correlationID":"m1","type":"response","topic":"t"},"body":{"success":true}}"#,
                "1.0",
            ),
            (
                r#"{"header":{"messageID":"x","type":"event","topic":"_internal.client.registered"},"body":{}}"#,
                "1.3",
            ),
            (r#"{"header":{"type":"event","topic":"t"}}"#, "1"),
        ] {
            let mut detection = Detection::default();
            assert!(matches!(hear(&mut detection, text), Learned::Other(_)));
            assert_eq!(name(&detection), known, "{text}");
            assert_eq!(hear(&mut detection, text), Learned::Nothing);
        }
    }

    #[test]
    fn dialects_of_generation_2_by_what_is_answered() {
        for (refused, keeps_id, lists, known) in [
            (true, None, Some(false), "2.0"),
            (false, Some(false), Some(false), "2.1"),
            (false, None, Some(false), "2.1"),
            (false, Some(false), Some(true), "2.2"),
            (false, Some(true), Some(true), "2.3"),
            (false, Some(true), None, "2.3"),
            (false, None, Some(true), "2"),
        ] {
            let mut detection = Detection::default();
            hear(&mut detection, PUBLISH);
            detection.registered(refused, keeps_id);
            if let Some(lists) = lists {
                detection.lists(lists);
            }
            assert_eq!(name(&detection), known, "{refused} {keeps_id:?} {lists:?}");
            assert_eq!(hear(&mut detection, PUBLISH), Learned::Nothing);
            assert_eq!(name(&detection), known);
        }
    }

    #[test]
    fn what_a_person_says_holds_and_is_contradicted_once() {
        let mut detection = Detection::new(Speak::Told(Dialect::G2));
        assert!(matches!(
            hear(&mut detection, EVENT_1_3),
            Learned::Contradicted(_)
        ));
        assert_eq!(hear(&mut detection, EVENT_1_3), Learned::Nothing);
        assert_eq!(name(&detection), "2");
        // Only the generation was told.
        detection.registered(false, Some(true));
        assert_eq!(name(&detection), "2.3");
        let mut detection = Detection::new(Speak::Told(Dialect::G2_1));
        detection.registered(false, Some(true));
        assert_eq!(name(&detection), "2.1");
    }
}
