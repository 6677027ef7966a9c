//! What fits at the cursor of an event's data: fields of the message, values of an enum.
//!
//! The text is looked at as it is typed, so it need not be JSON yet: what stands before the cursor
//! tells the way to it, and the message mapped to the event tells what can stand there.

use std::ops::Range;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::template;

/// What fits at a place of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is there, in a few words: a field and its type.
    pub about: String,
    /// The bytes that are there now and would be replaced.
    pub place: Range<usize>,
    /// What can stand there instead, the next one first.
    pub choices: Vec<Choice>,
}

/// One thing that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// How it is shown.
    pub shown: String,
    /// What is written for it.
    pub text: String,
}

/// An object or array around the cursor.
#[derive(Clone, Debug, Default)]
struct Level {
    is_object: bool,
    /// The key whose value is being written.
    key: Option<String>,
    /// True behind the colon.
    in_value: bool,
    /// True behind the value.
    is_done: bool,
    /// Keys before.
    keys: Vec<String>,
}

/// What fits at byte `cursor` of `text`, which is data of `message`.
#[must_use]
pub fn at(text: &str, cursor: usize, message: &MessageDescriptor) -> Option<Offer> {
    let (levels, token) = walk(text, cursor);
    let mut spot = Spot::Message(message.clone());
    for (index, level) in levels.iter().enumerate() {
        let is_last = index + 1 == levels.len();
        if !level.is_object {
            spot = spot.element()?;
        } else if is_last && (!level.in_value || level.is_done) {
            let Spot::Message(message) = &spot.inside() else {
                return None;
            };
            let mut present = level.keys.clone();
            present.extend(keys_behind(text, token.end));
            return Some(fields(text, token, message, &present));
        } else {
            spot = spot.member(level.key.as_deref()?)?;
        }
    }
    Some(spot.values(text, token))
}

/// What kind of value is expected somewhere.
#[derive(Clone)]
enum Spot {
    Message(MessageDescriptor),
    /// All of a field: a list or a map.
    Whole(FieldDescriptor),
    /// A single value of a field.
    One(FieldDescriptor),
}

impl Spot {
    fn of(field: FieldDescriptor) -> Self {
        if field.is_list() || field.is_map() {
            return Self::Whole(field);
        }
        Self::One(field)
    }

    /// What its elements are.
    fn element(self) -> Option<Self> {
        match self {
            Self::Whole(field) if field.is_list() => Some(Self::One(field).inside()),
            _ => None,
        }
    }

    /// A message as what is in it.
    fn inside(self) -> Self {
        match &self {
            Self::One(field) => match field.kind() {
                Kind::Message(message) if !is_well_known(&message) => Self::Message(message),
                _ => self,
            },
            _ => self,
        }
    }

    fn member(self, key: &str) -> Option<Self> {
        match self.inside() {
            Self::Message(message) => {
                let named = message.get_field_by_name(key);
                named
                    .or_else(|| message.get_field_by_json_name(key))
                    .map(Self::of)
            }
            Self::Whole(field) if field.is_map() => match field.kind() {
                Kind::Message(entry) => entry
                    .get_field_by_name("value")
                    .map(|value| Self::One(value).inside()),
                _ => None,
            },
            _ => None,
        }
    }

    fn values(&self, text: &str, token: Range<usize>) -> Offer {
        let now = text[token.clone()].trim_matches('"');
        let (about, all) = match self {
            Self::Message(message) => (message.full_name().to_owned(), Vec::new()),
            Self::Whole(field) => (described(field), Vec::new()),
            Self::One(field) => (described(field), values(field)),
        };
        let at = all.iter().position(|one| one.text.trim_matches('"') == now);
        let mut choices = all;
        if let Some(at) = at {
            choices.rotate_left(at + 1);
        }
        Offer {
            about,
            place: token,
            choices,
        }
    }
}

/// Fields that are not there yet; of fields that exclude one another none if one is there.
fn fields(
    text: &str,
    token: Range<usize>,
    message: &MessageDescriptor,
    present: &[String],
) -> Offer {
    let typed = text[token.clone()].trim_matches('"').to_lowercase();
    let is_there = |field: &FieldDescriptor| {
        let mut names = present.iter().map(String::as_str);
        names.any(|name| name == field.name() || name == field.json_name())
    };
    let before = text[..token.start].trim_end();
    let comma = if before.ends_with(['{', ',']) {
        ""
    } else {
        ", "
    };
    let more = text[token.end..].trim_start().starts_with('"');
    let behind = if more { "," } else { "" };
    let mut all: Vec<_> = message.fields().collect();
    all.sort_by_key(FieldDescriptor::number);
    let fits = |field: &&FieldDescriptor| {
        let excluded = || {
            let oneof = field.containing_oneof().filter(|one| !one.is_synthetic());
            oneof.is_some_and(|one| one.fields().any(|other| is_there(&other)))
        };
        !is_there(field) && !excluded() && field.name().to_lowercase().contains(&typed)
    };
    let choices = all.iter().filter(fits).map(|field| Choice {
        shown: field.name().to_owned(),
        text: format!(
            "{comma}\"{}\": {}{behind}",
            field.name(),
            template::of_field(field)
        ),
    });
    Offer {
        about: format!("fields of {}", message.full_name()),
        place: token,
        choices: choices.collect(),
    }
}

/// A field and its type: `device demo.Device`, `tags repeated string`, `one of payment`.
fn described(field: &FieldDescriptor) -> String {
    let kind = field.kind();
    let name = match &kind {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(kind) => kind.full_name().to_owned(),
        Kind::Bytes => "bytes in base64".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    let how = match &kind {
        Kind::Message(message) if field.is_map() => {
            let part = |name| {
                let field = message.get_field_by_name(name);
                field.map_or(String::new(), |field| described(&field))
            };
            format!("map of {} to {}", part("key"), part("value"))
        }
        _ if field.is_list() => format!("repeated {name}"),
        Kind::Message(message) => match written_as(message) {
            Some(form) => format!("{name}, {form}"),
            None => name,
        },
        _ => name,
    };
    let oneof = field.containing_oneof().filter(|one| !one.is_synthetic());
    let oneof = oneof.map_or(String::new(), |one| {
        let others = one.fields().filter(|other| other != field);
        let names: Vec<_> = others.map(|other| other.name().to_owned()).collect();
        format!(" · excludes {}", names.join(", "))
    });
    match field.name() {
        "key" | "value" if field.parent_message().is_map_entry() => how,
        own => format!("{own}: {how}{oneof}"),
    }
}

fn is_well_known(message: &MessageDescriptor) -> bool {
    message.full_name().starts_with("google.protobuf.")
}

/// How a well-known type is written in JSON.
fn written_as(message: &MessageDescriptor) -> Option<&'static str> {
    Some(
        match message.full_name().strip_prefix("google.protobuf.")? {
            "Timestamp" => "a time: \"2026-01-31T12:00:00Z\" or \"${now}\"",
            "Duration" => "a time span: \"1.5s\"",
            "FieldMask" => "paths: \"a,b.c\"",
            "Struct" => "any JSON object",
            "ListValue" => "any JSON array",
            "Value" => "any JSON",
            "Any" => "{\"@type\": \"…/full.Name\", …}",
            "Empty" => "{}",
            "BytesValue" => "base64, or null",
            _ => "the value, or null",
        },
    )
}

/// What a single value can be, where there is a choice.
fn values(field: &FieldDescriptor) -> Vec<Choice> {
    let choice = |shown: String, text: String| Choice { shown, text };
    match field.kind() {
        Kind::Enum(kind) => {
            let values = kind.values();
            values
                .map(|value| {
                    let shown = format!("{} {}", value.name(), value.number());
                    choice(shown, format!("\"{}\"", value.name()))
                })
                .collect()
        }
        Kind::Bool => ["true", "false"]
            .map(|word| choice(word.to_owned(), word.to_owned()))
            .into(),
        Kind::Message(message) => match message.full_name() {
            "google.protobuf.Timestamp" => {
                let forms = ["\"${now}\"", "\"${now-1h}\"", "\"2026-01-31T12:00:00Z\""];
                forms
                    .map(|text| choice(text.to_owned(), text.to_owned()))
                    .into()
            }
            "google.protobuf.Duration" => ["\"1s\"", "\"0.5s\"", "\"60s\""]
                .map(|text| choice(text.to_owned(), text.to_owned()))
                .into(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What is around the cursor, outermost first, and the bytes of the token it is in.
fn walk(text: &str, cursor: usize) -> (Vec<Level>, Range<usize>) {
    let bytes = text.as_bytes();
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let end = token_end(bytes, at);
        let byte = bytes[at];
        let is_closed = byte == b'"' && end > start + 1 && bytes[end - 1] == b'"';
        let inside = cursor > start && cursor < end || cursor == end && !is_closed;
        if inside && !is_mark(byte) && !byte.is_ascii_whitespace() {
            return (levels, start..end);
        }
        if cursor <= start {
            break;
        }
        match byte {
            b'{' | b'[' => levels.push(Level {
                is_object: byte == b'{',
                ..Level::default()
            }),
            b'}' | b']' => {
                levels.pop();
                done(&mut levels);
            }
            b':' => {
                if let Some(level) = levels.last_mut() {
                    level.in_value = true;
                }
            }
            b',' => {
                if let Some(level) = levels.last_mut() {
                    level.in_value = false;
                    level.is_done = false;
                    level.keys.extend(level.key.take());
                }
            }
            b'"' => match levels.last_mut().filter(|level| !level.in_value) {
                Some(level) => {
                    let key = &text[start + 1..end];
                    level.key = Some(key.trim_end_matches('"').to_owned());
                }
                None => done(&mut levels),
            },
            byte if byte.is_ascii_whitespace() => {}
            _ => done(&mut levels),
        }
        at = end;
    }
    let last = levels.last_mut();
    if let Some(level) = last.filter(|level| !level.in_value || level.is_done) {
        level.keys.extend(level.key.take());
    }
    (levels, cursor..cursor)
}

/// The value of the innermost object's key is written.
fn done(levels: &mut [Level]) {
    if let Some(level) = levels.last_mut() {
        level.is_done = level.in_value;
    }
}

const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',')
}

/// Where the token that begins at `at` ends: a mark, a string, white space, or anything else.
fn token_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at + 1..];
    let len = match bytes[at] {
        b'"' => {
            let mut escaped = false;
            let end = rest.iter().position(|byte| {
                let ends = (*byte == b'"' && !escaped) || *byte == b'\n';
                escaped = *byte == b'\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + usize::from(rest[end] == b'"'))
        }
        byte if is_mark(byte) => 0,
        byte if byte.is_ascii_whitespace() => {
            let other = |byte: &u8| !byte.is_ascii_whitespace();
            rest.iter().position(other).unwrap_or(rest.len())
        }
        _ => {
            let other = |byte: &u8| {
                is_mark(*byte) && *byte != b'{' || byte.is_ascii_whitespace() || *byte == b'"'
            };
            rest.iter().position(other).unwrap_or(rest.len())
        }
    };
    at + 1 + len
}

/// Keys of the object around `at` that stand behind it.
fn keys_behind(text: &str, at: usize) -> Vec<String> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (at, 0_usize);
    let mut keys = Vec::new();
    let mut last: Option<Range<usize>> = None;
    while at < bytes.len() {
        let end = token_end(bytes, at);
        match bytes[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            b'"' if depth == 0 => last = Some(at..end),
            b':' if depth == 0 => {
                keys.extend(
                    last.take()
                        .map(|key| text[key].trim_matches('"').to_owned()),
                );
            }
            _ => {}
        }
        at = end;
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;

    /// What fits where `|` stands.
    fn offer(message: &str, marked: &str) -> Option<Offer> {
        let cursor = marked.find('|').unwrap();
        let text = marked.replace('|', "");
        let message = Schema::demo().message(message, "a test").unwrap();
        at(&text, cursor, &message)
    }

    fn shown(message: &str, marked: &str) -> Vec<String> {
        let offer = offer(message, marked);
        let choices = offer.map_or(Vec::new(), |offer| offer.choices);
        choices.into_iter().map(|one| one.shown).collect()
    }

    #[test]
    fn fields_that_are_not_there_yet_are_offered() {
        assert_eq!(
            shown("ClickEvent", r#"{"button": "x", | "device": 1}"#),
            ["at", "visitor", "position"]
        );
        assert_eq!(shown("ClickEvent", r#"{"po|"#), ["position"]);
        assert_eq!(shown("ClickEvent", r#"{"position": {"x": 1, |}}"#), ["y"]);
        assert_eq!(shown("ClickEvent", "{|}").len(), 5);
        assert!(shown("ClickEvent", r#"{"nothing": {|}}"#).is_empty());
    }

    #[test]
    fn of_what_excludes_one_another_only_one_is_offered() {
        let all = shown("PurchaseEvent", "{|}");
        assert!(all.iter().any(|name| name == "voucher") && all.iter().any(|name| name == "card"));
        let rest = shown("PurchaseEvent", r#"{"voucher": "x", |}"#);
        assert!(!rest.iter().any(|name| name == "card"), "{rest:?}");
        let about = offer("PurchaseEvent", r#"{"voucher": "x|"}"#)
            .unwrap()
            .about;
        assert!(about.contains("excludes card"), "{about}");
    }

    #[test]
    fn values_of_enums_are_offered_by_name_and_number_in_turn() {
        let names = shown("ClickEvent", r#"{"device": "DEVICE_DESK|TOP"}"#);
        assert!(
            names.iter().any(|name| name == "DEVICE_PHONE 2"),
            "{names:?}"
        );
        assert_eq!(names.last().map(String::as_str), Some("DEVICE_DESKTOP 1"));
        assert_eq!(shown("PurchaseEvent", r#"{"gift": |}"#), ["true", "false"]);
    }

    #[test]
    fn a_type_is_told_wherever_the_cursor_is() {
        for (message, text, needle) in [
            ("ClickEvent", r#"{"at": |"#, "a time"),
            (
                "ClickEvent",
                r#"{"visitor": {"country": "|"}}"#,
                "country: string",
            ),
            ("PageEvent", r#"{"query": {"a": "|"}}"#, "string"),
            ("PageEvent", r#"{"query": |"#, "map of string to string"),
            ("PageEvent", r#"{"tags": ["|"]}"#, "repeated string"),
            ("PageEvent", r#"{"load_time": |}"#, "a time span"),
        ] {
            let about = offer(message, text)
                .map(|offer| offer.about)
                .unwrap_or_default();
            assert!(about.contains(needle), "{text}: {about}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_at_any_place(text in "[{}\\[\\]:,\"a-z \\\\é\n]{0,24}", at in 0_usize..25) {
            let message = Schema::demo().message("ClickEvent", "a test").unwrap();
            let cursor = text.floor_char_boundary(at);
            if let Some(offer) = super::at(&text, cursor, &message) {
                let _ = &text[offer.place];
            }
        }
    }
}
