//! The TOML format of a profile: one struct per table, unknown keys refused.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::{generic, raccoon, savetowebsocket, websocketmq};
use crate::schema;
use crate::transport::backoff::Policy;

/// A named way to connect, as written: templates not yet filled in.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Where to connect.
    pub url: String,
    /// One of `raccoon`, `savetowebsocket`, `websocketmq`, `generic`; recognised if omitted.
    #[serde(default)]
    pub system: Option<String>,
    /// A line for the picker.
    #[serde(default)]
    pub description: Option<String>,
    /// Subprotocols offered.
    #[serde(default)]
    pub subprotocols: Vec<String>,
    /// Extra request headers, in order.
    #[serde(default)]
    pub headers: toml::Table,
    /// TLS.
    #[serde(default)]
    pub tls: Tls,
    /// When to dial again.
    #[serde(default)]
    pub reconnect: Policy,
    /// Our own pings.
    #[serde(default)]
    pub heartbeat: Heartbeat,
    /// Bounds.
    #[serde(default)]
    pub limits: Limits,
    /// Schemas.
    #[serde(default)]
    pub schema: schema::Sources,
    /// Raccoon.
    #[serde(default)]
    pub raccoon: raccoon::Settings,
    /// `SaveToWebSocket`.
    #[serde(default)]
    pub savetowebsocket: savetowebsocket::Settings,
    /// `WebSocketMQ`.
    #[serde(default)]
    pub websocketmq: websocketmq::Settings,
    /// Generic systems: steps on every opening.
    #[serde(default)]
    pub on_open: Vec<generic::Step>,
    /// Generic systems: where the correlation ids are.
    #[serde(default)]
    pub correlate: generic::Correlate,
}

impl Profile {
    /// The profile of a bare URL: everything else as it is by default.
    #[must_use]
    pub fn of_url(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            system: None,
            description: None,
            subprotocols: Vec::new(),
            headers: toml::Table::new(),
            tls: Tls::default(),
            reconnect: Policy::default(),
            heartbeat: Heartbeat::default(),
            limits: Limits::default(),
            schema: schema::Sources::default(),
            raccoon: raccoon::Settings::default(),
            savetowebsocket: savetowebsocket::Settings::default(),
            websocketmq: websocketmq::Settings::default(),
            on_open: Vec::new(),
            correlate: generic::Correlate::default(),
        }
    }
}

/// `[tls]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// PEM file of certificates trusted besides the platform's.
    pub cacert: Option<PathBuf>,
    /// PEM file of the client certificate chain.
    pub cert: Option<PathBuf>,
    /// PEM file of the client key.
    pub key: Option<PathBuf>,
    /// Trust any certificate.
    pub insecure: bool,
}

/// `[heartbeat]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Heartbeat {
    /// Our own pings, for the round-trip time; zero for none.
    #[serde(with = "crate::duration")]
    pub ping_every: Duration,
    /// Whether the server's pings are answered; `false` to see what it does then.
    pub pong: bool,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self {
            ping_every: Duration::from_secs(10),
            pong: true,
        }
    }
}

/// `[limits]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest message read, bytes.
    pub message: usize,
    /// TCP, TLS and upgrade together.
    #[serde(with = "crate::duration")]
    pub connect_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: 16 << 20,
            connect_timeout: Duration::from_secs(10),
        }
    }
}
