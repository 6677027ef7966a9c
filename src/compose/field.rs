//! What a document's reader expects of single values, and its complaints.

use serde_json::Value as Json;

use super::document::Field;
use super::error::ComposeError;
use crate::body::Value;
use crate::nearest;

impl<'d> Field<'d> {
    pub(super) fn is_null(&self) -> bool {
        self.node.value == Value::Null
    }

    pub(super) fn is_object(&self) -> bool {
        self.node.value == Value::Object
    }

    pub(super) fn is_array(&self) -> bool {
        self.node.value == Value::Array
    }

    /// The complaint about this value.
    pub(super) fn invalid(&self, what: impl Into<String>) -> ComposeError {
        ComposeError::Invalid {
            at: self.at(),
            path: self.path.clone(),
            what: what.into(),
        }
    }

    fn expected(&self, what: &str) -> ComposeError {
        let found = match &self.node.value {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::Bytes(_) => "bytes",
            Value::Object | Value::Unread(_) => "an object",
            Value::Array => "an array",
        };
        self.invalid(format!("must be {what}, found {found}"))
    }

    pub(super) fn object(self) -> Result<Self, ComposeError> {
        match self.node.value {
            Value::Object => Ok(self),
            _ => Err(self.expected("an object")),
        }
    }

    pub(super) fn text(&self) -> Result<&'d str, ComposeError> {
        match &self.node.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.expected("a string")),
        }
    }

    /// A whole number.
    pub(super) fn integer(&self) -> Result<i64, ComposeError> {
        match &self.node.value {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        }
        .ok_or_else(|| self.expected("a whole number"))
    }

    /// A truth value.
    pub(super) fn truth(&self) -> Result<bool, ComposeError> {
        match self.node.value {
            Value::Bool(truth) => Ok(truth),
            _ => Err(self.expected("true or false")),
        }
    }

    /// A list of strings.
    pub(super) fn texts(&self) -> Result<Vec<String>, ComposeError> {
        if !self.is_array() {
            return Err(self.expected("an array of strings"));
        }
        self.children()
            .map(|element| element.text().map(str::to_owned))
            .collect()
    }

    pub(super) fn elements(&self) -> Result<Vec<Self>, ComposeError> {
        if !self.is_array() {
            return Err(self.expected("an array"));
        }
        Ok(self.children().collect())
    }

    /// The value for serde; the document is known to be JSON.
    pub(super) fn json(&self) -> Result<Json, ComposeError> {
        serde_json::from_str(self.raw()).map_err(|error| self.invalid(error.to_string()))
    }

    /// Refuses keys that are not `known`, and keys that come twice. `meant` may know better than
    /// the nearest key what is meant by one.
    pub(super) fn keys(
        &self,
        known: &[&str],
        meant: fn(&str) -> Option<&'static str>,
    ) -> Result<(), ComposeError> {
        let members: Vec<_> = self.children().collect();
        for (index, member) in members.iter().enumerate() {
            let name = member.node.name.as_str();
            if !known.contains(&name) {
                let advice = match (meant(name), nearest::one(name, known.iter().copied())) {
                    (Some(sentence), _) => sentence.to_owned(),
                    (None, Some(near)) => format!("did you mean `{near}`?"),
                    (None, None) => format!("known here: {}", known.join(", ")),
                };
                return Err(ComposeError::UnknownKey {
                    at: member.at(),
                    path: member.path.clone(),
                    advice,
                });
            }
            if members[..index].iter().any(|other| other.node.name == name) {
                return Err(member.invalid("is there twice; keep one"));
            }
        }
        Ok(())
    }
}
