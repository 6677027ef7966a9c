//! Commands as messages, and what is refused before it is sent because the broker would ignore it
//! or hang up.

use std::time::Duration;

use bytes::Bytes;

use super::answer::Answer;
use super::conversation::Conversation;
use super::dialect::Generation;
use super::proxied::PROXY;
use super::{ROW, outgoing};
use crate::frame::Stamp;
use crate::protocol::{Command, CommandError};
use crate::schema::gojson;

/// Requests with a time limit of their own that have not been seen leaving.
const LIMITS_MAX: usize = 1_024;

impl Conversation {
    /// The message for a command of this system.
    /// `None` if nothing is to be sent.
    pub(super) fn encode(
        &mut self,
        command: Command,
        now: Stamp,
    ) -> Result<Option<Vec<u8>>, CommandError> {
        let message = match self.addressed(command)? {
            Command::Subscribe { topic } => {
                topic_given(&topic, "subscription")?;
                let id = self.pen.id(now);
                return Ok(self.pen.subscribe(now, &id, &topic));
            }
            Command::Unsubscribe { topic } => {
                topic_given(&topic, "unsubscription")?;
                let id = self.pen.id(now);
                return Ok(self.pen.unsubscribe(now, &id, &topic));
            }
            Command::Publish { topic, payload } => {
                topic_given(&topic, "publish")?;
                payload_given(payload.as_ref())?;
                self.pen.publish(now, &topic, payload.as_deref())
            }
            Command::Request {
                topic,
                payload,
                within,
            } => {
                payload_given(payload.as_ref())?;
                let id = self.pen.id(now);
                self.limit(&id, within);
                let ttl = within.unwrap_or(self.settings.request_timeout);
                self.pen.request(now, &id, &topic, payload.as_deref(), ttl)
            }
            Command::Reply { id, topic, answer } => {
                if let Answer::Payload(payload) = &answer {
                    payload_given(payload.as_ref())?;
                }
                let message = self.calls.by_hand(&mut self.pen, &id, &topic, &answer, now);
                return match (message, answer) {
                    (Some(message), Answer::Verbatim(_)) => Ok(Some(message)),
                    (message, _) => message.map(sized).transpose(),
                };
            }
            other => {
                return Err(CommandError::NotSpoken {
                    system: ROW.title,
                    command: other.name(),
                });
            }
        };
        sized(message).map(Some)
    }

    /// A call to another client as the request it is on the wire.
    fn addressed(&self, command: Command) -> Result<Command, CommandError> {
        let Command::Proxy {
            target,
            topic,
            payload,
            within,
        } = command
        else {
            return Ok(command);
        };
        if self.dialect().generation() == Generation::One {
            return Err(CommandError::Invalid(format!(
                "the call on {topic} was not sent: a broker of generation 1 has no system:proxy, \
                 clients cannot call one another"
            )));
        }
        payload_given(payload.as_ref())?;
        let target = match target {
            Some(target) => target,
            None => self.own_id().ok_or_else(|| {
                CommandError::Invalid(format!(
                    "the call on {topic} was not sent: our own id is not known before the \
                     registration is answered; name the id in place of `self`"
                ))
            })?,
        };
        let payload = outgoing::proxied(&target, &topic, payload.as_deref());
        Ok(Command::Request {
            topic: PROXY.to_owned(),
            payload: Some(payload.into()),
            within,
        })
    }

    fn limit(&mut self, id: &str, within: Option<Duration>) {
        if let Some(within) = within
            && self.limits.len() < LIMITS_MAX
        {
            self.limits.insert(id.to_owned(), within);
        }
    }
}

/// A topic must not be empty.
fn topic_given(topic: &str, what: &str) -> Result<(), CommandError> {
    if topic.is_empty() {
        return Err(CommandError::Invalid(format!(
            "the {what} was not sent: it needs a topic, and the broker would ignore or refuse an empty one"
        )));
    }
    Ok(())
}

/// A payload must be one JSON value.
fn payload_given(payload: Option<&Bytes>) -> Result<(), CommandError> {
    let Some(payload) = payload else {
        return Ok(());
    };
    gojson::Value::parse(payload).map(drop).map_err(|error| {
        CommandError::Invalid(format!(
            "the message was not sent: its payload is {error}, and the broker would close the connection over it"
        ))
    })
}

/// A message must not be larger than the broker takes.
fn sized(message: Vec<u8>) -> Result<Vec<u8>, CommandError> {
    if message.len() > outgoing::SIZE_MAX {
        return Err(CommandError::Invalid(format!(
            "the message was not sent: it has {} bytes, and the broker closes with 1009 beyond {}",
            message.len(),
            outgoing::SIZE_MAX
        )));
    }
    Ok(message)
}
