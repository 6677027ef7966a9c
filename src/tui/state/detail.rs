//! What the detail pane shows of the selected entry.

use crate::body::{Body, Node, Value};
use crate::frame::Seq;
use crate::profile::Secrets;

use super::raw::Wrapped;
use super::tree::{Folds, Tree};

/// One reading of the entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Facet {
    /// The decoded tree.
    #[default]
    Decoded,
    /// The payload as text.
    Raw,
    /// The payload as bytes.
    Hex,
    /// How it looked on the wire, and when.
    Frame,
    /// The other half: the reply of an ask, the ask of a reply.
    Pair,
}

impl Facet {
    /// All readings, in the order of their titles.
    pub const ALL: [Self; 5] = [Self::Decoded, Self::Raw, Self::Hex, Self::Frame, Self::Pair];

    /// The title in the border.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Decoded => "Decoded",
            Self::Raw => "Raw",
            Self::Hex => "Hex",
            Self::Frame => "Frame",
            Self::Pair => "Pair",
        }
    }

    /// The reading `steps` further, around the ends.
    #[must_use]
    pub fn turned(self, steps: isize) -> Self {
        let count = Self::ALL.len() as isize;
        Self::ALL[(self as isize + steps).rem_euclid(count) as usize]
    }
}

/// A decoded entry, laid out.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    /// The tree.
    pub tree: Tree,
    /// How it was read.
    pub via: String,
    /// Correlation key.
    pub key: Option<String>,
    /// A sentence about all frames of this make.
    pub aside: Option<&'static str>,
    /// Sentences about this frame.
    pub notes: Vec<String>,
    /// Why (part of) it does not decode.
    pub error: Option<String>,
}

impl Decoded {
    /// Lays `body` out, with what is secret masked.
    #[must_use]
    pub fn new(mut body: Body, folds: &Folds, secrets: &Secrets) -> Self {
        if !secrets.is_empty() {
            mask(&mut body.root, secrets);
            let texts = body
                .notes
                .iter_mut()
                .chain(&mut body.key)
                .chain(&mut body.error);
            for text in texts {
                *text = secrets.mask(text);
            }
        }
        Self {
            tree: Tree::new(body.root, folds),
            via: body.via,
            key: body.key,
            aside: body.aside,
            notes: body.notes,
            error: body.error,
        }
    }
}

fn mask(node: &mut Node, secrets: &Secrets) {
    match &mut node.value {
        Value::Text(text) | Value::Unread(text) => *text = secrets.mask(text),
        Value::Bytes(bytes) => {
            let whole = 0..bytes.len();
            *bytes = secrets.mask_bytes(bytes, whole).into_owned();
        }
        _ => {}
    }
    for child in &mut node.children {
        mask(child, secrets);
    }
}

/// How far the reading of an entry has come.
#[derive(Clone, Debug)]
pub enum Reading {
    /// A worker is at it.
    Pending,
    /// Done.
    Done(Box<Decoded>),
    /// The entry has left the memory.
    Gone,
}

/// An entry and its reading.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The entry.
    pub seq: Seq,
    /// Its reading.
    pub reading: Reading,
}

/// What the detail pane of one session shows. Made anew from the entry's bytes whenever another
/// entry is selected; nothing decoded is kept beyond the selected entry and its other half.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// The reading on top.
    pub facet: Facet,
    /// The selected entry.
    pub shown: Option<Shown>,
    /// Its other half, while that is looked at.
    pub other: Option<Shown>,
    /// Branches a person opened or closed.
    pub folds: Folds,
    /// The selected node of the tree.
    pub cursor: usize,
    /// The first row of the tree.
    pub top: usize,
    /// The selected byte; the node follows it and it follows the node.
    pub byte: usize,
    /// First row of the other readings.
    pub scroll: usize,
    /// The payload broken into rows, while it is read as text.
    pub wrapped: Option<Wrapped>,
}

impl Detail {
    /// The decoded selected entry.
    #[must_use]
    pub fn decoded(&self) -> Option<&Decoded> {
        match &self.shown.as_ref()?.reading {
            Reading::Done(decoded) => Some(decoded),
            Reading::Pending | Reading::Gone => None,
        }
    }

    /// The tree of the selected entry, to open and close branches of.
    pub fn tree_mut(&mut self) -> Option<&mut Tree> {
        match &mut self.shown.as_mut()?.reading {
            Reading::Done(decoded) => Some(&mut decoded.tree),
            Reading::Pending | Reading::Gone => None,
        }
    }

    /// Forgets what was read, so that it is read again.
    pub fn forget(&mut self) {
        self.shown = None;
        self.other = None;
        self.wrapped = None;
    }

    /// Has the entry read again, the cursor staying where it is.
    pub fn read_again(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.reading = Reading::Pending;
        }
        self.other = None;
    }

    /// Turns to an entry. If it is another one, it starts at the top; the reading on top stays.
    pub fn turn_to(&mut self, shown: Shown) {
        let before = self.shown.replace(shown);
        if before.map(|shown| shown.seq) == self.shown.as_ref().map(|shown| shown.seq) {
            let last = self.decoded().map(|decoded| decoded.tree.len());
            self.cursor = self.cursor.min(last.unwrap_or(0).saturating_sub(1));
            return;
        }
        self.wrapped = None;
        self.cursor = 0;
        self.top = 0;
        self.byte = 0;
        self.scroll = 0;
    }

    /// Lets the selected byte follow the selected node.
    pub fn byte_follows(&mut self) {
        let span = self
            .decoded()
            .and_then(|decoded| decoded.tree.item(self.cursor)?.span.clone());
        if let Some(span) = span {
            self.byte = span.start;
        }
    }

    /// Lets the selected node follow the selected byte.
    pub fn node_follows(&mut self) {
        let node = self
            .decoded()
            .and_then(|decoded| decoded.tree.at_byte(self.byte));
        if let Some(node) = node {
            self.cursor = node;
        }
    }
}
