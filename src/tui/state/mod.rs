//! Everything the screen shows, owned by one task.
//!
//! Only [`update`](super::update::update) changes a [`State`]; [`view`](super::view::view) reads
//! it. Nothing here reads a clock: the time on screen is [`State::now`], set by an input.

pub mod asks;
pub mod broker;
pub mod confirm;
pub mod decode_as;
pub mod detail;
pub mod events;
pub mod filters;
pub mod hops;
pub mod judges;
pub mod lens;
pub mod line;
pub mod metrics;
pub mod notices;
pub mod odd;
pub mod ours;
pub mod overlay;
pub mod picker;
pub mod raw;
pub mod remarks;
pub mod shadow;
pub mod shelf;
pub mod sought;
pub mod tab;
pub mod tree;
pub mod verdicts;
pub mod why;

use jiff::tz::TimeZone;
use ratatui::layout::Size;

use crate::frame::Stamp;
use crate::saved::{Listed, Saved};
use crate::session::{Delivery, SessionId};
use crate::store::Store;

use super::action::Context;
use super::composer::Environment;
use super::input::Input;
use super::keymap::Keymap;
use super::layout::{self, Areas};
use super::theme::{Theme, Tone};
use broker::Section;
use notices::Notices;
use overlay::{History, Overlay};
use picker::{Choice, Picker};
use tab::Tab;

/// Most sessions at once.
pub const TABS_MAX: usize = 32;

/// What fills the screen.
#[derive(Clone, Debug)]
pub enum Screen {
    /// The list of targets.
    Picker(Picker),
    /// The session of the active tab.
    Sessions,
}

/// Which pane has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The events.
    Events,
    /// The detail.
    Detail,
}

/// Which panes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// Both, side by side or one above the other, as room allows.
    Split,
    /// The one with the focus, all over the screen.
    Zoomed,
    /// The events alone.
    EventsOnly,
}

/// What a [`State`] starts with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Colours.
    pub tone: Tone,
    /// Time zone of the times on screen.
    pub zone: TimeZone,
    /// Bytes the store may account for.
    pub budget: usize,
    /// What the picker offers.
    pub choices: Vec<Choice>,
    /// What templates of documents may ask of the environment.
    pub environment: Environment,
    /// What the sessions were told on the command line, for commands that do the same.
    pub flags: Vec<String>,
    /// Where documents are kept.
    pub saved: Saved,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tone: Tone::default(),
            zone: TimeZone::UTC,
            budget: crate::store::BUDGET,
            choices: Vec::new(),
            environment: Environment::default(),
            flags: Vec::new(),
            saved: Saved::new(None),
        }
    }
}

/// Everything the screen shows. Made by the run loop, or by a test; dropped with it.
#[derive(Debug)]
pub struct State {
    /// The time on screen.
    pub now: Stamp,
    /// Size of the terminal.
    pub size: Size,
    /// Colours.
    pub theme: Theme,
    /// Keys.
    pub keymap: Keymap,
    /// Time zone of the times on screen.
    pub zone: TimeZone,
    /// The entries of all sessions.
    pub store: Store,
    /// The sessions, in the order of their tabs.
    pub tabs: Vec<Tab>,
    /// Index of the active tab.
    pub active: usize,
    /// What fills the screen.
    pub screen: Screen,
    /// What lies over it, topmost last.
    pub overlays: Vec<Overlay>,
    /// Which pane has the keys.
    pub focus: Focus,
    /// Which panes are shown.
    pub arrangement: Arrangement,
    /// Share of the detail pane, in a thousand.
    pub share: u16,
    /// Diagnoses and failures.
    pub notices: Notices,
    /// What the picker offers.
    pub choices: Vec<Choice>,
    /// True while a worker decodes a large entry; there is one at a time.
    pub decoding: bool,
    /// What templates of documents may ask of the environment.
    pub environment: Environment,
    /// What the sessions were told on the command line, for commands that do the same.
    pub flags: Vec<String>,
    /// The documents kept, as they were last listed.
    pub saved: Vec<Listed>,
    /// Filters accepted before, oldest first.
    pub filters: History,
    /// Searches made before, oldest first.
    pub searches: History,
    /// Plans of sending accepted before.
    pub plans: History,
    /// Number of the next session.
    next_id: u32,
}

impl State {
    /// A screen of that size with the picker on it.
    #[must_use]
    pub fn new(options: Options, size: Size, now: Stamp) -> Self {
        Self {
            now,
            size,
            theme: Theme::new(options.tone),
            keymap: Keymap::default(),
            zone: options.zone,
            store: Store::new(options.budget),
            tabs: Vec::new(),
            active: 0,
            screen: Screen::Picker(Picker::default()),
            overlays: Vec::new(),
            focus: Focus::Events,
            arrangement: Arrangement::Split,
            share: 420,
            notices: Notices::default(),
            choices: options.choices,
            decoding: false,
            environment: options.environment,
            flags: options.flags,
            saved: Vec::new(),
            filters: History::default(),
            searches: History::default(),
            plans: History::default(),
            next_id: 1,
        }
    }

    /// The active tab.
    #[must_use]
    pub fn tab(&self) -> Option<&Tab> {
        self.tabs.get(self.active)
    }

    /// The active tab, to change.
    pub fn tab_mut(&mut self) -> Option<&mut Tab> {
        self.tabs.get_mut(self.active)
    }

    /// The tab of that session; `None` once it is closed.
    pub fn tab_of(&mut self, session: SessionId) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|tab| tab.id == session)
    }

    /// A number no session had yet.
    pub(super) fn take_id(&mut self) -> SessionId {
        let id = SessionId(self.next_id);
        self.next_id += 1;
        id
    }

    /// Where everything is on the screen.
    #[must_use]
    pub fn areas(&self) -> Areas {
        // The composer has half of a wide screen, with the events beside it.
        let (arrangement, share) = if self.is_composing() {
            (Arrangement::Split, self.share.max(500))
        } else {
            (self.arrangement, self.share)
        };
        layout::areas(
            self.size,
            arrangement,
            self.focus,
            share,
            self.notices.shown(self.now).is_some(),
        )
    }

    /// Whose keys count, first one first.
    #[must_use]
    pub fn contexts(&self) -> &'static [Context] {
        use Context::{
            Asks, Broker, BrokerCalls, BrokerClients, BrokerTopics, Compose, Confirm, DecodeAs,
            Detail, Edit, Events, Everywhere, Filters, Move, Panel, Prompt, Sessions, Shelf, Why,
        };
        match (self.overlays.last(), &self.screen, self.focus) {
            (Some(Overlay::Help { .. } | Overlay::Notices { .. } | Overlay::Facts { .. }), ..) => {
                &[Panel, Move, Everywhere]
            }
            (Some(Overlay::Broker), ..) => match self.tab().map(|tab| tab.broker.section) {
                Some(Section::Clients) => &[BrokerClients, Broker, Move, Everywhere],
                Some(Section::Calls) => &[BrokerCalls, Broker, Move, Everywhere],
                Some(Section::Topics) | None => &[BrokerTopics, Broker, Move, Everywhere],
            },
            (Some(Overlay::Confirm(_)), ..) => &[Confirm, Everywhere],
            (Some(Overlay::Asks { .. }), ..) => &[Asks, Move, Everywhere],
            (Some(Overlay::Filters(_)), ..) => &[Filters, Move, Everywhere],
            (Some(Overlay::Why(_)), ..) => &[Why, Move, Everywhere],
            (Some(Overlay::DecodeAs(_)), ..) => &[DecodeAs, Prompt, Edit, Move, Everywhere],
            (
                Some(
                    Overlay::Copy { .. }
                    | Overlay::Again { .. }
                    | Overlay::Presets { .. }
                    | Overlay::Conventions { .. },
                ),
                ..,
            ) => &[Prompt, Move, Everywhere],
            (Some(Overlay::Shelf(_)), ..) => &[Shelf, Prompt, Edit, Move, Everywhere],
            (Some(Overlay::Compose), ..) => &[Compose, Edit, Everywhere],
            (Some(_), ..) | (None, Screen::Picker(_), _) => &[Prompt, Edit, Move, Everywhere],
            (None, Screen::Sessions, Focus::Events) => &[Events, Move, Sessions, Everywhere],
            (None, Screen::Sessions, Focus::Detail) => &[Detail, Move, Sessions, Everywhere],
        }
    }

    /// The line that typed characters go to, if there is one.
    pub fn line_mut(&mut self) -> Option<&mut line::LineEdit> {
        match (self.overlays.last_mut(), &mut self.screen) {
            (Some(Overlay::Palette { line, .. }), _) => Some(line),
            (Some(Overlay::Shelf(list)), _) => Some(&mut list.line),
            (Some(Overlay::Prompt(prompt)), _) => Some(&mut prompt.line),
            (Some(Overlay::DecodeAs(choice)), _) => Some(choice.line_mut()),
            (Some(Overlay::Metrics(panel)), _) => Some(&mut panel.line),
            (Some(_), _) | (None, Screen::Sessions) => None,
            (None, Screen::Picker(picker)) => Some(&mut picker.line),
        }
    }

    /// True if `input` can change what is on screen; what goes on in tabs that are not looked at
    /// mostly cannot.
    #[must_use]
    pub fn shows(&self, input: &Input) -> bool {
        let delivery = match input {
            Input::Delivered(delivery) => delivery,
            // Progress is drawn with what comes of it, and with the ages.
            Input::Pump(_) => return self.is_composing(),
            _ => return true,
        };
        let active = self.tab().is_some_and(|tab| tab.id == delivery.session);
        let told = !delivery.notes.is_empty() || !delivery.rejections.is_empty();
        active || told || delivery.last || self.changes_tab(delivery)
    }

    /// True if the delivery changes what its session's tab says.
    fn changes_tab(&self, delivery: &Delivery) -> bool {
        let before = self.tabs.iter().find(|tab| tab.id == delivery.session);
        before
            .zip(delivery.snapshot.as_ref())
            .is_some_and(|(tab, now)| {
                tab.snapshot
                    .as_ref()
                    .is_none_or(|before| before.state != now.state)
            })
    }

    /// True while a composer has more to send.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        self.tabs.iter().any(|tab| tab.composer.is_sending())
    }

    /// True while the composer is open, whatever lies over it.
    #[must_use]
    pub fn is_composing(&self) -> bool {
        let is_composer = |overlay: &Overlay| matches!(overlay, Overlay::Compose);
        self.overlays.iter().any(is_composer)
    }

    /// True while something on screen changes by time alone: ages, countdowns, a notice that will
    /// give its line back.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self.screen, Screen::Sessions) && !self.tabs.is_empty()
            || self.notices.shown(self.now).is_some()
    }
}
