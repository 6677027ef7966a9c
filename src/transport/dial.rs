//! Where and how to connect.

use std::path::PathBuf;
use std::time::Duration;

/// Where and how to connect. Made by `cli` from a profile and flags, kept for every reconnect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dial {
    /// `ws://` or `wss://` URL, templates filled in.
    pub url: String,
    /// The URL as it may be shown: secrets masked.
    pub shown_url: String,
    /// Extra request headers in order.
    pub headers: Vec<(String, String)>,
    /// Subprotocols offered, in order of preference.
    pub subprotocols: Vec<String>,
    /// TLS settings.
    pub tls: TlsOptions,
    /// For TCP, TLS and the upgrade together.
    pub connect_timeout: Duration,
    /// Largest message read, bytes; a larger one closes the connection with 1009.
    pub message_limit: usize,
}

/// TLS settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// PEM file of certificates trusted besides the platform's.
    pub cacert: Option<PathBuf>,
    /// PEM file of the client certificate chain.
    pub cert: Option<PathBuf>,
    /// PEM file of the client key.
    pub key: Option<PathBuf>,
    /// Trust any certificate.
    pub insecure: bool,
}
