//! Events prepared once and filled in often.
//!
//! A maker writes an event as a JSON value with marks in the places that differ from event to
//! event: a private-use character inside a string, a number of its own kind elsewhere. The text
//! is cut at the marks once; filling it in is copying, without any JSON.
//!
//! ```text
//! maker ─► Value with marks ─► to_string ─► Template { text, places } ─► fill(ledger, dice) ─► event
//! ```

use serde_json::Value;

use super::ledger::Closed;
use crate::server::dice::Dice;

/// What stands in a place. The same slot in several places shows the same value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// Number of the ledger.
    Ledger,
    /// Hash of the ledger.
    LedgerHash,
    /// Closing time in Unix seconds.
    Unix,
    /// Closing time in milliseconds of whole seconds.
    Millis,
    /// Closing time, whole seconds.
    Time,
    /// A moment after closing, as a processor's own clock would say it.
    Moment,
    /// A hash of the event's own.
    Hash,
    /// The operation id: the ledger's number in the upper half, a transaction below.
    Toid,
    /// An amount in units of 10^-7, mostly small, sometimes large.
    Money,
    /// A whole number.
    Number { low: u64, high: u64 },
    /// Nothing, unless events are to be longer than they are.
    Filler,
    /// The same for events that have no text to lengthen: white space behind the last member.
    Blank,
}

/// How a slot is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    Plain,
    /// With seven decimals.
    Decimal,
    /// With leading zeros to 19 digits.
    Padded,
}

/// First of the characters that mark places in strings; one per slot and spelling.
const MARK: u32 = 0xE000;
/// Slots an event may have.
const SLOTS_MAX: usize = 64;
/// Start of the numbers that mark places elsewhere; two digits of slot follow.
const NUMBER: &str = "88888888888888800";

/// The slots of an event under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots(Vec<Slot>);

/// A slot, to be put into places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(usize);

impl Slots {
    /// A new slot; the last one, once there are too many.
    pub(super) fn add(&mut self, slot: Slot) -> Place {
        if self.0.len() < SLOTS_MAX {
            self.0.push(slot);
        }
        Place(self.0.len() - 1)
    }
}

impl Place {
    fn mark(self, spelling: Spelling) -> String {
        let index = (spelling as u32) * SLOTS_MAX as u32 + self.0 as u32;
        char::from_u32(MARK + index).into_iter().collect()
    }

    /// As text.
    pub(super) fn text(self) -> String {
        self.mark(Spelling::Plain)
    }

    /// As text with seven decimals.
    pub(super) fn decimal(self) -> String {
        self.mark(Spelling::Decimal)
    }

    /// As text of 19 digits.
    pub(super) fn padded(self) -> String {
        self.mark(Spelling::Padded)
    }

    /// As a number.
    pub(super) fn number(self) -> Value {
        let text = format!("{NUMBER}{:02}", self.0);
        text.parse::<u64>().map_or(Value::Null, Value::from)
    }
}

/// One event, ready to be filled in.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// Everything between the places.
    text: Vec<u8>,
    /// Where in `text` a slot goes, and how.
    places: Vec<(usize, usize, Spelling)>,
    slots: Vec<Slot>,
    /// Length when filled in, about.
    pub(super) length: usize,
}

impl Template {
    /// Cuts an event at its marks.
    pub(super) fn new(event: &Value, slots: Slots) -> Self {
        let whole = event.to_string();
        let bytes = whole.as_bytes();
        let mut template = Self {
            text: Vec::with_capacity(bytes.len()),
            places: Vec::new(),
            slots: slots.0,
            length: 0,
        };
        let mut at = 0;
        while at < bytes.len() {
            let (place, used) = match bytes[at] {
                0xEE => (template.marked(&bytes[at..]), 3),
                b'8' => (template.numbered(&bytes[at..]), NUMBER.len() + 2),
                _ => (None, 1),
            };
            if let Some((slot, spelling)) = place {
                template.places.push((template.text.len(), slot, spelling));
                at += used;
            } else {
                template.text.push(bytes[at]);
                at += 1;
            }
        }
        template.length = template.text.len() + 24 * template.places.len();
        template
    }

    fn marked(&self, bytes: &[u8]) -> Option<(usize, Spelling)> {
        let text = std::str::from_utf8(bytes.get(..3)?).ok()?;
        let index = u32::from(text.chars().next()?).checked_sub(MARK)? as usize;
        let spelling = match index / SLOTS_MAX {
            0 => Spelling::Plain,
            1 => Spelling::Decimal,
            2 => Spelling::Padded,
            _ => return None,
        };
        self.known(index % SLOTS_MAX, spelling)
    }

    fn numbered(&self, bytes: &[u8]) -> Option<(usize, Spelling)> {
        let digits = bytes.strip_prefix(NUMBER.as_bytes())?.get(..2)?;
        let slot = std::str::from_utf8(digits).ok()?.parse().ok()?;
        self.known(slot, Spelling::Plain)
    }

    fn known(&self, slot: usize, spelling: Spelling) -> Option<(usize, Spelling)> {
        (slot < self.slots.len()).then_some((slot, spelling))
    }

    /// Whether filling it in can make it longer.
    pub(super) fn can_grow(&self) -> bool {
        let grows = |slot: &Slot| matches!(slot, Slot::Filler | Slot::Blank);
        self.slots.iter().any(grows)
    }

    /// Makes room for white space before its end.
    pub(super) fn add_blank(&mut self) {
        self.slots.push(Slot::Blank);
        let place = (self.text.len() - 1, self.slots.len() - 1, Spelling::Plain);
        self.places.push(place);
    }

    /// Appends the event, lengthened by `filler` bytes.
    pub(super) fn fill(&self, closed: &Closed, dice: &mut Dice, filler: usize, out: &mut Vec<u8>) {
        let mut values = [0_u64; SLOTS_MAX + 1];
        for (value, slot) in values.iter_mut().zip(&self.slots) {
            *value = slot.draw(closed, dice);
        }
        out.reserve(self.length + filler);
        let mut from = 0;
        let mut lengthened = false;
        for &(to, slot, spelling) in &self.places {
            out.extend_from_slice(&self.text[from..to]);
            from = to;
            let fills = matches!(self.slots[slot], Slot::Filler | Slot::Blank);
            if fills && std::mem::replace(&mut lengthened, true) {
                continue;
            }
            let value = if fills { filler as u64 } else { values[slot] };
            self.slots[slot].write(value, spelling, closed, out);
        }
        out.extend_from_slice(&self.text[from..]);
    }
}

impl Slot {
    fn draw(self, closed: &Closed, dice: &mut Dice) -> u64 {
        match self {
            Self::Ledger
            | Self::LedgerHash
            | Self::Unix
            | Self::Millis
            | Self::Time
            | Self::Filler
            | Self::Blank => 0,
            Self::Moment => dice.between(200_000, 1_900_000),
            Self::Hash => dice.next(),
            Self::Toid => closed.sequence << 32 | dice.between(1, 300) << 12,
            Self::Money => {
                let digits = dice.between(2, 6) as u32;
                let whole = dice.between(1, 10_u64.pow(digits));
                let round = dice.chance(30);
                let fraction = if round { 0 } else { dice.between(0, 9_999_999) };
                whole * 10_000_000 + fraction
            }
            Self::Number { low, high } => dice.between(low, high),
        }
    }

    fn write(self, value: u64, spelling: Spelling, closed: &Closed, out: &mut Vec<u8>) {
        match self {
            Self::Ledger => out.extend_from_slice(closed.number.as_bytes()),
            Self::LedgerHash => out.extend_from_slice(closed.hash.as_bytes()),
            Self::Unix => out.extend_from_slice(closed.unix.as_bytes()),
            Self::Millis => {
                out.extend_from_slice(closed.unix.as_bytes());
                out.extend_from_slice(b"000");
            }
            Self::Time => out.extend_from_slice(closed.time.as_bytes()),
            Self::Moment => out.extend_from_slice(closed.later(value).as_bytes()),
            Self::Hash => hash(value, out),
            Self::Filler => fill(value as usize, out),
            Self::Blank => out.resize(out.len() + value as usize, b' '),
            Self::Toid | Self::Money | Self::Number { .. } => match spelling {
                Spelling::Plain => digits(value, 1, out),
                Spelling::Padded => digits(value, 19, out),
                Spelling::Decimal => {
                    digits(value / 10_000_000, 1, out);
                    out.push(b'.');
                    digits(value % 10_000_000, 7, out);
                }
            },
        }
    }
}

/// Decimal digits, at least so many.
fn digits(mut value: u64, least: usize, out: &mut Vec<u8>) {
    let mut text = [b'0'; 20];
    let mut at = text.len();
    while value > 0 {
        at -= 1;
        text[at] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend_from_slice(&text[at.min(text.len() - least)..]);
}

/// 64 hexadecimal digits that follow from a number.
fn hash(seed: u64, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for byte in Dice::new(seed).bytes() {
        out.push(HEX[usize::from(byte >> 4)]);
        out.push(HEX[usize::from(byte & 15)]);
    }
}

/// So many characters of what could be base 64.
fn fill(count: usize, out: &mut Vec<u8>) {
    const TEXT: &[u8; 64] = b"AAAAZgBTdGVsbGFyL2xlZGdlci9jbG9zZS9tZXRhL3YzAAECAwQFBgcICQoLDA0O";
    for _ in 0..count / TEXT.len() {
        out.extend_from_slice(TEXT);
    }
    out.extend_from_slice(&TEXT[..count % TEXT.len()]);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn closed() -> Closed {
        Closed::new(60_123_456, 1_767_225_605_412_345, &mut Dice::new(1))
    }

    fn filled(event: &Value, slots: Slots, filler: usize) -> Value {
        let mut out = Vec::new();
        Template::new(event, slots).fill(&closed(), &mut Dice::new(5), filler, &mut out);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn marks_in_strings_and_numbers_are_filled_in() {
        let mut slots = Slots::default();
        let mut place = |slot| slots.add(slot);
        let (ledger, unix, time) = (place(Slot::Ledger), place(Slot::Unix), place(Slot::Time));
        let number = place(Slot::Number { low: 7, high: 7 });
        let toid = place(Slot::Toid);
        let event = json!({
            "s": ledger.number(), "u": unix.text(), "t": time.text(), "n": number.number(),
            "p": format!("<{}>", number.padded()), "d": number.decimal(), "toid": toid.number(),
            "other": 88, "text": "\u{f8ff}",
        });
        let filled = filled(&event, slots, 0);
        let toid = filled["toid"].as_u64().unwrap();
        assert_eq!(toid >> 32, 60_123_456);
        assert_eq!(
            filled,
            json!({
                "s": 60_123_456, "u": "1767225605", "t": "2026-01-01T00:00:05Z", "n": 7,
                "p": "<0000000000000000007>", "d": "0.0000007", "toid": toid,
                "other": 88, "text": "\u{f8ff}",
            })
        );
    }

    #[test]
    fn a_slot_has_one_value_in_all_its_places() {
        let mut slots = Slots::default();
        let (money, hash) = (slots.add(Slot::Money), slots.add(Slot::Hash));
        let other = slots.add(Slot::Hash);
        let event = json!({
            "raw": money.number(), "text": money.text(), "decimal": money.decimal(),
            "hash": hash.text(), "again": hash.text(), "other": other.text(),
        });
        let filled = filled(&event, slots, 0);
        let raw = filled["raw"].as_u64().unwrap();
        assert_eq!(filled["text"], raw.to_string());
        let decimal = format!("{}.{:07}", raw / 10_000_000, raw % 10_000_000);
        assert_eq!(filled["decimal"], decimal);
        assert_eq!(filled["hash"], filled["again"]);
        assert_ne!(filled["hash"], filled["other"]);
        assert_eq!(filled["hash"].as_str().unwrap().len(), 64);
    }

    #[test]
    fn fillers_lengthen_by_what_is_asked() {
        let mut slots = Slots::default();
        let filler = slots.add(Slot::Filler);
        let event = json!({ "memo": format!("m{}", filler.text()) });
        for length in [0, 1, 63, 64, 1000] {
            let event = filled(&event, slots.clone(), length);
            assert_eq!(event["memo"].as_str().unwrap().len(), 1 + length);
        }
        let mut blank = Template::new(&json!({ "a": 1 }), Slots::default());
        blank.add_blank();
        let mut out = Vec::new();
        blank.fill(&closed(), &mut Dice::new(1), 3, &mut out);
        assert_eq!(out, b"{\"a\":1   }");
    }
}
