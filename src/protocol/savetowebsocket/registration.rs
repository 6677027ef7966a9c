//! From the upgrade to `registered`: when the register is sent, what became of each that was.
//!
//! ```text
//!  101 ─► welcome ─► register ─► registered           auto: on the welcome, or 2 s without one
//!   │        └ none in 2 s: sent without it           open: right behind the 101
//!   └── 10 s without one that counts: TCP ends        manual: by the user, warned half way
//! ```

use std::collections::VecDeque;
use std::time::Duration;

use super::Filters;
use super::confirmed::{self, Comparison};
use super::register::{self, Wanted};
use super::settings::Introduction;
use crate::frame::{Frame, Stamp};
use crate::protocol::{Fact, Milestone, Outbox};

/// How long the welcome is waited for before the register is sent without it.
pub(super) const WELCOME: Duration = Duration::from_secs(2);
/// Registers without effect that are remembered.
const DROPPED_MAX: usize = 8;

const REGISTRATION_DEADLINE: &str = "registration";
const WELCOME_DEADLINE: &str = "welcome";
const GROUP: &str = "registration";

/// How far the registration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    /// No register yet.
    None,
    /// One has been handed out for sending.
    HandedOut,
    /// One the server takes has been seen leaving.
    Asked,
    /// It was answered.
    Registered,
}

/// A message the server did nothing about.
#[derive(Clone, Debug)]
struct Dropped {
    after: Duration,
    text: String,
    why: String,
}

/// What is remembered of it.
#[derive(Debug)]
pub(super) struct Registration {
    filters: Filters,
    how: Introduction,
    within: Duration,
    opened: Option<Stamp>,
    pub(super) progress: Progress,
    welcome: Option<Stamp>,
    /// The first register the server takes, which is the one it answers.
    asked: Option<Wanted>,
    /// When it left.
    asked_at: Option<Stamp>,
    /// From it to its answer.
    took: Option<Duration>,
    confirmed: Option<Comparison>,
    dropped: VecDeque<Dropped>,
    pub(super) dropped_count: u32,
    due: Option<Stamp>,
    welcome_due: Option<Stamp>,
    warn_at: Option<Stamp>,
}

impl Registration {
    pub(super) fn new(filters: Filters, how: Introduction, within: Duration) -> Self {
        Self {
            filters,
            how,
            within,
            opened: None,
            progress: Progress::None,
            welcome: None,
            asked: None,
            asked_at: None,
            took: None,
            confirmed: None,
            dropped: VecDeque::new(),
            dropped_count: 0,
            due: None,
            welcome_due: None,
            warn_at: None,
        }
    }

    pub(super) fn opened(&mut self, now: Stamp, out: &mut Outbox) {
        let within = words(self.within);
        let awaited = match self.how {
            Introduction::Auto => "waiting for the welcome to send the filters".to_owned(),
            Introduction::Open => "the filters are sent without waiting for the welcome".to_owned(),
            Introduction::Manual => format!(
                "nothing is registered by itself (register = \"manual\"): send a register within {within} of the upgrade"
            ),
        };
        out.milestones.push(Milestone::Registering(awaited));
        self.opened = Some(now);
        let due = now.after(self.within);
        self.due = Some(due);
        out.deadline(REGISTRATION_DEADLINE, due);
        match self.how {
            Introduction::Open => self.introduce(out),
            Introduction::Auto => {}
            Introduction::Manual => self.warn_half_way(now, out),
        }
        self.welcome_due = Some(now.after(WELCOME));
        out.deadline(WELCOME_DEADLINE, now.after(WELCOME));
    }

    fn warn_half_way(&mut self, opened: Stamp, out: &mut Outbox) {
        let at = opened.after(self.within / 2);
        self.warn_at = Some(at);
        out.wake(at);
    }

    /// Sends the profile's register, once.
    fn introduce(&mut self, out: &mut Outbox) {
        if self.progress > Progress::None {
            return;
        }
        self.progress = Progress::HandedOut;
        match register::encode(&self.filters) {
            Ok(message) => out.send_text(message),
            Err(why) => out.milestones.push(Milestone::Failed(format!(
                "cannot register with the profile's filters: {why}"
            ))),
        }
    }

    /// The welcome came; the sentence for its row, if it is not the first.
    pub(super) fn welcomed(&mut self, at: Stamp, out: &mut Outbox) -> Option<&'static str> {
        if self.welcome.replace(at).is_some() {
            return Some("a second welcome, which the known server never sends");
        }
        if self.welcome_due.take().is_some() {
            out.drop_deadline(WELCOME_DEADLINE);
        }
        if self.how == Introduction::Auto {
            self.introduce(out);
        }
        None
    }

    /// The endpoint is another system's: nothing is sent by itself any more.
    pub(super) fn hold(&mut self, out: &mut Outbox) {
        self.progress = self.progress.max(Progress::HandedOut);
        if self.welcome_due.take().is_some() {
            out.drop_deadline(WELCOME_DEADLINE);
        }
    }

    /// A register is handed out on somebody's command.
    pub(super) fn commanded(&mut self) {
        self.progress = self.progress.max(Progress::HandedOut);
    }

    /// A register the server takes has left. True if it will be answered: it is the first.
    pub(super) fn asked(&mut self, wanted: &Wanted, at: Stamp) -> bool {
        if self.progress >= Progress::Asked {
            return false;
        }
        self.progress = Progress::Asked;
        self.asked = Some(wanted.clone());
        self.asked_at = Some(at);
        true
    }

    /// A message left that the server drops or ignores. What will come of it.
    pub(super) fn dropped(&mut self, frame: &Frame<'_>, why: &str, in_force: &str) -> String {
        self.dropped_count = self.dropped_count.saturating_add(1);
        if self.dropped.len() == DROPPED_MAX {
            self.dropped.pop_front();
        }
        self.dropped.push_back(Dropped {
            after: self.opened.map(|it| frame.at.since(it)).unwrap_or_default(),
            text: frame.glance().into_owned(),
            why: why.to_owned(),
        });
        if self.progress == Progress::Registered {
            return format!("the filters in force stay: {in_force}");
        }
        let left = self
            .due
            .map(|due| due.since(frame.at))
            .filter(|left| !left.is_zero());
        match left {
            _ if self.progress == Progress::Asked => {
                "the register sent before is still to be answered".to_owned()
            }
            Some(left) => format!(
                "unless a valid register follows, it cuts in {:.1} s without a close frame",
                left.as_secs_f64()
            ),
            None => "it cuts now, without a close frame".to_owned(),
        }
    }

    /// `registered` came; the sentence for its row, if something is not as it should be, and
    /// whether it is the first.
    pub(super) fn answered(
        &mut self,
        echoed: &Wanted,
        at: Stamp,
        out: &mut Outbox,
    ) -> (bool, Option<String>) {
        if self.progress == Progress::Registered {
            let second = "a second `registered`: the known server answers the first register alone";
            return (false, Some(second.to_owned()));
        }
        let asked = self.progress == Progress::Asked;
        self.progress = Progress::Registered;
        self.took = self.asked_at.map(|sent| at.since(sent));
        for (due, name) in [
            (self.due.take(), REGISTRATION_DEADLINE),
            (self.welcome_due.take(), WELCOME_DEADLINE),
        ] {
            if due.is_some() {
                out.drop_deadline(name);
            }
        }
        self.warn_at = None;
        let label = echoed.label();
        out.milestones
            .push(Milestone::Live(format!("registered for {label}")));
        if !asked {
            let unasked = "`registered` although no register was seen leaving";
            return (true, Some(unasked.to_owned()));
        }
        let comparison = self
            .asked
            .as_ref()
            .map(|asked| confirmed::compare(asked, echoed))
            .unwrap_or_default();
        let note = (!comparison.differs.is_empty()).then(|| {
            format!(
                "not what was asked for: {}; what is echoed is in force",
                comparison.differs.join("; ")
            )
        });
        self.confirmed = Some(comparison);
        (true, note)
    }

    /// True if what was confirmed is what was asked for.
    pub(super) fn is_as_asked(&self) -> bool {
        self.confirmed
            .as_ref()
            .is_some_and(|found| found.differs.is_empty())
    }

    /// Lets passed moments pass. True if the welcome did not come in time.
    pub(super) fn elapsed(&mut self, now: Stamp, out: &mut Outbox) -> bool {
        let passed = |due: Option<Stamp>| due.is_some_and(|due| now.mono >= due.mono);
        if passed(self.warn_at) {
            self.warn_at = None;
            if self.progress < Progress::Asked {
                let left = self.due.map(|due| due.since(now)).unwrap_or_default();
                out.note(format!(
                    "{} left to send a register by hand; then the server ends TCP without a close frame",
                    words(left)
                ));
            }
        } else if let Some(at) = self.warn_at {
            out.wake(at);
        }
        if passed(self.due) {
            self.due = None;
            let within = words(self.within);
            out.note(format!(
                "not registered within {within}: the server now ends TCP without a close frame; {}",
                self.dropped_words()
            ));
        }
        let late = passed(self.welcome_due);
        if late {
            self.welcome_due = None;
        }
        late
    }

    /// No welcome came: registers without it, as long as that is wanted.
    pub(super) fn without_welcome(&mut self, out: &mut Outbox) {
        let waits = self.progress == Progress::None && self.how == Introduction::Auto;
        out.note(format!(
            "no welcome within 2 s of the upgrade, which the known server sends at once{}",
            if waits {
                "; registering all the same"
            } else {
                ""
            }
        ));
        if waits {
            self.introduce(out);
        }
    }

    /// The registers without effect, with why.
    pub(super) fn dropped_words(&self) -> String {
        if self.dropped_count == 0 {
            return match self.progress {
                Progress::None | Progress::HandedOut => "none was sent".to_owned(),
                Progress::Asked | Progress::Registered => {
                    "one was sent that it should have taken".to_owned()
                }
            };
        }
        let list: Vec<String> = self
            .dropped
            .iter()
            .map(|one| {
                format!(
                    "at {:.1} s {} ({})",
                    one.after.as_secs_f64(),
                    one.text,
                    one.why
                )
            })
            .collect();
        format!(
            "messages it dropped without a reply: {}: {}",
            self.dropped_count,
            list.join("; ")
        )
    }

    /// True if the connection ended as it does where no register was taken.
    pub(super) fn explains(&self, after: Duration) -> bool {
        /// How far from the deadline an end may lie and still be blamed on it.
        const TOLERANCE: Duration = Duration::from_millis(500);
        self.progress != Progress::Registered
            && after + TOLERANCE >= self.within
            && after <= self.within + TOLERANCE
    }

    pub(super) fn within(&self) -> Duration {
        self.within
    }

    pub(super) fn facts(&self, in_force: &str, facts: &mut Vec<Fact>) {
        let text = match (self.progress, self.opened, self.welcome) {
            (_, Some(opened), Some(at)) => {
                format!(
                    "{:.1} ms after the upgrade",
                    at.since(opened).as_secs_f64() * 1e3
                )
            }
            (Progress::Registered, ..) => "never came".to_owned(),
            _ => "not yet".to_owned(),
        };
        facts.push(Fact::new(GROUP, "welcome", text));
        if self.progress == Progress::Registered {
            let as_asked = if self.is_as_asked() {
                ", as asked"
            } else {
                ", not as asked"
            };
            let took = self
                .took
                .map(|took| format!("; answered within {:.1} ms", took.as_secs_f64() * 1e3));
            let text = format!("{in_force}{as_asked}{}", took.unwrap_or_default());
            let odd = self.confirmed.is_some() && !self.is_as_asked();
            facts.push(Fact::new(GROUP, "registered for", text).warning(odd));
        }
        if let Some(confirmed) = &self.confirmed {
            for difference in &confirmed.differs {
                facts.push(Fact::new(GROUP, "differs", difference.as_str()).warning(true));
            }
            for remark in &confirmed.remarks {
                facts.push(Fact::new(GROUP, "echo", remark.as_str()));
            }
        }
        for one in &self.dropped {
            let text = format!(
                "{} ({}), sent at {:.1} s",
                one.text,
                one.why,
                one.after.as_secs_f64()
            );
            facts.push(Fact::new(GROUP, "without effect", text).warning(true));
        }
    }
}

/// `10 s`, `7.2 s`.
pub(super) fn words(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    match tenths % 10 {
        0 => format!("{} s", tenths / 10),
        tenth => format!("{}.{tenth} s", tenths / 10),
    }
}
