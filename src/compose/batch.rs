//! Raccoon's batch documents.

mod event;
pub(super) mod given;
mod head;
mod lint;
mod recipe;
pub(super) mod wire;

use super::Prepared;
use super::context::Context;
use super::document::Field;
use super::error::ComposeError;
use crate::protocol::Command;
use crate::protocol::raccoon::{EncodedBatch, Serialization, Settings, Tally, Transport, Wire};
use crate::schema::Schema;

use event::Event;
use head::{Guid, Sent};

pub(super) use head::Way;
pub(super) use recipe::BatchRecipe;

/// What is in a batch, before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// What the batch goes over.
    pub transport: Transport,
    /// The batch's wire.
    pub wire: Wire,
    /// Size of the whole message, bytes.
    pub size: usize,
    /// Its events, in order.
    pub events: Vec<EventPreview>,
}

/// One event of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPreview {
    /// Event type.
    pub kind: String,
    /// Message the data was encoded as.
    pub message: Option<String>,
    /// How the payload came about.
    pub serialization: Serialization,
    /// Size of the payload, bytes.
    pub size: usize,
    /// Where the server publishes it, by the profile's pattern.
    pub destination: String,
}

/// A batch before its wire is applied.
#[derive(Debug)]
struct Batch {
    guid: Option<String>,
    /// Seconds since the epoch and nanoseconds on top.
    sent_time: Option<(i64, i32)>,
    events: Vec<Event>,
}

pub(super) fn prepare(
    whole: Field<'_>,
    settings: &Settings,
    schema: &Schema,
    context: &mut Context<'_>,
) -> Result<Prepared, ComposeError> {
    let whole = whole.object()?;
    whole.keys(&head::KEYS, head::meant)?;
    let way = Way::read(&whole, settings)?;
    let guid = Guid::read(whole.member("req_guid").as_ref())?;
    let sent = Sent::read(whole.member("sent_time").as_ref())?;
    let events = match whole.member("events") {
        None => Vec::new(),
        Some(field) => field
            .elements()?
            .into_iter()
            .map(|event| Event::read(event, way.serialization, schema))
            .collect::<Result<_, _>>()?,
    };
    let batch = Batch {
        guid: guid.into_text(context),
        sent_time: sent.parts(context),
        events,
    };
    let mut prepared = batch.prepared(way, &settings.destination);
    if let Command::Batch(batch) = &prepared.command {
        let how = (way.wire, way.transport);
        prepared.warnings = lint::read(&whole, settings, how, &batch.bytes, context)?.odd;
        let events = prepared.preview.iter().flat_map(|preview| &preview.events);
        let untyped = events.zip(0..).find(|(event, _)| event.kind.is_empty());
        prepared.warnings.extend(untyped.map(|(event, index)| {
            let destination = &event.destination;
            format!("events[{index}] has an empty type: the server publishes it to `{destination}`")
        }));
    }
    Ok(prepared)
}

impl Batch {
    fn prepared(self, way: Way, pattern: &str) -> Prepared {
        let Way {
            transport, wire, ..
        } = way;
        let mut events = Vec::new();
        let mut tally = Tally::default();
        for (index, event) in self.events.iter().enumerate() {
            wire::event(way, index == 0, &event.kind, &event.payload, &mut events);
            tally.add(event.kind.as_str().into());
        }
        let bytes = wire::whole(wire, self.guid.as_deref(), self.sent_time, &events);
        let label = tally.label().into_owned();
        let guid = self.guid.unwrap_or_default();
        let preview = Preview {
            transport,
            wire,
            size: bytes.len(),
            events: self
                .events
                .into_iter()
                .map(|event| event.preview(pattern))
                .collect(),
        };
        Prepared {
            expects_reply: true,
            key: Some(guid.clone()),
            label,
            preview: Some(preview),
            warnings: Vec::new(),
            command: Command::Batch(EncodedBatch {
                guid,
                transport,
                wire,
                bytes: bytes.into(),
            }),
        }
    }
}
