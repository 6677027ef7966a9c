//! Publish, request, subscribe, unsubscribe and reply for a `WebSocketMQ` broker.

use std::time::Duration;

use bytes::Bytes;

use super::Prepared;
use super::document::Field;
use super::error::ComposeError;
use crate::duration;
use crate::protocol::Command;
use crate::protocol::websocketmq::Answer;

const KINDS: [&str; 5] = ["publish", "request", "subscribe", "unsubscribe", "reply"];

pub(super) fn prepare(whole: Field<'_>) -> Result<Prepared, ComposeError> {
    let whole = whole.object()?;
    let given: Vec<_> = KINDS
        .into_iter()
        .filter(|kind| whole.node.child(kind).is_some())
        .collect();
    let [kind] = given.as_slice() else {
        whole.keys(&[&KINDS[..], &["payload"]].concat(), meant)?;
        return Err(whole.invalid(format!(
            "needs exactly one of {}, for example {{\"publish\":\"topic\",\"payload\":{{}}}}",
            KINDS.join(", ")
        )));
    };
    let known: &[&str] = match *kind {
        "publish" => &["publish", "payload"],
        "request" => &["request", "payload", "within"],
        "reply" => &["reply", "topic", "payload", "error"],
        other => &[other][..],
    };
    whole.keys(known, meant)?;
    let named = word(&whole, kind)?;
    let payload = whole
        .member("payload")
        .map(|payload| Bytes::from(payload.raw().to_owned()));
    let topic = named.clone();
    let (command, expects_reply) = match *kind {
        "publish" => (Command::Publish { topic, payload }, false),
        "request" => {
            let within = within(&whole)?;
            let command = Command::Request {
                topic,
                payload,
                within,
            };
            (command, true)
        }
        "subscribe" => (Command::Subscribe { topic }, true),
        "unsubscribe" => (Command::Unsubscribe { topic }, true),
        _ => {
            let command = Command::Reply {
                id: named.clone(),
                topic: word(&whole, "topic")?,
                answer: answer(&whole, payload)?,
            };
            (command, false)
        }
    };
    Ok(Prepared {
        expects_reply,
        ..Prepared::silent(command, named)
    })
}

fn meant(name: &str) -> Option<&'static str> {
    match name {
        "type" | "id" => Some(
            "this looks like an envelope; write {\"publish\":\"topic\",\"payload\":…}, or send \
             the envelope as it is with {\"text\":\"…\"}",
        ),
        "topic" => Some("the topic stands behind the verb: {\"publish\":\"topic\"}"),
        _ => None,
    }
}

/// A topic or an id: there, a string and not empty.
fn word(whole: &Field<'_>, name: &str) -> Result<String, ComposeError> {
    let Some(field) = whole.member(name) else {
        return Err(whole.invalid(format!("needs `{name}`")));
    };
    match field.text()? {
        "" => Err(field.invalid(
            "is empty, which the broker ignores or refuses; send it with {\"text\":\"…\"} if you \
             mean it",
        )),
        text => Ok(text.to_owned()),
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

fn answer(whole: &Field<'_>, payload: Option<Bytes>) -> Result<Answer, ComposeError> {
    let Some(error) = whole.member("error") else {
        return Ok(Answer::Payload(payload));
    };
    if payload.is_some() {
        return Err(error.invalid("stands beside `payload`; an answer is one or the other"));
    }
    let error = error.object()?;
    error.keys(&["code", "message"], |_| None)?;
    let code = error
        .member("code")
        .map_or(Ok(500), |code| code.integer())?;
    let message = match error.member("message") {
        Some(message) => message.text()?.to_owned(),
        None => String::new(),
    };
    Ok(Answer::Failure { code, message })
}
