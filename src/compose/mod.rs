//! What a person writes to be sent: batch documents and the small documents of the other systems.
//!
//! ```text
//! text ─► documents ─► templates filled ─► keys, values, data checked ─► Prepared (Command + label)
//!         JSON, TOML    Context              Schema, Settings
//! ```
//!
//! Everything in a text is checked before anything of it is sent. Time, chance and environment
//! come in as values ([`Context`]), so equal inputs give equal bytes.
//!
//! | System | Documents |
//! | --- | --- |
//! | all | `{"text":"…"}` `{"hex":"…"}` `{"base64":"…"}` `{"ping":"…"}` `{"pong":"…"}` `{"close":1000,"reason":"…"}` |
//! | Raccoon | `{"req_guid":…,"sent_time":…,"events":[{"type":…,"data":…}]}` |
//! | `SaveToWebSocket` | `{"register":{"types":[…],"account_ids":[…],"asset_codes":[…],"min_amount":"…","custom":…}}`; with `"lint":false` beside it anything is sent as the filters |
//! | `WebSocketMQ` | `{"publish":"topic","payload":…}` `{"request":"topic","payload":…,"within":"5s"}` `{"proxy":"client id","topic":"…","payload":…}` `{"subscribe":"topic"}` `{"unsubscribe":"topic"}` `{"reply":"id","topic":"…","payload":…}` `{"register":{…}}` `{"probe":true}` `{"clients":"5s"}` `{"hold_calls":true}` |
//! | generic | any other JSON value, sent as text as it is |

mod again;
mod batch;
mod context;
pub mod demo;
mod document;
mod error;
mod field;
mod generic;
mod raw;
mod recipe;
mod savetowebsocket;
mod template;
mod toml;
mod websocketmq;
mod written;

use crate::protocol::{Command, Settings, System};
use crate::schema::Schema;

pub use again::Captured;
pub use batch::{EventPreview, Preview};
pub use context::Context;
pub use error::{ComposeError, Position};
pub use recipe::Recipe;
pub use written::written;

use document::Source;

/// A document ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// What the session is told to send.
    pub command: Command,
    /// True if the system answers such a message.
    pub expects_reply: bool,
    /// The key the reply will carry, where the document decides it.
    pub key: Option<String>,
    /// What it is about, as the timeline will call it: `click×2 page×1`, a topic.
    pub label: String,
    /// Raccoon: what is in the batch.
    pub preview: Option<Preview>,
    /// What is odd about it, to be told before it is sent: sentences.
    pub warnings: Vec<String>,
}

impl Prepared {
    /// A message nobody answers.
    fn silent(command: Command, label: impl Into<String>) -> Self {
        Self {
            command,
            expects_reply: false,
            key: None,
            label: label.into(),
            preview: None,
            warnings: Vec::new(),
        }
    }
}

/// Reads `text` as documents of `system` and prepares all of them; an error in one refuses all.
///
/// Adds one to the context's counter for every document.
pub fn parse(
    text: &str,
    system: System,
    settings: &Settings,
    schema: &Schema,
    context: &mut Context<'_>,
) -> Result<Vec<Prepared>, ComposeError> {
    let language = Language {
        system,
        settings,
        schema,
    };
    let sources = sources(text, system)?;
    let prepared = sources
        .iter()
        .map(|source| language.prepare(source, context));
    prepared.collect()
}

fn sources(text: &str, system: System) -> Result<Vec<Source<'_>>, ComposeError> {
    let sources = document::sources(text)?;
    if sources.is_empty() {
        return Err(ComposeError::Empty {
            example: example(system),
        });
    }
    Ok(sources)
}

/// What documents are read with.
#[derive(Clone, Copy)]
struct Language<'a> {
    system: System,
    settings: &'a Settings,
    schema: &'a Schema,
}

impl Language<'_> {
    /// Fills in the templates of a document, as the next one, and prepares it.
    fn prepare(
        self,
        source: &Source<'_>,
        context: &mut Context<'_>,
    ) -> Result<Prepared, ComposeError> {
        let Self {
            system,
            settings,
            schema,
        } = self;
        context.counter += 1;
        let document = source.read(context)?;
        let whole = document.whole();
        if system == System::Raccoon
            && let Some(prepared) = batch::given::prepare(&whole, &settings.raccoon, context)?
        {
            return Ok(prepared);
        }
        if let Some(mut prepared) = raw::prepare(&whole, system)? {
            match system {
                System::SaveToWebSocket => {
                    prepared.warnings = savetowebsocket::foreseen(&prepared.command);
                }
                System::WebSocketMq => {
                    let settings = &settings.websocketmq;
                    prepared.warnings = websocketmq::foreseen(&prepared.command, settings);
                }
                System::Raccoon | System::Generic => {}
            }
            return Ok(prepared);
        }
        match system {
            System::Raccoon => batch::prepare(whole, &settings.raccoon, schema, context),
            System::SaveToWebSocket => savetowebsocket::prepare(whole, &settings.savetowebsocket),
            System::WebSocketMq => websocketmq::prepare(whole, &settings.websocketmq, context),
            System::Generic => Ok(generic::prepare(&whole, &settings.generic)),
        }
    }
}

/// True if `text` is read as TOML, not as JSON.
#[must_use]
pub fn is_toml(text: &str) -> bool {
    toml::looks_like_toml(text)
}

/// A document of that system to begin with.
#[must_use]
pub const fn example(system: System) -> &'static str {
    match system {
        System::Raccoon => r#"{"events":[{"type":"click","data":{"button":"buy"}}]}"#,
        System::SaveToWebSocket => r#"{"register":{"types":["payment"]}}"#,
        System::WebSocketMq => r#"{"request":"system:list_clients","payload":{}}"#,
        System::Generic => r#"{"text":"hello"}"#,
    }
}

#[cfg(test)]
mod tests;
