//! A batch document read once, for all its repetitions.
//!
//! ```text
//! {"req_guid":"${uuid}", "events":[{…fixed…},{…${now}…},{…fixed…}]}
//!             ▼                     ▼        ▼           ▼
//!       filled each time         bytes    filled each  bytes
//! ```

use std::ops::Range;

use super::event::Event;
use super::head::{self, Guid, Sent, Way};
use super::wire;
use crate::compose::context::Context;
use crate::compose::document::{Field, Source};
use crate::compose::error::ComposeError;
use crate::compose::template::Pattern;
use crate::protocol::raccoon::{EncodedBatch, Settings};
use crate::schema::Schema;

/// A batch with what never changes encoded.
#[derive(Clone, Debug)]
pub(in crate::compose) struct BatchRecipe {
    way: Way,
    guid: Guid,
    sent: Sent,
    /// What is filled in and what is there already, in the order of the document.
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    /// Events, encoded.
    Events(Vec<u8>),
    /// An event to be filled in, read and encoded.
    Event {
        pattern: Pattern,
        is_first: bool,
    },
    Guid(Pattern),
    Sent(Pattern),
}

/// A value of the document that has a place in the batch.
#[derive(Clone, Copy)]
enum Place<'f, 'd> {
    Guid,
    Sent,
    Event(&'f Field<'d>, bool),
}

impl BatchRecipe {
    /// Takes the document apart; `None` if something else in it than values of its batch changes
    /// with its templates. It has been read without complaint, with the same context.
    pub(in crate::compose) fn new(
        source: &Source<'_>,
        settings: &Settings,
        schema: &Schema,
        mut context: Context<'_>,
    ) -> Option<Self> {
        let pattern = source.pattern().ok()?;
        let mut text = String::new();
        let starts = pattern.write_places(&mut context, &mut text).ok()?;
        let len = text.len();
        let document = source.tree(text).ok()?;
        let whole = document.whole();
        whole.keys(&head::KEYS, head::meant).ok()?;
        let events = match whole.member("events") {
            Some(events) => events.elements().ok()?,
            None => Vec::new(),
        };
        let way = Way::read(&whole, settings).ok()?;
        let guid = whole.member("req_guid");
        let sent = whole.member("sent_time");
        let mut recipe = Self {
            way,
            guid: Guid::read(guid.as_ref()).ok()?,
            sent: Sent::read(sent.as_ref()).ok()?,
            parts: Vec::new(),
        };
        let mut places: Vec<(Range<usize>, Place<'_, '_>)> = Vec::new();
        for (index, event) in events.iter().enumerate() {
            places.push((event.span()?, Place::Event(event, index == 0)));
        }
        for (field, place) in [(&guid, Place::Guid), (&sent, Place::Sent)] {
            if let Some(field) = field {
                places.push((field.span()?, place));
            }
        }
        places.sort_by_key(|(span, _)| span.start);
        let mut values = 0;
        for (span, place) in places {
            let part = pattern.part(&starts, len, span)?;
            values += part.values();
            recipe.add(place, part, schema)?;
        }
        // Templates elsewhere may change what the document means.
        (values == pattern.values()).then_some(recipe)
    }

    fn add(&mut self, place: Place<'_, '_>, pattern: Pattern, schema: &Schema) -> Option<()> {
        let part = match place {
            Place::Guid | Place::Sent if pattern.is_constant() => return Some(()),
            Place::Guid => Part::Guid(pattern),
            Place::Sent => Part::Sent(pattern),
            Place::Event(field, is_first) if pattern.is_constant() => {
                let event = Event::read(field.clone(), self.way.serialization, schema).ok()?;
                let mut fixed = Vec::new();
                wire::event(self.way, is_first, &event.kind, &event.payload, &mut fixed);
                if let Some(Part::Events(before)) = self.parts.last_mut() {
                    before.append(&mut fixed);
                    return Some(());
                }
                Part::Events(fixed)
            }
            Place::Event(_, is_first) => Part::Event { pattern, is_first },
        };
        self.parts.push(part);
        Some(())
    }

    /// The next batch.
    pub(in crate::compose) fn make(
        &self,
        source: &Source<'_>,
        schema: &Schema,
        context: &mut Context<'_>,
    ) -> Result<EncodedBatch, ComposeError> {
        if let [] | [Part::Events(_)] = self.parts.as_slice() {
            let events = match self.parts.first() {
                Some(Part::Events(events)) => events.as_slice(),
                _ => &[],
            };
            return Ok(self.encoded(self.guid.clone(), self.sent, events, context));
        }
        let mut guid = self.guid.clone();
        let mut sent = self.sent;
        let mut events = Vec::new();
        for part in &self.parts {
            match part {
                Part::Events(fixed) => events.extend_from_slice(fixed),
                Part::Event { pattern, is_first } => {
                    let document = source.tree(source.filled(pattern, context)?)?;
                    let read = Event::read(document.whole(), self.way.serialization, schema)?;
                    wire::event(self.way, *is_first, &read.kind, &read.payload, &mut events);
                }
                Part::Guid(pattern) => {
                    let document = source.tree(source.filled(pattern, context)?)?;
                    guid = Guid::read(Some(&document.whole()))?;
                }
                Part::Sent(pattern) => {
                    let document = source.tree(source.filled(pattern, context)?)?;
                    sent = Sent::read(Some(&document.whole()))?;
                }
            }
        }
        Ok(self.encoded(guid, sent, &events, context))
    }

    fn encoded(
        &self,
        guid: Guid,
        sent: Sent,
        events: &[u8],
        context: &mut Context<'_>,
    ) -> EncodedBatch {
        let guid = guid.into_text(context);
        let sent = sent.parts(context);
        let bytes = wire::whole(self.way.wire, guid.as_deref(), sent, events);
        EncodedBatch {
            guid: guid.unwrap_or_default(),
            transport: self.way.transport,
            wire: self.way.wire,
            bytes: bytes.into(),
        }
    }
}
