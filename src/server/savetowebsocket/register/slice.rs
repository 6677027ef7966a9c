//! A list of strings as Go's JSON decoder fills it.

use super::{WrongType, set_string, wrong};
use crate::schema::gojson::{Kind, Value, quote};

/// A slice of Go strings as its JSON decoder fills it: a repeated member is decoded over what is
/// there, so a `null` in it brings back the element an earlier list had in that place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slice {
    /// The elements, and behind them what earlier lists left within the capacity.
    memory: Vec<String>,
    length: usize,
    capacity: usize,
    /// False for a nil slice.
    made: bool,
}

impl Slice {
    pub(super) fn list(&self) -> &[String] {
        self.memory.get(..self.length).unwrap_or_default()
    }

    /// Goes on behind an element of the wrong type, as Go does.
    pub(super) fn set(&mut self, value: Value<'_>, place: &'static str) -> Result<(), WrongType> {
        match value.kind() {
            Kind::Null => {
                *self = Self::default();
                return Ok(());
            }
            Kind::Array => {}
            found => return Err(wrong(found, place, "[]string")),
        }
        let mut first = Ok(());
        let mut count = 0;
        for element in value.elements() {
            let read = set_string(self.place(count), element, place);
            first = first.and(read);
            count += 1;
        }
        if count == 0 {
            *self = Self::default();
        }
        self.length = count;
        self.made = true;
        first
    }

    /// The place of an element, which is the next one at most.
    fn place(&mut self, at: usize) -> &mut String {
        if at >= self.capacity {
            // A longer piece of memory: what was behind the elements is not copied.
            self.memory.truncate(self.length);
            self.capacity = grown(self.capacity);
        }
        self.length = self.length.max(at + 1);
        if self.memory.len() <= at {
            self.memory.resize_with(at + 1, String::new);
        }
        &mut self.memory[at]
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if !self.made {
            out.extend_from_slice(b"null");
            return;
        }
        out.push(b'[');
        for (index, text) in self.list().iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            quote(text, out);
        }
        out.push(b']');
    }
}

/// What Go makes of a slice's capacity when one more string must go in: double while it is
/// short, less than that later.
const fn grown(capacity: usize) -> usize {
    if capacity < 256 {
        if capacity == 0 { 1 } else { capacity * 2 }
    } else {
        capacity + (capacity + 3 * 256) / 4
    }
}
