//! What is being written: the fields of one kind of message, filled in.

use crate::protocol::System;
use crate::protocol::raccoon::{self, Transport, Wire};
use crate::schema::Schema;
use crate::tui::state::line::LineEdit;

use super::answer::AnswerForm;
use super::event::{Encoding, Event, event_types, message_names};
use super::filters;
use super::kind::Kind;
use super::text::TextEdit;

/// Most events in a batch; `wspect send` takes batches of any size.
pub const EVENTS_MAX: usize = 100;

/// What a batch can go over, in the order of the selector.
const TRANSPORTS: [Transport; 3] = [Transport::WebSocket, Transport::Rest, Transport::Grpc];

/// A field one can be in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot {
    /// The selector of kinds.
    #[default]
    Kind,
    /// Batch: its key.
    Guid,
    /// Batch: when it says it was sent.
    SentTime,
    /// Raccoon: what it goes over.
    Transport,
    /// Batch: its wire.
    Wire,
    /// Batch: which event is shown.
    Event,
    /// Batch: the event's type.
    EventType,
    /// Batch: how the event's data becomes bytes.
    Encoding,
    /// Batch: the message the event is encoded as.
    Message,
    /// A field of one line, by its place in [`Kind::lines`].
    Line(usize),
    /// Reply: its form.
    Answer,
    /// The field of several lines.
    Body,
}

/// The fields of one kind of message. Made when a kind is first looked at, kept with its tab.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Which kind.
    pub kind: Kind,
    /// Its fields of one line, in the order of [`Kind::lines`].
    pub lines: Vec<LineEdit>,
    /// Its field of several lines; a batch's are in its events.
    pub body: TextEdit,
    /// Batch: its key; empty for a new one each time.
    pub guid: LineEdit,
    /// Batch: when it says it was sent; empty for when it is.
    pub sent_time: LineEdit,
    /// Raccoon: what it goes over; `None` where there is no choice.
    pub transport: Option<Transport>,
    /// Refuse what the server would throw away in silence, crash on or hang up over.
    pub lint: bool,
    /// Reply: its form.
    pub answer: AnswerForm,
    /// Batch: its wire; gRPC has protobuf alone, whatever this says.
    pub wire: Wire,
    /// Batch: its events, at least one.
    pub events: Vec<Event>,
    /// Batch: which event is shown.
    pub current: usize,
}

impl Draft {
    /// A draft with nothing in it.
    #[must_use]
    pub fn blank(kind: Kind) -> Self {
        Self {
            kind,
            lines: vec![LineEdit::default(); kind.lines().len()],
            body: TextEdit::default(),
            guid: LineEdit::default(),
            sent_time: LineEdit::default(),
            transport: None,
            lint: true,
            answer: AnswerForm::default(),
            wire: Wire::default(),
            events: Vec::new(),
            current: 0,
        }
    }

    /// A draft to begin with.
    #[must_use]
    pub fn new(kind: Kind, settings: &crate::protocol::Settings, schema: &Schema) -> Self {
        let mut draft = Self::blank(kind);
        match kind {
            Kind::Batch => draft.begin_batch(&settings.raccoon, schema),
            Kind::Register => draft = filters::form(&settings.savetowebsocket.filters),
            Kind::Publish | Kind::Request | Kind::Proxy | Kind::Reply => {
                draft.body = TextEdit::new("{}");
            }
            Kind::Close => draft.lines[0] = LineEdit::new("1000"),
            _ => {}
        }
        draft
    }

    fn begin_batch(&mut self, settings: &raccoon::Settings, schema: &Schema) {
        let types = event_types(schema);
        let kind = types.first().map_or("", String::as_str);
        let encoding = match Encoding::of(settings.serialization) {
            Encoding::Protobuf if types.is_empty() => Encoding::Json,
            encoding => encoding,
        };
        self.wire = settings.wire;
        self.transport = Some(settings.transport.unwrap_or_default());
        self.events = vec![Event::new(kind, encoding, schema)];
    }

    /// Offers transports where that system has them.
    pub fn is_for(&mut self, system: System, settings: &crate::protocol::Settings) {
        let is_message = matches!(
            self.kind,
            Kind::Batch | Kind::Text | Kind::Hex | Kind::Base64
        );
        self.transport = if system == System::Raccoon && is_message {
            let usual = settings.raccoon.transport.unwrap_or_default();
            Some(self.transport.unwrap_or(usual))
        } else {
            None
        };
    }

    /// The event that is shown.
    #[must_use]
    pub fn event(&self) -> Option<&Event> {
        self.events.get(self.current)
    }

    /// The event that is shown, to change.
    pub fn event_mut(&mut self) -> Option<&mut Event> {
        self.events.get_mut(self.current)
    }

    /// The fields of one line, by rows of the screen.
    #[must_use]
    pub fn rows(&self) -> Vec<Vec<Slot>> {
        let mut rows = vec![vec![Slot::Kind]];
        if self.kind == Kind::Batch {
            rows.push(vec![Slot::Guid, Slot::SentTime]);
            rows.push(vec![Slot::Transport, Slot::Wire]);
            rows.push(vec![Slot::Event, Slot::EventType]);
            rows.push(vec![Slot::Encoding]);
            if self.event().is_some_and(Event::has_message) {
                rows[4].push(Slot::Message);
            }
        } else if self.transport.is_some() {
            rows.push(vec![Slot::Transport]);
        }
        if self.kind == Kind::Reply {
            rows.extend([0, 1].map(|line| vec![Slot::Line(line)]));
            rows.push(vec![Slot::Answer]);
            rows.extend(
                self.answer
                    .lines()
                    .iter()
                    .map(|line| vec![Slot::Line(*line)]),
            );
        } else {
            rows.extend((0..self.lines.len()).map(|line| vec![Slot::Line(line)]));
        }
        rows
    }

    /// All fields, in the order the tab key goes through them.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot> {
        let mut slots: Vec<_> = self.rows().concat();
        if self.has_body() {
            slots.push(Slot::Body);
        }
        slots
    }

    /// True if there is a text of several lines to it.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.kind.body().is_some() && (self.kind != Kind::Reply || self.answer.has_body())
    }

    /// Where one begins to write.
    #[must_use]
    pub fn first_slot(&self) -> Slot {
        match (self.kind, self.lines.first()) {
            (_, None) => Slot::Body,
            (Kind::Publish | Kind::Request | Kind::Reply, Some(topic))
                if !topic.text().is_empty() && self.has_body() =>
            {
                Slot::Body
            }
            (Kind::Proxy, Some(target)) if !target.text().is_empty() => {
                let topic = self.lines.get(1).map_or("", LineEdit::text);
                if topic.is_empty() {
                    Slot::Line(1)
                } else {
                    Slot::Body
                }
            }
            (_, Some(_)) => Slot::Line(0),
        }
    }

    /// The line of that field, if it is one of one line.
    #[must_use]
    pub fn line(&self, slot: Slot) -> Option<&LineEdit> {
        match slot {
            Slot::Guid => Some(&self.guid),
            Slot::SentTime => Some(&self.sent_time),
            Slot::EventType => self.event().map(|event| &event.kind),
            Slot::Message => self.event().map(|event| &event.message),
            Slot::Line(index) => self.lines.get(index),
            _ => None,
        }
    }

    /// The same, to change.
    pub fn line_mut(&mut self, slot: Slot) -> Option<&mut LineEdit> {
        match slot {
            Slot::Guid => Some(&mut self.guid),
            Slot::SentTime => Some(&mut self.sent_time),
            Slot::EventType => self.event_mut().map(|event| &mut event.kind),
            Slot::Message => self.event_mut().map(|event| &mut event.message),
            Slot::Line(index) => self.lines.get_mut(index),
            _ => None,
        }
    }

    /// The text of several lines that is shown.
    #[must_use]
    pub fn text(&self) -> Option<&TextEdit> {
        match self.kind {
            Kind::Batch => self.event().map(|event| &event.data),
            _ => self.has_body().then_some(&self.body),
        }
    }

    /// The same, to change.
    pub fn text_mut(&mut self) -> Option<&mut TextEdit> {
        match self.kind {
            Kind::Batch => self.event_mut().map(|event| &mut event.data),
            _ => self.has_body().then_some(&mut self.body),
        }
    }

    /// True if the text of several lines is JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        match self.event() {
            Some(event) => event.encoding.is_json(),
            None => self.kind.is_json() && self.answer != AnswerForm::Verbatim,
        }
    }

    /// Turns a selector of the batch by `steps`.
    pub fn turn(&mut self, slot: Slot, steps: isize, schema: &Schema) {
        let turned = |at: usize, count: usize| {
            (at as isize + steps).rem_euclid(count.max(1) as isize) as usize
        };
        match slot {
            Slot::Transport => {
                if let Some(transport) = &mut self.transport {
                    let at = TRANSPORTS.iter().position(|one| one == transport);
                    *transport = TRANSPORTS[turned(at.unwrap_or(0), TRANSPORTS.len())];
                }
            }
            Slot::Wire => {
                self.wire = match self.wire {
                    Wire::Protobuf => Wire::Json,
                    Wire::Json => Wire::Protobuf,
                }
            }
            Slot::Answer => self.answer = self.answer.turned(steps),
            Slot::Event => self.current = turned(self.current, self.events.len()),
            Slot::Encoding => {
                if let Some(event) = self.event_mut() {
                    let at = Encoding::ALL.iter().position(|one| *one == event.encoding);
                    event.encoding = Encoding::ALL[turned(at.unwrap_or(0), Encoding::ALL.len())];
                    event.follow(schema);
                }
            }
            Slot::EventType => {
                let types = event_types(schema);
                if let (Some(event), false) = (self.event_mut(), types.is_empty()) {
                    let at = types.iter().position(|kind| kind == event.kind.text());
                    let next = match at {
                        Some(at) => turned(at, types.len()),
                        None => 0,
                    };
                    event.kind = LineEdit::new(types[next].clone());
                    event.follow(schema);
                }
            }
            Slot::Message => {
                let names = message_names(schema);
                if let (Some(event), false) = (self.event_mut(), names.is_empty()) {
                    // Before the first stands none: the one mapped to the type.
                    let at = names.iter().position(|name| name == event.message.text());
                    let next = turned(at.map_or(0, |at| at + 1), names.len() + 1);
                    let name = next.checked_sub(1).map_or("", |at| names[at].as_str());
                    event.message = LineEdit::new(name);
                    event.follow(schema);
                }
            }
            Slot::Kind | Slot::Guid | Slot::SentTime | Slot::Line(_) | Slot::Body => {}
        }
    }

    /// Adds an event like the one shown behind it, and shows it; false if there are too many.
    pub fn add_event(&mut self, schema: &Schema) -> bool {
        let Some(event) = self.event() else {
            return true;
        };
        if self.events.len() >= EVENTS_MAX {
            return false;
        }
        let event = Event::new(event.kind.text(), event.encoding, schema);
        self.current += 1;
        self.events.insert(self.current, event);
        true
    }

    /// Takes the event shown away, if it is not the only one.
    pub fn remove_event(&mut self) -> bool {
        if self.events.len() < 2 {
            return false;
        }
        self.events.remove(self.current);
        self.current = self.current.min(self.events.len() - 1);
        true
    }
}

#[cfg(test)]
mod tests;
