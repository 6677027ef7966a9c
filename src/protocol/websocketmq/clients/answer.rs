//! The answer to `system:list_clients`, read leniently.

use std::collections::HashSet;
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;

use crate::schema::scan;

/// Clients kept of one answer.
pub(super) const ROWS_MAX: usize = 1_000;
/// Bytes kept of a text.
const TEXT_MAX: usize = 256;
/// Elements looked at: more do not fit into the largest message there is.
const ELEMENTS_MAX: usize = 1 << 20;

/// A client as an answer names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) url: String,
}

/// All clients of an answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The first of them, each id once.
    pub(super) rows: Vec<Listed>,
    /// Hashes of all ids, those of clients that did not fit included.
    pub(super) ids: HashSet<u64, RandomState>,
    /// Clients without a row.
    pub(super) forgotten: u64,
}

impl Answer {
    /// Reads a payload; why not, if it has no `clients`. `null` stands for no clients.
    pub(super) fn read(payload: Option<&[u8]>, hasher: &RandomState) -> Result<Self, String> {
        let list = payload.and_then(|raw| scan::member_any_case(raw, "clients"));
        let list = list.ok_or("the answer has no `clients`")?;
        if !matches!(list.first(), Some(b'[' | b'n')) {
            return Err("`clients` of the answer is no array".to_owned());
        }
        let mut answer = Self::default();
        for element in scan::elements(list).take(ELEMENTS_MAX) {
            let Some(listed) = Listed::read(element) else {
                answer.forgotten += 1;
                continue;
            };
            if !answer.ids.insert(hasher.hash_one(&*listed.id)) {
                continue;
            }
            if answer.rows.len() < ROWS_MAX {
                answer.rows.push(listed);
            } else {
                answer.forgotten += 1;
            }
        }
        Ok(answer)
    }
}

impl Listed {
    /// `None` for what is no object or has no id.
    fn read(element: &[u8]) -> Option<Self> {
        let text = |name| {
            let value = scan::member_any_case(element, name).and_then(scan::string);
            cut(value.unwrap_or_default().into_owned())
        };
        let id = text("id");
        (!id.is_empty()).then(|| Self {
            id,
            name: text("name"),
            kind: text("clientType"),
            url: text("clientUrl"),
        })
    }

    /// `Control CLI (cli)`, or what is known instead.
    pub(super) fn shown(&self) -> String {
        shown(&self.id, &self.name, &self.kind)
    }
}

/// A client within a sentence.
pub(super) fn shown(id: &str, name: &str, kind: &str) -> String {
    let kind = if kind.is_empty() { "no type" } else { kind };
    if name.is_empty() {
        format!("{id} ({kind})")
    } else {
        format!("{name} ({kind}, id {id})")
    }
}

fn cut(mut text: String) -> String {
    if text.len() > TEXT_MAX {
        text.truncate(text.floor_char_boundary(TEXT_MAX));
        text.push('…');
    }
    text
}
