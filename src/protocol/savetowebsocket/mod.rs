//! `SaveToWebSocket`: a stream of Stellar events, chosen by filters.
//!
//! ```text
//!  101 ─► welcome ─► register ─► registered ─► event, event, …
//!   └────── 10 s or TCP ends ──────┘    └─► register again: replaces the filters, no reply
//! ```
//!
//! Events that occur before `registered` are lost, whatever the server's text says of a queue.
//! Only pongs keep the connection alive: 60 s after the last one the server ends TCP without a
//! close frame.

pub mod advice;
mod amount;
mod asset;
mod columns;
mod confirmed;
mod conversation;
mod decimal;
mod ending;
mod event;
pub mod filter;
mod foresight;
mod fragments;
mod gist;
mod heartbeat;
mod hint;
mod history;
mod judged;
mod ledgers;
mod lint;
mod pulse;
mod reader;
mod recognise;
mod register;
mod registration;
mod settings;
mod settling;
pub mod shadow;
mod shape;
mod silence;
mod strain;
pub mod strkey;
mod typed;
mod upgrade;
pub mod vocabulary;
mod welcome;

use std::sync::Arc;
use std::time::Duration;

use super::{Row, System};

pub use advice::{Advice, Effect, advice};
pub use amount::{Amount, Unit};
pub use asset::Asset;
pub use columns::{Columns, NAMED_MAX, Named, Time};
pub use decimal::Decimal;
pub use filter::{Explanation, Judgement, Reasoner, Standing, Step, Verdict};
pub use foresight::foresee;
pub use fragments::is_written_so;
pub use gist::gist;
pub use history::{BUFFERED, Change, History, InForce, PERIODS_MAX, Period, in_force};
pub use settings::{Filters, Introduction, Settings};
pub use shadow::Shadow;
pub use shape::Shape;
pub use typed::read_filters;

/// A client that comes or goes while events flow can end the whole server process.
const DIAL_GAP: Duration = Duration::from_secs(1);

/// This system's row of the protocol table.
pub const ROW: Row = Row {
    system: System::SaveToWebSocket,
    name: "savetowebsocket",
    title: "SaveToWebSocket",
    recognise: recognise::recognise,
    refused_upgrade: |_, answer| upgrade::explain(answer),
    gone: Some(
        "Nothing has listened since the connection was cut: the server's process has ended, by a crash or with its pipeline, and all its clients with it.",
    ),
    dial_gap: DIAL_GAP,
    make: |settings| {
        Box::new(conversation::Conversation::new(
            settings.savetowebsocket.clone(),
            settings.pongs_held,
        ))
    },
    decoder: |_, _| Arc::new(reader::Reader),
};
