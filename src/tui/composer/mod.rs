//! The composer of one session: forms for its system's messages, checked as they are typed.
//!
//! ```text
//!  keys ─► Draft (one per kind) ─document─► text ──compose──► Recipe ─► Sending ─► Command
//!             ▲                              │                        │
//!  a sent frame, $EDITOR, history ◄──────────┘            rehearse ─► what goes out, on screen
//! ```
//!
//! What is sent is always a document as [`crate::compose`] reads it, so it equals what
//! `wspect send` takes. Drafts outlive the composer being closed, a send that is refused, and
//! another kind being looked at; they end with the tab.

pub mod answer;
pub mod broker;
pub mod check;
pub mod command_line;
mod dispatch;
pub mod document;
pub mod draft;
pub mod event;
pub mod filters;
pub mod kind;
pub mod offer;
pub mod places;
pub mod plan;
pub mod pretty;
pub mod registering;
pub mod resend;
pub mod sending;
mod sheet;
pub mod template;
pub mod text;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ratatui::layout::Rect;

use crate::compose::Prepared;
use crate::frame::Stamp;
use crate::protocol::websocketmq::Picture;
use crate::protocol::{Settings, System};
use crate::schema::Schema;
use crate::tui::action::Action;

use check::{Language, Message, Problem};
use draft::{Draft, Slot};
use kind::Kind;
use offer::Offer;
use places::{Places, Wants};
use sending::Sending;
use sheet::Sheet;
use text::TextEdit;

/// What the documents of a session are read with. Made when the session starts, shared as it is.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// The session's settings.
    pub settings: Arc<Settings>,
    /// The session's schema.
    pub schema: Arc<Schema>,
}

/// What `${env:NAME}` gives: the environment the program was started with.
pub type Environment = HashMap<String, String>;

/// What the last look at the draft said.
pub type Verdict = Result<Vec<Message>, Problem>;

/// What was sent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When.
    pub at: Stamp,
    /// Number of messages.
    pub messages: usize,
}

/// The composer of one session.
#[derive(Clone, Debug)]
pub struct Composer {
    system: System,
    kind: Kind,
    sheets: BTreeMap<Kind, Sheet>,
    /// The field with the cursor.
    pub focus: Slot,
    verdict: Option<Verdict>,
    /// Messages sent before the sending below.
    count: u64,
    /// What is being sent, or was sent last.
    sending: Option<Sending>,
    /// What was sent last.
    pub last: Option<Sent>,
    /// What the draft is saved as.
    saved_as: Option<String>,
    /// Why the session did not take what was sent last.
    pub refused: Option<String>,
    /// What is known beside a register.
    register: registering::Known,
    /// How the conversation with the broker stands.
    broker: Option<Arc<Picture>>,
    /// What waits for a yes before it is sent.
    pending: Option<Pending>,
}

/// What is ready to be sent.
#[derive(Clone, Debug)]
struct Pending {
    sending: Box<Sending>,
    /// It is the draft, which joins those sent before.
    is_draft: bool,
}

impl Default for Composer {
    fn default() -> Self {
        Self {
            system: System::Generic,
            kind: Kind::first(System::Generic),
            sheets: BTreeMap::new(),
            focus: Slot::Kind,
            verdict: None,
            count: 0,
            sending: None,
            last: None,
            saved_as: None,
            refused: None,
            register: registering::Known::default(),
            broker: None,
            pending: None,
        }
    }
}

impl Composer {
    /// Opens on a session of that system: where one left off, or at the beginning.
    pub fn open(&mut self, system: System, terms: &Terms) {
        let known = self.sheets.contains_key(&self.kind) && Kind::of(system).contains(&self.kind);
        self.system = system;
        if known {
            self.changed();
        } else {
            self.turn_to(Kind::first(system), terms);
        }
    }

    /// The system the documents are for.
    #[must_use]
    pub fn system(&self) -> System {
        self.system
    }

    /// What is being composed.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The draft on screen; none before the composer was opened.
    #[must_use]
    pub fn draft(&self) -> Option<&Draft> {
        self.sheets.get(&self.kind).map(|sheet| &sheet.draft)
    }

    /// The draft on screen, to change; what was said of it is forgotten.
    pub fn draft_mut(&mut self) -> Option<&mut Draft> {
        self.changed();
        self.sheets
            .get_mut(&self.kind)
            .map(|sheet| &mut sheet.draft)
    }

    /// What is said of the draft; `None` before it was looked at.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// Which of the sent drafts is looked at, 1 for the newest, and how many there are.
    #[must_use]
    pub fn place_in_history(&self) -> (usize, usize) {
        self.sheets.get(&self.kind).map_or((0, 0), Sheet::place)
    }

    /// Composes something else; its draft is as one left it.
    pub fn turn_to(&mut self, kind: Kind, terms: &Terms) {
        self.kind = kind;
        let system = self.system;
        let sheet = self.sheets.entry(kind).or_insert_with(|| {
            let mut draft = match self.register.begin(kind) {
                Some(draft) => draft,
                None => Draft::new(kind, &terms.settings, &terms.schema),
            };
            draft.is_for(system, &terms.settings);
            Sheet::new(draft)
        });
        self.focus = sheet.draft.first_slot();
        self.changed();
    }

    /// Turns the selector of kinds by `steps`; the cursor stays on it.
    pub fn turn_kind(&mut self, steps: isize, terms: &Terms) {
        let kinds = Kind::of(self.system);
        let at = kinds.iter().position(|kind| *kind == self.kind);
        let next = at.unwrap_or(0) as isize + steps;
        let stay = self.focus == Slot::Kind;
        self.turn_to(kinds[next.rem_euclid(kinds.len() as isize) as usize], terms);
        if stay {
            self.focus = Slot::Kind;
        }
    }

    /// Puts `draft` in place of its kind's, which joins those sent before so that it can be had
    /// back.
    pub fn put(&mut self, draft: Draft, terms: &Terms) {
        let mut draft = draft;
        draft.is_for(self.system, &terms.settings);
        self.kind = draft.kind;
        self.focus = draft.first_slot();
        match self.sheets.get_mut(&draft.kind) {
            Some(sheet) => sheet.put(draft),
            None => {
                self.sheets.insert(draft.kind, Sheet::new(draft));
            }
        }
        self.changed();
    }

    /// Goes to the next field, or the one before.
    pub fn step(&mut self, steps: isize) {
        let Some(draft) = self.draft() else { return };
        let slots = draft.slots();
        let at = slots.iter().position(|slot| *slot == self.focus);
        let next = at.unwrap_or(0) as isize + steps;
        self.focus = slots[next.rem_euclid(slots.len() as isize) as usize];
    }

    /// Steps through the drafts sent before.
    pub fn recall(&mut self, older: bool) {
        if let Some(sheet) = self.sheets.get_mut(&self.kind)
            && sheet.recall(older)
        {
            if !sheet.draft.slots().contains(&self.focus) {
                self.focus = sheet.draft.first_slot();
            }
            self.changed();
        }
    }

    /// The document the draft stands for.
    #[must_use]
    pub fn document(&self, terms: &Terms) -> String {
        self.draft().map_or(String::new(), |draft| {
            document::write(draft, &terms.settings).text
        })
    }

    /// Takes a document that was edited elsewhere: in its form if it fits it, else as it stands.
    pub fn take_document(&mut self, kind: Kind, text: &str, terms: &Terms) {
        let draft = document::read(kind, text, &terms.settings).unwrap_or_else(|| {
            let mut draft = Draft::blank(Kind::Document);
            draft.body = TextEdit::new(text);
            draft
        });
        self.put(draft, terms);
    }

    /// What the draft was saved as, or opened from.
    #[must_use]
    pub fn saved_as(&self) -> Option<&str> {
        self.saved_as.as_deref()
    }

    /// The draft is kept under that name now.
    pub fn is_saved_as(&mut self, name: &str) {
        self.saved_as = Some(name.to_owned());
    }

    /// Takes a saved document: in the first form of the system it fits, else as it stands.
    pub fn take_saved(&mut self, name: &str, text: &str, terms: &Terms) {
        self.take_any(text, terms);
        self.is_saved_as(name);
    }

    /// Takes a document: in the first form of the system it fits, else as it stands.
    pub fn take_any(&mut self, text: &str, terms: &Terms) {
        let kinds = Kind::of(self.system).iter().copied();
        let mut forms = kinds.filter(|kind| *kind != Kind::Document);
        let draft = forms.find_map(|kind| document::read(kind, text, &terms.settings));
        let draft = draft.unwrap_or_else(|| {
            let mut draft = Draft::blank(Kind::Document);
            draft.body = TextEdit::new(text);
            draft
        });
        self.put(draft, terms);
    }

    /// Looks at the draft if it has changed since.
    pub fn look(&mut self, terms: &Terms, environment: &Environment, now: Stamp) {
        if self.verdict.is_some() || self.draft().is_none() {
            return;
        }
        let prepared = self.prepare(terms, environment, now);
        self.verdict = Some(prepared.and_then(|prepared| {
            let language = self.language(terms);
            check::rehearse(&prepared, language, self.own_id(), now)
        }));
        self.look_at_filters();
    }

    fn language<'a>(&self, terms: &'a Terms) -> Language<'a> {
        Language {
            system: self.system,
            settings: &terms.settings,
            schema: &terms.schema,
        }
    }

    fn prepare(
        &self,
        terms: &Terms,
        environment: &Environment,
        now: Stamp,
    ) -> Result<Vec<Prepared>, Problem> {
        let Some(draft) = self.draft() else {
            return Ok(Vec::new());
        };
        let find = |name: &str| environment.get(name).cloned();
        let context = self.context(terms, now);
        check::prepare(draft, self.language(terms), context.with_env(&find))
    }

    /// Where its fields are in `pane`; `None` before it was opened.
    #[must_use]
    pub fn places(&self, pane: Rect) -> Option<Places> {
        let rows = match &self.sending {
            None => 0,
            Some(sending) if sending.is_many() => 3,
            Some(_) => 1,
        };
        let wants = Wants {
            sending: rows,
            offers: self.line_offer().map(|offer| offer.choices.len()),
        };
        Some(places::places(pane, self.draft()?, self.focus, wants))
    }

    /// What fits at the cursor of the text, where a message tells.
    #[must_use]
    pub fn offer(&self, terms: &Terms) -> Option<Offer> {
        let event = self.draft()?.event()?;
        let message = event.descriptor(&terms.schema)?;
        offer::at(event.data.text(), event.data.cursor(), &message)
    }

    /// What fits in the line with the cursor.
    #[must_use]
    pub fn line_offer(&self) -> Option<filters::offer::Offer> {
        self.filter_offer().or_else(|| self.broker_offer())
    }

    /// Puts in what fits at the cursor: the next field, or the next value.
    pub fn complete(&mut self, terms: &Terms) -> bool {
        if let Some(offer) = self.line_offer() {
            return self.take_offer(offer) && self.follow_topic();
        }
        let Some(offer) = self.offer(terms) else {
            return false;
        };
        let Some(choice) = offer.choices.into_iter().next() else {
            return false;
        };
        let Some(text) = self.draft_mut().and_then(Draft::text_mut) else {
            return false;
        };
        text.splice(offer.place, &choice.text)
    }

    /// Wraps the text at `width` and keeps its cursor among the `height` rows shown.
    pub fn fit(&mut self, width: u16, height: usize) {
        if let Some(text) = self.text_mut() {
            text.fit(width, height);
        }
    }

    /// Puts the cursor of the text at that row and column of what is shown.
    pub fn point(&mut self, row: usize, column: usize) {
        if let Some(text) = self.text_mut() {
            text.click(row, column);
        }
    }

    /// Moves the cursor of the text; changes nothing.
    pub fn travel(&mut self, action: Action) {
        if let Some(text) = self.text_mut() {
            text.edit(action);
        }
    }

    /// The text of several lines, to move in: what was said of the draft stays.
    fn text_mut(&mut self) -> Option<&mut TextEdit> {
        self.sheets.get_mut(&self.kind)?.draft.text_mut()
    }

    fn changed(&mut self) {
        self.verdict = None;
        self.refused = None;
    }
}

/// A number that decides the ids of the next documents.
fn seed(settings: &Settings, count: u64) -> u64 {
    let mut low = [0; 8];
    low.copy_from_slice(&settings.instance[..8]);
    u64::from_le_bytes(low) ^ count.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
