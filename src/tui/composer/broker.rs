//! The composer's forms for a broker: what is known of the conversation helps to fill them in.
//!
//! ```text
//!  Picture: topics, clients, calls ─┐                 ┌─► topics and ids that fit
//!  conventions: shapes, dangers ────┼─► the form ─────┼─► what comes of it
//!  profile, dialect ────────────────┘                 └─► the time left for an answer
//! ```

pub mod offers;

use std::sync::Arc;
use std::time::Duration;

use crate::frame::Stamp;
use crate::protocol::websocketmq::conventions::{self, Convention, Kind as Deed, Way};
use crate::protocol::websocketmq::{
    Call, CallState, Dialect, Generation, Pacing, Picture, Settings as Broker, Speak, foresee,
};
use crate::protocol::{Command, Outgoing, Settings, System};
use crate::schema::json;
use crate::tui::state::line::LineEdit;

use super::draft::{Draft, Slot};
use super::filters::offer::Offer;
use super::kind::Kind;
use super::text::TextEdit;
use super::{Composer, Terms, pretty};

/// The letters that pick a convention from the list, in its order: those that move in lists are not
/// among them.
pub const LETTERS: &str = "123456789abcdefhilmnopqrstuvwxyz";

/// How long there is to answer a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// So long, of so much.
    Time(Duration, Duration),
    /// The broker has given up.
    Late,
    /// It was answered already.
    Answered,
    /// The connection it came on has ended.
    Cut,
    /// Nothing is known of such a call.
    Unknown,
}

/// The dialect a form is filled in for: told, or the newest.
#[must_use]
pub fn dialect(settings: &Broker) -> Dialect {
    match settings.generation {
        Speak::Told(dialect) => dialect,
        Speak::Auto | Speak::Probe => Dialect::G2,
    }
}

/// What comes of a command, as far as it is known before it is sent.
#[must_use]
pub fn foretold(command: &Command, settings: &Settings) -> Vec<String> {
    let dialect = dialect(&settings.websocketmq);
    let raw = |bytes: &[u8], is_text| {
        let reaction = foresee(dialect, bytes, is_text);
        // Trouble stands among the warnings.
        (!reaction.is_trouble()).then(|| reaction.sentence())
    };
    let told = match command {
        Command::Raw(Outgoing::Text(bytes)) => raw(bytes, true),
        Command::Raw(Outgoing::Binary(bytes)) => raw(bytes, false),
        Command::Request { topic, .. }
        | Command::Proxy { topic, .. }
        | Command::Publish { topic, .. }
        | Command::Subscribe { topic } => {
            conventions::of(topic, dialect.generation()).map(|known| {
                if known.result.is_empty() {
                    known.about.to_owned()
                } else {
                    format!("{}; comes back as {}", known.about, known.result)
                }
            })
        }
        _ => None,
    };
    told.into_iter().collect()
}

/// What can be begun with in that dialect: what a client sends, and what it can subscribe to.
#[must_use]
pub fn presets(settings: &Broker) -> Vec<&'static Convention> {
    let dialect = dialect(settings);
    let all = conventions::all(dialect.generation()).iter();
    let fits = |one: &&Convention| {
        let is_received = one.way == Way::FromBroker && one.kind == Deed::Publish;
        one.can_be_sent(dialect) || is_received && dialect.subscribes()
    };
    all.filter(fits).collect()
}

/// The form a convention is filled into.
#[must_use]
pub fn kind_of(convention: &Convention) -> Kind {
    match (convention.way, convention.kind) {
        (Way::ToClient, _) => Kind::Proxy,
        (Way::FromBroker, _) => Kind::Subscribe,
        _ if convention.topic == "system:proxy" => Kind::Proxy,
        _ if convention.topic == "system:register" => Kind::Introduce,
        (_, Deed::Request) => Kind::Request,
        (_, Deed::Publish) => Kind::Publish,
    }
}

/// JSON of the table as a person writes it.
fn shaped(shape: &str) -> String {
    match json::tree(shape.as_bytes(), 0) {
        Ok(node) => pretty::json(&node),
        Err(_) => shape.to_owned(),
    }
}

impl Composer {
    /// Takes note of how the conversation with the broker stands. True if the dialect is news to
    /// `terms`, which follow it.
    pub fn hear(&mut self, picture: Option<&Arc<Picture>>, terms: &mut Terms) {
        self.broker = picture.map(Arc::clone);
        let known = picture.and_then(|picture| picture.dialect.as_ref());
        let Some((dialect, _)) = known else { return };
        let told = Speak::Told(*dialect);
        if terms.settings.websocketmq.generation != told {
            Arc::make_mut(&mut terms.settings).websocketmq.generation = told;
            self.changed();
        }
    }

    /// Our id to the broker; a word that stands for it while it is not known.
    pub(super) fn own_id(&self) -> &str {
        let identity = self.broker.as_ref().map(|picture| &picture.identity);
        let ids = identity.map(|identity| [&identity.id, &identity.asked]);
        let mut ids = ids.into_iter().flatten();
        ids.find(|id| !id.is_empty())
            .map_or("(our own id)", |id| id)
    }

    /// Puts what is agreed about a topic into its form; what was there can be had back.
    pub fn take_convention(&mut self, convention: &Convention, terms: &Terms) {
        let kind = kind_of(convention);
        let mut draft = Draft::new(kind, &terms.settings, &terms.schema);
        let topic = LineEdit::new(convention.topic);
        match kind {
            Kind::Proxy => {
                draft.lines[0] = LineEdit::new(self.likely_target());
                if convention.way == Way::ToClient {
                    draft.lines[1] = topic;
                }
            }
            Kind::Introduce => {
                let settings = &terms.settings.websocketmq;
                draft.lines[0] = LineEdit::new(settings.client_name.clone());
                draft.lines[1] = LineEdit::new(settings.client_type.clone());
                draft.lines[2] = LineEdit::new(settings.client_url.clone());
            }
            _ => draft.lines[0] = topic,
        }
        let is_whole = convention.topic != "system:proxy";
        if kind.body().is_some() && is_whole {
            draft.body = TextEdit::new(shaped(convention.payload));
        }
        self.put(draft, terms);
    }

    /// The target of the call being written, or the only other client there is.
    fn likely_target(&self) -> String {
        let sheet = self.sheets.get(&Kind::Proxy);
        let written = sheet.and_then(|sheet| sheet.draft.lines.first());
        if let Some(line) = written.filter(|line| !line.text().is_empty()) {
            return line.text().to_owned();
        }
        let clients = self
            .broker
            .as_ref()
            .and_then(|picture| picture.clients.as_ref());
        let rows = clients.map_or(&[][..], |clients| &clients.rows);
        let mut others = rows.iter().filter(|row| !row.own && row.gone.is_none());
        match (others.next(), others.next()) {
            (Some(only), None) => only.id.clone(),
            _ => String::new(),
        }
    }

    /// Opens an answer to a call; what was being written can be had back.
    pub fn answer_call(&mut self, call: &Call, terms: &Terms) {
        let mut draft = Draft::new(Kind::Reply, &terms.settings, &terms.schema);
        draft.lines[0] = LineEdit::new(call.id.clone());
        draft.lines[1] = LineEdit::new(call.topic.clone());
        let generation = dialect(&terms.settings.websocketmq).generation();
        let known = conventions::of(&call.topic, generation);
        // Nothing in it is a template.
        if let Some(known) = known.filter(|known| !known.result.is_empty()) {
            draft.body = TextEdit::new(shaped(known.result).replace("${", "$${"));
        }
        self.put(draft, terms);
    }

    /// How long there is for the answer being written; `None` if none is.
    #[must_use]
    pub fn time_left(&self, now: Stamp) -> Option<Left> {
        let draft = self.draft().filter(|draft| draft.kind == Kind::Reply)?;
        let id = draft.lines.first().map_or("", LineEdit::text);
        let picture = self.broker.as_ref()?;
        let call = picture.calls.iter().rev().find(|call| call.id == id);
        let Some(call) = call else {
            return (!id.is_empty()).then_some(Left::Unknown);
        };
        Some(match call.state {
            CallState::Answered(_) | CallState::Silent => Left::Answered,
            CallState::Cut => Left::Cut,
            CallState::Expired => Left::Late,
            _ if call.due.mono <= now.mono => Left::Late,
            _ => Left::Time(call.due.since(now), call.due.since(call.at)),
        })
    }

    /// What fits in the line with the cursor of a form for a broker.
    #[must_use]
    pub fn broker_offer(&self) -> Option<Offer> {
        let draft = self.draft().filter(|draft| draft.kind.is_for_broker())?;
        let Slot::Line(index) = self.focus else {
            return None;
        };
        let nothing = Picture::default();
        let picture = self.broker.as_deref().unwrap_or(&nothing);
        let dialect = picture
            .dialect
            .as_ref()
            .map_or(Dialect::G2, |(known, _)| *known);
        offers::at(draft.kind, index, draft.lines.get(index)?, picture, dialect)
    }

    /// The payload follows the topic while nobody has written any; of an answer the topic follows
    /// the call.
    pub(super) fn follow_topic(&mut self) -> bool {
        if self.kind == Kind::Reply {
            self.follow_call();
        }
        let at = match self.kind {
            Kind::Publish | Kind::Request => 0,
            Kind::Proxy => 1,
            _ => return true,
        };
        if self.focus != Slot::Line(at) {
            return true;
        }
        let Some(draft) = self.draft_mut() else {
            return true;
        };
        let topic = draft.lines.get(at).map_or("", LineEdit::text);
        let all = [Generation::Two, Generation::One];
        let known = all.iter().find_map(|one| conventions::of(topic, *one));
        let written = draft.body.text();
        let is_begun = |one: &Convention| shaped(one.payload) == written;
        let untouched = draft.body.is_blank()
            || written == "{}"
            || all
                .iter()
                .any(|one| conventions::all(*one).iter().any(is_begun));
        if let Some(known) = known.filter(|_| untouched) {
            draft.body.replace(shaped(known.payload));
        }
        true
    }

    /// The topic of the call whose id was put in.
    fn follow_call(&mut self) {
        let calls = self
            .broker
            .as_ref()
            .map(|picture| Arc::clone(&picture.calls));
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let id = draft.lines.first().map_or("", LineEdit::text);
        let calls = calls.unwrap_or_default();
        let call = calls.iter().rev().find(|call| call.id == id);
        if let (Some(call), Some(topic)) = (call, draft.lines.get_mut(1)) {
            *topic = LineEdit::new(call.topic.clone());
        }
    }

    /// What keeps a burst below the broker's queue, with the window a plan asks for.
    pub(super) fn pacing(&self, window: usize) -> Pacing {
        if self.system != System::WebSocketMq {
            return Pacing::none();
        }
        let mut pacing = Pacing::new(window, &[]);
        if let Some(picture) = &self.broker {
            pacing.know(picture);
        }
        pacing
    }
}

#[cfg(test)]
mod tests;
