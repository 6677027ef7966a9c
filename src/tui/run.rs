//! The loop: everything that happens goes through one place, in one order of precedence.
//!
//! ```text
//!  select! biased:  signals · keys · draw, if dirty and due · more to send, if sending · results of
//!                   workers · deliveries · a second has passed, if something on screen counts
//!       └─► update(state, input) ─► effects ─► performed here ─► dirty
//! ```
//!
//! The draw comes before the deliveries, or a flood would starve the screen; it waits at most
//! [`PERIOD`], so a flood is drawn 30 times a second and an idle screen never.

use std::io;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt as _;
use ratatui::layout::Size;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::session::{Deliveries, Delivery};
use crate::store::job::Answer;
use crate::store::worker::Refused;
use crate::transport::clock;

use super::effect::{EditJob, Effect};
use super::input::Input;
use super::perform::Performer;
use super::signals::{Asked, Signals};
use super::state::State;
use super::terminal;
use super::terminal::Guard;
use super::update::update;

/// Least time between two draws.
const PERIOD: Duration = Duration::from_millis(33);
/// How often ages and countdowns are drawn again.
const SECOND: Duration = Duration::from_secs(1);
/// How often what is to be sent many times is made.
const PUMP: Duration = Duration::from_millis(4);
/// Most deliveries taken between two looks at the keys.
const BATCH: usize = 8;

/// How the interface ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The user left.
    Quit,
    /// A signal asked for it; its number.
    Signal(i32),
}

/// What the loop listens to besides the terminal and the signals.
pub(super) struct Channels {
    pub(super) deliveries: Deliveries,
    pub(super) results: mpsc::Receiver<Input>,
    pub(super) answers: mpsc::Receiver<Answer>,
}

/// The pieces of the running interface.
pub(super) struct Loop {
    pub(super) state: State,
    pub(super) terminal: Guard,
    pub(super) performer: Performer,
    pub(super) signals: Signals,
    /// When the screen may be drawn again.
    pub(super) next_draw: Instant,
    /// When more of what is sent many times may be made.
    pub(super) next_pump: Instant,
    pub(super) dirty: bool,
    /// True while the terminal is an editor's: nothing is drawn and no key is ours, and the
    /// sessions go on.
    pub(super) editing: bool,
    pub(super) exit: Option<Exit>,
}

/// The number of SIGINT.
const INTERRUPT: i32 = 2;

/// The next event of the terminal; pending while it is somebody else's.
async fn next(keys: Option<&mut EventStream>) -> Option<io::Result<Event>> {
    match keys {
        Some(events) => events.next().await,
        None => std::future::pending().await,
    }
}

impl Loop {
    /// Runs until the user or a signal ends it.
    pub(super) async fn run(&mut self, channels: &mut Channels) -> io::Result<Exit> {
        let mut events = Some(EventStream::new());
        let mut batch: Vec<Delivery> = Vec::with_capacity(BATCH);
        loop {
            if let Some(exit) = self.exit {
                return Ok(exit);
            }
            if self.editing {
                // Two readers of one terminal would share the keys between them.
                events = None;
            }
            let keys = if self.editing {
                None
            } else {
                Some(events.get_or_insert_with(EventStream::new))
            };
            let second = self.next_draw - PERIOD + SECOND;
            tokio::select! {
                biased;
                asked = self.signals.next() => self.asked(asked)?,
                event = next(keys) => match event {
                    Some(event) => self.event(event?)?,
                    // The terminal is gone.
                    None => return Ok(Exit::Signal(1)),
                },
                () = tokio::time::sleep_until(self.next_draw), if self.dirty && !self.editing => {
                    self.draw()?;
                }
                () = tokio::time::sleep_until(self.next_pump), if self.state.is_sending() => {
                    self.happen(Input::Pump(clock::now()))?;
                    self.next_pump = Instant::now() + PUMP;
                }
                input = self.performer.started() => self.happen(input)?,
                Some(input) = channels.results.recv() => self.result(input)?,
                Some(answer) = channels.answers.recv() => self.happen(Input::Answered(answer))?,
                taken = channels.deliveries.recv_many(&mut batch, BATCH) => {
                    for delivery in batch.drain(..taken) {
                        self.happen(Input::Delivered(Box::new(delivery)))?;
                    }
                }
                () = tokio::time::sleep_until(second), if self.state.counts() && !self.editing => {
                    self.dirty = true;
                }
            }
        }
    }

    fn event(&mut self, event: Event) -> io::Result<()> {
        let input = match event {
            Event::Key(key) => Input::Key(key),
            Event::Mouse(mouse) => Input::Mouse(mouse),
            Event::Paste(text) => Input::Paste(text),
            Event::Resize(width, height) => {
                // Even back at its old size, a terminal has cut off what was outside between.
                self.terminal.forget()?;
                Input::Resize(Size { width, height })
            }
            Event::FocusGained | Event::FocusLost => return Ok(()),
        };
        self.happen(input)
    }

    /// A worker has something to tell; the editor gives the terminal back with it.
    fn result(&mut self, input: Input) -> io::Result<()> {
        if self.editing && matches!(input, Input::Edited { .. } | Input::EventEdited(_)) {
            self.editing = false;
            self.terminal.resume()?;
            self.measure()?;
        }
        self.happen(input)
    }

    fn asked(&mut self, asked: Asked) -> io::Result<()> {
        match asked {
            // Meant for the editor, which has the terminal and the same process group.
            Asked::End(INTERRUPT) | Asked::Continued if self.editing => {}
            Asked::Stop if self.editing => terminal::stop()?,
            Asked::End(number) => self.exit = Some(Exit::Signal(number)),
            Asked::Stop => self.perform(Effect::Suspend)?,
            Asked::Continued => {
                self.terminal.resume()?;
                self.measure()?;
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        if size != self.state.size {
            self.happen(Input::Resize(size))?;
        }
        self.happen(Input::Due(clock::now()))?;
        self.terminal.draw(&self.state)?;
        self.dirty = false;
        self.next_draw = Instant::now() + PERIOD;
        Ok(())
    }

    fn happen(&mut self, input: Input) -> io::Result<()> {
        self.dirty |= self.state.shows(&input);
        for effect in update(&mut self.state, input) {
            self.perform(effect)?;
        }
        Ok(())
    }

    pub(super) fn perform(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Start { session, target } => self.performer.start(session, target),
            Effect::Shadow { session, of } => self.performer.shadow(session, of),
            Effect::List => self.performer.list(),
            Effect::Order { session, order } => {
                if let Err(why) = self.performer.order(session, order) {
                    self.happen(Input::Untold { session, why })?;
                }
            }
            Effect::Feed { session, commands } => {
                if let Err((commands, why)) = self.performer.feed(session, commands) {
                    self.happen(Input::Unfed {
                        session,
                        commands,
                        why,
                    })?;
                }
            }
            Effect::Shelf(job) => self.performer.shelf(job),
            Effect::End(session) => self.performer.end(session),
            Effect::Decode(job) => self.performer.decode(*job),
            Effect::Look(task) => {
                if let Err((job, refused)) = self.performer.look(task) {
                    if refused == Refused::Ended {
                        self.happen(Input::Failed(refused.to_string()))?;
                    }
                    self.happen(Input::Unanswered(job))?;
                }
            }
            Effect::Keep(job) => self.performer.keep(*job),
            Effect::Recycle { session, buffer } => self.performer.recycle(session, buffer),
            Effect::Copy(text) => {
                self.terminal.copy(&text)?;
                let told = format!("{} bytes given to the terminal's clipboard", text.len());
                self.happen(Input::Told(told))?;
            }
            Effect::Edit(job) => {
                let EditJob {
                    session,
                    kind,
                    text,
                } = *job;
                self.edit(text, move |result| Input::Edited {
                    session,
                    kind,
                    result,
                })?;
            }
            Effect::EditEvent(text) => self.edit(text, Input::EventEdited)?,
            Effect::Redraw => self.terminal.forget()?,
            Effect::Suspend => {
                self.terminal.suspend()?;
                self.measure()?;
            }
            Effect::Quit => self.exit = Some(Exit::Quit),
        }
        Ok(())
    }

    /// Gives the terminal to the user's editor until it is left.
    fn edit(
        &mut self,
        text: String,
        edited: impl FnOnce(Result<Option<String>, String>) -> Input + Clone + Send + 'static,
    ) -> io::Result<()> {
        self.terminal.lend();
        self.editing = true;
        match self.performer.edit(text, edited) {
            Ok(()) => Ok(()),
            Err(result) => self.result(result),
        }
    }

    /// Asks for the terminal's size: it may have changed while we were stopped.
    fn measure(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.happen(Input::Resize(size))
    }
}
