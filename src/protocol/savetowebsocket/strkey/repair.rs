//! The one slip of the hand that explains a wrong key.

use super::{ALPHABET, CHARS_MAX, Kind, read};

/// A key one slip away from what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The key.
    pub key: String,
    /// The character that differs, from 1.
    pub at: usize,
    /// What happened there.
    pub slip: Slip,
}

/// How a hand slips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// Another character stands there.
    Changed,
    /// It changed places with the next.
    Swapped,
    /// A character is missing before it.
    Missing,
    /// It is one too many.
    Extra,
}

impl Repair {
    /// What happened, in words: `character 7 should be Q`.
    #[must_use]
    pub fn told(&self) -> String {
        let at = self.at;
        let right = self.key.chars().nth(at - 1).unwrap_or_default();
        match self.slip {
            Slip::Changed => format!("with {right} as character {at} it is a key"),
            Slip::Swapped => {
                format!("with characters {at} and {} swapped it is a key", at + 1)
            }
            Slip::Missing => format!("with {right} put in as character {at} it is a key"),
            Slip::Extra => format!("without character {at} it is a key"),
        }
    }
}

/// The key that one slip turns into `text`, if there is exactly one. A checksum of 16 bits lets
/// about one of forty keys with more slips than one through, so it is a guess to be compared
/// with the source, never one to be put in silently.
///
/// Some thousand checksums: for what is looked at now and then, not for every event.
#[must_use]
pub fn repair(text: &str) -> Option<Repair> {
    if !text.is_ascii() || text.len() >= CHARS_MAX || read(text.as_bytes()).is_ok() {
        return None;
    }
    let text = text.to_ascii_uppercase();
    let mut search = Search {
        text: text.as_bytes(),
        found: None,
        many: false,
    };
    search.all();
    search.found.filter(|_| !search.many)
}

struct Search<'a> {
    text: &'a [u8],
    found: Option<Repair>,
    many: bool,
}

impl Search<'_> {
    fn all(&mut self) {
        let len = self.text.len();
        let fits = |len: usize| {
            let mut lengths = Kind::ALL.into_iter().map(Kind::chars);
            lengths.any(|(least, most)| (least..=most).contains(&len))
        };
        let mut key = [0; CHARS_MAX];
        if fits(len) {
            let key = &mut key[..len];
            for at in 0..len {
                key.copy_from_slice(self.text);
                for letter in ALPHABET {
                    key[at] = *letter;
                    self.look(key, at, Slip::Changed);
                }
            }
            for at in 1..len {
                key.copy_from_slice(self.text);
                key.swap(at - 1, at);
                self.look(key, at - 1, Slip::Swapped);
            }
        }
        if fits(len + 1) {
            let key = &mut key[..=len];
            for at in 0..=len {
                key[..at].copy_from_slice(&self.text[..at]);
                key[at + 1..].copy_from_slice(&self.text[at..]);
                for letter in ALPHABET {
                    key[at] = *letter;
                    self.look(key, at, Slip::Missing);
                }
            }
        }
        if len > 0 && fits(len - 1) {
            let key = &mut key[..len - 1];
            for at in 0..len {
                key[..at].copy_from_slice(&self.text[..at]);
                key[at..].copy_from_slice(&self.text[at + 1..]);
                self.look(key, at, Slip::Extra);
            }
        }
    }

    fn look(&mut self, key: &[u8], at: usize, slip: Slip) {
        // A secret is never offered.
        if self.many || key[0] == b'S' || read(key).is_err() {
            return;
        }
        match &self.found {
            None => {
                self.found = Some(Repair {
                    key: String::from_utf8_lossy(key).into_owned(),
                    at: at + 1,
                    slip,
                });
            }
            // The same key reached in another way: which of two equal letters is one too many.
            Some(found) => self.many |= found.key.as_bytes() != key,
        }
    }
}
