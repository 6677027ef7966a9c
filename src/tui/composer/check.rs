//! What would be sent, or why nothing can be: looked at after every change.

use std::sync::Arc;

use bytes::Bytes;

use crate::compose::{self, ComposeError, Context, Prepared, Recipe};
use crate::frame::Stamp;
use crate::protocol::{Command, Outbox, Outgoing, Settings, System};
use crate::schema::Schema;

use super::answer::AnswerForm;
use super::broker;
use super::document;
use super::draft::Draft;
use super::kind::Kind;

/// Most documents sent from the composer at once; `wspect send` takes any number.
pub const AT_ONCE: usize = 500;

/// What a draft is read with.
#[derive(Clone, Copy)]
pub struct Language<'a> {
    /// The system it is written for.
    pub system: System,
    /// The session's settings.
    pub settings: &'a Settings,
    /// The session's schema.
    pub schema: &'a Schema,
}

/// Why a draft is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// A sentence. Not sanitised.
    pub text: String,
    /// The line of the text of several lines it is about, from 0.
    pub line: Option<usize>,
    /// The event it is about, from 0.
    pub event: Option<usize>,
}

impl Problem {
    fn of_all(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// One message as it would be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What it is about, as the timeline will call it.
    pub label: String,
    /// Lines about it: a batch's events and where they go.
    pub about: Vec<About>,
    /// What is odd about it: sentences. Not sanitised.
    pub warnings: Vec<String>,
    /// What comes of it, as far as it is known before: sentences. Not sanitised.
    pub foretold: Vec<String>,
    /// The frames, as far as they do not hang on what the connection has been through.
    pub frames: Vec<Outgoing>,
}

/// A line about an event of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Event type.
    pub kind: String,
    /// What it is encoded as.
    pub via: String,
    /// Size of the payload, bytes.
    pub size: usize,
    /// Where the server publishes it.
    pub destination: String,
}

impl Message {
    /// Size of all frames, bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.frames.iter().map(|frame| payload(frame).len()).sum()
    }
}

/// The payload of a frame; of a close frame its reason.
#[must_use]
pub fn payload(frame: &Outgoing) -> Bytes {
    match frame {
        Outgoing::Text(bytes)
        | Outgoing::Binary(bytes)
        | Outgoing::Ping(bytes)
        | Outgoing::Pong(bytes) => bytes.clone(),
        Outgoing::Call(call) => call.body.clone(),
        Outgoing::Close { reason, .. } => Bytes::from(reason.clone()),
    }
}

/// What kind of frame it is, as the composer calls it.
#[must_use]
pub const fn opcode(frame: &Outgoing) -> &'static str {
    match frame {
        Outgoing::Text(_) => "text frame",
        Outgoing::Binary(_) => "binary frame",
        Outgoing::Ping(_) => "ping",
        Outgoing::Pong(_) => "pong",
        Outgoing::Call(call) => call.route.name(),
        Outgoing::Close { .. } => "close frame",
    }
}

/// What `draft` becomes, or why it cannot be sent.
pub fn prepare(
    draft: &Draft,
    language: Language<'_>,
    context: Context<'_>,
) -> Result<Vec<Prepared>, Problem> {
    whole_values(draft)?;
    let Language {
        system,
        settings,
        schema,
    } = language;
    let written = document::write(draft, settings);
    let read = |text: &str| {
        let mut context = context;
        compose::parse(text, system, settings, schema, &mut context)
    };
    let mut prepared = read(&written.text).map_err(|error| placed(draft, &written, &error))?;
    // Checked as written, for the lines in its errors; sent without the white space.
    if is_packed(draft.kind) {
        let packed = document::packed(&written.text);
        prepared = read(&packed).map_err(|error| Problem::of_all(error.to_string()))?;
    }
    if prepared.len() > AT_ONCE {
        return Err(Problem::of_all(format!(
            "{} documents are more than the {AT_ONCE} sent from here at once; `wspect send` takes \
             any number, and a rate",
            prepared.len()
        )));
    }
    Ok(prepared)
}

/// What is sent of `draft`, read once for all times.
pub fn recipes(
    draft: &Draft,
    system: System,
    (settings, schema): (&Arc<Settings>, &Arc<Schema>),
    context: &Context<'_>,
) -> Result<Vec<Recipe>, Problem> {
    let mut text = document::write(draft, settings).text;
    if is_packed(draft.kind) {
        text = document::packed(&text);
    }
    let recipes = Recipe::all(&text, system, settings, schema, context);
    recipes.map_err(|error| Problem::of_all(error.to_string()))
}

/// True for what is checked as written and sent without its white space.
const fn is_packed(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Publish | Kind::Request | Kind::Proxy | Kind::Reply | Kind::Register
    )
}

/// Texts that stand in the document as they are must not end in the middle of it.
fn whole_values(draft: &Draft) -> Result<(), Problem> {
    let problem = |text: &str, event: Option<usize>| {
        document::one_value(text).err().map(|(at, what)| {
            let line = text[..at].matches('\n').count();
            let number = line + 1;
            let at = match event {
                Some(event) => format!("event {}, line {number}: {what}", event + 1),
                None => format!("line {number}: {what}"),
            };
            Problem {
                text: at,
                line: Some(line),
                event,
            }
        })
    };
    let found = match draft.kind {
        Kind::Batch => {
            let events = draft.events.iter().enumerate();
            let mut events = events.filter(|(_, event)| event.encoding.is_json());
            events.find_map(|(index, event)| problem(event.data.text(), Some(index)))
        }
        Kind::Register | Kind::Publish | Kind::Request | Kind::Proxy if !draft.body.is_blank() => {
            problem(draft.body.text(), None)
        }
        Kind::Reply if draft.answer == AnswerForm::Payload && !draft.body.is_blank() => {
            problem(draft.body.text(), None)
        }
        _ => None,
    };
    found.map_or(Ok(()), Err)
}

/// The error where it belongs on the form.
fn placed(draft: &Draft, written: &document::Written, error: &ComposeError) -> Problem {
    let whole = error.to_string();
    let Some(at) = error.position() else {
        return Problem::of_all(whole);
    };
    let said = whole.strip_prefix(&format!("{at}: ")).unwrap_or(&whole);
    let Some(line) = at.line else {
        return Problem::of_all(said);
    };
    // The last text that begins before the line is the one with the line.
    let starts = written.starts.iter().enumerate();
    let place = starts
        .filter_map(|(index, start)| Some((index, line.checked_sub((*start)?)?)))
        .next_back();
    let lines = |index: usize| {
        let text = match draft.events.get(index) {
            Some(event) => event.data.text(),
            None => draft.body.text(),
        };
        text.split('\n').count()
    };
    let Some((index, line)) = place.filter(|(index, line)| *line < lines(*index)) else {
        return Problem::of_all(said);
    };
    let event = (draft.kind == Kind::Batch).then_some(index);
    let text = match (draft.kind, event) {
        (Kind::Document, _) => format!("{at}: {said}"),
        _ => said.to_owned(),
    };
    Problem {
        text,
        line: Some(line),
        event,
    }
}

/// What `prepared` looks like on the wire: a conversation that has only just begun is told to
/// send it, and nobody listens. `own` is our id to the broker.
pub fn rehearse(
    prepared: &[Prepared],
    language: Language<'_>,
    own: &str,
    now: Stamp,
) -> Result<Vec<Message>, Problem> {
    let mut protocol = (language.system.row().make)(language.settings);
    prepared
        .iter()
        .map(|one| {
            let mut out = Outbox::default();
            let mut command = one.command.clone();
            if let Command::Proxy { target, .. } = &mut command {
                target.get_or_insert_with(|| own.to_owned());
            }
            protocol
                .commanded(command, now, &mut out)
                .map_err(|error| Problem::of_all(error.to_string()))?;
            Ok(Message {
                label: one.label.clone(),
                about: about(one),
                warnings: one.warnings.clone(),
                foretold: match language.system {
                    System::WebSocketMq => broker::foretold(&one.command, language.settings),
                    _ => Vec::new(),
                },
                frames: out.sends,
            })
        })
        .collect()
}

fn about(prepared: &Prepared) -> Vec<About> {
    let events = prepared.preview.iter().flat_map(|preview| &preview.events);
    events
        .map(|event| About {
            kind: event.kind.clone(),
            via: match (&event.message, event.serialization) {
                (Some(message), _) => message.clone(),
                (None, crate::protocol::raccoon::Serialization::Json) => "JSON".to_owned(),
                (None, _) => "raw".to_owned(),
            },
            size: event.size,
            destination: event.destination.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
