//! `demo:SYSTEM`: a built-in server in this process, and a client that has something to say to it.

mod traffic;

use std::time::Duration;

use crate::profile::{Outside, ProfileError, Ready, load_builtin};
use crate::server::{Running, ServerError, echo, raccoon, savetowebsocket, websocketmq};
use crate::session::Traffic;

/// How often the demo's metrics are made, and read: one wants to see them move.
const METRICS_EVERY: Duration = Duration::from_secs(2);

/// A demo's system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demo {
    /// Raccoon.
    Raccoon,
    /// `SaveToWebSocket`.
    Stellar,
    /// `WebSocketMQ`.
    Mq,
    /// Echo.
    Echo,
}

impl Demo {
    /// All demos, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Raccoon, Self::Stellar, Self::Mq, Self::Echo];

    /// What stands after `demo:`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raccoon => "raccoon",
            Self::Stellar => "stellar",
            Self::Mq => "mq",
            Self::Echo => "echo",
        }
    }

    /// The word a person reads.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Raccoon => "Raccoon",
            Self::Stellar => "SaveToWebSocket",
            Self::Mq => "WebSocketMQ",
            Self::Echo => "echo",
        }
    }

    /// What there is to see, for the picker.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Raccoon => "batches go out over WebSocket, REST and gRPC, acks come back",
            Self::Stellar => "registers with filters, then ledger events stream in",
            Self::Mq => "publishes, calls and is called; several topics, some errors",
            Self::Echo => "JSON, text and binary messages come back as they were sent",
        }
    }

    /// The whole target.
    #[must_use]
    pub fn target(self) -> String {
        format!("demo:{}", self.name())
    }

    /// The demo of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|demo| demo.name() == name)
    }

    /// The built-in profile for a real server of this system.
    const fn profile(self) -> &'static str {
        match self {
            Self::Raccoon => "raccoon-local",
            Self::Stellar => "stellar-local",
            Self::Mq => "websocketmq-local",
            Self::Echo => "echo-local",
        }
    }

    /// The profile for the built-in server that runs: that of a real one, with other addresses.
    pub(super) fn ready(self, server: &Running) -> Result<Ready, ProfileError> {
        let url = server.url();
        let stored = load_builtin(self.profile())?;
        let own = stored.fill(&Outside::real())?;
        let mut profile = own.profile;
        // The query carries the identity, where there is one.
        profile.url = match profile.url.split_once('?') {
            Some((_, query)) if !url.contains('?') => format!("{url}?{query}"),
            _ => url.to_owned(),
        };
        let rest = url
            .strip_prefix("ws://")
            .map(|rest| format!("http://{rest}"));
        profile.raccoon.rest_url = rest.filter(|_| self == Self::Raccoon);
        profile.raccoon.grpc_url = server.grpc_url();
        profile.raccoon.metrics_url = server.metrics_url();
        profile.raccoon.metrics_every = METRICS_EVERY;
        if self == Self::Mq {
            profile.websocketmq.subscribe.push(traffic::CHAT.to_owned());
        }
        Ok(Ready::of_profile(profile))
    }

    /// Starts the built-in server on a free loopback port, with traffic of its own.
    pub(super) async fn start(self) -> Result<Running, ServerError> {
        match self {
            Self::Raccoon => {
                let settings = raccoon::Settings {
                    ack: raccoon::Ack::Sync,
                    metrics_listen: Some("127.0.0.1:0".to_owned()),
                    metrics_refresh: METRICS_EVERY,
                    ping_interval: Duration::from_secs(12),
                    publisher: raccoon::Publisher::Broker {
                        least: Duration::from_millis(1),
                        most: Duration::from_millis(25),
                        fail_one_in: 40,
                    },
                    ..raccoon::Settings::default()
                };
                raccoon::start(settings).await
            }
            Self::Stellar => {
                let settings = savetowebsocket::Settings {
                    traffic: Some(savetowebsocket::Traffic {
                        ledger_every: Duration::from_secs(2),
                        ..savetowebsocket::Traffic::default()
                    }),
                    ..savetowebsocket::Settings::default()
                };
                Ok(savetowebsocket::start(settings).await?.0)
            }
            Self::Mq => {
                let settings = websocketmq::Settings {
                    traffic: websocketmq::Traffic {
                        announce_every: Duration::from_secs(5),
                        call_clients_every: Duration::from_secs(4),
                        chat_every: Duration::from_secs(2),
                        ..websocketmq::Traffic::NONE
                    },
                    ..websocketmq::Settings::default()
                };
                Ok(websocketmq::start(settings).await?.0)
            }
            Self::Echo => echo::start(echo::Settings::default()).await,
        }
    }

    /// What the client sends by itself; `None` where the server does all the talking.
    pub(super) fn traffic(self) -> Option<Traffic> {
        match self {
            Self::Raccoon => Some(traffic::raccoon()),
            Self::Stellar => None,
            Self::Mq => Some(traffic::websocketmq()),
            Self::Echo => Some(traffic::echo()),
        }
    }
}
