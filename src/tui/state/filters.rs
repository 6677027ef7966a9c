//! The panel of filters: the sets of a session, and the events counted under one of them.

use std::sync::Arc;

use crate::frame::Seq;
use crate::protocol::savetowebsocket::shadow::Side;
use crate::protocol::savetowebsocket::{Filters, Reasoner, read_filters};
use crate::protocol::{Outgoing, System};
use crate::session::SessionId;

use super::judges::Judges;
use super::tab::Tab;
use super::verdicts::Class;
use crate::tui::composer::kind::Kind;

/// The panel, while it is open.
#[derive(Clone, Copy, Debug, Default)]
pub struct FiltersPanel {
    /// Which of the [`items`] is selected.
    pub selected: usize,
}

/// Which filter set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// That of the period that began with this register.
    Period(Seq),
    /// What is written in the composer.
    Draft,
}

/// What can be selected in the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A set.
    Set(Which),
    /// Events of a class.
    Class(Class),
    /// An event that does not fit with the shadow.
    Misfit {
        /// Where it came.
        session: SessionId,
        /// The event.
        seq: Seq,
    },
}

/// Most mismatches listed.
pub const LISTED: usize = 8;

/// What can be selected: sets, newest first, the draft before them; then what was counted.
#[must_use]
pub fn items(tab: &Tab) -> Vec<Item> {
    let draft = draft(tab).map(|_| Item::Set(Which::Draft));
    let periods = tab.judges.periods().iter().rev();
    let sets = periods.map(|period| Item::Set(Which::Period(period.since)));
    let counted = tab.counting.iter().flat_map(|counting| {
        let counts = counting.counts();
        counts.into_iter().map(|(class, _)| Item::Class(class))
    });
    let misfits = tab.shadow.iter().flat_map(|shadow| {
        shadow.mismatches().take(LISTED).map(|found| Item::Misfit {
            session: match found.side {
                Side::Filtered => tab.id,
                Side::Unfiltered => shadow.session,
            },
            seq: found.seq,
        })
    });
    let sets = draft.into_iter().chain(sets);
    sets.chain(counted).chain(misfits).collect()
}

/// That set of the session, made ready; `None` if it is forgotten or gone.
#[must_use]
pub fn reasoner(tab: &Tab, which: Which) -> Option<Arc<Reasoner>> {
    match which {
        Which::Period(since) => {
            let number = tab.judges.number(since)?;
            tab.judges.reasoner(number).map(Arc::clone)
        }
        Which::Draft => draft(tab).map(|filters| Arc::new(Reasoner::new(&filters))),
    }
}

/// The set in force, else the newest.
#[must_use]
pub fn newest(judges: &Judges) -> Option<Which> {
    let last = judges.periods().last()?;
    Some(Which::Period(last.since))
}

/// What the set is called: its number within the session, from 1.
#[must_use]
pub fn name(tab: &Tab, which: Which) -> String {
    match which {
        Which::Draft => "the composer's draft".to_owned(),
        Which::Period(since) => match tab.judges.number(since) {
            Some(number) => format!("set {}", number + 1),
            None => "a set no longer known".to_owned(),
        },
    }
}

/// The filters being written in the composer, if they could be sent as they are and are not in
/// force already.
#[must_use]
pub fn draft(tab: &Tab) -> Option<Filters> {
    if tab.composer.kind() != Kind::Register || !is_spoken(tab) {
        return None;
    }
    let messages = tab.composer.verdict()?.as_ref().ok()?;
    let Outgoing::Text(text) = messages.first()?.frames.first()? else {
        return None;
    };
    let written = read_filters(std::str::from_utf8(text).ok()?).ok()?;
    // What was sent stays in the composer.
    let sent = tab.judges.in_force();
    sent.is_none_or(|period| *period.filters != written)
        .then_some(written)
}

/// True if the session speaks `SaveToWebSocket`.
#[must_use]
pub fn is_spoken(tab: &Tab) -> bool {
    let system = tab.snapshot.as_ref().and_then(|snapshot| snapshot.system);
    system == Some(System::SaveToWebSocket) || tab.shadow_of.is_some()
}

/// A filter set in short. Not sanitised.
#[must_use]
pub fn short(filters: &Filters) -> String {
    let lists = [
        ("types", &filters.types),
        ("accounts", &filters.account_ids),
        ("assets", &filters.asset_codes),
    ];
    let mut parts: Vec<String> = lists
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| format!("{name} {}", values.join(", ")))
        .collect();
    if !filters.min_amount.is_empty() {
        parts.push(format!("min_amount {}", filters.min_amount));
    }
    if let Some(custom) = &filters.custom {
        parts.push(format!("custom {custom}"));
    }
    if parts.is_empty() {
        "everything".to_owned()
    } else {
        parts.join(" · ")
    }
}
