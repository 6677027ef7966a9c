//! Generation 1: what cannot be decoded is logged by the server and ignored, and so is nearly all
//! else.

use super::{Reaction, member, text};
use crate::protocol::websocketmq::dialect::Dialect;
use crate::schema::gojson::{Kind, Value, same_name};

/// Topic of the registration.
const REGISTER: &str = "_client.register";

pub(super) fn foresee(dialect: Dialect, message: &[u8], is_text: bool) -> Reaction {
    if !is_text && dialect != Dialect::G1_0 {
        return Reaction::ignored("binary messages are not looked at");
    }
    let (header, body) = match decode(message) {
        Ok(parts) => parts,
        Err(why) => return Reaction::Ignored(why.into()),
    };
    let is_old = matches!(dialect, Dialect::G1_0 | Dialect::G1_1);
    let correlated = !text(header, "correlationID").is_empty();
    match text(header, "type").as_str() {
        "event" if is_old => Reaction::taken(
            "passed on to every client subscribed to the topic, the sender too; never acknowledged",
        ),
        "event" if text(header, "topic") == REGISTER => register(body),
        "event" => Reaction::taken(
            "handed to server code listening on the topic; no other client gets it, and nothing \
             is acknowledged",
        ),
        "request" if is_old => old_request(dialect, header, correlated),
        "request" if text(header, "topic") == REGISTER => {
            Reaction::ignored("registering takes an event, not a request")
        }
        "request" => Reaction::answered(
            "if server code handles the topic and does not fail; else there is silence",
        ),
        "response" | "error" if is_old => {
            Reaction::ignored("this dialect drops replies of clients")
        }
        "response" | "error" if !correlated => {
            Reaction::ignored("a reply without a correlationID belongs to no call")
        }
        "response" | "error" => Reaction::taken(
            "taken for the answer to the server's call with that correlationID; ignored if none \
             is waiting",
        ),
        "subscribe" => subscribe(dialect, body),
        "unsubscribe" if dialect == Dialect::G1_1 => {
            Reaction::ignored("dialect 1.1 takes no unsubscribe: delivery goes on")
        }
        "unsubscribe" => Reaction::ignored("this dialect has no subscriptions on the wire"),
        _ if dialect == Dialect::G1_3 => Reaction::taken(
            "handed to server code listening on the topic, whatever its type; silence if there is \
             none",
        ),
        _ => Reaction::ignored("it knows no such type"),
    }
}

/// Header and body. An error says why Go cannot decode the message.
fn decode(message: &[u8]) -> Result<(Value<'_>, Option<Value<'_>>), String> {
    let value = Value::parse(message).map_err(|error| format!("it is {error}"))?;
    if value.kind() != Kind::Object {
        return Err(format!(
            "a message is an object, not {}",
            value.kind().go_name()
        ));
    }
    let is_newer = member(value, "type").is_some();
    let header = member(value, "header").ok_or_else(|| {
        let why = "it has no header";
        if is_newer {
            format!("{why}: this is an envelope of generation 2")
        } else {
            why.to_owned()
        }
    })?;
    if header.kind() != Kind::Object {
        return Err("its header is no object".to_owned());
    }
    for (key, inside) in header.members() {
        let is = |names: &[&str]| names.iter().any(|name| same_name(&key, name));
        let kind = inside.kind();
        let fits = if is(&["messageID", "correlationID", "type", "topic"]) {
            matches!(kind, Kind::String | Kind::Null)
        } else if is(&["timestamp", "ttl"]) {
            kind == Kind::Null || inside.integer().is_some()
        } else {
            true
        };
        if !fits {
            return Err(format!("`header.{key}` is not of its type"));
        }
    }
    Ok((header, member(value, "body")))
}

fn register(body: Option<Value<'_>>) -> Reaction {
    let page = body.map_or(String::new(), |body| text(body, "pageSessionID"));
    if page.is_empty() {
        return Reaction::ignored("the body has no pageSessionID with a text in it");
    }
    Reaction::answered("by an event on _internal.client.registered")
}

fn old_request(dialect: Dialect, header: Value<'_>, correlated: bool) -> Reaction {
    if dialect == Dialect::G1_0 {
        return Reaction::answered("if server code handles the topic within 5 s; else silence");
    }
    if !correlated {
        return Reaction::error(0, "correlation ID is required for requests");
    }
    match member(header, "ttl").and_then(Value::integer) {
        None | Some(i64::MIN..=0) => Reaction::error(0, "context deadline exceeded"),
        Some(ttl) => Reaction::answered(format!(
            "by the handler of the topic, else by an error after {ttl} ms"
        )),
    }
}

fn subscribe(dialect: Dialect, body: Option<Value<'_>>) -> Reaction {
    match dialect {
        Dialect::G1_2 => Reaction::ignored("this dialect has no subscriptions on the wire"),
        Dialect::G1_3 => Reaction::ignored(
            "this dialect has no subscriptions on the wire; only a handler of that topic would \
             see it",
        ),
        Dialect::G1_0 => Reaction::answered("by a response with {\"success\":true}"),
        _ if body.is_none_or(|body| body.kind() != Kind::String) => {
            Reaction::ignored("the body must be the topic, a string")
        }
        Dialect::G1 => Reaction::taken(
            "one more delivery of that topic in dialect 1.1, without acknowledgement; ignored in \
             1.2 and 1.3",
        ),
        _ => Reaction::taken(
            "one more delivery of that topic, without acknowledgement: subscribing twice doubles",
        ),
    }
}
