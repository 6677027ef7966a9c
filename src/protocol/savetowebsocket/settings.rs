//! `[savetowebsocket]` of a profile.

use serde::{Deserialize, Serialize};

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

/// `[savetowebsocket]` of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Sent in the register message on every opening.
    pub filters: Filters,
}
