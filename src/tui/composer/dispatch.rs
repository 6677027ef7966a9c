//! Sending the draft: once, a number of times, or at a rate.

use crate::compose::Context;
use crate::frame::Stamp;
use crate::protocol::Command;
use crate::protocol::websocketmq::WINDOW;

use super::check::{self, Problem};
use super::plan::Plan;
use super::sending::Sending;
use super::{Composer, Environment, Pending, Sent, Terms, seed};

impl Composer {
    /// What is being sent or was sent last, and what became of it.
    #[must_use]
    pub fn sending(&self) -> Option<&Sending> {
        self.sending.as_ref()
    }

    /// The same, to change.
    pub fn sending_mut(&mut self) -> Option<&mut Sending> {
        self.sending.as_mut()
    }

    /// Number of messages sent so far, which `${counter}` goes on from.
    pub(super) fn count(&self) -> u64 {
        self.count + self.sending.as_ref().map_or(0, Sending::made)
    }

    /// Sends the draft by `plan` from now on, and the draft joins those sent before; or why it is
    /// not. The commands are made by [`Self::portion`].
    pub fn begin(
        &mut self,
        plan: Plan,
        terms: &Terms,
        environment: &Environment,
        now: Stamp,
    ) -> Result<(), Problem> {
        self.make_ready(plan, terms, environment, now)?;
        self.go(now);
        Ok(())
    }

    /// Makes the draft ready to be sent by `plan`, to be looked at before [`Self::go`]; or why it
    /// cannot be.
    pub fn make_ready(
        &mut self,
        plan: Plan,
        terms: &Terms,
        environment: &Environment,
        now: Stamp,
    ) -> Result<(), Problem> {
        self.refused = None;
        if self.sending.as_ref().is_some_and(Sending::is_running) {
            return Err(Problem {
                text: "the sending before goes on; stop it first".to_owned(),
                ..Problem::default()
            });
        }
        match self.recipes(terms, environment, now) {
            Ok(sending) => {
                let pacing = self.pacing(plan.window.unwrap_or(WINDOW));
                let sending = sending.by(plan).paced(pacing);
                self.pending = Some(Pending {
                    sending: Box::new(sending),
                    is_draft: true,
                });
                Ok(())
            }
            Err(problem) => {
                self.verdict = Some(Err(problem.clone()));
                Err(problem)
            }
        }
    }

    /// What is ready and waits for [`Self::go`].
    #[must_use]
    pub fn pending(&self) -> Option<&Sending> {
        self.pending.as_ref().map(|pending| &*pending.sending)
    }

    /// Sends what was made ready.
    pub fn go(&mut self, now: Stamp) {
        let Some(Pending { sending, is_draft }) = self.pending.take() else {
            return;
        };
        self.count = self.count();
        self.refused = None;
        if is_draft {
            self.last = Some(Sent {
                at: now,
                messages: sending.recipes().len(),
            });
            if let Some(sheet) = self.sheets.get_mut(&self.kind) {
                sheet.keep(sheet.draft.clone());
            }
        }
        self.sending = Some(sending.from(now));
        // Ids on screen are made anew.
        self.verdict = None;
    }

    fn recipes(
        &self,
        terms: &Terms,
        environment: &Environment,
        now: Stamp,
    ) -> Result<Sending, Problem> {
        let prepared = self.prepare(terms, environment, now)?;
        let language = self.language(terms);
        check::rehearse(&prepared, language, self.own_id(), now)?;
        let Some(draft) = self.draft() else {
            return Err(Problem::default());
        };
        let find = |name: &str| environment.get(name).cloned();
        let context = self.context(terms, now);
        let terms = (&terms.settings, &terms.schema);
        let recipes = check::recipes(draft, self.system, terms, &context.with_env(&find))?;
        Ok(Sending::new(Plan::ONCE, recipes, context, now))
    }

    /// The context of the next message.
    pub(super) fn context(&self, terms: &Terms, now: Stamp) -> Context<'static> {
        // One seed until something is sent: the ids on screen are the ones that go out.
        let count = self.count();
        let mut context = Context::new(now.wall_us, seed(&terms.settings, count));
        context.counter = count;
        context
    }

    /// The context of what is sent next, for what does not come from the draft.
    #[must_use]
    pub fn next_context(&self, terms: &Terms, now: Stamp) -> Context<'static> {
        self.context(terms, now)
    }

    /// Makes something ready that is not the draft; [`Self::go`] sends it.
    pub fn follow_up(&mut self, sending: Sending) {
        self.pending = Some(Pending {
            sending: Box::new(sending.paced(self.pacing(WINDOW))),
            is_draft: false,
        });
    }

    /// Makes what is due now; what the session does not take is given back to the sending.
    pub fn portion(&mut self, environment: &Environment, now: Stamp) -> Vec<Command> {
        let find = |name: &str| environment.get(name).cloned();
        match &mut self.sending {
            Some(sending) => sending.portion(now, &find),
            None => Vec::new(),
        }
    }

    /// True while commands are still to be made or handed over.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        self.sending.as_ref().is_some_and(Sending::is_running)
    }
}
