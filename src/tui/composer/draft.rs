//! What is being written: the fields of one kind of message, filled in.

use crate::protocol::raccoon::{self, Serialization, Wire};
use crate::protocol::savetowebsocket::Filters;
use crate::schema::Schema;
use crate::tui::state::line::LineEdit;

use super::kind::Kind;
use super::template;
use super::text::TextEdit;

/// Most events in a batch; `wspect send` takes batches of any size.
pub const EVENTS_MAX: usize = 100;

/// A field one can be in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot {
    /// The selector of kinds.
    #[default]
    Kind,
    /// Batch: its wire.
    Wire,
    /// Batch: which event is shown.
    Event,
    /// Batch: the event's type.
    EventType,
    /// Batch: how the event's data becomes bytes.
    Encoding,
    /// A field of one line, by its place in [`Kind::lines`].
    Line(usize),
    /// The field of several lines.
    Body,
}

/// How an event's data becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// JSON data encoded by the message mapped to the type.
    Protobuf,
    /// JSON data, as JSON.
    Json,
    /// Text, as it stands.
    Text,
    /// Bytes in base64.
    Base64,
    /// Bytes in hex.
    Hex,
}

impl Encoding {
    /// All encodings, in the order of the selector.
    pub const ALL: [Self; 5] = [
        Self::Protobuf,
        Self::Json,
        Self::Text,
        Self::Base64,
        Self::Hex,
    ];

    /// The word on the selector.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Protobuf => "protobuf",
            Self::Json => "JSON",
            Self::Text => "raw text",
            Self::Base64 => "raw base64",
            Self::Hex => "raw hex",
        }
    }

    /// The document's key that carries the data.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Protobuf | Self::Json => "data",
            Self::Text => "text",
            Self::Base64 => "base64",
            Self::Hex => "hex",
        }
    }

    /// True if the data is written as JSON.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Protobuf | Self::Json)
    }

    /// The encoding a profile's serialization asks for.
    #[must_use]
    pub const fn of(serialization: Serialization) -> Self {
        match serialization {
            Serialization::Protobuf => Self::Protobuf,
            Serialization::Json => Self::Json,
            Serialization::Raw => Self::Text,
        }
    }

    /// What the document says of it besides the key.
    #[must_use]
    pub const fn serialization(self) -> Option<&'static str> {
        match self {
            Self::Protobuf => Some("protobuf"),
            Self::Json => Some("json"),
            Self::Text | Self::Base64 | Self::Hex => None,
        }
    }
}

/// One event of a batch.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its type.
    pub kind: LineEdit,
    /// How its data becomes bytes.
    pub encoding: Encoding,
    /// Its data.
    pub data: TextEdit,
    /// What the data was filled in with; it is filled in anew while nobody has changed it.
    filled: String,
}

impl Event {
    /// An event of that type with data to begin with.
    #[must_use]
    pub fn new(kind: &str, encoding: Encoding, schema: &Schema) -> Self {
        let mut event = Self {
            kind: LineEdit::new(kind),
            encoding,
            data: TextEdit::default(),
            filled: String::new(),
        };
        event.fill(schema);
        event
    }

    /// An event with that data.
    #[must_use]
    pub fn with_data(kind: &str, encoding: Encoding, data: String) -> Self {
        Self {
            kind: LineEdit::new(kind),
            encoding,
            data: TextEdit::new(data),
            filled: String::new(),
        }
    }

    /// Puts the fields of the mapped message in, if nothing was written yet.
    pub fn follow(&mut self, schema: &Schema) {
        if self.data.text() == self.filled || self.data.is_blank() {
            self.fill(schema);
        }
    }

    /// Puts the fields of the mapped message in; can be undone.
    pub fn fill(&mut self, schema: &Schema) {
        let mapped = schema.message_for(self.kind.text());
        self.filled = match (self.encoding.is_json(), mapped) {
            (true, Some(message)) => template::of(&message),
            (true, None) => "{\n  \n}".to_owned(),
            (false, _) => String::new(),
        };
        if self.data.text() != self.filled {
            self.data.replace(self.filled.clone());
        }
    }
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
    /// Batch: its wire.
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
            Kind::Register => draft.begin_register(&settings.savetowebsocket.filters),
            Kind::Publish | Kind::Request => draft.body = TextEdit::new("{}"),
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
        self.events = vec![Event::new(kind, encoding, schema)];
    }

    /// The filters in force since the opening.
    fn begin_register(&mut self, filters: &Filters) {
        let lists = [&filters.types, &filters.account_ids, &filters.asset_codes];
        let texts = lists.map(|list| list.join(", "));
        let texts = texts.into_iter().chain([filters.min_amount.clone()]);
        self.lines = texts.map(LineEdit::new).collect();
        self.body = TextEdit::new(filters.custom.clone().unwrap_or_default());
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
            rows.push(vec![Slot::Wire, Slot::Event]);
            rows.push(vec![Slot::EventType, Slot::Encoding]);
        }
        rows.extend((0..self.lines.len()).map(|line| vec![Slot::Line(line)]));
        rows
    }

    /// All fields, in the order the tab key goes through them.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot> {
        let mut slots: Vec<_> = self.rows().concat();
        if self.kind.body().is_some() {
            slots.push(Slot::Body);
        }
        slots
    }

    /// Where one begins to write.
    #[must_use]
    pub fn first_slot(&self) -> Slot {
        match (self.kind, self.lines.first()) {
            (_, None) => Slot::Body,
            (Kind::Publish | Kind::Request, Some(topic)) if !topic.text().is_empty() => Slot::Body,
            (_, Some(_)) => Slot::Line(0),
        }
    }

    /// The line of that field, if it is one of one line.
    #[must_use]
    pub fn line(&self, slot: Slot) -> Option<&LineEdit> {
        match slot {
            Slot::EventType => self.event().map(|event| &event.kind),
            Slot::Line(index) => self.lines.get(index),
            _ => None,
        }
    }

    /// The same, to change.
    pub fn line_mut(&mut self, slot: Slot) -> Option<&mut LineEdit> {
        match slot {
            Slot::EventType => self.event_mut().map(|event| &mut event.kind),
            Slot::Line(index) => self.lines.get_mut(index),
            _ => None,
        }
    }

    /// The text of several lines that is shown.
    #[must_use]
    pub fn text(&self) -> Option<&TextEdit> {
        match self.kind {
            Kind::Batch => self.event().map(|event| &event.data),
            kind => kind.body().map(|_| &self.body),
        }
    }

    /// The same, to change.
    pub fn text_mut(&mut self) -> Option<&mut TextEdit> {
        match self.kind {
            Kind::Batch => self.event_mut().map(|event| &mut event.data),
            kind => kind.body().map(|_| &mut self.body),
        }
    }

    /// True if the text of several lines is JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        match self.event() {
            Some(event) => event.encoding.is_json(),
            None => self.kind.is_json(),
        }
    }

    /// Turns a selector of the batch by `steps`.
    pub fn turn(&mut self, slot: Slot, steps: isize, schema: &Schema) {
        let turned = |at: usize, count: usize| {
            (at as isize + steps).rem_euclid(count.max(1) as isize) as usize
        };
        match slot {
            Slot::Wire => {
                self.wire = match self.wire {
                    Wire::Protobuf => Wire::Json,
                    Wire::Json => Wire::Protobuf,
                }
            }
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
            Slot::Kind | Slot::Line(_) | Slot::Body => {}
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

/// The event types the schema has messages for; of a pattern the part before its stars.
#[must_use]
pub fn event_types(schema: &Schema) -> Vec<String> {
    let mut types: Vec<String> = Vec::new();
    for rule in schema.rules() {
        let kind = rule.event.trim_end_matches('*');
        let is_one = !kind.is_empty() && !kind.contains(['*', '?']);
        if is_one && !types.iter().any(|known| known == kind) {
            types.push(kind.to_owned());
        }
    }
    types
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Settings;

    fn batch() -> Draft {
        Draft::new(Kind::Batch, &Settings::default(), Schema::demo())
    }

    #[test]
    fn types_come_from_the_rules() {
        let types = event_types(Schema::demo());
        assert_eq!(types, ["click", "page", "search", "purchase"]);
        assert!(event_types(&Schema::default()).is_empty());
        let plain = Draft::new(Kind::Batch, &Settings::default(), &Schema::default());
        assert_eq!(plain.events[0].encoding, Encoding::Json);
    }

    #[test]
    fn another_type_brings_its_fields_until_something_is_written() {
        let mut draft = batch();
        draft.turn(Slot::EventType, 1, Schema::demo());
        assert!(draft.events[0].data.text().contains("\"referrer\""));
        assert!(draft.text_mut().unwrap().insert('x'));
        let written = draft.events[0].data.text().to_owned();
        draft.turn(Slot::EventType, 1, Schema::demo());
        assert_eq!(draft.events[0].kind.text(), "search");
        assert_eq!(draft.events[0].data.text(), written);
        draft.events[0].fill(Schema::demo());
        assert!(draft.events[0].data.text().contains("\"results\""));
    }

    #[test]
    fn events_are_added_behind_the_one_shown_and_one_always_stays() {
        let mut draft = batch();
        assert!(draft.add_event(Schema::demo()));
        draft.turn(Slot::EventType, 1, Schema::demo());
        let kinds = |draft: &Draft| -> Vec<String> {
            let events = draft.events.iter();
            events.map(|event| event.kind.text().to_owned()).collect()
        };
        assert_eq!(kinds(&draft), ["click", "page"]);
        draft.turn(Slot::Event, 1, Schema::demo());
        assert_eq!(draft.current, 0);
        assert!(draft.remove_event() && !draft.remove_event());
        assert_eq!(kinds(&draft), ["page"]);
        while draft.add_event(Schema::demo()) {}
        assert_eq!(draft.events.len(), EVENTS_MAX);
    }

    #[test]
    fn every_kind_has_a_first_field_among_its_own() {
        for row in &crate::protocol::PROTOCOLS {
            for kind in Kind::of(row.system) {
                let draft = Draft::new(*kind, &Settings::default(), Schema::demo());
                assert!(draft.slots().contains(&draft.first_slot()), "{kind:?}");
            }
        }
    }
}
