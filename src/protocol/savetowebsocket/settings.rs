//! `[savetowebsocket]` of a profile.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::pongs;

/// From the 101 to the end of TCP if no register was taken.
pub(super) const REGISTRATION: Duration = Duration::from_secs(10);

/// The filters of a `register` message. Empty lists mean "not filtered".
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filters {
    /// Event types.
    pub types: Vec<String>,
    /// Account ids; the server compares them with buyer and seller only.
    pub account_ids: Vec<String>,
    /// Asset codes, compared as whole strings (`USDC:G…`, `native`).
    pub asset_codes: Vec<String>,
    /// A string; the server echoes it and never compares it.
    pub min_amount: String,
    /// JSON text; the server echoes it and never reads it.
    pub custom: Option<String>,
}

/// Bytes of filters shown in a label.
const SHOWN: usize = 120;

impl Filters {
    /// The filters the server reads, in short: `types=payment assets=native`; `everything` if none
    /// is set. Not sanitised.
    #[must_use]
    pub fn label(&self) -> String {
        let mut label = String::new();
        for (name, values) in [
            ("types", &self.types),
            ("accounts", &self.account_ids),
            ("assets", &self.asset_codes),
        ] {
            if !values.is_empty() {
                let gap = if label.is_empty() { "" } else { " " };
                label.push_str(gap);
                label.push_str(name);
                label.push('=');
                label.push_str(&values.join(","));
            }
        }
        if label.is_empty() {
            label.push_str("everything");
        } else if label.len() > SHOWN {
            label.truncate(label.floor_char_boundary(SHOWN));
            label.push('…');
        }
        label
    }
}

/// When the profile's register is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Introduction {
    /// On the welcome, or 2 s after the upgrade without one.
    #[default]
    Auto,
    /// Right behind the upgrade; the server takes that as well.
    Open,
    /// Never: a register is sent by hand.
    Manual,
}

/// `[savetowebsocket]` of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Sent in the register message on every opening.
    pub filters: Filters,
    /// When it is sent.
    pub register: Introduction,
    /// How long the server is presumed to wait for a register.
    #[serde(with = "crate::duration")]
    pub register_within: Duration,
    /// How long the server is presumed to wait for a pong.
    #[serde(with = "crate::duration")]
    pub pong_wait: Duration,
    /// After that long without an event it is told; zero for never.
    #[serde(with = "crate::duration")]
    pub silence: Duration,
    /// `--no-lint`: documents are sent even if the server drops them in silence.
    #[serde(skip)]
    pub unlinted: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            filters: Filters::default(),
            register: Introduction::default(),
            register_within: REGISTRATION,
            pong_wait: pongs::WAIT,
            silence: Duration::from_secs(30),
            unlinted: false,
        }
    }
}
