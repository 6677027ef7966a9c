//! No event for a while: told once, with what usually causes it, and again when events are back.

use std::time::Duration;

use super::Filters;
use super::advice::{self, Effect};
use super::registration::words;
use crate::frame::Stamp;
use crate::protocol::Outbox;

/// Watches for it.
#[derive(Debug, Default)]
pub(super) struct Silence {
    /// Zero for never.
    after: Duration,
    /// The registration, or the newest event.
    last: Option<Stamp>,
    any: bool,
    told: bool,
}

impl Silence {
    pub(super) fn new(after: Duration) -> Self {
        Self {
            after,
            ..Self::default()
        }
    }

    /// Events may come from now on.
    pub(super) fn begin(&mut self, now: Stamp, out: &mut Outbox) {
        self.last = Some(now);
        if !self.after.is_zero() {
            out.wake(now.after(self.after));
        }
    }

    /// An event came.
    #[inline]
    pub(super) fn event(&mut self, at: Stamp, out: &mut Outbox) {
        let before = self.last.replace(at);
        self.any = true;
        if std::mem::replace(&mut self.told, false) {
            let silent = before.map(|before| at.since(before)).unwrap_or_default();
            out.note(format!("events again, after {} without one", words(silent)));
            out.wake(at.after(self.after));
        }
    }

    /// The newest event, or the registration, if events should be coming.
    pub(super) fn last(&self) -> Option<Stamp> {
        self.last
    }

    /// True while it is silent, and that was told.
    pub(super) fn is_told(&self) -> bool {
        self.told
    }

    /// Tells if it has been silent for too long. `ledger` is the newest ledger seen and when.
    pub(super) fn elapsed(
        &mut self,
        now: Stamp,
        filters: &Filters,
        ledger: Option<(u64, Stamp)>,
        out: &mut Outbox,
    ) {
        let Some(last) = self.last.filter(|_| !self.told && !self.after.is_zero()) else {
            return;
        };
        let due = last.after(self.after);
        if now.mono < due.mono {
            out.wake(due);
            return;
        }
        self.told = true;
        let silent = words(now.since(last));
        let ledger = match ledger {
            Some((number, at)) => format!("last ledger {number}, {} ago", words(now.since(at))),
            None => "no ledger was seen".to_owned(),
        };
        let since = if self.any {
            ""
        } else {
            " since the registration"
        };
        out.note(format!(
            "no event for {silent}{since}; {ledger}. {}",
            causes(filters, self.any)
        ));
    }
}

/// What to look at, in the order worth looking in.
fn causes(filters: &Filters, any: bool) -> String {
    let mut causes: Vec<String> = Vec::new();
    if !filters.account_ids.is_empty() {
        causes.push("account_ids drops every event without buyer_account_id or seller_account_id, which two processors alone have".to_owned());
    }
    let advice = advice::advice(filters);
    let never = advice
        .iter()
        .filter(|advice| advice.effect == Effect::NeverMatches && advice.filter != "account_ids");
    causes.extend(never.take(3).map(|advice| match &advice.value {
        Some(value) => format!("{} {value:?}: {}", advice.filter, advice.why),
        None => format!("{}: {}", advice.filter, advice.why),
    }));
    if causes.is_empty() && (!filters.types.is_empty() || !filters.asset_codes.is_empty()) {
        causes.push("the filters may fit nothing that happens now (types and assets are compared as whole strings)".to_owned());
    }
    if !any {
        causes.push(
            "events before the registration are lost, whatever the server says of a queue"
                .to_owned(),
        );
        causes.push("the pipeline may emit nothing: output that is no JSON never reaches the socket, and RPC getEvents into GetEventsRPC emits nothing at all".to_owned());
    }
    causes.push(
        "the source may stand still, or the server may have given this client up as too slow"
            .to_owned(),
    );
    format!("Look at: {}", causes.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn told_once_and_cleared_by_the_next_event() {
        let start = clock::now();
        let mut silence = Silence::new(SECOND * 30);
        let mut out = Outbox::default();
        silence.begin(start, &mut out);
        assert_eq!(out.wake, Some(start.after(SECOND * 30)));
        silence.event(start.after(SECOND * 10), &mut out);
        out = Outbox::default();
        silence.elapsed(
            start.after(SECOND * 30),
            &Filters::default(),
            None,
            &mut out,
        );
        assert_eq!(
            (out.notes.len(), out.wake),
            (0, Some(start.after(SECOND * 40)))
        );
        let ledger = Some((60_123_456, start.after(SECOND * 10)));
        for late in [40, 50] {
            silence.elapsed(
                start.after(SECOND * late),
                &Filters::default(),
                ledger,
                &mut out,
            );
        }
        assert_eq!(out.notes.len(), 1);
        let text = &out.notes[0].0;
        assert!(
            text.starts_with("no event for 30 s; last ledger 60123456, 30 s ago"),
            "{text}"
        );
        silence.event(start.after(SECOND * 52), &mut out);
        assert!(out.notes[1].0.contains("after 42 s without one"), "{out:?}");
        assert!(!silence.is_told());
    }

    #[test]
    fn the_filters_are_suspected_first() {
        let filters = Filters {
            types: vec!["contract_event".to_owned()],
            account_ids: vec!["G".to_owned()],
            ..Filters::default()
        };
        let text = causes(&filters, false);
        let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
        assert!(place("account_ids drops") < place("contract_event"));
        assert!(place("contract_event") < place("GetEventsRPC"));
        assert!(place("GetEventsRPC") < place("too slow"));
    }

    #[test]
    fn zero_is_never() {
        let mut silence = Silence::new(Duration::ZERO);
        let mut out = Outbox::default();
        silence.begin(clock::now(), &mut out);
        silence.elapsed(
            clock::now().after(SECOND * 900),
            &Filters::default(),
            None,
            &mut out,
        );
        assert!(out.is_empty());
    }
}
