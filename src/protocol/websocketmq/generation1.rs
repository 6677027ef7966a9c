//! Messages of generation 1 (`header` and `body`): shown, not spoken.

use std::borrow::Cow;

use crate::entry::{Badge, Summary};
use crate::schema::scan;

/// Said of every such message.
pub(super) const NOTE: &str = "a message of WebSocketMQ generation 1 (header and body), which is not spoken here yet: shown, but neither matched with its reply nor answered";

/// The summary of a message with this raw header.
pub(super) fn summary(header: &[u8]) -> Summary<'_> {
    let text = |name| scan::member_any_case(header, name).and_then(scan::string);
    let badge = match text("type").as_deref() {
        Some("event") => Badge::Event,
        Some("request") => Badge::Request,
        Some("response") => Badge::Response,
        Some("error") => Badge::Error,
        Some("subscribe") => Badge::Subscribe,
        Some("unsubscribe") => Badge::Unsubscribe,
        _ => Badge::Message,
    };
    let topic = text("topic").filter(|topic| !topic.is_empty());
    Summary::new(badge, topic.unwrap_or(Cow::Borrowed("(no topic)"))).noting(NOTE)
}
