//! From the text of a file or the composer to single documents with known lines.
//!
//! ```text
//! JSON: one value or a stream ─┐                     ┌► fill templates ► tree with spans
//! TOML: one document, or ──────┴► cut into documents ┘        (a Document)
//!       [[batch]] / [[message]]
//! ```

use std::borrow::Cow;
use std::ops::Range;

use crate::body::Node;
use crate::schema::{json, scan};
use crate::toml_error;

use super::context::Context;
use super::error::{ComposeError, Position};
use super::template::{self, Pattern, TemplateError};
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

/// The text of one document, cut out of the whole and not yet read.
#[derive(Clone, Debug)]
pub(super) struct Source<'t> {
    number: usize,
    first_line: Option<usize>,
    text: Cow<'t, str>,
}

/// The documents of `text`, in order.
pub(super) fn sources(text: &str) -> Result<Vec<Source<'_>>, ComposeError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sources = Vec::new();
    if looks_like_toml(text) {
        let documents = toml_documents(text)?.into_iter();
        return Ok(documents
            .zip(1..)
            .map(|(json, number)| Source {
                number,
                first_line: None,
                text: Cow::Owned(json),
            })
            .collect());
    }
    let mut rest = text;
    let (mut line, mut counted) = (1, 0);
    while !rest.trim_start().is_empty() {
        let start = text.len() - rest.trim_start().len();
        // What does not end is the reader's to complain about.
        let end = scan::value(&text.as_bytes()[start..]).map_or(text.len(), |one| start + one.end);
        line += text[counted..start].matches('\n').count();
        counted = start;
        sources.push(Source {
            number: sources.len() + 1,
            first_line: Some(line),
            text: Cow::Borrowed(&text[start..end]),
        });
        rest = &text[end..];
    }
    Ok(sources)
}

impl Source<'_> {
    /// The same, on its own.
    pub(super) fn into_owned(self) -> Source<'static> {
        Source {
            text: Cow::Owned(self.text.into_owned()),
            ..self
        }
    }

    /// Its templates.
    pub(super) fn pattern(&self) -> Result<Pattern, ComposeError> {
        Pattern::read(&self.text).map_err(|error| self.template(error))
    }

    /// Fills in its templates and reads it.
    pub(super) fn read(&self, context: &mut Context<'_>) -> Result<Document, ComposeError> {
        let text = template::fill(&self.text, context).map_err(|error| self.template(error))?;
        self.tree(text)
    }

    /// Reads it with its templates filled in.
    pub(super) fn tree(&self, text: String) -> Result<Document, ComposeError> {
        let (number, first_line) = (self.number, self.first_line);
        let root = json::tree(text.as_bytes(), 0).map_err(|error| ComposeError::Syntax {
            at: position(number, first_line, &text, error.offset),
            what: format!(
                "not JSON: {}; to send plain text write {{\"text\":\"…\"}}",
                error.what
            ),
        })?;
        Ok(Document {
            number,
            first_line,
            text,
            root,
        })
    }

    /// A part of it with its templates filled in.
    pub(super) fn filled(
        &self,
        part: &Pattern,
        context: &mut Context<'_>,
    ) -> Result<String, ComposeError> {
        let mut text = String::new();
        let written = part.write(context, &mut text);
        written.map_err(|error| self.template(error))?;
        Ok(text)
    }

    fn template(&self, error: TemplateError) -> ComposeError {
        ComposeError::Template {
            at: position(self.number, self.first_line, &self.text, error.offset),
            what: error.what,
        }
    }
}

impl Document {
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

    /// Where it stands in the document's text, templates filled in.
    pub(super) fn span(&self) -> Option<Range<usize>> {
        self.node.span.clone()
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
