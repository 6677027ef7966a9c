//! `[websocketmq]` of a profile.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::dialect::Speak;
use super::responder::Responder;

/// `[websocketmq]` of a profile.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in a profile or on the command line"
)]
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Generation and dialect: `auto`, `probe`, or a number such as `1.3`.
    pub generation: Speak,
    /// Name given in the registration.
    pub client_name: String,
    /// Type given in the registration.
    pub client_type: String,
    /// URL given in the registration; left out if empty.
    pub client_url: String,
    /// Generation 1: the page session id given in the registration; made up if empty.
    pub page_session_id: String,
    /// Whether to register on every opening.
    pub register: bool,
    /// Dials with a `client_id` of fewer than 8 bytes too, over which the broker of generation 2
    /// goes dead.
    pub allow_short_client_id: bool,
    /// Topics subscribed on every opening.
    pub subscribe: Vec<String>,
    /// Canned answers, the first that matches counts.
    pub responders: Vec<Responder>,
    /// Calls that match none are kept for an answer by hand instead of being refused at once.
    pub hold_calls: bool,
    /// How often the clients are asked for; zero for never.
    #[serde(with = "crate::duration")]
    pub clients_every: Duration,
    /// How long a reply may take.
    #[serde(with = "crate::duration")]
    pub request_timeout: Duration,
    /// Send also what the broker ignores or closes the connection over; told for one run.
    #[serde(skip)]
    pub unlinted: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            generation: Speak::Auto,
            client_name: "wspect".to_owned(),
            client_type: "inspector".to_owned(),
            client_url: String::new(),
            page_session_id: String::new(),
            register: true,
            allow_short_client_id: false,
            subscribe: Vec::new(),
            responders: Vec::new(),
            hold_calls: false,
            clients_every: Duration::ZERO,
            request_timeout: Duration::from_secs(10),
            unlinted: false,
        }
    }
}
