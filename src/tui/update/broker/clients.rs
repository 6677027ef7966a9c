//! What is done with clients: call one, call oneself, watch them come and go, be one of them.

use std::fmt::Write as _;

use crate::body::write_json_string;
use crate::protocol::Command;
use crate::protocol::websocketmq::{Client, Order as Steer};
use crate::tui::action::Action;
use crate::tui::composer::command_line::quoted;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::broker::{CallName, ROUND_TRIP, Section, WATCH_EVERY, picture};
use crate::tui::state::confirm::{Confirm, Deed};
use crate::tui::state::notices::Level;
use crate::tui::state::tab::Tab;

use super::{compose, look, say, send, steer};

/// Actions of the list of clients.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    let dialect = look(state, |_, picture| {
        picture.dialect.as_ref().map(|known| known.0)
    });
    if let Some(dialect) = dialect.flatten()
        && !dialect.lists_clients()
    {
        let text = format!(
            "generation {} neither lists its clients nor passes calls on to them",
            dialect.name()
        );
        return say(state, Level::Info, text);
    }
    match action {
        Action::RoundTrip => return round_trip(state, effects),
        Action::RefreshClients => return refresh(state, effects),
        _ => {}
    }
    let client = look(state, |panel, picture| panel.client(picture).cloned());
    let Some(client) = client.flatten() else {
        return say(
            state,
            Level::Info,
            "no client is known yet; r asks for them",
        );
    };
    match action {
        Action::CallClient => call(state, &client),
        _ => connect_as(state, &client),
    }
}

/// Opens the composer with a call to that client.
fn call(state: &mut State, client: &Client) {
    if client.gone.is_some() {
        let text = "this client has left; a call to it fails at once with 500";
        say(state, Level::Info, text);
    }
    let topic = if client.kind == "browser" {
        "browser.info"
    } else {
        "client:get_status"
    };
    compose(state, &proxy(&client.id, topic, "{}"));
}

/// The document of a call through the broker.
fn proxy(target: &str, topic: &str, payload: &str) -> String {
    let mut document = "{\"proxy\": ".to_owned();
    write_json_string(target, &mut document);
    document.push_str(", \"topic\": ");
    write_json_string(topic, &mut document);
    document.push_str(", \"payload\": ");
    document.push_str(payload);
    document.push('}');
    document
}

/// Calls ourselves through the broker: there and back on both legs.
fn round_trip(state: &mut State, effects: &mut Vec<Effect>) {
    let own = look(state, |_, picture| picture.identity.id.clone()).unwrap_or_default();
    if own.is_empty() {
        let text = "the broker has told us no id to call ourselves by: it knows none before the \
                    registration, and generation 1 has no calls between clients";
        return say(state, Level::Info, text);
    }
    let mut payload = "{\"targetId\": ".to_owned();
    write_json_string(&own, &mut payload);
    payload.push_str(", \"topic\": ");
    write_json_string(ROUND_TRIP, &mut payload);
    payload.push_str(", \"payload\": {\"from\": \"wspect\"}}");
    let command = Command::Request {
        topic: "system:proxy".to_owned(),
        payload: Some(payload.into()),
        within: None,
    };
    send(state, command, effects);
    if let Some(tab) = state.tab_mut() {
        tab.broker.section = Section::Calls;
        tab.broker.call = Some(CallName::NewestProxied);
    }
}

/// Asks for the clients now, once or as often as before.
fn refresh(state: &mut State, effects: &mut Vec<Effect>) {
    let every = every(state);
    if every.is_some() {
        return steer(state, Steer::WatchClients(every), effects);
    }
    let command = Command::Request {
        topic: "system:list_clients".to_owned(),
        payload: Some("{}".into()),
        within: None,
    };
    send(state, command, effects);
}

fn every(state: &State) -> Option<std::time::Duration> {
    state.tab().and_then(picture)?.clients.as_ref()?.every
}

/// Asks for the clients again and again, or stops that.
pub(super) fn watch(state: &mut State, effects: &mut Vec<Effect>) {
    let every = match every(state) {
        None => Some(WATCH_EVERY),
        Some(_) => None,
    };
    steer(state, Steer::WatchClients(every), effects);
    let text = match every {
        Some(every) => format!("asking for the clients every {} s", every.as_secs()),
        None => "asking for the clients no more".to_owned(),
    };
    say(state, Level::Info, text);
}

/// Asks before a second connection under that client's id is opened.
fn connect_as(state: &mut State, client: &Client) {
    let Some(tab) = state.tab() else { return };
    let why = if client.own {
        "That id is our own. The broker keeps one connection under an id: the new one takes the \
         place of this one, which still gets publishes and replies but is listed no more and gets \
         no calls. When this one ends, the new one vanishes from the list as well."
    } else {
        "The broker keeps one connection under an id and asks nobody: calls meant for that client \
         come to us from then on, and it hears nothing of it. When its own connection ends, ours \
         vanishes from the list too. A second session is opened for it."
    };
    let what = format!("Connect as {} ({})?", name(client), client.id);
    let (why, deed) = if let Some(target) = target(tab, &client.id) {
        (why.to_owned(), Deed::Start { target })
    } else {
        let line = format!(
            "wspect {} --client-id {}",
            quoted(&tab.target),
            quoted(&client.id)
        );
        let why = format!(
            "{why} The URL of this session has secrets in it, which are not written on a screen: \
             yes copies a command line that does it instead: {line}"
        );
        (why, Deed::Copy(line))
    };
    state.ask(Confirm { what, why, deed });
}

fn name(client: &Client) -> &str {
    if client.name.is_empty() {
        "a client without a name"
    } else {
        &client.name
    }
}

/// The session's URL with another id; `None` where secrets are masked in it.
fn target(tab: &Tab, id: &str) -> Option<String> {
    let shown = &tab.snapshot.as_ref()?.url;
    if !tab.secrets.is_empty() || !shown.starts_with("ws") {
        return None;
    }
    Some(with_id(shown, id))
}

/// `url` with `client_id` in its query, in place of one that was there.
fn with_id(url: &str, id: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let is_other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some("client_id");
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(is_other)
        .map(str::to_owned)
        .collect();
    let mut encoded = "client_id=".to_owned();
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    pairs.push(encoded);
    format!("{path}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_takes_the_place_of_the_one_in_the_url() {
        for (url, expected) in [
            ("ws://h:1/wsmq", "ws://h:1/wsmq?client_id=a%20b%26c"),
            (
                "ws://h/ws?client_id=old&x=1#f",
                "ws://h/ws?x=1&client_id=a%20b%26c",
            ),
            ("ws://h/ws?client_id", "ws://h/ws?client_id=a%20b%26c"),
        ] {
            assert_eq!(with_id(url, "a b&c"), expected);
        }
    }
}
