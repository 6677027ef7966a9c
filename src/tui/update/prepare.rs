//! What the next picture needs and the state does not have yet.
//!
//! Decoding happens here, once per picture and for what is on it alone: under a flood the newest
//! entry changes thousands of times between two pictures, and only one of them is ever seen.

use std::sync::Arc;

use crate::body::Body;
use crate::entry::Entry;
use crate::frame::{Frame, Seq};
use crate::profile::Secrets;
use crate::protocol::Decoder;
use crate::schema::json;
use crate::session::SessionId;
use crate::tui::effect::{DecodeJob, Effect};
use crate::tui::layout::inside;
use crate::tui::state::State;
use crate::tui::state::detail::{Decoded, Facet, Reading, Shown};
use crate::tui::state::raw::Wrapped;
use crate::tui::state::tree::Folds;
use crate::tui::view::frame;

use super::{composer, detail, events, shadow};

/// Largest payload decoded on the spot, bytes; larger ones go to a worker.
const AT_ONCE: usize = 32 << 10;

/// Prepares the next picture.
pub(super) fn picture(state: &mut State, effects: &mut Vec<Effect>) {
    trim(state);
    composer::prepare(state);
    judge(state);
    shadow::look(state);
    let areas = state.areas();
    if areas.detail.is_empty() {
        return;
    }
    if let Some(seq) = events::selected(state) {
        read(state, seq, effects);
    } else if let Some(tab) = state.tab_mut() {
        tab.detail.forget();
    }
    wrap(state, inside(areas.detail).width);
    clamp(state, usize::from(state.reading_area().height));
    detail::keep_in_sight(state);
}

/// Lets go of marks on entries that have left the memory.
fn trim(state: &mut State) {
    let State { tabs, store, .. } = state;
    for tab in tabs {
        if let Some(timeline) = store.timeline(tab.id) {
            tab.events.marks = tab.events.marks.split_off(&timeline.first());
        }
    }
}

/// Judges the events on screen by the filters of their time.
fn judge(state: &mut State) {
    let height = state.areas().list_height();
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    if tab.judges.periods().is_empty() {
        return;
    }
    let rows = tab.events.rows(&tab.lens(store), height);
    let visible = rows.into_iter().filter_map(|seq| store.entry(tab.id, seq));
    tab.odd.look(visible, &tab.judges);
}

/// Reads the selected entry, and its other half while that is looked at.
fn read(state: &mut State, seq: Seq, effects: &mut Vec<Effect>) {
    let State {
        tabs,
        store,
        active,
        decoding,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    let mut reader = Reader {
        session: tab.id,
        decoder: tab.decoder.as_ref(),
        secrets: &tab.secrets,
        folds: &tab.detail.folds,
        decoding,
        effects,
    };
    let entry = store.entry(tab.id, seq);
    let pair = entry.as_ref().and_then(|entry| entry.pair);
    let wanted = Some(seq).filter(|_| reader.lacks(tab.detail.shown.as_ref(), seq));
    let shown = wanted.map(|seq| reader.read(seq, entry));
    let pair = pair.filter(|_| tab.detail.facet == Facet::Pair);
    let wanted = pair.filter(|pair| reader.lacks(tab.detail.other.as_ref(), *pair));
    let other = wanted.map(|pair| reader.read(pair, store.entry(tab.id, pair)));
    if let Some(shown) = shown {
        tab.detail.turn_to(shown);
    }
    if other.is_some() || pair.is_none() {
        tab.detail.other = other;
    }
}

/// What reading an entry takes.
struct Reader<'a> {
    session: SessionId,
    decoder: Option<&'a Arc<dyn Decoder>>,
    secrets: &'a Arc<Secrets>,
    folds: &'a Folds,
    decoding: &'a mut bool,
    effects: &'a mut Vec<Effect>,
}

impl Reader<'_> {
    /// True if `shown` is not the reading of `seq`, or waits for a worker that is free again.
    fn lacks(&self, shown: Option<&Shown>, seq: Seq) -> bool {
        shown.is_none_or(|shown| {
            let waits = matches!(shown.reading, Reading::Pending) && !*self.decoding;
            shown.seq != seq || waits
        })
    }

    fn read(&mut self, seq: Seq, entry: Option<Entry<'_>>) -> Shown {
        let Some(entry) = entry else {
            let reading = Reading::Gone;
            return Shown { seq, reading };
        };
        let body = match (entry.frame(), self.decoder) {
            (None, _) => facts(entry.payload),
            (Some(_), None) => Body::default(),
            (Some(frame), Some(_)) if frame.payload.len() > AT_ONCE => {
                self.hand_over(&frame);
                let reading = Reading::Pending;
                return Shown { seq, reading };
            }
            (Some(frame), Some(decoder)) => decoder.body(&frame),
        };
        let reading = Reading::Done(Box::new(Decoded::new(body, self.folds, self.secrets)));
        Shown { seq, reading }
    }

    /// Lets a worker decode the frame, unless one is at another: large entries that follow one
    /// another fast would pile up.
    fn hand_over(&mut self, frame: &Frame<'_>) {
        let Some(decoder) = self.decoder.filter(|_| !*self.decoding) else {
            return;
        };
        *self.decoding = true;
        self.effects.push(Effect::Decode(Box::new(DecodeJob {
            session: self.session,
            seq: frame.seq,
            at: frame.at,
            direction: frame.direction,
            kind: frame.kind,
            payload: frame.payload.to_vec(),
            decoder: Arc::clone(decoder),
            secrets: Arc::clone(self.secrets),
            folds: self.folds.clone(),
        })));
    }
}

/// The facts of a lifecycle change or lost ask, which are JSON of our own.
fn facts(payload: &[u8]) -> Body {
    match json::tree(payload, 0) {
        Ok(root) => Body {
            root,
            via: "facts".to_owned(),
            ..Body::default()
        },
        Err(error) => Body {
            error: Some(error.to_string()),
            ..Body::default()
        },
    }
}

/// Breaks the payload into rows while it is read as text.
fn wrap(state: &mut State, width: u16) {
    let State {
        tabs,
        store,
        active,
        ..
    } = state;
    let Some(tab) = tabs.get_mut(*active) else {
        return;
    };
    let Some(shown) = &tab.detail.shown else {
        return;
    };
    let seq = shown.seq;
    let ready = |wrapped: &Wrapped| wrapped.seq == seq && wrapped.width == width;
    if tab.detail.facet != Facet::Raw || tab.detail.wrapped.as_ref().is_some_and(ready) {
        return;
    }
    let entry = store.entry(tab.id, seq);
    tab.detail.wrapped = entry.map(|entry| Wrapped::new(seq, entry.payload, width));
}

/// Ends scrolling where the reading on top ends.
fn clamp(state: &mut State, height: usize) {
    let rows = match state.tab().map(|tab| tab.detail.facet) {
        None | Some(Facet::Decoded | Facet::Hex) => return,
        Some(Facet::Raw) => state
            .tab()
            .and_then(|tab| tab.detail.wrapped.as_ref())
            .map_or(0, |wrapped| {
                wrapped.rows.len() + usize::from(wrapped.left_out > 0)
            }),
        Some(Facet::Frame) => frame::rows(state),
        Some(Facet::Pair) => crate::tui::view::pair::rows(state),
    };
    if let Some(tab) = state.tab_mut() {
        tab.detail.scroll = tab.detail.scroll.min(rows.saturating_sub(height));
    }
}
