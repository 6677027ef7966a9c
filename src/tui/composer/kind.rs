//! What can be composed, by system.

use crate::protocol::System;

/// What is composed: a message of the system's own, or a frame as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Raccoon: events of several types.
    Batch,
    /// `SaveToWebSocket`: filters.
    Register,
    /// `WebSocketMQ`: a message for everybody subscribed.
    Publish,
    /// `WebSocketMQ`: a call.
    Request,
    /// `WebSocketMQ`: a call to another client.
    Proxy,
    /// `WebSocketMQ`: an answer to a call of the broker.
    Reply,
    /// `WebSocketMQ`: receive a topic.
    Subscribe,
    /// `WebSocketMQ`: receive it no more.
    Unsubscribe,
    /// `WebSocketMQ`: the registration, once more.
    Introduce,
    /// Any documents, as `wspect send` takes them.
    Document,
    /// A text message.
    Text,
    /// A binary message, in hex.
    Hex,
    /// A binary message, in base64.
    Base64,
    /// A ping.
    Ping,
    /// A pong nobody asked for.
    Pong,
    /// The closing handshake.
    Close,
}

/// A field of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its name, which is the document's key.
    pub name: &'static str,
    /// What is said while it is empty.
    pub hint: &'static str,
}

const fn line(name: &'static str, hint: &'static str) -> Line {
    Line { name, hint }
}

const RAW: [Kind; 6] = [
    Kind::Text,
    Kind::Hex,
    Kind::Base64,
    Kind::Ping,
    Kind::Pong,
    Kind::Close,
];

const fn with_raw<const N: usize, const M: usize>(own: [Kind; N]) -> [Kind; M] {
    let mut all = [Kind::Document; M];
    let mut at = 0;
    while at < M {
        all[at] = if at < N { own[at] } else { RAW[at - N] };
        at += 1;
    }
    all
}

static RACCOON: [Kind; 8] = with_raw([Kind::Batch, Kind::Document]);
static SAVETOWEBSOCKET: [Kind; 8] = with_raw([Kind::Register, Kind::Document]);
static WEBSOCKETMQ: [Kind; 14] = with_raw([
    Kind::Publish,
    Kind::Request,
    Kind::Proxy,
    Kind::Reply,
    Kind::Subscribe,
    Kind::Unsubscribe,
    Kind::Introduce,
    Kind::Document,
]);
static GENERIC: [Kind; 7] = with_raw([Kind::Document]);

impl Kind {
    /// What can be composed for `system`, its own messages first.
    #[must_use]
    pub fn of(system: System) -> &'static [Self] {
        match system {
            System::Raccoon => &RACCOON,
            System::SaveToWebSocket => &SAVETOWEBSOCKET,
            System::WebSocketMq => &WEBSOCKETMQ,
            System::Generic => &GENERIC,
        }
    }

    /// What the composer opens with.
    #[must_use]
    pub fn first(system: System) -> Self {
        match system {
            System::Raccoon => Self::Batch,
            System::SaveToWebSocket => Self::Register,
            System::WebSocketMq => Self::Request,
            System::Generic => Self::Text,
        }
    }

    /// The word on the selector.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Batch => "Batch",
            Self::Register | Self::Introduce => "Register",
            Self::Publish => "Publish",
            Self::Request => "Request",
            Self::Proxy => "Proxy",
            Self::Reply => "Reply",
            Self::Subscribe => "Subscribe",
            Self::Unsubscribe => "Unsubscribe",
            Self::Document => "Document",
            Self::Text => "Text",
            Self::Hex => "Hex",
            Self::Base64 => "Base64",
            Self::Ping => "Ping",
            Self::Pong => "Pong",
            Self::Close => "Close",
        }
    }

    /// The document's key that carries this kind's main value; none for batches and documents.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Batch => "events",
            Self::Register | Self::Introduce => "register",
            Self::Publish => "publish",
            Self::Request => "request",
            Self::Proxy => "proxy",
            Self::Reply => "reply",
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
            Self::Document => "",
            Self::Text => "text",
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Close => "close",
        }
    }

    /// Its fields of one line.
    #[must_use]
    pub fn lines(self) -> &'static [Line] {
        const TOPIC: Line = line("topic", "exact topic");
        match self {
            Self::Batch | Self::Document | Self::Text | Self::Hex | Self::Base64 => &[],
            Self::Register => {
                &const {
                    [
                        line("types", "every type; several with commas: payment, trade"),
                        line(
                            "account_ids",
                            "every account; compared with buyer and seller",
                        ),
                        line("asset_codes", "every asset; whole strings: USDC:G…, native"),
                        line("min_amount", "echoed by the server, never compared"),
                    ]
                }
            }
            Self::Publish | Self::Subscribe | Self::Unsubscribe => &const { [TOPIC] },
            Self::Request => &const { [TOPIC, line("within", "as the profile says; or 5s")] },
            Self::Proxy => {
                &const {
                    [
                        line("target", "id of a client, or self"),
                        line("topic", "exact topic the client is called on"),
                        line("within", "as the profile says; or 12s"),
                    ]
                }
            }
            Self::Reply => {
                &const {
                    [
                        line("id", "id of the call"),
                        line("topic", "topic of the call"),
                        line("code", "500"),
                        line("message", "none"),
                    ]
                }
            }
            Self::Introduce => {
                &const {
                    [
                        line("name", "as it is; shown to others"),
                        line("type", "as it is; browser, cli, …"),
                        line("url", "as it is"),
                    ]
                }
            }
            Self::Ping | Self::Pong => &const { [line("payload", "empty; at most 125 bytes")] },
            Self::Close => {
                &const {
                    [
                        line("code", "1000"),
                        line("reason", "none; at most 123 bytes"),
                    ]
                }
            }
        }
    }

    /// True for the forms that speak to a `WebSocketMQ` broker.
    #[must_use]
    pub const fn is_for_broker(self) -> bool {
        matches!(
            self,
            Self::Publish
                | Self::Request
                | Self::Proxy
                | Self::Reply
                | Self::Subscribe
                | Self::Unsubscribe
                | Self::Introduce
        )
    }

    /// The name of its field of several lines, if it has one.
    #[must_use]
    pub const fn body(self) -> Option<&'static str> {
        match self {
            Self::Batch => Some("data"),
            Self::Register => Some("custom"),
            Self::Publish | Self::Request | Self::Proxy | Self::Reply => Some("payload"),
            Self::Document => Some("documents"),
            Self::Text => Some("text"),
            Self::Hex => Some("hex"),
            Self::Base64 => Some("base64"),
            Self::Subscribe
            | Self::Unsubscribe
            | Self::Introduce
            | Self::Ping
            | Self::Pong
            | Self::Close => None,
        }
    }

    /// What is said of an empty body.
    #[must_use]
    pub const fn body_hint(self) -> &'static str {
        match self {
            Self::Register => "none; JSON, echoed by the server, never read",
            Self::Publish | Self::Request | Self::Proxy | Self::Reply => "none; JSON",
            Self::Document => "JSON or TOML, one or several, as `wspect send` takes them",
            Self::Text => "the text message as it is sent",
            Self::Hex => "00 01 fe; white space and colons are passed over",
            Self::Base64 => "AAH+; white space is passed over",
            _ => "",
        }
    }

    /// True if the body is JSON.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(
            self,
            Self::Register
                | Self::Publish
                | Self::Request
                | Self::Proxy
                | Self::Reply
                | Self::Document
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::PROTOCOLS;

    #[test]
    fn every_system_has_frames_as_they_stand_and_its_own_first() {
        for row in &PROTOCOLS {
            let kinds = Kind::of(row.system);
            assert!(RAW.iter().all(|raw| kinds.contains(raw)));
            assert!(kinds.contains(&Kind::first(row.system)));
            assert!(kinds.contains(&Kind::Document));
        }
        assert_eq!(
            Kind::of(System::WebSocketMq)[7..9],
            [Kind::Document, Kind::Text]
        );
    }
}
