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
mod conversation;
mod decimal;
mod event;
pub mod filter;
mod gist;
mod history;
mod lint;
mod reader;
mod recognise;
mod register;
mod settings;
mod settling;
pub mod shadow;
mod shape;
pub mod strkey;
pub mod vocabulary;

use std::sync::Arc;

use super::{Row, System};

pub use advice::{Advice, Effect, advice};
pub use amount::{Amount, Unit};
pub use asset::Asset;
pub use columns::{Columns, NAMED_MAX, Named, Time};
pub use decimal::Decimal;
pub use filter::{Explanation, Judgement, Reasoner, Standing, Step, Verdict};
pub use gist::gist;
pub use history::{BUFFERED, Change, History, InForce, PERIODS_MAX, Period, in_force};
pub use settings::{Filters, Settings};
pub use shadow::Shadow;
pub use shape::Shape;

/// This system's row of the protocol table.
pub const ROW: Row = Row {
    system: System::SaveToWebSocket,
    name: "savetowebsocket",
    title: "SaveToWebSocket",
    recognise: recognise::recognise,
    refused_upgrade: |_, _| None,
    make: |settings| {
        Box::new(conversation::Conversation::new(
            settings.savetowebsocket.filters.clone(),
        ))
    },
    decoder: |_, _| Arc::new(reader::Reader),
};
