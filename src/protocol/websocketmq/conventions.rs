//! The topics that mean something without anybody having told: those the broker itself serves,
//! those its samples serve, and those of the browser-control convention.
//!
//! | Generation | Served by the broker | Of the samples and by convention |
//! | --- | --- | --- |
//! | 2 | `system:register`, `system:list_clients`, `system:proxy` | `browser.*` over `system:proxy`, `user:…`, `server:…`, `client:…`, `test:…` |
//! | 1 | `_client.register` | `browser.*` as calls of the server, `server.…`, `client.…` |
//!
//! A topic found here is not thereby served: only the answer tells.

mod generation1;
mod generation2;

use super::dialect::{Dialect, Generation};
use super::envelope::REGISTER;
use super::proxied::PROXY;

/// What is done with a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Called, and answered.
    Request,
    /// Published (generation 1: an `event`), and answered by nobody.
    Publish,
}

/// Who sends it to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A client to the broker or its server code.
    ToBroker,
    /// The broker to a client: subscribe to it, or answer it.
    FromBroker,
    /// A client to another client, over `system:proxy`.
    ToClient,
    /// A client to every client subscribed.
    Between,
}

/// Who made the convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The library.
    BuiltIn,
    /// The tools that drive a browser through a broker.
    BrowserControl,
    /// The sample servers and clients.
    Demo,
}

impl Origin {
    /// A word for lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::BrowserControl => "browser control",
            Self::Demo => "demo",
        }
    }
}

/// A topic and what is agreed about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convention {
    /// Exact topic.
    pub topic: &'static str,
    /// The format it belongs to.
    pub generation: Generation,
    /// Who made it.
    pub origin: Origin,
    /// What is done with it.
    pub kind: Kind,
    /// Who sends it to whom.
    pub way: Way,
    /// Payload (body) to begin with, JSON; empty for none.
    pub payload: &'static str,
    /// What comes back, as an example in JSON; empty for nothing.
    pub result: &'static str,
    /// What it is for: a sentence without a full stop.
    pub about: &'static str,
    /// What it does to others, if it is to be confirmed before it is sent.
    pub danger: Option<&'static str>,
}

impl Convention {
    const fn new(
        (generation, origin): (Generation, Origin),
        (kind, way): (Kind, Way),
        topic: &'static str,
        payload: &'static str,
        result: &'static str,
        about: &'static str,
    ) -> Self {
        Self {
            topic,
            generation,
            origin,
            kind,
            way,
            payload,
            result,
            about,
            danger: None,
        }
    }

    const fn dangerous(self, danger: &'static str) -> Self {
        Self {
            danger: Some(danger),
            ..self
        }
    }

    /// True if a client sends it to another one over `system:proxy`.
    #[must_use]
    pub fn is_proxied(&self) -> bool {
        self.way == Way::ToClient
    }

    /// True if a client of that dialect can send it: one that comes from the broker can only be
    /// waited for, and answered.
    #[must_use]
    pub fn can_be_sent(&self, dialect: Dialect) -> bool {
        self.generation == dialect.generation()
            && self.way != Way::FromBroker
            && (self.way != Way::ToClient || dialect.lists_clients())
    }
}

/// Topics that tell what goes on without being asked for: errors and readiness of pages, reloads,
/// announcements of the sample server.
pub const DIAGNOSTICS: [&str; 4] = [
    "system:client_error",
    "system:hotreload_ready",
    "system:hot_reload",
    "server:announcements",
];

/// All conventions of a format, in the order they are offered.
#[must_use]
pub fn all(generation: Generation) -> &'static [Convention] {
    match generation {
        Generation::One => &generation1::ALL,
        Generation::Two => &generation2::ALL,
    }
}

/// What is agreed about a topic.
#[must_use]
pub fn of(topic: &str, generation: Generation) -> Option<&'static Convention> {
    all(generation).iter().find(|one| one.topic == topic)
}

/// Why a message on `topic` is to be confirmed before it is sent: a publish that makes pages
/// reload, a call that runs something in somebody's browser.
#[must_use]
pub fn danger(topic: &str, kind: Kind, is_proxied: bool) -> Option<&'static str> {
    // The dangerous topics of both formats have their names from the second.
    let known = of(topic, Generation::Two)?;
    (known.kind == kind && known.is_proxied() == is_proxied)
        .then_some(known.danger)
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::gojson;

    #[test]
    fn every_shape_is_json_and_every_topic_stands_once() {
        for generation in [Generation::One, Generation::Two] {
            for one in all(generation) {
                assert_eq!(one.generation, generation, "{}", one.topic);
                assert_eq!(of(one.topic, generation), Some(one), "twice: {}", one.topic);
                for shape in [one.payload, one.result] {
                    let fine = shape.is_empty() || gojson::Value::parse(shape.as_bytes()).is_ok();
                    assert!(fine, "{}: {shape}", one.topic);
                }
                let answered = one.kind == Kind::Request;
                assert!(answered || one.result.is_empty(), "{}", one.topic);
                assert!(!one.about.ends_with('.'), "{}", one.topic);
            }
        }
    }

    #[test]
    fn dangers_by_topic_and_way() {
        for (topic, kind, proxied, is_dangerous) in [
            ("system:hot_reload", Kind::Publish, false, true),
            ("system:hot_reload", Kind::Request, false, false),
            ("browser.exec", Kind::Request, true, true),
            ("browser.navigate", Kind::Request, true, true),
            ("browser.exec", Kind::Request, false, false),
            ("browser.info", Kind::Request, true, false),
            ("chat.room", Kind::Publish, false, false),
        ] {
            let danger = danger(topic, kind, proxied);
            assert_eq!(danger.is_some(), is_dangerous, "{topic} {kind:?} {proxied}");
        }
    }

    #[test]
    fn diagnostics_are_known_topics() {
        for topic in DIAGNOSTICS {
            assert!(of(topic, Generation::Two).is_some(), "{topic}");
        }
    }

    #[test]
    fn what_a_dialect_lacks_cannot_be_sent_to_it() {
        let can = |topic: &str, dialect: Dialect| {
            of(topic, dialect.generation()).is_some_and(|one| one.can_be_sent(dialect))
        };
        assert!(can("browser.info", Dialect::G2_3) && !can("browser.info", Dialect::G2_1));
        assert!(!can("browser.click", Dialect::G1_3), "the server calls it");
        assert!(can("_client.register", Dialect::G1_3));
        assert!(!can("server:announcements", Dialect::G2_3));
    }
}
