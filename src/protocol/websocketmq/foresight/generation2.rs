//! Generation 2: what cannot be decoded closes the connection, all other misuse is answered or
//! ignored.

use super::{Reaction, member, text};
use crate::protocol::websocketmq::clients::LIST;
use crate::protocol::websocketmq::dialect::Dialect;
use crate::protocol::websocketmq::envelope::REGISTER;
use crate::protocol::websocketmq::proxied::PROXY;
use crate::schema::gojson::{Kind, Value};

pub(super) fn foresee(dialect: Dialect, message: &[u8]) -> Reaction {
    let envelope = match decode(message) {
        Ok(Some(envelope)) => envelope,
        Ok(None) => return Reaction::ignored("`null` is no envelope, but no error either"),
        Err(why) => {
            return Reaction::Close {
                code: 1007,
                reason: "failed to unmarshal JSON",
                why: why.into(),
            };
        }
    };
    let topic = text(envelope, "topic");
    let is_anonymous = text(envelope, "id").is_empty();
    match text(envelope, "type").as_str() {
        "request" => request(dialect, envelope, &topic, is_anonymous),
        "publish" => publish(dialect, &topic),
        "subscribe_request" if topic.is_empty() => {
            Reaction::error(400, "Subscription topic cannot be empty")
        }
        "subscribe_request" => Reaction::answered("subscription_ack, subscribed"),
        "unsubscribe_request" if topic.is_empty() => {
            Reaction::ignored("an unsubscribe_request without a topic gets no answer")
        }
        "unsubscribe_request" => Reaction::answered("subscription_ack, unsubscribed"),
        "subscription_ack" => Reaction::ignored("only the broker sends subscription_ack"),
        "response" | "error" if is_anonymous => {
            Reaction::ignored("a reply without an id belongs to no call")
        }
        "response" | "error" => Reaction::taken(
            "taken for the answer to the broker's call with that id; ignored if none is waiting",
        ),
        "" if member(envelope, "header").is_some() => Reaction::ignored(
            "this is a message of generation 1 (header and body); here it has no type",
        ),
        "" => Reaction::ignored("it has no type"),
        other => Reaction::ignored(format!("it knows no type {}", short(other))),
    }
}

/// The envelope; `None` for `null`. An error says why Go cannot decode it.
fn decode(message: &[u8]) -> Result<Option<Value<'_>>, String> {
    if message.trim_ascii().is_empty() {
        return Err("the message is empty".to_owned());
    }
    let value = Value::parse(message).map_err(|error| error.to_string())?;
    match value.kind() {
        Kind::Object => {}
        Kind::Null => return Ok(None),
        other => return Err(format!("an envelope is an object, not {}", other.go_name())),
    }
    // Every one of equal names is decoded, and any can fail.
    for (key, inside) in value.members() {
        let is = |name| crate::schema::gojson::same_name(&key, name);
        let kind = inside.kind();
        let named = ["id", "type", "topic"].into_iter().find(|name| is(name));
        match (named, kind) {
            (_, Kind::Null) | (Some(_), Kind::String) => {}
            (Some(name), found) => return Err(mistyped(name, "a string", found)),
            (None, found) if is("error") => error_object(inside, found)?,
            (None, _) => {}
        }
    }
    Ok(Some(value))
}

fn error_object(error: Value<'_>, found: Kind) -> Result<(), String> {
    if found != Kind::Object {
        return Err(mistyped("error", "an object", found));
    }
    if let Some(code) = member(error, "code").filter(|code| code.integer().is_none()) {
        return Err(match code.kind() {
            Kind::Number => "`error.code` must be a whole number".to_owned(),
            other => mistyped("error.code", "a whole number", other),
        });
    }
    match member(error, "message").map(Value::kind) {
        None | Some(Kind::String) => Ok(()),
        Some(other) => Err(mistyped("error.message", "a string", other)),
    }
}

fn mistyped(name: &str, expected: &str, found: Kind) -> String {
    format!("`{name}` must be {expected}, not {}", found.go_name())
}

fn request(dialect: Dialect, envelope: Value<'_>, topic: &str, is_anonymous: bool) -> Reaction {
    let nobody = |topic: &str| Reaction::error(404, format!("No handler for topic: {topic}"));
    let payload = member(envelope, "payload");
    let misshapen = payload.is_some_and(|payload| payload.kind() != Kind::Object);
    let served = match topic {
        "" => return nobody(""),
        REGISTER => dialect != Dialect::G2_0,
        LIST | PROXY => dialect.lists_clients(),
        _ => {
            let reply = format!(
                "by the handler of that topic, else by error 404 No handler for topic: {}",
                short(topic)
            );
            return Reaction::answered(if is_anonymous {
                format!("{reply}; without an id, so that the reply cannot be matched")
            } else {
                reply
            });
        }
    };
    if !served {
        return nobody(topic);
    }
    if misshapen {
        return Reaction::error(400, "Invalid request payload: an object is expected");
    }
    match topic {
        PROXY => proxy(dialect, payload),
        _ => Reaction::answered("by a response"),
    }
}

fn proxy(dialect: Dialect, payload: Option<Value<'_>>) -> Reaction {
    let target = payload.map_or(String::new(), |payload| text(payload, "targetId"));
    match (target.as_str(), dialect) {
        ("", Dialect::G2_2) => {
            Reaction::error(500, "proxy target client: client with ID '' not found")
        }
        ("", _) => Reaction::error(500, "proxy request missing target client ID"),
        _ => Reaction::answered("with what the target answers, or an error after 10 s at most"),
    }
}

fn publish(dialect: Dialect, topic: &str) -> Reaction {
    if dialect == Dialect::G2_0 {
        return Reaction::ignored("dialect 2.0 takes no publish from clients");
    }
    if topic.is_empty() {
        return Reaction::ignored("a publish without a topic goes nowhere");
    }
    Reaction::taken(
        "delivered to everybody subscribed to exactly that topic, the sender too; never \
         acknowledged, and gone if nobody is",
    )
}

/// So much of a word from a message as fits a sentence.
fn short(word: &str) -> &str {
    &word[..word.floor_char_boundary(80)]
}
