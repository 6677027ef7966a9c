//! The steps performed on every opening: send something, wait for what must come.

use std::collections::VecDeque;

use bytes::Bytes;

use super::settings::Step;
use crate::duration;
use crate::frame::{Direction, Frame, Stamp};
use crate::jq::Program;
use crate::protocol::{Milestone, Outbox};

/// Where the steps are.
enum Progress {
    /// Not begun.
    Waiting,
    /// At this step, which expects something until then.
    At { index: usize, due: Stamp },
    /// All done.
    Done,
    /// One was not met; nothing that comes later changes that.
    Failed,
}

/// The steps of one connection.
pub(super) struct Steps {
    all: Vec<Step>,
    /// What the step being waited in expects.
    expected: Option<Program>,
    progress: Progress,
    /// Messages handed out for sending, until they are seen leaving.
    leaving: VecDeque<Bytes>,
}

impl Steps {
    pub(super) fn new(steps: Vec<Step>) -> Self {
        Self {
            all: steps,
            expected: None,
            progress: Progress::Waiting,
            leaving: VecDeque::new(),
        }
    }

    /// Begins; without steps the connection is live at once.
    pub(super) fn begin(&mut self, now: Stamp, out: &mut Outbox) {
        self.perform(0, now, out);
    }

    /// True if this frame belongs to the steps: one they sent, or one they waited for.
    pub(super) fn take(&mut self, frame: &Frame<'_>, out: &mut Outbox) -> bool {
        if frame.direction == Direction::Out {
            let own = self.leaving.iter().position(|sent| sent == frame.payload);
            return own.is_some_and(|index| self.leaving.remove(index).is_some());
        }
        let Progress::At { index, .. } = self.progress else {
            return false;
        };
        // What cannot be filtered is not what was waited for.
        let met = self
            .expected
            .as_ref()
            .is_some_and(|expected| expected.matches(frame.payload).unwrap_or(false));
        if met {
            out.drop_deadline(self.name(index));
            self.perform(index + 1, frame.at, out);
        }
        met
    }

    /// Fails the step whose time is up.
    pub(super) fn elapsed(&mut self, now: Stamp, out: &mut Outbox) {
        if let Progress::At { index, due } = self.progress
            && now.mono >= due.mono
        {
            let step = &self.all[index];
            let why = format!(
                "{} was not met: no message made `{}` true within {}",
                self.name(index),
                step.expect.as_deref().unwrap_or_default(),
                duration::show(step.within)
            );
            self.fail(why, out);
        }
    }

    /// Performs the steps from `index` on, up to the next that expects something.
    fn perform(&mut self, mut index: usize, now: Stamp, out: &mut Outbox) {
        while let Some(step) = self.all.get(index) {
            let program = match step.expect.as_deref().map(Program::compile).transpose() {
                Ok(program) => program,
                Err(error) => {
                    let text = step.expect.as_deref().unwrap_or_default();
                    let why = format!(
                        "{}: `{text}` is no jq expression: {error}",
                        self.name(index)
                    );
                    return self.fail(why, out);
                }
            };
            let due = now.after(step.within);
            if let Some(text) = &step.send {
                let message = Bytes::from(text.clone());
                self.leaving.push_back(message.clone());
                out.send_text(message);
            }
            if let Some(program) = program {
                let name = self.name(index);
                out.milestones.push(Milestone::Registering(format!(
                    "{name}: waiting for {}",
                    program.text()
                )));
                out.deadline(name, due);
                self.expected = Some(program);
                self.progress = Progress::At { index, due };
                return;
            }
            index += 1;
        }
        self.expected = None;
        self.progress = Progress::Done;
        let how = match self.all.len() {
            0 => "open; nothing else is known of this system".to_owned(),
            1 => "the opening step is done".to_owned(),
            count => format!("all {count} opening steps are done"),
        };
        out.milestones.push(Milestone::Live(how));
    }

    fn fail(&mut self, why: String, out: &mut Outbox) {
        self.expected = None;
        self.progress = Progress::Failed;
        out.milestones.push(Milestone::Failed(why));
    }

    fn name(&self, index: usize) -> String {
        format!("step {} of {}", index + 1, self.all.len())
    }

    /// True once no frame can belong to the steps any more.
    pub(super) fn over(&self) -> bool {
        matches!(self.progress, Progress::Done | Progress::Failed) && self.leaving.is_empty()
    }
}

#[cfg(test)]
mod tests;
