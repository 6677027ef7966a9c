//! One event of a batch being written.

use prost_reflect::MessageDescriptor;

use crate::protocol::raccoon::Serialization;
use crate::schema::Schema;
use crate::tui::state::line::LineEdit;

use super::template;
use super::text::TextEdit;

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
    /// The message its data is encoded as; empty for the one mapped to the type.
    pub message: LineEdit,
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
            message: LineEdit::default(),
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
            message: LineEdit::default(),
            encoding,
            data: TextEdit::new(data),
            filled: String::new(),
        }
    }

    /// True if a message can be chosen for it.
    #[must_use]
    pub fn has_message(&self) -> bool {
        self.encoding == Encoding::Protobuf
    }

    /// The message its data is checked against: the one chosen, else the one mapped to its type.
    #[must_use]
    pub fn descriptor(&self, schema: &Schema) -> Option<MessageDescriptor> {
        let chosen = self.message.text().trim();
        match self.encoding {
            Encoding::Protobuf if !chosen.is_empty() => schema.message(chosen, "the event").ok(),
            Encoding::Protobuf | Encoding::Json => schema.message_for(self.kind.text()),
            Encoding::Text | Encoding::Base64 | Encoding::Hex => None,
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
        let mapped = self.descriptor(schema);
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

/// The event types the schema has messages for; of a pattern the part before its stars.
#[must_use]
pub fn event_types(schema: &Schema) -> Vec<String> {
    let mut types: Vec<String> = Vec::new();
    let patterns = schema.rules().iter();
    for event in patterns.filter_map(|rule| rule.written().event.as_deref()) {
        let kind = event.trim_end_matches('*');
        let is_one = !kind.is_empty() && !kind.contains(['*', '?']);
        if is_one && !types.iter().any(|known| known == kind) {
            types.push(kind.to_owned());
        }
    }
    types
}

/// Full names of the messages of the schema, those an event is likely to be first.
#[must_use]
pub fn message_names(schema: &Schema) -> Vec<String> {
    let messages = schema.pool().all_messages();
    let own = messages.filter(|message| {
        !message.is_map_entry() && !message.full_name().starts_with("google.protobuf.")
    });
    let mut names: Vec<_> = own.map(|message| message.full_name().to_owned()).collect();
    let is_mapped = |name: &String| {
        let mut rules = schema.rules().iter();
        rules.any(|rule| rule.reading().title() == name)
    };
    names.sort_by_cached_key(|name| (!is_mapped(name), name.clone()));
    names
}
