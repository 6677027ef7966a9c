//! Which of the broker's wire formats is spoken, as far as it is known.
//!
//! The library changed its format completely within a week, and each format went through several
//! dialects that answer differently (or not at all) to the same message.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One of the two wire formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Generation {
    /// `header` and `body`.
    One,
    /// `id`, `type`, `topic`, `payload`, `error`.
    Two,
}

impl Generation {
    /// `1` or `2`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
        }
    }
}

/// A dialect, or what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// Generation 1, dialect unknown.
    #[serde(rename = "1")]
    G1,
    /// The draft: subscribe frames are acknowledged.
    #[serde(rename = "1.0")]
    G1_0,
    /// Publish and subscribe between clients; no registration.
    #[serde(rename = "1.1")]
    G1_1,
    /// Registration and calls both ways; no subscriptions on the wire.
    #[serde(rename = "1.2")]
    G1_2,
    /// As 1.2 on the wire, rewritten.
    #[serde(rename = "1.3")]
    G1_3,
    /// Generation 2, dialect unknown.
    #[serde(rename = "2")]
    G2,
    /// No `client_id`, no registration, no publish by clients.
    #[serde(rename = "2.0")]
    G2_0,
    /// Registration; the broker assigns a random id.
    #[serde(rename = "2.1")]
    G2_1,
    /// Adds `system:proxy` and `system:list_clients`.
    #[serde(rename = "2.2")]
    G2_2,
    /// The id is the `client_id` of the URL.
    #[serde(rename = "2.3")]
    G2_3,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::G1,
        Self::G1_0,
        Self::G1_1,
        Self::G1_2,
        Self::G1_3,
        Self::G2,
        Self::G2_0,
        Self::G2_1,
        Self::G2_2,
        Self::G2_3,
    ];

    /// The number people know it by, `2.3`; `1` or `2` where only the generation is known.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::G1 => "1",
            Self::G1_0 => "1.0",
            Self::G1_1 => "1.1",
            Self::G1_2 => "1.2",
            Self::G1_3 => "1.3",
            Self::G2 => "2",
            Self::G2_0 => "2.0",
            Self::G2_1 => "2.1",
            Self::G2_2 => "2.2",
            Self::G2_3 => "2.3",
        }
    }

    /// The dialect of that number.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// Its wire format.
    #[must_use]
    pub const fn generation(self) -> Generation {
        match self {
            Self::G1 | Self::G1_0 | Self::G1_1 | Self::G1_2 | Self::G1_3 => Generation::One,
            Self::G2 | Self::G2_0 | Self::G2_1 | Self::G2_2 | Self::G2_3 => Generation::Two,
        }
    }

    /// True if clients subscribe over the wire. Where they do not, the server decides alone what
    /// a client gets.
    #[must_use]
    pub const fn subscribes(self) -> bool {
        !matches!(self, Self::G1_2 | Self::G1_3)
    }

    /// True if the broker acknowledges a subscription.
    #[must_use]
    pub const fn acknowledges(self) -> bool {
        !matches!(self, Self::G1 | Self::G1_1 | Self::G1_2 | Self::G1_3)
    }

    /// True if it knows `system:list_clients` and `system:proxy`, as far as one can tell.
    #[must_use]
    pub const fn lists_clients(self) -> bool {
        matches!(self, Self::G2 | Self::G2_2 | Self::G2_3)
    }

    /// True if only the generation is known.
    #[must_use]
    pub const fn is_vague(self) -> bool {
        matches!(self, Self::G1 | Self::G2)
    }

    /// How long a call of the broker waits for our answer where the message does not say.
    #[must_use]
    pub const fn broker_wait(self) -> Duration {
        Duration::from_secs(10)
    }
}

/// What the session is told of the dialect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speak {
    /// Generation 2 is spoken until something says otherwise: the handshake, a frame, a hint in
    /// the URL.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// The broker is asked, with messages that do no harm in either generation.
    #[serde(rename = "probe")]
    Probe,
    /// Told.
    #[serde(untagged)]
    Told(Dialect),
}

impl Speak {
    /// `auto`, `probe`, or a dialect's number.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Auto),
            "probe" => Some(Self::Probe),
            number => Dialect::from_name(number).map(Self::Told),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for dialect in Dialect::ALL {
            assert_eq!(Dialect::from_name(dialect.name()), Some(dialect));
            assert_eq!(Speak::from_name(dialect.name()), Some(Speak::Told(dialect)));
            let json = serde_json::to_string(&Speak::Told(dialect)).unwrap();
            assert_eq!(json, format!("\"{}\"", dialect.name()));
            assert_eq!(
                serde_json::from_str::<Speak>(&json).unwrap(),
                Speak::Told(dialect)
            );
        }
        assert_eq!(
            serde_json::from_str::<Speak>("\"probe\"").unwrap(),
            Speak::Probe
        );
        assert_eq!(Speak::from_name("3"), None);
    }
}
