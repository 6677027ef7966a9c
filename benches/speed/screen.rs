//! The whole screen without a terminal: the real state, update and view, drawn into memory.

use std::io::Write;
use std::time::{Duration, Instant};

use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use ratatui::{Terminal, TerminalOptions, Viewport};
use wspect::session::{Delivery, Handle};
use wspect::transport::clock;
use wspect::tui::effect::Effect;
use wspect::tui::input::Input;
use wspect::tui::state::{Options, State};
use wspect::tui::update::{start, update};
use wspect::tui::view::view;

use crate::rig::now;

/// Least time between two draws, as in the program.
const PERIOD: Duration = Duration::from_millis(33);

/// Counts what is written and forgets it.
#[derive(Default)]
pub(crate) struct Sink(u64);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A screen of 200×60 on one session.
pub(crate) struct Screen {
    pub(crate) state: State,
    terminal: Terminal<CrosstermBackend<Sink>>,
    next_draw: Instant,
    dirty: bool,
    /// Time every draw took, seconds.
    pub(crate) draws: Vec<f64>,
    /// Frames received in all.
    pub(crate) seen: u64,
}

impl Screen {
    pub(crate) fn new(budget: usize) -> Self {
        let size = Size::new(200, 60);
        let options = Options {
            budget,
            ..Options::default()
        };
        let mut state = State::new(options, size, clock::now());
        // The session itself is started by the benchmark, under the number this tab gets: 1.
        let _ = start(&mut state, "bench");
        let viewport = Viewport::Fixed(Rect::new(0, 0, size.width, size.height));
        let backend = CrosstermBackend::new(Sink::default());
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport });
        Self {
            state,
            terminal: terminal.expect("a sink is always there"),
            next_draw: now(),
            dirty: false,
            draws: Vec::new(),
            seen: 0,
        }
    }

    /// Takes a delivery as the program's loop does, and draws if that is due.
    pub(crate) fn take(&mut self, delivery: Delivery, handle: &Handle) {
        self.seen += delivery.chunk.totals().frames_in;
        for effect in update(&mut self.state, Input::Delivered(Box::new(delivery))) {
            if let Effect::Recycle { buffer, .. } = effect {
                let _ = handle.buffers.try_send(buffer);
            }
        }
        self.dirty = true;
        if now() >= self.next_draw {
            self.draw();
        }
    }

    /// Draws now.
    pub(crate) fn draw(&mut self) {
        let before = now();
        let _ = update(&mut self.state, Input::Due(clock::now()));
        let state = &self.state;
        self.terminal
            .draw(|frame| view(state, frame))
            .expect("a sink takes everything");
        self.draws.push((now() - before).as_secs_f64());
        self.next_draw = now() + PERIOD;
        self.dirty = false;
    }
}
