//! From the text of a file or the composer to single documents with known lines.
//!
//! ```text
//! JSON: one value or a stream ─┐                     ┌► fill templates ► tree with spans
//! TOML: one document, or ──────┴► cut into documents ┘        (a Document)
//!       [[batch]] / [[message]]
//! ```

use crate::body::Node;
use crate::schema::{json, scan};
use crate::toml_error;

use super::context::Context;
use super::error::{ComposeError, Position};
use super::template;
use super::toml::{looks_like_toml, toml_documents};

/// One document, templates filled in.
#[derive(Debug)]
pub(super) struct Document {
    number: usize,
    /// Line of the text given where it begins; `None` for what came from TOML.
    first_line: Option<usize>,
    text: String,
    /// Spans count in `text`.
    pub(super) root: Node,
}

impl Document {
    /// The documents of `text`, in order.
    pub(super) fn split(text: &str, context: &mut Context<'_>) -> Result<Vec<Self>, ComposeError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut documents = Vec::new();
        if looks_like_toml(text) {
            for json in toml_documents(text)? {
                let number = documents.len() + 1;
                documents.push(Self::read(&json, number, None, context)?);
            }
            return Ok(documents);
        }
        let mut rest = text;
        while !rest.trim_start().is_empty() {
            let start = text.len() - rest.trim_start().len();
            // What does not end is the reader's to complain about.
            let end =
                scan::value(&text.as_bytes()[start..]).map_or(text.len(), |one| start + one.end);
            let number = documents.len() + 1;
            let line = toml_error::line_at(text, start);
            documents.push(Self::read(&text[start..end], number, Some(line), context)?);
            rest = &text[end..];
        }
        Ok(documents)
    }

    fn read(
        source: &str,
        number: usize,
        first_line: Option<usize>,
        context: &mut Context<'_>,
    ) -> Result<Self, ComposeError> {
        context.counter += 1;
        let text = template::fill(source, context).map_err(|error| ComposeError::Template {
            at: position(number, first_line, source, error.offset),
            what: error.what,
        })?;
        let root = json::tree(text.as_bytes(), 0).map_err(|error| ComposeError::Syntax {
            at: position(number, first_line, &text, error.offset),
            what: format!(
                "not JSON: {}; to send plain text write {{\"text\":\"…\"}}",
                error.what
            ),
        })?;
        Ok(Self {
            number,
            first_line,
            text,
            root,
        })
    }

    /// The whole document as a field without a path.
    pub(super) fn whole(&self) -> Field<'_> {
        Field {
            document: self,
            node: &self.root,
            path: String::new(),
        }
    }
}

fn position(number: usize, first_line: Option<usize>, text: &str, offset: usize) -> Position {
    Position {
        document: number,
        // Templates add no lines, so lines of the filled text are lines of the file.
        line: first_line.map(|first| first + toml_error::line_at(text, offset) - 1),
    }
}

/// A value in a document and the way to it.
#[derive(Clone, Debug)]
pub(super) struct Field<'d> {
    document: &'d Document,
    pub(super) node: &'d Node,
    pub(super) path: String,
}

impl<'d> Field<'d> {
    /// Where it stands.
    pub(super) fn at(&self) -> Position {
        let Document {
            number,
            first_line,
            text,
            ..
        } = self.document;
        let offset = self.node.span.as_ref().map_or(0, |span| span.start);
        position(*number, *first_line, text, offset)
    }

    /// Its text as it stands in the document.
    pub(super) fn raw(&self) -> &'d str {
        let span = self.node.span.clone().unwrap_or_default();
        self.document.text.get(span).unwrap_or_default()
    }

    /// The member of that name.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let node = self.node.child(name)?;
        Some(self.inside(node, name))
    }

    /// Members or elements, in order.
    pub(super) fn children(&self) -> impl Iterator<Item = Self> {
        self.node.children.iter().enumerate().map(|(index, node)| {
            let mut field = self.inside(node, &node.name);
            if self.is_array() {
                field.path = format!("{}[{index}]", self.path);
            }
            field
        })
    }

    fn inside(&self, node: &'d Node, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self {
            document: self.document,
            node,
            path: format!("{}{dot}{name}", self.path),
        }
    }
}
