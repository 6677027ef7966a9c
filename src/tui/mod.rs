//! The terminal interface.
//!
//! One task owns everything that is shown. Whatever happens reaches it as an
//! [`Input`](input::Input); [`update`](update::update) changes the [`State`] and
//! asks for [`Effect`](effect::Effect)s; [`view`](view::view) draws the state and changes nothing.
//!
//! ```text
//!  keys, mouse ─┐                                   ┌─► orders to sessions
//!   deliveries ─┼─► Input ─► update(State) ─► Effect ┼─► workers: decoding, filters, searches
//!      workers ─┤              │                    └─► terminal: copy, suspend, quit
//!         time ─┘              ▼ at most every 33 ms
//!                          view(State) ─► one write to the terminal
//! ```
//!
//! | To change | look at |
//! | --- | --- |
//! | what a key does | [`action`], the one table of actions and keys |
//! | where things are | [`layout`], pure, used by drawing and by the mouse |
//! | how things look | [`theme`] and [`view`], one file per panel |
//! | what things do | [`update`], one file per panel |
//! | what there is | [`state`] |
//! | what is written to be sent | [`composer`] |

pub mod action;
pub mod composer;
mod editor;
pub mod effect;
pub mod figures;
pub mod input;
pub mod keymap;
mod launch;
pub mod layout;
mod perform;
mod run;
#[cfg(test)]
mod sample;
mod shelf;
mod signals;
pub mod state;
mod terminal;
pub mod theme;
pub mod update;
pub mod view;

use std::io;
use std::sync::Arc;

use thiserror::Error;
use tokio::time::Instant;

use crate::session;
use crate::store::Worker;
use crate::transport::clock;

use perform::Performer;
use run::{Channels, Loop};
use signals::Signals;
use state::{Options, State};
use terminal::Guard;

pub use launch::{Launched, Launcher, Launching, Seat};
pub use run::Exit;

/// Why the interface could not run, or not go on.
#[derive(Debug, Error)]
pub enum TuiError {
    /// The terminal did not do what it was asked.
    #[error(
        "the terminal interface needs a terminal on stdin and stdout: {0}; \
         `wspect tail` works without one"
    )]
    Terminal(#[from] io::Error),
    /// No thread could be started.
    #[error("the thread for filters and searches did not start: {0}; free some memory or threads")]
    Worker(#[source] io::Error),
}

/// Shows sessions on `targets`, or the picker if there are none, until the user leaves. Ends all
/// sessions before it returns; the terminal is as it was, whatever happens.
pub async fn run(
    targets: Vec<String>,
    launcher: Arc<dyn Launcher>,
    options: Options,
) -> Result<Exit, TuiError> {
    let (feed, deliveries) = session::queue();
    let (worker, answers) = Worker::start().map_err(TuiError::Worker)?;
    let (performer, results) = Performer::new(launcher, feed, worker, options.saved.clone());
    let mut channels = Channels {
        deliveries,
        results,
        answers,
    };
    let signals = Signals::listen()?;
    let terminal = Guard::take(performer.results())?;
    let mut state = State::new(options, terminal.size()?, clock::now());
    let effects: Vec<_> = targets
        .iter()
        .flat_map(|target| update::start(&mut state, target))
        .collect();
    state.active = 0;
    let mut running = Loop {
        state,
        terminal,
        performer,
        signals,
        next_draw: Instant::now(),
        next_pump: Instant::now(),
        dirty: true,
        editing: false,
        exit: None,
    };
    let mut started = Ok(());
    for effect in effects {
        started = started.and_then(|()| running.perform(effect));
    }
    let outcome = match started {
        Ok(()) => running.run(&mut channels).await,
        Err(error) => Err(error),
    };
    let Loop {
        performer,
        terminal,
        ..
    } = running;
    // The user gets the shell back at once; the goodbyes take as long as they take.
    drop(terminal);
    drop((channels.results, channels.answers));
    performer.finish(channels.deliveries).await;
    Ok(outcome?)
}
