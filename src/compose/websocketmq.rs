//! What is said to a `WebSocketMQ` broker: publish, request, a call to another client, subscribe,
//! unsubscribe, replies, and what the conversation is to do.
//!
//! | Document | Command |
//! | --- | --- |
//! | `{"publish":"topic","payload":…}` | a message for everybody subscribed |
//! | `{"request":"topic","payload":…,"within":"5s"}` | a call |
//! | `{"proxy":"client id","topic":"…","payload":…}` | a call to another client, `self` for ourselves |
//! | `{"subscribe":"topic"}`, `{"unsubscribe":"topic"}` | |
//! | `{"reply":"id","topic":"…","payload":…}` | an answer, in one of six forms |
//! | `{"register":{"name":"…","type":"…","url":"…"}}` | the registration, once more |
//! | `{"probe":true}` `{"speak":"1.3"}` `{"clients":"5s"}` `{"hold_calls":true}` | orders |
//!
//! What the broker ignores or closes the connection over is refused here, unless `"lint":false`
//! stands beside it.

mod order;
mod reply;

use std::time::Duration;

use bytes::Bytes;

use super::Prepared;
use super::context::Context;
use super::document::Field;
use super::error::ComposeError;
use crate::duration;
use crate::protocol::websocketmq::{Caution, Dialect, Settings, Speak, unchecked};
use crate::protocol::{Command, Outgoing};

/// The word for ourselves in place of a client's id.
pub(super) const SELF: &str = "self";

const KINDS: [&str; 11] = [
    "publish",
    "request",
    "proxy",
    "subscribe",
    "unsubscribe",
    "reply",
    "register",
    "clients",
    "hold_calls",
    "probe",
    "speak",
];

pub(super) fn prepare(
    whole: Field<'_>,
    settings: &Settings,
    context: &mut Context<'_>,
) -> Result<Prepared, ComposeError> {
    let whole = whole.object()?;
    let given: Vec<_> = KINDS
        .into_iter()
        .filter(|kind| whole.node.child(kind).is_some())
        .collect();
    let [kind] = given.as_slice() else {
        whole.keys(&[&KINDS[..], &["payload", "lint"]].concat(), meant)?;
        return Err(whole.invalid(format!(
            "needs exactly one of {}, for example {{\"publish\":\"topic\",\"payload\":{{}}}}",
            KINDS.join(", ")
        )));
    };
    let known: &[&str] = match *kind {
        "publish" => &["publish", "payload", "lint"],
        "request" => &["request", "payload", "within", "lint"],
        "proxy" => &["proxy", "topic", "payload", "within", "lint"],
        "reply" => &reply::KEYS,
        other => &[other, "lint"],
    };
    whole.keys(
        known,
        if *kind == "proxy" || *kind == "reply" {
            |_| None
        } else {
            meant
        },
    )?;
    let is_linted = match whole.member("lint") {
        Some(lint) => lint.truth()?,
        None => !settings.unlinted,
    };
    let (command, label) = command(&whole, kind)?;
    looked_at(&whole, command, label, is_linted, settings, context)
}

fn command(whole: &Field<'_>, kind: &str) -> Result<(Command, String), ComposeError> {
    let payload = whole
        .member("payload")
        .map(|payload| Bytes::from(payload.raw().to_owned()));
    let word = |name: &str| -> Result<String, ComposeError> {
        let Some(field) = whole.member(name) else {
            return Err(whole.invalid(format!(
                "needs `{name}`, the exact topic of the call: {{\"proxy\":\"client id\",\"topic\":\"browser.info\"}}"
            )));
        };
        Ok(field.text()?.to_owned())
    };
    let (command, label) = match kind {
        "publish" => {
            let topic = word(kind)?;
            let label = topic.clone();
            (Command::Publish { topic, payload }, label)
        }
        "request" => {
            let topic = word(kind)?;
            let label = topic.clone();
            let within = within(whole)?;
            let command = Command::Request {
                topic,
                payload,
                within,
            };
            (command, label)
        }
        "proxy" => proxy(whole, word("topic")?, payload)?,
        "subscribe" => {
            let topic = word(kind)?;
            (
                Command::Subscribe {
                    topic: topic.clone(),
                },
                topic,
            )
        }
        "unsubscribe" => {
            let topic = word(kind)?;
            (
                Command::Unsubscribe {
                    topic: topic.clone(),
                },
                topic,
            )
        }
        "reply" => reply::read(whole, payload)?,
        order => order::read(whole, order)?,
    };
    Ok((command, label))
}

/// A call to another client.
fn proxy(
    whole: &Field<'_>,
    topic: String,
    payload: Option<Bytes>,
) -> Result<(Command, String), ComposeError> {
    let Some(field) = whole.member("proxy") else {
        return Err(whole.invalid("needs `proxy`, the id of the client to be called"));
    };
    let target = match field.text()? {
        "" => {
            return Err(field.invalid(
                "is empty: name the id of a client ({\"request\":\"system:list_clients\"} lists \
                 them), or write `self`",
            ));
        }
        SELF => None,
        id => Some(id.to_owned()),
    };
    let label = match &target {
        Some(id) => format!("{topic} of {id}"),
        None => format!("{topic} of ourselves"),
    };
    let command = Command::Proxy {
        target,
        topic,
        payload,
        within: within(whole)?,
    };
    Ok((command, label))
}

/// Refuses what cannot be meant, unless `is_linted` is false; tells what else is odd.
fn looked_at(
    whole: &Field<'_>,
    command: Command,
    label: String,
    is_linted: bool,
    settings: &Settings,
    context: &mut Context<'_>,
) -> Result<Prepared, ComposeError> {
    let Caution { refused, mut odd } = Caution::of(&command, spoken(settings));
    let expects_reply = matches!(
        command,
        Command::Request { .. }
            | Command::Proxy { .. }
            | Command::Subscribe { .. }
            | Command::Unsubscribe { .. }
    );
    if refused.is_empty() {
        return Ok(Prepared {
            expects_reply,
            warnings: odd,
            ..Prepared::silent(command, label)
        });
    }
    if is_linted {
        return Err(whole.invalid(format!(
            "{}. Write \"lint\": false beside it to send it all the same",
            refused.join("; ")
        )));
    }
    let id = context.uuid().replace('-', "");
    let Some(message) = unchecked(&command, spoken(settings), &id) else {
        return Err(whole.invalid(format!(
            "{}. To send it all the same, write the whole message: {{\"text\":\"…\"}}",
            refused.join("; ")
        )));
    };
    odd.splice(..0, refused);
    Ok(Prepared {
        warnings: odd,
        ..Prepared::silent(Command::Raw(Outgoing::Text(message.into())), label)
    })
}

/// What is to be said of a frame as it stands.
pub(super) fn foreseen(command: &Command, settings: &Settings) -> Vec<String> {
    Caution::of(command, spoken(settings)).odd
}

/// The dialect messages are looked at by: told, or the newest.
fn spoken(settings: &Settings) -> Dialect {
    match settings.generation {
        Speak::Told(dialect) => dialect,
        Speak::Auto | Speak::Probe => Dialect::G2,
    }
}

fn meant(name: &str) -> Option<&'static str> {
    match name {
        "type" | "id" => Some(
            "this looks like an envelope; write {\"publish\":\"topic\",\"payload\":…}, or send \
             the envelope as it is with {\"text\":\"…\"}",
        ),
        "header" | "body" => Some(
            "this looks like a message of generation 1; write {\"publish\":\"topic\",\"payload\":…}, \
             or send it as it is with {\"text\":\"…\"}",
        ),
        "topic" => Some("the topic stands behind the verb: {\"publish\":\"topic\"}"),
        "target" | "targetId" => Some("write {\"proxy\":\"client id\",\"topic\":\"…\"}"),
        "timeout" => {
            Some("did you mean `within`, as in {\"request\":\"topic\",\"within\":\"5s\"}?")
        }
        _ => None,
    }
}

fn within(whole: &Field<'_>) -> Result<Option<Duration>, ComposeError> {
    let Some(field) = whole.member("within") else {
        return Ok(None);
    };
    let text = field.text()?;
    duration::parse(text)
        .map(Some)
        .map_err(|why| field.invalid(why))
}

#[cfg(test)]
mod tests;
