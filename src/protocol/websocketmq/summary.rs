//! Summaries that need no memory of the connection.

use std::borrow::Cow;

use super::envelope::{Envelope, Kind, REGISTER};
use super::failure;
use crate::entry::{Badge, Summary, Verdict};
use crate::frame::Frame;
use crate::schema::scan;

/// The badge of a message on a topic: generation 1 calls it an event.
pub(super) fn published(envelope: &Envelope<'_>) -> Badge {
    if envelope.is_first_generation() {
        Badge::Event
    } else {
        Badge::Publish
    }
}

/// The summary of a reply, whichever way it goes.
pub(super) fn reply<'a>(envelope: &Envelope<'a>) -> Summary<'a> {
    let status = || scan::member(envelope.payload?, "status").and_then(scan::plain_str);
    let badge = match envelope.kind {
        Kind::Error => Badge::Error,
        Kind::Ack if status() == Some("unsubscribed") => Badge::Unsubscribed,
        Kind::Ack => Badge::Subscribed,
        // Only an event that answers comes here.
        Kind::Publish => Badge::Event,
        _ if envelope.topic == REGISTER && envelope.error.is_none() => Badge::Registered,
        _ => Badge::Response,
    };
    let soft = envelope.soft_failure();
    let failure = envelope.failure();
    let verdict = if soft.is_some() || failure.is_some() || badge == Badge::Error {
        Verdict::Error
    } else {
        Verdict::Ok
    };
    let (label, told) = match failure {
        Some((code, message)) => {
            let label = if code == 0 {
                named(envelope)
            } else {
                Cow::Owned(format!("{code} {}", envelope.label()))
            };
            (
                label,
                Some(message.into_owned()).filter(|text| !text.is_empty()),
            )
        }
        None => (named(envelope), None),
    };
    let mut summary = Summary::new(badge, label);
    if let Some(id) = envelope.id.clone() {
        summary = summary.answering(id, verdict);
    }
    summary.counted = failure::counted(envelope);
    summary.note = soft.or(told);
    summary
}

/// The topic; what kind of reply it is where generation 1 tells no topic.
fn named<'a>(envelope: &Envelope<'a>) -> Cow<'a, str> {
    match envelope.kind {
        Kind::Response if envelope.is_first_generation() && envelope.topic.is_empty() => {
            Cow::Borrowed("response")
        }
        Kind::Error if envelope.is_first_generation() && envelope.topic.is_empty() => {
            Cow::Borrowed("error")
        }
        _ => envelope.label(),
    }
}

/// The summary of a message whose type no peer knows.
pub(super) fn unknown<'a>(frame: &Frame<'a>, envelope: &Envelope<'a>) -> Summary<'a> {
    let Kind::Unknown(name) = &envelope.kind else {
        return Summary::default();
    };
    if envelope.is_first_generation() && !envelope.topic.is_empty() {
        let label = format!("{} ({name})", envelope.topic);
        return Summary::new(Badge::Message, label).noting(
            "a type of no meaning: 1.3 hands it to the handlers of its topic, others ignore it",
        );
    }
    if name.is_empty() {
        Summary::new(Badge::Message, frame.glance()).noting("no type: peers ignore it")
    } else {
        Summary::new(Badge::Message, name.clone()).noting("peers know no such type and ignore it")
    }
}
