//! Generic systems: any JSON, sent as text as it is.

use bytes::Bytes;

use super::Prepared;
use super::document::Field;
use crate::protocol::generic::Settings;
use crate::protocol::{Command, Outgoing};
use crate::schema::scan;

/// Longest label.
const LABEL_MAX: usize = 60;

pub(super) fn prepare(whole: &Field<'_>, settings: &Settings) -> Prepared {
    let text = whole.raw();
    let key = key(text, &settings.correlate.request);
    let label: String = text
        .chars()
        .map(|c| if c == '\n' { ' ' } else { c })
        .take(LABEL_MAX)
        .collect();
    let frame = Outgoing::Text(Bytes::from(text.to_owned()));
    Prepared {
        expects_reply: key.is_some() && !settings.correlate.reply.is_empty(),
        key,
        ..Prepared::silent(Command::Raw(frame), label)
    }
}

/// The correlation key at a path such as `.params.id`: the inside of a string, or the text of
/// what else is there.
fn key(text: &str, path: &str) -> Option<String> {
    let names: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return None;
    }
    let raw = scan::path(text.as_bytes(), &names)?;
    match scan::string(raw) {
        Some(text) => Some(text.into_owned()),
        None => String::from_utf8(raw.to_vec()).ok(),
    }
}
