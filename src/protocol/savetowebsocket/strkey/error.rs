//! What is wrong with a key.

use super::{Kind, read};

/// What is wrong with a key. Positions count characters from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StrkeyError {
    /// No text.
    #[error("no key; an account's is G and 55 more characters")]
    Empty,
    /// A key with white space before or behind it.
    #[error("white space around the key; the server compares it too, so take it away")]
    Spaced,
    /// A key in small letters, or in some.
    #[error("small letters: a key is written in capitals, and the server compares case")]
    SmallLetters,
    /// A key as programs show it, cut in the middle.
    #[error("a key cut short at character {at}; the whole one is needed")]
    Cut {
        /// Where the cut is.
        at: usize,
    },
    /// A character that is in no key.
    #[error("character {at} is {found:?}; a key has only A-Z and 2-7{}", meant(*found))]
    Character {
        /// Where.
        at: usize,
        /// What stands there.
        found: char,
    },
    /// No kind of key begins like this.
    #[error("no key begins with {0:?}; an account's begins with G, a contract's with C")]
    Letter(char),
    /// The letter behind the first one.
    #[error("character 2 is {found:?}; behind {first} stands A, B, C or D")]
    Second {
        /// The first letter.
        first: char,
        /// What stands behind it.
        found: char,
    },
    /// Too short or too long.
    #[error("{found} characters; {}", length(*kind))]
    Length {
        /// What the first letter says it is.
        kind: Kind,
        /// How many there are.
        found: usize,
    },
    /// The last character has bits that do not belong to any byte and are not 0.
    #[error("the last character ({at}) cannot end a key: it was changed, or the end is missing")]
    Bits {
        /// Where it is.
        at: usize,
    },
    /// The checksum does not fit: some character was changed.
    #[error("wrong checksum: at least one character is not the right one")]
    Checksum,
    /// The checksum fits, but not the bytes.
    #[error("the checksum fits, but what is inside is no {}", .0.name())]
    Inside(Kind),
}

/// What is often meant by a character that is in no key.
fn meant(found: char) -> &'static str {
    match found {
        '0' => " (the letter O?)",
        '1' => " (the letter I or L?)",
        '8' => " (the letter B?)",
        'a'..='z' => ", no small letters",
        _ => "",
    }
}

fn length(kind: Kind) -> String {
    let (name, letter) = (kind.name(), kind.letter());
    let (least, most) = kind.chars();
    if least == most {
        format!("a key that begins with {letter} ({name}) has {least}")
    } else {
        format!("a key that begins with {letter} ({name}) has {least} to {most}")
    }
}

/// The error as a person needs it: what was pasted around a good key, and characters counted.
pub(super) fn told(text: &str, error: StrkeyError) -> StrkeyError {
    let StrkeyError::Character { at, .. } = error else {
        return error;
    };
    let trimmed = text.trim();
    if trimmed.len() < text.len() && read(trimmed.as_bytes()).is_ok() {
        return StrkeyError::Spaced;
    }
    let place = text.char_indices().enumerate();
    let place = place.take_while(|(_, (byte, _))| *byte < at).last();
    let (index, (byte, found)) = place.unwrap_or_default();
    let at = index + 1;
    let rest = &text[byte..];
    if at > 1 && (rest.starts_with("..") || rest.starts_with(['…', '⋯'])) {
        return StrkeyError::Cut { at };
    }
    if found.is_ascii_lowercase() && is_key_in_capitals(text) {
        return StrkeyError::SmallLetters;
    }
    StrkeyError::Character { at, found }
}

fn is_key_in_capitals(text: &str) -> bool {
    let mut capitals = [0; super::CHARS_MAX];
    let Some(capitals) = capitals.get_mut(..text.len()) else {
        return false;
    };
    capitals.copy_from_slice(text.as_bytes());
    capitals.make_ascii_uppercase();
    read(capitals).is_ok()
}
