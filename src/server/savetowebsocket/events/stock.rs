//! Prepared events of every kind in a mix, and the choice among them.

use super::Mix;
use super::kinds::KINDS;
use super::ledger::Closed;
use super::scene::Scene;
use super::template::{Slots, Template};
use crate::server::dice::Dice;

/// Variants of a kind: other accounts, assets and texts.
const VARIANTS: usize = 24;

/// How often a shorter event is looked for when the average is above what it should be.
const TRIES: usize = 16;

#[derive(Clone, Debug)]
struct Shelf {
    /// Sum of the weights up to and with this one.
    up_to: u64,
    templates: Vec<Template>,
}

/// Everything that can come.
#[derive(Clone, Debug)]
pub(super) struct Stock {
    shelves: Vec<Shelf>,
    /// What comes once a ledger.
    once: Vec<Vec<Template>>,
    length: Length,
}

/// Keeps the average length near a target.
#[derive(Clone, Copy, Debug, Default)]
struct Length {
    target: Option<usize>,
    events: u64,
    bytes: u64,
}

impl Stock {
    pub(super) fn new(scene: &mut Scene, mix: &Mix, payload: Option<usize>) -> Self {
        let mut up_to = 0;
        let mut shelves: Vec<Shelf> = mix
            .weights()
            .map(|(kind, weight)| {
                up_to += weight;
                let templates = variants(scene, kind);
                Shelf { up_to, templates }
            })
            .collect();
        let all = || shelves.iter().flat_map(|shelf| &shelf.templates);
        if payload.is_some() && !all().any(Template::can_grow) {
            for shelf in &mut shelves {
                shelf.templates.iter_mut().for_each(Template::add_blank);
            }
        }
        Self {
            once: mix.once().map(|kind| variants(scene, kind)).collect(),
            shelves,
            length: Length {
                target: payload,
                ..Length::default()
            },
        }
    }

    /// The events at the start of a ledger.
    pub(super) fn opening(&self, closed: &Closed, dice: &mut Dice) -> Vec<Vec<u8>> {
        let mut fill = |templates: &Vec<Template>| {
            let mut out = Vec::new();
            let template = dice.pick(templates);
            template.fill(closed, dice, 0, &mut out);
            out
        };
        self.once.iter().map(&mut fill).collect()
    }

    /// Another event; `None` if there are none but those at the start of a ledger.
    pub(super) fn event(&mut self, closed: &Closed, dice: &mut Dice) -> Option<Vec<u8>> {
        let wanted = self.length.wanted();
        let mut template = self.draw(dice)?;
        if let Some(wanted) = wanted {
            // Above the average already: only what is shorter, if there is such.
            let limit = wanted.max(self.length.target.unwrap_or_default());
            for _ in 0..TRIES {
                if template.length <= limit {
                    break;
                }
                template = self.draw(dice)?;
            }
        }
        let filler = if template.can_grow() {
            wanted.unwrap_or_default().saturating_sub(template.length)
        } else {
            0
        };
        let mut out = Vec::new();
        template.fill(closed, dice, filler, &mut out);
        self.length.events += 1;
        self.length.bytes += out.len() as u64;
        Some(out)
    }

    fn draw(&self, dice: &mut Dice) -> Option<&Template> {
        let sum = self.shelves.last()?.up_to;
        let ticket = dice.between(1, sum);
        let at = self.shelves.partition_point(|shelf| shelf.up_to < ticket);
        Some(dice.pick(&self.shelves[at].templates))
    }
}

impl Length {
    /// How long the next event should be to bring the average to the target.
    fn wanted(&self) -> Option<usize> {
        let target = self.target?;
        let due = (self.events + 1) * target as u64;
        // One event does not make up for more than a handful.
        Some((due.saturating_sub(self.bytes) as usize).min(4 * target))
    }
}

fn variants(scene: &mut Scene, kind: usize) -> Vec<Template> {
    (0..VARIANTS)
        .map(|_| {
            scene.slots = Slots::default();
            let event = (KINDS[kind].make)(scene);
            Template::new(&event, std::mem::take(&mut scene.slots))
        })
        .collect()
}
