//! Documents that tell the conversation what to do: register again, probe, watch the clients, hold
//! calls, speak a dialect.

use std::time::Duration;

use crate::body::Value;
use crate::compose::document::Field;
use crate::compose::error::ComposeError;
use crate::duration;
use crate::protocol::Command;
use crate::protocol::websocketmq::{Dialect, Order};

/// How often the clients are asked for where only `true` says so.
const USUAL: Duration = Duration::from_secs(5);
/// Shortest time between two asks.
const SHORTEST: Duration = Duration::from_millis(100);

pub(super) fn read(whole: &Field<'_>, kind: &str) -> Result<(Command, String), ComposeError> {
    let Some(field) = whole.member(kind) else {
        return Err(whole.invalid(format!("needs `{kind}`")));
    };
    let (order, label) = match kind {
        "register" => register(field)?,
        "clients" => clients(&field)?,
        "hold_calls" => {
            let on = field.truth()?;
            let label = if on { "hold calls" } else { "hold no calls" };
            (Order::HoldCalls(on), label.to_owned())
        }
        "speak" => {
            let name = field.text()?;
            let dialect = Dialect::from_name(name).ok_or_else(|| {
                let known = Dialect::ALL.map(Dialect::name).join(", ");
                field.invalid(format!(
                    "is `{name}`, which is no dialect; known are {known}"
                ))
            })?;
            (Order::Speak(dialect), format!("speak {name}"))
        }
        _ => {
            if !field.truth()? {
                return Err(field.invalid("is false, which says nothing: write {\"probe\":true}"));
            }
            (Order::Probe, "probe".to_owned())
        }
    };
    Ok((Command::Steer(order), label))
}

fn register(register: Field<'_>) -> Result<(Order, String), ComposeError> {
    let register = register.object()?;
    register.keys(&["name", "type", "url"], |key| match key {
        "clientName" => Some("did you mean `name`?"),
        "clientType" | "kind" => Some("did you mean `type`?"),
        "clientUrl" => Some("did you mean `url`?"),
        "clientId" | "id" => {
            Some("the id stands in the URL (?client_id=…): a registration does not change it")
        }
        _ => None,
    })?;
    let text = |name: &str| match register.member(name) {
        Some(field) => field.text().map(str::to_owned),
        None => Ok(String::new()),
    };
    let order = Order::Register {
        name: text("name")?,
        kind: text("type")?,
        url: text("url")?,
    };
    Ok((order, "registration".to_owned()))
}

fn clients(field: &Field<'_>) -> Result<(Order, String), ComposeError> {
    let every = match &field.node.value {
        Value::Bool(true) => Some(USUAL),
        Value::Bool(false) => None,
        Value::Text(text) => Some(duration::parse(text).map_err(|why| field.invalid(why))?),
        _ => return Err(field.invalid("must be a time such as \"5s\", true or false")),
    };
    if every.is_some_and(|every| every < SHORTEST) {
        return Err(field.invalid("is too often for the broker; 100ms is the least"));
    }
    let label = match every {
        Some(every) => format!("clients every {}", duration::show(every)),
        None => "clients no more".to_owned(),
    };
    Ok((Order::WatchClients(every), label))
}
