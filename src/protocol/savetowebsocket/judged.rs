//! Events held against the filters of their time. Nothing is done where nothing is filtered.

use std::fmt::Write as _;

use super::filter::Reasoner;
use super::{Filters, Standing};
use crate::protocol::{Fact, Outbox};

const GROUP: &str = "filters";
/// Filters an event may have slipped by, in the order they are told.
const NAMES: [&str; 4] = ["types", "account_ids", "asset_codes", "min_amount"];

/// What the events of the newest filters came to.
#[derive(Debug, Default)]
pub(super) struct Judged {
    reasoner: Option<Reasoner>,
    events: u64,
    /// Arrived although the documentation says no, by the filter that would have dropped it.
    slipped: [u64; NAMES.len()],
    /// Arrived although the server's own rules say no, while the filters before may still count.
    old: u64,
    /// The same, when they cannot.
    strange: u64,
}

impl Judged {
    /// These filters are asked for from now on.
    pub(super) fn by(&mut self, filters: &Filters) {
        let nothing = filters.types.is_empty()
            && filters.account_ids.is_empty()
            && filters.asset_codes.is_empty()
            && filters.min_amount.is_empty();
        *self = Self {
            reasoner: (!nothing).then(|| Reasoner::new(filters)),
            ..Self::default()
        };
    }

    /// An event came; `uncertain` if the filters before may have chosen it.
    #[inline]
    pub(super) fn event(&mut self, event: &[u8], uncertain: bool, out: &mut Outbox) {
        if self.reasoner.is_some() {
            self.judge(event, uncertain, out);
        }
    }

    fn judge(&mut self, event: &[u8], uncertain: bool, out: &mut Outbox) {
        let Some(reasoner) = &self.reasoner else {
            return;
        };
        let judgement = reasoner.judge(event);
        self.events += 1;
        match judgement.standing() {
            Standing::Both => {}
            Standing::OnlyAsCoded => {
                let by = judgement.documented.filter();
                let index = NAMES.iter().position(|name| Some(*name) == by).unwrap_or(0);
                self.slipped[index] += 1;
                if self.slipped[index] == 1 {
                    out.note(format!(
                        "events arrive that `{}` as documented drops: {}; they are marked",
                        NAMES[index],
                        reason(NAMES[index])
                    ));
                }
            }
            Standing::OnlyAsDocumented | Standing::Neither if uncertain => self.old += 1,
            Standing::OnlyAsDocumented | Standing::Neither => {
                self.strange += 1;
                if self.strange == 1 {
                    let by = judgement.coded.filter().unwrap_or("the filters");
                    out.note(format!(
                        "an event arrived that the known server's own rules drop by `{by}`: this server is another version, or the register that counts is not the one believed in force"
                    ));
                }
            }
        }
    }

    pub(super) fn facts(&self, facts: &mut Vec<Fact>) {
        if self.reasoner.is_none() {
            return;
        }
        let slipped: u64 = self.slipped.iter().sum();
        let mut text = format!("{slipped} of {}", self.events);
        let mut gap = " (";
        for (name, count) in NAMES.iter().zip(self.slipped) {
            if count > 0 {
                let _ = write!(text, "{gap}{name}: {count}");
                gap = ", ";
            }
        }
        if slipped > 0 {
            text.push(')');
        }
        facts.push(Fact::new(GROUP, "not as documented", text).warning(slipped > 0));
        if self.old > 0 {
            let text = format!("{} chosen by the filters before", self.old);
            facts.push(Fact::new(GROUP, "right after the update", text));
        }
        if self.strange > 0 {
            let text = format!("{} that the known server's own rules drop", self.strange);
            facts.push(Fact::new(GROUP, "unexplained", text).warning(true));
        }
    }
}

/// Why the server lets them through.
fn reason(filter: &str) -> &'static str {
    match filter {
        "types" => "the server lets events through whose type it cannot read",
        "asset_codes" => "the server lets events through that have no asset_code of their own",
        "min_amount" => "the server never compares it",
        _ => "the server looks at two members alone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(filters: &Filters, events: &[&str], uncertain: bool) -> (Judged, Outbox) {
        let (mut judged, mut out) = (Judged::default(), Outbox::default());
        judged.by(filters);
        for event in events {
            judged.event(event.as_bytes(), uncertain, &mut out);
        }
        (judged, out)
    }

    fn payments() -> Filters {
        Filters {
            types: vec!["payment".to_owned()],
            min_amount: "100".to_owned(),
            ..Filters::default()
        }
    }

    #[test]
    fn without_filters_nothing_is_done() {
        let (judged, out) = judged(&Filters::default(), &["{}"], false);
        assert!(judged.reasoner.is_none() && out.is_empty());
        let mut facts = Vec::new();
        judged.facts(&mut facts);
        assert!(facts.is_empty());
    }

    #[test]
    fn what_slips_by_is_counted_by_filter_and_told_once() {
        let small = r#"{"type":"payment","amount":"5.0000000"}"#;
        let large = r#"{"type":"payment","amount":"500.0000000"}"#;
        let untyped = r#"{"sequence":5}"#;
        let (judged, out) = judged(&payments(), &[small, small, large, untyped], false);
        let mut facts = Vec::new();
        judged.facts(&mut facts);
        assert_eq!(facts[0].value, "3 of 4 (types: 1, min_amount: 2)");
        assert_eq!(out.notes.len(), 2, "{out:?}");
        assert!(out.notes[0].0.contains("never compares it"));
    }

    #[test]
    fn what_the_server_should_have_dropped_is_told_unless_the_update_is_young() {
        let trade = r#"{"type":"trade"}"#;
        let (young, out) = judged(&payments(), &[trade], true);
        assert_eq!((young.old, young.strange, out.notes.len()), (1, 0, 0));
        let (settled, out) = judged(&payments(), &[trade, trade], false);
        assert_eq!((settled.old, settled.strange), (0, 2));
        assert!(out.notes[0].0.contains("rules drop by `types`"), "{out:?}");
    }
}
