//! Request payloads, read into the Go types of the demo server's handlers, with Go's complaints.

use crate::schema::gojson::{Kind, Value, same_name};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Integer,
    Flag,
    /// Any JSON.
    Any,
}

impl Holds {
    const fn go_name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "int",
            Self::Flag => "bool",
            Self::Any => "json.RawMessage",
        }
    }

    fn fits(self, value: Value<'_>) -> bool {
        match self {
            Self::Text => value.kind() == Kind::String,
            Self::Integer => value.integer().is_some(),
            Self::Flag => value.kind() == Kind::Bool,
            Self::Any => true,
        }
    }
}

/// A Go struct: its name without the package, its fields in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) fields: &'static [(&'static str, Holds)],
}

/// What was given for each field of a [`Shape`].
#[derive(Debug)]
pub(super) struct Fields<'a> {
    shape: Shape,
    given: Vec<Option<Value<'a>>>,
}

impl Shape {
    /// Reads `payload`. A missing one, or `null`, gives fields without values; a wrong type
    /// gives the text of the error reply.
    pub(super) fn read(self, payload: Option<Value<'_>>) -> Result<Fields<'_>, String> {
        let mut given = vec![None; self.fields.len()];
        let Some(payload) = payload.filter(|payload| payload.kind() != Kind::Null) else {
            return Ok(Fields { shape: self, given });
        };
        let complain = |what: String| {
            format!(
                "Invalid request payload: failed to unmarshal payload into shared_types.{}: \
                 json: cannot unmarshal {what}. Raw: {}",
                self.name,
                String::from_utf8_lossy(payload.raw())
            )
        };
        if payload.kind() != Kind::Object {
            let kind = payload.kind().go_name();
            return Err(complain(format!(
                "{kind} into Go value of type shared_types.{}",
                self.name
            )));
        }
        for (member, value) in payload.members() {
            let place = self
                .fields
                .iter()
                .position(|(name, _)| same_name(&member, name));
            let Some(place) = place else { continue };
            let (name, holds) = self.fields[place];
            if value.kind() == Kind::Null && holds != Holds::Any {
                continue;
            }
            if !holds.fits(value) {
                let mut found = value.kind().go_name().to_owned();
                if holds == Holds::Integer && value.kind() == Kind::Number {
                    found = format!("number {}", String::from_utf8_lossy(value.raw()));
                }
                return Err(complain(format!(
                    "{found} into Go struct field {}.{name} of type {}",
                    self.name,
                    holds.go_name()
                )));
            }
            given[place] = Some(value);
        }
        Ok(Fields { shape: self, given })
    }
}

impl<'a> Fields<'a> {
    /// The value given for a field; `None` if there was none.
    pub(super) fn value(&self, field: &str) -> Option<Value<'a>> {
        let place = self
            .shape
            .fields
            .iter()
            .position(|(name, _)| *name == field)?;
        self.given[place]
    }

    /// A string field; empty if it was left out.
    pub(super) fn text(&self, field: &str) -> String {
        self.value(field)
            .and_then(Value::string)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        name: "Sample",
        fields: &[
            ("userId", Holds::Text),
            ("delay", Holds::Integer),
            ("flag", Holds::Flag),
            ("any", Holds::Any),
        ],
    };

    fn read(text: &str) -> Result<Fields<'_>, String> {
        SHAPE.read(Some(Value::parse(text.as_bytes()).unwrap()))
    }

    #[test]
    fn what_is_left_out_is_zero() {
        for fields in [
            SHAPE.read(None),
            read("null"),
            read("{}"),
            read(r#"{"userId":null}"#),
        ] {
            assert_eq!(fields.unwrap().text("userId"), "");
        }
    }

    #[test]
    fn fields_are_found_in_any_case() {
        let fields = read(r#"{"USERID":"a","delay":5,"flag":true,"any":null,"x":1}"#).unwrap();
        assert_eq!(fields.text("userId"), "a");
        assert_eq!(fields.value("delay").unwrap().integer(), Some(5));
        assert_eq!(fields.value("flag").unwrap().boolean(), Some(true));
        assert_eq!(fields.value("any").unwrap().kind(), Kind::Null);
    }

    #[test]
    fn complaints_are_those_of_go() {
        for (payload, complaint) in [
            (
                r#"{"userId":123}"#,
                "number into Go struct field Sample.userId of type string",
            ),
            (
                r#"{"delay":1.5}"#,
                "number 1.5 into Go struct field Sample.delay of type int",
            ),
            (
                r#"{"delay":"5"}"#,
                "string into Go struct field Sample.delay of type int",
            ),
            (
                r#"{"flag":0}"#,
                "number into Go struct field Sample.flag of type bool",
            ),
            ("[]", "array into Go value of type shared_types.Sample"),
        ] {
            let expected = format!(
                "Invalid request payload: failed to unmarshal payload into shared_types.Sample: \
                 json: cannot unmarshal {complaint}. Raw: {payload}"
            );
            assert_eq!(read(payload).unwrap_err(), expected);
        }
    }
}
