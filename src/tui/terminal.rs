//! The terminal, taken and always given back.
//!
//! ```text
//!  take ─► raw mode, alternate screen, mouse, bracketed paste ─► … ─► give back
//!            ▲                                    │ ctrl-z            ▲ drop, panic
//!            └────────── continued by the shell ◄─┘
//! ```

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use tokio::sync::mpsc;

use super::input::Input;
use super::state::State;
use super::view::view;

/// Holds what is written until the picture is complete, so that a draw is one write. Shared by
/// the backend, which writes into it, and the guard, which empties it.
#[derive(Clone, Debug, Default)]
struct Held(Rc<RefCell<Vec<u8>>>);

impl Write for Held {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The terminal while the program has it. Made once by the run loop; dropping it gives the
/// terminal back as it was.
#[derive(Debug)]
pub(super) struct Guard {
    terminal: Terminal<CrosstermBackend<Held>>,
    held: Held,
}

impl Guard {
    /// Takes the terminal. From now on a panic of this thread gives it back before it is told; a
    /// panic of another one, which does not end the program, is told to `panics` instead.
    pub(super) fn take(panics: mpsc::Sender<Input>) -> io::Result<Self> {
        let previous = std::panic::take_hook();
        let drawing = std::thread::current().id();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().id() == drawing || panics.is_closed() {
                give_back();
                previous(info);
            } else {
                let what = info.to_string().replace('\n', " ");
                let text = format!("a part of wspect broke, please report it: {what}");
                // A full queue has told of worse already.
                let _ = panics.try_send(Input::Failed(text));
            }
        }));
        enter()?;
        let held = Held::default();
        let backend = CrosstermBackend::new(held.clone());
        let terminal = Terminal::new(backend).inspect_err(|_| give_back())?;
        Ok(Self { terminal, held })
    }

    /// Size of the terminal now.
    pub(super) fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Draws `state` in one write.
    pub(super) fn draw(&mut self, state: &State) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| view(state, frame))?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.release()
    }

    /// Writes what was held, at once.
    fn release(&mut self) -> io::Result<()> {
        let mut held = self.held.0.borrow_mut();
        let mut stdout = io::stdout().lock();
        stdout.write_all(&held)?;
        held.clear();
        stdout.flush()
    }

    /// Puts text on the clipboard of whoever looks at the terminal, however remote: OSC 52.
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        write!(self.terminal.backend_mut(), "\x1b]52;c;{encoded}\x1b\\")?;
        self.release()
    }

    /// Forgets what the terminal shows, so that the next draw paints all of it.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        // Not `clear`: it asks the terminal where its cursor is, and the answer goes to whoever
        // reads the keys.
        let size = self.terminal.size()?;
        self.terminal
            .resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Gives the terminal back and stops the whole process group, as the terminal's own ctrl-z
    /// would; takes the terminal again once the shell continues us.
    #[cfg(unix)]
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        use rustix::process::{Signal, kill_current_process_group};
        give_back();
        // Stopped in here; SIGSTOP cannot be caught, so nothing runs until SIGCONT.
        let stopped = kill_current_process_group(Signal::STOP);
        self.resume()?;
        stopped.map_err(io::Error::from)
    }

    /// Gives the terminal to somebody else; [`Self::resume`] takes it again.
    #[expect(clippy::unused_self, reason = "only who has the terminal can lend it")]
    pub(super) fn lend(&mut self) {
        give_back();
    }

    /// There is nothing to suspend to.
    #[cfg(not(unix))]
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Takes the terminal again, after somebody else may have used it.
    pub(super) fn resume(&mut self) -> io::Result<()> {
        enter()?;
        self.forget()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Stops the whole process group while the terminal is lent.
#[cfg(unix)]
pub(super) fn stop() -> io::Result<()> {
    use rustix::process::{Signal, kill_current_process_group};
    kill_current_process_group(Signal::STOP).map_err(io::Error::from)
}

/// There is nothing to stop for.
#[cfg(not(unix))]
pub(super) fn stop() -> io::Result<()> {
    Ok(())
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableMouseCapture,
        EnableBracketedPaste
    )
    .inspect_err(|_| give_back())
}

/// Gives the terminal back as far as it still takes orders; there is nobody to tell otherwise.
fn give_back() {
    let _ = execute!(
        io::stdout(),
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}
