//! Any other WebSocket endpoint: JSON, text and bytes as they come.
//!
//! ```text
//!  101 ─► step 1: send, expect ─► step 2 ─► … ─► live        no steps: live at once
//!               └─ not met in time: failed, and never live after all
//! ```
//!
//! What a profile adds: steps performed on every opening, where requests and replies carry their
//! id, and the message whole binary frames are.

mod conversation;
mod correlate;
mod label;
mod reader;
mod settings;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use super::{Confidence, Row, System};

pub use settings::{Correlate, Settings, Step};

/// This system's row of the protocol table. It is never recognised: it is what remains.
pub const ROW: Row = Row {
    system: System::Generic,
    name: "generic",
    title: "WebSocket",
    recognise: |_| Confidence::NONE,
    refused_upgrade: |_, _| None,
    gone: None,
    dial_gap: Duration::ZERO,
    make: |settings| Box::new(conversation::Conversation::new(&settings.generic)),
    decoder: |settings, schema| Arc::new(reader::Reader::new(&settings.generic, schema)),
};
