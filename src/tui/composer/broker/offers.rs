//! What fits in a line of a form for a broker: topics, clients, calls.

use crate::protocol::websocketmq::conventions::{self, DIAGNOSTICS, Kind as Deed, Way};
use crate::protocol::websocketmq::{CallState, Dialect, Generation, Picture, Subscription, Topic};
use crate::sanitise;
use crate::tui::composer::filters::offer::{Choice, Offer};
use crate::tui::composer::kind::Kind;
use crate::tui::state::line::LineEdit;

/// What fits in line number `field` of that form; `None` where nothing can be offered.
#[must_use]
pub fn at(
    kind: Kind,
    field: usize,
    line: &LineEdit,
    picture: &Picture,
    dialect: Dialect,
) -> Option<Offer> {
    let all = match (kind, field) {
        (Kind::Publish, 0) => [
            topics(picture, |topic| topic.received > 0 || topic.sent > 0),
            agreed(dialect, |one| {
                one.kind == Deed::Publish && one.can_be_sent(dialect)
            }),
        ]
        .concat(),
        (Kind::Request, 0) => agreed(dialect, |one| {
            one.kind == Deed::Request && one.way == Way::ToBroker && one.can_be_sent(dialect)
        }),
        (Kind::Proxy, 0) => clients(picture),
        (Kind::Proxy, 1) => agreed(dialect, |one| {
            let is_asked = one.way == Way::FromBroker && one.kind == Deed::Request;
            one.way == Way::ToClient || is_asked
        }),
        (Kind::Subscribe, 0) => subscribable(picture, dialect),
        (Kind::Unsubscribe, 0) => topics(picture, is_subscribed),
        (Kind::Reply, 0) => calls(picture),
        _ => return None,
    };
    let offer = fitting(line, all);
    // What is written there already, or known to nobody here, needs nothing said.
    (line.text().is_empty() || !offer.choices.is_empty()).then_some(offer)
}

/// What is in the line is replaced whole; while it is one of the choices, the next one follows it.
fn fitting(line: &LineEdit, all: Vec<Choice>) -> Offer {
    let now = line.text();
    let mut choices: Vec<Choice> = Vec::new();
    for choice in all {
        if !choices.iter().any(|known| known.text == choice.text) {
            choices.push(choice);
        }
    }
    if let Some(at) = choices.iter().position(|choice| choice.text == now) {
        choices.rotate_left(at + 1);
        choices.pop();
    } else {
        let typed = now.to_lowercase();
        choices.retain(|choice| choice.text.to_lowercase().contains(&typed));
        choices.sort_by_key(|choice| !choice.text.to_lowercase().starts_with(&typed));
    }
    Offer {
        place: 0..now.len(),
        choices,
    }
}

fn agreed(dialect: Dialect, fits: impl Fn(&conventions::Convention) -> bool) -> Vec<Choice> {
    let all = conventions::all(dialect.generation()).iter();
    all.filter(|one| fits(one))
        .map(|one| Choice {
            text: one.topic.to_owned(),
            about: format!("{}: {}", one.origin.name(), one.about),
        })
        .collect()
}

fn is_subscribed(topic: &Topic) -> bool {
    !matches!(
        topic.subscription,
        Subscription::None | Subscription::Ended | Subscription::Refused
    )
}

fn topics(picture: &Picture, fits: impl Fn(&Topic) -> bool) -> Vec<Choice> {
    let all = picture.topics.iter();
    all.filter(|topic| fits(topic) && !topic.name.is_empty())
        .map(|topic| Choice {
            text: topic.name.clone(),
            about: seen(topic),
        })
        .collect()
}

fn seen(topic: &Topic) -> String {
    let held = if is_subscribed(topic) {
        "subscribed, "
    } else {
        ""
    };
    format!(
        "{held}{} received, {} sent here",
        topic.received, topic.sent
    )
}

fn subscribable(picture: &Picture, dialect: Dialect) -> Vec<Choice> {
    let mut all = topics(picture, |topic| !is_subscribed(topic));
    let held = |name: &str| {
        let mut held = picture.topics.iter().filter(|topic| is_subscribed(topic));
        held.any(|topic| topic.name == name)
    };
    if dialect.generation() == Generation::Two {
        all.extend(DIAGNOSTICS.iter().filter_map(|topic| {
            let known = conventions::of(topic, Generation::Two)?;
            Some(Choice {
                text: known.topic.to_owned(),
                about: format!("diagnostics: {}", known.about),
            })
        }));
    }
    all.extend(agreed(dialect, |one| {
        one.kind == Deed::Publish && one.way != Way::ToBroker
    }));
    all.retain(|choice| !held(&choice.text));
    all
}

fn clients(picture: &Picture) -> Vec<Choice> {
    let rows = picture
        .clients
        .as_ref()
        .map_or(&[][..], |clients| &clients.rows);
    let present = rows.iter().filter(|row| !row.own && row.gone.is_none());
    let mut all: Vec<_> = present
        .map(|row| Choice {
            text: row.id.clone(),
            about: sanitise::line(&format!("{} · {} · {}", row.name, row.kind, row.url))
                .into_owned(),
        })
        .collect();
    all.push(Choice {
        text: "self".to_owned(),
        about: "ourselves: through the broker and back".to_owned(),
    });
    all
}

/// Calls that wait for an answer by hand first.
fn calls(picture: &Picture) -> Vec<Choice> {
    let open = |state: &CallState| matches!(state, CallState::Held | CallState::Planned(_));
    let waiting = picture.calls.iter().filter(|call| open(&call.state));
    waiting
        .map(|call| Choice {
            text: call.id.clone(),
            about: sanitise::line(&format!("a call on {}", call.topic)).into_owned(),
        })
        .collect()
}
