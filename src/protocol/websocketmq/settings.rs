//! `[websocketmq]` of a profile.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A canned answer to a call from the broker.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Responder {
    /// Exact topic it answers.
    pub topic: String,
    /// JSON text of the result.
    #[serde(default)]
    pub reply: Option<String>,
    /// How long to wait before answering.
    #[serde(default, with = "crate::duration")]
    pub delay: Duration,
}

/// `[websocketmq]` of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Name given in the registration.
    pub client_name: String,
    /// Type given in the registration.
    pub client_type: String,
    /// Topics subscribed on every opening.
    pub subscribe: Vec<String>,
    /// Canned answers; what matches none is answered 404.
    pub responders: Vec<Responder>,
    /// How long a reply may take.
    #[serde(with = "crate::duration")]
    pub request_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            client_name: "wspect".to_owned(),
            client_type: "inspector".to_owned(),
            subscribe: Vec::new(),
            responders: Vec::new(),
            request_timeout: Duration::from_secs(10),
        }
    }
}
