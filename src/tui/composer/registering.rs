//! The composer's register form in its session: the filters in force, the newest events, advice.

use std::time::Duration;

use crate::frame::Stamp;
use crate::protocol::savetowebsocket::{Advice, Filters, advice};
use crate::store::Timeline;

use super::draft::{Draft, Slot};
use super::filters::notes::{self, Note};
use super::filters::offer::{self, Offer};
use super::filters::preset::{self, Preset};
use super::filters::sample::Sample;
use super::filters::{self, FIELDS, InForce};
use super::kind::Kind;
use super::{Composer, Terms};

/// How often new events are looked at while the draft stays as it is.
const LOOK: Duration = Duration::from_secs(1);

/// What is known beside the form.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    in_force: Option<InForce>,
    /// What the form was begun with, to see whether anybody has changed it.
    begun: Option<Filters>,
    advice: Vec<Advice>,
    sample: Sample,
    sampled: Option<Stamp>,
}

impl Known {
    /// A form to begin with, if filters are in force.
    pub(super) fn begin(&mut self, kind: Kind) -> Option<Draft> {
        let now = self.in_force.as_ref().filter(|_| kind == Kind::Register)?;
        self.begun = Some((*now.filters).clone());
        Some(filters::form(&now.filters))
    }
}

impl Composer {
    /// Takes note of the filters in force; a form nobody has changed follows them.
    pub fn attend(&mut self, in_force: Option<InForce>, terms: &Terms) {
        if self.register.in_force == in_force {
            return;
        }
        self.register.in_force = in_force;
        let Some(now) = &self.register.in_force else {
            return;
        };
        let Some(sheet) = self.sheets.get_mut(&Kind::Register) else {
            return;
        };
        let profile = &terms.settings.savetowebsocket.filters;
        let begun = self.register.begun.as_ref().unwrap_or(profile);
        let written = filters::of(&sheet.draft);
        if written == *begun && written != *now.filters {
            self.register.begun = Some((*now.filters).clone());
            sheet.draft = filters::form(&now.filters);
            self.verdict = None;
        } else if written == *now.filters {
            self.register.begun = Some(written);
        }
    }

    /// The filters in force, as far as known.
    #[must_use]
    pub fn in_force(&self) -> Option<&InForce> {
        self.register.in_force.as_ref()
    }

    /// The form's filters, while it is on screen.
    #[must_use]
    pub fn filters(&self) -> Option<Filters> {
        let draft = self.draft()?;
        (draft.kind == Kind::Register).then(|| filters::of(draft))
    }

    /// Looks at the newest events for the form: at once for another draft, now and then for new
    /// events.
    pub fn sample(&mut self, timeline: Option<&Timeline>, now: Stamp) {
        let (Some(filters), Some(timeline)) = (self.filters(), timeline) else {
            return;
        };
        let known = &mut self.register;
        let is_due = known.sampled.is_none_or(|at| now.since(at) >= LOOK);
        let is_stale = !known.sample.is_of(&filters, timeline.next());
        if known.sampled.is_none() || is_stale && (is_due || !known.sample.is_about(&filters)) {
            known.sample = Sample::of(timeline, filters);
            known.sampled = Some(now);
        }
    }

    /// Advice on the form as it is now.
    pub(super) fn look_at_filters(&mut self) {
        let advice = self.filters().map(|filters| advice(&filters));
        self.register.advice = advice.unwrap_or_default();
    }

    /// What is said of the form's filters.
    #[must_use]
    pub fn filter_advice(&self) -> &[Advice] {
        &self.register.advice
    }

    /// What is to be said of the form before it is sent.
    #[must_use]
    pub fn filter_notes(&self) -> Vec<Note> {
        let Some(filters) = self.filters() else {
            return Vec::new();
        };
        let Known {
            in_force,
            advice,
            sample,
            ..
        } = &self.register;
        let focus = match self.focus {
            Slot::Line(index) => FIELDS.get(index).copied().unwrap_or_default(),
            Slot::Body => "custom",
            _ => "",
        };
        let forecast = &sample.forecast;
        notes::all(&filters, in_force.as_ref(), forecast, advice, focus)
    }

    /// What fits at the cursor of a filter's line.
    #[must_use]
    pub fn filter_offer(&self) -> Option<Offer> {
        let draft = self.draft().filter(|draft| draft.kind == Kind::Register)?;
        match self.focus {
            Slot::Line(index) => offer::at(index, draft.line(self.focus)?, &self.register.sample),
            _ => None,
        }
    }

    /// Puts in the next thing that fits.
    pub(super) fn take_offer(&mut self, offer: Offer) -> bool {
        let focus = self.focus;
        let Some(choice) = offer.choices.into_iter().next() else {
            return false;
        };
        let line = self.draft_mut().and_then(|draft| draft.line_mut(focus));
        line.is_some_and(|line| line.splice(offer.place, &choice.text))
    }

    /// Filters to begin with.
    #[must_use]
    pub fn presets(&self, terms: &Terms) -> Vec<Preset> {
        let now = self.in_force().map(|now| &*now.filters);
        let profile = &terms.settings.savetowebsocket.filters;
        preset::all(now, profile, &self.register.sample)
    }

    /// Puts those filters into the form; what was there can be had back.
    pub fn take_filters(&mut self, filters: &Filters, terms: &Terms) {
        self.put(filters::form(filters), terms);
    }
}
