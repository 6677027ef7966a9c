//! What is done with topics: subscribe, unsubscribe, publish, request.

use crate::body::write_json_string;
use crate::protocol::Command;
use crate::protocol::websocketmq::conventions::DIAGNOSTICS;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::state::broker::{self, Section};
use crate::tui::state::notices::Level;
use crate::tui::state::overlay::{Ask, Overlay, Prompt};

use super::{compose, look, say, send};

/// Actions of the list of topics.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    if action == Action::SubscribeTo {
        let prompt = Prompt::new(Ask::Topic, "");
        return state.overlays.push(Overlay::Prompt(prompt));
    }
    let topic = look(state, |panel, picture| panel.topic(picture).cloned());
    let Some(topic) = topic.flatten() else {
        return say(state, Level::Info, "no topic yet; n subscribes to one");
    };
    match action {
        Action::ToggleSubscription => {
            let on = broker::is_subscribed(topic.subscription)
                && topic.subscription != crate::protocol::websocketmq::Subscription::Unacknowledged;
            let topic = topic.name;
            let command = if on {
                Command::Unsubscribe { topic }
            } else {
                Command::Subscribe { topic }
            };
            send(state, command, effects);
        }
        Action::PublishHere => {
            // What came last shows how a message on this topic looks.
            let payload = payload(&topic.last, topic.cut);
            compose(state, &document("publish", &topic.name, &payload));
        }
        _ => compose(state, &document("request", &topic.name, "{}")),
    }
}

/// The newest payload, where it is whole and there is one.
fn payload(last: &[u8], cut: bool) -> String {
    match std::str::from_utf8(last) {
        Ok(text) if !cut && !text.trim().is_empty() => text.trim().to_owned(),
        _ => "{}".to_owned(),
    }
}

fn document(verb: &str, topic: &str, payload: &str) -> String {
    let mut document = format!("{{\"{verb}\": ");
    write_json_string(topic, &mut document);
    document.push_str(", \"payload\": ");
    document.push_str(payload);
    document.push('}');
    document
}

/// What is wrong with a topic to subscribe to as it stands.
pub(in crate::tui::update) fn problem(state: &State, text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("a topic, spelled exactly as it is published".to_owned());
    }
    if text.trim() != text {
        return Some("spaces count: nothing is trimmed".to_owned());
    }
    if text.contains(['*', '#', '+', '>']) {
        return Some("no patterns: it is compared letter by letter".to_owned());
    }
    let known = state
        .tab()
        .and_then(broker::picture)
        .is_some_and(|picture| {
            let named = |topic: &&crate::protocol::websocketmq::Topic| topic.name == text;
            let topic = picture.topics.iter().find(named);
            topic.is_some_and(|topic| broker::is_subscribed(topic.subscription))
        });
    known.then(|| "subscribed already; once more changes nothing".to_owned())
}

/// Subscribes to what was typed; false if nothing was.
pub(in crate::tui::update) fn accept(
    state: &mut State,
    text: &str,
    effects: &mut Vec<Effect>,
) -> bool {
    if text.is_empty() {
        return false;
    }
    let topic = text.to_owned();
    if let Some(tab) = state.tab_mut() {
        tab.broker.section = Section::Topics;
        tab.broker.topic = Some(topic.clone());
    }
    send(state, Command::Subscribe { topic }, effects);
    true
}

/// Subscribes to the topics that tell what goes on without being asked.
pub(super) fn diagnostics(state: &mut State, effects: &mut Vec<Effect>) {
    let missing = look(state, |_, picture| {
        let is_missing = |name: &&str| {
            let named = picture.topics.iter().find(|topic| topic.name == **name);
            named.is_none_or(|topic| !broker::is_subscribed(topic.subscription))
        };
        DIAGNOSTICS
            .into_iter()
            .filter(is_missing)
            .collect::<Vec<_>>()
    });
    let missing = missing.unwrap_or_default();
    for topic in &missing {
        let topic = (*topic).to_owned();
        send(state, Command::Subscribe { topic }, effects);
    }
    if let Some(tab) = state.tab_mut() {
        tab.broker.section = Section::Topics;
        tab.broker.topic = DIAGNOSTICS.first().map(|topic| (*topic).to_owned());
    }
    let text = if missing.is_empty() {
        "subscribed to all four already".to_owned()
    } else {
        format!(
            "subscribing to {}; only what clients publish there reaches us: browser pages do, a \
             client that sends a request there is heard by the server alone",
            missing.join(", ")
        )
    };
    say(state, Level::Info, text);
}
